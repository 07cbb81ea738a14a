"""What stands in a column of dates: each different content once, whatever the number of texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.records.text import text_buffers
from mpi.standardise.alphabets import FEW
from mpi.standardise.dates import read_date
from mpi.standardise.layouts import EIGHT, DateLayout, Tally, tally
from mpi.standardise.rules import Mask
from mpi.standardise.scan import FIRST_YEAR, LAST_YEAR, Scan, Shape, scan

Ints = npt.NDArray[np.int64]

_LONGEST = 200
_ONE = 1 << 62
_PART = (1 << 17) - 1
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_MONTH_WORDS = {
    "GIENG": 1, "MOT": 1, "HAI": 2, "BA": 3, "TU": 4, "BON": 4, "NAM": 5, "SAU": 6, "BAY": 7,
    "TAM": 8, "CHIN": 9, "MUOI": 10, "MUOI MOT": 11, "MUOI HAI": 12, "CHAP": 12,
}  # fmt: skip
_IN_WORDS = re.compile(
    r"(?<![A-Z])(?:THANG|THG|TH|T)[ .]*(?:(NAM)(?=[^A-Z]+NAM)|("
    + "|".join(sorted(_MONTH_WORDS.keys() - {"NAM"}, key=lambda word: (-len(word), word)))
    + r")(?![A-Z])(?=[^A-Z]*(?:NAM|[0-9]|$)))"
)
"""A month in words; NAM is May before another NAM only, as it also means year."""
_SHORT_MONTH = re.compile(r"(?<![A-Z])(?:THANG|THG|TH)[ .]*([0-9]{1,2})(?![0-9])")
_WORDS = re.compile(
    r"(?<![A-Z])(?:KHOANG|CHUNG|DO|UOC|TUOI|NS|SN|AL|DL|AM LICH|DUONG LICH|SINH NAM|SINH NGAY|"
    r"NGAY|MUNG|MONG|THANG|NAM|SINH|SANG|CHIEU|SA|CH)(?![A-Z])"
)


def plain(text: str) -> str:
    """A text in upper case without accents.

    Examples
    --------
    >>> plain("tháng Giêng năm 1950")
    'THANG GIENG NAM 1950'
    """
    apart = unicodedata.normalize("NFD", text.upper().replace("Đ", "D"))
    return "".join(c for c in apart if not unicodedata.combining(c))


def scan_words(text: str) -> Scan:
    """Take a date apart that may have Vietnamese words in it.

    Examples
    --------
    >>> scan_words("05-Thg5-1990").parts, scan_words("ngày 5 tháng Chạp năm 1950").parts
    (('05', '5', '1990'), ('5', '12', '1950'))
    >>> scan_words("khoảng 1950").parts
    ('1950',)
    """
    bare = plain(text) if len(text) <= _LONGEST else ""
    words = _IN_WORDS.sub(lambda m: f" {_MONTH_WORDS[m.group(1) or m.group(2)]} ", bare)
    if words == bare:
        found = scan(text)
        if found.shape is not Shape.UNREADABLE or not bare:
            return found
    words = _WORDS.sub(" ", _SHORT_MONTH.sub(r" \1 ", words))
    return scan(words)


@cache
def _digits(part: int) -> str:
    number, digits = divmod(part, 8)
    return str(number).zfill(digits)


def scan_of(key: int) -> Scan:
    """What stands in a date, out of the kernel's number for it.

    Examples
    --------
    >>> scan_of((((5 * 8 + 2) << 17 | 7 * 8 + 1) << 17) | 1990 * 8 + 4).parts
    ('05', '7', '1990')
    """
    if key >= _ONE:
        number, digits = divmod(key - _ONE, 16)
        return Scan(Shape.ONE, (str(number).zfill(digits),))
    first, second, third = key >> 34, key >> 17 & _PART, key & _PART
    return Scan(Shape.THREE, (_digits(first), _digits(second), _digits(third)))


@dataclass(frozen=True)
class Contents:
    """The different contents of a column of dates.

    keys : int64[n_keys], those the kernel has read
    scans : the others, taken apart, after the keys
    places : int64[n], the place of each text among both
    """

    keys: Ints
    scans: list[Scan]
    places: Ints

    def __len__(self) -> int:
        return len(self.keys) + len(self.scans)

    def tally(self, rows: Ints) -> Tally:
        """What stands in all of them.

        rows : int64[len(self)], records of each
        """
        found = tally(self.scans, rows[len(self.keys) :].tolist())
        held = np.flatnonzero(rows[: len(self.keys)])
        keys, rows = self.keys[held], rows[held]
        one = keys >= _ONE
        for key, n in zip(keys[one].tolist(), rows[one].tolist(), strict=True):
            found.singles[scan_of(key).parts[0]] += n
        keys, rows, total = keys[~one], rows[~one], int(rows.sum())
        first, third = keys >> 34, keys & _PART
        short = (first & 7) <= 2
        for pair, n in _counted(keys[short] >> 17, rows[short]):
            found.pairs[_digits(pair >> 17), _digits(pair & _PART)] += n
        for year, n in _counted(np.where(short, third, first), rows):
            found.years[_digits(year)] += n
        found.total += total
        return found


def _counted(keys: Ints, rows: Ints) -> Iterator[tuple[int, int]]:
    """The different keys and the records of each."""
    different, places = np.unique(keys, return_inverse=True)
    many = np.bincount(places, rows, len(different)).astype(np.int64)
    yield from zip(different.tolist(), many.tolist(), strict=True)


def contents(texts: pa.Array) -> Contents:
    """The different contents of a column of dates."""
    n = len(texts)
    if n <= FEW:
        return Contents(
            np.empty(0, np.int64), [scan_words(text) for text in texts.to_pylist()], np.arange(n)
        )
    from mpi.standardise.vietnam import _kernels_fields as kernels

    keys = np.empty(n, np.int64)
    kernels.read_date_parts(*text_buffers(texts), keys)
    encoded = pa.array(keys).dictionary_encode()
    places = encoded.indices.to_numpy().astype(np.int64)
    different = encoded.dictionary.to_numpy()
    odd = keys < 0
    if not odd.any():
        return Contents(different, [], places)
    # The key of what was not read takes a place among the keys that nothing points at.
    words = texts.filter(pa.array(odd)).dictionary_encode()
    places[odd] = len(different) + words.indices.to_numpy()
    return Contents(
        np.where(different < 0, _ONE, different),
        [scan_words(text) for text in words.dictionary.to_pylist()],
        places,
    )


def plain_dates(keys: Ints, how: DateLayout) -> Ints:
    """int64[n], dates that are as usual and possible, as yyyymmdd; -1 the others."""
    first, second, third = keys >> 34, keys >> 17 & _PART, keys & _PART
    one = keys >= _ONE
    digits = [part & 7 for part in (first, second, third)]
    short = (digits[1] <= 2) & ~one
    leading, trailing = short & (digits[0] == 4), short & (digits[0] <= 2) & (digits[2] == 4)
    leading &= digits[2] <= 2
    a, month, c = first >> 3, second >> 3, third >> 3
    year, day = np.where(leading, a, c), np.where(leading, c, a)
    if how.month_first:
        month, day = np.where(trailing, day, month), np.where(trailing, month, day)
    run, size = np.where(one, (keys - _ONE) >> 4, 0), np.where(one, keys & 15, 0)
    eight = size == 8
    if how.eight == EIGHT[0]:
        parts = (run // 10_000, run // 100 % 100, run % 100)
    else:
        parts = (run % 10_000, run // 10_000 % 100, run // 1_000_000)
        if how.eight != EIGHT[1]:
            parts = (parts[0], parts[2], parts[1])
    year, month, day = (
        np.where(eight, p, q) for p, q in zip(parts, (year, month, day), strict=True)
    )
    good = (leading | trailing | eight) & (year >= FIRST_YEAR) & (year <= LAST_YEAR)
    good &= (month >= 1) & (month <= 12) & (day >= 1)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    good &= day <= _DAYS[np.clip(month, 0, 12)] + (leap & (month == 2))
    return np.where(good, year * 10_000 + month * 100 + day, -1)


def read_contents(column: Contents, how: DateLayout) -> tuple[Ints, dict[str, Mask]]:
    """int64[len(column)], the dates as yyyymmdd with 0 for what is unknown, 0 for none; and what
    was done to which."""
    dates = np.zeros(len(column), np.int64)
    if len(column.keys):
        dates[: len(column.keys)] = plain_dates(column.keys, how)
    others = np.arange(len(column.keys), len(column))
    rest = np.append(np.flatnonzero(dates[: len(column.keys)] < 0), others)
    repairs: dict[str, Mask] = {}
    for place in rest.tolist():
        known = place < len(column.keys)
        found = (
            scan_of(int(column.keys[place])) if known else column.scans[place - len(column.keys)]
        )
        date, done = read_date(found, how)
        dates[place] = int(date.replace("-", "") or 0)
        if done:
            repairs.setdefault(done, np.zeros(len(column), np.bool_))[place] = True
    return dates, repairs


def date_texts(dates: Ints) -> pa.Array:
    """string[n], numbers yyyymmdd as YYYY-MM-DD; 0 is empty.

    Examples
    --------
    >>> date_texts(np.array([19900512, 19500000, 0])).to_pylist()
    ['1990-05-12', '1950-00-00', '']
    """
    if len(dates) <= FEW:
        return pa.array([_date_text(date) for date in dates.tolist()], pa.string())
    letters = np.full((len(dates), 10), ord("-"), np.uint8)
    for place, power in zip((0, 1, 2, 3, 5, 6, 8, 9), range(7, -1, -1), strict=True):
        letters[:, place] = 48 + dates // 10**power % 10
    some = dates > 0
    offsets = np.zeros(len(dates) + 1, np.int32)
    np.cumsum(10 * some, out=offsets[1:])
    data = np.ascontiguousarray(letters[some]).reshape(-1)
    return pa.StringArray.from_buffers(len(dates), pa.py_buffer(offsets), pa.py_buffer(data))


def _date_text(date: int) -> str:
    return f"{date // 10_000:04}-{date // 100 % 100:02}-{date % 100:02}" if date > 0 else ""
