"""Enterprise ids for tonight's clusters: as few records as can be change their id.

The survivor rule. An id stays with the cluster that holds most of its records (of equals, the one
with its smallest record key). A cluster to which several ids would stay keeps the one that most of
its records had, then the oldest, then the one with the smallest record key. A cluster to which no
id stays gets a new one, in the order of the clusters' smallest record keys.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Assignment:
    """Tonight's ids, as serial numbers.

    after : int64[n_records]
    next_serial : the next number that was never used
    gone : int64[n_gone], ids that had records tonight and stay with no cluster, ascending
    heirs : int64[n_gone], for each the id that most of its records have now
    """

    after: Integers
    next_serial: int
    gone: Integers
    heirs: Integers


def assign(cluster: Integers, before: Integers, born: Integers, next_serial: int) -> Assignment:
    """Give each cluster its enterprise id.

    Parameters
    ----------
    cluster : int64[n_records], the smallest row of the record's cluster; rows are in key order
    before : int64[n_records], serial number of the record's id until tonight, 0 where it had none
    born : int64[n_records], snapshot in which that id was created; any number where it had none
    next_serial : the first serial number that was never used

    Returns
    -------
    Assignment

    Examples
    --------
    Two persons become one: both had two records, so the older id stays.

    >>> import numpy as np
    >>> cluster = np.array([0, 0, 0, 0, 4])
    >>> result = assign(cluster, np.array([2, 2, 1, 1, 0]), np.array([5, 5, 3, 3, 0]), 7)
    >>> result.after
    array([1, 1, 1, 1, 7])
    >>> result.gone, result.heirs
    (array([2]), array([1]))
    """
    n = len(cluster)
    of_cluster = np.zeros(n, dtype=np.int64)  # by the cluster's smallest row
    rows = np.flatnonzero(before > 0)
    ids, number = np.unique(before[rows], return_inverse=True)
    # One group a pair (id, cluster); np.unique gives the first row of each, and rows ascend.
    pairs, first, shared = np.unique(
        number * n + cluster[rows], return_index=True, return_counts=True
    )
    group_id, group_cluster, group_row = pairs // max(n, 1), pairs % max(n, 1), rows[first]

    # Each id picks a cluster.
    order = np.lexsort((group_row, -shared, group_id))
    picks = order[np.flatnonzero(np.diff(group_id[order], prepend=-1))]
    # Each picked cluster keeps an id.
    order = picks[
        np.lexsort((group_row[picks], born[group_row[picks]], -shared[picks], group_cluster[picks]))
    ]
    kept = order[np.flatnonzero(np.diff(group_cluster[order], prepend=-1))]
    of_cluster[group_cluster[kept]] = ids[group_id[kept]]

    founders = np.flatnonzero((cluster == np.arange(n)) & (of_cluster == 0))
    of_cluster[founders] = next_serial + np.arange(len(founders))
    after = of_cluster[cluster]

    lost = np.ones(len(ids), dtype=np.bool_)
    lost[group_id[kept]] = False
    heirs = np.zeros(len(ids), dtype=np.int64)
    heirs[group_id[picks]] = of_cluster[group_cluster[picks]]
    return Assignment(after, next_serial + len(founders), ids[lost], heirs[lost])
