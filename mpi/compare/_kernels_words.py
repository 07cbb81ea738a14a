"""Words and q-grams of texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, inner, njit
from mpi.compare._kernels_match import longest_text, text_of

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

DICE, JACCARD, OVERLAP, LONGER, COSINE = 0, 1, 2, 3, 4


@allocating
def read_grams(
    pool: Any, start: int, end: int, size: int, pad: int, unused: int, grams: npt.NDArray[np.uint64]
) -> int:
    """Write the q-grams of a text in ascending order, each packed into 64 bits; give their number.

    size : units of a gram; a unit takes as many bits as in `pool`
    pad : times that `unused` stands before and behind the text
    """
    bits = np.uint64(min(8 * pool.itemsize, 21))
    count = end - start + 2 * pad - size + 1
    whole = ~np.uint64(0) >> np.uint64(64 - size * bits)
    gram = np.uint64(0)
    for i in range(-pad, end - start + pad):
        unit = np.uint64(pool[start + i] if 0 <= i < end - start else unused)
        gram = (gram << bits | unit) & whole
        place = i + pad - size + 1
        if place >= 0:
            if count <= 64:
                while place > 0 and grams[place - 1] > gram:
                    grams[place] = grams[place - 1]
                    place -= 1
            grams[place] = gram
    if count > 64:
        grams[:count].sort()
    return max(count, 0)


@allocating
def gram_pairs(
    left: Any,
    right: Any,
    size: int,
    pad: int,
    unused: int,
    measure: int,
    out: Reals,
) -> None:
    """Similarity of the multisets of q-grams; NaN where it is 0 / 0.

    size : at most 8 units for 8-bit, 4 for 16-bit, 3 for 32-bit pools
    measure : DICE, JACCARD, OVERLAP (of the smaller), LONGER (of the larger), COSINE
    """
    grams_a = np.empty(longest_text(left, range(len(out))) + 2 * pad + 1, np.uint64)
    grams_b = np.empty(longest_text(right, range(len(out))) + 2 * pad + 1, np.uint64)
    n_a = 0
    for k in range(len(out)):
        if left.step == 1 or k == 0:
            a, n = text_of(left, k)
            n_a = read_grams(left.pool, a, a + n, size, pad, unused, grams_a)
        b, n = text_of(right, k)
        n_b = read_grams(right.pool, b, b + n, size, pad, unused, grams_b)
        i, j = 0, 0
        shared, product, square_a, square_b = 0, 0, 0, 0
        while i < n_a or j < n_b:
            from_a = j >= n_b or (i < n_a and grams_a[i] <= grams_b[j])
            gram = grams_a[i] if from_a else grams_b[j]
            times_a, times_b = 0, 0
            while i < n_a and grams_a[i] == gram:
                i += 1
                times_a += 1
            while j < n_b and grams_b[j] == gram:
                j += 1
                times_b += 1
            shared += min(times_a, times_b)
            product += times_a * times_b
            square_a += times_a * times_a
            square_b += times_b * times_b
        if measure == DICE:
            above, below = 2.0 * shared, float(n_a + n_b)
        elif measure == JACCARD:
            above, below = float(shared), float(n_a + n_b - shared)
        elif measure == OVERLAP:
            above, below = float(shared), float(min(n_a, n_b))
        elif measure == LONGER:
            above, below = float(shared), float(max(n_a, n_b))
        else:
            above, below = float(product), np.sqrt(float(square_a)) * np.sqrt(float(square_b))
        out[k] = above / below if below > 0.0 else np.nan


@inner
def compare_words(pool_a: Any, a: Any, stop_a: Any, pool_b: Any, b: Any, stop_b: Any) -> int:
    """-1, 0 or 1 as word a comes before, is equal to or comes after word b."""
    for i in range(min(stop_a - a, stop_b - b)):
        if pool_a[a + i] != pool_b[b + i]:
            return -1 if pool_a[a + i] < pool_b[b + i] else 1
    if stop_a - a == stop_b - b:
        return 0
    return -1 if stop_a - a < stop_b - b else 1


@njit
def split_words(
    pool: Any,
    start: Any,
    end: Any,
    blank: int,
    ordered: bool,
    word_start: Ints,
    word_end: Ints,
    first: Ints,
) -> None:
    """Find the words of each text.

    Parameters
    ----------
    ordered : sort the words of a text, and drop repeated ones
    word_start, word_end : where each word lies in `pool`; room for half the units and 1
    first : int64[n + 1], the first word of each text
    """
    n = 0
    for k in range(len(start)):
        first[k] = n
        at = np.int64(start[k])
        stop = np.int64(end[k])
        while at < stop:
            while at < stop and pool[at] == blank:
                at += 1
            begin = at
            while at < stop and pool[at] != blank:
                at += 1
            if at == begin:
                break
            place = n
            new = True
            while ordered and place > first[k]:
                order = compare_words(
                    pool, word_start[place - 1], word_end[place - 1], pool, begin, at
                )
                if order == 0:
                    new = False
                if order <= 0:
                    break
                place -= 1
            if new:
                for i in range(n, place, -1):
                    word_start[i] = word_start[i - 1]
                    word_end[i] = word_end[i - 1]
                word_start[place] = begin
                word_end[place] = at
                n += 1
    first[len(start)] = n


@allocating
def sort_words(
    pool: Any, start: Any, end: Any, blank: int, into: Any, into_start: Any, into_end: Any
) -> None:
    """Write each text with its words in ascending order and one blank between.

    into : units, as many as in `pool` at least; texts stand where they stood
    """
    longest = 1
    for k in range(len(start)):
        longest = max(longest, end[k] - start[k])
    begins = np.empty(longest // 2 + 1, np.int64)
    stops = np.empty(longest // 2 + 1, np.int64)
    for k in range(len(start)):
        at = np.int64(start[k])
        stop = np.int64(end[k])
        n = 0
        while at < stop:
            while at < stop and pool[at] == blank:
                at += 1
            begin = at
            while at < stop and pool[at] != blank:
                at += 1
            if at == begin:
                break
            place = n
            while (
                place > 0
                and compare_words(pool, begins[place - 1], stops[place - 1], pool, begin, at) > 0
            ):
                begins[place], stops[place] = begins[place - 1], stops[place - 1]
                place -= 1
            begins[place], stops[place] = begin, at
            n += 1
        write = np.int64(start[k])
        into_start[k] = write
        for word in range(n):
            if word > 0:
                into[write] = blank
                write += 1
            for i in range(begins[word], stops[word]):
                into[write] = pool[i]
                write += 1
        into_end[k] = write


@njit
def word_differences(
    pool_a: Any,
    starts_a: Ints,
    ends_a: Ints,
    first_a: Ints,
    step_a: int,
    pool_b: Any,
    starts_b: Ints,
    ends_b: Ints,
    first_b: Ints,
    step_b: int,
    blank: int,
    only_a: Any,
    only_a_end: Ints,
    only_b: Any,
    only_b_end: Ints,
    shared: Ints,
) -> None:
    """Split two sets of words into what both have and what only one has.

    Parameters
    ----------
    starts, ends, first : ordered words of each text, as `split_words` gives them
    only_a, only_b : the words of one side only, with one blank between, pair after pair
    only_a_end, only_b_end : int64[n + 1], where each pair ends; the first is given
    shared : int64[n], units of the words that both have, blanks between included
    """
    at_a, at_b = only_a_end[0], only_b_end[0]
    for k in range(len(shared)):
        i, stop_i = first_a[k * step_a], first_a[k * step_a + 1]
        j, stop_j = first_b[k * step_b], first_b[k * step_b + 1]
        both = 0
        while i < stop_i or j < stop_j:
            if j >= stop_j:
                order = -1
            elif i >= stop_i:
                order = 1
            else:
                order = compare_words(
                    pool_a, starts_a[i], ends_a[i], pool_b, starts_b[j], ends_b[j]
                )
            if order == 0:
                both += ends_a[i] - starts_a[i] + (1 if both > 0 else 0)
                i += 1
                j += 1
            elif order < 0:
                if at_a > only_a_end[k]:
                    only_a[at_a] = blank
                    at_a += 1
                for u in range(starts_a[i], ends_a[i]):
                    only_a[at_a] = pool_a[u]
                    at_a += 1
                i += 1
            else:
                if at_b > only_b_end[k]:
                    only_b[at_b] = blank
                    at_b += 1
                for u in range(starts_b[j], ends_b[j]):
                    only_b[at_b] = pool_b[u]
                    at_b += 1
                j += 1
        only_a_end[k + 1] = at_a
        only_b_end[k + 1] = at_b
        shared[k] = both
