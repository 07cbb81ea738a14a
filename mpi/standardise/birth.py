"""A date of birth that came in three columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from mpi.records.table import Field
from mpi.schema import Form, Kind
from mpi.standardise.dates import NO_DAY
from mpi.standardise.encode import count
from mpi.standardise.layouts import days_in
from mpi.standardise.table import StandardColumn

PARTS = (Kind.BIRTH_YEAR, Kind.BIRTH_MONTH, Kind.BIRTH_DAY)
NO_YEAR = "day or month of birth without a year, taken as missing"


def joined_birth(columns: Sequence[StandardColumn]) -> tuple[StandardColumn, ...]:
    """The columns, with year, month and day of birth joined where there is no date of birth."""
    parts = [next((c for c in columns if c.field.kind is kind), None) for kind in PARTS]
    year, month, day = parts
    if year is None or month is None or day is None:
        return tuple(columns)
    if any(c.field.kind is Kind.BIRTH_DATE for c in columns):
        return tuple(columns)
    birth = join_parts(year, month, day)
    first = min(columns.index(c) for c in (year, month, day))
    rest = [c for c in columns if c is not year and c is not month and c is not day]
    rest.insert(first, birth)
    return tuple(rest)


def join_parts(year: StandardColumn, month: StandardColumn, day: StandardColumn) -> StandardColumn:
    """One column of dates from columns of years, months and days."""
    y, m, d = (
        np.array([*map(int, part.values.to_pylist()), 0], np.int64)[part.codes]
        for part in (year, month, day)
    )
    numbers = np.where(y > 0, y * 10_000 + m * 100 + np.where(m > 0, d, 0), 0)
    different, codes = np.unique(numbers, return_inverse=True)
    texts, impossible = [], np.zeros(len(different), np.bool_)
    for i, number in enumerate(different.tolist()):
        a, b, c = number // 10_000, number // 100 % 100, number % 100
        impossible[i] = c > (days_in(a, b) if b else 0)
        texts.append(f"{a:04d}-{b:02d}-{0 if impossible[i] else c:02d}")
    if len(different) and different[0] == 0:
        texts[0] = ""
    values = pa.array(sorted({t for t in texts if t}), pa.string())
    place = {text: i for i, text in enumerate(values.to_pylist())}
    standard = np.array([place.get(t, -1) for t in texts], np.int32)[codes]
    repairs = {
        NO_DAY: int(impossible[codes].sum()),
        NO_YEAR: int(((y == 0) & ((m > 0) | (d > 0))).sum()),
    }
    for part in (year, month, day):
        for repair, n in part.repairs.items():
            repairs[repair] = repairs.get(repair, 0) + n
    field = Field(
        "birth_date",
        Kind.BIRTH_DATE,
        "+".join(p.field.column for p in (year, month, day)),
        "year, month and day in three columns",
    )
    return StandardColumn(
        field,
        Form.DATE,
        standard.astype(np.int32, copy=False),
        values,
        count(standard, len(values)),
        {repair: n for repair, n in repairs.items() if n},
    )
