"""The past, told: a person's life, and what the nights did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.ids import serial_numbers
from mpi.errors import UsageError
from mpi.index.base import Base
from mpi.index.churn import PERSON_KINDS, RECORD_KINDS, churn_between, count_causes
from mpi.index.decisions import read_decisions
from mpi.index.journal import CAUSES
from mpi.index.strip import ERASED
from mpi.records.keys import as_array, find_keys, key_table


@dataclass(frozen=True)
class Step:
    """Something that happened to a person.

    snapshot : that published it; at : when, ISO 8601 in UTC, "" where it is not known any more
    kind : as in the events, or the kind of a decision
    record : "source:record_id", "" where it is about the person
    before, after : enterprise ids
    """

    snapshot: int
    at: str
    kind: str
    record: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    cause: str


@dataclass(frozen=True)
class Life:
    """A person's life.

    status : active or retired
    path : the id, whoever followed it, and so on to the living; one long of a living person
    records : "source:record_id" of the records that the person has now
    holders : "source:record_id" -> who has a record now that left the person, "" for nobody
    """

    enterprise_id: str
    status: str
    replaced_by: str | None
    since: int
    path: tuple[str, ...]
    records: tuple[str, ...]
    holders: dict[str, str]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class NightDone:
    """What a snapshot did.

    what : "run", "erasure", or the decisions it took or withdrew
    records : new, changed, deleted, unchanged, older: the night's records against the stored ones
    persons : kept, created, resurrected, merged, split, retired
    moves : joined, moved, left: records; of an erasure also erased
    causes : kind -> cause -> how many
    unexplained : changes that no event explains, always 0; None where a run did not count them
    """

    snapshot: int
    at: str
    what: str
    records: dict[str, int]
    persons: dict[str, int]
    moves: dict[str, int]
    causes: dict[str, dict[str, int]]
    unexplained: int | None


def nights(base: Base, since: int = 1) -> list[NightDone]:
    """What each snapshot from `since` on did, oldest first."""
    rows = base.table("runs").filter(pc.greater_equal(base.table("runs")["snapshot"], since))
    done = []
    events: pa.Table | None = None
    for row in rows.to_pylist():
        counts: dict[str, Any] = msgspec.json.decode(row["counts"])
        churn = counts.get("churn", {})
        erasure = _erasure(base, row, counts)
        if "causes" not in churn:  # going back does not count it
            events = base.table("events") if events is None else events
            churn = _counted(base, row["snapshot"], events)
        if erasure is not None:  # what the night counted was before the record lost its key
            churn = churn | {"causes": count_causes(erasure)}
        causes = churn["causes"]
        total = {kind: sum(number.values()) for kind, number in causes.items()}
        persons = {"kept": churn["kept"]} if "kept" in churn else {}
        done.append(
            NightDone(
                row["snapshot"],
                row["started_at"],
                _what(counts) if erasure is None else "erasure",
                counts.get("changes", {}),
                persons | {kind: total.get(kind, 0) for kind in PERSON_KINDS},
                {kind: total.get(kind, 0) for kind in RECORD_KINDS}
                | {kind: total[kind] for kind in (ERASED,) if kind in total},
                causes,
                churn.get("unexplained"),
            )
        )
    return done


def _erasure(base: Base, row: dict[str, Any], counts: dict[str, Any]) -> pa.Table | None:
    """The events of a snapshot that erased a record, None of any other one."""
    if row["inputs"] != "[]" or not counts.keys().isdisjoint(("rollback", "decisions")):
        return None
    assert base.manifest is not None
    files = [f for f in base.manifest.tables["events"] if f.bucket == row["snapshot"]]
    own = base.store.read_files(files, ["snapshot", "kind", "cause"]) if files else None
    if own is None or not pc.any(pc.equal(own["kind"], ERASED)).as_py():
        return None
    return _in_words(own, own)


def _in_words(events: pa.Table, every: pa.Table) -> pa.Table:
    """The events with what `every` event tells of erasures as their cause.

    The digest behind the words is for machines; and that a record was deleted, as others are told
    in such a snapshot, is the erasure itself.
    """
    erased = every.filter(pc.equal(every["kind"], ERASED)).select(["snapshot", "cause"])
    if erased.num_rows == 0:
        return events
    words = {
        snapshot: cause.rpartition(" ")[0]
        for snapshot, cause in zip(
            *(erased[name].to_pylist() for name in erased.column_names), strict=True
        )
    }
    rows = zip(*(events[name].to_pylist() for name in ("snapshot", "kind", "cause")), strict=True)
    causes = [
        words[at] if at in words and (kind == ERASED or cause == CAUSES[-1]) else cause
        for at, kind, cause in rows
    ]
    place = events.column_names.index("cause")
    return events.set_column(place, events.schema.field("cause"), pa.array(causes, pa.string()))


def _what(counts: dict[str, Any]) -> str:
    if "rollback" in counts:
        return f"rollback to snapshot {counts['rollback']}"
    return ", ".join(counts.get("decisions", [])) or "run"


def _counted(base: Base, snapshot: int, events: pa.Table) -> dict[str, Any]:
    """What a snapshot did, by the crosswalks before and after it; its events alone where the one
    before is forgotten."""
    own = events.filter(pc.equal(events["snapshot"], snapshot))
    kept = base.store.sequences()
    if snapshot not in kept or snapshot - 1 not in kept:
        return {"causes": count_causes(own)}
    two = (Base(base.store, *base.store.manifest(s)) for s in (snapshot - 1, snapshot))
    before, after = (one.table("crosswalk") for one in two)
    return churn_between(before, after, own)


def life(base: Base, person: str, since: int = 1) -> Life:
    """A person's life from the events, and where the person's records are now.

    Raises
    ------
    UsageError
        There is no such person.
    """
    serial_numbers(pa.array([person], pa.string()))
    persons = base.table("persons", ["enterprise_id", "status", "replaced_by", "since"])
    here = persons.filter(pc.equal(persons["enterprise_id"], person)).to_pylist()
    if not here:
        raise UsageError(
            f"index {base.store.path} has no person {person}; see mpi export INDEX persons"
        )
    every = base.table("events")
    events = _about(every, person)
    runs = base.table("runs", ["snapshot", "started_at"])
    times = dict(zip(runs["snapshot"].to_pylist(), runs["started_at"].to_pylist(), strict=True))
    steps = [_step(row, times) for row in _in_words(events, every).to_pylist()]
    steps += _decided(base, person)
    steps = sorted((s for s in steps if s.snapshot >= since), key=lambda s: s.snapshot)
    crosswalk = base.table("crosswalk")
    own = crosswalk.filter(pc.equal(crosswalk["enterprise_id"], person))
    return Life(
        person,
        here[0]["status"],
        here[0]["replaced_by"],
        here[0]["since"],
        _path(base, person, here[0]["replaced_by"]),
        tuple(f"{r['source']}:{r['record_id']}" for r in own.to_pylist()),
        _holders(events, crosswalk, person),
        tuple(steps),
    )


def _about(events: pa.Table, person: str) -> pa.Table:
    """The events that name a person, in their order."""
    named = []
    for end in ("before", "after"):
        lists = as_array(events[end])
        hits = pc.equal(pc.list_flatten(lists), person)
        named.append(pc.list_parent_indices(lists).filter(hits))
    rows = pc.unique(pa.concat_arrays(named))
    return events.take(rows).sort_by("sequence")


def _step(row: dict[str, Any], times: dict[int, str]) -> Step:
    key = "" if row["source"] is None else f"{row['source']}:{row['record_id']}"
    at = times.get(row["snapshot"], "")
    ends = tuple(row["before"]), tuple(row["after"])
    return Step(row["snapshot"], at, row["kind"], key, *ends, row["cause"])


def _decided(base: Base, person: str) -> list[Step]:
    """Decisions about the person as such: pinned, confirmed, a value set."""
    table = read_decisions(base)
    steps = []
    for row in table.filter(pc.equal(table["enterprise_id"], person)).to_pylist():
        what = f" {row['field']} to {row['value']}" if row["field"] else ""
        back = f", withdrawn by {row['withdrawn_by']}" if row["withdrawn"] else ""
        why = f": {row['reason']}" if row["reason"] else ""
        cause = f"decision {row['sequence']} by {row['decided_by']}{back}{why}"
        kind = f"{row['kind']}{what}"
        steps.append(Step(row["snapshot"], row["decided_at"], kind, "", (), (person,), cause))
    return steps


def _path(base: Base, person: str, heir: str | None) -> tuple[str, ...]:
    """From a retired id over those that followed it to the living one."""
    if heir is None:
        return (person,)
    ends = base.table("events", ["kind", "before", "after", "sequence"])
    ends = ends.filter(pc.equal(ends["kind"], "merged")).sort_by("sequence")
    step: dict[str, str] = {}
    for before, after in zip(ends["before"].to_pylist(), ends["after"].to_pylist(), strict=True):
        step |= {gone: after[0] for gone in before if gone not in after}
    path = [person]
    while path[-1] != heir and step.get(path[-1], heir) not in path:
        path.append(step.get(path[-1], heir))
    return tuple(path)


def _holders(events: pa.Table, crosswalk: pa.Table, person: str) -> dict[str, str]:
    """Who has the records now that went from the person to others."""
    gone = [
        (row["source"], row["record_id"])
        for row in events.filter(pc.is_valid(events["source"])).to_pylist()
        if person in row["before"]
    ]
    keys = sorted(set(gone))
    rows = find_keys(key_table(keys), crosswalk)
    held = {}
    for key, row in zip(keys, rows.tolist(), strict=True):
        holder = crosswalk["enterprise_id"][row].as_py() if row >= 0 else ""
        if holder != person:
            held[":".join(key)] = holder
    return held
