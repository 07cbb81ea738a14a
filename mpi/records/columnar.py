"""Parquet and Arrow IPC."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mpi.errors import UnusableInputError
from mpi.records.batch import Batch, unique_names
from mpi.records.inputs import Content, Format
from mpi.records.text import table_as_text


def read_columnar(content: Content) -> Batch:
    """Rows of a Parquet or Arrow file, every column as text.

    Raises
    ------
    UnusableInputError
        The file is truncated or damaged: it is read whole before anything else happens, so
        nothing was written yet.
    """
    origin = content.origin
    try:
        table = _table(content)
        names = unique_names(table.column_names, origin.name)
        table = table_as_text(table.rename_columns(names.names))
        flat = unique_names(table.column_names, origin.name)
        table = table.rename_columns(flat.names)
    except (pa.ArrowException, OSError, ValueError) as error:
        what = str(error).splitlines()[0][:200]
        raise UnusableInputError(
            f"{origin.name} is a truncated or damaged {content.format} ({what}); "
            "fetch or write it again"
        ) from None
    return Batch(
        origin.name,
        origin.source,
        table,
        np.arange(1, table.num_rows + 1, dtype=np.int64),
        fingerprint=content.fingerprint,
        notes=(*content.notes, str(content.format)),
        messages=tuple(names.messages),
    )


def _table(content: Content) -> pa.Table:
    buffer = pa.py_buffer(content.data)
    if content.format is Format.PARQUET:
        # ParquetFile, not read_table: it keeps columns of the same name apart
        return pq.ParquetFile(pa.BufferReader(buffer)).read()
    if content.format is Format.ARROW_FILE:
        with pa.ipc.open_file(buffer) as reader:
            return reader.read_all()
    with pa.ipc.open_stream(buffer) as reader:
        return reader.read_all()
