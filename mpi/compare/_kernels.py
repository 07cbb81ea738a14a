"""Comparing two values, and two records, without leaving the kernel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import inner, njit
from mpi.compare._kernels_match import load_units, match_units
from mpi.compare._kernels_text import jaro_winkler, osa, popcount
from mpi.encode._kernels_values import (
    FIRST,
    FOLD,
    IDENTIFIER,
    LENGTH,
    LETTERS,
    LONG,
    NAME,
    NUMBERED,
    SORTED,
    TEXT,
    USUAL,
    WORD,
    WORDS,
    Texts,
)
from mpi.encode.levels import (
    ACCENTS,
    ANOTHER_ORDER,
    ANOTHER_WORD,
    ENDS,
    IN_COMMON,
    SIMILAR,
    SLIP,
    SOUNDS,
    TONES,
    WORD_MISSING,
)

# Long texts are alike by their words alone: of unlike ones the letters are the same few dozen.
FEW_WORDS = 3
# As many lanes as a value has words, at the most.
_SIXTEEN = np.uint16(0)
_LOST = np.uint16(ord("?"))
_ONE = np.uint64(1)
_ZERO = np.uint64(0)


@njit
def jaro_winkler_bound(t: Texts, g: int, h: int) -> float:
    """An upper bound of Jaro-Winkler similarity of two values, from lengths and bags of letters.

    A letter that the other value lacks cannot match, so m <= length - letters of its own.
    """
    n_a, n_b = int(t.info[g, LENGTH]), int(t.info[h, LENGTH])
    if n_a == 0 or n_b == 0:
        return 1.0
    own_a = popcount(np.uint64(t.info[g, LETTERS] & ~t.info[h, LETTERS]))
    own_b = popcount(np.uint64(t.info[h, LETTERS] & ~t.info[g, LETTERS]))
    m = float(min(n_a - own_a, n_b - own_b))
    if m <= 0.0:
        return 0.0
    bound = (m / n_a + m / n_b + 1.0) / 3.0
    a, b = t.info[g, FIRST], t.info[h, FIRST]
    prefix = 0
    limit = min(4, n_a, n_b)
    while prefix < limit and t.units[a + prefix] == t.units[b + prefix]:
        prefix += 1
    return bound + prefix * 0.1 * (1.0 - bound)


@njit
def common_words(t: Texts, g: int, h: int) -> tuple[int, int]:
    """Words that two values share, each used once, and words that match as an initial."""
    a0, b0 = t.info[g, WORD], t.info[h, WORD]
    n_a, n_b = t.info[g, WORDS], t.info[h, WORDS]
    used = _ZERO
    matched = _ZERO
    equal = 0
    for i in range(n_a):
        for j in range(n_b):
            bit = _ONE << np.uint64(j)
            if t.words[a0 + i] == t.words[b0 + j] and (used & bit) == _ZERO:
                used |= bit
                matched |= _ONE << np.uint64(i)
                equal += 1
                break
    initials = 0
    single = False
    for i in range(n_a):
        single |= (t.words[a0 + i] & 127) == 1
    for j in range(n_b):
        single |= (t.words[b0 + j] & 127) == 1
    if not single:
        return equal, initials
    for i in range(n_a):
        if (matched >> np.uint64(i)) & _ONE:
            continue
        x = t.words[a0 + i]
        for j in range(n_b):
            bit = _ONE << np.uint64(j)
            if (used & bit) != _ZERO:
                continue
            y = t.words[b0 + j]
            short = (x & 127) == 1 or (y & 127) == 1
            if short and (x >> 8 & 0xFFFF) == (y >> 8 & 0xFFFF):
                used |= bit
                initials += 1
                break
    return equal, initials


@inner
def same_but_lost(t: Texts, g: int, h: int) -> bool:
    """Whether two names of one length agree in all letters that neither lost, and lost few."""
    n = t.info[g, LENGTH]
    if n != t.info[h, LENGTH]:
        return False
    a, b = t.info[g, FIRST], t.info[h, FIRST]
    known = 0
    for k in range(n):
        x, y = t.units[a + k], t.units[b + k]
        lost = x == _LOST or y == _LOST
        if x != y and not lost:
            return False
        known += int(not lost)
    return bool(2 * known > n)


@njit
def another_name(t: Texts, g: int, h: int) -> bool:
    """Whether two names differ in one word, and it is a usual name in either: two names that are a
    letter apart, as those of brothers and sisters often are, and no slip."""
    n = t.info[g, WORDS]
    if n != t.info[h, WORDS]:
        return False
    a, b = t.info[g, WORD], t.info[h, WORD]
    apart = -1
    for k in range(n):
        if t.words[a + k] != t.words[b + k]:
            if apart >= 0:
                return False
            apart = k
    return apart >= 0 and bool(t.words[a + apart] & t.words[b + apart] & USUAL)


@njit
def name_level(t: Texts, g: int, h: int) -> int:
    """Level of two different names: 0 to 10 of `levels.LEVELS[NAME]`."""
    toneless = t.info[g, NUMBERED] >> 32
    if toneless == t.info[h, NUMBERED] >> 32 and toneless != 0:
        return TONES
    if t.info[g, FOLD] == t.info[h, FOLD]:
        return ACCENTS
    if t.info[g, SORTED] == t.info[h, SORTED]:
        return ANOTHER_ORDER
    lost = toneless == 0 or t.info[h, NUMBERED] >> 32 == 0
    if lost and same_but_lost(t, g, h):
        return ACCENTS
    n_a, n_b = int(t.info[g, LENGTH]), int(t.info[h, LENGTH])
    a, b = t.info[g, FIRST], t.info[h, FIRST]
    words_a = t.info[g, WORDS]
    words_b = t.info[h, WORDS]
    fewer = min(words_a, words_b)
    equal, initials = 0, 0
    if words_a > 1 or words_b > 1 or n_a == 1 or n_b == 1:
        equal, initials = common_words(t, g, h)
    if fewer > 1 and equal + initials == fewer and equal > 0:
        return WORD_MISSING
    if fewer > 0 and (t.info[g, NUMBERED] ^ t.info[h, NUMBERED]) & 0xFFFFFFFF == 0:
        return SOUNDS
    shorter = min(n_a, n_b)
    apart = popcount(np.uint64(t.info[g, LETTERS] ^ t.info[h, LETTERS]))
    # An edit changes at most two members of the bag of letters: an exact bound.
    limit = 2 if shorter >= 10 else 1
    if shorter >= 3 and apart <= 2 * limit and osa(t.units, a, n_a, b, n_b, limit) <= limit:
        return ANOTHER_WORD if another_name(t, g, h) else SLIP
    if words_a == 1 and words_b == 1:
        possible = jaro_winkler_bound(t, g, h) >= 0.75
        similar = jaro_winkler(t.units, a, n_a, b, n_b) if possible else 0.0
        if similar >= 0.92:
            return ANOTHER_WORD if another_name(t, g, h) else SLIP
        if similar >= 0.84:
            return SIMILAR
        return IN_COMMON if similar >= 0.75 or initials > 0 else 0
    if fewer == 0:  # a value of nothing but accents has no words to read
        return 0
    if fewer == 1:
        return SIMILAR if equal == 1 else IN_COMMON if initials > 0 else 0
    ends = bool(
        t.words[t.info[g, WORD]] == t.words[t.info[h, WORD]]
        and t.words[t.info[g, WORD] + words_a - 1] == t.words[t.info[h, WORD] + words_b - 1]
    )
    if ends:
        return ENDS
    # Of two words, the one in common is a family name and no more.
    if words_a == words_b and equal == fewer - 1 and equal > 1:
        return ANOTHER_WORD
    possible = jaro_winkler_bound(t, g, h) >= 0.92
    if possible and jaro_winkler(t.units, a, n_a, b, n_b) >= 0.92:
        return SIMILAR
    return IN_COMMON if equal > 0 else 0


@njit
def identifier_level(units: npt.NDArray[np.uint16], a: int, n_a: int, b: int, n_b: int) -> int:
    """Level of two different identifiers, given by their text: 0 to 2."""
    if n_a > n_b:
        a, b, n_a, n_b = b, a, n_b, n_a
    lost = n_b - n_a
    # Two texts of three digits that differ in one are simply two numbers.
    if n_a < 4:
        return 0
    if 0 < lost <= 3:
        zeros = True
        for k in range(lost):
            zeros &= units[b + k] == 48
        if zeros and osa(units, a, n_a, b + lost, n_a, 1) == 0:
            return 2
    limit = 2 if n_a >= 7 else 1
    distance = osa(units, a, n_a, b, n_b, limit)
    if distance <= 1:
        return 2
    return 1 if distance <= limit else 0


@njit
def level_of_kinds(level: int, kind: int, other: int) -> int:
    """Level of two different identifiers, given that of their text: two numbers of two kinds are
    no disagreement, but say nothing."""
    return -1 if level == 0 and kind != other and kind > 0 and other > 0 else level


@njit
def text_level(t: Texts, g: int, h: int) -> int:
    """Level of two different texts: 0 to 4, 4 where only accents, order or blanks differ."""
    if t.info[g, FOLD] == t.info[h, FOLD] or t.info[g, SORTED] == t.info[h, SORTED]:
        return 4
    n_a, n_b = int(t.info[g, LENGTH]), int(t.info[h, LENGTH])
    a, b = t.info[g, FIRST], t.info[h, FIRST]
    words_a = t.info[g, WORDS]
    words_b = t.info[h, WORDS]
    equal = 0
    free = (_ONE << np.uint64(words_b)) - _ONE
    others = load_units(t.words, np.int64(t.info[h, WORD]), _SIXTEEN)
    for i in range(words_a):
        word = np.uint64(t.words[t.info[g, WORD] + i])
        found = np.uint64(match_units(others, word)) & free
        if found != _ZERO:
            equal += 1
            free &= ~(found & (~found + _ONE))
    dice = 2.0 * equal / (words_a + words_b)
    apart = popcount(np.uint64(t.info[g, LETTERS] ^ t.info[h, LETTERS]))
    shorter = min(n_a, n_b)
    limit = 2 if shorter >= 8 else 1
    if dice >= 0.75:
        return 3
    near = shorter >= 4 and apart <= 2 * limit
    if near and osa(t.units, a, n_a, b, n_b, limit) <= limit:
        return 3
    if dice >= 0.5:
        return 2
    if min(words_a, words_b) > FEW_WORDS:
        return 1 if dice >= 0.25 else 0
    bound = jaro_winkler_bound(t, g, h)
    if bound < 0.8 or (dice >= 0.25 and bound < 0.9):
        return 1 if dice >= 0.25 else 0
    similar = jaro_winkler(t.units, a, n_a, b, n_b)
    if similar >= 0.9:
        return 2
    return 1 if dice >= 0.25 or similar >= 0.8 else 0


@njit
def unequal_level(t: Texts, form: int, g: int, h: int) -> int:
    """Comparison level of two different values `g` and `h` that marks do not tell."""
    if form == NAME:
        return name_level(t, g, h)
    if form == IDENTIFIER:
        a, n_a = t.info[g, FIRST], t.info[g, LENGTH]
        level = identifier_level(t.units, a, n_a, t.info[h, FIRST], t.info[h, LENGTH])
        return level_of_kinds(level, t.info[g, NUMBERED], t.info[h, NUMBERED])
    if form in (TEXT, LONG):
        return text_level(t, g, h)
    return 1 if abs(t.info[g, NUMBERED] - t.info[h, NUMBERED]) == 1 else 0
