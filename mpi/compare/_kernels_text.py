"""Comparing two texts.

Text is uint16 code units in one pool; a value is its first unit and its length. At most 64 units
of a value are compared, so that a set of positions fits one machine word.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import inlined, njit
from mpi.compare._kernels_match import count_bits, equal_units, load_units, match_units

_ONE = np.uint64(1)
_ZERO = np.uint64(0)


@inlined
def popcount(bits: np.uint64) -> int:
    """Number of set bits of a 64-bit word."""
    return count_bits(np.uint64(bits))


@njit
def lowest(bits: np.uint64) -> int:
    """Place of the lowest set bit, 64 where there is none."""
    return popcount((bits & (~bits + _ONE)) - _ONE)


@njit
def first_bits(n: int) -> np.uint64:
    """The lowest `n` bits, 0 to 64."""
    return ~_ZERO if n >= 64 else (_ONE << np.uint64(n)) - _ONE


@njit
def has_bit(bits: np.uint64, place: int) -> bool:
    """Whether a bit is set; those from 64 on are not."""
    return place < 64 and (bits >> np.uint64(place)) & _ONE != _ZERO


@njit
def slide(equal: np.uint64, place: int, end: int) -> int:
    """The first place from `place` on whose bit is not set, `end` at most."""
    if place >= min(end, 64):
        return end
    return min(end, place + lowest(~(equal >> np.uint64(place))))


@njit
def jaro_winkler(units: npt.NDArray[np.uint16], a: int, n_a: int, b: int, n_b: int) -> float:
    """Jaro-Winkler similarity of two texts of at most 64 units, 0 to 1.

    Winkler (1990): prefix of at most 4, scale 0.1, boosted only above 0.7. All places of a letter
    are found at once, so `units` must reach 64 units beyond where a text begins.
    """
    if n_a == 0 and n_b == 0:
        return 1.0
    if n_a == 0 or n_b == 0:
        return 0.0
    window = max(0, max(n_a, n_b) // 2 - 1)
    right = load_units(units, np.int64(b), _ZERO)
    taken_a = _ZERO
    taken_b = _ZERO
    for i in range(n_a):
        reach = first_bits(min(i + window + 1, n_b)) & ~first_bits(max(0, i - window))
        found = match_units(right, units[a + i]) & reach & ~taken_b
        if found != _ZERO:
            taken_a |= _ONE << np.uint64(i)
            taken_b |= found & (~found + _ONE)
    if taken_a == _ZERO:
        return 0.0
    m = float(popcount(taken_a))
    transposed = 0
    while taken_a != _ZERO:
        transposed += int(units[a + lowest(taken_a)] != units[b + lowest(taken_b)])
        taken_a &= taken_a - _ONE
        taken_b &= taken_b - _ONE
    jaro = (m / n_a + m / n_b + (m - transposed // 2) / m) / 3.0
    if jaro > 0.7:
        prefix = 0
        limit = min(4, n_a, n_b)
        while prefix < limit and units[a + prefix] == units[b + prefix]:
            prefix += 1
        jaro += prefix * 0.1 * (1.0 - jaro)
    return jaro


@njit
def osa(units: npt.NDArray[np.uint16], a: int, n_a: int, b: int, n_b: int, limit: int) -> int:
    """Optimal string alignment distance up to `limit`, 1 or 2; else `limit` + 1.

    Edits are insertion, deletion, substitution and the swap of two neighbours (Boytsov 2011). Of
    each diagonal of the usual table only the farthest place is kept that so many edits reach
    (Ukkonen 1985); from there equal letters are passed at once, as `equal` has a bit for each
    place. So `units` must reach 66 units beyond where a text begins.
    """
    if n_a > n_b:
        a, n_a, b, n_b = b, n_b, a, n_a
    apart = n_b - n_a
    if apart > limit:
        return limit + 1
    left = load_units(units, np.int64(a), _ZERO)
    right = load_units(units, np.int64(b), _ZERO)
    equal = equal_units(left, right)
    reached = slide(equal, 0, n_a)
    if reached == n_a and apart == 0:
        return 0
    # Bit i: a[i] is b[i + 1], and a[i] is b[i - 1].
    above = equal_units(left, load_units(units, np.int64(b) + 1, _ZERO))
    below = equal_units(load_units(units, np.int64(a) + 1, _ZERO), right) << _ONE
    swap = int(has_bit(above, reached) and has_bit(below, reached + 1))
    up = slide(above, reached, min(n_a, n_b - 1))
    on = slide(equal, reached + 1 + swap, n_a)
    if (on if apart == 0 else up) == n_a and apart < 2:
        return 1
    if limit == 1:
        return 2
    if apart == 0:
        down = slide(below, reached + 1, n_a)
        swap = int(has_bit(above, on) and has_bit(below, on + 1))
        return 2 if slide(equal, max(on + 1 + swap, down, up + 1), n_a) == n_a else 3
    farther = equal_units(left, load_units(units, np.int64(b) + 2, _ZERO))
    if apart == 2:
        return 2 if slide(farther, up, n_a) == n_a else 3
    swap = int(has_bit(farther, up) and has_bit(equal, up + 1))
    return 2 if slide(above, max(on, up + 1 + swap), n_a) == n_a else 3
