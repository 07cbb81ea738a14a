"""Comparing records, a tile of pairs at a time.

A tile is worked in stages, each asking for the memory that the next one reads: rows, then what is
known of the values that differ, then their text. So a pair waits for memory together with all
others of its tile, and not thirty times alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import borrow, njit, prefetch
from mpi.compare._kernels import unequal_level
from mpi.encode._kernels_values import (
    CATEGORY,
    DATE,
    FIRST,
    FOLD,
    IDENTIFIER,
    NUMBER,
    WORD,
    Values,
    borrowed,
)

# Pairs of a tile: what one touches (some 100 kB) should stay in the second cache.
TILE = 64
SCRATCH = 195
# Level of two identical values, by form; as `levels.LEVELS` has it.
IDENTICAL = np.array([5, 5, 3, 4, 2, 1], np.int8)


@njit
def compare_tile(
    v: Values,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    n: int,
    levels: npt.NDArray[np.int8],
    work: npt.NDArray[np.int64],
    scratch: npt.NDArray[np.int64],
) -> None:
    """Write the comparison vectors of the first `n` listed pairs into `levels`.

    Two name fields whose values stand in each other's place count as the same but for order.

    levels : int8[TILE, n_fields]
    work : int64[TILE * n_fields], scratch : int64[SCRATCH], anything
    """
    n_fields = len(v.form)
    for k in range(n):
        prefetch(v.rows, left[k])
        prefetch(v.rows, right[k])
    todo = 0
    for k in range(n):
        for f in range(n_fields):
            g, h = v.rows[left[k], f], v.rows[right[k], f]
            if g < 0 or h < 0:
                levels[k, f] = -1
            elif g == h:
                levels[k, f] = IDENTICAL[v.form[f]]
            elif v.form[f] == CATEGORY:
                levels[k, f] = 0
            else:
                prefetch(v.info, g)
                prefetch(v.info, h)
                work[todo] = k * n_fields + f
                todo += 1
    for t in range(todo):
        k, f = work[t] // n_fields, work[t] % n_fields
        if v.form[f] == DATE or v.form[f] == NUMBER:
            continue
        g, h = v.rows[left[k], f], v.rows[right[k], f]
        prefetch(v.units, v.info[g, FIRST])
        prefetch(v.units, v.info[h, FIRST])
        if v.form[f] != IDENTIFIER:
            prefetch(v.words, v.info[g, WORD])
            prefetch(v.words, v.info[h, WORD])
    for t in range(todo):
        k, f = work[t] // n_fields, work[t] % n_fields
        g, h = v.rows[left[k], f], v.rows[right[k], f]
        levels[k, f] = unequal_level(v, f, g, h, scratch)
    for f in range(n_fields):
        p = v.partner[f]
        if p <= f:
            continue
        for k in range(n):
            unlike = levels[k, f] < 3 and levels[k, p] < 3
            if levels[k, f] >= 0 and levels[k, p] >= 0 and unlike:
                i, j = left[k], right[k]
                crossed = v.info[v.rows[i, f], FOLD] == v.info[v.rows[j, p], FOLD]
                if crossed and v.info[v.rows[i, p], FOLD] == v.info[v.rows[j, f], FOLD]:
                    levels[k, f] = 4
                    levels[k, p] = 4


@njit
def compare_pairs(
    v: Values,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    out: npt.NDArray[np.int8],
) -> None:
    """Comparison vectors of listed pairs into `out`, int8[n_pairs, n_fields]."""
    w = borrowed(v)
    n_fields = len(v.form)
    space = np.empty(SCRATCH, np.int64)
    room = np.empty(TILE * n_fields, np.int64)
    tile = np.empty((TILE, n_fields), np.int8)
    levels = borrow(tile)
    for begin in range(0, len(left), TILE):
        n = min(TILE, len(left) - begin)
        end = begin + n
        compare_tile(w, left[begin:end], right[begin:end], n, levels, borrow(room), borrow(space))
        for k in range(n):
            for f in range(n_fields):
                out[begin + k, f] = levels[k, f]
