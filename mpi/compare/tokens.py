"""Names and addresses of several words, whatever their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mpi.compare.arrays import PADDING, Texts, frozen
from mpi.compare.bounds import at_least, check_cutoff
from mpi.compare.pairing import Pairs, Reals, compare_texts, run_by_width

Ints = npt.NDArray[np.int64]
_CHUNK = 1 << 14


def monge_elkan(
    left: Any,
    right: Any,
    *,
    symmetric: bool = True,
    cutoff: float | None = None,
    all_pairs: bool = False,
) -> Any:
    """How well each word of one text finds a partner in the other (Monge and Elkan 1996).

    The mean over the words of `left` of the best Jaro-Winkler similarity with a word of `right`.

    Parameters
    ----------
    left, right : text or array-like of text (Arrow, NumPy, list, pandas, Polars); a single text
        is compared with every text of the other side
    symmetric : the smaller of both directions; False: from left to right only
    cutoff : 0 to 1; what is below becomes 0
    all_pairs : compare every left text with every right one

    Returns
    -------
    float64[n], float64[n_left, n_right] with `all_pairs`, or a float for two single texts: 0 to 1,
    NaN where either is missing. Two texts without words are alike.

    Examples
    --------
    >>> found = monge_elkan("nguyen van an", ["an nguyen van", "nguyen an"], symmetric=False)
    >>> found.round(4).tolist()
    [1.0, 0.8333]
    """

    def measure(pairs: Pairs, out: Reals) -> None:
        words = [_words(side) for side in (pairs.left, pairs.right)]
        for first in range(0, pairs.n, _CHUNK):
            chosen = np.arange(first, min(first + _CHUNK, pairs.n))
            out[chosen] = _partners(pairs, words, chosen, symmetric)

    check_cutoff(cutoff, similarity=True)
    return at_least(cutoff, compare_texts(left, right, measure, all_pairs=all_pairs, words=True))


def token_sort(
    left: Any, right: Any, *, cutoff: float | None = None, all_pairs: bool = False
) -> Any:
    """Similarity of the longest common subsequence, 2 s / (n_a + n_b), words in ascending order.

    As RapidFuzz's ``token_sort_ratio``, from 0 to 1. Parameters and returns as in `monge_elkan`.

    Examples
    --------
    >>> token_sort("van  an nguyen", ["Nguyen Van An", "nguyen van an"]).round(4).tolist()
    [0.7692, 1.0]
    """

    def measure(pairs: Pairs, out: Reals) -> None:
        left, right = _sorted(pairs.left), _sorted(pairs.right)
        ordered = replace(pairs, left=left, right=right)
        _common(ordered, out)
        total = np.add(*ordered.lengths())
        out[...] = np.where(total == 0, 1.0, 2.0 * out / np.maximum(total, 1))

    check_cutoff(cutoff, similarity=True)
    return at_least(cutoff, compare_texts(left, right, measure, all_pairs=all_pairs, words=True))


def token_set(
    left: Any, right: Any, *, cutoff: float | None = None, all_pairs: bool = False
) -> Any:
    """Similarity of two sets of words; 1 where one is part of the other.

    As RapidFuzz's ``token_set_ratio``, from 0 to 1: the best of three comparisons of the words in
    common, and these with the words of either side. A text without words is like nothing: 0.
    Parameters and returns as in `monge_elkan`.

    Examples
    --------
    >>> token_set("nguyen van an", ["an nguyen", "nguyen an", "le van an"]).round(4).tolist()
    [1.0, 1.0, 0.8]
    """

    def measure(pairs: Pairs, out: Reals) -> None:
        words = [_words(side, ordered=True) for side in (pairs.left, pairs.right)]
        for first in range(0, pairs.n, _CHUNK):
            chosen = np.arange(first, min(first + _CHUNK, pairs.n))
            out[chosen] = _sets(pairs, words, chosen)

    check_cutoff(cutoff, similarity=True)
    return at_least(cutoff, compare_texts(left, right, measure, all_pairs=all_pairs, words=True))


def _common(pairs: Pairs, out: Reals) -> None:
    from mpi.compare._kernels_edit import subsequence_lanes, subsequence_long

    run_by_width(pairs, subsequence_lanes, subsequence_long, (), out)


def _words(side: Texts, *, ordered: bool = False) -> tuple[Ints, Ints, Ints]:
    """Where each word begins and ends, and the first word of each text."""
    from mpi.compare._kernels_words import split_words

    lengths = side.end.astype(np.int64) - side.start
    most = int((lengths // 2 + 1).sum())
    start, end = np.empty(most, np.int64), np.empty(most, np.int64)
    first = np.empty(len(side) + 1, np.int64)
    split_words(side.pool, side.start, side.end, side.blank, ordered, start, end, first)
    return start[: first[-1]], end[: first[-1]], first


def _sorted(side: Texts) -> Texts:
    from mpi.compare._kernels_words import sort_words

    pool = np.zeros(len(side.pool), side.pool.dtype)
    start, end = np.empty(len(side), side.start.dtype), np.empty(len(side), side.end.dtype)
    sort_words(side.pool, side.start, side.end, side.blank, pool, start, end)
    return replace(side, pool=frozen(pool), start=frozen(start), end=frozen(end))


def _partners(
    pairs: Pairs, words: list[tuple[Ints, Ints, Ints]], chosen: Ints, symmetric: bool
) -> Reals:
    """Mean over words of the best partner, for the chosen pairs."""
    from mpi.compare._kernels_jaro import jaro_lanes, jaro_long

    (start_a, end_a, first_a), (start_b, end_b, first_b) = words
    of_a, of_b = chosen * pairs.step_left, chosen * pairs.step_right
    n_a, n_b = first_a[of_a + 1] - first_a[of_a], first_b[of_b + 1] - first_b[of_b]
    total = n_a * n_b
    pair = np.repeat(np.arange(len(chosen)), total)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(total) - total, total)
    i, j = within // n_b[pair], within % n_b[pair]
    word_a, word_b = first_a[of_a][pair] + i, first_b[of_b][pair] + j
    left = replace(pairs.left, start=frozen(start_a[word_a]), end=frozen(end_a[word_a]))
    right = replace(pairs.right, start=frozen(start_b[word_b]), end=frozen(end_b[word_b]))
    alike = np.empty(len(pair))
    run_by_width(Pairs(left, right, 1, 1, len(pair)), jaro_lanes, jaro_long, (0.1,), alike)
    found = _mean_best(alike, pair, i, n_a)
    if symmetric:
        found = np.minimum(found, _mean_best(alike, pair, j, n_b))
    return np.where((n_a == 0) & (n_b == 0), 1.0, found)


def _mean_best(alike: Reals, pair: Ints, word: Ints, n: Ints) -> Reals:
    """Mean over the `n` words of each pair of the best of `alike`."""
    begin = np.cumsum(n) - n
    best = np.zeros(int(n.sum()))
    np.maximum.at(best, begin[pair] + word, alike)
    sums = np.bincount(np.repeat(np.arange(len(n)), n), best, minlength=len(n))
    return sums / np.maximum(n, 1)


def _sets(pairs: Pairs, words: list[tuple[Ints, Ints, Ints]], chosen: Ints) -> Reals:
    """Token set similarity of the chosen pairs."""
    from mpi.compare._kernels_words import word_differences

    n = len(chosen)
    sides, only = [], []
    for side, step, (start, end, first) in zip(
        (pairs.left, pairs.right), (pairs.step_left, pairs.step_right), words, strict=True
    ):
        of = chosen * step
        sides.append((start, end, first[of[0] : of[-1] + 2], step))
        room = (side.end[of].astype(np.int64) - side.start[of]).sum() + PADDING
        only.append((np.zeros(int(room), side.pool.dtype), np.zeros(n + 1, np.int64)))
    shared = np.empty(n, np.int64)
    a, b = pairs.left, pairs.right
    word_differences(a.pool, *sides[0], b.pool, *sides[1], a.blank, *only[0], *only[1], shared)
    parts = []
    for side, (pool, ends) in zip((a, b), only, strict=True):
        begin, end = frozen(ends[:-1]), frozen(ends[1:])
        parts.append(replace(side, pool=frozen(pool), start=begin, end=end))
    apart = Pairs(parts[0], parts[1], 1, 1, n)
    common = np.empty(n)
    _common(apart, common)
    n_a, n_b = apart.lengths()
    none = np.zeros(n, bool)
    for (_, _, first), step in zip(words, (pairs.step_left, pairs.step_right), strict=True):
        none |= first[chosen * step + 1] == first[chosen * step]
    gap = (shared > 0).astype(np.int64)
    with_a, with_b = shared + gap + n_a, shared + gap + n_b
    found = 1.0 - (n_a + n_b - 2.0 * common) / np.maximum(with_a + with_b, 1)
    for own, whole in ((n_a, with_a), (n_b, with_b)):
        partly = 1.0 - (gap + own) / np.maximum(shared + whole, 1)
        found = np.where(shared > 0, np.maximum(found, partly), found)
    found = np.where((shared > 0) & ((n_a == 0) | (n_b == 0)), 1.0, found)
    return np.where(none, 0.0, found)
