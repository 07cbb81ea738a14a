"""Dates: ``YYYY-MM-DD``, with 0 for a part nobody knows.

A column is understood as a whole: whether the day or the month comes first, how eight and six
digits run, whether numbers of five digits are a spreadsheet's days since 1899-12-30, and which
century two digits mean. Then each text is read on its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.encode import Counts
from mpi.standardise.layouts import (
    EIGHT,
    LAST_SERIAL,
    SIX,
    SPREADSHEET_ZERO,
    DateLayout,
    days_in,
    full_year,
    run_parts,
    tally,
    understand,
    valid,
)
from mpi.standardise.rules import Layout, Rule, Standardised, filled
from mpi.standardise.scan import COMPACT_TIME, FIRST_YEAR, LAST_YEAR, TIME, Scan, Shape, scan

_MANY = 50_000

IMPOSSIBLE = "impossible date, taken as missing"
UNREADABLE = "no date in it, taken as missing"
NO_DAY = "impossible day, kept as month only"
NO_MONTH = "impossible month, kept as year only"
SWAPPED = "day and month in the other order"
OTHER_RUN = "digits in the other order"


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


def read_run(digits: str, layout: DateLayout) -> tuple[str, str]:
    """A date of digits alone."""
    if len(digits) == 4:
        return form(full_year(digits, layout), 0, 0)
    if len(digits) == 5 and layout.serials and int(digits) <= LAST_SERIAL:
        date = datetime.date.fromordinal(SPREADSHEET_ZERO + int(digits))
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
    if len(first) > 4 or len(second) > 4 or len(third) > 4:
        return "", IMPOSSIBLE
    if len(first) > 2 or (len(third) <= 2 and int(first) > 31):
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
    return understand(tally([scan(t) for t in texts.to_pylist()], counts.tolist()))


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
    number = {repair: i for i, repair in enumerate(sorted({r for _, r in taken}))}
    found = np.array([number[r] for _, r in taken], np.int64)
    some = filled(texts)
    repairs = {repair: (found == i) & some for repair, i in number.items() if repair}
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
