"""The record table: what the readers give and every later room takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from mpi.schema import TABLES, Kind


@dataclass(frozen=True)
class Field:
    """A column with a meaning.

    name : unique in its table; the kind's name, or the column's own name where a kind has several
    kind : what it means
    column : the column's name as it came
    why : how the kind was found, in words: "column name", "content: 98 % dates", "settings"
    """

    name: str
    kind: Kind
    column: str
    why: str


@dataclass(frozen=True)
class Fates:
    """What became of the rows read: the four fates add up to `read` (law 1)."""

    read: int = 0
    accepted: int = 0
    replaced: int = 0
    deleted: int = 0
    quarantined: int = 0

    def __add__(self, other: Fates) -> Fates:
        return Fates(
            self.read + other.read,
            self.accepted + other.accepted,
            self.replaced + other.replaced,
            self.deleted + other.deleted,
            self.quarantined + other.quarantined,
        )


@dataclass(frozen=True)
class Input:
    """One file that was read.

    name : file name without its folder
    fingerprint : hash of the bytes, 32 hexadecimal digits
    notes : what the reader found or repaired: encoding, delimiter, repaired bytes
    """

    name: str
    source: str
    rows: int
    fingerprint: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordTable:
    """Records as they came, one row a record key, sorted by (source, record_id) as text.

    data : columns `source` and `record_id` (string, never null), then one string column for each
        of `fields` under the field's name, raw values, null where missing, then the columns of
        kind IGNORED. The order of rows does not depend on the order of files or rows read.
    deleted : `source`, `record_id` (and `updated_at`) of keys the input says are deleted
    fates : by source
    quarantine : schema.TABLES["quarantine"]
    messages : what the user should know, in plain words
    """

    data: pa.Table
    fields: tuple[Field, ...]
    fates: dict[str, Fates]
    deleted: pa.Table
    quarantine: pa.Table = field(default_factory=lambda: TABLES["quarantine"].schema.empty_table())
    inputs: tuple[Input, ...] = ()
    messages: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.data.num_rows)

    @property
    def total(self) -> Fates:
        """The fates of all sources together."""
        return sum(self.fates.values(), Fates())

    def of_kind(self, kinds: Iterable[Kind]) -> tuple[Field, ...]:
        """The fields of these kinds, in the table's order."""
        wanted = frozenset(kinds)
        return tuple(f for f in self.fields if f.kind in wanted)
