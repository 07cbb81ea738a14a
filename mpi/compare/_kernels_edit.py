"""Edit distances of many pairs, a column of the table in one machine word.

Myers (1999) and Hyyro (2003) keep a column of the table of distances as bits: where it grows
and where it shrinks. The right text is the column, each unit of the left one is a step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, njit
from mpi.compare._kernels_lanes import (
    lane_below,
    lane_count,
    lane_double,
    lane_fill,
    lane_larger,
    lane_load,
    lane_lowest,
    lane_real,
    lane_same,
    lane_store,
    lane_width,
    lane_zero,
)
from mpi.compare._kernels_match import (
    count_bits,
    load_units,
    longest_text,
    match_lanes,
    match_units,
    peek,
    put,
    text_of,
)

Reals = npt.NDArray[np.float64]

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_ALL = ~np.uint64(0)
_TOP = np.uint64(63)


@njit
def edit_lanes(
    room: Any, left: Any, right: Any, listed: Any, swaps: bool, similar: bool, out: Reals
) -> None:
    """Levenshtein distance of the `listed` pairs, or with `swaps` optimal string alignment.

    No text is longer than a word of the room has bits.

    similar : give 1 - distance / longer text instead
    """
    zero = lane_zero(room)
    lanes = lane_width(zero)
    one = lane_fill(zero, 1)
    ones = lane_same(zero, zero)
    swappable = lane_fill(zero, -1 if swaps else 0)
    for base in range(0, len(listed), lanes):
        longest = match_lanes(room, zero, left, right, listed, base)
        size_a = lane_load(zero, room.lengths, 0)
        size_b = lane_load(zero, room.lengths, lanes)
        inside = lane_lowest(size_b)
        last = inside ^ (inside >> one)
        grows, shrinks = ones, zero
        straight, before = ones, zero
        distance = size_b
        at = zero
        for i in range(longest):
            step = last & lane_below(at, size_a)
            match = lane_load(zero, room.masks, i * lanes)
            crossing = (straight ^ ones) & match
            crossing = (crossing + crossing) & before & swappable
            straight = (((match & grows) + grows) ^ grows) | match | shrinks | crossing
            falls = grows & straight
            rises = shrinks | ((grows | straight) ^ ones)
            # Less one where it falls, one more where it rises, said by where each does not.
            distance = distance + lane_same(rises & step, zero) - lane_same(falls & step, zero)
            rises = (rises + rises) | one
            falls = falls + falls
            shrinks = rises & straight
            grows = falls | ((rises | straight) ^ ones)
            before = match
            at = at + one
        # Against an empty text, everything is added.
        distance = distance | (size_a & lane_same(size_b, zero))
        found = lane_double(distance)
        if similar:
            longer = lane_larger(lane_larger(size_a, size_b), one)
            found = lane_real(zero, 1.0) - found / lane_double(longer)
        lane_store(room.found, 0, found)
        for lane in range(min(lanes, len(listed) - base)):
            put(out, np.int64(peek(listed, base + lane)), peek(room.found, lane))


@njit
def subsequence_lanes(room: Any, left: Any, right: Any, listed: Any, out: Reals) -> None:
    """Length of the longest common subsequence of the `listed` pairs (Hyyro 2004).

    No text is longer than a word of the room has bits.
    """
    zero = lane_zero(room)
    lanes = lane_width(zero)
    one = lane_fill(zero, 1)
    for base in range(0, len(listed), lanes):
        longest = match_lanes(room, zero, left, right, listed, base)
        size_a = lane_load(zero, room.lengths, 0)
        inside = lane_lowest(lane_load(zero, room.lengths, lanes))
        rest = inside
        at = zero
        for i in range(longest):
            match = lane_load(zero, room.masks, i * lanes) & lane_below(at, size_a)
            met = rest & match
            rest = ((rest + met) | (rest - met)) & inside
            at = at + one
        lane_store(room.found, 0, lane_double(lane_count(rest ^ inside)))
        for lane in range(min(lanes, len(listed) - base)):
            put(out, np.int64(peek(listed, base + lane)), peek(room.found, lane))


@allocating
def edit_long(left: Any, right: Any, listed: Any, swaps: bool, similar: bool, out: Reals) -> None:
    """As `edit_lanes` for texts of any length: a column is many words, carries between them."""
    words = longest_text(right, listed) // 64 + 1
    grows, shrinks = np.empty(words, np.uint64), np.empty(words, np.uint64)
    straight, before = np.empty(words, np.uint64), np.empty(words, np.uint64)
    for k in listed:
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        words = (n_b + 63) // 64
        last = np.uint64((n_b - 1) % 64)
        grows[:words], straight[:words] = _ALL, _ALL
        shrinks[:words], before[:words] = _ZERO, _ZERO
        distance = n_b if n_b > 0 else n_a
        for i in range(n_a):
            rise, fall, cross = _ONE, _ZERO, _ZERO
            for w in range(words):
                units = load_units(right.pool, b + 64 * w, _ZERO)
                match = np.uint64(match_units(units, left.pool[a + i]))
                crossing = ~straight[w] & match
                shifted = (crossing << _ONE | cross) & before[w] if swaps else _ZERO
                cross = crossing >> _TOP
                met = match | fall
                now = (((met & grows[w]) + grows[w]) ^ grows[w]) | met | shrinks[w] | shifted
                rises = shrinks[w] | ~(grows[w] | now)
                falls = grows[w] & now
                if w == words - 1:
                    distance += np.int64(rises >> last & _ONE) - np.int64(falls >> last & _ONE)
                risen, fallen = rises << _ONE | rise, falls << _ONE | fall
                rise, fall = rises >> _TOP, falls >> _TOP
                shrinks[w] = risen & now
                grows[w] = fallen | ~(risen | now)
                straight[w] = now
                before[w] = match
        out[k] = 1.0 - distance / max(n_a, n_b, 1) if similar else distance


@allocating
def subsequence_long(left: Any, right: Any, listed: Any, out: Reals) -> None:
    """As `subsequence_lanes` for texts of any length."""
    rest = np.empty(longest_text(right, listed) // 64 + 1, np.uint64)
    for k in listed:
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        words = (n_b + 63) // 64
        rest[:words] = _ALL
        for i in range(n_a):
            carry = _ZERO
            for w in range(words):
                units = load_units(right.pool, b + 64 * w, _ZERO)
                met = rest[w] & np.uint64(match_units(units, left.pool[a + i]))
                total = rest[w] + met
                carried = total + carry
                carry = _ONE if total < met or carried < carry else _ZERO
                rest[w] = carried | (rest[w] - met)
        common = 0
        for w in range(words):
            gone = ~rest[w]
            if w == words - 1 and n_b % 64:
                gone &= (_ONE << np.uint64(n_b % 64)) - _ONE
            common += count_bits(gone)
        out[k] = common
