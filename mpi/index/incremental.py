"""The nightly job where records are linked already: only what tonight's changes touch is looked at.

Everything here is about the records that are decided again: all records of each component of links
that a change touches. Whoever is in none of them keeps everything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from mpi.index.base import RECORDS, TOMBS, Base
from mpi.index.block_drift import with_blocks
from mpi.index.census import CENSUS, census_tonight
from mpi.index.changed_rows import differing, moved_records
from mpi.index.churn import count_churn, count_kinds
from mpi.index.deciding import Deciding
from mpi.index.decisions import Decision, decided_rows, in_force, pinned_serials, read_decisions
from mpi.index.identities import check_clusters, identify
from mpi.index.journal import write_events
from mpi.index.manifest import Manifest, moment_after
from mpi.index.merge import find_rows
from mpi.index.near import Near, named, near
from mpi.index.nightly import (
    Update,
    count_changes,
    merge_quarantine,
    run_night,
    run_row,
)
from mpi.index.rebuild import last_settings
from mpi.index.relink import Resolver
from mpi.index.snapshot import Snapshot
from mpi.index.space import check_space
from mpi.index.state import packed, read_state, write_state
from mpi.index.touched_rows import touched_links, touched_persons, touched_review
from mpi.index.upsert import Change, Upsert, conform, upsert
from mpi.index.validity import reading_of
from mpi.linkage import resolve
from mpi.linkage.change import Change as RecordChange
from mpi.linkage.change import Changed, resolve_change
from mpi.linkage.queue import LeftOut
from mpi.linkage.resolution import Resolution, pair_table
from mpi.linkage.state import State
from mpi.linkage.told import queue_is_full, queue_may_lack
from mpi.linkage.touched import Decisions
from mpi.records.keys import KEY, key_table, plain_keys
from mpi.records.table import RecordTable
from mpi.records.versions import months_come_first
from mpi.schema import TABLES, Kind
from mpi.score.model import read_model
from mpi.settings import Settings
from mpi.stages import Stages

MOST = 0.25
"""Of the stored records: where more come or leave, all are linked."""


@dataclass(frozen=True)
class _Tonight:
    """What comes, against what is stored of it.

    changes : of the records that came and of those stored under their keys
    fresh : rows that are new or changed
    left, gone : keys of records that were deleted; and of those and of changed ones
    """

    changes: Upsert
    fresh: pa.Table
    left: pa.Table
    gone: pa.Table


def run(
    base: Base,
    incoming: RecordTable,
    settings: Settings,
    stages: Stages,
    resolver: Resolver | None = None,
    *,
    refit: bool = False,
    again: bool = False,
    deciding: Deciding | None = None,
    known: Near | None = None,
) -> Update:
    """A night as `run_night` has it, which looks only at what it touches where that is enough.

    resolver : decides which records are one person, all of them each night; `mpi.linkage` if not
        given
    known : the snapshot as far as what is stored under the keys of tonight's records
    """
    check_space(base, incoming)
    if resolver is None and not (refit or again):
        known = known or near(base, named(incoming))
        update = run_incremental(base, incoming, settings, stages, known, deciding=deciding)
        if update is not None:
            return update
    every = resolver or partial(resolve, keep=True)
    return run_night(
        base, incoming, settings, stages, every, refit=refit, again=again, deciding=deciding
    )


def run_incremental(
    base: Base,
    incoming: RecordTable,
    settings: Settings,
    stages: Stages,
    known: Near,
    *,
    deciding: Deciding | None = None,
) -> Update | None:
    """A night that touches some records; None where all are to be linked instead.

    All are where the state is missing, where a decision is about no records, where the rules for
    golden values or the fields changed, where a large part of the records came, and where tonight's
    dates change what others mean.
    """
    manifest = base.manifest
    if deciding is not None and not deciding.clusters:
        return None
    if manifest is None or not manifest.state or last_settings(base).golden != settings.golden:
        return None
    started_at = moment_after(manifest)
    with stages.stage("opening what is kept"):
        model = base.model() or b""
        state, month_first = read_state(
            base.store, manifest.state, read_model(model), stages.scratch
        )
    with stages.stage("comparing with the index", total=len(incoming)):
        tonight = _compare(known, incoming, month_first, deciding)
        bad = base.table("quarantine").cast(TABLES["quarantine"].schema)
        quarantine = merge_quarantine(bad, incoming)
    if tonight is None or len(tonight.fresh) + len(tonight.gone) > MOST * state.records:
        return None
    counted = count_changes(tonight.changes, incoming)
    told = deciding is not None and bool(deciding.told)
    buried = base.buried
    aside = quarantine.equals(bad) and tonight.changes.stored.deleted.equals(buried)
    if not tonight.changes.changed and aside and not told:
        message = f"nothing changed; the index stays at snapshot {manifest.sequence}"
        said = (message,) if deciding is None else deciding.messages
        return Update(False, manifest.sequence, incoming.total, counted, base.counts(), {}, said)
    snapshot = Snapshot(base, 0)
    table = read_decisions(base) if deciding is None else deciding.table
    decisions = in_force(table)
    changed = _resolve(state, tonight, decisions, deciding, settings, stages, model)
    with stages.stage("giving ids", total=len(changed.resolution.records)):
        around, changes, resolution = _around(base, tonight, changed, incoming)
        cluster = check_clusters(resolution.cluster, len(resolution.records))
        found = identify(
            around,
            changes,
            cluster,
            snapshot.sequence,
            pinned=pinned_serials(decisions),
            told=() if deciding is None else deciding.rows(changes.stored.data),
            undone=() if deciding is None else deciding.undone,
        )
        events = write_events(found.night, snapshot.sequence, snapshot.next_event)
    with stages.stage("golden records", total=len(resolution.records)):
        persons = touched_persons(
            changes.stored,
            found,
            settings=settings,
            reading=reading_of(model),
            decisions=decisions,
            month_first=month_first,
        )
    with stages.stage("writing"), base.store.writing():
        if deciding is None:
            snapshot.change(TOMBS, *differing(buried, tonight.changes.stored.deleted, KEY))
            snapshot.write_single("quarantine", quarantine)
            total = snapshot.rows[RECORDS] + counted["new"] - counted["deleted"]
            snapshot.change(RECORDS, tonight.fresh, tonight.left, total=total)
        else:
            snapshot.write_single("decisions", deciding.table)
        snapshot.change("crosswalk", *moved_records(found), total=snapshot.rows[RECORDS])
        living = int(np.count_nonzero(~found.ids.retired))
        everybody = len(found.ids.serial)
        snapshot.change("persons", persons, persons.slice(0, 0), total=everybody, living=living)
        left_out, places = _write_pairs(base, snapshot, changed, around, tonight, settings)
        snapshot.append("events", events)
        snapshot.next_event += events.num_rows
        snapshot.next_serial = found.assigned.next_serial
        after, same = packed(replace(changed.state, waiting=changed.state.waiting | left_out))
        written = manifest.state[1 : 1 + same]
        snapshot.kept = write_state(base.store, after, written, month_first=month_first)
    full = queue_is_full(left_out.pairs, snapshot.rows["review"])
    resolution = replace(
        resolution,
        quality=_quality(base, manifest),
        left_out=left_out.pairs,
        messages=(*resolution.messages, *full, *queue_may_lack(places)),
        state=changed.state,
    )
    resolution = replace(with_blocks(resolution), state=None)
    counts = {name: snapshot.rows[name] for name in base.counts()} | {"persons": snapshot.living}
    kinds = count_kinds(events)
    with stages.stage("publishing"), base.store.writing():
        row = {**counts, "changes": counted, "events": kinds}
        row["churn"] = count_churn(around, changes, found, events)
        row[CENSUS] = census_tonight(base, around, found, changes.stored.data["source"]).to_dict()
        if deciding is not None:
            row["decisions"] = [word for word, _ in deciding.told]
        snapshot.append(
            "runs",
            run_row(snapshot.sequence, started_at, incoming, settings, stages, resolution, row),
        )
        snapshot.publish(changes.stored, incoming, started_at)
    return Update(
        True,
        snapshot.sequence,
        incoming.total,
        counted,
        counts,
        kinds,
        resolution.messages if deciding is None else deciding.messages,
        resolution,
        incoming,
        changes,
        decisions=() if deciding is None else tuple(made.number for _, made in deciding.told),
    )


def _compare(
    known: Near, incoming: RecordTable, month_first: bool, deciding: Deciding | None
) -> _Tonight | None:
    """Tonight's records against those stored under their keys; None where fields are new, or
    where the times of tonight's records say that others were read wrongly."""
    manifest = known.manifest
    assert manifest is not None
    if deciding is not None:
        stored = known.stored
        n = stored.data.num_rows
        none = plain_keys(stored.data).slice(0, 0)
        same = Upsert(stored, np.arange(n), np.zeros(n, np.int8), np.zeros(0, np.int64), 0)
        return _Tonight(same, stored.data.slice(0, 0), none, none)
    changes = upsert(known.stored, incoming, month_first=month_first)
    stored = changes.stored
    if any(field.kind != Kind.DELETED for field in stored.fields[len(manifest.fields) :]):
        return None
    time = next((f.name for f in stored.fields if f.kind == Kind.UPDATED_AT), None)
    if not month_first and time is not None and months_come_first(stored.data[time]):
        return None
    old = plain_keys(known.stored.data)
    left = old.take(pa.array(changes.left))
    came = changes.change != Change.NONE
    replaced = changes.origin[changes.change == Change.CHANGED]
    gone = old.take(pa.array(np.sort(np.concatenate([changes.left, replaced]))))
    return _Tonight(changes, stored.data.filter(pa.array(came)), left, gone)


def _resolve(
    state: State,
    tonight: _Tonight,
    decisions: list[Decision],
    deciding: Deciding | None,
    settings: Settings,
    stages: Stages,
    model: bytes,
) -> Changed:
    fields = tonight.changes.stored.fields
    none = plain_keys(tonight.fresh).slice(0, 0)
    asked = [key for _, made in (deciding.told if deciding else ()) for key in made.keys]
    spoken = sorted({*asked, *(key for made in decisions for key in made.keys)})
    keys = key_table(spoken)
    here = (find_rows(keys, tonight.fresh, KEY) >= 0) | (
        (state.slots_of(keys) >= 0) & (find_rows(keys, tonight.gone, KEY) < 0)
    )
    present = keys.filter(pa.array(here))
    change = RecordChange(
        RecordTable(tonight.fresh, fields, {}, none),
        tonight.gone,
        key_table(asked),
        Decisions(present, decided_rows(decisions, present)),
    )
    return resolve_change(state, change, settings, model=model, stages=stages)


def _around(
    base: Base, tonight: _Tonight, changed: Changed, incoming: RecordTable
) -> tuple[Near, Upsert, Resolution]:
    """The snapshot before, tonight's changes and what came of them, of the records that were
    decided again alone."""
    keys = plain_keys(changed.resolution.records.data)
    around = near(base, pa.concat_tables([keys, tonight.gone]).group_by(list(KEY)).aggregate([]))
    old, fresh = around.stored.data, tonight.fresh
    before, came = find_rows(keys, old, KEY), find_rows(keys, fresh, KEY)
    both = pa.concat_tables([conform(old, fresh.column_names), fresh])
    data = both.take(pa.array(np.where(came >= 0, old.num_rows + came, before)))
    change = np.where(came < 0, Change.NONE, np.where(before < 0, Change.NEW, Change.CHANGED))
    stored = replace(tonight.changes.stored, data=data.combine_chunks())
    left = find_rows(tonight.left, old, KEY)
    changes = Upsert(stored, before, change.astype(np.int8), np.sort(left), tonight.changes.older)
    records = replace(incoming, data=stored.data, fields=stored.fields)
    return around, changes, replace(changed.resolution, records=records)


def _write_pairs(
    base: Base,
    snapshot: Snapshot,
    changed: Changed,
    around: Near,
    tonight: _Tonight,
    settings: Settings,
) -> tuple[LeftOut, int]:
    """Write links and pairs for review; those of these that there was no room for, and how many
    places of the queue may belong to earlier ones."""
    before = plain_keys(around.stored.data)
    links = pair_table(changed.resolution, "links")
    rows, gone, total = touched_links(base, before, links)
    snapshot.change("links", rows, gone, total=total)
    review = pa.concat_tables([pair_table(changed.resolution, "review"), changed.outside])
    again = plain_keys(changed.resolution.records.data)
    waiting = changed.state.waiting
    rows, gone, total, left_out, places = touched_review(
        base, changed.listed, again, review, settings, snapshot.rows[RECORDS], waiting
    )
    snapshot.change("review", rows, gone, total=total)
    return left_out, places


def _quality(base: Base, manifest: Manifest) -> dict[str, Any]:
    """What was expected of all links when they were all looked at last."""
    last = base.table("runs", ["snapshot", "quality"]).sort_by("snapshot")
    for snapshot, text in reversed(
        [*zip(last["snapshot"].to_pylist(), last["quality"].to_pylist(), strict=True)]
    ):
        told = dict(msgspec.json.decode(text))
        if told and snapshot <= manifest.sequence:
            return {"as_of": snapshot} | told
    return {}
