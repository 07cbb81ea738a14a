"""Files in, record table out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from mpi.records.assemble import assemble
from mpi.records.batch import Batch, Intake, screen
from mpi.records.claims import read_claims
from mpi.records.columnar import read_columnar
from mpi.records.delimited import read_delimited
from mpi.records.inputs import Format, Origin, find_inputs
from mpi.records.ndjson import read_ndjson
from mpi.records.opening import open_input
from mpi.records.shelf import Shelf
from mpi.records.table import RecordTable
from mpi.records.values import tidy
from mpi.schema import Kind
from mpi.settings import Settings
from mpi.stages import Stages


def read_records(
    inputs: str | Path | Sequence[str | Path],
    *,
    settings: Settings | None = None,
    known: Mapping[str, Kind] | None = None,
    stages: Stages | None = None,
) -> RecordTable:
    """Read files into one record table.

    Parameters
    ----------
    inputs : files, folders (the files right inside), globs, ``-`` for standard input; Parquet,
        CSV and its relatives, NDJSON, Arrow IPC, Vietnamese health-insurance claims in XML; text
        also with .gz or .zst
    settings : ``settings.fields`` names kinds of columns, above all else
    known : column name -> kind, of an earlier run

    Returns
    -------
    RecordTable
        One row a record key, sorted by (source, record_id). Of several rows with a key the one
        with the latest `updated_at` is kept; where that settles nothing, the one whose content
        comes last in byte order, for nothing better is the same in every order of files.

    Raises
    ------
    UsageError
        A path does not exist, or the settings name a column that no input has.
    UnusableInputError
        A file is damaged, no row is usable, or no column is a name or an identifier.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "hue.csv")
    ...     _ = path.write_text("id,ho_ten,ngay_sinh\\n007,Le An,1990-05-12\\n008,,\\n")
    ...     records = read_records(path)
    >>> records.data.to_pylist()
    [{'source': 'hue', 'record_id': '007', 'full_name': 'Le An', 'birth_date': '1990-05-12'}]
    >>> records.total
    Fates(read=2, accepted=1, replaced=0, deleted=0, quarantined=1)
    """
    stages, settings = stages or Stages(), settings or Settings()
    shelf = Shelf(stages.scratch)
    with stages.stage("reading") as advance:
        batches = _read_all(find_inputs(inputs), settings, shelf, advance)
    with stages.stage("arranging records") as advance:
        records = assemble(batches, settings, known or {}, shelf)
        advance(len(records))
    return records


def _read_all(
    origins: Sequence[Origin], settings: Settings, shelf: Shelf, advance: Callable[[int], None]
) -> list[Batch]:
    threads = settings.threads or os.cpu_count() or 1
    batches = []
    # Decompressing, hashing and looking at bytes wait for nobody: there is a thread for each
    # of many files, and one for each of the columns of few.
    with ThreadPoolExecutor(threads) if threads > 1 else nullcontext() as pool:
        many = len(origins) >= threads
        read = partial(_read, shelf, None if many else pool)
        for batch in (pool.map if pool and many else map)(read, origins):
            batches.append(batch)
            advance(batch.read)
    return batches


def _read(shelf: Shelf, pool: ThreadPoolExecutor | None, origin: Origin) -> Batch:
    """The rows of one file, kept piece by piece.

    pool : its threads work on this file alone
    """

    def keep(piece: Batch) -> Batch:
        columns = [*(pool.map if pool else map)(tidy, piece.table.columns)]
        names = piece.table.column_names
        piece = screen(replace(piece, table=pa.table(columns, names=names)))
        return replace(piece, table=shelf.table(piece.table), rows=shelf.numbers("", piece.rows))

    intake = Intake(keep, partial(_ahead, pool) if pool else iter, shelf.scratch)
    with open_input(origin) as opened:
        if opened.format is Format.CLAIMS:
            return read_claims(opened, intake)
        content = opened.whole(shelf.scratch)
        if content.format is Format.DELIMITED:
            return read_delimited(content, intake)
        if content.format is Format.NDJSON:
            return read_ndjson(content, intake)
        return read_columnar(content, intake)


_END = object()


def _ahead(pool: ThreadPoolExecutor, pieces: Iterator[Any]) -> Iterator[Any]:
    """The pieces, each made while the one before it is worked on."""
    made = pool.submit(next, pieces, _END)
    while (piece := made.result()) is not _END:
        made = pool.submit(next, pieces, _END)
        yield piece
