"""One published snapshot, opened: what readers see and what a night starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa

from mpi.errors import UsageError
from mpi.index.keys import PAIR, bucket_numbers
from mpi.index.layers import UNCHANGED, Layers
from mpi.index.manifest import Manifest
from mpi.index.merge import find_rows
from mpi.index.store import Store
from mpi.index.upsert import DELETED_SCHEMA, Stored, empty
from mpi.records.keys import KEY
from mpi.schema import TABLES, pair_schema, persons_schema

RECORDS, TOMBS = "records", "deleted"
"""Internal tables: the records as they came, and the keys deleted at a known time."""

PAIRS: tuple[Literal["links"], Literal["review"]] = ("links", "review")

BUCKETED: dict[str, tuple[str, ...]] = {
    RECORDS: KEY,
    "crosswalk": KEY,
    TOMBS: KEY,
    "persons": ("enterprise_id",),
    **dict.fromkeys(PAIRS, PAIR),
}
"""Tables in hash buckets, with the columns they are sorted by; the first two say the bucket."""


@dataclass(frozen=True)
class Base:
    """A snapshot of an index; `manifest` and `digest` are None before the first run."""

    store: Store
    manifest: Manifest | None
    digest: str | None

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A table of the snapshot, sorted by its key; empty before the first run.

        Raises
        ------
        UsageError
            There is no such table.
        IntegrityError
            A file of the table is missing or damaged.
        """
        self._known(name)
        if self.manifest is None:
            table = _empty(name)
            return table if columns is None else table.select(columns)
        return self.layers(name).read(columns)

    def buckets(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """A table in hash buckets, one after the other, each sorted by its key.

        For a walk over a table that need not be in memory at once. Columns of the key come with
        those asked for; a key's bucket is the same in `records` and in `crosswalk`.

        Raises
        ------
        UsageError
            There is no such table.
        IntegrityError
            A file of the table is missing or damaged.
        """
        self._known(name)
        if self.manifest is None:
            return iter([self.table(name, columns)])
        return self.layers(name).scan(columns)

    def having(
        self,
        name: str,
        keys: pa.Table,
        columns: Sequence[str] | None = None,
        named: Sequence[str] | None = None,
    ) -> pa.Table:
        """The rows of a table in hash buckets that have one of these keys, as `rows_having`."""
        if self.manifest is None:
            return Base.table(self, name, columns)
        return rows_having(self.layers(name), keys, columns, named)

    def find(self, name: str, *key: str) -> pa.Table:
        """The row of a table in hash buckets that has this key; empty where there is none."""
        if self.manifest is None:
            return _empty(name)
        return self.layers(name).find(dict(zip(BUCKETED[name], key, strict=True)))

    def layers(self, name: str) -> Layers:
        """The files of a table."""
        assert self.manifest is not None
        key = TABLES[name].key if name in TABLES else KEY
        files, changes = self.manifest.tables[name], self.manifest.changes.get(name, UNCHANGED)
        buckets = self.manifest.buckets if name in BUCKETED else 1
        return Layers(self.store, name, key, buckets, files, changes)

    def _known(self, name: str) -> None:
        known = [*TABLES, RECORDS]
        if name not in [*known, TOMBS]:
            raise UsageError(f"there is no table '{name}'; the tables are {', '.join(known)}")

    @cached_property
    def stored(self) -> Stored:
        """The records of the snapshot."""
        if self.manifest is None:
            return empty()
        data = self.table(RECORDS).combine_chunks()
        return Stored(data, self.manifest.fields, self.manifest.ignored, self.buried)

    @cached_property
    def buried(self) -> pa.Table:
        """The keys that were deleted at a known time."""
        return self.table(TOMBS).cast(DELETED_SCHEMA).combine_chunks()

    def model(self) -> bytes | None:
        """The model that links the records, JSON; None before the first run."""
        if self.manifest is None or self.manifest.model is None:
            return None
        return bytes(self.store.read_whole(self.manifest.model))

    def counts(self) -> dict[str, int]:
        """Rows of the tables: records, persons (living), links, review, quarantine."""
        if self.manifest is None:
            return dict.fromkeys((RECORDS, "persons", *PAIRS, "quarantine"), 0)
        rows = {n: self.manifest.rows[n] for n in (RECORDS, "persons", *PAIRS, "quarantine")}
        return rows | {"persons": self.manifest.living}


def rows_having(
    layers: Layers,
    keys: pa.Table,
    columns: Sequence[str] | None = None,
    named: Sequence[str] | None = None,
) -> pa.Table:
    """The rows of a table that have one of these keys, in the order of the buckets.

    named : columns of the table that hold the columns of the keys, in their order; those of its
        key if not given. The first two of them must say the bucket
    """
    held = tuple(named or layers.key)
    names = [*(layers.key if named is None else keys.column_names)]
    numbers = bucket_numbers([keys[name] for name in names[:2]], layers.buckets)
    order = np.argsort(numbers, kind="stable")
    starts = np.append(0, np.cumsum(np.bincount(numbers, minlength=layers.buckets)))
    wanted = keys.select(names)

    def keep(rows: pa.Table, number: int) -> pa.Table:
        mine = wanted.take(pa.array(order[starts[number] : starts[number + 1]]))
        own = pa.table([rows[name] for name in held], names=names)
        return rows.filter(pa.array(find_rows(own, mine, names) >= 0))

    parts = [layers.open(columns)(0).slice(0, 0)] if not len(numbers) else []
    parts += layers.scan(columns, np.unique(numbers).tolist(), keep)
    return pa.concat_tables(parts)


def _empty(name: str) -> pa.Table:
    if name in PAIRS:
        return pair_schema(name, []).empty_table()
    if name == "persons":
        return persons_schema([]).empty_table()
    if name in TABLES:
        return TABLES[name].schema.empty_table()
    return empty().data if name == RECORDS else empty().deleted
