"""The nightly job: stored records and tonight's records into the tables of a new snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.base import TOMBS, Base
from mpi.index.block_drift import BlockDrift
from mpi.index.census import CENSUS, census_of
from mpi.index.changed_rows import differing_from
from mpi.index.deciding import Deciding, as_stored
from mpi.index.drift import Drift
from mpi.index.manifest import moment_after
from mpi.index.relink import Resolver, relink
from mpi.index.sentinels import Sentinel
from mpi.index.snapshot import Snapshot
from mpi.index.unchanged import persons_as_set
from mpi.index.upsert import Change, Upsert, upsert
from mpi.linkage.resolution import Resolution
from mpi.records.table import Fates, RecordTable
from mpi.schema import TABLES
from mpi.settings import Settings
from mpi.stages import Stages


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
    odd : about tonight's persons, where it was found as they were linked; None where that is still
        to be looked for
    sentinels, drift : what a person should know of tonight's persons and sources
    decisions : numbers of those that were taken or withdrawn
    went_on : how far a run of this night had got that was stopped, where this one went on from
        there
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
    odd: tuple[Sentinel, ...] | None = None
    sentinels: tuple[Sentinel, ...] = ()
    drift: tuple[Drift | BlockDrift, ...] = ()
    decisions: tuple[int, ...] = ()
    went_on: str | None = None


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
    done = None
    if old is None or changes.changed or refit or again or (deciding and deciding.clusters):
        done = relink(
            base,
            changes,
            incoming,
            settings,
            stages,
            resolver,
            snapshot,
            refit=refit,
            deciding=deciding,
        )
    elif deciding is not None and deciding.values:
        with stages.stage("writing"), base.store.writing():
            persons = persons_as_set(base, settings, deciding.table)
            changed = differing_from(base, "persons", persons)
            snapshot.change("persons", *changed, total=persons.num_rows, living=snapshot.living)
    resolution = done.resolution if done else None
    counts = {name: snapshot.rows[name] for name in base.counts()} | {"persons": snapshot.living}
    events = done.events if done else {}
    with stages.stage("publishing"), base.store.writing():
        told = {**counts, "changes": tally, "events": events}
        told["churn"] = {"kept": counts["persons"], "causes": {}, "unexplained": 0}
        if done is not None:
            told["churn"] = done.churn
        told[CENSUS] = (census_of(base) if done is None else done.census).to_dict()
        if deciding is not None:
            told["decisions"] = [word for word, _ in deciding.told]
        row = run_row(snapshot.sequence, started_at, incoming, settings, stages, resolution, told)
        snapshot.append("runs", row)
        snapshot.publish(changes.stored if done else base.stored, incoming, started_at)
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
        odd=done.odd if done else None,
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
