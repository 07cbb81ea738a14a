"""The fused loop: walk the pairs of blocks, drop most of them by their rows alone, weigh the rest.

A bound is kept of what a pair can still reach. It begins at the best outcome in every field and
loses, field by field, what the outcome at hand is short of that; below the least weight that is
asked for, the pair is dropped. So the result is the same as with every level of every pair.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import borrow, inlined, njit, prefetch
from mpi.compare._kernels_quick import ASK, NEAR, SIMILAR, SINGLE, open_level, quick_level
from mpi.compare._kernels_text import popcount
from mpi.compare._kernels_tile import (
    TILE,
    compare_pairs,
    cross_fields,
    crossing_possible,
    prefetch_open,
    prefetch_texts,
)
from mpi.encode._kernels_values import NAME, Values, borrowed, texts_of
from mpi.encode.levels import SLIP
from mpi.score._kernels_blocks import (
    AHEAD,
    Task,
    borrowed_task,
    is_new_pair,
    pack_pattern,
    prefetch_member,
)

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
# Bounds are integers, in so many parts of a bit: they add up exactly and in vectors.
PARTS = 256
# Columns of `Table.loss` behind those of the levels: of a level that is open, and of one that may
# only turn out similar.
OPEN_COLUMN, SIMILAR_COLUMN = 13, 14


class Table(NamedTuple):
    """The model as the loop reads it.

    weight : float32[2, n_fields, most_levels + 1], bits, column level + 1; of "same" against
        "stranger", and against "relative"
    adjust : float32[g, 2], bits added where a pair agrees on value g
    most : float32[n_fields], the largest adjustment of a field against "stranger", 0 at least
    radix : uint64[n_fields], for packing levels into a pattern
    prior, relative : log2 prior odds of "same" against "stranger" and against "relative"
    least : bits; pairs below are dropped
    order : int64[n_fields], the fields that tell most first
    rank : uint64[n_fields], the bit of each field's place in that order
    top : int8[n_fields], level of identical values
    row_loss : int32[3, n_fields], what a missing value, an unequal and an identical one is short
        of the field's best outcome, at the least; 1 / PARTS bits, as the following ones
    loss : int32[n_fields, 15], the same by `outcome_column`
    varied : bool[n_fields], whether `adjust` differs between the field's values
    example : int64[n_fields], a value of each field
    highest, lowest : what the best outcome in every field would reach, and what is asked for
    """

    weight: npt.NDArray[np.float32]
    adjust: npt.NDArray[np.float32]
    most: npt.NDArray[np.float32]
    radix: npt.NDArray[np.uint64]
    prior: float
    relative: float
    least: float
    order: npt.NDArray[np.int64]
    rank: npt.NDArray[np.uint64]
    top: npt.NDArray[np.int8]
    row_loss: npt.NDArray[np.int32]
    loss: npt.NDArray[np.int32]
    varied: npt.NDArray[np.bool_]
    example: npt.NDArray[np.int64]
    highest: int
    lowest: int


class Kept(NamedTuple):
    """Room for scored pairs: int64, int64, float32 and uint64[capacity]."""

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]
    pattern: npt.NDArray[np.uint64]


@njit
def borrowed_table(table: Table) -> Table:
    """The same table for use inside one kernel call, without reference counts."""
    return Table(
        borrow(table.weight),
        borrow(table.adjust),
        borrow(table.most),
        borrow(table.radix),
        table.prior,
        table.relative,
        table.least,
        borrow(table.order),
        borrow(table.rank),
        borrow(table.top),
        borrow(table.row_loss),
        borrow(table.loss),
        borrow(table.varied),
        borrow(table.example),
        table.highest,
        table.lowest,
    )


@inlined
def frequency_bits(
    v: Values, table: Table, i: int, j: int, f: int, level: int, against: int
) -> np.float32:
    """Bits for how rare the value is that rows `i` and `j` share in field `f`.

    Names a slip apart are one name as far as one can tell, and the more usual spelling of the two
    says how many strangers could have written it.

    against : 0 strangers, 1 relatives
    """
    g, h = v.rows[i, f], v.rows[j, f]
    bits = np.float32(0.0)
    if level > 0 and g == h:
        # One line holds what was learnt of all values where they do not differ in it.
        bits = table.adjust[g if table.varied[f] else table.example[f], against]
    elif level >= SLIP and v.form[f] == NAME:
        bits = min(table.adjust[g, against], table.adjust[h, against])
    return bits


@njit
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
        stranger += frequency_bits(v, table, i, j, f, levels[k, f], 0)
        relative += frequency_bits(v, table, i, j, f, levels[k, f], 1)
    low = min(stranger, relative)
    apart = np.float64(max(stranger, relative) - low)
    # log2(1 / (2**-a + 2**-b)); beyond 24 bits apart a float32 does not notice the larger one.
    return low if apart > 24.0 else np.float32(low - np.log2(1.0 + 2.0**-apart))


@inlined
def outcome_column(level: int) -> int:
    """Column of `Table.loss` for a level that may be open: of one that may only turn out similar
    the best is 2."""
    column = level + 1
    if level >= ASK:
        similar = level & (NEAR | SINGLE | SIMILAR) == SIMILAR
        column = SIMILAR_COLUMN if similar else OPEN_COLUMN
    return column


@inlined
def bound_by_rows(
    v: Values, table: Table, i: int, j: int, levels: npt.NDArray[np.int8], k: int
) -> int:
    """Upper bound of the weight of rows `i` and `j` as far as their rows tell, in 1 / PARTS bits.

    Levels go into vector `k`, ASK where only the values tell; they are unfinished where the bound
    is below `table.lowest`. Of the fields that differ, those that tell most come first.
    """
    one, two = v.rows[i], v.rows[j]
    lost = 0
    unequal = _ZERO
    for f in range(len(table.rank)):
        missing = (one[f] | two[f]) < 0
        differ = one[f] != two[f]
        loss = table.row_loss[1, f] if differ else table.row_loss[2, f]
        lost += table.row_loss[0, f] if missing else loss
        unequal |= _ZERO if missing or not differ else table.rank[f]
    bound = table.highest - lost
    while unequal != _ZERO and bound >= table.lowest:
        f = table.order[popcount((unequal & (~unequal + _ONE)) - _ONE)]
        unequal &= unequal - _ONE
        level = quick_level(v.rows, v.form, v.mark, i, j, f)
        p = v.partner[f]
        if p >= 0 and level & 15 < SLIP and crossing_possible(v.rows, v.mark, i, j, f, p):
            level = ASK
        levels[k, f] = level
        bound += table.row_loss[1, f] - table.loss[f, outcome_column(level)]
    if bound >= table.lowest:
        for f in range(len(table.rank)):
            if (one[f] | two[f]) < 0:
                levels[k, f] = -1
            elif one[f] == two[f]:
                levels[k, f] = table.top[f]
    return bound


@njit
def _settle_partners(
    v: Values, table: Table, i: int, j: int, levels: npt.NDArray[np.int8], k: int
) -> int:
    """Compare the open fields that may be crossed; returns what was taken for lost in them, as
    nothing is assumed of crossed ones."""
    given_back = 0
    crossing = False
    for f in range(len(v.form)):
        asked = levels[k, f]
        if v.partner[f] >= 0 and asked >= ASK:
            level = open_level(texts_of(v), v.rows, v.form, v.mark, i, j, f, asked)
            levels[k, f] = level
            given_back += table.loss[f, outcome_column(asked)]
            crossing = True
    if crossing:
        for f in range(len(v.form)):
            if v.partner[f] > f:
                cross_fields(v, i, j, f, v.partner[f], levels, k)
    return given_back


@inlined
def finish_pair(
    v: Values, table: Table, i: int, j: int, levels: npt.NDArray[np.int8], k: int, bound: int
) -> np.float32:
    """Compare what the rows could not tell, and weigh; minus infinity as soon as the rest cannot
    bring the pair to `table.least`.

    bound : that of `bound_by_rows`
    """
    bound += _settle_partners(v, table, i, j, levels, k)
    for place in range(len(table.order)):
        f = table.order[place]
        asked = levels[k, f]
        if asked >= ASK:
            level = open_level(texts_of(v), v.rows, v.form, v.mark, i, j, f, asked)
            levels[k, f] = level
            bound += table.loss[f, outcome_column(asked)] - table.loss[f, level + 1]
            if bound < table.lowest:
                return np.float32(-np.inf)
    return pair_weight(v, table, i, j, levels, k)


@njit
def finish_tile(
    v: Values,
    table: Table,
    first: npt.NDArray[np.int64],
    second: npt.NDArray[np.int64],
    bounds: npt.NDArray[np.int64],
    n: int,
    levels: npt.NDArray[np.int8],
    kept: Kept,
    found: int,
) -> int:
    """Score the first `n` pairs and write those of at least `table.least` bits behind the `found`
    ones that there are. Returns how many there are then, which may be more than fit."""
    for k in range(n):
        for f in range(levels.shape[1]):
            if levels[k, f] == ASK:
                prefetch_texts(v, f, v.rows[first[k], f], v.rows[second[k], f])
    for k in range(n):
        total = finish_pair(v, table, first[k], second[k], levels, k, bounds[k])
        if total >= table.least:
            if found < len(kept.left):
                kept.left[found] = min(first[k], second[k])
                kept.right[found] = max(first[k], second[k])
                kept.weight[found] = total
                kept.pattern[found] = pack_pattern(levels, k, table.radix)
            found += 1
    return found


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

    Pairs that their rows do not settle wait, with the memory that they need asked for, until a
    tile of them is full.

    left, right, weight, pattern : [capacity]

    Returns how many there were, which may be more than fit, and how many pairs were compared.
    """
    w, u, s = borrowed(v), borrowed_task(t), borrowed_table(table)
    kept = Kept(borrow(left), borrow(right), borrow(weight), borrow(pattern))
    first, second, bounds = (
        np.empty(TILE, np.int64),
        np.empty(TILE, np.int64),
        np.empty(TILE, np.int64),
    )
    levels = np.empty((TILE, len(v.form)), np.int8)
    found = 0
    compared = 0
    n = 0
    for b in range(u.begin, u.end):
        end = u.starts[b + 1]
        for p in range(u.starts[b], end):
            prefetch_member(w, u, p + AHEAD)
            i = u.order[p]
            for q in range(p + 1, end):
                j = u.order[q]
                if not is_new_pair(u, i, j):
                    continue
                compared += 1
                bound = bound_by_rows(w, s, i, j, levels, n)
                if bound < s.lowest:
                    continue
                first[n], second[n], bounds[n] = i, j, bound
                for f in range(levels.shape[1]):
                    prefetch_open(w, i, j, f, levels[n, f])
                    if s.varied[f] and w.rows[i, f] == w.rows[j, f]:
                        prefetch(s.adjust, max(0, w.rows[i, f]))
                n += 1
                if n == TILE:
                    tile = (borrow(first), borrow(second), borrow(bounds), n, borrow(levels))
                    found = finish_tile(w, s, *tile, kept, found)
                    n = 0
    return finish_tile(w, s, first, second, bounds, n, levels, kept, found), compared


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
