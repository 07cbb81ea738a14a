"""Marks: what of a value stands in the row itself, so that most pairs need nothing else.

Marks are six int32 of a name or long text, four of a text, three of an identifier, one of a date or
number, none of a category:

name, text, long text
    first : letters 0-19 (a bit for each of 20 classes of letters that occur), class of the first
        letter 20-24, units 25-30, bit 31 where marks cannot tell enough: no words, more words
        than fit, more than 62 units, (names) an initial, a word twice or lost letters, or a place
        that is too far
    then : the word codes, 16 bits each, four, six (names) or eight (long texts), 0 where there are
        fewer; one code for all rare words and for any that came before in the value
    then : the first unit of the value, as in `info`
    last (names) : 16 bits of what it is without tones, above 16 bits of its sound
date : its eight digits, four bits each
number : its lowest 32 bits
identifier
    first : bag of digits, a bit for each of the first three of ten classes, 0-29, bit 31 as above
    second, third : units and, above 8 bits, the kind; and the first of the units
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import njit
from mpi.encode._kernels import MOST_WORDS, SEED, mix_unit
from mpi.encode._kernels_values import (
    DATE,
    FIRST,
    FOLD,
    IDENTIFIER,
    LENGTH,
    LONG,
    NAME,
    NUMBER,
    NUMBERED,
    TEXT,
    WORD,
    WORDS,
)

CLASSES = 20
LENGTH_AT = 25
MOST_UNITS = 62
RARE = 0xFFFF
# Which of the marks is the first unit, by form.
PLACE = np.array([4, 0, 2, 3, 0, 0, 5])
_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_ODD = np.uint64(1 << 31)
_FAR = (1 << 31) - 1
_HALF = np.uint64(0xFFFFFFFF)
_LANE = np.uint64(0xFFFF)
# Letters that are rare share a class with one of similar sound, so that most bags stay apart.
_LETTERS = "ABCDEGHIKLMNOPRSTUVY"
_CLASS_OF = np.arange(128, dtype=np.int64) % CLASSES
for _letter, _like in zip(_LETTERS + "FJQWXZ", _LETTERS + "PGKVSD", strict=True):
    _CLASS_OF[ord(_letter)] = _LETTERS.index(_like)


@njit
def class_of(unit: int) -> int:
    """One of 20 classes of a folded letter or digit."""
    return int(_CLASS_OF[unit]) if unit < 128 else unit % CLASSES


@njit
def mark_text(
    units: npt.NDArray[np.uint16],
    words: npt.NDArray[np.int64],
    codes: npt.NDArray[np.int64],
    room: int,
    is_name: bool,
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Marks of one name or text: the first, and its first and last four word codes.

    units, words : the value's own
    codes : int64[n_words of all values], 1 to RARE by word number
    room : words that fit, 4 to 8
    """
    n = len(words)
    if len(units) > MOST_UNITS or n == 0 or n > room:
        return _ODD, _ZERO, _ZERO
    first = np.uint64(len(units)) << np.uint64(LENGTH_AT)
    first |= np.uint64(class_of(int(units[0]))) << np.uint64(CLASSES)
    for k in range(len(units)):
        first |= _ONE << np.uint64(class_of(int(units[k])))
    odd = False
    low, high = _ZERO, _ZERO
    for k in range(n):
        code = codes[words[k] >> 24]
        odd |= is_name and (words[k] & 127) == 1
        for j in range(k):
            if words[j] >> 24 == words[k] >> 24:
                # Of a text, a word that comes again is another one, which only its like may equal.
                odd |= is_name
                code = RARE
        if k < 4:
            low |= np.uint64(code) << np.uint64(16 * k)
        else:
            high |= np.uint64(code) << np.uint64(16 * k - 64)
    return (first | _ODD if odd else first), low, high


@njit
def number_names(
    info: npt.NDArray[np.int64],
    words: npt.NDArray[np.int64],
    toneless: npt.NDArray[np.int64],
    sounds: npt.NDArray[np.int64],
) -> None:
    """Write NUMBERED of names: what each is without tones above, what it sounds like below.

    words : int64[n], number of each word as it is spelt; of more than MOST_WORDS the rest is folded
    toneless, sounds : int64 by number of a spelling, what it is without tones, -1 where letters
        were lost, and what it sounds like
    """
    for g in range(len(info)):
        without, spoken = SEED, SEED
        if info[g, WORDS] == MOST_WORDS:
            without = spoken = SEED ^ np.uint64(info[g, FOLD])
        lost = False
        begin = info[g, WORD]
        for k in range(begin, begin + info[g, WORDS]):
            word = words[k]
            lost |= toneless[word] < 0
            without = mix_unit(without, np.uint64(toneless[word]))
            spoken = mix_unit(spoken, np.uint64(sounds[word]))
        whole = _ZERO if lost else (without | _ONE) << np.uint64(32)
        info[g, NUMBERED] = np.int64(whole | spoken & _HALF)


@njit
def mark_values(
    form: int,
    info: npt.NDArray[np.int64],
    units: npt.NDArray[np.uint16],
    words: npt.NDArray[np.int64],
    codes: npt.NDArray[np.int64],
    marks: npt.NDArray[np.uint32],
) -> None:
    """Marks of every value of a field into `marks`, uint32[n_values, 0 to 6]."""
    for g in range(len(info)):
        a, n = info[g, FIRST], info[g, LENGTH]
        far = _ODD if a > _FAR else _ZERO
        if form in (NAME, TEXT, LONG):
            w = info[g, WORD]
            own = words[w : w + info[g, WORDS]]
            room = 6 if form == NAME else 8 if form == LONG else 4
            first, low, high = mark_text(units[a : a + n], own, codes, room, form == NAME)
            known = np.uint64(info[g, NUMBERED])
            lost = _ODD if form == NAME and known >> np.uint64(32) == _ZERO else _ZERO
            marks[g, 0] = first | far | lost
            marks[g, 1] = low & _HALF
            marks[g, 2] = low >> np.uint64(32)
            if form != TEXT:
                marks[g, 3] = high & _HALF
            if form == LONG:
                marks[g, 4] = high >> np.uint64(32)
            if form == NAME:
                marks[g, 5] = known >> np.uint64(32) & _LANE | (known & _LANE) << np.uint64(16)
            marks[g, PLACE[form]] = min(a, _FAR)
        elif form == DATE:
            rest = info[g, NUMBERED]
            digits = 0
            for k in range(8):
                digits |= (rest % 10) << (4 * k)
                rest //= 10
            marks[g, 0] = digits
        elif form == NUMBER:
            marks[g, 0] = info[g, NUMBERED] & 0xFFFFFFFF
        elif form == IDENTIFIER:
            bag = 0
            for k in range(n):
                place = int(units[a + k]) % 10 * 3
                if not bag >> place & 1:
                    bag |= 1 << place
                elif not bag >> place & 2:
                    bag |= 2 << place
                else:
                    bag |= 4 << place
            marks[g, 0] = np.uint64(bag) | far
            marks[g, 1] = n | info[g, NUMBERED] << 8
            marks[g, PLACE[form]] = min(a, _FAR)


@njit
def fill_codes(
    rows: npt.NDArray[np.int32],
    f: int,
    base: int,
    codes: npt.NDArray[np.int32],
    records: npt.NDArray[np.int64],
) -> None:
    """Write each row's value of field `f` into its column: the code of its record among the values
    of all fields, -1 where missing."""
    for i in range(len(rows)):
        code = codes[records[i]]
        rows[i, f] = code + base if code >= 0 else -1


@njit
def fill_marks(
    rows: npt.NDArray[np.int32], f: int, at: int, base: int, marks: npt.NDArray[np.uint32]
) -> None:
    """Write the marks of each row's value of field `f` into its columns from `at` on; a missing
    value's are left."""
    for i in range(len(rows)):
        g = rows[i, f]
        if g >= 0:
            for k in range(marks.shape[1]):
                rows[i, at + k] = np.int32(marks[g - base, k])
