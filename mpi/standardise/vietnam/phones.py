"""Vietnamese phone numbers as they are dialled today, without the zero in front.

Mobile numbers of eleven digits became numbers of ten in September 2018, and most area codes
changed in 2017, so one subscriber has two numbers in old and new records. Both become the new one.
Some old landlines look like new mobile numbers (033 was the area of Quảng Ninh and is a mobile
prefix now): they are taken as mobile, unless the column shows that it was written before 2018.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.standardise.encode import Counts
from mpi.standardise.phones import SHORTEST, phone_one
from mpi.standardise.rules import Layout, Mask, Rule, Standardised, filled_where
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.codes import (
    LONGEST,
    LOST,
    PLUS,
    WHOLE,
    Codes,
    codes_of,
    put_together,
    take_apart,
)

Ints = npt.NDArray[np.int64]
Lengths = npt.NDArray[np.int8]

HOME = "84"
AFTER, BEFORE = "country 84", "country 84, before 2018"
MIGRATED = "mobile number of before 2018, written as it is today"
MOVED_AREA = "landline of before 2017, written as it is today"
UNKNOWN = "no number of the Vietnamese plan, kept"
SHORT = "too short for a phone number, taken as missing"
NO_DIGIT = "no digit, taken as missing"
_MOBILE = re.compile(r"3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9]")
_LETTERS = re.compile(r"(?<=[0-9])[OIL]+(?=[0-9 .])|^[OI](?=[0-9])", re.IGNORECASE)
_WHOLE = re.compile(r"\s*([0-9]{1,18})[.,]0+\s*")
_DIGIT = str.maketrans("OoIiLl", "001111")
_TEN_MILLION = 10**7
_POWERS = 10 ** np.arange(1, 19, dtype=np.int64)
_WITH_COUNTRY = 11
_ONLY_NEW = (32, 34, 35, 78)
_FEWEST, _RARE = 20, 50


@cache
def mobile_starts() -> npt.NDArray[np.bool_]:
    """bool[100], the first two digits of mobile numbers, after the zero."""
    return reference.marked([n for n in range(100) if _MOBILE.fullmatch(f"{n:02d}")], 100)


@cache
def new_starts() -> tuple[Ints, Ints, Ints]:
    """What the first digits became, 0 where nothing did: of old mobile numbers (three digits), of
    landlines with a code of one or two digits (two), with one of three (three)."""
    mobile, short, long = (np.zeros(size, np.int64) for size in (1000, 100, 1000))
    for row in reference.rows("mobile_prefixes"):
        mobile[int(row["before"])] = int(row["since_2018"])
    for row in reference.rows("landline_areas"):
        old, new = row["before"][1:], int(row["since_2017"])
        if len(old) == 1:  # Hà Nội, Hồ Chí Minh: the numbers have eight digits
            short[int(old) * 10 : int(old) * 10 + 10] = new
        elif len(old) == 2:
            short[int(old)] = new
        else:
            long[int(old)] = new
    return mobile, short, long


@cache
def areas() -> npt.NDArray[np.bool_]:
    """bool[1000], the first three digits of landlines today."""
    marks = np.zeros(1000, np.bool_)
    for row in reference.rows("landline_areas"):
        new = int(row["since_2017"])
        if new < 100:
            marks[new * 10 : new * 10 + 10] = True
        else:
            marks[new] = True
    return marks


def is_mobile(numbers: Ints) -> Mask:
    """bool[n], numbers that are mobile ones today, without the zero in front.

    Examples
    --------
    >>> is_mobile(np.array([912345678, 438254567, 12345678])).tolist()
    [True, False, False]
    """
    start = numbers // _TEN_MILLION
    return np.asarray(mobile_starts()[np.where((start >= 10) & (start < 100), start, 0)])


def digits_of(numbers: Ints) -> Lengths:
    """int8[n], how many decimal digits."""
    return (np.searchsorted(_POWERS, numbers, side="right") + 1).astype(np.int8)


def without_country(codes: Codes) -> tuple[Ints, Lengths]:
    """int64[n], int8[n]: digits without the country code and zeros in front, and how many."""
    numbers, read = codes.numbers.copy(), codes.lengths > 0
    lengths = digits_of(numbers)
    called = read & ((codes.heads == PLUS) | (codes.lengths - lengths >= 2))
    for _ in range(3):  # "84 84 912..." has been seen
        rows = np.flatnonzero(called | (read & (lengths >= _WITH_COUNTRY)))
        power = 10 ** np.maximum(lengths[rows].astype(np.int64) - 2, 0)
        coded = (numbers[rows] // power == int(HOME)) & (power > 1)
        if not coded.any():
            break
        rows = rows[coded]
        numbers[rows] %= power[coded]
        lengths[rows] = digits_of(numbers[rows])
        called = np.zeros(len(codes), np.bool_)
    return numbers, lengths


def moved_areas(numbers: Ints, before: bool) -> Ints:
    """int64[n], numbers of nine digits with the new area code, 0 where they are no old landlines.

    Examples
    --------
    >>> moved_areas(np.array([438254567, 331234567]), before=False).tolist()
    [2438254567, 0]
    >>> moved_areas(np.array([438254567, 331234567]), before=True).tolist()
    [2438254567, 2031234567]
    """
    _, short, _ = new_starts()
    start = numbers // _TEN_MILLION
    area, local = short[start], start % 10
    city = area < 100
    landline = (area > 0) & (~city | ((local >= 2) & (local <= 7)))
    if not before:
        landline &= ~is_mobile(numbers)
    unit = np.where(city, 10 * _TEN_MILLION, _TEN_MILLION)
    return np.where(landline, area * unit + numbers % unit, 0)


def is_service(numbers: Ints, lengths: Lengths) -> Mask:
    """bool[n], 1800 and 1900 with four or six digits more."""
    head = numbers // np.where(lengths == 10, 10**6, 10**4)
    return np.asarray(((lengths == 8) | (lengths == 10)) & ((head == 1800) | (head == 1900)))


def dialled(codes: Codes, *, before: bool = False) -> tuple[Codes, dict[str, Mask]]:
    """Numbers as they are dialled today, without the country code and the zero in front.

    Parameters
    ----------
    codes : digits as they were written
    before : the column was written before the changes of 2017 and 2018

    Returns
    -------
    codes, and what was done to which of them
    """
    n = len(codes)
    numbers, lengths = without_country(codes)
    read = codes.lengths > 0
    known, moved, migrated = (np.zeros(n, np.bool_) for _ in range(3))
    nine = np.flatnonzero(read & (lengths == 9))
    moved_to = moved_areas(numbers[nine], before)
    known[nine] = is_mobile(numbers[nine]) | (moved_to > 0)
    moved[nine] = moved_to > 0
    ten = np.flatnonzero(read & (lengths == 10))
    mobile, _, long = new_starts()
    start, rest = numbers[ten] // _TEN_MILLION, numbers[ten] % _TEN_MILLION
    known[ten] = (mobile[start] > 0) | (long[start] > 0) | areas()[start]
    known[ten] |= is_service(numbers[ten], lengths[ten])
    migrated[ten] = mobile[start] > 0
    moved[ten] = (long[start] > 0) & (long[start] != start)
    new = np.where(mobile[start] > 0, mobile[start], np.where(long[start] > 0, long[start], start))
    numbers[ten] = new * _TEN_MILLION + rest
    lengths[ten[mobile[start] > 0]] = 9
    numbers[nine[moved_to > 0]] = moved_to[moved_to > 0]
    lengths[nine[moved_to > 0]] = 10
    eight = np.flatnonzero(read & (lengths == 8))
    known[eight] = is_service(numbers[eight], lengths[eight])
    zero = read & (numbers == 0)
    brief = read & ~zero & (lengths < SHORTEST)
    lengths[brief | ~read] = 0
    done = {
        MIGRATED: migrated,
        MOVED_AREA: moved,
        UNKNOWN: read & ~known & ~zero & ~brief,
        SHORT: brief,
    }
    return Codes(np.zeros(n, np.int32), numbers, lengths), done


def read_phone(text: str) -> tuple[tuple[int, int, int], str]:
    """One number out of a text with more in it than digits, and what was left out."""
    whole = _WHOLE.fullmatch(text)
    if whole is not None:
        return (0, int(whole.group(1)), len(whole.group(1))), WHOLE
    number, done = phone_one(_LETTERS.sub(lambda m: m.group().translate(_DIGIT), text), HOME)
    digits = number[:LONGEST]
    return (0, int(digits or "0"), len(digits)), done


def standard_phones(texts: pa.Array, layout: str) -> Standardised:
    """Vietnamese phone numbers in standard form.

    Parameters
    ----------
    texts : string[n], no nulls
    layout : `AFTER` or `BEFORE`

    Examples
    --------
    >>> raw = pa.array(["+84 162 345 6789", "0912.345.678", "(04) 3825 4567", "024 3825 4567"])
    >>> standard_phones(raw, AFTER).values.to_pylist()
    ['323456789', '912345678', '2438254567', '2438254567']
    """
    codes = take_apart(texts)
    odd = codes.odd | ((codes.heads != 0) & (codes.heads != PLUS))
    repairs: dict[str, Mask] = {}
    if odd.any():
        read = [read_phone(text) for text in texts.filter(pa.array(odd)).to_pylist()]
        apart = codes_of([code for code, _ in read])
        rows = np.flatnonzero(odd)
        codes.put(rows, apart.numbers, apart.lengths.astype(np.int64))
        for done in sorted({done for _, done in read if done}):
            repairs[done] = odd.copy()
            repairs[done][odd] = [d == done for _, d in read]
    today, done_to = dialled(codes, before=layout == BEFORE)
    repairs |= done_to
    repairs[NO_DIGIT] = filled_where(texts, codes.lengths <= 0)
    if LOST in repairs:
        repairs[NO_DIGIT] &= ~repairs[LOST]
    return Standardised(put_together(today), {k: m for k, m in repairs.items() if m.any()})


def phone_layout(texts: pa.Array, counts: Counts) -> Layout:
    """Whether a column was written before the changes of 2017 and 2018.

    It was where it holds mobile numbers of eleven digits and next to none of the mobile prefixes
    that were no area codes before (032, 034, 035, 078).

    Examples
    --------
    >>> phone_layout(pa.array(["01623456789", "0331234567"]), np.array([40, 5])).text
    'country 84, before 2018'
    """
    numbers, lengths = without_country(take_apart(texts))
    start = np.where((lengths == 9) | (lengths == 10), numbers // _TEN_MILLION, 0)
    old = int(counts[(lengths == 10) & (new_starts()[0][start] > 0)].sum())
    new = int(counts[(lengths == 9) & np.isin(start, _ONLY_NEW)].sum())
    if old >= _FEWEST and new * _RARE < old and old * _RARE > int(counts.sum()):
        return Layout(BEFORE, "written before 2018: 03x, 05x, 07x and 08 are read as area codes")
    return Layout(AFTER)


PHONE = Rule(standard_phones, layout=phone_layout, bulk=True)
