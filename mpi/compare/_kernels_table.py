"""Comparisons that walk the whole table of two texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, njit
from mpi.compare._kernels_match import longest_text, text_of

Reals = npt.NDArray[np.float64]


@allocating
def damerau_pairs(
    left: Any,
    right: Any,
    listed: Any,
    out: Reals,
) -> None:
    """Unrestricted Damerau-Levenshtein distance of the `listed` pairs (Zhao and Sahni 2020).

    Three rows of the table are kept; what a swap further back costs is carried along.
    """
    longest_b = longest_text(right, listed)
    row = np.empty(longest_b + 2, np.int64)
    above = np.empty(longest_b + 2, np.int64)
    swapped = np.empty(longest_b + 2, np.int64)
    last_row = np.full(1 << min(8 * left.pool.itemsize, 21), -1, np.int64)
    for k in listed:
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        while n_a > 0 and n_b > 0 and left.pool[a] == right.pool[b]:
            a, b, n_a, n_b = a + 1, b + 1, n_a - 1, n_b - 1
        while n_a > 0 and n_b > 0 and left.pool[a + n_a - 1] == right.pool[b + n_b - 1]:
            n_a, n_b = n_a - 1, n_b - 1
        never = max(n_a, n_b) + 1
        # Place j of a row is its entry j + 1: entry 0 stands for what cannot be.
        row[0], above[0] = never, never
        for j in range(n_b + 1):
            row[j + 1] = j
            above[j + 1] = never
            swapped[j + 1] = never
        for i in range(1, n_a + 1):
            row, above = above, row
            unit = left.pool[a + i - 1]
            last_column = -1
            corner = row[1]
            row[1] = i
            carried = never
            for j in range(1, n_b + 1):
                other = right.pool[b + j - 1]
                best = min(row[j] + 1, above[j + 1] + 1)
                if unit == other:
                    best = min(best, above[j])
                    last_column = j
                    swapped[j + 1] = above[j - 1]
                    carried = corner
                else:
                    best = min(best, above[j] + 1)
                    up = last_row[np.int64(other)]
                    if j - last_column == 1:
                        best = min(best, swapped[j + 1] + i - up)
                    elif i - up == 1:
                        best = min(best, carried + j - last_column)
                corner = row[j + 1]
                row[j + 1] = best
            last_row[np.int64(unit)] = i
        for i in range(n_a):
            last_row[np.int64(left.pool[a + i])] = -1
        out[k] = row[n_b + 1]


@njit
def hamming_pairs(
    left: Any,
    right: Any,
    out: Reals,
) -> None:
    """Positions with different units, and what one text has more than the other."""
    for k in range(len(out)):
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        different = abs(n_a - n_b)
        for i in range(min(n_a, n_b)):
            different += left.pool[a + i] != right.pool[b + i]
        out[k] = different


@allocating
def substring_pairs(
    left: Any,
    right: Any,
    shortest: int,
    repeated: bool,
    out: Reals,
) -> None:
    """Length of the longest common substring, 0 where it is below `shortest`.

    repeated : cut the substring out of both texts, search again, and add up (Christen 2012)
    """
    longest_a = longest_text(left, range(len(out)))
    longest_b = longest_text(right, range(len(out)))
    text_a, text_b = np.empty(longest_a, left.pool.dtype), np.empty(longest_b, right.pool.dtype)
    run = np.empty(longest_b + 1, np.int64)
    for k in range(len(out)):
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        text_a[:n_a] = left.pool[a : a + n_a]
        text_b[:n_b] = right.pool[b : b + n_b]
        total = 0
        while min(n_a, n_b) >= shortest:
            best, stop_a, stop_b = 0, 0, 0
            run[: n_b + 1] = 0
            for i in range(n_a):
                for j in range(n_b - 1, -1, -1):
                    run[j + 1] = run[j] + 1 if text_a[i] == text_b[j] else 0
                    # Of equally long ones, the first in b: j goes down.
                    if run[j + 1] > best or (run[j + 1] == best and stop_a == i + 1 and best > 0):
                        best, stop_a, stop_b = run[j + 1], i + 1, j + 1
            if best < shortest or best == 0:
                break
            total += best
            if not repeated:
                break
            for i in range(stop_a, n_a):
                text_a[i - best] = text_a[i]
            for j in range(stop_b, n_b):
                text_b[j - best] = text_b[j]
            n_a, n_b = n_a - best, n_b - best
        out[k] = total


@allocating
def alignment_pairs(
    left: Any,
    right: Any,
    match: float,
    mismatch: float,
    gap_start: float,
    gap_continue: float,
    out: Reals,
) -> None:
    """Best score of a local alignment (Smith and Waterman 1981, as Christen 2012 has it).

    A gap goes on, at `gap_continue`, where the best way into a cell was that gap.
    """
    longest_b = longest_text(right, range(len(out)))
    score = np.empty(longest_b + 1)
    down = np.empty(longest_b + 1, np.bool_)
    for k in range(len(out)):
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        score[: n_b + 1] = 0.0
        down[: n_b + 1] = False
        best = 0.0
        for i in range(n_a):
            corner = 0.0
            beside = 0.0
            along = False
            for j in range(1, n_b + 1):
                straight = corner + (
                    match if left.pool[a + i] == right.pool[b + j - 1] else mismatch
                )
                lower = score[j] + (gap_continue if down[j] else gap_start)
                beyond = beside + (gap_continue if along else gap_start)
                now = max(straight, lower, beyond)
                if now <= 0.0:
                    now = 0.0
                    down[j] = False
                    along = False
                else:
                    down[j] = now == lower
                    along = now == beyond
                best = max(best, now)
                corner = score[j]
                score[j] = now
                beside = now
        out[k] = best


@njit
def identifier_pairs(
    left: Any,
    right: Any,
    zero: int,
    out: Reals,
) -> None:
    """4 equal, 3 with zeros lost in front, 2 with two neighbours swapped, 1 one edit apart, 0."""
    for k in range(len(out)):
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        # The units in front and behind that both have in common, counted without overlap.
        front, back = np.int64(0), np.int64(0)
        fewer = min(n_a, n_b)
        while front < fewer and left.pool[a + front] == right.pool[b + front]:
            front += 1
        while (
            back < fewer - front and left.pool[a + n_a - 1 - back] == right.pool[b + n_b - 1 - back]
        ):
            back += 1
        rest_a, rest_b = n_a - front - back, n_b - front - back
        out[k] = 0.0
        if rest_a == 0 and rest_b == 0:
            out[k] = 4.0
            continue
        lost = abs(n_a - n_b)
        if lost > 0 and fewer > 0:
            at, pool = (a, left.pool) if n_a > n_b else (b, right.pool)
            zeros = 0
            while zeros < lost and pool[at + zeros] == zero:
                zeros += 1
            equal = zeros == lost
            for i in range(fewer):
                if equal and left.pool[a + n_a - 1 - i] != right.pool[b + n_b - 1 - i]:
                    equal = False
            if equal:
                out[k] = 3.0
                continue
        if rest_a == 2 and rest_b == 2:
            p, q = a + front, b + front
            if left.pool[p] == right.pool[q + 1] and left.pool[p + 1] == right.pool[q]:
                out[k] = 2.0
        elif rest_a <= 1 and rest_b <= 1:
            out[k] = 1.0
