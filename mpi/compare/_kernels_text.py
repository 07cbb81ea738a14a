"""Comparing two texts.

Text is uint16 code units in one pool; a value is its first unit and its length. At most 64 units
of a value are compared, so that a set of positions fits one machine word.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import njit

_ONE = np.uint64(1)
_ZERO = np.uint64(0)


@njit
def popcount(bits: np.uint64) -> int:
    """Number of set bits of a 64-bit word."""
    x = np.uint64(bits)
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int(np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56)))


@njit
def jaro_winkler(units: npt.NDArray[np.uint16], a: int, n_a: int, b: int, n_b: int) -> float:
    """Jaro-Winkler similarity of two texts of at most 64 units, 0 to 1.

    Winkler (1990): prefix of at most 4, scale 0.1, boosted only above 0.7.
    """
    if n_a == 0 and n_b == 0:
        return 1.0
    if n_a == 0 or n_b == 0:
        return 0.0
    window = max(n_a, n_b) // 2 - 1
    if window < 0:
        window = 0
    taken_a = _ZERO
    taken_b = _ZERO
    matches = 0
    for i in range(n_a):
        low = i - window if i > window else 0
        high = min(i + window + 1, n_b)
        unit = units[a + i]
        for j in range(low, high):
            bit = _ONE << np.uint64(j)
            if units[b + j] == unit and (taken_b & bit) == _ZERO:
                taken_a |= _ONE << np.uint64(i)
                taken_b |= bit
                matches += 1
                break
    if matches == 0:
        return 0.0
    transposed = 0
    j = 0
    for i in range(n_a):
        if (taken_a >> np.uint64(i)) & _ONE:
            while not (taken_b >> np.uint64(j)) & _ONE:
                j += 1
            if units[a + i] != units[b + j]:
                transposed += 1
            j += 1
    m = float(matches)
    jaro = (m / n_a + m / n_b + (m - transposed // 2) / m) / 3.0
    if jaro > 0.7:
        prefix = 0
        limit = min(4, n_a, n_b)
        while prefix < limit and units[a + prefix] == units[b + prefix]:
            prefix += 1
        jaro += prefix * 0.1 * (1.0 - jaro)
    return jaro


@njit
def within_one(units: npt.NDArray[np.uint16], a: int, n_a: int, b: int, n_b: int) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours, or none, is enough."""
    while n_a > 0 and n_b > 0 and units[a] == units[b]:
        a += 1
        b += 1
        n_a -= 1
        n_b -= 1
    while n_a > 0 and n_b > 0 and units[a + n_a - 1] == units[b + n_b - 1]:
        n_a -= 1
        n_b -= 1
    if max(n_a, n_b) <= 1:
        return True
    swapped = n_a == 2 and n_b == 2
    return swapped and units[a] == units[b + 1] and units[a + 1] == units[b]


@njit
def osa(units: npt.NDArray[np.uint16], a: int, n_a: int, b: int, n_b: int, limit: int) -> int:
    """Optimal string alignment distance (Boytsov 2011) up to `limit`, 1 or 2; else `limit` + 1.

    A text that starts alike needs no edit there. So one of the four edits is made where two texts
    first differ, and the rest must be within one: no table, and a few dozen comparisons.
    """
    if abs(n_a - n_b) > limit:
        return limit + 1
    while n_a > 0 and n_b > 0 and units[a] == units[b]:
        a += 1
        b += 1
        n_a -= 1
        n_b -= 1
    while n_a > 0 and n_b > 0 and units[a + n_a - 1] == units[b + n_b - 1]:
        n_a -= 1
        n_b -= 1
    if n_a == 0 or n_b == 0:
        return max(n_a, n_b)
    if within_one(units, a, n_a, b, n_b):
        return 1
    if limit == 1:
        return 2
    one, two = n_a - 1, n_b - 1
    if within_one(units, a + 1, one, b + 1, two):
        return 2
    if within_one(units, a + 1, one, b, n_b) or within_one(units, a, n_a, b + 1, two):
        return 2
    swapped = one > 0 and two > 0 and units[a] == units[b + 1] and units[a + 1] == units[b]
    return 2 if swapped and within_one(units, a + 2, one - 1, b + 2, two - 1) else 3
