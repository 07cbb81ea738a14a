"""What linking keeps of every record, so that a night looks only at what its changes touch.

Records lie in segments, one a night, in standard form, and can be found by the keys of the blocking
rules. A record that changes leaves its segment and comes into a new one. A label says which
component of links each record is in: the records of a component are decided together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.encode.distinct import mix
from mpi.encode.hashes import FIRST_HASH, hash_column, text_hashes
from mpi.linkage.queue import NONE_LEFT_OUT, LeftOut
from mpi.records.keys import KEY, as_array, find_keys
from mpi.records.table import Field
from mpi.scratch import Scratch
from mpi.standardise.table import StandardTable
from mpi.standardise.together import some_records, together

Hashes = npt.NDArray[np.uint64]
Slots = npt.NDArray[np.int64]

_PLACES = np.uint64(32)
_PLACE = np.uint64((1 << 32) - 1)
GONE = np.int64(-1)


def make_posting(hashes: Hashes) -> Hashes:
    """Where the records of each hash are: 32 bits of the hash and the record, ascending.

    Records whose hash is 0 are left out. Two hashes that agree in their first 32 bits are told
    apart by whoever looks at the records.

    Examples
    --------
    >>> posting = make_posting(np.array([5 << 32, 0, 4 << 32, 5 << 32], np.uint64))
    >>> find_in(posting, np.array([5 << 32], np.uint64)).tolist()
    [0, 3]
    """
    rows = np.flatnonzero(hashes).astype(np.uint64)
    return np.sort((hashes[rows] >> _PLACES) << _PLACES | rows)


def find_in(posting: Hashes, wanted: Hashes) -> Slots:
    """int64[n], the records of some hashes, those of a hash ascending, none twice."""
    high = np.unique(wanted >> _PLACES) << _PLACES
    low = np.searchsorted(posting, high)
    many = np.searchsorted(posting, high | _PLACE, side="right") - low
    ends = np.cumsum(many)
    within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - many, many)
    found = posting[np.repeat(low, many) + within] & _PLACE
    return np.asarray(found, np.int64)


def find_one(posting: Hashes, wanted: Hashes) -> Slots:
    """int64[n], the records of one hash, ascending, as `find_in` finds them, some times faster.

    Parameters
    ----------
    wanted : of the hash, `ends_of`

    Examples
    --------
    >>> posting = make_posting(np.array([5 << 32, 0, 4 << 32, 5 << 32], np.uint64))
    >>> find_one(posting, ends_of(5 << 32)).tolist()
    [0, 3]
    """
    begin, end = posting.searchsorted(wanted).tolist()
    return (posting[begin:end] & _PLACE).astype(np.int64)


def ends_of(wanted: int) -> Hashes:
    """uint64[2], between which a posting has the records of a hash: none has 2**32 - 1 of them."""
    high = wanted & ~int(_PLACE)
    return np.array([high, high | int(_PLACE)], np.uint64)


def key_hashes(keys: pa.Table) -> Hashes:
    """uint64[n], a hash of each record key; never 0."""
    hashes = np.full(keys.num_rows, FIRST_HASH, np.uint64)
    for name in KEY:
        hash_column(as_array(keys[name]), hashes)
    # The last bits of this hash are its best, and a posting keeps the first.
    return np.maximum(mix(hashes, np.zeros(len(hashes), np.int64)), np.uint64(1))


def content_hashes(standard: StandardTable) -> Hashes:
    """uint64[n], a hash of all that is compared of each record; never 0."""
    hashes = np.ones(len(standard), np.uint64)
    for column in standard.columns:
        values = (text_hashes(column.values) >> np.uint64(1)).astype(np.int64)
        hashes = mix(hashes, np.append(values, np.int64(-1))[column.codes])
    return np.maximum(hashes, np.uint64(1))


@dataclass(frozen=True)
class Segment:
    """Records that came together.

    standard : the compared fields, in the model's order
    keys : `source`, `record_id`, and columns that name relatives, as they came
    postings : where the records of each key are, `make_posting`: a rule each, then those of equal
        content, then of the record's own key
    """

    standard: StandardTable
    keys: pa.Table
    postings: tuple[Hashes, ...]

    def __len__(self) -> int:
        return len(self.standard)

    def some(self, rows: Slots) -> Segment:
        """The segment with some of its records alone.

        Parameters
        ----------
        rows : int64[n], ascending
        """
        place = np.full(len(self), GONE)
        place[rows] = np.arange(len(rows))
        postings = tuple(_moved(posting, place) for posting in self.postings)
        return Segment(some_records(self.standard, rows), self.keys.take(pa.array(rows)), postings)


def _moved(posting: Hashes, place: Slots) -> Hashes:
    """A posting of records that are elsewhere now, `GONE` where they are nowhere."""
    now = place[(posting & _PLACE).astype(np.int64)]
    kept = now != GONE
    return np.asarray(posting[kept] & ~_PLACE | now[kept].astype(np.uint64), np.uint64)


def make_segment(
    standard: StandardTable,
    keys: pa.Table,
    rules: Iterable[Hashes],
    scratch: Scratch | None = None,
) -> Segment:
    """A segment of records.

    Parameters
    ----------
    rules : uint64[n_records] each, the key of every record under each rule, 0 for none
    scratch : where the postings go
    """
    scratch = scratch or Scratch()
    others = (hashes() for hashes in (partial(content_hashes, standard), partial(key_hashes, keys)))
    postings = tuple(scratch.copy(make_posting(own)) for own in chain(rules, others))
    scratch.let_go()
    return Segment(standard, keys, postings)


@dataclass(frozen=True)
class State:
    """Records in segments; a slot is a record's place in all of them, one after the other.

    label : int64[n_slots], the component of each record, -1 where it is gone
    next_label : labels from here on were never used
    crowded : by rule, ascending, keys of blocks that hold too many rows and are narrowed
    relatives : the fields of `Segment.keys` that name relatives
    waiting : pairs that the review queue had no room for since all records were linked
    """

    segments: tuple[Segment, ...]
    label: Slots
    next_label: int
    crowded: tuple[Hashes, ...]
    relatives: tuple[Field, ...] = ()
    waiting: LeftOut = NONE_LEFT_OUT

    @cached_property
    def first(self) -> Slots:
        """int64[n_segments + 1], where each segment's slots begin."""
        return np.asarray(np.cumsum([0, *(len(s) for s in self.segments)]), np.int64)

    @property
    def records(self) -> int:
        """Records that are not gone."""
        return int(np.count_nonzero(self.label != GONE))

    def find(self, which: int, wanted: Hashes) -> Slots:
        """The slots of some keys, ascending; of records that are not gone.

        Parameters
        ----------
        which : a rule, or -2 for equal content, -1 for the record's own key
        """
        found = [
            find_in(segment.postings[which], wanted) + first
            for segment, first in zip(self.segments, self.first, strict=False)
        ]
        slots = np.sort(np.concatenate([np.zeros(0, np.int64), *found]))
        return np.asarray(slots[self.label[slots] != GONE], np.int64)

    def slots_of(self, keys: pa.Table) -> Slots:
        """int64[n], the slot of each record key, -1 where there is none."""
        near = self.find(-1, key_hashes(keys))
        if len(near) == 0:
            return np.full(keys.num_rows, -1, np.int64)
        return np.append(near, np.int64(-1))[find_keys(keys, self.keys(near))]

    def labelled(self, labels: Slots) -> Slots:
        """The slots of some components, ascending."""
        wanted = np.zeros(self.next_label + 1, np.bool_)
        wanted[labels] = True
        wanted[GONE] = False
        return np.flatnonzero(wanted[self.label]).astype(np.int64)

    def keys(self, slots: Slots) -> pa.Table:
        """What `Segment.keys` has of some slots, in their order."""
        parts, order = self._parts(slots)
        return pa.concat_tables(
            [self.segments[s].keys.take(pa.array(rows)) for s, rows in parts]
        ).take(pa.array(order))

    def standard(self, slots: Slots) -> StandardTable:
        """Some records in standard form, in their order."""
        parts, order = self._parts(slots)
        every = together([some_records(self.segments[s].standard, rows) for s, rows in parts])
        return some_records(every, order)

    def _parts(self, slots: Slots) -> tuple[list[tuple[int, Slots]], Slots]:
        """The rows of each segment, and the order that brings them back to that of the slots."""
        segment = np.searchsorted(self.first, slots, side="right") - 1
        order = np.argsort(segment, kind="stable")
        parts = [
            (int(s), slots[order[segment[order] == s]] - self.first[s]) for s in np.unique(segment)
        ]
        back = np.empty(len(slots), np.int64)
        back[order] = np.arange(len(slots))
        return parts or [(0, np.zeros(0, np.int64))], back

    def after(
        self,
        gone: Slots,
        slots: Slots,
        labels: Slots,
        segment: Segment,
        crowded: tuple[Hashes, ...],
    ) -> State:
        """The state when records left, components were decided again, and a segment came.

        Parameters
        ----------
        slots : of the records that were decided again, those of the new segment behind the others
        labels : int64[len(slots)], their components, numbered from 0
        """
        label = np.append(self.label, np.full(len(segment), GONE))
        label[gone] = GONE
        label[slots] = labels + self.next_label
        return replace(
            self,
            segments=(*self.segments, *([segment] if len(segment) else [])),
            label=label,
            next_label=self.next_label + int(labels.max(initial=-1)) + 1,
            crowded=crowded,
        )

    def joined(self, begin: int) -> State:
        """The state with its segments from one on as one, without the records that are gone."""
        start = int(self.first[begin])
        slots = start + np.flatnonzero(self.label[start:] != GONE)
        place = np.full(len(self.label), GONE)
        place[slots] = np.arange(len(slots))
        postings = []
        for which in range(len(self.segments[begin].postings)):
            parts = []
            for segment, first in zip(self.segments[begin:], self.first[begin:], strict=False):
                parts.append(_moved(segment.postings[which], place[first:]))
            postings.append(np.sort(np.concatenate(parts)))
        segment = Segment(self.standard(slots), self.keys(slots), tuple(postings))
        label = np.concatenate([self.label[:start], self.label[slots]])
        return replace(self, segments=(*self.segments[:begin], segment), label=label)
