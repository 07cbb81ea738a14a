"""The change feed, replayed: who has which id, who lives, and who follows whom.

Every change of an id is an event, so the events alone give the crosswalk and the state of every
person; a system that reads the feed does what is done here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.ids import serial_numbers
from mpi.index.assign import Former
from mpi.index.base import Base
from mpi.index.persons import Ids, born
from mpi.records.keys import KEY, as_array, find_keys
from mpi.schema import TABLES

Integers = npt.NDArray[np.int64]

_BACK = "rollback to snapshot "
_STATUS = ("enterprise_id", "status", "replaced_by", "since")


@dataclass(frozen=True)
class Replayed:
    """What a feed of events tells.

    crosswalk : ``schema.TABLES["crosswalk"]``
    persons : enterprise_id, status, replaced_by and since of every id there ever was, by id
    """

    crosswalk: pa.Table
    persons: pa.Table


def replay(events: pa.Table) -> Replayed:
    """Replay a feed of events from its beginning.

    Parameters
    ----------
    events : ``schema.TABLES["events"]``, in any order

    Examples
    --------
    >>> import tempfile, mpi
    >>> index = mpi.MasterIndex.create_or_open(tempfile.mkdtemp())
    >>> replay(index.table("events")).crosswalk.num_rows
    0
    """
    events = events.sort_by("sequence")
    crosswalk = _crosswalk(events)
    first = _first_seen(events)
    living = pc.is_in(first["enterprise_id"], value_set=as_array(crosswalk["enterprise_id"]))
    heirs = _heirs(events)
    alive = set(crosswalk["enterprise_id"].to_pylist())
    leads = []
    for person, lives in zip(first["enterprise_id"].to_pylist(), living.to_pylist(), strict=True):
        heir = None if lives else heirs.get(person)
        while heir is not None and heir not in alive:
            heir = heirs.get(heir)
        leads.append(heir)
    status = pc.if_else(living, "active", "retired")
    columns = [first["enterprise_id"], status, pa.array(leads, pa.string()), first["snapshot"]]
    kept = {column.name: column for column in TABLES["persons"].schema}
    schema = pa.schema([kept[name] for name in _STATUS])
    return Replayed(crosswalk, pa.table(columns, schema=schema))


def _crosswalk(events: pa.Table) -> pa.Table:
    """The last word on each record, of those that have an id by it."""
    told = events.filter(pc.is_valid(events["source"]))
    order = pc.sort_indices(
        told, [*((name, "ascending") for name in KEY), ("sequence", "ascending")]
    )
    told = told.take(order)
    n = told.num_rows
    last = np.ones(n, np.bool_)
    if n > 1:
        same = [pc.equal(told[k].slice(1), told[k].slice(0, n - 1)) for k in KEY]
        last[:-1] = ~pc.and_(*same).to_numpy()
    every, told = told, told.filter(pa.array(last))
    told = told.filter(pc.greater(pc.list_value_length(told["after"]), 0))
    since = _since(every, told)
    ids = pc.list_element(told["after"], 0)
    columns = [told["source"], told["record_id"], ids, since]
    return pa.table(columns, schema=TABLES["crosswalk"].schema).combine_chunks()


def _since(every: pa.Table, last: pa.Table) -> pa.Array:
    """Since when each record is with its person: going back restores what was true then.

    every : the events of records; last : the last one of each record
    """
    since = last["snapshot"].to_numpy().copy()
    back = pc.starts_with(last["cause"], _BACK).to_numpy(zero_copy_only=False)
    if not back.any():
        return pa.array(since)
    keys = zip(*(last[name].to_pylist() for name in KEY), strict=True)
    wanted = {key: row for row, key in enumerate(keys) if back[row]}
    told: dict[tuple[str, str], list[tuple[int, str]]] = {key: [] for key in wanted}
    columns = (every[name].to_pylist() for name in (*KEY, "snapshot", "cause"))
    for source, record_id, snapshot, cause in zip(*columns, strict=True):
        if (source, record_id) in told:
            told[source, record_id].append((snapshot, cause))
    for key, row in wanted.items():
        past = told[key]
        while past and past[-1][1].startswith(_BACK):
            then = int(past[-1][1].removeprefix(_BACK))
            past = [step for step in past if step[0] <= then]
        since[row] = past[-1][0] if past else since[row]
    return pa.array(since)


def _first_seen(events: pa.Table) -> pa.Table:
    """Every id that events give, with the snapshot in which it came first; sorted by id."""
    after = as_array(events["after"])
    rows = pc.list_parent_indices(after)
    seen = pa.table(
        {
            "enterprise_id": pc.list_flatten(after),
            "snapshot": as_array(events["snapshot"]).take(rows),
        }
    )
    first = seen.group_by("enterprise_id").aggregate([("snapshot", "min")])
    first = first.rename_columns({"snapshot_min": "snapshot"}) if first.num_rows else seen
    return first.select(["enterprise_id", "snapshot"]).sort_by("enterprise_id")


def _heirs(events: pa.Table) -> dict[str, str | None]:
    """Who followed each id when it was retired last; None where nobody did.

    Going back restores who followed whom then.

    events : in their order
    """
    back = pc.starts_with(events["cause"], _BACK)
    ends = pc.is_in(events["kind"], value_set=pa.array(["merged", "retired"]))
    events = events.filter(pc.or_(ends, back))
    heirs: dict[str, str | None] = {}
    then: dict[int, dict[str, str | None]] = {}
    targets = {
        int(cause.removeprefix(_BACK))
        for cause in pc.unique(events["cause"]).to_pylist()
        if cause.startswith(_BACK)
    }
    now = 0
    columns = (
        events[name].to_pylist() for name in ("snapshot", "kind", "before", "after", "cause")
    )
    for snapshot, kind, before, after, cause in zip(*columns, strict=True):
        if snapshot != now:
            then |= {target: dict(heirs) for target in targets if now <= target < snapshot}
            now = snapshot
            if cause.startswith(_BACK):
                heirs |= then[int(cause.removeprefix(_BACK))]
        if kind in ("merged", "retired"):
            heirs |= {one: after[0] if after else None for one in before if one not in after}
    return heirs


def events_after(base: Base, sequence: int) -> pa.Table:
    """The events behind one of them, in their order; files that end before it are not read.

    Parameters
    ----------
    sequence : number of the last event that is known already, 0 for none
    """
    files = [] if base.manifest is None else list(base.manifest.tables["events"])
    files.sort(key=lambda file: file.bucket)
    # Numbers have no gap, so counting rows tells where a file ends.
    ends = np.cumsum([file.rows for file in files])
    files = [file for file, end in zip(files, ends.tolist(), strict=True) if end > sequence]
    if not files:
        return base.table("events").slice(0, 0)
    events = base.store.read_files(files)
    return events.filter(pc.greater(events["sequence"], sequence)).sort_by("sequence")


def later_events(base: Base, columns: list[str]) -> pa.Table:
    """Some columns of the events behind the first snapshot's, which only create and join."""
    schema = TABLES["events"].schema
    files = [] if base.manifest is None else base.manifest.tables["events"]
    files = [file for file in files if file.bucket > 1]
    if not files:
        return pa.schema([schema.field(name) for name in columns]).empty_table()
    return base.store.read_files(files, columns)


def followers(base: Base, ids: Ids) -> Integers:
    """int64, by serial number: who followed each retired id, 0 for nobody; the living have 0."""
    names = ["sequence", "snapshot", "kind", "before", "after", "cause"]
    events = later_events(base, names).sort_by("sequence")
    heirs = {person: heir for person, heir in _heirs(events).items() if heir is not None}
    followed = np.zeros(int(ids.serial.max(initial=0)) + 1, np.int64)
    dead = serial_numbers(pa.array(list(heirs), pa.string()))
    followed[dead] = serial_numbers(pa.array(list(heirs.values()), pa.string()))
    followed[ids.serial[~ids.retired]] = 0
    return followed


def former_ids(base: Base, ids: Ids, keys: pa.Table, rows: Integers) -> Former:
    """The retired ids that some records had once.

    Parameters
    ----------
    keys : `source` and `record_id` of all records
    rows : int64[n], the records in question, ascending
    """
    none = np.empty(0, np.int64)
    events = later_events(base, ["kind", *KEY, "before"]) if ids.retired.any() else None
    if events is None:
        return Former(none, none, none)
    events = events.filter(pc.is_in(events["kind"], value_set=pa.array(["moved", "left"])))
    events = events.filter(pc.is_valid(events["source"]))
    place = find_keys(events.select(KEY), keys.take(pa.array(rows)))
    events, place = events.filter(pa.array(place >= 0)), place[place >= 0]
    had = serial_numbers(as_array(pc.list_element(events["before"], 0)))
    retired = np.isin(had, ids.serial[ids.retired])
    pairs = np.unique(np.stack([rows[place[retired]], had[retired]], axis=1), axis=0)
    return Former(pairs[:, 0], pairs[:, 1], born(ids, pairs[:, 1]))


def merged_by(base: Base, ids: Ids, keys: pa.Table, current: Integers, causes: list[str]) -> Former:
    """Records that some causes moved to the id they have, and the retired one they had before.

    Parameters
    ----------
    keys : `source` and `record_id` of all records
    current : int64[n_records], serial number of each record's id
    """
    events = later_events(base, ["kind", *KEY, "before", "after", "cause"])
    moved = pc.and_(
        pc.equal(events["kind"], "moved"), pc.is_in(events["cause"], value_set=pa.array(causes))
    )
    events = events.filter(moved)
    events = events.filter(pc.is_valid(events["source"]))
    place = find_keys(events.select(KEY), keys)
    events, place = events.filter(pa.array(place >= 0)), place[place >= 0]
    had, has = (
        serial_numbers(as_array(pc.list_element(events[end], 0))) for end in ("before", "after")
    )
    wanted = (current[place] == has) & np.isin(had, ids.serial[ids.retired])
    _, first = np.unique(place[wanted], return_index=True)
    rows, serial = place[wanted][first], had[wanted][first]
    return Former(rows, serial, born(ids, serial))
