"""Comparing two values, and two records, without leaving the kernel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import njit
from mpi.compare._kernels_text import jaro_winkler, osa, popcount
from mpi.encode._kernels_values import (
    DATE,
    FIRST,
    FOLD,
    IDENTIFIER,
    LENGTH,
    LETTERS,
    NAME,
    NUMBERED,
    SORTED,
    TEXT,
    WORD,
    WORDS,
    Values,
)

_ONE = np.uint64(1)
_ZERO = np.uint64(0)


@njit
def jaro_winkler_bound(v: Values, g: int, h: int) -> float:
    """An upper bound of Jaro-Winkler similarity of two values, from lengths and bags of letters.

    A letter that the other value lacks cannot match, so m <= length - letters of its own.
    """
    n_a, n_b = int(v.info[g, LENGTH]), int(v.info[h, LENGTH])
    if n_a == 0 or n_b == 0:
        return 1.0
    own_a = popcount(np.uint64(v.info[g, LETTERS] & ~v.info[h, LETTERS]))
    own_b = popcount(np.uint64(v.info[h, LETTERS] & ~v.info[g, LETTERS]))
    m = float(min(n_a - own_a, n_b - own_b))
    if m <= 0.0:
        return 0.0
    bound = (m / n_a + m / n_b + 1.0) / 3.0
    a, b = v.info[g, FIRST], v.info[h, FIRST]
    prefix = 0
    limit = min(4, n_a, n_b)
    while prefix < limit and v.units[a + prefix] == v.units[b + prefix]:
        prefix += 1
    return bound + prefix * 0.1 * (1.0 - bound)


@njit
def common_words(v: Values, g: int, h: int) -> tuple[int, int]:
    """Words that two values share, each used once, and words that match as an initial."""
    a0, b0 = v.info[g, WORD], v.info[h, WORD]
    n_a, n_b = v.info[g, WORDS], v.info[h, WORDS]
    used = _ZERO
    matched = _ZERO
    equal = 0
    for i in range(n_a):
        for j in range(n_b):
            bit = _ONE << np.uint64(j)
            if v.words[a0 + i] == v.words[b0 + j] and (used & bit) == _ZERO:
                used |= bit
                matched |= _ONE << np.uint64(i)
                equal += 1
                break
    initials = 0
    single = False
    for i in range(n_a):
        single |= (v.words[a0 + i] & 255) == 1
    for j in range(n_b):
        single |= (v.words[b0 + j] & 255) == 1
    if not single:
        return equal, initials
    for i in range(n_a):
        if (matched >> np.uint64(i)) & _ONE:
            continue
        x = v.words[a0 + i]
        for j in range(n_b):
            bit = _ONE << np.uint64(j)
            if (used & bit) != _ZERO:
                continue
            y = v.words[b0 + j]
            short = (x & 255) == 1 or (y & 255) == 1
            if short and (x >> 8 & 0xFFFF) == (y >> 8 & 0xFFFF):
                used |= bit
                initials += 1
                break
    return equal, initials


@njit
def name_level(v: Values, g: int, h: int, scratch: npt.NDArray[np.int64]) -> int:
    """Level of two different names: 0 to 4 of `levels.LEVELS[NAME]`."""
    if v.info[g, FOLD] == v.info[h, FOLD] or v.info[g, SORTED] == v.info[h, SORTED]:
        return 4
    n_a, n_b = int(v.info[g, LENGTH]), int(v.info[h, LENGTH])
    a, b = v.info[g, FIRST], v.info[h, FIRST]
    words_a = v.info[g, WORDS]
    words_b = v.info[h, WORDS]
    shorter = min(n_a, n_b)
    apart = popcount(np.uint64(v.info[g, LETTERS] ^ v.info[h, LETTERS]))
    # An edit changes at most two members of the bag of letters: an exact bound.
    limit = 2 if shorter >= 10 else 1
    if (
        shorter >= 3
        and apart <= 2 * limit
        and osa(v.units, a, n_a, b, n_b, limit, scratch) <= limit
    ):
        return 3
    equal, initials = 0, 0
    if words_a > 1 or words_b > 1 or n_a == 1 or n_b == 1:
        equal, initials = common_words(v, g, h)
    fewer = min(words_a, words_b)
    if fewer > 1 and equal + initials == fewer and equal > 0:
        return 3
    if words_a == 1 and words_b == 1:
        possible = jaro_winkler_bound(v, g, h) >= 0.75
        similar = jaro_winkler(v.units, a, n_a, b, n_b) if possible else 0.0
        if similar >= 0.92:
            return 3
        if similar >= 0.84:
            return 2
        return 1 if similar >= 0.75 or initials > 0 else 0
    if fewer == 0:  # a value of nothing but accents has no words to read
        return 0
    if fewer == 1:
        return 2 if equal == 1 else 1 if initials > 0 else 0
    ends = bool(
        v.words[v.info[g, WORD]] == v.words[v.info[h, WORD]]
        and v.words[v.info[g, WORD] + words_a - 1] == v.words[v.info[h, WORD] + words_b - 1]
    )
    if ends:
        return 2
    possible = jaro_winkler_bound(v, g, h) >= 0.92
    if possible and jaro_winkler(v.units, a, n_a, b, n_b) >= 0.92:
        return 2
    return 1 if equal > 0 else 0


@njit
def date_level(x: int, y: int) -> int:
    """Level of two different dates given as yyyymmdd, unknown parts 0."""
    year_x, month_x, day_x = x // 10000, x // 100 % 100, x % 100
    year_y, month_y, day_y = y // 10000, y // 100 % 100, y % 100
    if month_x == 0 or month_y == 0 or day_x == 0 or day_y == 0:
        if year_x != year_y:
            return 0
        if month_x == 0 or month_y == 0 or month_x == month_y:
            return 3
        return 1
    if year_x == year_y and month_x == day_y and day_x == month_y:
        return 4
    wrong = 0
    p, q = x, y
    last = -2
    swapped = False
    for k in range(8):
        if p % 10 != q % 10:
            wrong += 1
            if wrong == 2 and k == last + 1:
                ten = 10**last
                swapped = (x // ten % 10 == y // (ten * 10) % 10) and (
                    x // (ten * 10) % 10 == y // ten % 10
                )
            last = k
        p //= 10
        q //= 10
    if wrong == 1 or (wrong == 2 and swapped):
        return 4
    parts = (
        (1 if year_x == year_y else 0)
        + (1 if month_x == month_y else 0)
        + (1 if day_x == day_y else 0)
    )
    if parts == 2:
        return 2
    return 1 if year_x == year_y else 0


@njit
def identifier_level(v: Values, g: int, h: int, scratch: npt.NDArray[np.int64]) -> int:
    """Level of two different identifiers: 0 to 2."""
    n_a, n_b = int(v.info[g, LENGTH]), int(v.info[h, LENGTH])
    a, b = v.info[g, FIRST], v.info[h, FIRST]
    if n_a > n_b:
        a, b, n_a, n_b = b, a, n_b, n_a
    if n_a >= 4 and n_b - n_a <= 3:
        lost = n_b - n_a
        zeros = lost > 0
        for k in range(lost):
            if v.units[b + k] != 48:
                zeros = False
        if zeros:
            for k in range(n_a):
                if v.units[a + k] != v.units[b + lost + k]:
                    zeros = False
                    break
        if zeros:
            return 2
    limit = 2 if n_a >= 7 else 1
    # Two texts of three digits that differ in one are simply two numbers.
    if n_a < 4 or popcount(np.uint64(v.info[g, LETTERS] ^ v.info[h, LETTERS])) > 2 * limit:
        return 0
    distance = osa(v.units, a, n_a, b, n_b, limit, scratch)
    if distance <= 1:
        return 2
    return 1 if distance <= limit else 0


@njit
def text_level(v: Values, g: int, h: int, scratch: npt.NDArray[np.int64]) -> int:
    """Level of two different texts: 0 to 4, 4 where only accents, order or blanks differ."""
    if v.info[g, FOLD] == v.info[h, FOLD] or v.info[g, SORTED] == v.info[h, SORTED]:
        return 4
    n_a, n_b = int(v.info[g, LENGTH]), int(v.info[h, LENGTH])
    a, b = v.info[g, FIRST], v.info[h, FIRST]
    words_a = v.info[g, WORDS]
    words_b = v.info[h, WORDS]
    equal = 0
    used = _ZERO
    for i in range(words_a):
        for j in range(words_b):
            bit = _ONE << np.uint64(j)
            same = v.words[v.info[g, WORD] + i] == v.words[v.info[h, WORD] + j]
            if same and (used & bit) == _ZERO:
                used |= bit
                equal += 1
                break
    dice = 2.0 * equal / (words_a + words_b)
    apart = popcount(np.uint64(v.info[g, LETTERS] ^ v.info[h, LETTERS]))
    shorter = min(n_a, n_b)
    limit = 2 if shorter >= 8 else 1
    if dice >= 0.75:
        return 3
    near = shorter >= 4 and apart <= 2 * limit
    if near and osa(v.units, a, n_a, b, n_b, limit, scratch) <= limit:
        return 3
    if dice >= 0.5:
        return 2
    bound = jaro_winkler_bound(v, g, h)
    if bound < 0.8 or (dice >= 0.25 and bound < 0.9):
        return 1 if dice >= 0.25 else 0
    similar = jaro_winkler(v.units, a, n_a, b, n_b)
    if similar >= 0.9:
        return 2
    return 1 if dice >= 0.25 or similar >= 0.8 else 0


@njit
def unequal_level(v: Values, f: int, g: int, h: int, scratch: npt.NDArray[np.int64]) -> int:
    """Comparison level of two different values `g` and `h` of field `f`."""
    form = v.form[f]
    if form == NAME:
        return name_level(v, g, h, scratch)
    if form == DATE:
        return date_level(v.info[g, NUMBERED], v.info[h, NUMBERED])
    if form == IDENTIFIER:
        return identifier_level(v, g, h, scratch)
    if form == TEXT:
        return text_level(v, g, h, scratch)
    return 1 if abs(v.info[g, NUMBERED] - v.info[h, NUMBERED]) == 1 else 0
