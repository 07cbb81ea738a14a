"""A night that links all records: each table is written as soon as it is known, and let go.

All of a large index's tables together are a multiple of its records, so no two of them are kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.census import Census, count_numbered
from mpi.cluster.decided import Decided
from mpi.index.base import PAIRS, RECORDS, Base
from mpi.index.block_drift import with_blocks
from mpi.index.chain import EVENTS_PER_FILE
from mpi.index.changed_rows import changed_records, differing_from, moved_records
from mpi.index.churn import Churn
from mpi.index.deciding import Deciding
from mpi.index.decisions import decided_rows, in_force, pinned_serials, read_decisions
from mpi.index.fingerprint import fingerprint, marked
from mpi.index.goldens import Linking, write_persons
from mpi.index.identities import Identities, check_clusters, identify
from mpi.index.journal import CAUSES, event_parts
from mpi.index.linked import keep_linked, known_linked
from mpi.index.sentinels import Sentinel, find_sentinels
from mpi.index.snapshot import Snapshot
from mpi.index.space import expected_space
from mpi.index.state import write_state
from mpi.index.unchanged import fresh_persons
from mpi.index.unfinished import Unfinished
from mpi.index.upsert import Upsert
from mpi.index.validity import reading_of
from mpi.index.walk import Walk, part
from mpi.index.workers import in_order
from mpi.index.written import Written
from mpi.linkage.resolution import Resolution, pair_table
from mpi.records.keys import KEY
from mpi.records.table import RecordTable
from mpi.settings import Settings
from mpi.stages import Stages

Integers = npt.NDArray[np.int64]


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
class Relinked:
    """What came of linking all records, beside the tables.

    resolution : None where no record is left
    events : how many of each kind
    churn : as `churn.count_churn`
    odd : about tonight's persons
    """

    resolution: Resolution | None
    events: dict[str, int]
    churn: dict[str, Any]
    census: Census
    odd: tuple[Sentinel, ...] = ()


def relink(
    base: Base,
    upsert: Upsert,
    incoming: RecordTable,
    settings: Settings,
    stages: Stages,
    resolver: Resolver,
    snapshot: Snapshot,
    *,
    refit: bool,
    deciding: Deciding | None,
) -> Relinked:
    """Link all records and write what comes of it into the snapshot.

    Parameters
    ----------
    upsert : the records from now on, against the stored ones
    refit : by a new model
    deciding : decisions that are made now, on a night on which no record comes
    """
    table = read_decisions(base) if deciding is None else deciding.table
    night = Linking(base, upsert, snapshot, settings, stages, in_force(table))
    _go_on(night, incoming, resolver, refit)
    resolution, odd = _resolved(night, incoming, resolver, refit)
    with stages.stage("giving ids", total=night.records):
        cluster = resolution.cluster if resolution else np.empty(0, np.int64)
        found = _identify(night, cluster, deciding)
    with stages.stage("writing"), base.store.writing():
        churn = Churn(base, found)
        snapshot.next_serial = found.assigned.next_serial
        # Events are chained one after the other; tables are written several files at a time.
        works = (
            partial(_write_events, night, found, churn, refit),
            partial(_write_records, night, found, records=deciding is None),
        )
        deque(in_order(lambda work: work(), works, workers=2), maxlen=0)
        stages.scratch.let_go()
    reading = reading_of(base.model() if resolution is None else resolution.model)
    fresh = fresh_persons(base, upsert, found, settings, reading, table)
    after, ids = found.assigned.after, found.ids
    census = count_numbered(after, snapshot.next_serial, upsert.stored.data["source"])
    told = Relinked(resolution, churn.kinds, churn.counted(), census, odd)
    del found, works, churn
    with stages.stage("golden records", total=night.records) as advance, base.store.writing():
        write_persons(night, after, ids, reading, fresh, advance)
    return told


def _go_on(night: Linking, incoming: RecordTable, resolver: Resolver, refit: bool) -> None:
    """Look for what a run of this very night has finished, where such is kept."""
    pieces, stored = night.stages.pieces, night.upsert.stored
    known = marked(resolver)
    if isinstance(pieces, Unfinished) and known is not None:
        digest, settings = night.base.digest, night.settings
        made = partial(fingerprint, digest, stored, incoming, settings, known, refit=refit)
        pieces.begin(digest, made, expected_space(len(incoming), len(incoming.fields)))


def _resolved(
    night: Linking, incoming: RecordTable, resolver: Resolver, refit: bool
) -> tuple[Resolution | None, tuple[Sentinel, ...]]:
    """Who is who among all records, and what is odd about them; links, pairs for review, model and
    state are written."""
    base, snapshot, stored = night.base, night.snapshot, night.upsert.stored
    every = replace(incoming, data=stored.data, fields=stored.fields)
    if not len(every) and base.manifest is not None:  # the last record left
        with night.stages.stage("writing"), base.store.writing():
            for name in PAIRS:
                _write_changed(night, name, base.table(name).slice(0, 0))
        snapshot.kept = ()
        return None, ()
    linked = known_linked(night.stages.pieces, snapshot, every)
    if linked is not None:
        return linked
    model = None if base.manifest is None or refit else base.model()
    decided = decided_rows(night.decisions, stored.data)
    given = {"decided": decided} if len(decided) else {}
    resolution = resolver(every, night.settings, model=model, stages=night.stages, **given)
    resolution = with_blocks(resolution)
    # Before the state is let go of, which has the values in standard form.
    with night.stages.stage("looking for what is odd", total=night.records):
        odd = find_sentinels(resolution, night.upsert.change != 0, night.stages.scratch)
    with night.stages.stage("writing"), base.store.writing():
        if model is None:
            content = resolution.model
            snapshot.model = snapshot.store.write_whole("models", 0, 0, content, "json")
        snapshot.kept = ()
        if resolution.state is not None:
            snapshot.kept = write_state(
                snapshot.store,
                resolution.state,
                (),
                month_first=night.month_first,
                scratch=night.stages.scratch,
            )
            resolution = replace(resolution, state=None)
        _write_pairs(night, resolution, anew=model is None)
    keep_linked(night.stages.pieces, resolution, odd, snapshot)
    return resolution, odd


def _identify(night: Linking, cluster: Integers, deciding: Deciding | None) -> Identities:
    return identify(
        night.base,
        night.upsert,
        check_clusters(cluster, night.records),
        night.snapshot.sequence,
        pinned=pinned_serials(night.decisions),
        told=() if deciding is None else deciding.rows(night.upsert.stored.data),
        undone=() if deciding is None else deciding.undone,
    )


def _by_new_model(events: pa.Table) -> pa.Table:
    """What no record caused, the new model did."""
    others = pc.equal(events["cause"], CAUSES[0])
    place = events.column_names.index("cause")
    cause = pc.if_else(others, "new model", events["cause"])
    return events.set_column(place, events.schema.field("cause"), cause)


def _write_pairs(night: Linking, resolution: Resolution, *, anew: bool) -> None:
    """Write links and pairs for review; all of them if anew, in the buckets of their first ends."""
    snapshot, numbers = night.snapshot, night.buckets
    walk, seen = Walk(night.stages.scratch), resolution.records.data.select(KEY).nbytes

    def make(name: Literal["links", "review"], rows: Integers) -> pa.Table:
        made = pair_table(resolution, name, rows)
        walk.saw(seen)
        return made

    for name in PAIRS:
        pairs = resolution.pairs(name)
        none = pair_table(resolution, name, pairs.left[:0])
        if anew or not _same_columns(night.base, name, none.schema):
            snapshot.write_rows(name, numbers[pairs.left], partial(make, name))
        else:
            _write_changed(night, name, pair_table(resolution, name))


def _same_columns(base: Base, name: str, schema: pa.Schema) -> bool:
    old = base.layers(name).schema
    return bool(old.names == schema.names and old.types == schema.types)


def _write_changed(night: Linking, name: str, table: pa.Table) -> None:
    changed = differing_from(night.base, name, table)
    night.snapshot.change(name, *changed, total=table.num_rows)


def _write_events(night: Linking, found: Identities, churn: Churn, refit: bool) -> None:
    """Make, count, chain and write the events, some at a time."""
    snapshot = night.snapshot
    parts = event_parts(found.night, snapshot.sequence, snapshot.next_event, size=EVENTS_PER_FILE)
    for events in parts:
        events = _by_new_model(events) if refit else events
        churn.hear(events)
        snapshot.append("events", events)
        snapshot.next_event += events.num_rows


def _write_records(night: Linking, found: Identities, *, records: bool) -> None:
    """Write the crosswalk, and the records if they may have changed."""
    base, snapshot, stored = night.base, night.snapshot, night.upsert.stored.data
    if base.manifest is not None:
        if records:
            snapshot.change(RECORDS, *changed_records(base, night.upsert), total=stored.num_rows)
        snapshot.change("crosswalk", *moved_records(found), total=stored.num_rows)
        return
    walk, parted = Walk(night.stages.scratch), part(night.buckets, snapshot.buckets)

    def buckets(group: range) -> Iterator[tuple[str, int, pa.Table]]:
        rows = parted.rows(group.start, group.stop)
        some, done = walk.take(stored, rows), 0
        for number in group:
            many = len(parted.rows(number))
            own = some.slice(done, many)
            yield RECORDS, number, own
            yield "crosswalk", number, found.crosswalk(rows[done : done + many], own)
            done += many

    every = dict.fromkeys((RECORDS, "crosswalk"), stored.num_rows)
    written = Written(RECORDS, night.stages.pieces)
    snapshot.write_together(every, parted.groups(stored.nbytes), buckets, written)
