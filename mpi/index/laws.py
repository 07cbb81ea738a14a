"""What must hold between the tables of a snapshot (laws 1 and 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.base import BUCKETED, RECORDS, Base
from mpi.index.chain import BEGINNING, broken_at
from mpi.records.keys import KEY, as_array, find_keys

_ADVICE = "go back to an earlier snapshot"
RECORD_KINDS = ("created", "joined", "moved", "left")
"""Kinds of events that say where a record belongs from then on."""


def check_tables(base: Base) -> Iterator[str]:
    """What is broken in a snapshot: law 1, the crosswalk and persons, the events (law 4)."""
    yield from _check_rows(base)
    yield from _check_fates(base)
    crosswalk = base.table("crosswalk")
    broken = [*_check_persons(base, crosswalk)]
    yield from broken
    yield from _check_events(base, crosswalk)


def _check_rows(base: Base) -> Iterator[str]:
    """Each table has as many rows as the manifest states, changes counted in."""
    assert base.manifest is not None
    for name, told in sorted(base.manifest.rows.items()):
        if name in BUCKETED:
            rows = sum(part.num_rows for part in base.buckets(name, []))
        else:
            rows = sum(file.rows for file in base.manifest.tables[name])
        if rows != told:
            yield f"{name} has {rows} rows, and the manifest says {told}; {_ADVICE}"


def _check_fates(base: Base) -> Iterator[str]:
    """Law 1: in every run, each row read has one fate."""
    runs = base.table("runs", ["snapshot", "counts"])
    for snapshot, counts in zip(
        *(runs[n].to_pylist() for n in ("snapshot", "counts")), strict=True
    ):
        fates: dict[str, dict[str, Any]] = msgspec.json.decode(counts).get("fates", {})
        for source, fate in sorted(fates.items()):
            told = sum(fate[n] for n in ("accepted", "replaced", "deleted", "quarantined"))
            if fate["read"] != told:
                yield (
                    f"run of snapshot {snapshot}: {fate['read']} rows of {source} were read, and "
                    f"{told} have a fate (law 1)"
                )


def _check_persons(base: Base, crosswalk: pa.Table) -> Iterator[str]:
    """Each record has one living person, and each person's counts are right."""
    records = base.table(RECORDS, KEY)
    if any(not records[name].equals(crosswalk[name]) for name in KEY):
        yield f"the crosswalk and the records have different keys; {_ADVICE}"
        return
    if crosswalk.num_rows and (find_keys(crosswalk, crosswalk) != np.arange(len(crosswalk))).any():
        yield f"the crosswalk has a record twice; {_ADVICE}"
    names = ["enterprise_id", "status", "replaced_by", "n_records", "n_sources", "since"]
    persons = base.table("persons", names)
    ids = as_array(persons["enterprise_id"])
    if pc.count_distinct(ids).as_py() != len(ids):
        yield f"an enterprise id is given twice in persons (law 4); {_ADVICE}"
    person = _places(as_array(crosswalk["enterprise_id"]), ids)
    if (person < 0).any():
        yield f"the crosswalk names a person that persons does not have; {_ADVICE}"
        return
    counted = np.bincount(person, minlength=len(ids))
    if not np.array_equal(counted, persons["n_records"].to_numpy()):
        yield f"persons counts other records than the crosswalk; {_ADVICE}"
    active = pc.equal(persons["status"], "active").to_numpy()
    if not np.array_equal(active, counted > 0):
        yield f"a person without records is active, or one with records is retired; {_ADVICE}"
    living = int(np.count_nonzero(active))
    if base.manifest is not None and base.manifest.living != living:
        yield f"{living} persons live, and the manifest says {base.manifest.living}; {_ADVICE}"
    heirs = _places(as_array(persons["replaced_by"].drop_null()), ids)
    if (heirs < 0).any() or not active[heirs].all():
        yield f"a retired id leads to a person who does not live (law 4); {_ADVICE}"


def _check_events(base: Base, crosswalk: pa.Table) -> Iterator[str]:
    """The events are all there, chained, and replayed they give the crosswalk (law 4)."""
    assert base.manifest is not None
    events = base.table("events")
    numbers = events["sequence"].to_numpy()
    if not np.array_equal(numbers, np.arange(1, len(numbers) + 1)):
        yield f"the events have a gap; {_ADVICE}"
        return
    if base.manifest.next_event != len(numbers) + 1:
        yield f"{len(numbers)} events, and the next one has number {base.manifest.next_event}"
    row = broken_at(events, BEGINNING)
    if row is not None:
        yield (
            f"event {row + 1} does not have the hash of its content and of the event before it: "
            f"the journal was edited; {_ADVICE}"
        )
    last = events["hash"][-1].as_py() if len(numbers) else BEGINNING
    if last != base.store.vault.reveal(base.manifest.event_hash):
        yield f"the last event is not the one that the manifest names; {_ADVICE}"
    created = events.filter(pc.equal(events["kind"], "created"))
    given = pc.list_flatten(as_array(created["after"]))
    if pc.count_distinct(given).as_py() != len(given):
        yield f"an enterprise id was created twice (law 4); {_ADVICE}"
    yield from _check_replay(events, crosswalk)


def _check_replay(events: pa.Table, crosswalk: pa.Table) -> Iterator[str]:
    """Every record is where its last event left it. Of an erased record no event has the key."""
    told = pc.and_(
        pc.is_in(events["kind"], pa.array(RECORD_KINDS)), pc.is_valid(events["record_id"])
    )
    rows = events.filter(told).select([*KEY, "sequence", "after"])
    newest = rows.select([*KEY, "sequence"]).group_by([*KEY]).aggregate([("sequence", "max")])
    at = pc.index_in(newest["sequence_max"], as_array(rows["sequence"]))
    last = rows.take(at)
    lengths = as_array(pc.list_value_length(last["after"])).to_numpy()
    last = last.filter(pa.array(lengths == 1))
    found = find_keys(crosswalk, last)
    known = pa.array(found, mask=found < 0)
    after = as_array(pc.list_flatten(as_array(last["after"]))).take(known)
    agree = pc.equal(after, as_array(crosswalk["enterprise_id"])).fill_null(False)
    wrong = len(crosswalk) - int(pc.sum(agree).as_py() or 0)
    if wrong or len(last) != len(crosswalk):
        yield (
            f"replaying the events gives {len(last)} records, {wrong} of {len(crosswalk)} records "
            f"have another person than their events say (law 4); {_ADVICE}"
        )


def _places(wanted: pa.Array, ids: pa.Array) -> npt.NDArray[np.int64]:
    found = pc.index_in(wanted, value_set=ids).fill_null(-1)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)
