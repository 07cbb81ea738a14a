"""Dates as Vietnamese registries write them.

The general rule reads them; this one adds what is Vietnamese. Months in words (``tháng Giêng``,
``05-Thg5-1990``), and days that stand for a year alone: programs that have no room for an unknown
day store 1 January, 1 July or 31 December. Where a column heaps the births of a year on such a
day, the day is left out there. A column of many texts is read by a kernel to the numbers that stand
in them, and the general rule reads each different one once.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from mpi.schema import Kind
from mpi.standardise.alphabets import FEW
from mpi.standardise.encode import Counts
from mpi.standardise.layouts import DateLayout, understand
from mpi.standardise.placeholders import listed
from mpi.standardise.rules import Layout, Mask, Rule, Standardised, filled
from mpi.standardise.scan import LAST_YEAR
from mpi.standardise.vietnam.date_parts import (
    Contents,
    Ints,
    contents,
    date_texts,
    read_contents,
)

HEAPED = "day that stands for an unknown one, kept as year only"
HEAP_DAYS = {"01-01": 101, "07-01": 701, "12-31": 1231}
"""Days that stand for an unknown one, and how yyyymmdd ends on them."""
_TIMES, _FEWEST, _YEARS_AROUND = 10.0, 10, 3


def date_layout(texts: pa.Array, counts: Counts) -> Layout:
    """Understand a column of dates: what makes most of its values possible."""
    column = contents(texts)
    return understand(column.tally(_rows(column, counts)))


def _rows(column: Contents, counts: Counts) -> Ints:
    return np.bincount(column.places, counts, len(column)).astype(np.int64)


def birth_layout(texts: pa.Array, counts: Counts) -> Layout:
    """Understand a column of births, and find the days that stand for a year alone.

    Examples
    --------
    >>> days = [f"{d:02d}/{m:02d}/1950" for m in range(1, 13) for d in range(1, 29)]
    >>> many = np.where(np.arange(len(days)) == 0, 500, 1)
    >>> birth_layout(pa.array(days), many).text
    'day first, yyyymmdd, yyyymm, to 1950, 01-01 of 1950'
    """
    column = contents(texts)
    rows = _rows(column, counts)
    layout = understand(column.tally(rows))
    dates, _ = read_contents(column, DateLayout.read(layout.text))
    text, notes = layout.text, [layout.message] if layout.message else []
    for day, years in find_heaps(dates, rows).items():
        text += f", {day} of {' '.join(spans(years))}"
        notes.append(f"{day} read as year only in {', '.join(spans(years))}")
    return Layout(text, "; ".join(notes))


def find_heaps(dates: Ints, rows: Ints) -> dict[str, list[int]]:
    """The years in which a day of `HEAP_DAYS` has ten times the births of a usual day around.

    Parameters
    ----------
    dates, rows : int64[n], yyyymmdd and records of each

    Examples
    --------
    >>> find_heaps(np.array([19500101, 19500102]), np.array([10, 1]))
    {'01-01': [1950]}
    """
    known = dates % 100 > 0
    dates, rows = dates[known], rows[known]
    years, days = dates // 10_000, dates % 10_000
    usual = ~np.isin(days, list(HEAP_DAYS.values()))
    n_years = LAST_YEAR + 2
    births = np.bincount(years[usual], rows[usual], n_years)
    around = np.convolve(births, np.ones(2 * _YEARS_AROUND + 1), "same")
    filled_years = np.convolve(births > 0, np.ones(2 * _YEARS_AROUND + 1), "same")
    a_day = around / np.maximum(filled_years, 1) / 362
    found: dict[str, list[int]] = {}
    for name, day in HEAP_DAYS.items():
        heap = np.bincount(years[days == day], rows[days == day], n_years)
        heaped = np.flatnonzero(heap >= np.maximum(_FEWEST, _TIMES * a_day))
        # A date that no birth has is a placeholder, and no year is known.
        nobody = listed(Kind.BIRTH_DATE)
        heaped = np.array([y for y in heaped if f"{y:04}-{name}" not in nobody], np.int64)
        if len(heaped):
            found[name] = heaped.tolist()
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


def heaps_of(layout: str) -> list[int]:
    """The dates that a layout says stand for a year alone, as yyyymmdd.

    Examples
    --------
    >>> heaps_of("day first, to 1990, 01-01 of 1930-1931 1950")
    [19300101, 19310101, 19500101]
    """
    dates: list[int] = []
    for part in layout.split(", "):
        day, word, years = part.partition(" of ")
        if not word or day not in HEAP_DAYS:
            continue
        for span in years.split():
            first, _, last = span.partition("-")
            years_of = range(int(first), int(last or first) + 1)
            dates += [year * 10_000 + HEAP_DAYS[day] for year in years_of]
    return dates


@cache
def _known_heaps(layout: str) -> frozenset[int]:
    return frozenset(heaps_of(layout))


def _in(dates: Ints, some: frozenset[int]) -> Mask:
    """bool[n], dates that are among some."""
    if len(dates) <= FEW:
        return np.array([date in some for date in dates.tolist()], np.bool_)
    return np.isin(dates, list(some))


def standard_dates(texts: pa.Array, layout: str) -> Standardised:
    """Dates in standard form.

    Examples
    --------
    >>> raw = pa.array(["12/5/1990", "199005120830", "31/02/1990", "01/01/1950"])
    >>> standard_dates(raw, "day first, 01-01 of 1950").values.to_pylist()
    ['1990-05-12', '1990-05-12', '1990-02-00', '1950-00-00']
    """
    column = contents(texts)
    dates, done = read_contents(column, DateLayout.read(layout))
    heaped = _in(dates, _known_heaps(layout))
    dates[heaped] -= dates[heaped] % 10_000
    done = {name: mask for name, mask in sorted((done | {HEAPED: heaped}).items()) if mask.any()}
    some = filled(texts) if done else np.zeros(0, np.bool_)
    repairs = {name: mask[column.places] & some for name, mask in done.items()}
    return Standardised(
        date_texts(dates).take(pa.array(column.places)),
        {name: mask for name, mask in repairs.items() if mask.any()},
    )


DATE = Rule(standard_dates, layout=date_layout, bulk=True)
BIRTH = Rule(standard_dates, layout=birth_layout, bulk=True)
