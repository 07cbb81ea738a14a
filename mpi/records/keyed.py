"""The rows of all files: what each column holds, and each row's source and record id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.batch import Batch
from mpi.records.gather import Rows
from mpi.records.order import ranked
from mpi.records.shelf import Shelf
from mpi.records.table import Field
from mpi.records.values import NOTHING_BUT_A_NAME, drop_marks
from mpi.schema import FORM_OF, Form, Kind
from mpi.scratch import Scratch

_STEP = 1 << 20
"""Rows of a piece that is made here."""


@dataclass
class KeyedRows:
    """All rows of all files on their way to a fate.

    columns : field name -> string[n_rows]; each is taken out when it was put in order
    sources : names in byte order
    source : int32[n_rows], index into `sources`
    record_id : string[n_rows]
    """

    columns: dict[str, pa.ChunkedArray]
    sources: pa.Array
    source: npt.NDArray[np.int32]
    record_id: pa.ChunkedArray


def stacked(
    batches: Sequence[Batch], scratch: Scratch | None = None
) -> tuple[pa.Table, npt.NDArray[np.int32]]:
    """All rows in one table, a column of the union each, nothing copied.

    scratch : where they lie

    Returns
    -------
    the table, and int32[n_rows], index of each row's batch
    """
    names = list(dict.fromkeys(name for b in batches for name in b.table.column_names))
    most = max((len(b.rows) for b in batches), default=0)
    missing = pa.nulls(min(most, _STEP), pa.string())
    tables, looked_at = [], 0
    for b in batches:
        columns = []
        for name in names:
            if name in b.table.column_names:
                columns.append(b.table.column(name))
            else:
                parts = [missing[: len(b.rows) - at] for at in range(0, len(b.rows), _STEP)]
                columns.append(pa.chunked_array(parts, pa.string()))
        tables.append(pa.table(columns, names))  # which looks at each piece
        looked_at += len(b.rows)
        if scratch is not None and looked_at >= _STEP:
            scratch.let_go()
            looked_at = 0
    sizes = [len(b.rows) for b in batches]
    return pa.concat_tables(tables), np.repeat(np.arange(len(batches), dtype=np.int32), sizes)


def of_kind(fields: Sequence[Field], kind: Kind) -> str | None:
    """The column of a singular kind."""
    return next((f.column for f in fields if f.kind is kind), None)


def keyed(
    table: pa.Table,
    fields: Sequence[Field],
    batches: Sequence[Batch],
    batch: npt.NDArray[np.int32],
    messages: list[str],
    shelf: Shelf,
) -> KeyedRows:
    """Fields under their names, and each row's source and record id.

    Parameters
    ----------
    messages : what the user should know is added
    """
    stems = pa.array([b.source for b in batches], pa.string())
    source_column = of_kind(fields, Kind.SOURCE)
    id_column = of_kind(fields, Kind.RECORD_ID)
    if source_column is None:
        ranks, sources = ranked(pa.chunked_array([stems]))
        source = ranks[batch]
    else:
        named = table.column(source_column)
        # those of the files behind it, so that each has a rank
        ranks, sources = ranked(pa.chunked_array([*named.chunks, stems]))
        source = ranks[: len(named)]
        missing = source < 0
        source[missing] = ranks[len(named) :][batch[missing]]
    # a table of no rows can still have lost its column in `unite`
    without = [
        i for i, b in enumerate(batches) if len(b.rows) and id_column not in b.table.column_names
    ]
    if without:
        numbers = _row_numbers(batches, without, source_column is not None)
        record_id = pa.chunked_array([shelf.put("", n) for n in numbers], pa.string())
        names = ", ".join(dict.fromkeys(batches[i].name for i in without))
        messages.append(
            f"{names}: no column is a record id, so the row number is; a row that moves in the "
            "file becomes another record"
        )
        if id_column is not None:
            record_id = pc.coalesce(table.column(id_column), record_id)
    else:
        record_id = table.column(id_column)
    columns = {}
    for f in fields:
        column = table.column(f.column)
        form = FORM_OF.get(f.kind)
        if form is not None and form is not Form.NAME:
            column = drop_marks(column, NOTHING_BUT_A_NAME)
            shelf.scratch.let_go()
        columns[f.name] = column
    return KeyedRows(columns, sources, source, record_id)


def _row_numbers(
    batches: Sequence[Batch], without: Sequence[int], mixed: bool
) -> Iterator[pa.Array]:
    """Row numbers as record ids; with the file in front where files could share a source."""
    stems = Counter(batches[i].source for i in without)
    names = Counter(batches[i].name for i in without)
    for i, b in enumerate(batches):
        if i not in without:
            front = None
        elif stems[b.source] == 1 and (not mixed or len(without) == 1):
            front = ""
        elif names[b.name] == 1:
            front = f"{b.name}#"
        else:
            front = f"{b.name}#{i}#"
        for at in range(0, len(b.rows), _STEP):
            numbers = pa.array(b.rows[at : at + _STEP])
            if front is None:
                yield pa.nulls(len(numbers), pa.string())
            else:
                text = numbers.cast(pa.string())
                yield pc.binary_join_element_wise(front, text, "") if front else text


def row_numbers(batches: Sequence[Batch], rows: Rows) -> tuple[Rows, Rows]:
    """The file, as its index, and the number in it, 1 is the first, of some rows."""
    starts = np.cumsum([0, *(len(b.rows) for b in batches)])
    batch = np.searchsorted(starts, rows, "right") - 1
    numbers = [batches[i].rows[row - starts[i]] for i, row in zip(batch, rows, strict=True)]
    return batch, np.array(numbers, np.int64)
