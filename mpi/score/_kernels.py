"""The fused loop: walk the pairs of blocks, drop most of them by their rows alone, weigh the rest.

A bound is kept of what a pair can still reach. It begins at the best outcome in every field and
loses, field by field, what the outcome at hand is short of that; below the least weight that is
asked for, the pair is dropped. So the result is the same as with every level of every pair.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, inlined, inner, njit, prefetch
from mpi.compare._kernels_lanes import lane_zero
from mpi.compare._kernels_match import put
from mpi.compare._kernels_quick import (
    ASK,
    date_level,
    open_level,
    quick_identifier,
    quick_level,
    unsigned,
)
from mpi.compare._kernels_tile import (
    TILE,
    compare_pairs,
    cross_fields,
    crossing_possible,
    prefetch_open,
    prefetch_texts,
)
from mpi.encode._kernels_values import (
    CATEGORY,
    DATE,
    IDENTIFIER,
    Values,
    texts_of,
)
from mpi.encode.levels import SLIP
from mpi.score._kernels_blocks import (
    AHEAD,
    LANES,
    Task,
    is_new_pair,
    pack_pattern,
    prefetch_member,
)
from mpi.score._kernels_screen import first_bound
from mpi.score._kernels_weight import (
    Table,
    frequency_line,
    outcome_column,
    pair_weight,
)

_ZERO = np.uint64(0)
_ONE = np.uint64(1)


class Kept(NamedTuple):
    """Room for scored pairs: int64, int64, float32 and uint64[capacity]."""

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]
    pattern: npt.NDArray[np.uint64]


@inlined
def bound_by_rows(
    v: Values,
    table: Table,
    i: int,
    j: int,
    levels: npt.NDArray[np.int8],
    k: int,
    bound: int,
    known: np.uint64,
) -> int:
    """Upper bound of the weight of rows `i` and `j` as far as their rows tell, in 1 / PARTS bits.

    Levels go into vector `k`, ASK and more where only the values tell; they are unfinished where
    the bound is below `table.lowest`.

    bound, known : what `first_bound` said
    """
    for place in range(len(table.losses.open)):
        f = table.losses.open[place]
        if (known >> np.uint64(f)) & _ONE == _ZERO:
            level = quick_level(v.rows, v.form, v.mark, i, j, f)
            p = v.partner[f]
            if p >= 0 and level & 15 < SLIP and crossing_possible(v.rows, v.mark, i, j, f, p):
                level = ASK
            levels[k, f] = level
            bound += table.row_loss[1, f] - table.loss[f, outcome_column(level)]
            if bound < table.lowest:
                return bound
    for f in range(len(v.form)):
        one, two = v.rows[i, f], v.rows[j, f]
        if (one | two) < 0:
            levels[k, f] = -1
        elif one == two:
            levels[k, f] = table.top[f]
        elif v.form[f] == IDENTIFIER:
            at = v.mark[f]
            x, y = unsigned(v.rows[i, at]), unsigned(v.rows[j, at])
            kinds = v.rows[i, at + 1] >> 8, v.rows[j, at + 1] >> 8
            levels[k, f] = quick_identifier(x, kinds[0], y, kinds[1])
        elif v.form[f] == DATE:
            at = v.mark[f]
            levels[k, f] = date_level(unsigned(v.rows[i, at]), unsigned(v.rows[j, at]))
        elif v.form[f] == CATEGORY:
            levels[k, f] = 0
    return bound


@inner
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
    v: Values,
    table: Table,
    i: int,
    j: int,
    levels: npt.NDArray[np.int8],
    k: int,
    bound: int,
    partners: bool,
) -> np.float32:
    """Compare what the rows could not tell, and weigh; minus infinity as soon as the rest cannot
    bring the pair to `table.least`.

    bound : that of `bound_by_rows`
    partners : whether any field has a partner
    """
    if partners:
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
            g, h = v.rows[first[k], f], v.rows[second[k], f]
            if levels[k, f] == ASK:
                prefetch_texts(v, f, g, h)
            elif g == h and g >= 0:
                prefetch(table.adjust, frequency_line(table, f, g))
    partners = False
    for f in range(len(v.form)):
        partners |= v.partner[f] >= 0
    for k in range(n):
        total = finish_pair(v, table, first[k], second[k], levels, k, bounds[k], partners)
        if total >= table.least:
            if found < len(kept.left):
                kept.left[found] = min(first[k], second[k])
                kept.right[found] = max(first[k], second[k])
                kept.weight[found] = total
                kept.pattern[found] = pack_pattern(levels, k, table.radix)
            found += 1
    return found


class Room(NamedTuple):
    """Scratch of a walk.

    places, hopes, masks : int64, int64 and uint64[largest block], what is left of a row's pairs
    first, second, bounds : int64[TILE], the pairs that wait
    levels : int8[TILE, n_fields]
    """

    places: npt.NDArray[np.int64]
    hopes: npt.NDArray[np.int64]
    masks: npt.NDArray[np.uint64]
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    bounds: npt.NDArray[np.int64]
    levels: npt.NDArray[np.int8]


@inner
def _score_blocks(v: Values, t: Task, table: Table, kept: Kept, room: Room) -> tuple[int, int]:
    """`score_blocks` with its scratch."""
    zero = lane_zero(LANES)
    cells, keys = v.rows.reshape(-1), t.keys.reshape(-1)
    places, hopes, masks = room.places, room.hopes, room.masks
    first, second, bounds, levels = room.first, room.second, room.bounds, room.levels
    found = 0
    compared = 0
    n = 0
    for b in range(t.begin, t.end):
        end = t.starts[b + 1]
        for p in range(t.starts[b], end):
            prefetch_member(v, t, p + AHEAD)
            i = t.order[p]
            count = 0
            # All that come later, written down and passed over without a branch to guess.
            for q in range(p + 1, end):
                j = t.order[q]
                new = is_new_pair(zero, t, keys, i, j)
                hope, known = first_bound(zero, v, cells, table.losses, i, j)
                put(places, count, j)
                put(hopes, count, hope)
                put(masks, count, known)
                compared += new
                count += new & (hope >= table.lowest)
            for q in range(count):
                j = places[q]
                bound = bound_by_rows(v, table, i, j, levels, n, hopes[q], masks[q])
                if bound < table.lowest:
                    continue
                first[n], second[n], bounds[n] = i, j, bound
                for f in range(levels.shape[1]):
                    prefetch_open(v, i, j, f, levels[n, f])
                    g = v.rows[i, f]
                    if g == v.rows[j, f]:
                        prefetch(table.listed, max(0, g) >> 6)
                n += 1
                if n == TILE:
                    tile = (first, second, bounds, n, levels)
                    found = finish_tile(v, table, *tile, kept, found)
                    n = 0
    return finish_tile(v, table, first, second, bounds, n, levels, kept, found), compared


@allocating
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
    kept = Kept(left, right, weight, pattern)
    largest = 0
    for b in range(t.begin, t.end):
        largest = max(largest, t.starts[b + 1] - t.starts[b])
    room = Room(
        np.empty(largest, np.int64),
        np.empty(largest, np.int64),
        np.empty(largest, np.uint64),
        np.empty(TILE, np.int64),
        np.empty(TILE, np.int64),
        np.empty(TILE, np.int64),
        np.empty((TILE, len(v.form)), np.int8),
    )
    return _score_blocks(v, t, table, kept, room)


@inner
def _weigh_pairs(v: Values, table: Table, pairs: Kept, levels: npt.NDArray[np.int8]) -> None:
    for k in range(len(pairs.left)):
        pairs.weight[k] = pair_weight(v, table, pairs.left[k], pairs.right[k], levels, k)
        pairs.pattern[k] = pack_pattern(levels, k, table.radix)


@allocating
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
    _weigh_pairs(v, table, Kept(left, right, weight, pattern), levels)
