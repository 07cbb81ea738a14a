"""Dates as Vietnamese registries write them.

The general rule reads them; this one adds what is Vietnamese. Months in words (``tháng Giêng``,
``05-Thg5-1990``), and days that stand for a year alone: programs that have no room for an unknown
day store 1 January, 1 July or 31 December. Where a column heaps the births of a year on such a
day, the day is left out there. A column of many texts is read by a kernel to the numbers that stand
in them, and the general rule reads each different one once.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.standardise.alphabets import FEW, text_buffers
from mpi.standardise.dates import read_date
from mpi.standardise.encode import Counts
from mpi.standardise.layouts import DateLayout, understand
from mpi.standardise.rules import Layout, Mask, Rule, Standardised, filled
from mpi.standardise.scan import Scan, Shape, scan

HEAPED = "day that stands for an unknown one, kept as year only"
HEAP_DAYS = ("01-01", "07-01", "12-31")
_TIMES, _FEWEST, _YEARS_AROUND = 10.0, 10, 3
_ONE = 1 << 62
_PART = (1 << 17) - 1
_MONTH_WORDS = {
    "GIENG": 1, "MOT": 1, "HAI": 2, "BA": 3, "TU": 4, "BON": 4, "NAM": 5, "SAU": 6, "BAY": 7,
    "TAM": 8, "CHIN": 9, "MUOI": 10, "MUOI MOT": 11, "MUOI HAI": 12, "CHAP": 12,
}  # fmt: skip
_IN_WORDS = re.compile(
    r"(?<![A-Z])(?:THANG|THG|TH|T)[ .]*(" + "|".join(sorted(_MONTH_WORDS, key=len, reverse=True)) +
    r")(?![A-Z])(?=[^A-Z]*(?:NAM|[0-9]|$))"
)  # fmt: skip
_SHORT_MONTH = re.compile(r"(?<![A-Z])(?:THANG|THG|TH)[ .]*([0-9]{1,2})(?![0-9])")
_WORDS = re.compile(
    r"(?<![A-Z])(?:KHOANG|CHUNG|DO|UOC|TUOI|NS|SN|AL|DL|AM LICH|DUONG LICH|SINH NAM|SINH NGAY|NGAY|"
    r"THANG|NAM|SINH|SANG|CHIEU|SA|CH)(?![A-Z])"
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
    found = scan(text)
    if found.shape is not Shape.UNREADABLE or len(text) > 200:
        return found
    words = _IN_WORDS.sub(lambda m: f" {_MONTH_WORDS[m.group(1)]} ", plain(text))
    words = _WORDS.sub(" ", _SHORT_MONTH.sub(r" \1 ", words))
    return scan(words)


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
    parts = []
    for shift in (34, 17, 0):
        number, digits = divmod((key >> shift) & _PART, 8)
        parts.append(str(number).zfill(digits))
    return Scan(Shape.THREE, tuple(parts))


def scan_column(texts: pa.Array) -> tuple[list[Scan], npt.NDArray[np.int64]]:
    """The different contents of a column of dates, and the place of each text among them."""
    n = len(texts)
    if n <= FEW:
        return [scan_words(text) for text in texts.to_pylist()], np.arange(n)
    from mpi.standardise.vietnam import _kernels_fields as kernels

    keys = np.empty(n, np.int64)
    kernels.read_date_parts(*text_buffers(texts), keys)
    encoded = pa.array(keys).dictionary_encode()
    places = encoded.indices.to_numpy().astype(np.int64)
    different = encoded.dictionary.to_pylist()
    scans = [scan_of(key) if key >= 0 else Scan(Shape.UNREADABLE) for key in different]
    odd = keys < 0
    if odd.any():
        words = texts.filter(pa.array(odd)).dictionary_encode()
        places[odd] = len(scans) + words.indices.to_numpy()
        scans += [scan_words(text) for text in words.dictionary.to_pylist()]
    return scans, places


def date_layout(texts: pa.Array, counts: Counts) -> Layout:
    """Understand a column of dates, and find the days that stand for a year alone.

    Examples
    --------
    >>> days = [f"{d:02d}/{m:02d}/1950" for m in range(1, 13) for d in range(1, 29)]
    >>> many = np.where(np.arange(len(days)) == 0, 500, 1)
    >>> date_layout(pa.array(days), many).text
    'day first, yyyymmdd, yyyymm, to 1950, 01-01 of 1950'
    """
    scans, places = scan_column(texts)
    rows = np.bincount(places, counts, len(scans)).astype(np.int64)
    layout = understand(scans, rows.tolist())
    how = DateLayout.read(layout.text)
    births: dict[str, int] = defaultdict(int)
    for found, n in zip(scans, rows.tolist(), strict=True):
        births[read_date(found, how)[0]] += n
    heaps = find_heaps(births)
    text, notes = layout.text, [layout.message] if layout.message else []
    for day, years in heaps.items():
        text += f", {day} of {' '.join(spans(years))}"
        notes.append(f"{day} read as year only in {', '.join(spans(years))}")
    return Layout(text, "; ".join(notes))


def find_heaps(births: dict[str, int]) -> dict[str, list[int]]:
    """The years in which a day of `HEAP_DAYS` has ten times the births of a usual day around.

    Parameters
    ----------
    births : standard date -> records
    """
    heaped: dict[str, dict[int, int]] = {day: {} for day in HEAP_DAYS}
    usual: dict[int, int] = defaultdict(int)
    for date, n in births.items():
        if not date or date.endswith("-00"):
            continue
        year, day = int(date[:4]), date[5:]
        if day in heaped:
            heaped[day][year] = n
        else:
            usual[year] += n
    found: dict[str, list[int]] = {}
    for day, years in heaped.items():
        for year, n in sorted(years.items()):
            around = range(year - _YEARS_AROUND, year + _YEARS_AROUND + 1)
            a_day = sum(usual[y] for y in around if y in usual) / (363 * len(around))
            if n >= max(_FEWEST, _TIMES * a_day):
                found.setdefault(day, []).append(year)
    return found


def spans(years: list[int]) -> list[str]:
    """Years as spans.

    Examples
    --------
    >>> spans([1930, 1931, 1932, 1950])
    ['1930-1932', '1950']
    """
    found: list[list[int]] = []
    for year in years:
        if found and found[-1][1] == year - 1:
            found[-1][1] = year
        else:
            found.append([year, year])
    return [f"{a}-{b}" if b > a else str(a) for a, b in found]


def heaps_of(layout: str) -> frozenset[str]:
    """The dates that a layout says stand for a year alone.

    Examples
    --------
    >>> sorted(heaps_of("day first, to 1990, 01-01 of 1930-1931 1950"))
    ['1930-01-01', '1931-01-01', '1950-01-01']
    """
    dates: set[str] = set()
    for part in layout.split(", "):
        day, word, years = part.partition(" of ")
        if not word or day not in HEAP_DAYS:
            continue
        for span in years.split():
            first, _, last = span.partition("-")
            dates |= {f"{y:04d}-{day}" for y in range(int(first), int(last or first) + 1)}
    return frozenset(dates)


def standard_dates(texts: pa.Array, layout: str) -> Standardised:
    """Dates in standard form.

    Examples
    --------
    >>> raw = pa.array(["12/5/1990", "199005120830", "31/02/1990", "01/01/1950"])
    >>> standard_dates(raw, "day first, 01-01 of 1950").values.to_pylist()
    ['1990-05-12', '1990-05-12', '1990-02-00', '1950-00-00']
    """
    how, heaps = DateLayout.read(layout), heaps_of(layout)

    def read(found: Scan) -> tuple[str, str]:
        date, done = read_date(found, how)
        return (f"{date[:4]}-00-00", HEAPED) if date in heaps else (date, done)

    scans, places = scan_column(texts)
    taken = [read(found) for found in scans]
    values = pa.array([date for date, _ in taken], pa.string())
    some = filled(texts)
    repairs: dict[str, Mask] = {}
    for repair in sorted({done for _, done in taken if done}):
        mask = np.array([done == repair for _, done in taken], np.bool_)[places] & some
        if mask.any():
            repairs[repair] = mask
    return Standardised(values.take(pa.array(places)), repairs)


DATE = Rule(standard_dates, layout=date_layout, bulk=True)
