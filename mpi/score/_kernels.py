"""The fused loop: enumerate the pairs of blocks, compare, and count or score them.

Candidate pairs are never materialised: a pair lives in registers until it is counted or, where
its weight is high enough, written down. A pair that an earlier rule also makes is recognised by
that rule's keys on the two rows in hand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import borrow, inlined, njit, prefetch
from mpi.compare._kernels_tile import SCRATCH, TILE, compare_pairs, compare_tile
from mpi.encode._kernels_values import Values, borrowed

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Task(NamedTuple):
    """Blocks of one rule to work on.

    keys : uint64[n_rows, n_rules], 0 where a row has no key
    rule : which column of `keys` the blocks are of
    order, starts : as in `Blocks`
    begin, end : which blocks
    source : int32[n_rows]
    across : only pairs of two sources
    """

    keys: npt.NDArray[np.uint64]
    rule: int
    order: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    begin: int
    end: int
    source: npt.NDArray[np.int32]
    across: bool


class Table(NamedTuple):
    """The model as the loop reads it.

    weight : float32[2, n_fields, most_levels + 1], bits, column level + 1; of "same" against
        "stranger", and against "relative"
    adjust : float32[g, 2], bits added where a pair agrees on value g
    most : float32[n_fields], the largest adjustment of a field against "stranger", 0 at least
    radix : uint64[n_fields], for packing levels into a pattern
    prior, relative : log2 prior odds of "same" against "stranger" and against "relative"
    least : bits; pairs below are dropped
    """

    weight: npt.NDArray[np.float32]
    adjust: npt.NDArray[np.float32]
    most: npt.NDArray[np.float32]
    radix: npt.NDArray[np.uint64]
    prior: float
    relative: float
    least: float


@inlined
def is_new_pair(t: Task, i: int, j: int) -> bool:
    """Whether no rule before the task's own makes this pair."""
    for r in range(t.rule):
        if t.keys[i, r] != _ZERO and t.keys[i, r] == t.keys[j, r]:
            return False
    return not (t.across and t.source[i] == t.source[j])


@njit
def borrowed_task(t: Task) -> Task:
    """The same task for use inside one kernel call, without reference counts."""
    return Task(
        borrow(t.keys),
        t.rule,
        borrow(t.order),
        borrow(t.starts),
        t.begin,
        t.end,
        borrow(t.source),
        t.across,
    )


@njit
def fill_tile(
    t: Task,
    state: npt.NDArray[np.int64],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
) -> int:
    """Fill a tile with the next pairs that no earlier rule makes, the smaller row left.

    state : int64[3], block, and the two places in `order` of the next pair; (begin, 0, 0) at the
        start, block == end when there is no further pair

    Returns the pairs in the tile, which may be none though there are further ones.
    """
    b, p, q = state[0], state[1], state[2]
    n = 0
    while b < t.end and n < len(left):
        if q == 0:
            p = t.starts[b]
            q = p + 1
        last = t.starts[b + 1]
        i = t.order[p]
        while q < last and n < len(left):
            j = t.order[q]
            for line in range(0, t.rule, 8):
                prefetch(t.keys[j], line)
            left[n] = min(i, j)
            right[n] = max(i, j)
            n += 1
            q += 1
        if q == last:
            p += 1
            q = p + 1
            if q >= last:
                b += 1
                q = 0
    state[0], state[1], state[2] = b, p, q
    kept = 0
    for k in range(n):
        if is_new_pair(t, left[k], right[k]):
            left[kept] = left[k]
            right[kept] = right[k]
            kept += 1
    return kept


@inlined
def pack_pattern(levels: npt.NDArray[np.int8], k: int, radix: npt.NDArray[np.uint64]) -> np.uint64:
    """Mixed-radix number of comparison vector `k`, the last field the least significant."""
    pattern = _ZERO
    for f in range(len(radix)):
        pattern = pattern * radix[f] + np.uint64(levels[k, f] + 1)
    return pattern


@njit
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
    w, u = borrowed(v), borrowed_task(t)
    n_fields = len(v.form)
    left, right = np.empty(TILE, np.int64), np.empty(TILE, np.int64)
    tile, work = np.empty((TILE, n_fields), np.int8), np.empty(TILE * n_fields, np.int64)
    levels = borrow(tile)
    scratch = np.empty(SCRATCH, np.int64)
    state = np.array([t.begin, 0, 0])
    mask = np.uint64(len(patterns) - 1)
    used = 0
    while state[0] < u.end:
        n = fill_tile(u, state, left, right)
        compare_tile(w, left, right, n, levels, borrow(work), borrow(scratch))
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


@inlined
def pair_weight(
    v: Values, table: Table, i: int, j: int, levels: npt.NDArray[np.int8], k: int
) -> np.float32:
    """log2 odds of one person, prior included, given comparison vector `k` of rows `i` and `j`.

    The odds against strangers and against relatives add up as their inverses do. Where the odds
    against strangers alone cannot reach `table.least`, minus infinity.
    """
    stranger = np.float32(table.prior)
    possible = np.float32(0.0)
    for f in range(len(v.form)):
        stranger += table.weight[0, f, levels[k, f] + 1]
        if levels[k, f] > 0:
            possible += table.most[f]
    # Most pairs end here; looking up their values' frequencies would cost more than all else.
    if stranger + possible < np.float32(table.least - 0.01):
        return np.float32(-np.inf)
    relative = np.float32(table.relative)
    for f in range(len(v.form)):
        relative += table.weight[1, f, levels[k, f] + 1]
        g = v.rows[i, f]
        if levels[k, f] > 0 and g == v.rows[j, f]:
            stranger += table.adjust[g, 0]
            relative += table.adjust[g, 1]
    low = min(stranger, relative)
    apart = np.float64(max(stranger, relative) - low)
    # log2(1 / (2**-a + 2**-b)); beyond 24 bits apart a float32 does not notice the larger one.
    return low if apart > 24.0 else np.float32(low - np.log2(1.0 + 2.0**-apart))


@njit
def score_blocks(
    v: Values,
    t: Task,
    table: Table,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float32],
    pattern: npt.NDArray[np.uint64],
) -> tuple[int, int]:
    """Score the task's pairs and write down those of at least `table.least` bits.

    left, right, weight, pattern : [capacity]

    Returns how many there were, which may be more than fit, and how many pairs were compared.
    """
    w, u = borrowed(v), borrowed_task(t)
    n_fields = len(v.form)
    first, second = np.empty(TILE, np.int64), np.empty(TILE, np.int64)
    tile, work = np.empty((TILE, n_fields), np.int8), np.empty(TILE * n_fields, np.int64)
    levels = borrow(tile)
    scratch = np.empty(SCRATCH, np.int64)
    state = np.array([t.begin, 0, 0])
    found = 0
    compared = 0
    while state[0] < u.end:
        n = fill_tile(u, state, first, second)
        compare_tile(w, first, second, n, levels, borrow(work), borrow(scratch))
        compared += n
        for k in range(n):
            total = pair_weight(w, table, first[k], second[k], levels, k)
            if total >= table.least:
                if found < len(left):
                    left[found] = first[k]
                    right[found] = second[k]
                    weight[found] = total
                    pattern[found] = pack_pattern(levels, k, table.radix)
                found += 1
    return found, compared


@njit
def score_pairs(
    v: Values,
    table: Table,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float32],
    pattern: npt.NDArray[np.uint64],
) -> None:
    """Score listed pairs; weights that cannot reach `table.least` are minus infinity."""
    levels = np.empty((len(left), len(v.form)), np.int8)
    compare_pairs(v, left, right, levels)
    for k in range(len(left)):
        weight[k] = pair_weight(v, table, left[k], right[k], levels, k)
        pattern[k] = pack_pattern(levels, k, table.radix)
