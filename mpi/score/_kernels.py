"""The fused loop: enumerate the pairs of blocks, compare, and count or score them.

Candidate pairs are never materialised: a pair lives in registers until it is counted or, where
its weight is high enough, written down. A pair that an earlier rule also makes is recognised by
that rule's keys on the two rows in hand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import borrow, inlined, njit
from mpi.compare._kernels import compare_pair
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
    adjust : float32[2, g], bits added where a pair agrees on value g
    radix : uint64[n_fields], for packing levels into a pattern
    prior, relative : log2 prior odds of "same" against "stranger" and against "relative"
    least : bits; pairs below are dropped
    """

    weight: npt.NDArray[np.float32]
    adjust: npt.NDArray[np.float32]
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


@inlined
def pack_pattern(levels: npt.NDArray[np.int8], radix: npt.NDArray[np.uint64]) -> np.uint64:
    """Mixed-radix number of a comparison vector, the last field the least significant."""
    pattern = _ZERO
    for f in range(len(levels)):
        pattern = pattern * radix[f] + np.uint64(levels[f] + 1)
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
    mask = np.uint64(len(patterns) - 1)
    used = 0
    levels = np.empty(v.rows.shape[1], np.int8)
    space = np.empty(195, np.int64)
    scratch = borrow(space)
    w = borrowed(v)
    for b in range(t.begin, t.end):
        for p in range(t.starts[b], t.starts[b + 1] - 1):
            i = t.order[p]
            for q in range(p + 1, t.starts[b + 1]):
                j = t.order[q]
                if not is_new_pair(t, i, j):
                    continue
                compare_pair(w, i, j, scratch, levels)
                pattern = pack_pattern(levels, radix)
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
    v: Values, table: Table, i: int, j: int, levels: npt.NDArray[np.int8]
) -> np.float32:
    """log2 odds of one person, prior included, given a comparison vector of rows `i` and `j`.

    The odds against strangers and against relatives add up as their inverses do.
    """
    stranger = np.float32(table.prior)
    relative = np.float32(table.relative)
    for f in range(len(levels)):
        stranger += table.weight[0, f, levels[f] + 1]
        relative += table.weight[1, f, levels[f] + 1]
        g = v.rows[i, f]
        if levels[f] > 0 and g == v.rows[j, f]:
            stranger += table.adjust[0, g]
            relative += table.adjust[1, g]
    low = min(stranger, relative)
    apart = max(stranger, relative) - low
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
    found = 0
    compared = 0
    levels = np.empty(v.rows.shape[1], np.int8)
    space = np.empty(195, np.int64)
    scratch = borrow(space)
    w = borrowed(v)
    for b in range(t.begin, t.end):
        for p in range(t.starts[b], t.starts[b + 1] - 1):
            i = t.order[p]
            for q in range(p + 1, t.starts[b + 1]):
                j = t.order[q]
                if not is_new_pair(t, i, j):
                    continue
                compared += 1
                compare_pair(w, i, j, scratch, levels)
                total = pair_weight(w, table, i, j, levels)
                if total >= table.least:
                    if found < len(left):
                        left[found] = min(i, j)
                        right[found] = max(i, j)
                        weight[found] = total
                        pattern[found] = pack_pattern(levels, table.radix)
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
    """Score listed pairs."""
    levels = np.empty(v.rows.shape[1], np.int8)
    space = np.empty(195, np.int64)
    scratch = borrow(space)
    w = borrowed(v)
    for k in range(len(left)):
        compare_pair(w, left[k], right[k], scratch, levels)
        weight[k] = pair_weight(w, table, left[k], right[k], levels)
        pattern[k] = pack_pattern(levels, table.radix)
