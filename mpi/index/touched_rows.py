"""What a night that touches some records changes in the tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.ids import serial_numbers
from mpi.index.base import Base
from mpi.index.changed_rows import Changed
from mpi.index.decisions import SET, Decision
from mpi.index.identities import Identities
from mpi.index.keys import PAIR
from mpi.index.merge import find_rows
from mpi.index.persons import Ids, persons_table
from mpi.index.upsert import Stored
from mpi.index.validity import Reading
from mpi.linkage.queue import LeftOut, left_out, most_useful, places_for, room_of
from mpi.linkage.resolution import REASONS
from mpi.records.keys import KEY
from mpi.settings import Settings

Integers = npt.NDArray[np.int64]


def touched_persons(
    stored: Stored,
    found: Identities,
    *,
    settings: Settings,
    reading: Reading,
    decisions: Sequence[Decision],
    month_first: bool,
) -> pa.Table:
    """The rows of persons whose records were decided again, and of whoever now leads elsewhere.

    Parameters
    ----------
    stored : the records that were decided again
    """
    ids, before, night = found.ids, found.known, found.night
    old = np.searchsorted(ids.serial, before.serial)
    leads = (ids.retired[old] != before.retired) | (ids.replaced_by[old] != before.replaced_by)
    near = [night.before, night.assigned.after, night.left_before, before.serial[leads]]
    touched = np.isin(ids.serial, np.unique(np.concatenate(near)))
    held = _holding(decisions, ids, touched)
    named = serial_numbers(pa.array([d.person for d in held], pa.string()))
    touched |= np.isin(ids.serial, named)
    some = Ids(
        ids.serial[touched], ids.since[touched], ids.retired[touched], ids.replaced_by[touched]
    )
    return persons_table(
        stored,
        night.assigned.after,
        some,
        golden=settings.golden,
        reading=reading,
        decisions=held,
        threads=settings.threads,
        month_first=month_first,
    )


def _holding(
    decisions: Sequence[Decision], ids: Ids, touched: npt.NDArray[np.bool_]
) -> list[Decision]:
    """Values that were set for a touched person, or for one whom he replaced."""
    made = [d for d in decisions if d.kind == SET and d.person is not None]
    own = serial_numbers(pa.array([d.person for d in made], pa.string()))
    place = np.searchsorted(ids.serial, own)
    holder = np.where(ids.retired[place], ids.replaced_by[place], own)
    return [d for d, here in zip(made, np.isin(holder, ids.serial[touched]), strict=True) if here]


def touched_links(base: Base, keys: pa.Table, links: pa.Table) -> tuple[pa.Table, pa.Table, int]:
    """Links that came, the keys of those that left, and how many there are from now on.

    keys : of the records that were decided again, as they were before tonight
    links : of these; a link with one of them is one of two of them
    """
    assert base.manifest is not None
    old = base.having("links", keys, PAIR, [f"{name}_a" for name in KEY]).select(PAIR)
    rows, gone = _differing(old, links)
    return rows, gone, base.manifest.rows["links"] - len(old) + len(links)


def touched_review(
    base: Base,
    keys: pa.Table,
    again: pa.Table,
    review: pa.Table,
    settings: Settings,
    records: int,
    waiting: LeftOut,
) -> tuple[pa.Table, pa.Table, int, LeftOut, int]:
    """Pairs for review that came, the keys of those that left, how many there are from now on,
    those that there was no room for, and how many places may belong to earlier ones of these.

    Parameters
    ----------
    keys : of records all of whose pairs are named anew
    again : keys of the records that were decided again
    review : pairs of those, and of records that came with others
    records : in the index from now on
    waiting : pairs that there was no room for before
    """
    wanted = [*PAIR, "match_weight", "reason"]
    kept, gone = [], []
    for rows in base.buckets("review", wanted):
        ends = [_end(rows, keys, end) >= 0 for end in "ab"]
        both = [_end(rows, again, end) >= 0 for end in "ab"]
        leaves = ends[0] | ends[1] | (both[0] & both[1])
        gone.append(rows.filter(pa.array(leaves)).select(PAIR))
        kept.append(rows.filter(pa.array(~leaves)).select(wanted))
    left, stays = pa.concat_tables(gone), pa.concat_tables(kept)
    every = pa.concat_tables([stays, review.select(wanted).cast(stays.schema)])
    order = pc.sort_indices(every, [(name, "ascending") for name in PAIR]).to_numpy()
    unsure = pc.equal(every["reason"], REASONS[1]).to_numpy(zero_copy_only=False)
    room = room_of(settings, records, int(np.count_nonzero(~unsure)))
    weight, reason = every["match_weight"].to_numpy(), np.where(unsure, 1, 2).astype(np.int8)
    useful = np.empty(len(order), np.bool_)
    useful[order] = most_useful(weight[order], reason[order], room)
    out = stays.filter(pa.array(~useful[: len(stays)])).select(PAIR)
    rows = review.filter(pa.array(useful[len(stays) :]))
    changed, ended = _differing(pa.concat_tables([left, out]), rows)
    total = int(np.count_nonzero(useful))
    places = places_for(waiting, weight[useful], reason[useful], room)
    return changed, ended, total, left_out(weight, reason, useful), places


def _end(pairs: pa.Table, keys: pa.Table, end: str) -> Integers:
    """int64[n_pairs], the row of `keys` that one end of each pair is, -1 for none."""
    own = pa.table([pairs[f"{name}_{end}"] for name in KEY], names=list(KEY))
    return find_rows(own, keys, KEY)


def _differing(old: pa.Table, new: pa.Table) -> Changed:
    """All new rows, and the old keys that are none of theirs."""
    return new, old.filter(pa.array(find_rows(old, new, PAIR) < 0))
