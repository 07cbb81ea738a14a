"""Enterprise ids for tonight's clusters: as few records as can be change their id.

The survivor rule. Ids and clusters are matched, those first that share most records: a pinned id
before all others, then by the records in common, then the oldest id, then the smallest record key
in common. So a cluster in which several ids meet keeps the one that most of its records had, and an
id whose largest part went elsewhere stays with its second one. A cluster that has no id by then is
given back a retired one, matched in the same way by the records that had it once; else a new one,
in the order of the clusters' smallest record keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Former:
    """Retired ids that records had once.

    row : int64[n], the record; serial : int64[n], the id; born : int64[n], snapshot of its creation
    """

    row: Integers
    serial: Integers
    born: Integers


@dataclass(frozen=True)
class Assignment:
    """Tonight's ids, as serial numbers.

    after : int64[n_records]
    next_serial : the next number that was never used
    gone : int64[n_gone], ids that had records tonight and stay with no cluster, ascending
    heirs : int64[n_gone], for each the id that most of its records have now
    back : int64[n_back], retired ids that have records again, ascending
    """

    after: Integers
    next_serial: int
    gone: Integers
    heirs: Integers
    back: Integers


@dataclass(frozen=True)
class _Meetings:
    """Ids and the clusters where their records are now: `shared` records, the first is `row`."""

    serial: Integers
    cluster: Integers
    shared: Integers
    row: Integers


def _meet(serial: Integers, cluster: Integers, row: Integers) -> _Meetings:
    """One meeting for each id and cluster with records in common; rows ascend."""
    rows = int(cluster.max(initial=0)) + 1
    # np.unique gives the first row of each.
    pairs, first, shared = np.unique(serial * rows + cluster, return_index=True, return_counts=True)
    return _Meetings(pairs // rows, pairs % rows, shared, row[first])


def _match(met: _Meetings, born: Integers, pinned: Integers) -> Integers:
    """Which meetings last: each id in one at most, and each cluster, the strongest ones first."""
    free = ~np.isin(met.serial, pinned)
    order = np.lexsort((met.serial, met.row, born, -met.shared, free))
    # Nearly every id meets one cluster, and that cluster no other id.
    alone = _single(met.serial) & _single(met.cluster)
    kept = order[alone[order]].tolist()
    ids: set[int] = set()
    clusters: set[int] = set()
    for k in order[~alone[order]].tolist():
        one, other = int(met.serial[k]), int(met.cluster[k])
        if one not in ids and other not in clusters:
            ids.add(one)
            clusters.add(other)
            kept.append(k)
    return np.array(kept, np.int64)


def _single(values: Integers) -> npt.NDArray[np.bool_]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(counts[place] == 1)


def part_again(cluster: Integers, before: Integers, merged: Former) -> Integers:
    """The ids that records ask for where a merge is undone: the ones they had before it.

    Only where the merge really ends: records that are still with those they were merged into ask
    for the id they have.

    Parameters
    ----------
    merged : records and the ids that the merge took from them

    Returns
    -------
    int64[n_records], `before` but for those

    Examples
    --------
    Records 1 and 2 had been merged into the person of record 0, and part from it again.

    >>> import numpy as np
    >>> merged = Former(np.array([1, 2]), np.array([4, 4]), np.array([1, 1]))
    >>> part_again(np.array([0, 1, 1]), np.array([3, 3, 3]), merged)
    array([3, 4, 4])
    >>> part_again(np.array([0, 0, 0]), np.array([3, 3, 3]), merged)
    array([3, 3, 3])
    """
    asked = before.copy()
    stays = before > 0
    stays[merged.row] = False
    spread = len(cluster) + 1
    here = np.unique(before[stays] * spread + cluster[stays])
    own = before[merged.row]
    parts = np.isin(own, before[stays])
    parts &= ~np.isin(own * spread + cluster[merged.row], here)
    asked[merged.row[parts]] = merged.serial[parts]
    return asked


def assign(
    cluster: Integers,
    before: Integers,
    born: Integers,
    next_serial: int,
    *,
    pinned: Integers = _NONE,
    asked: Integers | None = None,
    recall: Callable[[Integers], Former] | None = None,
) -> Assignment:
    """Give each cluster its enterprise id.

    Parameters
    ----------
    cluster : int64[n_records], the smallest row of the record's cluster; rows are in key order
    before : int64[n_records], serial number of the record's id until tonight, 0 where it had none
    born : int64[n_records], snapshot in which that id was created; any number where it had none
    next_serial : the first serial number that was never used
    pinned : ids that survive every merge
    asked : int64[n_records], the ids that records ask for, where that is not the one they had
    recall : tells of some rows, ascending, the retired ids that they had once

    Returns
    -------
    Assignment

    Examples
    --------
    Two persons become one: both had two records, so the older id stays.

    >>> import numpy as np
    >>> cluster = np.array([0, 0, 0, 0, 4])
    >>> before, born = np.array([2, 2, 1, 1, 0]), np.array([5, 5, 3, 3, 0])
    >>> result = assign(cluster, before, born, 7)
    >>> result.after
    array([1, 1, 1, 1, 7])
    >>> result.gone, result.heirs
    (array([2]), array([1]))
    >>> assign(cluster, before, born, 7, pinned=np.array([2])).after
    array([2, 2, 2, 2, 7])
    """
    n = len(cluster)
    of_cluster = np.zeros(n, dtype=np.int64)  # by the cluster's smallest row
    rows = np.flatnonzero(before > 0)
    met = had = _meet(before[rows], cluster[rows], rows)
    if asked is not None:
        met = _meet(asked[rows], cluster[rows], rows)
    kept = _match(met, born[met.row], pinned)
    of_cluster[met.cluster[kept]] = met.serial[kept]

    back = np.setdiff1d(met.serial[kept], had.serial)
    if recall is not None and len(idle := np.flatnonzero(of_cluster[cluster] == 0)):
        former = recall(idle)
        again = _meet(former.serial, cluster[former.row], former.row)
        first = np.unique(former.serial, return_index=True)
        age = former.born[first[1][np.searchsorted(first[0], again.serial)]]
        came = _match(again, age, pinned)
        of_cluster[again.cluster[came]] = again.serial[came]
        back = np.union1d(back, again.serial[came])
    founders = np.flatnonzero((cluster == np.arange(n)) & (of_cluster == 0))
    of_cluster[founders] = next_serial + np.arange(len(founders))

    # Whoever stays with no cluster is followed by the id that most of its records have.
    order = np.lexsort((had.row, -had.shared, had.serial))
    most = order[np.flatnonzero(np.diff(had.serial[order], prepend=-1))]
    gone = most[~np.isin(had.serial[most], of_cluster)]
    return Assignment(
        of_cluster[cluster],
        next_serial + len(founders),
        had.serial[gone],
        of_cluster[had.cluster[gone]],
        back,
    )
