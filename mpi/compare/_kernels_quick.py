"""Levels of two different values from the marks in their rows, where those can tell.

Marks settle most pairs without a look at the values themselves. Each answer is the level that the
values would give; or that level if their texts are not near or similar, and what is to be asked of
the texts; or ASK where the values have to be compared in every way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import inlined, njit
from mpi.compare._kernels import (
    FEW_WORDS,
    another_name,
    identifier_level,
    level_of_kinds,
    unequal_level,
)
from mpi.compare._kernels_text import jaro_winkler, osa, popcount
from mpi.encode._kernels_marks import CLASSES, LENGTH_AT, PLACE
from mpi.encode._kernels_values import CATEGORY, DATE, IDENTIFIER, LONG, NAME, NUMBER, Texts
from mpi.encode.levels import (
    ACCENTS,
    ANOTHER_WORD,
    ENDS,
    IN_COMMON,
    SLIP,
    WORD_MISSING,
)
from mpi.encode.levels import SIMILAR as ONE_SIMILAR

ASK = 15
# A level that stands unless the texts of the values are near or similar: 16, 32 and, for names of
# one word, 64 are added to it.
NEAR, SIMILAR, SINGLE = 16, 32, 64
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_LANE = np.uint64(0xFFFF)
_LANES = np.uint64(0x0001000100010001)
_TOPS = np.uint64(0x8000800080008000)
_LETTERS = np.uint64((1 << CLASSES) - 1)
_LENGTH = np.uint64(LENGTH_AT)
_UNITS = np.uint64(63)
_INITIAL = np.uint64(31 << CLASSES)
# A bound is compared with this much to spare, as it is reached by other roundings.
_SPARE = 1e-6


@inlined
def signed(bits: Any) -> int:
    """Few bits as a number with a sign: unsigned and signed ones do not mix."""
    return np.int64(bits)  # type: ignore[return-value]


@njit
def similar_possible(m: int, n_a: int, n_b: int, alike: bool, least: float) -> bool:
    """Whether Jaro-Winkler can reach `least` with `m` matches and no transposition.

    j = (m / n_a + m / n_b + 1) / 3, which a prefix of four turns into j + 0.4 (1 - j).

    alike : whether the first letters may be equal; else there is no prefix
    """
    jaro = (least - 0.4) / 0.6 if alike else least
    return m > 0 and m * (n_a + n_b) >= (3.0 * jaro - 1.0 - _SPARE) * n_a * n_b


@njit
def n_packed(words: np.uint64) -> int:
    """How many word codes are packed: 0 to 4."""
    return (
        int(words != _ZERO)
        + int(words > _LANE)
        + int(words >> np.uint64(32) != _ZERO)
        + int(words >> np.uint64(48) != _ZERO)
    )


@njit
def shared_packed(a: np.uint64, b: np.uint64) -> int:
    """How many of at most four packed word codes, no two alike, stand in `b` too."""
    shared = 0
    for lane in range(4):
        word = a >> np.uint64(16 * lane) & _LANE
        # A lane of 16 bits is 0 where b holds the word; only such a lane borrows below its top.
        apart = b ^ (word * _LANES)
        found = (apart - _LANES) & ~apart & _TOPS != _ZERO
        shared += int(found and word != _ZERO)
    return shared


@njit
def has_rare(words: np.uint64) -> bool:
    """Whether one of four packed word codes is that of all rare words."""
    apart = ~words
    return bool((apart - _LANES) & ~apart & _TOPS != _ZERO)


@njit
def near_by_bag(x: np.uint64, y: np.uint64, long: int) -> tuple[bool, int, int, int, bool]:
    """What the first marks of two names or texts tell.

    long : units from which two slips are allowed

    Returns
    -------
    near : whether their edit distance may be within the slips allowed
    m, n_a, n_b : upper bound of the matches of Jaro, and the units of each
    alike : whether their first letters may be equal
    """
    n_a, n_b = signed(x >> _LENGTH & _UNITS), signed(y >> _LENGTH & _UNITS)
    own_a = popcount(x & ~y & _LETTERS)
    own_b = popcount(y & ~x & _LETTERS)
    # An edit changes two members of the bag at most.
    limit = 2 if min(n_a, n_b) >= long else 1
    near = own_a + own_b <= 2 * limit and abs(n_a - n_b) <= limit
    return near, min(n_a - own_a, n_b - own_b), n_a, n_b, x & _INITIAL == y & _INITIAL


@njit
def quick_name(
    x: np.uint64,
    a: np.uint64,
    more_a: np.uint64,
    known_a: np.uint64,
    y: np.uint64,
    b: np.uint64,
    more_b: np.uint64,
    known_b: np.uint64,
) -> int:
    """Level of two different names, with what is open about it, or ASK.

    x, y : their first marks, a, b, more_a, more_b : their word codes, known_a, known_b : their last
    marks
    """
    rare = (has_rare(a) or has_rare(more_a)) and (has_rare(b) or has_rare(more_b))
    differ = known_a ^ known_b
    alike = differ & _LANE == _ZERO or differ >> np.uint64(16) == _ZERO
    if (x | y) >> np.uint64(31) != _ZERO or rare or alike:
        return ASK
    words_a, words_b = n_packed(a), n_packed(b)
    shared = shared_packed(a, b)
    last_a = a >> np.uint64(16 * (words_a - 1))
    last_b = b >> np.uint64(16 * (words_b - 1))
    if more_a | more_b != _ZERO:
        extra_a, extra_b = n_packed(more_a), n_packed(more_b)
        shared += shared_packed(a, more_b) + shared_packed(more_a, b)
        shared += shared_packed(more_a, more_b)
        words_a += extra_a
        words_b += extra_b
        if extra_a > 0:
            last_a = more_a >> np.uint64(16 * (extra_a - 1))
        if extra_b > 0:
            last_b = more_b >> np.uint64(16 * (extra_b - 1))
    if shared == words_a and shared == words_b:
        # In another order they may yet be the same but for blanks.
        return ACCENTS if a == b and more_a == more_b else ASK
    fewer = min(words_a, words_b)
    if shared == fewer and fewer > 1:
        return WORD_MISSING
    near, m, n_a, n_b, begin = near_by_bag(x, y, 10)
    asked = NEAR if near else 0
    if fewer == 1:
        if words_a == words_b:
            possible = similar_possible(m, n_a, n_b, begin, 0.75)
            return asked | (SIMILAR | SINGLE if possible else 0)
        return asked | (ONE_SIMILAR if shared == 1 else 0)
    if shared > 1 and a & _LANE == b & _LANE and last_a == last_b:
        return asked | ENDS
    if words_a == words_b and shared == fewer - 1 and shared > 1:
        return asked | ANOTHER_WORD
    possible = similar_possible(m, n_a, n_b, begin, 0.92)
    return asked | (SIMILAR if possible else 0) | (IN_COMMON if shared > 0 else 0)


@njit
def quick_text(
    x: np.uint64,
    a: np.uint64,
    more_a: np.uint64,
    y: np.uint64,
    b: np.uint64,
    more_b: np.uint64,
) -> int:
    """Level of two different texts, with what is open about it, or ASK.

    x, y : their first marks, a, b, more_a, more_b : their word codes
    """
    rare = (has_rare(a) or has_rare(more_a)) and (has_rare(b) or has_rare(more_b))
    if (x | y) >> np.uint64(31) != _ZERO or rare:
        return ASK
    words_a, words_b = n_packed(a), n_packed(b)
    shared = shared_packed(a, b)
    if more_a | more_b != _ZERO:
        words_a += n_packed(more_a)
        words_b += n_packed(more_b)
        shared += shared_packed(a, more_b) + shared_packed(more_a, b)
        shared += shared_packed(more_a, more_b)
    if shared == words_a and shared == words_b:
        return 4
    near, m, n_a, n_b, alike = near_by_bag(x, y, 8)
    asked = NEAR if near else 0
    # Dice's coefficient of the words: 2 * shared / both.
    both = words_a + words_b
    if 8 * shared >= 3 * both:
        return asked | 3
    if 4 * shared >= both:
        return asked | 2
    some = 8 * shared >= both
    few = min(words_a, words_b) <= FEW_WORDS
    possible = few and similar_possible(m, n_a, n_b, alike, 0.9 if some else 0.8)
    return asked | (SIMILAR if possible else 0) | (1 if some else 0)


@njit
def text_outcome(
    units: npt.NDArray[np.uint16],
    a: int,
    n_a: int,
    b: int,
    n_b: int,
    asked: int,
    is_name: bool,
) -> int:
    """Level of two names or texts of which marks left open whether they are near or similar."""
    level = asked & 15
    shorter = min(n_a, n_b)
    if asked & NEAR:
        limit = 2 if shorter >= (10 if is_name else 8) else 1
        distance = osa(units, a, n_a, b, n_b, limit)
        if distance == 0:
            return ACCENTS if is_name else 4
        if distance <= limit and shorter >= (3 if is_name else 4):
            return SLIP if is_name else 3
    if asked & SIMILAR:
        similar = jaro_winkler(units, a, n_a, b, n_b)
        if asked & SINGLE:
            if similar >= 0.84:
                return SLIP if similar >= 0.92 else ONE_SIMILAR
            return 1 if similar >= 0.75 else level
        if similar >= (0.92 if is_name else 0.9):
            return 2
        if not is_name and similar >= 0.8:
            return 1
    return level


@njit
def open_level(
    t: Texts,
    rows: npt.NDArray[np.int32],
    form: npt.NDArray[np.int8],
    mark: npt.NDArray[np.int16],
    i: int,
    j: int,
    f: int,
    asked: int,
) -> int:
    """Level of field `f` of rows `i` and `j`, which `quick_level` left open."""
    at = mark[f]
    if asked == ASK:
        return unequal_level(t, form[f], rows[i, f], rows[j, f])
    place = at + PLACE[form[f]]
    one, two = rows[i, place], rows[j, place]
    if form[f] == IDENTIFIER:
        n_a, n_b = rows[i, at + 1] & 255, rows[j, at + 1] & 255
        level = identifier_level(t.units, one, n_a, two, n_b)
        return level_of_kinds(level, rows[i, at + 1] >> 8, rows[j, at + 1] >> 8)
    n_a = signed(unsigned(rows[i, at]) >> _LENGTH & _UNITS)
    n_b = signed(unsigned(rows[j, at]) >> _LENGTH & _UNITS)
    level = text_outcome(t.units, one, n_a, two, n_b, asked, form[f] == NAME)
    # A slip may make another name of it, which only the words tell.
    if form[f] == NAME and level == SLIP and another_name(t, rows[i, f], rows[j, f]):
        level = ANOTHER_WORD
    return level


@njit
def quick_identifier(x: np.uint64, kind: int, y: np.uint64, other: int) -> int:
    """Level of two different identifiers, NEAR where their texts must be looked at, or ASK.

    Two edits change four of a bag at most, zeros lost three.

    x, y : their first marks, kind, other : their kinds
    """
    if (x | y) >> np.uint64(31) != _ZERO:
        return ASK
    return level_of_kinds(0, kind, other) if popcount(x ^ y) > 4 else NEAR


@njit
def date_level(x: np.uint64, y: np.uint64) -> int:
    """Level of two different dates given by their digits, four bits each, unknown parts 0."""
    differ = x ^ y
    month = np.uint64(0xFF00)
    day = np.uint64(0xFF)
    year_equal = differ >> np.uint64(16) == _ZERO
    month_equal = differ & month == _ZERO
    if x & month == _ZERO or y & month == _ZERO or x & day == _ZERO or y & day == _ZERO:
        if not year_equal:
            return 0
        return 3 if month_equal or x & month == _ZERO or y & month == _ZERO else 1
    eight = np.uint64(8)
    if year_equal and (x & month) >> eight == y & day and (y & month) >> eight == x & day:
        return 4
    digits = differ | differ >> np.uint64(1)
    digits = (digits | digits >> np.uint64(2)) & np.uint64(0x11111111)
    if digits & (digits - _ONE) == _ZERO:
        return 4
    # Two neighbouring digits that stand in each other's place.
    low = digits & (~digits + _ONE)
    if digits == low * np.uint64(17):
        four = np.uint64(4)
        nibble = low * np.uint64(15)
        if (x >> four) & nibble == y & nibble and x & nibble == (y >> four) & nibble:
            return 4
    parts = int(year_equal) + int(month_equal) + int(differ & day == _ZERO)
    if parts == 2:
        return 2
    return 1 if year_equal else 0


@inlined
def unsigned(mark: Any) -> np.uint64:
    """A mark as 64 bits without a sign."""
    return np.uint64(mark) & np.uint64(0xFFFFFFFF)


@inlined
def packed(rows: npt.NDArray[np.int32], i: int, at: int) -> np.uint64:
    """Two marks of a row as one number."""
    return unsigned(rows[i, at]) | unsigned(rows[i, at + 1]) << np.uint64(32)


@inlined
def quick_level(
    rows: npt.NDArray[np.int32],
    form: npt.NDArray[np.int8],
    mark: npt.NDArray[np.int16],
    i: int,
    j: int,
    f: int,
) -> int:
    """Level of two different values of field `f` in rows `i` and `j`; from ASK on it is open."""
    kind = form[f]
    at = mark[f]
    x = unsigned(rows[i, at])
    y = unsigned(rows[j, at])
    level = 0
    if kind == IDENTIFIER:
        level = quick_identifier(x, rows[i, at + 1] >> 8, y, rows[j, at + 1] >> 8)
    elif kind == DATE:
        level = date_level(x, y)
    elif kind == NUMBER:
        level = ASK if x - y == _ONE or y - x == _ONE or x ^ y == np.uint64(0xFFFFFFFF) else 0
    elif kind != CATEGORY:
        a = packed(rows, i, at + 1)
        b = packed(rows, j, at + 1)
        more_a, more_b = _ZERO, _ZERO
        if kind == NAME:
            more_a, more_b = unsigned(rows[i, at + 3]), unsigned(rows[j, at + 3])
            known_a, known_b = unsigned(rows[i, at + 5]), unsigned(rows[j, at + 5])
            level = quick_name(x, a, more_a, known_a, y, b, more_b, known_b)
        else:
            if kind == LONG:
                more_a = packed(rows, i, at + 3)
                more_b = packed(rows, j, at + 3)
            level = quick_text(x, a, more_a, y, b, more_b)
    return level
