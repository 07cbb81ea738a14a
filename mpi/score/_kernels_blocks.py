"""Walking the pairs of blocks, and counting the patterns of their comparison vectors.

Candidate pairs are never materialised: a pair lives in a tile until it is counted or, where its
weight is high enough, written down. A pair that an earlier rule also makes is recognised by the
blocks of that rule which its two rows are in.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, inlined, inner, njit, prefetch
from mpi.compare._kernels_lanes import Room256, lane_below, lane_load, lane_zero
from mpi.compare._kernels_match import equal_units
from mpi.compare._kernels_tile import TILE, compare_tile, prefetch_row
from mpi.encode._kernels_values import Values

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
# Rows are asked for so many members before they are needed.
AHEAD = 12
# Says to kernels what lanes they work in: eight, of 32 bits.
LANES = Room256(np.zeros(8, np.uint32), np.zeros(8, np.uint32), np.zeros(8))


class Task(NamedTuple):
    """Blocks of one rule to work on.

    keys : int32[n_rows, 8 or more], the block of each row under each rule, below 0 where it is in
        none
    rule : which column of `keys` the blocks are of
    order, starts : as in `Blocks`
    begin, end : which blocks
    source : int32[n_rows]
    across : only pairs of two sources
    """

    keys: npt.NDArray[np.int32]
    rule: int
    order: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    begin: int
    end: int
    source: npt.NDArray[np.int32]
    across: bool


@inlined
def is_new_pair(zero: Any, t: Task, keys: npt.NDArray[np.int32], i: int, j: int) -> bool:
    """Whether no rule before the task's own makes this pair.

    zero : eight lanes of 32 bits
    keys : int32[n_rows * width], those of the task
    """
    a, b = i * t.keys.shape[1], j * t.keys.shape[1]
    made = _ZERO
    for r in range(0, t.rule, 8):
        one, two = lane_load(zero, keys, a + r), lane_load(zero, keys, b + r)
        none = np.uint64(equal_units(lane_below(one, zero), zero))
        same = np.uint64(equal_units(one, two)) & none
        # Columns from the task's own on do not count.
        made |= same & ((_ONE << np.uint64(min(8, t.rule - r))) - _ONE)
    return bool((made == _ZERO) & (not t.across or t.source[i] != t.source[j]))


@inlined
def prefetch_member(v: Values, t: Task, p: int) -> None:
    """Ask for what is read of the member of a block at place `p`, if there is one."""
    if p < t.starts[t.end]:
        row = t.order[p]
        prefetch_row(v, row)
        for line in range(0, t.rule, 16):
            prefetch(t.keys[row], line)


@inlined
def pack_pattern(levels: npt.NDArray[np.int8], k: int, radix: npt.NDArray[np.uint64]) -> np.uint64:
    """Mixed-radix number of comparison vector `k`, the last field the least significant."""
    pattern = _ZERO
    for f in range(len(radix)):
        pattern = pattern * radix[f] + np.uint64(levels[k, f] + 1)
    return pattern


@njit
def count_tile(
    levels: npt.NDArray[np.int8],
    n: int,
    radix: npt.NDArray[np.uint64],
    patterns: npt.NDArray[np.uint64],
    counts: npt.NDArray[np.int64],
    used: int,
) -> int:
    """Count the patterns of the first `n` vectors in a table that has `used` places taken.

    patterns, counts : an open-addressing table of 2**k places, counts 0 where free

    Returns how many places are taken then, or -1 when the table got more than half full.
    """
    mask = np.uint64(len(patterns) - 1)
    for k in range(n):
        pattern = pack_pattern(levels, k, radix)
        slot = (pattern * _GOLDEN >> np.uint64(20)) & mask
        while counts[slot] != 0 and patterns[slot] != pattern:
            slot = (slot + _ONE) & mask
        if counts[slot] == 0:
            patterns[slot] = pattern
            used += 1
            if 2 * used > len(patterns):
                return -1
        counts[slot] += 1
    return used


@inner
def _count_patterns(
    v: Values,
    t: Task,
    radix: npt.NDArray[np.uint64],
    patterns: npt.NDArray[np.uint64],
    counts: npt.NDArray[np.int64],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    levels: npt.NDArray[np.int8],
    work: npt.NDArray[np.int64],
) -> int:
    """`count_patterns` with its scratch, as `compare_tile` has it."""
    zero = lane_zero(LANES)
    keys = t.keys.reshape(-1)
    used = 0
    n = 0
    for b in range(t.begin, t.end):
        end = t.starts[b + 1]
        for p in range(t.starts[b], end):
            prefetch_member(v, t, p + AHEAD)
            for q in range(p + 1, end):
                if is_new_pair(zero, t, keys, t.order[p], t.order[q]):
                    left[n], right[n] = t.order[p], t.order[q]
                    n += 1
                    if n == TILE:
                        compare_tile(v, left, right, n, levels, work)
                        used = count_tile(levels, n, radix, patterns, counts, used)
                        n = 0
                        if used < 0:
                            return used
    compare_tile(v, left, right, n, levels, work)
    return count_tile(levels, n, radix, patterns, counts, used)


@allocating
def count_patterns(
    v: Values,
    t: Task,
    radix: npt.NDArray[np.uint64],
    patterns: npt.NDArray[np.uint64],
    counts: npt.NDArray[np.int64],
) -> int:
    """Count the patterns of the task's pairs in an open-addressing table.

    patterns, counts : uint64[2**k], int64[2**k], counts 0 where free

    Returns the number of patterns used, or -1 when the table got more than half full.
    """
    left, right = np.empty(TILE, np.int64), np.empty(TILE, np.int64)
    n_fields = len(v.form)
    levels, work = np.empty((TILE, n_fields), np.int8), np.empty(TILE * n_fields, np.int64)
    return _count_patterns(v, t, radix, patterns, counts, left, right, levels, work)
