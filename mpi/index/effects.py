"""What a snapshot that is not yet published would change: the content of a plan."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.base import RECORDS, Base
from mpi.index.keys import PAIR
from mpi.records.keys import as_array, key_text

_LARGEST = 20
_KEYS_SHOWN = 3


class Effect(msgspec.Struct, frozen=True):
    """What happens to some persons.

    kind : merged, split, moved or retired
    before, after : enterprise ids
    records : records of all these persons, before or after, whichever is more
    keys : some of the records that get another id, as source:record_id
    """

    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    records: int
    cause: str
    keys: tuple[str, ...]


class Effects(msgspec.Struct, frozen=True):
    """What would change.

    counts_before, counts_after : rows of each table; persons are the living ones
    events : how many of each kind
    changed : living persons who would be merged, split, retired, or lose or gain a record that
        was another's; a new record that joins a person does not count
    queue_added, queue_gone : pairs that would come to review, or leave it
    sources : by source, records before and after
    largest : the twenty largest effects
    """

    counts_before: dict[str, int]
    counts_after: dict[str, int]
    events: dict[str, int]
    changed: int
    merged: int
    split: int
    queue_added: int
    queue_gone: int
    sources: dict[str, tuple[int, int]]
    largest: tuple[Effect, ...]


_CHANGES = ("moved", "left", "merged", "split", "retired")


def effects_of(before: Base, after: Base) -> Effects:
    """Compare a snapshot with the one before it."""
    assert after.manifest is not None
    files = [f for f in after.manifest.tables["events"] if f.bucket == after.manifest.sequence]
    events = after.store.read_files(files) if files else after.table("events").slice(0, 0)
    living = before.table("persons", ["enterprise_id", "status", "n_records"])
    living = living.filter(pc.equal(living["status"], "active"))
    now = after.table("persons", ["enterprise_id", "n_records"])
    sizes = {
        "before": _sizes(living, events, "before"),
        "after": _sizes(now, events, "after"),
    }
    kinds = pc.value_counts(as_array(events["kind"])).to_pylist()
    # A first load has millions of events, and none of these.
    events = events.filter(pc.is_in(events["kind"], value_set=pa.array(_CHANGES)))
    rows = events.select(["kind", "before", "after", "cause"]).to_pylist()
    changed: set[str] = set()
    told: dict[str, set[str]] = {"merged": set(), "split": set()}
    for row in rows:
        if row["kind"] in ("moved", "merged", "split", "retired"):
            ids = [i for i in (*row["before"], *row["after"]) if i in sizes["before"]]
            changed.update(ids)
            if row["kind"] in told:
                told[row["kind"]].update(i for i in ids if i in row["before"])
    added, gone = _queue(before.table("review", PAIR), after.table("review", PAIR))
    return Effects(
        before.counts(),
        after.counts(),
        {k["values"]: k["counts"] for k in sorted(kinds, key=lambda k: str(k["values"]))},
        len(changed),
        len(told["merged"]),
        len(told["split"]),
        added,
        gone,
        _sources(before.table(RECORDS, ["source"]), after.table(RECORDS, ["source"])),
        _largest(rows, events, sizes),
    )


def _sizes(persons: pa.Table, events: pa.Table, side: str) -> dict[str, int]:
    """Records of each person named on either side of an event."""
    lists = [as_array(events[name]) for name in ("before", "after")]
    named = pc.unique(pa.concat_arrays([pc.list_flatten(column) for column in lists]))
    persons = persons.filter(pc.is_in(persons["enterprise_id"], value_set=named))
    ids, counts = persons["enterprise_id"].to_pylist(), persons["n_records"].to_pylist()
    return dict(zip(ids, counts, strict=True))


def _queue(old: pa.Table, new: pa.Table) -> tuple[int, int]:
    """How many pairs come, how many go."""
    joined = old.select(PAIR).join(new.select(PAIR), list(PAIR), join_type="inner")
    both = joined.num_rows
    return new.num_rows - both, old.num_rows - both


def _sources(old: pa.Table, new: pa.Table) -> dict[str, tuple[int, int]]:
    counts: list[dict[str, int]] = []
    for table in (old, new):
        found = pc.value_counts(as_array(table["source"])).to_pylist()
        counts.append({f["values"]: f["counts"] for f in found})
    names = sorted({*counts[0], *counts[1]})
    return {name: (counts[0].get(name, 0), counts[1].get(name, 0)) for name in names}


def _largest(
    rows: list[dict[str, Any]], events: pa.Table, sizes: dict[str, dict[str, int]]
) -> tuple[Effect, ...]:
    """The effects with most records, then in the order of their events."""
    known = {i for row in rows if row["kind"] in ("merged", "split") for i in _ids(row)}
    sized = []
    for number, row in enumerate(rows):
        apart = row["kind"] == "moved" and not set(_ids(row)) & known
        if apart or row["kind"] in ("merged", "split", "retired"):
            found = [sum(sizes[s].get(i, 0) for i in set(_ids(row))) for s in ("before", "after")]
            sized.append((-max(found), number))
    keys = key_text(events.select(["source", "record_id"])).to_pylist()
    movers: dict[str, list[str]] = {}
    for row, key in zip(rows, keys, strict=True):
        if key is not None and row["before"]:
            movers.setdefault(row["before"][0], []).append(key)
    largest = []
    for size, number in sorted(sized)[:_LARGEST]:
        row = rows[number]
        some = [key for i in row["before"] for key in movers.get(i, [])]
        largest.append(
            Effect(
                row["kind"],
                tuple(row["before"]),
                tuple(row["after"]),
                -size,
                row["cause"],
                tuple(some[:_KEYS_SHOWN]),
            )
        )
    return tuple(largest)


def _ids(row: dict[str, Any]) -> Iterable[str]:
    return (*row["before"], *row["after"])


def share_of(part: int, whole: int) -> float:
    """part of whole, 0 to 1; of nothing, all that comes is everything.

    Examples
    --------
    >>> share_of(1, 4), share_of(0, 0), share_of(3, 0)
    (0.25, 0.0, 1.0)
    """
    return float(np.divide(part, whole)) if whole else float(part > 0)
