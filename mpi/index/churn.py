"""What a night did to persons: how many were kept, are new, merged, split; why; and whether every
change of an id has an event that says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.base import Base
from mpi.index.identities import Identities
from mpi.index.upsert import Upsert
from mpi.records.keys import KEY, as_array, find_keys

PERSON_KINDS = ("created", "resurrected", "merged", "split", "retired")
RECORD_KINDS = ("joined", "moved", "left")


def count_kinds(events: pa.Table) -> dict[str, int]:
    """How many events of each kind, by name."""
    counts = pc.value_counts(as_array(events["kind"])).to_pylist()
    return {c["values"]: c["counts"] for c in sorted(counts, key=lambda c: str(c["values"]))}


def count_causes(events: pa.Table) -> dict[str, dict[str, int]]:
    """Kind -> cause -> how many events, each in the order of its name.

    Examples
    --------
    >>> count_causes(pa.table({"kind": ["split", "moved", "moved"], "cause": ["x", "y", "y"]}))
    {'moved': {'y': 2}, 'split': {'x': 1}}
    """
    counted = (
        events.select(["kind", "cause"]).group_by(["kind", "cause"]).aggregate([([], "count_all")])
    )
    rows = sorted(
        zip(*(counted[name].to_pylist() for name in ("kind", "cause", "count_all")), strict=True)
    )
    causes: dict[str, dict[str, int]] = {}
    for kind, cause, number in rows:
        causes.setdefault(kind, {})[cause] = number
    return causes


def count_churn(base: Base, upsert: Upsert, found: Identities, events: pa.Table) -> dict[str, Any]:
    """What a night did, for its row of `runs`.

    Parameters
    ----------
    base : the snapshot before, or `near.Near` for the records that the night decided again
    events : those of the night

    Returns
    -------
    dict
        ``kept``: persons of whose records none came or went; ``causes``: as `count_causes`;
        ``unexplained``: records and persons that changed without an event with a cause, which
        must be none.
    """
    of_records = _where(events, pc.is_valid(events["source"]))
    ends = [pc.list_flatten(as_array(of_records[end])) for end in ("before", "after")]
    touched = pc.unique(pa.concat_arrays(ends))
    before = as_array(base.table("crosswalk", ["enterprise_id"])["enterprise_id"])
    living = pc.unique(before)
    after = pc.unique(as_array(found.crosswalk["enterprise_id"]))
    same = pc.and_(
        pc.is_in(living, value_set=after), pc.invert(pc.is_in(living, value_set=touched))
    )
    others = 0 if base.manifest is None else base.manifest.living - len(living)
    return {
        "kept": others + int(pc.sum(same).as_py() or 0),
        "causes": count_causes(events),
        "unexplained": _untold_records(base, before, upsert, found, of_records)
        + _untold_persons(living, after, events),
    }


def _where(table: pa.Table, mask: pa.ChunkedArray) -> pa.Table:
    """The rows that a mask has; a table all of whose rows it has is not copied."""
    return table if pc.all(mask, skip_nulls=False).as_py() else table.filter(mask)


def _untold_records(
    base: Base, before: pa.Array, upsert: Upsert, found: Identities, told: pa.Table
) -> int:
    """Records that came, went or changed their id, of which no event tells."""
    had = pa.array(upsert.origin, mask=upsert.origin < 0)
    stayed = pc.equal(as_array(found.crosswalk["enterprise_id"]), before.take(had))
    rows = np.flatnonzero(~stayed.fill_null(False).to_numpy(zero_copy_only=False))
    changed = found.crosswalk.select(KEY).take(pa.array(rows))
    left = base.stored.data.select(KEY).take(pa.array(upsert.left))
    told = _where(told.select([*KEY, "cause"]), pc.not_equal(told["cause"], "")).select(KEY)
    if len(left) == 0 and changed.equals(told.cast(changed.schema)):
        return 0
    every = pa.concat_tables([changed, left.cast(changed.schema)])
    return int(np.count_nonzero(find_keys(every, told) < 0))


def _untold_persons(living: pa.Array, after: pa.Array, events: pa.Table) -> int:
    """Persons that began or ceased to live, of which no event tells."""

    def untold(persons: pa.Array, others: pa.Array, end: str, kinds: list[str]) -> int:
        changed = persons.filter(pc.invert(pc.is_in(persons, value_set=others)))
        rows = pc.is_in(events["kind"], value_set=pa.array(kinds))
        named = pc.list_flatten(as_array(events[end].filter(rows)))
        return len(changed) - int(pc.sum(pc.is_in(changed, value_set=named)).as_py() or 0)

    began = untold(after, living, "after", ["created", "resurrected"])
    return began + untold(living, after, "before", ["merged", "retired"])


def churn_between(before: pa.Table, after: pa.Table, events: pa.Table) -> dict[str, Any]:
    """What led from one crosswalk to the next, for a snapshot that did not count it itself.

    events : those of the snapshot
    """
    had, has = (as_array(table["enterprise_id"]) for table in (before, after))
    place = find_keys(after.select(KEY), before.select(KEY))
    stayed = pc.equal(has, had.take(pa.array(place, mask=place < 0))).fill_null(False)
    left = np.setdiff1d(np.arange(len(had)), place)
    changed = after.filter(pc.invert(stayed)).select(KEY)
    changed = pa.concat_tables([changed, before.take(pa.array(left)).select(KEY)])
    told = _where(events, pc.is_valid(events["source"]))
    told = _where(told, pc.not_equal(told["cause"], "")).select(KEY)
    living, now = pc.unique(had), pc.unique(has)
    touched = pa.concat_arrays([had.take(pa.array(left)), has.filter(pc.invert(stayed))])
    gone = had.take(pa.array(place[place >= 0])).filter(
        pc.invert(stayed.filter(pa.array(place >= 0)))
    )
    touched = pa.concat_arrays([touched, gone])
    kept = pc.and_(pc.is_in(living, value_set=now), pc.invert(pc.is_in(living, value_set=touched)))
    return {
        "kept": int(pc.sum(kept).as_py() or 0),
        "causes": count_causes(events),
        "unexplained": int(np.count_nonzero(find_keys(changed, told) < 0))
        + _untold_persons(living, now, events),
    }
