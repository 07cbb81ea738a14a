"""Jaro and Jaro-Winkler similarity of many pairs.

A text is units `pool[start:end]`; every pool goes on for 64 units behind its last text. For each
unit of the left text one vector comparison gives its positions in the right one; then the search
for matches and the count of transpositions go on in lanes, a pair a lane.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import njit
from mpi.compare._kernels_lanes import (
    LANE_BYTES,
    count_bits,
    lane_below,
    lane_choose,
    lane_double,
    lane_fill,
    lane_load,
    lane_real,
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
_NO_WORD = np.zeros(1, np.uint64)


@njit
def jaro_lanes(
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
    boost: float,
    out: Reals,
) -> None:
    """Similarity of the `listed` pairs, no text longer than a word of `masks` has bits.

    Pair k is text `k * step_a` of the left side and `k * step_b` of the right one.

    masks : uint16/32/64[bits * lanes], scratch: positions in b of each unit of a, lane by lane
    lengths : the same type[5 * lanes], scratch
    found : float64[lanes], scratch
    boost : 0.1 for Jaro-Winkler, 0 for Jaro
    """
    lanes = LANE_BYTES // masks.itemsize
    zero = lane_fill(masks, 0)
    one = lane_fill(masks, 1)
    nothing = lane_real(masks, 0.0)
    for base in range(0, len(listed), lanes):
        longest = 0
        for lane in range(lanes):
            k = np.int64(peek(listed, min(base + lane, len(listed) - 1)))
            a, b = np.int64(peek(start_a, k * step_a)), np.int64(peek(start_b, k * step_b))
            n_a, n_b = peek(end_a, k * step_a) - a, peek(end_b, k * step_b) - b
            window = max(max(n_a, n_b) // 2 - 1, 0)
            longest = max(longest, n_a)
            lengths[lane] = n_a
            lengths[lanes + lane] = n_b
            lengths[2 * lanes + lane] = window
            # A shift by all 64 bits is undefined, so the last one is made on its own.
            lengths[3 * lanes + lane] = (
                (_ONE << np.uint64(n_b - 1) << _ONE) - _ONE if n_b > 0 else _ZERO
            )
            lengths[4 * lanes + lane] = (_ONE << np.uint64(window + 1)) - _ONE
            units = load_units(pool_b, b, masks)
            for i in range(0, n_a, 4):
                match_four(masks, i * lanes + lane, lanes, units, pool_a, a + i)
        size_a = lane_load(lengths, 0)
        window_v = lane_load(lengths, 2 * lanes)
        valid = lane_load(lengths, 3 * lanes)
        near = lane_load(lengths, 4 * lanes)
        free = valid
        taken_a = zero
        matches = zero
        bit = one
        for i in range(longest):
            at = lane_fill(masks, i)
            possible = lane_load(masks, i * lanes) & near & free & lane_below(at, size_a)
            first = possible & (zero - possible)
            free = free ^ first
            hit = lane_below(zero, first)
            matches = matches - hit
            taken_a = taken_a | (hit & bit)
            near = (near + near) | (lane_below(at, window_v) & one)
            bit = bit + bit
        taken_b = valid ^ free
        crossed = zero
        bit = one
        for i in range(longest):
            first = taken_b & (zero - taken_b) & lane_same(taken_a & bit, bit)
            taken_b = taken_b ^ first
            other = lane_same(lane_load(masks, i * lanes) & first, zero)
            crossed = crossed - (other & lane_below(zero, first))
            bit = bit + bit
        prefix = zero
        same = lane_same(zero, zero)
        bit = one
        for i in range(min(longest, 4)):
            inside = valid & bit & lane_below(lane_fill(masks, i), size_a)
            same = same & lane_same(lane_load(masks, i * lanes) & inside, bit)
            prefix = prefix - same
            bit = bit + bit
        m = lane_double(matches)
        half = lane_double(crossed - (crossed & one)) * lane_real(masks, 0.5)
        jaro = m / lane_double(size_a) + m / lane_double(lane_load(lengths, lanes))
        jaro = (jaro + (m - half) / m) / lane_real(masks, 3.0)
        jaro = lane_choose(m, nothing, jaro, nothing)
        share = lane_double(prefix) * lane_real(masks, boost)
        more = jaro + share * (lane_real(masks, 1.0) - jaro)
        lane_store(found, 0, lane_choose(jaro, lane_real(masks, 0.7), more, jaro))
        for lane in range(min(lanes, len(listed) - base)):
            empty = lengths[lane] == 0 and lengths[lanes + lane] == 0
            out[listed[base + lane]] = 1.0 if empty else found[lane]


@njit
def jaro_long(
    pool_a: Any,
    start_a: Any,
    end_a: Any,
    step_a: int,
    pool_b: Any,
    start_b: Any,
    end_b: Any,
    step_b: int,
    listed: Any,
    boost: float,
    out: Reals,
) -> None:
    """Similarity of the `listed` pairs, texts of any length, 64 positions at a time."""
    longest_a, longest_b = 1, 1
    for k in listed:
        longest_a = max(longest_a, end_a[k * step_a] - start_a[k * step_a])
        longest_b = max(longest_b, end_b[k * step_b] - start_b[k * step_b])
    free = np.empty(longest_b // 64 + 1, np.uint64)
    taken = np.empty(longest_a, np.int64)
    for k in listed:
        a, b = np.int64(start_a[k * step_a]), np.int64(start_b[k * step_b])
        n_a, n_b = end_a[k * step_a] - a, end_b[k * step_b] - b
        if n_a == 0 or n_b == 0:
            out[k] = 1.0 if n_a == n_b else 0.0
            continue
        window = max(max(n_a, n_b) // 2 - 1, 0)
        free[: n_b // 64 + 1] = _ALL
        m = 0
        for i in range(n_a):
            low, high = max(i - window, 0), min(i + window + 1, n_b)
            for word in range(low // 64, (high + 63) // 64):
                hits = free[word] & np.uint64(
                    match_units(load_units(pool_b, b + 64 * word, _NO_WORD), pool_a[a + i])
                )
                if 64 * word < low:
                    hits &= _ALL << np.uint64(low - 64 * word)
                if 64 * word + 64 > high:
                    hits &= _ALL >> np.uint64(64 * word + 64 - high)
                if hits != _ZERO:
                    free[word] ^= hits & (~hits + _ONE)
                    taken[m] = i
                    m += 1
                    break
        if m == 0:
            out[k] = 0.0
            continue
        crossed = 0
        j = 0
        for word in range((n_b + 63) // 64):
            hits = ~free[word]
            while hits != _ZERO:
                first = hits & (~hits + _ONE)
                hits ^= first
                place = b + 64 * word + count_bits(first - _ONE)
                if pool_a[a + taken[j]] != pool_b[place]:
                    crossed += 1
                j += 1
        jaro = (m / n_a + m / n_b + (m - crossed // 2) / m) / 3.0
        if jaro > 0.7:
            prefix = 0
            while prefix < min(4, n_a, n_b) and pool_a[a + prefix] == pool_b[b + prefix]:
                prefix += 1
            jaro += prefix * boost * (1.0 - jaro)
        out[k] = jaro
