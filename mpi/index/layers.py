"""A table of a snapshot: a file a hash bucket, and over them what the nights since changed.

A night that changes one row in a hundred touches every bucket. It writes what changed into a file
of its own, and folds a few buckets; who reads puts the two together, bucket by bucket or all at
once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mpi.index.keys import bucket_numbers
from mpi.index.manifest import Change, Changes, File
from mpi.index.merge import Rows, Step, bucket_starts, in_key_order, merge
from mpi.index.store import Store
from mpi.index.vault import Vault
from mpi.index.workers import in_order

UNCHANGED = Changes((), ())

Keep = Callable[[pa.Table, int], pa.Table]
"""Of some rows of a bucket, by its number, those that are wanted."""


@dataclass(frozen=True)
class Layers:
    """A table in its files.

    key : the columns it is sorted by; the first two of them say the bucket
    buckets : how many there are; several files may lie in the only bucket of a table that grows
    """

    store: Store
    name: str
    key: tuple[str, ...]
    buckets: int
    files: tuple[File, ...]
    changes: Changes = UNCHANGED

    @cached_property
    def schema(self) -> pa.Schema:
        """The table's columns."""
        return self.store.vault.reader(self.store.read(self.files[0])).schema_arrow

    def read(self, columns: Sequence[str] | None = None, *, ordered: bool = True) -> pa.Table:
        """The whole table, sorted by its key; columns of the key come with those asked for.

        ordered : False leaves the rows in the order of the files, which is faster
        """
        names = self._with_key(columns)
        table = self.store.read_files(self.files, names)
        if self.changes.steps:
            steps = [self._step(change, names) for change in self.changes.steps]
            merged = merge(table, steps, self.key, ordered=ordered)
            if merged is not table:
                return merged
        return in_key_order(table, self.key) if ordered and len(self.files) > 1 else table

    def scan(
        self,
        columns: Sequence[str] | None = None,
        wanted: Sequence[int] | None = None,
        keep: Keep | None = None,
    ) -> Iterator[pa.Table]:
        """One bucket after the other, each sorted by the key; the next one is read meanwhile.

        wanted : numbers of buckets; all if not given
        keep : as for `open`
        """
        numbers = range(self.buckets) if wanted is None else wanted
        if self.buckets == 1:
            whole = [self.read(columns)] if len(numbers) else []
            return iter(whole if keep is None else [keep(table, 0) for table in whole])
        return in_order(self.open(columns, keep), numbers, workers=1)

    def open(
        self, columns: Sequence[str] | None = None, keep: Keep | None = None
    ) -> Callable[[int], pa.Table]:
        """What reads a bucket by its number; several threads may.

        Files of changes stay in memory as they are, packed.

        keep : gives the rows of a bucket that are wanted, by their key alone; the others are not
            put in order
        """
        names = self._with_key(columns)
        files = {file.bucket: file for file in self.files}
        steps = [
            (change.snapshot, [None if f is None else self._packed(f) for f in pair])
            for change in self.changes.steps
            for pair in [(change.rows, change.gone)]
        ]

        def bucket(number: int) -> pa.Table:
            if number in files:
                table = self.store.read_rows(files[number], names)
            else:
                table = self._empty(names)
            if keep is not None:
                table = keep(table, number)
            parts: list[Step] = []
            for snapshot, (rows, gone) in steps:
                if snapshot > self.changes.through[number]:
                    new = None if rows is None else rows.part(number, names)
                    if new is not None and keep is not None:
                        new = keep(new, number)
                    parts.append((new, None if gone is None else gone.part(number, self.key)))
            return merge(table, parts, self.key)

        return bucket

    def find(self, wanted: dict[str, str]) -> pa.Table:
        """The row with this key, which names all of its columns; empty where there is none."""
        texts = [pa.chunked_array([[wanted[name]]], pa.string()) for name in self.key[:2]]
        number = int(bucket_numbers(texts, self.buckets)[0])
        for change in reversed(self.changes.steps):
            if change.snapshot <= self.changes.through[number]:
                break
            for file in change.files:
                here = _equal(self.store.read_rows(file, self.key), wanted)
                if pc.any(here).as_py():
                    if file is change.gone:
                        return self._empty(None)
                    return self.store.read_rows(file).filter(here)
        for file in self.files:
            if file.bucket == number:
                rows = self.store.read_where(file, wanted)
                if rows.num_rows:
                    return rows
        return self._empty(None)

    def _with_key(self, columns: Sequence[str] | None) -> list[str] | None:
        if columns is None:
            return None
        return [*columns, *(name for name in self.key if name not in columns)]

    def _empty(self, columns: Sequence[str] | None) -> pa.Table:
        table = self.schema.empty_table()
        return table if columns is None else table.select(columns)

    def _step(self, change: Change, columns: Sequence[str] | None) -> Step:
        rows, gone = change.rows, change.gone
        return (
            None if rows is None else self.store.read_rows(rows, columns),
            None if gone is None else self.store.read_rows(gone),
        )

    def _packed(self, file: File) -> Arranged:
        content = self.store.read(file)
        reader = self.store.vault.reader(content)
        starts = self.store.starts.get(file.name)
        if starts is None:
            keys = reader.read(columns=list(self.key[:2]))
            numbers = bucket_numbers([keys[name] for name in self.key[:2]], self.buckets)
            starts = self.store.starts[file.name] = bucket_starts(numbers, self.buckets)
        return Packed(starts, content, reader.metadata, self.store.vault)


@dataclass(frozen=True)
class Arranged(ABC):
    """Rows sorted by hash bucket, then by key.

    starts : int64[buckets + 1], where each bucket begins
    """

    starts: Rows

    def part(self, bucket: int, columns: Sequence[str] | None) -> pa.Table:
        """The rows of a bucket."""
        return self.slice(int(self.starts[bucket]), int(self.starts[bucket + 1]), columns)

    @abstractmethod
    def slice(self, start: int, end: int, columns: Sequence[str] | None) -> pa.Table:
        """The rows from one place to another."""


@dataclass(frozen=True)
class Loose(Arranged):
    """Arranged rows in memory."""

    table: pa.Table

    def slice(self, start: int, end: int, columns: Sequence[str] | None) -> pa.Table:
        table = self.table if columns is None else self.table.select(columns)
        return table.slice(start, end - start)


@dataclass(frozen=True)
class Packed(Arranged):
    """Arranged rows as the bytes of their file."""

    content: bytes
    metadata: pq.FileMetaData
    vault: Vault

    def slice(self, start: int, end: int, columns: Sequence[str] | None) -> pa.Table:
        sizes = [self.metadata.row_group(i).num_rows for i in range(self.metadata.num_row_groups)]
        ends = np.cumsum(sizes)
        # The first of no rows at all keeps the columns.
        first = int(np.searchsorted(ends, start, side="right")) if start < end else 0
        last = int(np.searchsorted(ends, end)) if start < end else 0
        reader = self.vault.reader(self.content, self.metadata)
        rows = reader.read_row_groups(
            list(range(first, last + 1)), columns=None if columns is None else list(columns)
        )
        before = int(ends[first]) - sizes[first]
        return rows.slice(start - before, end - start) if start < end else rows.slice(0, 0)


def _equal(rows: pa.Table, wanted: dict[str, str]) -> pa.ChunkedArray:
    found = [pc.equal(rows[name], value) for name, value in wanted.items()]
    here = found[0]
    for more in found[1:]:
        here = pc.and_(here, more)
    return here
