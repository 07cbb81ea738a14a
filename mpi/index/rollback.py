"""Back to an earlier snapshot, published as a new one.

The tables are those of the earlier snapshot, file by file, those of changes with the others, so
nothing is copied whatever their size. What happened since is read from the journal alone: its
record events tell who had which id then and who has it now, its person events who lived. Ids that
were given since stay in persons, retired, each leading to whoever has its records again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import json
from msgspec.structs import replace

from mpi.index.base import RECORDS, Base
from mpi.index.churn import count_kinds
from mpi.index.manifest import moment_after
from mpi.index.since import (
    events_since,
    gone_since,
    lives_of,
    moves_of,
    retired_ids,
    undoing_events,
)
from mpi.index.snapshot import Snapshot
from mpi.records.keys import as_array
from mpi.schema import TABLES

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RolledBack:
    """What going back did; `sequence` is the snapshot in force now."""

    changed: bool
    sequence: int
    to: int
    events: dict[str, int] = field(default_factory=dict)
    messages: tuple[str, ...] = ()


def roll_back(base: Base, target: int) -> RolledBack:
    """Publish the state of snapshot `target` as a new snapshot.

    Call it with the lock held.

    Raises
    ------
    UsageError
        There is no such snapshot.
    IntegrityError
        A file of it is missing.
    """
    then, _ = base.store.manifest(target)
    now = base.manifest
    assert now is not None
    if target == now.sequence:
        message = f"snapshot {target} is the newest one; there is nothing to go back from"
        return RolledBack(False, target, target, {}, (message,))
    if _is_already(base, target):
        message = f"snapshot {now.sequence} is snapshot {target} already"
        return RolledBack(False, now.sequence, target, {}, (message,))
    base.store.check_files(then)
    earlier = Base(base.store, then, None)
    journal = events_since(base, target)
    moves, lives = moves_of(journal), lives_of(journal)
    gone = gone_since(lives, then, now)
    events = undoing_events(moves, lives, gone, then, now, f"rollback to snapshot {target}")
    retired = retired_ids(moves, lives, then, now, journal)

    snapshot = Snapshot(base, 0)
    decisions, withdrawn = _decisions(earlier, base, f"rollback to snapshot {target}")
    with base.store.writing():
        for name in then.tables:
            if name not in ("events", "runs"):
                snapshot.restore(name, then)
        snapshot.kept = then.state
        _add_retired(snapshot, retired)
        if decisions.num_rows > then.rows["decisions"]:
            snapshot.write_single("decisions", decisions)
        snapshot.append("events", events)
        snapshot.next_event += events.num_rows
        snapshot.append("runs", _run_row(snapshot, earlier, target, events))
        snapshot.store.publish(
            replace(
                then,
                created_at=moment_after(now),
                inputs=(),
                **snapshot.state(),
            )
        )
    messages = []
    if withdrawn:
        messages.append(
            f"decisions made after snapshot {target} are withdrawn: {withdrawn}; make them again "
            "if they still hold"
        )
    return RolledBack(True, snapshot.sequence, target, count_kinds(events), tuple(messages))


def _is_already(base: Base, target: int) -> bool:
    """Whether the newest snapshot was published by going back to `target`."""
    last = base.table("runs").to_pylist()[-1]
    assert base.manifest is not None
    told = json.decode(last["counts"])
    newest = last["snapshot"] == base.manifest.sequence
    return bool(newest and told.get("rollback") == target)


def _add_retired(snapshot: Snapshot, retired: pa.Table) -> None:
    """Persons who are none of the earlier snapshot's, retired."""
    n = retired.num_rows
    told = {
        "status": pa.array(["retired"] * n, pa.string()),
        "n_records": pa.array(np.zeros(n, np.int64)),
        "n_sources": pa.array(np.zeros(n, np.int64)),
    } | {name: as_array(retired[name]) for name in retired.column_names}
    schema = snapshot.layers("persons").schema
    columns = [told.get(field.name, pa.nulls(n, field.type)) for field in schema]
    rows = pa.table(columns, schema=schema)
    total = snapshot.rows["persons"] + n
    gone = rows.slice(0, 0)
    snapshot.change("persons", rows, gone, total=total, living=snapshot.living, fold=False)


def _decisions(earlier: Base, base: Base, why: str) -> tuple[pa.Table, str]:
    """The decisions in force then; those made since are kept as withdrawn, and named."""
    then, now = earlier.table("decisions"), base.table("decisions")
    if now.num_rows <= then.num_rows or "withdrawn" not in now.column_names:
        return then, ""
    later = now.slice(then.num_rows)
    n = later.num_rows
    open_ = pc.invert(later["withdrawn"])
    named = ", ".join(str(s) for s in later.filter(open_)["sequence"].to_pylist())
    told = {
        "withdrawn": pa.array([True] * n),
        "withdrawn_by": pc.if_else(open_, "mpi rollback", later["withdrawn_by"]),
        "withdrawn_at": pc.if_else(open_, moment_after(base.manifest), later["withdrawn_at"]),
        "withdrawn_reason": pc.if_else(open_, why, later["withdrawn_reason"]),
    }
    for name, column in told.items():
        later = later.set_column(later.column_names.index(name), later.schema.field(name), column)
    return pa.concat_tables([then.cast(now.schema), later]).combine_chunks(), named


def _run_row(snapshot: Snapshot, earlier: Base, target: int, events: pa.Table) -> pa.Table:
    """The row of `runs`: settings and model are those of the state that is in force again."""
    runs = earlier.table("runs").to_pylist()
    last = runs[-1] if runs else {"settings": "{}", "model": "null"}
    assert earlier.manifest is not None and snapshot.base.manifest is not None
    rows = earlier.manifest.rows[RECORDS]
    counts = {RECORDS: rows, "rollback": target, "events": count_kinds(events)}
    row = {
        "snapshot": snapshot.sequence,
        "started_at": moment_after(snapshot.base.manifest),
        "inputs": "[]",
        "settings": last["settings"],
        "model": last["model"],
        "counts": json.encode(counts, order="deterministic").decode(),
        "stages": "[]",
        "quality": "{}",
    }
    return pa.Table.from_pylist([row], schema=TABLES["runs"].schema)
