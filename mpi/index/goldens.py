"""The persons of a night that links all records: chosen and written some hash buckets at a time.

Whose golden values are chosen together makes no difference to any of them, so no more records are
taken at once than some buckets of persons have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.cluster.ids import enterprise_ids, serial_numbers
from mpi.index.base import Base
from mpi.index.changed_rows import changed_persons
from mpi.index.decisions import Decision
from mpi.index.keys import bucket_numbers
from mpi.index.persons import Ids, Unchanged, golden_names, persons_table, settled
from mpi.index.snapshot import Snapshot
from mpi.index.upsert import Upsert
from mpi.index.validity import Reading
from mpi.index.walk import Parted, Walk, part
from mpi.index.workers import in_order
from mpi.index.written import Written
from mpi.records.keys import KEY
from mpi.records.versions import months_come_first
from mpi.schema import Kind
from mpi.settings import Settings
from mpi.stages import Stages

Integers = npt.NDArray[np.int64]

_IDS = 1 << 20
"""Ids whose texts are made at once."""


@dataclass(frozen=True)
class Linking:
    """What every step of a night looks at that links all records."""

    base: Base
    upsert: Upsert
    snapshot: Snapshot
    settings: Settings
    stages: Stages
    decisions: list[Decision]

    @property
    def records(self) -> int:
        return len(self.upsert.origin)

    @cached_property
    def buckets(self) -> npt.NDArray[np.uint16]:
        """uint16[n_records], the hash bucket of each record."""
        data = self.upsert.stored.data
        return bucket_numbers([data[name] for name in KEY], self.snapshot.buckets)

    @property
    def time(self) -> str | None:
        """The column that says when each record was updated."""
        fields = self.upsert.stored.fields
        return next((f.name for f in fields if f.kind == Kind.UPDATED_AT), None)

    @cached_property
    def month_first(self) -> bool:
        """Whether months come before days in the times of the records: all of them settle it."""
        return self.time is not None and months_come_first(self.upsert.stored.data[self.time])


@dataclass(frozen=True)
class _Persons:
    """Persons and their records by hash bucket.

    fresh : int64[n], persons whose golden values are chosen anew, by serial number; None for all
    """

    night: Linking
    after: Integers
    ids: Ids
    reading: Reading
    fresh: Integers | None
    walk: Walk

    @cached_property
    def numbers(self) -> npt.NDArray[np.uint16]:
        """uint16[n_ids], the bucket of each id."""
        serial, buckets = self.ids.serial, self.night.snapshot.buckets
        parts = [np.empty(0, np.uint16)]
        for begin in range(0, len(serial), _IDS):
            texts = pa.chunked_array([enterprise_ids(serial[begin : begin + _IDS])])
            parts.append(bucket_numbers([texts], buckets))
        return np.concatenate(parts)

    @cached_property
    def parted(self) -> tuple[Parted, Parted]:
        """Ids by bucket, and records by the bucket of their person."""
        buckets = self.night.snapshot.buckets
        of = np.zeros(int(self.ids.serial.max(initial=0)) + 1, np.uint16)
        of[self.ids.serial] = self.numbers
        return part(self.numbers, buckets), part(of[self.after], buckets)

    @cached_property
    def data(self) -> pa.Table:
        """The columns of the records that golden records are made of."""
        stored = self.night.upsert.stored
        told = [self.night.time] if self.night.time else []
        return stored.data.select(list(dict.fromkeys([*KEY, *golden_names(stored.fields), *told])))

    @cached_property
    def set_values(self) -> dict[int, list[Decision]]:
        """Values that somebody set, by the bucket of the person who has each now."""
        made = settled(self.night.decisions, self.ids)
        holders = serial_numbers(pa.array([one.person for one in made], pa.string()))
        of = self.numbers[np.searchsorted(self.ids.serial, holders)].tolist()
        return {
            number: [d for d, own in zip(made, of, strict=True) if own == number] for number in of
        }

    def make(
        self, group: range, old: Callable[[int], pa.Table] | None = None
    ) -> Iterator[tuple[int, pa.Table]]:
        """The persons of some buckets, one after the other.

        old : those of the last snapshot, by bucket, where some need not be chosen anew
        """
        night, (ids, records) = self.night, self.parted
        stored, settings = night.upsert.stored, night.settings
        some, done = self.walk.take(self.data, records.rows(group.start, group.stop)), 0
        for number in group:
            rows = records.rows(number)
            own = replace(stored, data=some.slice(done, len(rows)))
            done += len(rows)
            known = None
            if old is not None and self.fresh is not None:
                known = Unchanged(old(number), self.fresh)
            persons = persons_table(
                own,
                self.after[rows],
                self.ids.take(ids.rows(number)),
                golden=settings.golden,
                reading=self.reading,
                decisions=self.set_values.get(number, ()),
                unchanged=known,
                threads=1 if night.snapshot.buckets > 1 else settings.threads,
                month_first=night.month_first,
            )
            if known is not None:
                persons = changed_persons(known.persons, persons, known.fresh)
            yield number, persons


def write_persons(
    night: Linking,
    after: Integers,
    ids: Ids,
    reading: Reading,
    fresh: Integers | None,
    advance: Callable[[int], None],
) -> None:
    """Choose golden values anew, where they are not as they were, and write the persons.

    Parameters
    ----------
    after : int64[n_records], the serial number of each record's id
    fresh : int64[n], serial numbers of whoever needs new values; None where all do
    advance : told of records whose persons are done
    """
    base, snapshot = night.base, night.snapshot
    persons = _Persons(night, after, ids, reading, fresh, Walk(night.stages.scratch))
    records = persons.parted[1]
    groups = records.groups(persons.data.nbytes)
    living, total = int(np.count_nonzero(~ids.retired)), len(ids.serial)
    persons.set_values, night.month_first  # noqa: B018 - made once, before threads ask for them
    if base.manifest is None or fresh is None:
        snapshot.write_together(
            {"persons": total},
            groups,
            lambda group: (("persons", *made) for made in persons.make(group)),
            Written("persons", night.stages.pieces),
            lambda group: advance(len(records.rows(group.start, group.stop))),
        )
        snapshot.living = living
        return
    old, changed = base.layers("persons").open(), []
    for made in in_order(lambda group: [rows for _, rows in persons.make(group, old)], groups):
        changed += made
    rows = pa.concat_tables(changed)
    snapshot.change("persons", rows, rows.slice(0, 0), total=total, living=living)
