"""Forget a record: its personal data leaves every snapshot that is kept.

A night without the record is prepared first, so that the persons are those of an index that never
had it. Then every file that holds something of it, of any snapshot, is written again without, and
all manifests with their chain. One rename puts all of this in force (`rewrite`); the old files are
removed at once after it, or by the next writer where the process died.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.index.base import Base
from mpi.index.chain import BEGINNING, UNCHAINED, chain
from mpi.index.churn import count_kinds
from mpi.index.draft import Draft
from mpi.index.incremental import run
from mpi.index.manifest import File, Manifest, encode, moment_after
from mpi.index.rebuild import last_settings
from mpi.index.rewrite import commit
from mpi.index.snapshot import Snapshot
from mpi.index.store import Store
from mpi.index.strip import ERASED, STRIP, Target, of_record, strip_events
from mpi.index.stripped import Stripped
from mpi.records.keys import KEY, as_array
from mpi.records.table import RecordTable
from mpi.schema import TABLES, Kind
from mpi.stages import Stages

if TYPE_CHECKING:
    from mpi.index.relink import Resolver

_WORDS = "erased on request"
_COST = 1 << 12


@dataclass(frozen=True)
class Erased:
    """What was forgotten.

    changed : False where it had been erased before
    sequence : the snapshot that tells it
    snapshots : how many snapshots held something of the record
    files : how many files were written again
    """

    changed: bool
    sequence: int
    snapshots: int = 0
    files: int = 0
    events: dict[str, int] = field(default_factory=dict)


def digest_of(key: tuple[str, str], salt: str) -> str:
    """What the event of an erasure keeps of the key: scrypt, so that guessing takes its time."""
    text = msgspec.json.encode(key)
    made = hashlib.scrypt(text, salt=bytes.fromhex(salt), n=_COST, r=8, p=1, dklen=16)
    return made.hex()


def erased_before(base: Base, key: tuple[str, str]) -> int | None:
    """The snapshot in which this record was erased."""
    events = base.table("events", ["snapshot", "kind", "cause"])
    told = events.filter(pc.equal(events["kind"], ERASED)).to_pylist()
    digests: dict[str, str] = {}
    for event in reversed(told):
        salt, _, digest = event["cause"].rpartition(" ")[2].partition(".")
        if salt not in digests:
            digests[salt] = digest_of(key, salt)
        if digests[salt] == digest:
            return int(event["snapshot"])
    return None


def erase(base: Base, key: tuple[str, str], resolver: Resolver | None, stages: Stages) -> Erased:
    """Take a record out of every snapshot. Call it with the lock held, after a sweep.

    Raises
    ------
    UsageError
        No snapshot holds such a record, and none was erased.
    """
    if base.manifest is None:
        raise UsageError(f"index {base.store.path} is empty; there is nothing to erase")
    store = Draft(base.store)
    kept = [store.manifest(sequence) for sequence in store.sequences()]
    before = erased_before(base, key)
    target = _target(base, [manifest for manifest, _ in kept], key)
    if not _holds(base, [manifest for manifest, _ in kept], target):
        if before is not None:
            return Erased(False, before)
        raise UsageError(
            f"no snapshot of index {base.store.path} has a record {key[0]}:{key[1]}; a key is "
            "source:record_id, as in the crosswalk"
        )
    with store.writing():
        work = Stripped(store, target)
        person, alone = work.person(base)
        if alone:
            work.target = target = replace(target, ids=frozenset([person]))
        draft = _without(base, work, resolver, stages)
        with stages.stage("erasing", total=len(kept)) as advance:
            work.owners = _owners(Base(store, draft, None), target)
            chained, draft = _chain(work, draft)
            done: list[Manifest] = []
            digests: dict[str | None, str] = {}
            held = 0
            for manifest, digest in [*kept, (draft, "")]:
                stripped = work.manifest(manifest, chained)
                held += stripped != manifest and manifest is not draft
                previous = digests.get(manifest.previous, manifest.previous)
                hashed = _told(store, manifest, chained[manifest.tables["events"][-1].name][1])
                new = msgspec.structs.replace(
                    stripped,
                    previous=previous,
                    event_hash=hashed,
                    state=work.state(manifest, stripped),
                )
                if new != manifest or manifest is draft:
                    done.append(new)
                    digests[digest] = encode(new)[1]
                advance(1)
        commit(store, done)
        store.sweep()
    events = store.read_files(done[-1].tables["events"][-1:])
    return Erased(True, draft.sequence, held, len(work.written), count_kinds(events))


def _told(store: Store, manifest: Manifest, last: str) -> str:
    """What a manifest says of the hash of its last event."""
    same = store.vault.reveal(manifest.event_hash) == last
    return manifest.event_hash if same else store.vault.hide(last)


def _target(base: Base, manifests: list[Manifest], key: tuple[str, str]) -> Target:
    """The record, and what the event that is left will say."""
    columns = {"record_id"}
    for manifest in manifests:
        columns |= {f.column for f in manifest.fields if f.kind == Kind.RECORD_ID}
    events = base.table("events", ["kind", "cause"])
    told = events.filter(pc.equal(events["kind"], ERASED))["cause"]
    assert base.manifest is not None
    salt = base.store.vault.reveal(base.manifest.event_hash)[:16]
    if len(told):  # one salt for all, so that a key is looked for in one step
        salt = told[0].as_py().rpartition(" ")[2].partition(".")[0]
    words = f"{_WORDS} {salt}.{digest_of(key, salt)}"
    return Target(key[0], key[1], frozenset(columns), words)


def _holds(base: Base, manifests: list[Manifest], target: Target) -> bool:
    """Whether any file of any snapshot has something of the record."""
    seen = set()
    for manifest in manifests:
        for name in (*STRIP, "events"):
            strip = STRIP.get(name, strip_events)
            for file in manifest.files_of(name):
                if file.name not in seen:
                    seen.add(file.name)
                    if strip(base.store.read_files([file]), target) is not None:
                        return True
    return False


def _without(base: Base, work: Stripped, resolver: Resolver | None, stages: Stages) -> Manifest:
    """The next snapshot: a night in which the record is deleted, and so is what was decided of it.

    A decision joins persons by way of a record that is gone, so it must go before the night.
    """
    target, store = work.target, work.store
    assert base.manifest is not None
    old = base.manifest.tables["decisions"]
    decisions = tuple(file for one in old if (file := work.strip("decisions", one)) is not None)
    tables = base.manifest.tables | {"decisions": decisions}
    base = Base(store, msgspec.structs.replace(base.manifest, tables=tables), base.digest)
    assert base.manifest is not None
    gone = pa.table({"source": [target.source], "record_id": [target.record_id]})
    gone = gone.append_column("updated_at", pa.nulls(1, pa.string()))
    stored = base.stored
    incoming = RecordTable(stored.data.slice(0, 0), stored.fields, {}, gone)
    run(base, incoming, last_settings(base), stages, resolver, again=decisions != old)
    draft = store.drafted
    if draft is None:  # only earlier snapshots hold it
        snapshot = Snapshot(base, 0)
        snapshot.append("events", _event(snapshot.next_event, snapshot.sequence, target))
        snapshot.next_event += 1
        row = base.table("runs").slice(base.table("runs").num_rows - 1)
        told = {"snapshot": snapshot.sequence, "started_at": moment_after(base.manifest)}
        plain = {"inputs": "[]", "counts": "{}", "stages": "[]", "quality": "{}"}
        row = pa.Table.from_pylist(
            [row.to_pylist()[0] | told | plain], schema=TABLES["runs"].schema
        )
        snapshot.append("runs", row)
        draft = msgspec.structs.replace(
            base.manifest,
            created_at=told["started_at"],
            inputs=(),
            **snapshot.state(),
        )
    return draft


def _owners(base: Base, target: Target) -> pa.Array:
    """The ids of all persons who ever had the record; every change of an id is an event."""
    events = base.table("events", [*KEY, "before", "after"])
    events = events.filter(pa.array(of_record(events, target)))
    ids = [pc.list_flatten(as_array(events[end])) for end in ("before", "after")]
    return pc.unique(pa.concat_arrays(ids))


def _event(number: int, snapshot: int, target: Target) -> pa.Table:
    row = {
        "sequence": number,
        "snapshot": snapshot,
        "kind": ERASED,
        "before": [],
        "after": [],
        "cause": target.told,
    }
    return pa.Table.from_pylist([row], schema=UNCHAINED)


def _chain(work: Stripped, draft: Manifest) -> tuple[dict[str, tuple[File, str]], Manifest]:
    """Every file of events without the key, chained anew: by name, the file and its last hash.

    The draft has one more event where the record was not there to leave.
    """
    last, chained = BEGINNING, {}
    same = True
    for file in draft.tables["events"]:
        table = work.store.read_files([file])
        if file.bucket == draft.sequence:
            table = _mark(table, work.target)
            if not pc.any(pc.equal(table["cause"], work.target.told)).as_py():
                one = _event(draft.next_event, draft.sequence, work.target)
                table = pa.concat_tables([table.select(UNCHAINED.names), one])
                draft = msgspec.structs.replace(draft, next_event=draft.next_event + 1)
                same = False
        stripped = strip_events(table, work.target)
        same = same and stripped is None
        if same:
            last = as_array(table["hash"])[-1].as_py() if len(table) else last
            chained[file.name] = file, last
            continue
        table, last = chain(table if stripped is None else stripped, last)
        new = work.store.write_part("events", file.bucket, table)
        work.written.add(new.name)
        chained[file.name] = new, last
    return chained, draft


def _mark(table: pa.Table, target: Target) -> pa.Table:
    """The event that the record left says why."""
    here = pc.and_(
        pc.equal(table["source"], target.source), pc.equal(table["record_id"], target.record_id)
    ).fill_null(False)
    place = table.column_names.index("cause")
    cause = pc.if_else(here, target.told, table["cause"])
    return table.set_column(place, table.schema.field("cause"), cause)
