"""What a night did, as events: each says what happened to whom, and why.

Every record whose id changes has one event: `created` (it is the first record of a new person),
`joined` (it had no id), `moved` (it had another) or `left` (it was deleted). So the record events,
replayed in order, give the crosswalk. Then come the persons: `resurrected` (a retired id has
records again), `merged` (an id's records went to another one), `split` (an id's records are with
several ids now), `retired` (no record is left).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.ids import enterprise_ids
from mpi.index.assign import Assignment
from mpi.index.chain import UNCHAINED
from mpi.index.upsert import Change
from mpi.records.keys import KEY

Integers = npt.NDArray[np.int64]

CAUSES = ("consequence of other records", "new record", "changed record", "deleted record")
_NONE = np.empty(0, dtype=np.int64)
_OTHERS, _NEW, _CHANGED, _DELETED = range(4)
_RECORD_KINDS = ("created", "joined", "moved", "left")


@dataclass(frozen=True)
class Night:
    """Who had which id before tonight and after, by row of the records from now on.

    keys : `source` and `record_id` of the records, in key order
    before : int64[n], serial number of the id until tonight, 0 for none
    change : int8[n], `Change`
    cluster : int64[n], smallest row of the record's cluster
    left_keys, left_before : the records that were deleted, and the ids they had
    assigned : the ids from now on
    first_new : ids from this serial number on are new tonight
    told : where persons decided, what to call that, and the rows of the records each decision
        speaks of; the first is the cause of whatever is near no decision
    led : int64[n_back], the living id that each resurrected one led to, 0 for none
    """

    keys: pa.Table
    before: Integers
    change: npt.NDArray[np.int8]
    cluster: Integers
    left_keys: pa.Table
    left_before: Integers
    assigned: Assignment
    first_new: int
    told: tuple[tuple[str, Integers], ...] = ()
    led: Integers = field(default_factory=lambda: _NONE)

    @property
    def words(self) -> tuple[str, ...]:
        """The causes by their code."""
        return tuple(word for word, _ in self.told) or CAUSES

    def decided(self) -> Integers:
        """int64[next_serial], by id: the decision that speaks of a record it had or has."""
        near = np.zeros(self.assigned.next_serial, np.int64)
        for code in range(len(self.told) - 1, 0, -1):
            rows = self.told[code][1]
            near[self.before[rows]] = near[self.assigned.after[rows]] = code
        near[0] = 0
        return near


def _id_lists(serials: Integers, lengths: Integers) -> pa.Array:
    """Lists of ids: the first `lengths[0]` serials, the next `lengths[1]` ..."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), enterprise_ids(serials))


def _words(words: tuple[str, ...], codes: npt.NDArray[np.integer]) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(codes.astype(np.int32)))


@dataclass(frozen=True)
class _RecordEvents:
    """Events of records, in the order of their keys; before and after hold one id or none.

    rows : int64[n_moved], the records whose id changes
    order : int64[n], the events in order, as places in these rows and the records that left behind
        them; None where none left
    near : `Night.decided`
    """

    night: Night
    rows: Integers
    order: Integers | None
    near: Integers

    def __len__(self) -> int:
        return len(self.rows) if self.order is None else len(self.order)

    def part(self, begin: int, end: int) -> pa.Table:
        """The events from one place to another."""
        if self.order is None:
            return self._moved(self.rows[begin:end])
        place = self.order[begin:end]
        moved = place < len(self.rows)
        gone = self._gone(place[~moved] - len(self.rows))
        both = pa.concat_tables([self._moved(self.rows[place[moved]]), gone])
        # Back into the order of the keys.
        back = np.empty(len(place), np.int64)
        back[np.argsort(~moved, kind="stable")] = np.arange(len(place))
        return both.take(pa.array(back))

    def _moved(self, rows: Integers) -> pa.Table:
        night = self.night
        before, after = night.before[rows], night.assigned.after[rows]
        founds = (after >= night.first_new) & (night.cluster[rows] == rows)
        kinds = np.where(founds, 0, np.where(before == 0, 1, 2))
        causes = np.array([_OTHERS, _NEW, _CHANGED])[night.change[rows]]
        if night.told:
            causes = np.where(self.near[after] > 0, self.near[after], self.near[before])
        return self._table(
            night.keys.select(KEY).take(pa.array(rows)), kinds, before, after, causes
        )

    def _gone(self, left: Integers) -> pa.Table:
        keys = self.night.left_keys.select(KEY).take(pa.array(left))
        before, none = self.night.left_before[left], np.zeros(len(left), np.int64)
        return self._table(keys, none + 3, before, none, none + _DELETED)

    def _table(
        self, keys: pa.Table, kinds: Integers, before: Integers, after: Integers, causes: Integers
    ) -> pa.Table:
        return pa.table(
            {
                "kind": _words(_RECORD_KINDS, kinds),
                "source": keys["source"],
                "record_id": keys["record_id"],
                "before": _id_lists(before[before > 0], (before > 0).astype(np.int64)),
                "after": _id_lists(after[after > 0], (after > 0).astype(np.int64)),
                "cause": _words(self.night.words, causes),
            }
        )


def _record_events(night: Night, near: Integers) -> _RecordEvents:
    rows, order = np.flatnonzero(night.before != night.assigned.after), None
    if len(night.left_before):
        keys = night.keys.select(KEY).take(pa.array(rows))
        keys = pa.concat_tables([keys, night.left_keys.select(KEY)])
        order = pc.sort_indices(keys, [(name, "ascending") for name in KEY])
        order = order.to_numpy().astype(np.int64)
    return _RecordEvents(night, rows, order, near)


def _person_events(kind: str, before: list[Integers], after: list[Integers]) -> pa.Table:
    """Events of persons; the cause is filled in later."""

    def lists(groups: list[Integers]) -> pa.Array:
        serials = np.concatenate(groups) if groups else np.empty(0, dtype=np.int64)
        return _id_lists(serials, np.array([len(g) for g in groups], dtype=np.int64))

    n = len(before)
    none = pa.nulls(n, pa.string())
    return pa.table(
        {
            "kind": pa.array([kind] * n, pa.string()),
            "source": none,
            "record_id": none,
            "before": lists(before),
            "after": lists(after),
        }
    )


def _groups(keys: Integers, values: Integers) -> tuple[Integers, list[Integers]]:
    """The unique keys, ascending, and the unique values of each, ascending."""
    pairs = np.unique(np.stack([keys, values], axis=1), axis=0)
    unique, starts = np.unique(pairs[:, 0], return_index=True)
    return unique, np.split(pairs[:, 1], starts[1:]) if len(unique) else []


def _strongest(ids: Integers, causes: Integers, limit: int) -> npt.NDArray[np.int8]:
    """int8[limit]: by serial number, the strongest cause among some records."""
    strongest = np.zeros(limit, dtype=np.int8)
    np.maximum.at(strongest, ids, causes.astype(np.int8))
    return strongest


def write_events(night: Night, snapshot: int, first: int) -> pa.Table:
    """The events of a night, all of them; the rest as `event_parts`."""
    return pa.concat_tables(event_parts(night, snapshot, first)).combine_chunks()


def event_parts(
    night: Night, snapshot: int, first: int, *, size: int = 1 << 62
) -> Iterator[pa.Table]:
    """The events of a night, so many at a time.

    Parameters
    ----------
    snapshot : the snapshot that will publish them
    first : sequence number of the first event
    size : events of each part but the last

    Yields
    ------
    pa.Table
        `chain.UNCHAINED`: records in the order of their keys, then resurrected, merged, split and
        retired persons, each in the order of their serial numbers. The first part may be empty.
    """
    near = night.decided()
    records = _record_events(night, near)
    persons = _all_person_events(night, near)
    end = len(records)
    for begin in range(0, end + persons.num_rows or 1, size):
        parts = []
        if begin < end or not end:
            parts.append(records.part(begin, min(begin + size, end)))
        after = max(begin - end, 0)
        parts.append(
            persons.slice(after, max(min(begin + size - end, persons.num_rows) - after, 0))
        )
        events = pa.concat_tables(parts)
        n = events.num_rows
        events = events.add_column(0, "sequence", pa.array(np.arange(first, first + n)))
        events = events.add_column(1, "snapshot", pa.array(np.full(n, snapshot)))
        yield events.cast(UNCHAINED).combine_chunks()
        first += n


def _all_person_events(night: Night, near: Integers) -> pa.Table:
    """Events of persons, with their causes."""
    after, limit = night.assigned.after, night.assigned.next_serial
    moved = np.flatnonzero((night.before != after) & (night.before > 0))
    # Ids whose records part: only those of a moved record can have several ids now.
    parted = np.isin(night.before, np.unique(night.before[moved])) if len(moved) else moved
    parents, children = _groups(night.before[parted], after[parted])
    split = [i for i, ids in enumerate(children) if len(ids) > 1]
    heirs, merged = _groups(night.assigned.heirs, night.assigned.gone)
    ended = np.setdiff1d(night.left_before, night.before)

    at_record = _strongest(after, night.change.astype(np.int64), limit)
    at_deleted = _strongest(night.left_before, np.full(len(night.left_before), 1), limit)

    def cause(around: Integers, parents: Integers) -> int:
        if night.told:
            codes = near[np.concatenate([around, parents])]
            return int(codes[codes > 0].min(initial=len(night.told)) % len(night.told))
        change = int(at_record[around].max(initial=0))
        if change != Change.NONE:
            return _CHANGED if change == Change.CHANGED else _NEW
        return _DELETED if at_deleted[parents].any() else _OTHERS

    back = night.assigned.back
    led = [night.led[i : i + 1] for i in range(len(back))]
    led = [heir[heir > 0] for heir in led]
    befores = [np.unique(np.append(ids, heir)) for heir, ids in zip(heirs, merged, strict=True)]
    tables = [
        _person_events("resurrected", led, [back[i : i + 1] for i in range(len(back))]),
        _person_events("merged", befores, [np.array([heir]) for heir in heirs]),
        _person_events("split", [parents[i : i + 1] for i in split], [children[i] for i in split]),
        _person_events(
            "retired", [ended[i : i + 1] for i in range(len(ended))], [ended[:0]] * len(ended)
        ),
    ]
    causes = [
        [cause(back[i : i + 1], led[i]) for i in range(len(back))],
        [cause(heirs[i : i + 1], ids) for i, ids in enumerate(befores)],
        [cause(children[i], parents[i : i + 1]) for i in split],
        [_DELETED] * len(ended),
    ]
    parts = []
    for table, codes in zip(tables, causes, strict=True):
        words = _words(night.words, np.array(codes, dtype=np.int32))
        parts.append(table.append_column("cause", words))
    return pa.concat_tables(parts)
