"""Jaro and Jaro-Winkler similarity of many pairs.

A side is a `pairing.Side`: pair k has the units `pool[start:end]` of text `k * step`, and the pool
goes on for 64 units behind its last text. For each unit of the left text one vector comparison
gives its positions in the right one; then the search for matches and the count of transpositions
go on in lanes, a pair a lane.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, njit
from mpi.compare._kernels_lanes import (
    lane_below,
    lane_choose,
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


@njit
def jaro_lanes(room: Any, left: Any, right: Any, listed: Any, boost: float, out: Reals) -> None:
    """Similarity of the `listed` pairs, no text longer than a word of the room has bits.

    boost : 0.1 for Jaro-Winkler, 0 for Jaro
    """
    zero = lane_zero(room)
    lanes = lane_width(zero)
    one = lane_fill(zero, 1)
    nothing = lane_real(zero, 0.0)
    for base in range(0, len(listed), lanes):
        longest = match_lanes(room, zero, left, right, listed, base)
        size_a = lane_load(zero, room.lengths, 0)
        size_b = lane_load(zero, room.lengths, lanes)
        window = lane_larger(lane_larger(size_a, size_b) >> one, one) - one
        near = lane_lowest(window + one)
        valid = lane_lowest(size_b)
        free = valid
        missed = zero
        bit = one
        at = zero
        for i in range(longest):
            possible = lane_load(zero, room.masks, i * lanes) & near & free
            possible = possible & lane_below(at, size_a)
            first = possible & (zero - possible)
            free = free ^ first
            missed = missed | (lane_same(first, zero) & bit)
            near = near + near - lane_below(at, window)
            bit = bit + bit
            at = at + one
        taken = valid ^ free
        matches = lane_count(taken)
        # Every step that meets no equal unit counts, also those of units without a match.
        unequal = matches - at
        bit = one
        for i in range(longest):
            first = taken & (zero - taken) & lane_same(missed & bit, zero)
            taken = taken ^ first
            equal = lane_load(zero, room.masks, i * lanes) & first
            unequal = unequal - lane_same(equal, zero)
            bit = bit + bit
        prefix = zero
        same = lane_same(zero, zero)
        bit = one
        at = zero
        for i in range(min(longest, 4)):
            inside = valid & bit & lane_below(at, size_a)
            same = same & lane_same(lane_load(zero, room.masks, i * lanes) & inside, bit)
            prefix = prefix - same
            bit = bit + bit
            at = at + one
        m = lane_double(matches)
        half = lane_double(unequal >> one)
        jaro = m / lane_double(size_a) + m / lane_double(size_b)
        jaro = (jaro + (m - half) / m) / lane_real(zero, 3.0)
        empty = lane_double(lane_same(size_a | size_b, zero) & one)
        jaro = lane_choose(m, nothing, jaro, empty)
        share = lane_double(prefix) * lane_real(zero, boost)
        more = jaro + share * (lane_real(zero, 1.0) - jaro)
        lane_store(room.found, 0, lane_choose(jaro, lane_real(zero, 0.7), more, jaro))
        for lane in range(min(lanes, len(listed) - base)):
            put(out, np.int64(peek(listed, base + lane)), peek(room.found, lane))


@allocating
def jaro_long(left: Any, right: Any, listed: Any, boost: float, out: Reals) -> None:
    """Similarity of the `listed` pairs, texts of any length, 64 positions at a time."""
    free = np.empty(longest_text(right, listed) // 64 + 1, np.uint64)
    taken = np.empty(longest_text(left, listed), np.int64)
    for k in listed:
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        if n_a == 0 or n_b == 0:
            out[k] = 1.0 if n_a == n_b else 0.0
            continue
        window = max(max(n_a, n_b) // 2 - 1, 0)
        free[: n_b // 64 + 1] = _ALL
        m = 0
        for i in range(n_a):
            low, high = max(i - window, 0), min(i + window + 1, n_b)
            for word in range(low // 64, (high + 63) // 64):
                units = load_units(right.pool, b + 64 * word, _ZERO)
                hits = free[word] & np.uint64(match_units(units, left.pool[a + i]))
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
                if left.pool[a + taken[j]] != right.pool[place]:
                    crossed += 1
                j += 1
        jaro = (m / n_a + m / n_b + (m - crossed // 2) / m) / 3.0
        if jaro > 0.7:
            prefix = 0
            while prefix < min(4, n_a, n_b) and left.pool[a + prefix] == right.pool[b + prefix]:
                prefix += 1
            jaro += prefix * boost * (1.0 - jaro)
        out[k] = jaro
