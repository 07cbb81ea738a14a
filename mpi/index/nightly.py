"""The nightly job: stored records and tonight's records into the tables of a new snapshot."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.decided import Decided
from mpi.cluster.ids import enterprise_ids
from mpi.index.base import PAIRS, RECORDS, TOMBS, Base
from mpi.index.block_drift import BlockDrift, with_blocks
from mpi.index.changed_rows import changed_persons, changed_records, differing_from, moved_records
from mpi.index.churn import count_churn, count_kinds
from mpi.index.deciding import Deciding, as_stored
from mpi.index.decisions import decided_rows, in_force, pinned_serials, read_decisions
from mpi.index.drift import Drift
from mpi.index.identities import Identities, check_clusters, identify
from mpi.index.journal import CAUSES, write_events
from mpi.index.manifest import File, moment_after
from mpi.index.persons import persons_table
from mpi.index.sentinels import Sentinel
from mpi.index.snapshot import Snapshot
from mpi.index.state import write_state
from mpi.index.unchanged import persons_as_set, unchanged_persons
from mpi.index.upsert import Change, Stored, Upsert, upsert
from mpi.index.validity import reading_of
from mpi.index.workers import in_order
from mpi.linkage.resolution import Resolution, pair_table
from mpi.records.table import Fates, RecordTable
from mpi.records.versions import months_come_first
from mpi.schema import TABLES, Kind
from mpi.settings import Settings
from mpi.stages import Stages


class Resolver(Protocol):
    """`mpi.linkage.resolve`, or a test's stand-in; `decided` comes only where somebody decided."""

    def __call__(
        self,
        records: RecordTable,
        settings: Settings,
        *,
        model: bytes | None,
        stages: Stages,
        decided: Decided = ...,
    ) -> Resolution: ...


@dataclass(frozen=True)
class Update:
    """What a night did.

    changed : whether a snapshot was published
    sequence : the snapshot in force now
    fates : what became of the rows read
    records : new, changed, deleted, unchanged, older: tonight's records against the stored ones
    counts : rows of each table now: records, persons (living), links, review, quarantine
    events : how many of each kind
    resolution : None where no record changed
    incoming : tonight's records as the night took them, None where they were none
    changes : what they did to the stored records, None where nothing was published
    sentinels, drift : what a person should know of tonight's persons and sources
    decisions : numbers of those that were taken or withdrawn
    """

    changed: bool
    sequence: int
    fates: Fates
    records: dict[str, int]
    counts: dict[str, int]
    events: dict[str, int] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    resolution: Resolution | None = None
    incoming: RecordTable | None = None
    changes: Upsert | None = None
    sentinels: tuple[Sentinel, ...] = ()
    drift: tuple[Drift | BlockDrift, ...] = ()
    decisions: tuple[int, ...] = ()


def merge_quarantine(old: pa.Table, tonight: RecordTable) -> pa.Table:
    """Quarantined rows from now on: those of a file that came again are replaced by tonight's."""
    files = pa.array(sorted({i.name for i in tonight.inputs}), pa.string())
    sources = pa.array(sorted(tonight.fates), pa.string())
    again = pc.and_(
        pc.is_in(old["file"], value_set=files), pc.is_in(old["source"], value_set=sources)
    )
    rows = pa.concat_tables([old.filter(pc.invert(again)), tonight.quarantine.cast(old.schema)])
    key = TABLES["quarantine"].key
    return rows.sort_by([(name, "ascending") for name in key]).combine_chunks()


def as_json(value: Any) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


def run_row(
    sequence: int,
    started_at: str,
    records: RecordTable,
    settings: Settings,
    stages: Stages,
    resolution: Resolution | None,
    counts: dict[str, Any],
) -> pa.Table:
    """The row of `runs` for a night; the only table that holds times."""
    row = {
        "snapshot": sequence,
        "started_at": started_at,
        "inputs": as_json(records.inputs),
        "settings": as_json(settings),
        "model": (resolution.model_summary if resolution else b"").decode() or "null",
        "counts": as_json({**counts, "fates": records.fates}),
        "stages": as_json(stages.times),
        "quality": as_json(resolution.quality if resolution else {}),
    }
    return pa.Table.from_pylist([row], schema=TABLES["runs"].schema)


@dataclass(frozen=True)
class _Outcome:
    """What linking tonight's records gave.

    fresh : ids of the persons whose golden values were chosen anew, None for all
    """

    resolution: Resolution | None
    identities: Identities
    events: pa.Table
    persons: pa.Table
    fresh: pa.Array | None
    pairs: dict[str, pa.Table]

    @property
    def living(self) -> int:
        return int(np.count_nonzero(~self.identities.ids.retired))


def _link(
    base: Base,
    upsert: Upsert,
    incoming: RecordTable,
    settings: Settings,
    stages: Stages,
    resolver: Resolver,
    snapshot: Snapshot,
    refit: bool,
    deciding: Deciding | None,
) -> _Outcome:
    table = read_decisions(base) if deciding is None else deciding.table
    decisions = in_force(table)
    decided = decided_rows(decisions, upsert.stored.data)
    every = replace(incoming, data=upsert.stored.data, fields=upsert.stored.fields)
    resolution: Resolution | None = None
    pairs: dict[str, pa.Table]
    if len(every) or base.manifest is None:
        model = None if base.manifest is None or refit else base.model()
        if len(decided):
            resolution = resolver(every, settings, model=model, stages=stages, decided=decided)
        else:
            resolution = resolver(every, settings, model=model, stages=stages)
        resolution = with_blocks(resolution)
        cluster = check_clusters(resolution.cluster, len(every))
        pairs = {name: pair_table(resolution, name) for name in PAIRS}
    else:  # the last record left; there is nothing to link
        cluster = np.empty(0, dtype=np.int64)
        pairs = {name: base.table(name).slice(0, 0) for name in PAIRS}
    with stages.stage("giving ids", total=len(every)):
        told = () if deciding is None else deciding.rows(every.data)
        pinned = pinned_serials(decisions)
        undone = () if deciding is None else deciding.undone
        identities = identify(
            base, upsert, cluster, snapshot.sequence, pinned=pinned, told=told, undone=undone
        )
        events = write_events(identities.night, snapshot.sequence, snapshot.next_event)
        if refit:
            snapshot.model = None
            events = _by_new_model(events)
    with stages.stage("golden records", total=len(every)):
        reading = reading_of(base.model() if resolution is None else resolution.model)
        unchanged = unchanged_persons(base, upsert, identities, settings, reading, table)
        persons = persons_table(
            upsert.stored,
            identities.assigned.after,
            identities.ids,
            golden=settings.golden,
            reading=reading,
            decisions=decisions,
            unchanged=unchanged,
            threads=settings.threads,
        )
        fresh = None if unchanged is None else enterprise_ids(unchanged.fresh[unchanged.fresh > 0])
    return _Outcome(resolution, identities, events, persons, fresh, pairs)


def _by_new_model(events: pa.Table) -> pa.Table:
    """What no record caused, the new model did."""
    others = pc.equal(events["cause"], CAUSES[0])
    place = events.column_names.index("cause")
    cause = pc.if_else(others, "new model", events["cause"])
    return events.set_column(place, events.schema.field("cause"), cause)


def _write_tables(snapshot: Snapshot, upsert: Upsert | None, outcome: _Outcome) -> None:
    """Write what changed in the tables, all of it in the first night; without records, if None."""
    base, found = snapshot.base, outcome.identities
    if base.manifest is None:
        assert upsert is not None
        every = {RECORDS: upsert.stored.data, "crosswalk": found.crosswalk}
        for name, table in (every | {"persons": outcome.persons} | outcome.pairs).items():
            snapshot.write(name, table)
        return
    if upsert is not None:
        stored = upsert.stored.data
        snapshot.change(RECORDS, *changed_records(base, upsert), total=stored.num_rows)
    snapshot.change("crosswalk", *moved_records(found), total=found.crosswalk.num_rows)
    persons = outcome.persons
    if outcome.fresh is None:
        snapshot.write("persons", persons)
    else:
        changed = changed_persons(base, persons, outcome.fresh)
        snapshot.change("persons", *changed, total=persons.num_rows, living=outcome.living)
    for name, table in outcome.pairs.items():
        if snapshot.model is None or not _same_columns(base, name, table):
            snapshot.write(name, table)
        else:
            snapshot.change(name, *differing_from(base, name, table), total=table.num_rows)


def _same_columns(base: Base, name: str, table: pa.Table) -> bool:
    old = base.layers(name).schema
    return bool(old.names == table.schema.names and old.types == table.schema.types)


def _write(snapshot: Snapshot, upsert: Upsert | None, stored: Stored, outcome: _Outcome) -> None:
    # Chaining a million events is a loop in Python; writing the tables is not.
    works = (
        partial(snapshot.append, "events", outcome.events),
        partial(_write_tables, snapshot, upsert, outcome),
    )
    deque(in_order(lambda work: work(), works, workers=2), maxlen=0)
    snapshot.next_event += outcome.events.num_rows
    snapshot.next_serial = outcome.identities.assigned.next_serial
    if snapshot.model is None and outcome.resolution is not None:
        model = outcome.resolution.model
        snapshot.model = snapshot.store.write_file("models", 0, 0, model, "json")
    snapshot.kept = _kept(snapshot, stored, outcome)


def _kept(snapshot: Snapshot, stored: Stored, outcome: _Outcome) -> tuple[File, ...]:
    """The files of what linking keeps, none where all records are to be linked the next time."""
    if outcome.resolution is None or outcome.resolution.state is None:
        return ()
    time = next((f.name for f in stored.fields if f.kind == Kind.UPDATED_AT), None)
    month_first = time is not None and months_come_first(stored.data[time])
    return write_state(snapshot.store, outcome.resolution.state, (), month_first=month_first)


def run_night(
    base: Base,
    incoming: RecordTable,
    settings: Settings,
    stages: Stages,
    resolver: Resolver,
    *,
    refit: bool = False,
    again: bool = False,
    deciding: Deciding | None = None,
) -> Update:
    """Bring the index up to tonight's records and publish, unless nothing changed.

    Call it with the lock held. `refit` learns a new model from all records; `again` links them
    even if none of them changed. Decisions that are made now come without records.
    """
    old = base.manifest
    started_at = moment_after(old)
    with stages.stage("comparing with the index", total=len(incoming)):
        changes = upsert(base.stored, incoming) if deciding is None else as_stored(base.stored)
        bad = base.table("quarantine").cast(TABLES["quarantine"].schema)
        quarantine = merge_quarantine(bad, incoming)
    tally = count_changes(changes, incoming)
    aside = quarantine.equals(bad) and changes.stored.deleted.equals(base.stored.deleted)
    if (
        old is not None
        and not changes.changed
        and aside
        and not (refit or again or (deciding and deciding.told))
    ):
        message = f"nothing changed; the index stays at snapshot {old.sequence}"
        said = (message,) if deciding is None else deciding.messages
        return Update(False, old.sequence, incoming.total, tally, base.counts(), {}, said)
    snapshot = Snapshot(base, changes.stored.data.num_rows)
    outcome = None
    if old is None or changes.changed or refit or again or (deciding and deciding.clusters):
        outcome = _link(
            base, changes, incoming, settings, stages, resolver, snapshot, refit, deciding
        )
    with stages.stage("writing"), base.store.writing():
        if deciding is None:
            gone = changes.stored.deleted
            if old is None:
                snapshot.write(TOMBS, gone)
            else:
                snapshot.change(TOMBS, *differing_from(base, TOMBS, gone), total=gone.num_rows)
            snapshot.write_single("quarantine", quarantine)
        if old is None:
            snapshot.write_single("decisions", TABLES["decisions"].schema.empty_table())
        if deciding is not None:
            snapshot.write_single("decisions", deciding.table)
            if outcome is None and deciding.values:
                persons = persons_as_set(base, settings, deciding.table)
                changed = differing_from(base, "persons", persons)
                snapshot.change("persons", *changed, total=persons.num_rows, living=snapshot.living)
        if outcome is not None:
            _write(snapshot, None if deciding else changes, changes.stored, outcome)
    resolution = outcome.resolution if outcome else None
    counts = base.counts() if outcome is None else _counts(changes.stored, outcome)
    counts["quarantine"] = quarantine.num_rows
    events = count_kinds(outcome.events) if outcome else {}
    with stages.stage("publishing"), base.store.writing():
        told = {**counts, "changes": tally, "events": events}
        told["churn"] = {"kept": counts["persons"], "causes": {}, "unexplained": 0}
        if outcome is not None:
            told["churn"] = count_churn(base, changes, outcome.identities, outcome.events)
        if deciding is not None:
            told["decisions"] = [word for word, _ in deciding.told]
        row = run_row(snapshot.sequence, started_at, incoming, settings, stages, resolution, told)
        snapshot.append("runs", row)
        snapshot.publish(changes.stored if outcome else base.stored, incoming, started_at)
    messages = resolution.messages if resolution else ()
    messages = messages if deciding is None else deciding.messages
    return Update(
        True,
        snapshot.sequence,
        incoming.total,
        tally,
        counts,
        events,
        messages,
        resolution,
        incoming,
        changes,
        decisions=() if deciding is None else tuple(made.number for _, made in deciding.told),
    )


def count_changes(changes: Upsert, incoming: RecordTable) -> dict[str, int]:
    """Tonight's records against the stored ones."""
    new = int(np.count_nonzero(changes.change == Change.NEW))
    changed = int(np.count_nonzero(changes.change == Change.CHANGED))
    return {
        "new": new,
        "changed": changed,
        "deleted": len(changes.left),
        "unchanged": len(incoming) - new - changed - changes.older,
        "older": changes.older,
    }


def _counts(stored: Stored, outcome: _Outcome) -> dict[str, int]:
    return {
        "records": stored.data.num_rows,
        "persons": outcome.living,
        **{name: table.num_rows for name, table in outcome.pairs.items()},
    }
