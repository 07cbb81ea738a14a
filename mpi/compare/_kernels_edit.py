"""Edit distances of many pairs, a column of the table in one machine word.

Myers (1999) and Hyyro (2003) keep a column of the table of distances as bits: where it grows
and where it shrinks. The right text is the column, each unit of the left one is a step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import inlined, njit
from mpi.compare._kernels_lanes import (
    LANE_BYTES,
    count_bits,
    lane_below,
    lane_count,
    lane_double,
    lane_fill,
    lane_load,
    lane_same,
    lane_store,
    load_units,
    match_four,
    match_units,
    peek,
)

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_ALL = ~np.uint64(0)
_TOP = np.uint64(63)
_NO_WORD = np.zeros(1, np.uint64)


@inlined
def match_lanes(
    masks: Any,
    lengths: Any,
    pool_a: Any,
    start_a: Any,
    end_a: Any,
    step_a: int,
    pool_b: Any,
    start_b: Any,
    end_b: Any,
    step_b: int,
    listed: Any,
    base: int,
) -> int:
    """Fill `masks` and `lengths` (of a, of b, last bit of b) for the pairs listed from `base`.

    Returns
    -------
    the longest left text
    """
    lanes = LANE_BYTES // masks.itemsize
    longest = 0
    for lane in range(lanes):
        k = np.int64(peek(listed, min(base + lane, len(listed) - 1)))
        a, b = np.int64(peek(start_a, k * step_a)), np.int64(peek(start_b, k * step_b))
        n_a, n_b = peek(end_a, k * step_a) - a, peek(end_b, k * step_b) - b
        longest = max(longest, n_a)
        lengths[lane] = n_a
        lengths[lanes + lane] = n_b
        lengths[2 * lanes + lane] = _ONE << np.uint64(n_b - 1) if n_b > 0 else _ZERO
        units = load_units(pool_b, b, masks)
        for i in range(0, n_a, 4):
            match_four(masks, i * lanes + lane, lanes, units, pool_a, a + i)
    return longest


@njit
def edit_lanes(
    masks: Any,
    lengths: Any,
    found: Reals,
    pool_a: Any,
    start_a: Any,
    end_a: Any,
    step_a: int,
    pool_b: Any,
    start_b: Any,
    end_b: Any,
    step_b: int,
    listed: Any,
    swaps: bool,
    out: Reals,
) -> None:
    """Levenshtein distance of the `listed` pairs, or with `swaps` optimal string alignment.

    No text is longer than a word of `masks` has bits. Other arguments as in `jaro_lanes`.
    """
    lanes = LANE_BYTES // masks.itemsize
    zero = lane_fill(masks, 0)
    one = lane_fill(masks, 1)
    ones = lane_same(zero, zero)
    swappable = lane_fill(masks, -1 if swaps else 0)
    for base in range(0, len(listed), lanes):
        longest = match_lanes(
            masks, lengths, pool_a, start_a, end_a, step_a,
            pool_b, start_b, end_b, step_b, listed, base,
        )  # fmt: skip
        size_a = lane_load(lengths, 0)
        size_b = lane_load(lengths, lanes)
        last = lane_load(lengths, 2 * lanes)
        grows, shrinks = ones, zero
        straight, before = ones, zero
        distance = size_b
        for i in range(longest):
            step = last & lane_below(lane_fill(masks, i), size_a)
            match = lane_load(masks, i * lanes)
            crossing = (straight ^ ones) & match
            crossing = (crossing + crossing) & before & swappable
            straight = (((match & grows) + grows) ^ grows) | match | shrinks | crossing
            falls = grows & straight
            rises = shrinks | ((grows | straight) ^ ones)
            distance = distance + lane_below(zero, falls & step) - lane_below(zero, rises & step)
            rises = (rises + rises) | one
            falls = falls + falls
            shrinks = rises & straight
            grows = falls | ((rises | straight) ^ ones)
            before = match
        # Against an empty text, everything is added.
        distance = distance | (size_a & lane_same(size_b, zero))
        lane_store(found, 0, lane_double(distance))
        for lane in range(min(lanes, len(listed) - base)):
            out[listed[base + lane]] = found[lane]


@njit
def subsequence_lanes(
    masks: Any,
    lengths: Any,
    found: Reals,
    pool_a: Any,
    start_a: Any,
    end_a: Any,
    step_a: int,
    pool_b: Any,
    start_b: Any,
    end_b: Any,
    step_b: int,
    listed: Any,
    out: Reals,
) -> None:
    """Length of the longest common subsequence of the `listed` pairs (Hyyro 2004).

    Arguments as in `edit_lanes`.
    """
    lanes = LANE_BYTES // masks.itemsize
    zero = lane_fill(masks, 0)
    one = lane_fill(masks, 1)
    ones = lane_same(zero, zero)
    for base in range(0, len(listed), lanes):
        longest = match_lanes(
            masks, lengths, pool_a, start_a, end_a, step_a,
            pool_b, start_b, end_b, step_b, listed, base,
        )  # fmt: skip
        size_a = lane_load(lengths, 0)
        last = lane_load(lengths, 2 * lanes)
        inside = (last | (last - one)) & lane_below(zero, last)
        rest = ones
        for i in range(longest):
            match = lane_load(masks, i * lanes) & inside & lane_below(lane_fill(masks, i), size_a)
            met = rest & match
            rest = (rest + met) | (rest - met)
        lane_store(found, 0, lane_double(lane_count((rest ^ ones) & inside)))
        for lane in range(min(lanes, len(listed) - base)):
            out[listed[base + lane]] = found[lane]


@njit
def edit_long(
    pool_a: Any,
    start_a: Any,
    end_a: Any,
    step_a: int,
    pool_b: Any,
    start_b: Any,
    end_b: Any,
    step_b: int,
    listed: Any,
    swaps: bool,
    out: Reals,
) -> None:
    """As `edit_lanes` for texts of any length: a column is many words, carries between them."""
    longest_b = 1
    for k in listed:
        longest_b = max(longest_b, end_b[k * step_b] - start_b[k * step_b])
    words = longest_b // 64 + 1
    grows, shrinks = np.empty(words, np.uint64), np.empty(words, np.uint64)
    straight, before = np.empty(words, np.uint64), np.empty(words, np.uint64)
    for k in listed:
        a, b = np.int64(start_a[k * step_a]), np.int64(start_b[k * step_b])
        n_a, n_b = end_a[k * step_a] - a, end_b[k * step_b] - b
        if n_b == 0:
            out[k] = n_a
            continue
        words = (n_b + 63) // 64
        last = np.uint64((n_b - 1) % 64)
        grows[:words], straight[:words] = _ALL, _ALL
        shrinks[:words], before[:words] = _ZERO, _ZERO
        distance = n_b
        for i in range(n_a):
            rise, fall, cross = _ONE, _ZERO, _ZERO
            for w in range(words):
                match = np.uint64(
                    match_units(load_units(pool_b, b + 64 * w, _NO_WORD), pool_a[a + i])
                )
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
        out[k] = distance


@njit
def subsequence_long(
    pool_a: Any,
    start_a: Any,
    end_a: Any,
    step_a: int,
    pool_b: Any,
    start_b: Any,
    end_b: Any,
    step_b: int,
    listed: Any,
    out: Reals,
) -> None:
    """As `subsequence_lanes` for texts of any length."""
    longest_b = 1
    for k in listed:
        longest_b = max(longest_b, end_b[k * step_b] - start_b[k * step_b])
    rest = np.empty(longest_b // 64 + 1, np.uint64)
    for k in listed:
        a, b = np.int64(start_a[k * step_a]), np.int64(start_b[k * step_b])
        n_a, n_b = end_a[k * step_a] - a, end_b[k * step_b] - b
        words = (n_b + 63) // 64
        rest[:words] = _ALL
        for i in range(n_a):
            carry = _ZERO
            for w in range(words):
                met = rest[w] & np.uint64(
                    match_units(load_units(pool_b, b + 64 * w, _NO_WORD), pool_a[a + i])
                )
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
