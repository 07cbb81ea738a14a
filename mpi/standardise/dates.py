"""Dates: ``YYYY-MM-DD``, with 0 for a part nobody knows.

A column is understood as a whole: whether the day or the month comes first, how eight and six
digits run, whether numbers of five digits are a spreadsheet's days since 1899-12-30, and which
century two digits mean. Then each text is read on its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.encode import Counts
from mpi.standardise.rules import Layout, Rule, Standardised, filled
from mpi.standardise.scan import COMPACT_TIME, FIRST_YEAR, LAST_YEAR, TIME, Scan, Shape, scan

LATEST_TWO_DIGITS = 2026
"""The last year that two digits mean where a column has no year of four."""

EIGHT = ("yyyymmdd", "ddmmyyyy", "mmddyyyy")
SIX = ("yyyymm", "ddmmyy", "yymmdd", "mmddyy")
_SPREADSHEET_ZERO = datetime.date(1899, 12, 30).toordinal()
_LAST_SERIAL = datetime.date(LAST_YEAR, 12, 31).toordinal() - _SPREADSHEET_ZERO
_MANY = 50_000

IMPOSSIBLE = "impossible date, taken as missing"
UNREADABLE = "no date in it, taken as missing"
NO_DAY = "impossible day, kept as month only"
NO_MONTH = "impossible month, kept as year only"
SWAPPED = "day and month in the other order"
OTHER_RUN = "digits in the other order"


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


def form(year: int, month: int, day: int) -> tuple[str, str]:
    """The standard text of a date as far as it can be, and the repair it took."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return "", IMPOSSIBLE
    if not 0 <= month <= 12:
        return f"{year:04d}-00-00", NO_MONTH
    if month == 0:
        return f"{year:04d}-00-00", ""
    if not 0 <= day <= days_in(year, month):
        return f"{year:04d}-{month:02d}-00", NO_DAY
    return f"{year:04d}-{month:02d}-{day:02d}", ""


def run_parts(digits: str, run: str, layout: DateLayout) -> tuple[int, int, int]:
    """Year, month and day of digits that run as `run` says."""
    year = digits[run.index("y") : run.rindex("y") + 1]
    month = digits[run.index("m") : run.rindex("m") + 1]
    day = digits[run.index("d") : run.rindex("d") + 1] if "d" in run else "0"
    return full_year(year, layout), int(month), int(day)


def read_run(digits: str, layout: DateLayout) -> tuple[str, str]:
    """A date of digits alone."""
    if len(digits) == 4:
        return form(full_year(digits, layout), 0, 0)
    if len(digits) == 5 and layout.serials and int(digits) <= _LAST_SERIAL:
        date = datetime.date.fromordinal(_SPREADSHEET_ZERO + int(digits))
        return form(date.year, date.month, date.day)
    if len(digits) == 7 and layout.eight != EIGHT[0]:
        digits = "0" + digits
    runs = {6: (layout.six, SIX), 8: (layout.eight, EIGHT)}.get(len(digits))
    if runs is None:
        return "", IMPOSSIBLE
    chosen, others = runs
    parts = run_parts(digits, chosen, layout)
    if not valid(*parts) and len(digits) == 8:
        possible = [p for r in others if valid(*(p := run_parts(digits, r, layout)))]
        if len(possible) == 1:
            return form(*possible[0])[0], OTHER_RUN
    return form(*parts)


def read_parts(parts: tuple[str, ...], layout: DateLayout) -> tuple[str, str]:
    """A date of three parts."""
    first, second, third = parts
    if max(map(len, parts)) > 4:
        return "", IMPOSSIBLE
    year_first = len(first) > 2 or (len(third) <= 2 and int(first) > 31)
    if year_first:
        year, month, day = full_year(first, layout), int(second), int(third)
    else:
        year, month, day = full_year(third, layout), int(second), int(first)
        if layout.month_first:
            month, day = day, month
    if month > 12 and 1 <= day <= 12 and valid(year, day, month):
        return form(year, day, month)[0], SWAPPED
    return form(year, month, day)


def read_date(found: Scan, layout: DateLayout) -> tuple[str, str]:
    """The standard text of a date and the repair it took; empty where there is none."""
    parts = found.parts
    if found.shape is Shape.ONE:
        return read_run(parts[0], layout)
    if found.shape is Shape.THREE:
        return read_parts(parts, layout)
    if found.shape is Shape.TWO:
        year, month = parts if len(parts[0]) == 4 else parts[::-1]
        year = year if len(year) == 4 else ""
        return form(full_year(year, layout), int(month[:9]), 0)
    if found.shape is Shape.NAMED:
        if len(parts) == 1:
            year, day = parts[0] if len(parts[0]) == 4 else "", "0"
        else:
            day, year = parts[::-1] if len(parts[0]) > 2 or int(parts[0]) > 31 else parts
        return form(full_year(year, layout), found.month, int(day[:9]))
    return "", UNREADABLE


def date_layout(texts: pa.Array, counts: Counts) -> Layout:
    """Understand a column of dates: what makes most of its values possible.

    Examples
    --------
    >>> layout = date_layout(pa.array(["03/25/1990", "04/05/1990"]), np.array([1, 1]))
    >>> layout.text
    'month first, yyyymmdd, yyyymm, to 1990'
    """
    texts, counts = briefly(texts, counts)
    return understand([scan(t) for t in texts.to_pylist()], counts.tolist())


def understand(scans: list[Scan], counts: Iterable[int]) -> Layout:
    """The layout of dates that were taken apart."""
    rows = list(counts)
    layout = DateLayout(latest=latest_year(scans, rows))
    total = sum(n for s, n in zip(scans, rows, strict=True) if s.shape is not Shape.UNREADABLE)
    single = [(s.parts[0], n) for s, n in zip(scans, rows, strict=True) if s.shape is Shape.ONE]

    def possible(run: str, length: int) -> int:
        return sum(n for d, n in single if len(d) == length and valid(*run_parts(d, run, layout)))

    layout = replace(
        layout,
        eight=max(EIGHT, key=lambda r: possible(r, 8)),
        six=max(SIX, key=lambda r: possible(r, 6)),
    )
    serials = sum(n for d, n in single if len(d) == 5 and int(d) <= _LAST_SERIAL)
    layout = replace(layout, serials=2 * serials > total)
    day_only = month_only = ambiguous = 0
    for found, n in zip(scans, rows, strict=True):
        if found.shape is not Shape.THREE or len(found.parts[0]) > 2 or len(found.parts[1]) > 2:
            continue
        first, second = int(found.parts[0]), int(found.parts[1])
        if 1 <= first <= 12 and 1 <= second <= 12:
            ambiguous += n if first != second else 0
        elif 12 < first <= 31 and 1 <= second <= 12:
            day_only += n
        elif 1 <= first <= 12 and 12 < second <= 31:
            month_only += n
    layout = replace(layout, month_first=month_only > day_only)
    notes = []
    if day_only or month_only or ambiguous:
        order = "month/day/year" if layout.month_first else "day/month/year"
        doubt = "" if day_only or month_only else ", as no value tells day from month"
        notes.append(f"read as {order}{doubt}")
    if any(len(d) == 8 for d, _ in single):
        notes.append(f"eight digits read as {layout.eight}")
    if any(len(d) == 6 for d, _ in single):
        notes.append(f"six digits read as {layout.six}")
    if layout.serials:
        notes.append("numbers of five digits read as a spreadsheet's days")
    if any(len(p) == 2 for s in scans if s.shape is Shape.THREE for p in s.parts[2:]):
        notes.append(f"two digits read as the years {layout.latest - 99} to {layout.latest}")
    return Layout(str(layout), "; ".join(notes))


def latest_year(scans: list[Scan], rows: list[int]) -> int:
    """The last year but a thousandth of those written with four digits."""
    by_year: dict[int, int] = {}
    for found, n in zip(scans, rows, strict=True):
        for part in found.parts:
            if len(part) == 8:
                part = part[:4] if FIRST_YEAR <= int(part[:4]) <= LAST_YEAR else part[4:]
            if len(part) == 4 and FIRST_YEAR <= int(part) <= LAST_YEAR:
                by_year[int(part)] = by_year.get(int(part), 0) + n
    beyond = sum(by_year.values()) // 1000
    for year in sorted(by_year, reverse=True):
        beyond -= by_year[year]
        if beyond < 0:
            return year
    return LATEST_TWO_DIGITS


def briefly(texts: pa.Array, counts: Counts) -> tuple[pa.Array, Counts]:
    """The texts without times of day, where there are too many to read one by one."""
    if len(texts) <= _MANY:
        return texts, counts
    codes = timeless(texts).dictionary_encode()
    return codes.dictionary, np.bincount(codes.indices.to_numpy(), counts).astype(np.int64)


def timeless(texts: pa.Array) -> pa.Array:
    """The texts without times of day."""
    plain = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), TIME, "")
    return pc.replace_substring_regex(plain, COMPACT_TIME, r"\1")


def each(texts: pa.Array, read: Callable[[str], tuple[str, str]]) -> Standardised:
    """Read every text with a function that gives its standard form and the repair it took."""
    taken = [read(t) for t in texts.to_pylist()]
    values = pa.array([v for v, _ in taken], pa.string())
    found = np.array([r for _, r in taken], np.dtypes.StringDType())
    some = filled(texts)
    repairs = {str(r): (found == r) & some for r in np.unique(found).tolist() if r}
    return Standardised(values, {r: m for r, m in repairs.items() if m.any()})


def standard_dates(texts: pa.Array, layout: str) -> Standardised:
    """Dates in standard form.

    Examples
    --------
    >>> raw = pa.array(["12/5/1990", "19900512", "31/02/1990", "1950", "12 May 90", "x"])
    >>> standard_dates(raw, "day first").values.to_pylist()
    ['1990-05-12', '1990-05-12', '1990-02-00', '1950-00-00', '1990-05-12', '']
    """
    how = DateLayout.read(layout)
    if len(texts) <= _MANY:
        return each(texts, lambda t: read_date(scan(t), how))
    codes = timeless(texts).dictionary_encode()
    read = each(codes.dictionary, lambda t: read_date(scan(t), how))
    at = codes.indices.to_numpy()
    return Standardised(
        read.values.take(codes.indices), {r: mask[at] for r, mask in read.repairs.items()}
    )


DATE = Rule(standard_dates, layout=date_layout)
