"""Comparing records, a tile of pairs at a time.

A tile is worked in stages, each asking for the memory that the next one reads: rows, which settle
most levels by the marks in them, then what is known of the values that are left, then their text.
So a pair waits for memory together with all others of its tile, and not thirty times alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, inlined, njit, prefetch
from mpi.compare._kernels_quick import ASK, open_level, quick_level, unsigned
from mpi.encode._kernels_marks import PLACE
from mpi.encode._kernels_values import (
    FIRST,
    FOLD,
    IDENTIFIER,
    NUMBER,
    WORD,
    Values,
    texts_of,
)
from mpi.encode.levels import ANOTHER_ORDER, SAME_NAME, SLIP

# Pairs of a tile: what one touches (some 100 kB) should stay in the second cache.
TILE = 64
# Level of two identical values, by form; as `levels.LEVELS` has it.
IDENTICAL = np.array([SAME_NAME, 5, 3, 4, 2, 1, 4], np.int8)
_ZERO = np.uint64(0)
_BAG = np.uint64(0x7FFFFFFF)
_ODD = np.uint64(0x80000000)


@inlined
def prefetch_row(v: Values, i: int) -> None:
    """Ask for all cache lines of row `i`."""
    for line in range(0, v.rows.shape[1], 16):
        prefetch(v.rows[i], line)


@inlined
def crossing_possible(
    rows: npt.NDArray[np.int32], mark: npt.NDArray[np.int16], i: int, j: int, f: int, p: int
) -> bool:
    """Whether marks allow that fields `f` and `p` of the rows hold each other's values."""
    if rows[i, f] < 0 or rows[j, f] < 0 or rows[i, p] < 0 or rows[j, p] < 0:
        return False
    one, two = unsigned(rows[i, mark[f]]), unsigned(rows[j, mark[p]])
    three, four = unsigned(rows[i, mark[p]]), unsigned(rows[j, mark[f]])
    first = (one ^ two) & _BAG == _ZERO or (one | two) & _ODD != _ZERO
    second = (three ^ four) & _BAG == _ZERO or (three | four) & _ODD != _ZERO
    return bool(first and second)


@njit
def cross_fields(
    v: Values, i: int, j: int, f: int, p: int, levels: npt.NDArray[np.int8], k: int
) -> None:
    """Two fields whose values stand in each other's place count as the same but for order."""
    unlike = levels[k, f] < SLIP and levels[k, p] < SLIP
    if unlike and crossing_possible(v.rows, v.mark, i, j, f, p):
        crossed = v.info[v.rows[i, f], FOLD] == v.info[v.rows[j, p], FOLD]
        if crossed and v.info[v.rows[i, p], FOLD] == v.info[v.rows[j, f], FOLD]:
            levels[k, f] = ANOTHER_ORDER
            levels[k, p] = ANOTHER_ORDER


@inlined
def prefetch_open(v: Values, i: int, j: int, f: int, asked: int) -> None:
    """Ask for what comparing field `f` of rows `i` and `j` reads first, as far as it is open."""
    if asked == ASK:
        prefetch(v.info, v.rows[i, f])
        prefetch(v.info, v.rows[j, f])
    elif asked > ASK:
        at = v.mark[f] + PLACE[v.form[f]]
        prefetch(v.units, v.rows[i, at])
        prefetch(v.units, v.rows[j, at])


@inlined
def prefetch_texts(v: Values, f: int, g: int, h: int) -> None:
    """Ask for what comparing values `g` and `h` of field `f` in every way reads beyond `info`."""
    if v.form[f] != NUMBER:
        prefetch(v.units, v.info[g, FIRST])
        prefetch(v.units, v.info[h, FIRST])
        if v.form[f] != IDENTIFIER:
            prefetch(v.words, v.info[g, WORD])
            prefetch(v.words, v.info[h, WORD])


@njit
def compare_tile(
    v: Values,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    n: int,
    levels: npt.NDArray[np.int8],
    work: npt.NDArray[np.int64],
) -> None:
    """Write the comparison vectors of the first `n` listed pairs into `levels`.

    levels : int8[TILE, n_fields]
    work : int64[TILE * n_fields], anything
    """
    n_fields = len(v.form)
    for k in range(n):
        prefetch_row(v, left[k])
        prefetch_row(v, right[k])
    todo = 0
    for k in range(n):
        i, j = left[k], right[k]
        for f in range(n_fields):
            g, h = v.rows[i, f], v.rows[j, f]
            if g < 0 or h < 0:
                levels[k, f] = -1
            elif g == h:
                levels[k, f] = IDENTICAL[v.form[f]]
            else:
                level = quick_level(v.rows, v.form, v.mark, i, j, f)
                levels[k, f] = level
                if level >= ASK:
                    prefetch_open(v, i, j, f, level)
                    work[todo] = k * n_fields + f
                    todo += 1
    for t in range(todo):
        k, f = work[t] // n_fields, work[t] % n_fields
        if levels[k, f] == ASK:
            prefetch_texts(v, f, v.rows[left[k], f], v.rows[right[k], f])
    for t in range(todo):
        k, f = work[t] // n_fields, work[t] % n_fields
        asked = levels[k, f]
        level = open_level(texts_of(v), v.rows, v.form, v.mark, left[k], right[k], f, asked)
        levels[k, f] = level
    for f in range(n_fields):
        p = v.partner[f]
        if p > f:
            for k in range(n):
                cross_fields(v, left[k], right[k], f, p, levels, k)


@allocating
def compare_pairs(
    v: Values,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    out: npt.NDArray[np.int8],
) -> None:
    """Comparison vectors of listed pairs into `out`, int8[n_pairs, n_fields]."""
    n_fields = len(v.form)
    room = np.empty(TILE * n_fields, np.int64)
    levels = np.empty((TILE, n_fields), np.int8)
    for begin in range(0, len(left), TILE):
        n = min(TILE, len(left) - begin)
        end = begin + n
        compare_tile(v, left[begin:end], right[begin:end], n, levels, room)
        for k in range(n):
            for f in range(n_fields):
                out[begin + k, f] = levels[k, f]
