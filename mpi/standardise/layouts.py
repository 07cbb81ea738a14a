"""How the dates of a column are written: what each decision is, and how the column shows it."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from mpi.standardise.rules import Layout
from mpi.standardise.scan import FIRST_YEAR, LAST_YEAR, Scan, Shape

LATEST_TWO_DIGITS = 2026
"""The last year that two digits mean where a column has no year of four."""

EIGHT = ("yyyymmdd", "ddmmyyyy", "mmddyyyy")
SIX = ("yyyymm", "ddmmyy", "yymmdd", "mmddyy")
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


def run_parts(digits: str, run: str, layout: DateLayout) -> tuple[int, int, int]:
    """Year, month and day of digits that run as `run` says."""
    year, month, day = _places(run)
    return full_year(digits[year], layout), int(digits[month]), int(digits[day] or "0")


@cache
def _places(run: str) -> tuple[slice, slice, slice]:
    """Where year, month and day stand."""
    year, month, day = (slice(run.find(part), run.rfind(part) + 1) for part in "ymd")
    return year, month, day


def understand(scans: Sequence[Scan], rows: Sequence[int]) -> Layout:
    """The layout that makes most of a column's dates possible.

    Parameters
    ----------
    scans : the different texts, taken apart
    rows : records of each

    Examples
    --------
    >>> from mpi.standardise.scan import scan
    >>> understand([scan("25/03/90"), scan("04/05/2001")], [1, 1]).text
    'day first, yyyymmdd, yyyymm, to 2001'
    """
    singles: dict[str, int] = defaultdict(int)
    pairs: dict[tuple[str, str], int] = defaultdict(int)
    years: dict[str, int] = defaultdict(int)
    total = 0
    for (shape, parts, _), n in zip(scans, rows, strict=True):
        if shape is Shape.THREE:
            first, second, third = parts
            if len(first) <= 2:
                pairs[first, second] += n
                years[third] += n
            else:
                years[first] += n
        elif shape is Shape.ONE:
            singles[parts[0]] += n
        elif shape is not Shape.UNREADABLE:
            for part in parts:
                years[part] += n
        total += 0 if shape is Shape.UNREADABLE else n
    layout = DateLayout(latest=latest_year(years, singles))

    def possible(run: str) -> int:
        size = len(run)
        return sum(
            n for d, n in singles.items() if len(d) == size and valid(*run_parts(d, run, layout))
        )

    day_only, month_only, either = order_evidence(pairs)
    serials = sum(n for d, n in singles.items() if len(d) == 5 and int(d) <= LAST_SERIAL)
    layout = replace(
        layout,
        month_first=month_only > day_only,
        eight=max(EIGHT, key=possible),
        six=max(SIX, key=possible),
        serials=2 * serials > total,
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
