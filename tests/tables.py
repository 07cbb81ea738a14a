"""Small record and standard tables, written out in a test as columns of Python values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from mpi.encode.comparisons import Comparison
from mpi.encode.rows import Encoded, encode
from mpi.records.table import Field, RecordTable
from mpi.schema import FORM_OF, Kind
from mpi.standardise.table import StandardColumn, StandardTable

Column = Sequence[str | None]


def standard_column(name: str, kind: Kind, values: Column) -> StandardColumn:
    """A standard column of values that are in standard form already."""
    unique = sorted({v for v in values if v is not None}, key=lambda v: v.encode())
    number = {v: i for i, v in enumerate(unique)}
    codes = np.array([-1 if v is None else number[v] for v in values], np.int32)
    counts = np.bincount(codes[codes >= 0], minlength=len(unique)).astype(np.int64)
    field = Field(name, kind, name, "test")
    return StandardColumn(field, FORM_OF[kind], codes, pa.array(unique, pa.string()), counts, {})


def standard_table(
    columns: Mapping[tuple[str, Kind], Column],
    source: Sequence[str] | None = None,
    locale: str = "general",
) -> StandardTable:
    """A standard table; `columns` maps (field name, kind) to values in standard form."""
    made = tuple(standard_column(name, kind, values) for (name, kind), values in columns.items())
    n = len(made[0].codes)
    sources = sorted(set(source or ["a"]))
    numbers = [sources.index(s) for s in source] if source else [0] * n
    return StandardTable(made, np.array(numbers, np.int32), tuple(sources), locale=locale)


def encoded_table(
    columns: Mapping[tuple[str, Kind], Column],
    source: Sequence[str] | None = None,
    *,
    across: bool = False,
    partners: Mapping[str, str] | None = None,
    locale: str = "general",
) -> Encoded:
    """Rows and dictionaries for the kernels; every column is compared."""
    standard = standard_table(columns, source, locale)
    both = {**(partners or {}), **{b: a for a, b in (partners or {}).items()}}
    comparisons = tuple(
        Comparison(c.field.name, c.field.kind, c.form, both.get(c.field.name))
        for c in standard.columns
    )
    return encode(standard, comparisons, across=across)


def record_table(
    columns: Mapping[tuple[str, Kind], Column],
    record_id: Sequence[str] | None = None,
    source: Sequence[str] | None = None,
) -> RecordTable:
    """A record table of raw values, sorted by record key as the readers leave it."""
    n = len(next(iter(columns.values())))
    ids = list(record_id) if record_id is not None else [f"{i:06d}" for i in range(n)]
    data = {"source": list(source) if source is not None else ["a"] * n, "record_id": ids}
    table = pa.table(
        {
            **{name: pa.array(values, pa.string()) for name, values in data.items()},
            **{name: pa.array(values, pa.string()) for (name, _), values in columns.items()},
        }
    ).sort_by([("source", "ascending"), ("record_id", "ascending")])
    fields = tuple(Field(name, kind, name, "test") for name, kind in columns)
    return RecordTable(table, fields, {}, table.select(["source", "record_id"]).slice(0, 0))
