"""Placeholders that the data give away: far too frequent, and shared by different people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from mpi.schema import Kind
from mpi.standardise.placeholders import ARROW
from mpi.standardise.table import Placeholder, StandardColumn

FEWEST_VALUES = 20
"""A column of fewer different values is never searched: its values are frequent by nature."""

DIFFERENT = 0.5
"""A value joins different people where it has this share of the different names that so many
records of different people would have."""

EPOCH = "1970-01-01"
_YEARS_AROUND = 3


@dataclass(frozen=True)
class Bound:
    """How frequent a value must be to be looked at.

    least : records, in any column
    times : multiple of the count that 99 % of the column's values stay below
    tail : multiple of the count of the value in eleventh place, where frequencies fall off slowly
    """

    least: int
    times: float
    tail: float = 0.0


BOUNDS: dict[Kind, Bound] = {
    Kind.NATIONAL_ID: Bound(10, 3.0),
    Kind.INSURANCE_ID: Bound(10, 3.0),
    Kind.PASSPORT_ID: Bound(10, 3.0),
    Kind.IDENTIFIER: Bound(10, 3.0),
    Kind.PHONE: Bound(20, 3.0),
    Kind.EMAIL: Bound(20, 3.0),
    Kind.BIRTH_DATE: Bound(20, 5.0),
    Kind.FULL_NAME: Bound(50, 20.0, 5.0),
    Kind.ADDRESS: Bound(50, 20.0, 5.0),
}
_NAMES = (Kind.FULL_NAME, Kind.MOTHER_NAME)
_NAME_PARTS = (Kind.FAMILY_NAME, Kind.MIDDLE_NAME, Kind.GIVEN_NAME, Kind.NAME)


@dataclass(frozen=True)
class Witness:
    """Something that differs between people: a code a record, -1 where it says nothing."""

    name: str
    codes: npt.NDArray[np.int64]
    n_values: int


def find_heaps(columns: Sequence[StandardColumn]) -> list[Placeholder]:
    """Placeholders by the evidence of the columns, by field and value.

    Examples
    --------
    >>> find_heaps([])
    []
    """
    found: list[Placeholder] = []
    people: dict[bool, Witness | None] = {}
    for column in columns:
        bound = BOUNDS.get(column.field.kind)
        if bound is None or len(column.values) < FEWEST_VALUES:
            continue
        dated = column.field.kind is Kind.BIRTH_DATE
        suspects = frequent(column, bound)
        if dated:
            # A year or a month alone is what the record says, however many say it.
            whole = pc.invert(pc.ends_with(column.values, "-00"))
            suspects &= np.asarray(whole, dtype=np.bool_)
            suspects |= new_years(column)
        if not suspects.any():
            continue
        named = column.field.kind is not Kind.FULL_NAME
        if named not in people:
            people[named] = by_name(columns) if named else by_birth(columns)
        witness = people[named]
        if witness is None and named and not dated:
            witness = by_birth(columns)
        if witness is not None:
            found += joined(column, suspects, witness)
    return found


def frequent(column: StandardColumn, bound: Bound) -> npt.NDArray[np.bool_]:
    """bool[n_values], values more frequent than the bound allows."""
    usual = float(np.quantile(column.counts, 0.99, method="higher"))
    limit = max(float(bound.least), bound.times * usual)
    if bound.tail and len(column.counts) > 10:
        limit = max(limit, bound.tail * float(np.partition(column.counts, -11)[-11]))
    return np.asarray(column.counts >= limit)


def new_years(column: StandardColumn) -> npt.NDArray[np.bool_]:
    """bool[n_values], 1 Januaries ten times as frequent as the other days of the years around."""
    dates = column.values.to_pylist()
    by_year: dict[int, int] = {}
    first: dict[int, int] = {}
    for i, (date, n) in enumerate(zip(dates, column.counts.tolist(), strict=True)):
        year = int(date[:4])
        if date[4:] == "-01-01":
            first[year] = i
        elif not date.endswith("-00"):
            by_year[year] = by_year.get(year, 0) + n
    heaped = np.zeros(len(dates), np.bool_)
    for year, i in first.items():
        around = range(year - _YEARS_AROUND, year + _YEARS_AROUND + 1)
        a_day = sum(by_year.get(y, 0) for y in around) / (364 * len(around))
        heaped[i] = column.counts[i] >= max(10.0, 10.0 * a_day)
    return heaped


def joined(
    column: StandardColumn, suspects: npt.NDArray[np.bool_], witness: Witness
) -> list[Placeholder]:
    """Those of the suspects that join many different people."""
    codes = np.flatnonzero(np.append(suspects, False)[column.codes] & (witness.codes >= 0))
    if len(codes) == 0:
        return []
    pairs = column.codes[codes].astype(np.int64) * witness.n_values + witness.codes[codes]
    n_values = len(column.values)
    rows = np.bincount(pairs // witness.n_values, minlength=n_values)
    different = np.bincount(np.unique(pairs) // witness.n_values, minlength=n_values)
    expected = witness.n_values * -np.expm1(-rows / witness.n_values)
    many = suspects & (2 * rows >= column.counts) & (different >= DIFFERENT * expected)
    many &= different >= 5
    found = []
    for i in np.flatnonzero(many).tolist():
        value, n = column.values[i].as_py(), int(column.counts[i])
        why = f"{n:,} records with {int(different[i]):,} different {witness.name}"
        new_year = column.field.kind is Kind.BIRTH_DATE and value.endswith("-01-01")
        if new_year and not (value == EPOCH and default_epoch(column)):
            value = f"{value}{ARROW}{value[:4]}-00-00"
        found.append(Placeholder(column.field.name, value, n, why))
    return found


def default_epoch(column: StandardColumn) -> bool:
    """Whether 1970-01-01 is what a program stores for no date: far above the years beside it."""
    counts = dict(zip(column.values.to_pylist(), column.counts.tolist(), strict=True))
    beside = max(counts.get(f"{year}-01-01", 0) for year in (1968, 1969, 1971, 1972))
    return bool(counts.get(EPOCH, 0) >= 3 * max(beside, 1))


def by_name(columns: Sequence[StandardColumn]) -> Witness | None:
    """Different people by their full name, or by its parts together."""
    for kind in _NAMES[:1]:
        for column in columns:
            if column.field.kind is kind:
                return Witness("names", column.codes.astype(np.int64), len(column.values))
    return together("names", [c for c in columns if c.field.kind in _NAME_PARTS])


def by_birth(columns: Sequence[StandardColumn]) -> Witness | None:
    """Different people by their date or year of birth."""
    for kind in (Kind.BIRTH_DATE, Kind.BIRTH_YEAR):
        dates = [c for c in columns if c.field.kind is kind]
        if dates:
            return together("dates of birth", dates[:1])
    return None


def together(name: str, columns: Sequence[StandardColumn]) -> Witness | None:
    """A witness of several columns, silent where all of them are."""
    if not columns:
        return None
    codes = columns[0].codes.astype(np.int64)
    silent = codes < 0
    n_values = len(columns[0].values)
    for column in columns[1:]:
        codes = (codes + 1) * (len(column.values) + 1) + column.codes + 1
        silent &= column.codes < 0
        different, codes = np.unique(codes, return_inverse=True)
        n_values = len(different)
    return Witness(name, np.where(silent, -1, codes), max(n_values, 1))
