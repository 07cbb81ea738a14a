"""Parquet and Arrow IPC, some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mpi.errors import UnusableInputError
from mpi.records.batch import AS_IT_IS, Batch, Intake, joined, piece_of, unique_names
from mpi.records.inputs import Content, Format
from mpi.records.text import all_midnight, flattened, is_moment, table_as_text

_ROWS = 1 << 16
"""Rows of a piece: decoded in less time than more are, which leave the processor's cache."""


Pieces = Callable[[Sequence[int] | None], Iterator[pa.Table]]
"""The rows of a file in pieces; of the columns at these places alone, if some are given."""


def read_columnar(content: Content, intake: Intake = AS_IT_IS, *, rows: int = _ROWS) -> Batch:
    """Rows of a Parquet or Arrow file, every column as text.

    Parameters
    ----------
    intake : what becomes of the rows of a piece
    rows : rows of a piece

    Raises
    ------
    UnusableInputError
        The file is truncated or damaged: it is read whole before anything else happens, so
        nothing was written yet.
    """
    origin = content.origin
    try:
        schema, tables = _opened(content, rows)
        names = unique_names(schema.names, origin.name)
        dates = _dates(schema, tables)
        flat: list[str] = []
        pieces: list[Batch] = []
        at = 0
        for table in intake.ahead(tables(None)):
            table = table_as_text(table.rename_columns(names.names), dates)
            flat = flat or unique_names(table.column_names, origin.name).names
            numbers = np.arange(at + 1, at + 1 + table.num_rows, dtype=np.int64)
            pieces.append(intake.keep(piece_of(table.rename_columns(flat), numbers)))
            at += table.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        what = str(error).splitlines()[0][:200]
        raise UnusableInputError(
            f"{origin.name} is a truncated or damaged {content.format} ({what}); "
            "fetch or write it again"
        ) from None
    return replace(
        joined(pieces),
        name=origin.name,
        source=origin.source,
        fingerprint=content.fingerprint,
        notes=(*content.notes, str(content.format)),
        messages=tuple(names.messages),
    )


def _opened(content: Content, rows: int) -> tuple[pa.Schema, Pieces]:
    buffer = pa.py_buffer(content.data)
    if content.format is Format.PARQUET:
        return _parquet(buffer, rows)
    opened = pa.ipc.open_file if content.format is Format.ARROW_FILE else pa.ipc.open_stream
    with opened(buffer) as reader:
        schema = reader.schema

    def tables(columns: Sequence[int] | None) -> Iterator[pa.Table]:
        chosen = pa.ipc.IpcReadOptions(included_fields=columns)
        with opened(buffer, options=chosen) as reader:
            yield reader.schema.empty_table()
            for batch in _batches(reader):
                for at in range(0, batch.num_rows, rows):
                    yield pa.Table.from_batches([batch.slice(at, rows)])

    return schema, tables


def _batches(
    reader: pa.ipc.RecordBatchFileReader | pa.ipc.RecordBatchStreamReader,
) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, pa.ipc.RecordBatchFileReader):
        return (reader.get_batch(i) for i in range(reader.num_record_batches))
    return iter(reader)


def _parquet(buffer: pa.Buffer, rows: int) -> tuple[pa.Schema, Pieces]:
    # ParquetFile, not read_table: it keeps columns of the same name apart
    schema = pq.ParquetFile(pa.BufferReader(buffer)).schema_arrow
    by_name = len(set(schema.names)) == len(schema) and "." not in "".join(schema.names)

    def tables(columns: Sequence[int] | None) -> Iterator[pa.Table]:
        file = pq.ParquetFile(pa.BufferReader(buffer))
        few = columns is not None and by_name
        read = [schema.names[i] for i in columns or ()] if few else None
        yield schema.empty_table().select(range(len(schema)) if columns is None else columns)
        for batch in file.iter_batches(rows, columns=read):
            table = pa.Table.from_batches([batch])
            yield table if columns is None or few else table.select(columns)

    return schema, tables


def _dates(schema: pa.Schema, tables: Pieces) -> list[bool]:
    """Of each column, structs taken apart: whether it is of moments that are all midnight.

    Moments are read beforehand, for one of the last rows decides how those of the first are
    written.
    """
    # numbered: two columns can have one name
    numbered = schema.empty_table().rename_columns([str(i) for i in range(len(schema))])
    flat = flattened(numbered)
    dates = {f.name for f in flat.schema if is_moment(f.type)}
    wanted = [i for i in range(len(schema)) if any(n.split(".")[0] == str(i) for n in dates)]
    if wanted:
        for table in tables(wanted):
            piece = flattened(table.rename_columns([str(i) for i in wanted]))
            dates -= {name for name in dates if not all_midnight(piece[name])}
            if not dates:
                break
    return [name in dates for name in flat.column_names]
