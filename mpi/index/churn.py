"""What a night did to persons: how many were kept, are new, merged, split; why; and whether every
change of an id has an event that says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.ids import serial_numbers
from mpi.index.base import Base
from mpi.index.identities import Identities
from mpi.index.upsert import Upsert
from mpi.records.keys import KEY, as_array, find_keys

_KEYS = pa.schema([pa.field(name, pa.string(), False) for name in KEY])
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
    kind, cause = (as_array(events[name]).dictionary_encode() for name in ("kind", "cause"))
    kinds, words = kind.dictionary.to_pylist(), cause.dictionary.to_pylist()
    many = max(len(words), 1)
    pairs = kind.indices.to_numpy().astype(np.int64) * many + cause.indices.to_numpy()
    counts = np.bincount(pairs, minlength=len(kinds) * many).tolist()
    rows = sorted(
        (kinds[i // many], words[i % many], number) for i, number in enumerate(counts) if number
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
        As `Churn.counted`.
    """
    churn = Churn(base, found)
    churn.hear(events)
    return churn.counted()


class Churn:
    """Hears a night's events, some at a time, and holds them against what the night did."""

    def __init__(self, base: Base, found: Identities) -> None:
        night = found.night
        self.kinds: dict[str, int] = {}
        self._causes: dict[tuple[str, str], int] = {}
        self._manifest, self._night = base.manifest, night
        limit = night.assigned.next_serial
        self._lived, self._lives, self._touched, self._began, self._ended = (
            np.zeros(limit, np.bool_) for _ in range(5)
        )
        self._lived[night.before] = self._lived[night.left_before] = True
        self._lives[night.assigned.after] = True
        self._lived[0] = False
        self._changed = np.flatnonzero(night.before != night.assigned.after)
        self._told = np.zeros(len(self._changed) + len(night.left_before), np.bool_)
        self._next = 0

    def hear(self, events: pa.Table) -> None:
        """Take in some of the night's events."""
        for kind, causes in count_causes(events).items():
            for cause, number in causes.items():
                self.kinds[kind] = self.kinds.get(kind, 0) + number
                self._causes[kind, cause] = self._causes.get((kind, cause), 0) + number
        of_records = _where(events, pc.is_valid(events["source"]))
        self._touched[_ids(of_records, "before")] = True
        self._touched[_ids(of_records, "after")] = True
        self._began[_ids(_of_kinds(events, ["created", "resurrected"]), "after")] = True
        self._ended[_ids(_of_kinds(events, ["merged", "retired"]), "before")] = True
        told = _where(of_records, pc.not_equal(of_records["cause"], "")).select(KEY)
        self._hear_records(told.cast(_KEYS).combine_chunks())

    def _hear_records(self, told: pa.Table) -> None:
        """Mark the records that came, went or changed their id, and of which an event tells."""
        rows = self._changed[self._next : self._next + len(told)]
        keys = self._night.keys.select(KEY)
        if len(rows) == len(told) and keys.take(pa.array(rows)).cast(_KEYS).equals(told):
            self._told[self._next : self._next + len(told)] = True
            self._next += len(told)
            return
        every = pa.concat_tables(
            [keys.take(pa.array(self._changed)).cast(_KEYS), self._night.left_keys.cast(_KEYS)]
        )
        self._told |= find_keys(every, told) >= 0

    def counted(self) -> dict[str, Any]:
        """What the night did.

        Returns
        -------
        dict
            ``kept``: persons of whose records none came or went; ``causes``: as `count_causes`;
            ``unexplained``: records and persons that changed without an event with a cause, which
            must be none.
        """
        others = 0
        if self._manifest is not None:
            others = self._manifest.living - int(np.count_nonzero(self._lived))
        causes: dict[str, dict[str, int]] = {}
        for (kind, cause), number in sorted(self._causes.items()):
            causes.setdefault(kind, {})[cause] = number
        untold = self._lives & ~self._lived & ~self._began
        untold |= self._lived & ~self._lives & ~self._ended
        kept = self._lived & self._lives & ~self._touched
        return {
            "kept": others + int(np.count_nonzero(kept)),
            "causes": causes,
            "unexplained": int(np.count_nonzero(~self._told)) + int(np.count_nonzero(untold)),
        }


def _ids(events: pa.Table, end: str) -> npt.NDArray[np.int64]:
    """Serial numbers of the ids before or after some events."""
    return serial_numbers(pc.list_flatten(as_array(events[end])))


def _of_kinds(events: pa.Table, kinds: list[str]) -> pa.Table:
    return _where(events, pc.is_in(events["kind"], value_set=pa.array(kinds)))


def _where(table: pa.Table, mask: pa.ChunkedArray) -> pa.Table:
    """The rows that a mask has; a table all of whose rows it has is not copied."""
    return table if pc.all(mask, skip_nulls=False).as_py() else table.filter(mask)


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
