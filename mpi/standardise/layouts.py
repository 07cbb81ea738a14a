"""How the dates of a column are written: what each decision is, and how the column shows it."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from mpi.standardise.rules import Layout
from mpi.standardise.scan import FIRST_YEAR, LAST_YEAR, Scan, Shape

Integers = npt.NDArray[np.int64]

LATEST_TWO_DIGITS = 2026
"""The last year that two digits mean where a column has no year of four."""

EIGHT = ("yyyymmdd", "ddmmyyyy", "mmddyyyy")
SIX = ("yyyymm", "ddmmyy", "yymmdd", "mmddyy")
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
SPREADSHEET_ZERO = datetime.date(1899, 12, 30).toordinal()
LAST_SERIAL = datetime.date(LAST_YEAR, 12, 31).toordinal() - SPREADSHEET_ZERO


@dataclass(frozen=True)
class DateLayout:
    """How the dates of a column are written.

    latest : the last year that two digits mean; they stand for the hundred years up to it
    """

    month_first: bool = False
    eight: str = EIGHT[0]
    six: str = SIX[0]
    serials: bool = False
    latest: int = LATEST_TWO_DIGITS

    def __str__(self) -> str:
        order = "month first" if self.month_first else "day first"
        serials = ", excel" if self.serials else ""
        return f"{order}, {self.eight}, {self.six}, to {self.latest}{serials}"

    @classmethod
    def read(cls, text: str) -> DateLayout:
        """The layout that `str` wrote; parts that are not there keep their default.

        Examples
        --------
        >>> DateLayout.read(str(DateLayout(True, "ddmmyyyy"))) == DateLayout(True, "ddmmyyyy")
        True
        """
        layout = cls()
        for part in text.split(", "):
            if part in ("month first", "day first"):
                layout = replace(layout, month_first=part == "month first")
            elif part in EIGHT:
                layout = replace(layout, eight=part)
            elif part in SIX:
                layout = replace(layout, six=part)
            elif part == "excel":
                layout = replace(layout, serials=True)
            elif part.startswith("to ") and part[3:].isdecimal():
                layout = replace(layout, latest=int(part[3:]))
        return layout


def full_year(digits: str, layout: DateLayout) -> int:
    """The year that two or four digits mean, 0 where there can be none.

    Examples
    --------
    >>> full_year("24", DateLayout()), full_year("27", DateLayout())
    (2024, 1927)
    """
    if len(digits) == 2:
        year = layout.latest - layout.latest % 100 + int(digits)
        return year if year <= layout.latest else year - 100
    year = int(digits) if len(digits) == 4 else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else 0


def days_in(year: int, month: int) -> int:
    """Days of a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def valid(year: int, month: int, day: int) -> bool:
    """Whether a date, or one whose last parts are unknown, can be."""
    if not FIRST_YEAR <= year <= LAST_YEAR or not 0 <= month <= 12:
        return False
    return day == 0 if month == 0 else 0 <= day <= days_in(year, month)


@dataclass
class Tally:
    """What stands in the dates of a column, and the records that hold it.

    singles : dates of one number, by its digits
    pairs : the first two of three numbers, where the year is not in front
    years : what can be a year alone, by its digits
    total : records with a date that can be read
    """

    singles: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    years: Counter[str] = field(default_factory=Counter)
    total: int = 0

    def of_size(self, size: int) -> tuple[Integers, Integers]:
        """int64[n] each: dates of one number with so many digits, and the records of each."""
        some = [(int(digits), n) for digits, n in self.singles.items() if len(digits) == size]
        numbers, rows = zip(*some, strict=True) if some else ((), ())
        return np.array(numbers, np.int64), np.array(rows, np.int64)


def tally(scans: Sequence[Scan], rows: Sequence[int]) -> Tally:
    """Count what stands in dates that were taken apart.

    rows : records of each
    """
    found = Tally()
    for (shape, parts, _), n in zip(scans, rows, strict=True):
        if shape is Shape.THREE:
            first, second, third = parts
            if len(first) <= 2:
                found.pairs[first, second] += n
                found.years[third] += n
            else:
                found.years[first] += n
        elif shape is Shape.ONE:
            found.singles[parts[0]] += n
        elif shape is not Shape.UNREADABLE:
            for part in parts:
                found.years[part] += n
        found.total += 0 if shape is Shape.UNREADABLE else n
    return found


def run_parts(digits: str, run: str, layout: DateLayout) -> tuple[int, int, int]:
    """Year, month and day of digits that run as `run` says."""
    year, month, day = _places(run)
    return full_year(digits[year], layout), int(digits[month]), int(digits[day] or "0")


@cache
def _places(run: str) -> tuple[slice, slice, slice]:
    """Where year, month and day stand."""
    year, month, day = (slice(run.find(part), run.rfind(part) + 1) for part in "ymd")
    return year, month, day


def can_be(numbers: Integers, run: str, layout: DateLayout) -> npt.NDArray[np.bool_]:
    """bool[n], numbers that are dates where their digits run as `run` says.

    Examples
    --------
    >>> can_be(np.array([19900512, 12051990]), "yyyymmdd", DateLayout()).tolist()
    [True, False]
    """
    parts = [
        numbers // 10 ** (len(run) - place.stop) % 10 ** (place.stop - place.start)
        if place.stop
        else np.zeros_like(numbers)
        for place in _places(run)
    ]
    year, month, day = parts
    if run.count("y") == 2:
        year = year + layout.latest - layout.latest % 100
        year = np.where(year <= layout.latest, year, year - 100)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    days = _DAYS[np.minimum(month, 12)] + (leap & (month == 2))
    good = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month <= 12) & (day <= days)
    return np.asarray(good)


def understand(found: Tally) -> Layout:
    """The layout that makes most of a column's dates possible.

    Examples
    --------
    >>> from mpi.standardise.scan import scan
    >>> understand(tally([scan("25/03/90"), scan("04/05/2001")], [1, 1])).text
    'day first, yyyymmdd, yyyymm, to 2001'
    """
    singles, pairs, years = found.singles, found.pairs, found.years
    layout = DateLayout(latest=latest_year(years, singles))
    sized = {size: found.of_size(size) for size in (6, 8)}

    def possible(run: str) -> int:
        numbers, rows = sized[len(run)]
        return int(rows[can_be(numbers, run, layout)].sum())

    day_only, month_only, either = order_evidence(pairs)
    serials = sum(n for d, n in singles.items() if len(d) == 5 and int(d) <= LAST_SERIAL)
    layout = replace(
        layout,
        month_first=month_only > day_only,
        eight=max(EIGHT, key=possible),
        six=max(SIX, key=possible),
        serials=2 * serials > found.total,
    )
    notes = []
    if day_only or month_only or either:
        order = "month/day/year" if layout.month_first else "day/month/year"
        doubt = "" if day_only or month_only else ", as no value tells day from month"
        notes.append(f"read as {order}{doubt}")
    if any(len(d) == 8 for d in singles):
        notes.append(f"eight digits read as {layout.eight}")
    if any(len(d) == 6 for d in singles):
        notes.append(f"six digits read as {layout.six}")
    if layout.serials:
        notes.append("numbers of five digits read as a spreadsheet's days")
    if any(len(y) == 2 for y in years):
        notes.append(f"two digits read as the years {layout.latest - 99} to {layout.latest}")
    return Layout(str(layout), "; ".join(notes))


def order_evidence(pairs: dict[tuple[str, str], int]) -> tuple[int, int, int]:
    """Records whose first two numbers can only be day and month, only month and day, or both."""
    day_only = month_only = either = 0
    for (a, b), n in pairs.items():
        if len(b) > 2:
            continue
        first, second = int(a), int(b)
        if 1 <= first <= 12 and 1 <= second <= 12:
            either += n if first != second else 0
        elif 12 < first <= 31 and 1 <= second <= 12:
            day_only += n
        elif 1 <= first <= 12 and 12 < second <= 31:
            month_only += n
    return day_only, month_only, either


def latest_year(years: dict[str, int], singles: dict[str, int]) -> int:
    """The last year but a thousandth of those written with four digits."""
    by_year: dict[int, int] = defaultdict(int)
    layout = DateLayout()
    for part, n in years.items():
        if len(part) == 4 and full_year(part, layout):
            by_year[int(part)] += n
    for digits, n in singles.items():
        ends = {4: (digits,), 8: (digits[:4], digits[4:])}.get(len(digits), ())
        for year in ends:
            if full_year(year, layout):
                by_year[int(year)] += n
                break
    beyond = sum(by_year.values()) // 1000
    for latest in sorted(by_year, reverse=True):
        beyond -= by_year[latest]
        if beyond < 0:
            return latest
    return LATEST_TWO_DIGITS
