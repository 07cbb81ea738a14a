"""A snapshot in the making: which files its tables have, and how a night writes them.

A night that changes little writes a file of what changed. A reader has to merge those files, so
some buckets are folded each night: their changes go into a new file of the bucket. A bucket's file
lags behind by 16 changes at most, by 8 on average; a file of changes that no bucket lags behind any
more is dropped, and a table of which a quarter changed is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.base import BUCKETED, Base, rows_having
from mpi.index.chain import BEGINNING, chain
from mpi.index.keys import bucket_numbers, choose_buckets
from mpi.index.layers import UNCHANGED, Layers, Loose
from mpi.index.manifest import Change, Changes, File, Manifest
from mpi.index.merge import bucket_starts, by_bucket, find_rows, in_key_order, merge, take_rows
from mpi.index.store import CHANGE_FOLDER
from mpi.index.upsert import Stored
from mpi.index.workers import in_order
from mpi.index.written import Written
from mpi.records.table import RecordTable
from mpi.schema import TABLES

LAG = 8
"""How many changes a bucket's file lags behind, on average."""

SHARE = 0.25
"""Of the rows of a table: with more changes than that it is written anew."""


class Snapshot:
    """Tonight's snapshot; tables that nobody writes are those of the last one."""

    def __init__(self, base: Base, records: int) -> None:
        old = base.manifest
        self.base = base
        self.store = base.store
        self.sequence = 1 if old is None else old.sequence + 1
        self.buckets = choose_buckets(records) if old is None else old.buckets
        self.tables: dict[str, tuple[File, ...]] = {} if old is None else dict(old.tables)
        self.changes: dict[str, Changes] = {} if old is None else dict(old.changes)
        self.rows: dict[str, int] = {} if old is None else dict(old.rows)
        self.living = 0 if old is None else old.living
        self.model = None if old is None else old.model
        self.kept: tuple[File, ...] = () if old is None else old.state
        self.next_serial = 1 if old is None else old.next_serial
        self.next_event = 1 if old is None else old.next_event
        self.event_hash = BEGINNING if old is None else self.store.vault.reveal(old.event_hash)

    # ---------------------------------------------------------------- tables in hash buckets

    def write(self, name: str, table: pa.Table) -> None:
        """Write a whole table that is sorted by its key; files that did not change are kept."""
        key, table = BUCKETED[name], table.combine_chunks()
        numbers = bucket_numbers([table[column] for column in key[:2]], self.buckets)
        self.write_rows(name, numbers, lambda rows: take_rows(table, pa.array(rows)))
        if name == "persons":
            self.living = _living(table)

    def write_rows(
        self,
        name: str,
        numbers: npt.NDArray[np.uint16],
        make: Callable[[npt.NDArray[np.int64]], pa.Table],
    ) -> None:
        """Write a whole table of which one bucket is made after the other.

        Parameters
        ----------
        numbers : uint16[n_rows], the bucket of each row, in the order of the table's key
        make : gives some of the rows; several threads ask at once
        """
        order = np.argsort(numbers, kind="stable")
        starts = bucket_starts(numbers, self.buckets)

        def bucket(number: int) -> pa.Table:
            return make(order[starts[number] : starts[number + 1]])

        self._write(name, bucket, len(numbers))

    def write_together(
        self,
        rows: dict[str, int],
        groups: Sequence[range],
        make: Callable[[range], Iterator[tuple[str, int, pa.Table]]],
        written: Written,
        advance: Callable[[range], None] = lambda _: None,
    ) -> None:
        """Write whole tables of which some buckets are made at a time.

        Parameters
        ----------
        rows : of each table
        groups : of buckets, ascending
        make : gives buckets, each with its table and number; several threads ask at once
        advance : told of each group that is written
        written : those that a run which was stopped had written; told of all others
        """
        for name in rows:
            self.store.make_folder_of(name)

        def write(group: range) -> list[tuple[str, File]]:
            return written.known(group) or [
                (name, self.store.write_part(name, number, table, BUCKETED[name]))
                for name, number, table in make(group)
                if table.num_rows or not number
            ]

        files: dict[str, list[File]] = {name: [] for name in rows}
        for group, made in zip(groups, in_order(write, groups), strict=True):
            for name, file in made:
                files[name].append(file)
            written.add(group, made, self.buckets)
            advance(group)
        for name, own in files.items():
            self._has(name, own, rows[name])

    def change(
        self,
        name: str,
        rows: pa.Table,
        gone: pa.Table,
        *,
        total: int | None = None,
        living: int | None = None,
        fold: bool = True,
    ) -> None:
        """Write what changed in a table.

        Parameters
        ----------
        rows : new and changed rows, in any order, with all columns of the table; a column that
            the table does not have yet is missing in its other rows
        gone : keys of rows that left, in any order; other columns are passed over
        total : rows of the table from now on; counted if not given
        living : of persons, those who have records from now on; counted if not given
        fold : False leaves every bucket's file as it is

        Raises
        ------
        ValueError
            A key is named twice, or the columns are not those of the table.
        """
        if name not in self.tables:
            self.write(name, in_key_order(rows, BUCKETED[name]))
            return
        layers = self.layers(name)
        schema = _common(name, layers.schema, rows.schema) if rows.num_rows else layers.schema
        gone = gone.select(layers.key).cast(pa.schema([schema.field(k) for k in layers.key]))
        rows = rows.cast(schema) if rows.num_rows else schema.empty_table()
        if (find_rows(gone, rows, layers.key) >= 0).any():
            raise ValueError(f"a key of {name} is both among the rows and among those that left")
        self._count(layers, rows, gone, total, living)
        weight = sum(f.rows for step in layers.changes.steps for f in step.files)
        weight += rows.num_rows + gone.num_rows
        through = layers.changes.through or (self.sequence - 1,) * self.buckets
        told = [step.snapshot for step in layers.changes.steps]
        due = folded(through, [*told, self.sequence], LAG) if fold else []
        grown = schema.names != layers.schema.names
        much = fold and (weight > SHARE * self.rows[name] or len(due) == self.buckets)
        if grown or much:
            self._write_with(layers, rows, gone, schema)
        elif rows.num_rows or gone.num_rows:
            parts = [self._write_change(layers, table) for table in (rows, gone)]
            steps = (*layers.changes.steps, Change(self.sequence, *parts))
            self.changes[name] = Changes(through, steps)
            self._fold(name, due)

    def layers(self, name: str) -> Layers:
        """The files of a table in hash buckets, as they are now."""
        changes = self.changes.get(name, UNCHANGED)
        buckets, files = self.buckets, self.tables[name]
        return Layers(self.store, name, BUCKETED[name], buckets, files, changes)

    def _count(
        self,
        layers: Layers,
        rows: pa.Table,
        gone: pa.Table,
        total: int | None,
        living: int | None,
    ) -> None:
        """How many rows the table has from now on, and how many persons live."""
        name, persons = layers.name, layers.name == "persons"
        if total is None or (persons and living is None):
            named = pa.concat_tables([rows.select(layers.key), gone])
            old = rows_having(layers, named, ["status"] if persons else [])
            total = self.rows[name] - old.num_rows + rows.num_rows
            if persons:
                living = self.living - _living(old) + _living(rows)
        self.rows[name] = total
        if persons and living is not None:
            self.living = living

    def _write_change(self, layers: Layers, table: pa.Table) -> File | None:
        table, _ = by_bucket(table, layers.key, self.buckets)
        if not table.num_rows:
            return None
        return self.store.write_part(
            layers.name, self.sequence, table, layers.key, folder=CHANGE_FOLDER
        )

    def _write_with(
        self, layers: Layers, rows: pa.Table, gone: pa.Table, schema: pa.Schema
    ) -> None:
        """Write a table anew, with what changed tonight, bucket by bucket."""
        old = layers.open()
        loose = [
            Loose(starts, table)
            for table, starts in (by_bucket(t, layers.key, self.buckets) for t in (rows, gone))
        ]

        def bucket(number: int) -> pa.Table:
            new, left = (one.part(number, None) for one in loose)
            return merge(_conform(old(number), schema), [(new, left)], layers.key)

        self._write(layers.name, bucket, self.rows[layers.name])

    def _write(self, name: str, table_of: Callable[[int], pa.Table], rows: int) -> None:
        written = self.store.write_parts(name, range(self.buckets), table_of, BUCKETED[name])
        self._has(name, [file for file in written if file is not None], rows)

    def _has(self, name: str, files: Sequence[File], rows: int) -> None:
        self.tables[name] = tuple(files)
        self.changes.pop(name, None)
        self.rows[name] = rows

    def _fold(self, name: str, due: list[int]) -> None:
        """Fold some buckets; drop the changes that every bucket has then."""
        layers = self.layers(name)
        written = self.store.write_parts(name, due, layers.open(), layers.key) if due else ()
        files: dict[int, File | None] = {file.bucket: file for file in self.tables[name]}
        files |= dict(zip(due, written, strict=True))
        self.tables[name] = tuple(file for _, file in sorted(files.items()) if file is not None)
        through = tuple(
            self.sequence if bucket in due else one
            for bucket, one in enumerate(layers.changes.through)
        )
        kept = (step for step in layers.changes.steps if step.snapshot > min(through))
        self.changes[name] = Changes(through, tuple(kept))

    # ---------------------------------------------------------------- other tables

    def write_single(self, name: str, table: pa.Table) -> None:
        """Write a small table in one file."""
        self.tables[name] = (self.store.write_part(name, 0, table, TABLES[name].key),)
        self.rows[name] = table.num_rows

    def append(self, name: str, table: pa.Table) -> None:
        """Write tonight's rows of a table that only grows; events are chained to those before."""
        if name == "events":
            table, self.event_hash = chain(table, self.event_hash)
        part = self.store.write_part(name, self.sequence, table, TABLES[name].key)
        self.tables[name] = (*self.tables.get(name, ()), part)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows

    def restore(self, name: str, manifest: Manifest) -> None:
        """Take a table as it is in another snapshot."""
        self.tables[name] = manifest.tables[name]
        self.rows[name] = manifest.rows[name]
        self.changes.pop(name, None)
        if name in manifest.changes:
            self.changes[name] = manifest.changes[name]
        if name == "persons":
            self.living = manifest.living

    # ---------------------------------------------------------------- publishing

    def state(self) -> dict[str, Any]:
        """What the manifest says of the snapshot's tables, ids and events."""
        return {
            "sequence": self.sequence,
            "previous": self.base.digest,
            "next_serial": self.next_serial,
            "next_event": self.next_event,
            "event_hash": self.store.vault.hide(self.event_hash),
            "tables": self.tables,
            "changes": self.changes,
            "rows": self.rows,
            "living": self.living,
            "state": self.kept,
            "key": self.store.vault.key,
        }

    def publish(self, stored: Stored, records: RecordTable, created_at: str) -> None:
        """Make it the newest snapshot."""
        self.store.publish(
            Manifest(
                created_at=created_at,
                buckets=self.buckets,
                fields=stored.fields,
                ignored=stored.ignored,
                inputs=records.inputs,
                model=self.model,
                **self.state(),
            )
        )


def _living(persons: pa.Table) -> int:
    return int(pc.sum(pc.equal(persons["status"], "active")).as_py() or 0)


def folded(through: Sequence[int], told: Sequence[int], lag: int) -> list[int]:
    """The buckets that lag behind most, so many that all together lag by `lag` on average.

    Parameters
    ----------
    through : by bucket, the last snapshot whose changes its file has
    told : the snapshots that changed the table

    Examples
    --------
    >>> folded([4, 3, 1, 2], [2, 3, 4, 5], 3), folded([4, 3, 1, 2], [2, 3, 4, 5], 2)
    ([], [2])
    """
    lags = [sum(snapshot > one for snapshot in told) for one in through]
    due: list[int] = []
    while sum(lags) > lag * len(lags):
        due.append(lags.index(max(lags)))
        lags[due[-1]] = 0
    return due


def _common(name: str, old: pa.Schema, new: pa.Schema) -> pa.Schema:
    """The columns of a table from now on: those it has, and those that its new rows bring.

    Raises
    ------
    ValueError
        One is missing in the new rows, or has another type there.
    """
    for field in old:
        if new.get_field_index(field.name) < 0 or new.field(field.name).type != field.type:
            raise ValueError(f"the new rows of {name} have no {field.name} of type {field.type}")
    return pa.schema(
        [old.field(one.name) if old.get_field_index(one.name) >= 0 else one for one in new]
    )


def _conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with these columns, null where it has none."""
    columns = [
        table[field.name]
        if field.name in table.column_names
        else pa.chunked_array([pa.nulls(table.num_rows, field.type)])
        for field in schema
    ]
    return pa.table(columns, schema=schema)
