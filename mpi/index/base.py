"""One published snapshot, opened: what readers see and what a night starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.index.manifest import Manifest
from mpi.index.store import Store
from mpi.index.upsert import DELETED_SCHEMA, Stored, empty
from mpi.records.keys import KEY
from mpi.schema import TABLES, pair_schema, persons_schema

RECORDS, TOMBS = "records", "deleted"
"""Internal tables: the records as they came, and the keys deleted at a known time."""

PAIRS: tuple[Literal["links"], Literal["review"]] = ("links", "review")


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
        known = [*TABLES, RECORDS]
        if name not in [*known, TOMBS]:
            raise UsageError(f"there is no table '{name}'; the tables are {', '.join(known)}")
        if self.manifest is None:
            table = _empty(name)
            return table if columns is None else table.select(columns)
        key = TABLES[name].key if name in TABLES else KEY
        return self.store.read_table(self.manifest, name, key, columns)

    @cached_property
    def stored(self) -> Stored:
        """The records of the snapshot."""
        if self.manifest is None:
            return empty()
        data, deleted = self.table(RECORDS), self.table(TOMBS)
        return Stored(
            data.combine_chunks(),
            self.manifest.fields,
            self.manifest.ignored,
            deleted.cast(DELETED_SCHEMA).combine_chunks(),
        )

    def model(self) -> bytes | None:
        """The model that links the records, JSON; None before the first run."""
        if self.manifest is None or self.manifest.model is None:
            return None
        return self.store.read(self.manifest.model)

    def counts(self) -> dict[str, int]:
        """Rows of the tables: records, persons (living), links, review, quarantine."""
        if self.manifest is None:
            return dict.fromkeys((RECORDS, "persons", *PAIRS, "quarantine"), 0)
        rows = {
            name: sum(file.rows for file in self.manifest.tables[name])
            for name in (RECORDS, "persons", *PAIRS, "quarantine")
        }
        status = self.table("persons", ["status"])["status"]
        rows["persons"] = int(pc.sum(pc.equal(status, "active")).as_py() or 0)
        return rows


def _empty(name: str) -> pa.Table:
    if name in PAIRS:
        return pair_schema(name, []).empty_table()
    if name == "persons":
        return persons_schema([]).empty_table()
    if name in TABLES:
        return TABLES[name].schema.empty_table()
    return empty().data if name == RECORDS else empty().deleted
