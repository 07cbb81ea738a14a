"""What the fields of a Vietnamese record say about each other."""

from __future__ import annotations

import pyarrow as pa

from mpi.schema import Kind
from mpi.standardise.across import column_of
from mpi.standardise.table import StandardColumn
from mpi.standardise.vietnam.holders import (
    filled_in,
    said_by_records,
    unlike_their_records,
    zeros_restored,
)
from mpi.standardise.vietnam.reform import wards_of_today
from mpi.standardise.vietnam.relatives import kept_apart

TELLING = frozenset({Kind.NATIONAL_ID, Kind.INSURANCE_ID, Kind.WARD})
"""Numbers say something of their holder, and wards of their district."""


def read_across(columns: tuple[StandardColumn, ...], raw: pa.Table) -> tuple[StandardColumn, ...]:
    """The columns, each record read as a whole.

    Parameters
    ----------
    raw : the records as they came, a column a field
    """
    if TELLING.isdisjoint(column.field.kind for column in columns):
        return columns
    said = said_by_records(columns, raw.num_rows)
    names = column_of(columns, Kind.FULL_NAME)
    done = []
    for column in columns:
        kind = column.field.kind
        if kind is Kind.NATIONAL_ID:
            column = zeros_restored(column, said)
        if kind in (Kind.NATIONAL_ID, Kind.INSURANCE_ID):
            column = kept_apart(column, said, names, raw)
        if kind is Kind.NATIONAL_ID:
            column = unlike_their_records(column, said, raw[column.field.name])
        done.append(column)
    return wards_of_today(filled_in(done, said))
