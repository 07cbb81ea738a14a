"""Parts of standard tables: some records of one, and the records of several as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.standardise.encode import compose, count, rank
from mpi.standardise.table import StandardColumn, StandardTable


def some_records(standard: StandardTable, rows: npt.NDArray[np.int64]) -> StandardTable:
    """The records at these rows, in this order; values that none of them holds are left out.

    Examples
    --------
    >>> from mpi.records.table import Field
    >>> from mpi.schema import Form, Kind
    >>> field = Field("sex", Kind.SEX, "sex", "column name")
    >>> codes, counts = np.array([1, 0, -1], np.int32), np.array([1, 1])
    >>> column = StandardColumn(field, Form.CATEGORY, codes, pa.array(["F", "M"]), counts, {})
    >>> standard = StandardTable((column,), np.zeros(3, np.int32), ("hue",))
    >>> some = some_records(standard, np.array([2, 0])).columns[0]
    >>> some.codes.tolist(), some.values.to_pylist()
    ([-1, 0], ['M'])
    """
    columns = []
    for column in standard.columns:
        used, codes = np.unique(column.codes[rows], return_inverse=True)
        missing = int(len(used) > 0 and used[0] < 0)
        columns.append(
            replace(
                column,
                codes=codes.astype(np.int32) - np.int32(missing),
                values=column.values.take(pa.array(used[missing:])),
                counts=count(codes.astype(np.int32) - np.int32(missing), len(used) - missing),
                repairs={},
            )
        )
    return replace(standard, columns=tuple(columns), source=standard.source[rows])


def together(tables: Sequence[StandardTable]) -> StandardTable:
    """The records of several tables with the same columns, one table after the other."""
    first = tables[0]
    if len(tables) == 1:
        return first
    columns = [_joined([t.columns[f] for t in tables]) for f in range(len(first.columns))]
    names = [name for table in tables for name in table.sources]
    sources, numbers = rank(pa.array(names, pa.string()))
    ends = np.cumsum([len(table.sources) for table in tables])[:-1]
    source = [
        own[table.source] if len(own) else table.source
        for own, table in zip(np.split(numbers, ends), tables, strict=True)
    ]
    return replace(
        first,
        columns=tuple(columns),
        source=np.concatenate(source),
        sources=tuple(sources.to_pylist()),
    )


def _joined(columns: Sequence[StandardColumn]) -> StandardColumn:
    values, places = rank(pa.concat_arrays([column.values for column in columns]))
    ends = np.cumsum([len(column.values) for column in columns])[:-1]
    codes = np.concatenate(
        [
            compose(column.codes, own)
            for column, own in zip(columns, np.split(places, ends), strict=True)
        ]
    )
    return replace(
        columns[0], codes=codes, values=values, counts=count(codes, len(values)), repairs={}
    )
