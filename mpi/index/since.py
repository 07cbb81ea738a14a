"""What happened since an earlier snapshot, read from the journal, and the events that undo it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.ids import enterprise_ids, serial_numbers
from mpi.index.base import Base
from mpi.index.chain import UNCHAINED
from mpi.index.laws import RECORD_KINDS
from mpi.index.manifest import Manifest
from mpi.index.merge import in_key_order
from mpi.records.keys import KEY, as_array
from mpi.schema import TABLES

Integers = npt.NDArray[np.int64]


@dataclass
class Lives:
    """Who died and came back since the earlier snapshot, from the events of persons.

    first, last : by id, whether the first and the last such event ended a life
    heirs : by id, who followed when it ended last, None for nobody
    """

    first: dict[int, bool] = field(default_factory=dict)
    last: dict[int, bool] = field(default_factory=dict)
    heirs: dict[int, int | None] = field(default_factory=dict)

    def note(self, one: int, ended: bool) -> None:
        self.first.setdefault(one, ended)
        self.last[one] = ended

    def follow(self, one: int, dead: set[int]) -> int | None:
        """The first id along the chain of heirs that is not `dead`."""
        seen = set()
        heir = self.heirs.get(one)
        while heir is not None and heir in dead and heir not in seen:
            seen.add(heir)
            heir = self.heirs.get(heir)
        return None if heir in dead else heir


_TOLD = ("sequence", "snapshot", "kind", *KEY, "before", "after")


def events_since(base: Base, target: int) -> pa.Table:
    """What happened after a snapshot, in its order: who was what before, and is after."""
    assert base.manifest is not None
    files = [file for file in base.manifest.tables["events"] if file.bucket > target]
    if not files:
        return TABLES["events"].schema.empty_table()
    return in_key_order(base.store.read_files(files, _TOLD), ["sequence"])


@dataclass(frozen=True)
class Moves:
    """Records whose id is another one now than then, in the order of their keys; 0 for no id."""

    keys: pa.Table
    then: Integers
    now: Integers


def _one_id(lists: pa.ChunkedArray) -> Integers:
    """The only id of each list, as a serial number, 0 where a list is empty."""
    lists = as_array(lists)
    serial = np.zeros(len(lists), dtype=np.int64)
    has = pc.list_value_length(lists).to_numpy(zero_copy_only=False) > 0
    serial[has] = serial_numbers(pc.list_flatten(lists))
    return serial


def _serial_lists(lists: pa.ChunkedArray) -> list[list[int]]:
    """The ids of each list, as serial numbers."""
    lists = as_array(lists)
    serials = serial_numbers(pc.list_flatten(lists)).tolist()
    ends = np.cumsum(pc.list_value_length(lists).to_numpy(zero_copy_only=False)).tolist()
    return [serials[a:b] for a, b in pairwise([0, *ends])]


def moves_of(journal: pa.Table) -> Moves:
    told = pc.is_in(journal["kind"], pa.array(RECORD_KINDS))
    rows = journal.filter(pc.and_(told, pc.is_valid(journal["record_id"])))
    rows = rows.append_column("row", pa.array(np.arange(rows.num_rows)))
    ends = rows.select([*KEY, "row"]).group_by([*KEY]).aggregate([("row", "min"), ("row", "max")])
    ends = ends.sort_by([(name, "ascending") for name in KEY])
    then = _one_id(rows["before"].take(ends["row_min"]))
    now = _one_id(rows["after"].take(ends["row_max"]))
    differ = then != now
    return Moves(ends.select(KEY).filter(pa.array(differ)), then[differ], now[differ])


def lives_of(journal: pa.Table) -> Lives:
    lives = Lives()
    told = pc.is_in(journal["kind"], pa.array(["merged", "retired", "resurrected"]))
    rows = journal.filter(told)
    sides = (_serial_lists(rows[name]) for name in ("before", "after"))
    for kind, old, new in zip(rows["kind"].to_pylist(), *sides, strict=True):
        if kind == "resurrected":
            for one in new:
                lives.note(one, False)
            continue
        for one in old:
            if one not in new:
                lives.note(one, True)
                lives.heirs[one] = new[0] if new else None
    return lives


def gone_since(lives: Lives, then: Manifest, now: Manifest) -> set[int]:
    """Ids that live now and did not then."""
    new = {n for n in range(then.next_serial, now.next_serial) if not lives.last.get(n, False)}
    back = {n for n, ended in lives.first.items() if n < then.next_serial and not ended}
    return new | {n for n in back if not lives.last[n]}


def _targets(moves: Moves) -> dict[int, list[int]]:
    """By id, the ids that its records go back to: most records first, then the smallest key."""
    parted = np.flatnonzero((moves.now > 0) & (moves.then > 0))
    pairs, first, shared = np.unique(
        np.stack([moves.now[parted], moves.then[parted]], axis=1),
        axis=0,
        return_index=True,
        return_counts=True,
    )
    targets: dict[int, list[int]] = {}
    for row in np.lexsort((first, -shared, pairs[:, 0])).tolist():
        targets.setdefault(int(pairs[row, 0]), []).append(int(pairs[row, 1]))
    return targets


def undoing_events(
    moves: Moves, lives: Lives, gone: set[int], then: Manifest, now: Manifest, cause: str
) -> pa.Table:
    """Who moves back; who lives again, merges, splits and retires by that."""
    kinds = np.where(moves.now == 0, 1, np.where(moves.then == 0, 3, 2))
    words = pa.array(RECORD_KINDS, pa.string())
    rows: list[tuple[str, list[int], list[int]]] = []
    dead = {n for n, ended in lives.last.items() if ended}
    for one in np.unique(moves.then).tolist():
        if one in dead and one < then.next_serial:
            heir = lives.follow(one, dead)
            rows.append(("resurrected", [] if heir is None else [heir], [one]))
    targets = _targets(moves)
    merged: dict[int, list[int]] = {}
    for one in sorted(gone):
        heir = targets[one][0] if one in targets else None
        lives.note(one, True)
        lives.heirs[one] = heir
        if heir is not None:
            merged.setdefault(heir, []).append(one)
    rows += [("merged", sorted([h, *merged[h]]), [h]) for h in sorted(merged)]
    for one in sorted(targets):
        parts = sorted({*targets[one], *(() if one in gone else (one,))})
        if len(parts) > 1:
            rows.append(("split", [one], parts))
    rows += [("retired", [one], []) for one in sorted(gone) if one not in targets]

    n, none = len(moves.then), pa.nulls(len(rows), pa.string())
    records = pa.table(
        {
            "kind": words.take(pa.array(kinds)),
            "source": moves.keys["source"],
            "record_id": moves.keys["record_id"],
            "before": _one_each(moves.now),
            "after": _one_each(moves.then),
        }
    )
    persons = pa.table(
        {
            "kind": pa.array([kind for kind, _, _ in rows], pa.string()),
            "source": none,
            "record_id": none,
            "before": _lists([before for _, before, _ in rows]),
            "after": _lists([after for _, _, after in rows]),
        }
    )
    events = pa.concat_tables([records, persons])
    n = events.num_rows
    events = events.append_column("cause", pa.array([cause] * n, pa.string()))
    numbers = np.arange(now.next_event, now.next_event + n)
    events = events.add_column(0, "snapshot", pa.array(np.full(n, now.sequence + 1)))
    return events.add_column(0, "sequence", pa.array(numbers)).cast(UNCHAINED)


def _one_each(serials: Integers) -> pa.Array:
    """The id of each, or none: as lists."""
    some = serials > 0
    offsets = np.append(0, np.cumsum(some)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), enterprise_ids(serials[some]))


def _lists(serials: list[list[int]]) -> pa.Array:
    offsets = np.cumsum([0, *map(len, serials)]).astype(np.int32)
    flat = np.array([one for some in serials for one in some], dtype=np.int64)
    return pa.ListArray.from_arrays(pa.array(offsets), enterprise_ids(flat))


def retired_ids(
    moves: Moves, lives: Lives, then: Manifest, now: Manifest, journal: pa.Table
) -> pa.Table:
    """Rows of persons for the ids that were given since: enterprise_id, replaced_by, since."""
    new = np.arange(then.next_serial, now.next_serial)
    # Who lived then and does not now has records that moved since, all of them.
    alive = set(moves.then.tolist())
    dead = {n for n, ended in lives.first.items() if not ended} | set(new.tolist())
    dead |= {n for n, ended in lives.last.items() if ended and n not in alive}
    followed = (lives.follow(one, dead) for one in new.tolist())
    heirs = np.array([heir or 0 for heir in followed], dtype=np.int64)
    leads = enterprise_ids(np.maximum(heirs, 1))
    ids = enterprise_ids(new)
    after = as_array(journal["after"])
    first = pc.index_in(ids, value_set=pc.list_flatten(after))
    rows = pc.list_parent_indices(after).take(first)
    return pa.table(
        {
            "enterprise_id": ids,
            "replaced_by": pc.if_else(pa.array(heirs > 0), leads, pa.scalar(None, pa.string())),
            "since": as_array(journal["snapshot"]).take(rows).fill_null(now.sequence),
        }
    )
