"""A snapshot as far as some records go: what a night needs of it that touches only these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from mpi.index.base import RECORDS, Base
from mpi.index.merge import in_key_order
from mpi.index.upsert import DELETED_SCHEMA
from mpi.records.keys import KEY
from mpi.records.table import RecordTable

_SAMPLE = 100_000
"""Records that stand for all where shares are compared."""


@dataclass(frozen=True)
class Near(Base):
    """A snapshot of which `records` and `crosswalk` hold only the records of these keys.

    keys : `source` and `record_id`; keys of no record are passed over
    """

    keys: pa.Table

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """As `Base.table`."""
        if name == "crosswalk":
            if columns is None:
                return self._crosswalk
            return self._crosswalk.select(list(dict.fromkeys([*columns, *KEY])))
        if name != RECORDS:
            return super().table(name, columns)
        return in_key_order(self.having(name, self.keys, columns), KEY)

    @cached_property
    def _crosswalk(self) -> pa.Table:
        return in_key_order(self.having("crosswalk", self.keys), KEY)


@dataclass(frozen=True)
class Sampled(Base):
    """A snapshot of whose records and links some hash buckets stand for all."""

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """As `Base.table`."""
        if self.manifest is None or name not in (RECORDS, "crosswalk", "links"):
            return super().table(name, columns)
        rows = max(self.manifest.rows[name], 1)
        wanted = range(min(self.manifest.buckets, -(-self.manifest.buckets * _SAMPLE // rows)))
        parts = [*self.layers(name).scan(columns, wanted)]
        return pa.concat_tables(parts)


def near(base: Base, keys: pa.Table) -> Near:
    """The snapshot as far as the records of these keys go."""
    return Near(base.store, base.manifest, base.digest, keys)


def sampled(base: Base) -> Sampled:
    """The snapshot as far as a part of its records goes, the same in every run."""
    return Sampled(base.store, base.manifest, base.digest)


def named(records: RecordTable) -> pa.Table:
    """The keys of records that came, and of those that are said to be deleted."""
    schema = pa.schema([DELETED_SCHEMA.field(name) for name in KEY])
    tables = [records.data.select(KEY).cast(schema), records.deleted.select(KEY).cast(schema)]
    return pa.concat_tables(tables).group_by(list(KEY)).aggregate([])
