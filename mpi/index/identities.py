"""Who is who after tonight: ids for the clusters, against the crosswalk of the last snapshot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.cluster.ids import enterprise_ids, serial_numbers
from mpi.errors import IntegrityError
from mpi.index.assign import Assignment, assign, part_again
from mpi.index.base import Base
from mpi.index.journal import Night
from mpi.index.persons import Ids, born, next_ids, no_ids, read_ids
from mpi.index.replay import followers, former_ids, merged_by
from mpi.index.upsert import Upsert
from mpi.records.keys import KEY
from mpi.schema import TABLES

Integers = npt.NDArray[np.int64]

_NONE = np.empty(0, dtype=np.int64)
_KEYS = pa.schema([pa.field(name, pa.string(), False) for name in KEY])


@dataclass(frozen=True)
class Identities:
    """Ids before and after, and what the journal needs.

    known, ids : every id there was until tonight, and that there is from now on
    since : int64[n_records], the snapshot in which each record came to the id that it had until
        tonight, 0 where it had none; empty where none had
    sequence : tonight's snapshot
    """

    night: Night
    known: Ids
    ids: Ids
    since: Integers
    sequence: int

    @property
    def assigned(self) -> Assignment:
        return self.night.assigned

    def crosswalk(self, rows: npt.NDArray[np.integer], keys: pa.Table) -> pa.Table:
        """Some rows of the crosswalk.

        Parameters
        ----------
        rows : of tonight's records
        keys : their keys
        """
        after = self.assigned.after[rows]
        since = np.full(len(rows), self.sequence, np.int64)
        if len(self.since):
            since = np.where(self.night.before[rows] == after, self.since[rows], since)
        return pa.table(
            [keys["source"], keys["record_id"], enterprise_ids(after), pa.array(since)],
            schema=TABLES["crosswalk"].schema,
        )


def check_clusters(cluster: Integers, rows: int) -> Integers:
    """The clusters, if each is named by its smallest row."""
    own = np.arange(rows)
    right = len(cluster) == rows and bool((cluster <= own).all())
    if not (right and bool((cluster[cluster] == cluster).all())):
        raise ValueError("a cluster must be named by the smallest row of its records")
    return cluster.astype(np.int64, copy=False)


def identify(
    base: Base,
    upsert: Upsert,
    cluster: Integers,
    sequence: int,
    *,
    pinned: Integers = _NONE,
    told: tuple[tuple[str, Integers], ...] = (),
    undone: tuple[str, ...] = (),
) -> Identities:
    """Ids for the clusters, by the survivor rule, against the crosswalk of the last snapshot.

    pinned : ids that survive every merge
    told : as `Night.told`
    undone : causes of earlier events that hold no more: who they merged gets his own id again
    """
    data, origin = upsert.stored.data, upsert.origin
    if base.manifest is None:
        first_new, ids = 1, no_ids()
        old_serial = old_since = np.empty(0, dtype=np.int64)
    else:
        first_new = base.manifest.next_serial
        columns = ["status", "replaced_by", "since"]
        persons = base.layers("persons").read(columns, ordered=False)
        ids, crosswalk = read_ids(persons), base.table("crosswalk")
        if not crosswalk.select(KEY).equals(base.stored.data.select(KEY).cast(_KEYS)):
            raise IntegrityError(
                f"the crosswalk of snapshot {base.manifest.sequence} and its records have "
                "different keys; go back to an earlier snapshot"
            )
        old_serial = serial_numbers(crosswalk["enterprise_id"])
        old_since = crosswalk["since"].to_numpy()
    before = np.append(old_serial, 0)[origin]
    keys, asked = data.select(KEY), before
    if undone:
        merged = merged_by(base, ids, keys, before, list(undone))
        asked = part_again(cluster, before, merged)
    assigned = assign(
        cluster,
        before,
        born(ids, asked),
        first_new,
        pinned=pinned,
        asked=asked,
        recall=lambda rows: former_ids(base, ids, keys, rows),
    )
    since = np.append(old_since, 0)[origin] if len(old_since) else old_since
    left = base.stored.data.select(KEY).take(pa.array(upsert.left))
    night = Night(
        keys,
        before,
        upsert.change,
        cluster,
        left,
        old_serial[upsert.left],
        assigned,
        first_new,
        told,
        ids.replaced_by[np.searchsorted(ids.serial, assigned.back)],
    )
    had = np.append(before, night.left_before)
    followed = followers(base, ids) if len(assigned.back) else None
    after = next_ids(ids, assigned, had, first_new, sequence, followed)
    return Identities(night, ids, after, since, sequence)
