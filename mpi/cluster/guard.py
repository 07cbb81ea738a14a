"""The guard against over-merging: a component that cannot be one person is joined again, strongest
links first, and what contradicts itself stays apart and goes to review.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.cluster.apart import NOBODY, Apart
from mpi.cluster.components import components
from mpi.cluster.decided import same_numbers
from mpi.encode.rows import Encoded
from mpi.schema import TRUSTED_KINDS

# Nobody has that many different versions of himself; beyond, a person must look.
_LEAST_LIMIT = 50
_TIMES_USUAL = 10


@dataclass(frozen=True)
class Clusters:
    """Rows in clusters.

    cluster : int64[n_rows], the smallest row of the row's cluster
    refused : int8[n_links], 0 where a link stands, else an index into `linkage.REASONS`
    """

    cluster: npt.NDArray[np.int64]
    refused: npt.NDArray[np.int8]


def usual_largest(n: int, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> int:
    """Rows of a cluster that would be far beyond the usual size.

    Ten times the size that 999 of 1,000 linked rows stay under, 50 at the least.
    """
    sizes = np.bincount(components(n, left, right), minlength=n)
    linked = np.repeat(sizes[sizes > 1], sizes[sizes > 1])
    if len(linked) == 0:
        return _LEAST_LIMIT
    usual = np.quantile(linked, 0.999, method="lower")
    return int(min(max(_LEAST_LIMIT, _TIMES_USUAL * usual), 1000))


def cluster_rows(
    encoded: Encoded,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float32],
    *,
    largest: int,
    single: npt.NDArray[np.bool_] | None = None,
    apart: Apart = NOBODY,
    decided: npt.NDArray[np.bool_] | None = None,
) -> Clusters:
    """Join rows by their links, component by component, and split what cannot be one person.

    Parameters
    ----------
    left, right : int64[n_links], links sorted by (left, right)
    weight : float32[n_links], bits
    largest : rows a cluster may reach
    single : bool[n_sources], sources of which a person has one record at most; None for none
    apart : rows that are known to be two persons, each pair of two different rows
    decided : bool[n_links], links that a person made: they stand, whatever speaks against them
    """
    from mpi.cluster._kernels import join_guarded

    n = encoded.n_rows
    cluster = components(n, left, right)
    refused = np.zeros(len(left), np.int8)
    trusted = np.array(
        [f for f, c in enumerate(encoded.comparisons) if c.kind in TRUSTED_KINDS], np.int64
    )
    numbers = np.ascontiguousarray(encoded.values.rows[:, trusted])
    parent = np.arange(n, dtype=np.int64)
    if decided is not None and decided.any():
        parent = components(n, left[decided], right[decided])
        numbers = same_numbers(numbers, cluster, left[decided], right[decided])
    source = None if single is None or not single.any() else _sources(encoded.source, single)
    doubtful = _doubtful(cluster, numbers, source, largest)
    doubtful[cluster[apart.left[cluster[apart.left] == cluster[apart.right]]]] = True
    links = np.flatnonzero(doubtful[cluster[left]]) if len(left) else np.zeros(0, np.int64)
    if len(links) == 0:
        return Clusters(cluster, refused)
    # Strongest first; equal weights in the order of their rows.
    order = np.argsort(-weight[links], kind="stable")
    members = np.flatnonzero(doubtful[cluster])
    following, size = _members(parent)
    outcome = np.zeros(len(links), np.int8)
    join_guarded(
        encoded.values._replace(rows=numbers),
        np.arange(len(trusted)),
        encoded.source if source is None else source,
        source is not None,
        left[links],
        right[links],
        order,
        largest,
        *apart.both_ways(),
        parent,
        following,
        size,
        outcome,
    )
    cluster = cluster.copy()
    cluster[members] = parent[members]
    refused[links] = outcome
    return Clusters(cluster, refused)


def _sources(source: npt.NDArray[np.int32], single: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """int32[n_rows], of which no two may meet: a row of any other source has one of its own."""
    own = np.arange(len(single), len(single) + len(source), dtype=np.int32)
    return np.where(single[source], source, own).astype(np.int32)


def _members(
    parent: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows that follow each other in a cluster, -1 behind the last, and its size at its root.

    parent : int64[n_rows], the smallest row of each row's cluster
    """
    n = len(parent)
    following, size = np.full(n, -1, np.int64), np.ones(n, np.int64)
    if (parent != np.arange(n)).any():
        order = np.argsort(parent, kind="stable")
        goes_on = parent[order[1:]] == parent[order[:-1]]
        following[order[:-1][goes_on]] = order[1:][goes_on]
        size = np.maximum(np.bincount(parent, minlength=n), 1)
    return following, size


def _doubtful(
    cluster: npt.NDArray[np.int64],
    numbers: npt.NDArray[np.int32],
    source: npt.NDArray[np.int32] | None,
    largest: int,
) -> npt.NDArray[np.bool_]:
    """bool[n_rows], by cluster number: components that must be looked at again.

    numbers : int32[n_rows, n_trusted]; source : of which a person has one record at most, or None
    """
    n = len(cluster)
    sizes = np.bincount(cluster, minlength=n)
    doubtful = sizes > largest
    if source is not None:
        doubtful |= _differing(cluster, source.astype(np.int64), n, repeats=True)
    for column in numbers.T:
        doubtful |= _differing(cluster, column.astype(np.int64), n)
    return np.asarray(doubtful & (sizes > 1))


def _differing(
    cluster: npt.NDArray[np.int64], values: npt.NDArray[np.int64], n: int, *, repeats: bool = False
) -> npt.NDArray[np.bool_]:
    """Clusters with two different values (or, `repeats`, with one value twice)."""
    present = values >= 0
    if repeats:
        pairs = np.sort(cluster * (int(values.max(initial=0)) + 1) + values)
        twice = pairs[1:][pairs[1:] == pairs[:-1]] // (int(values.max(initial=0)) + 1)
        out = np.zeros(n, bool)
        out[twice] = True
        return out
    low = np.full(n, np.iinfo(np.int64).max)
    high = np.full(n, -1, np.int64)
    np.minimum.at(low, cluster[present], values[present])
    np.maximum.at(high, cluster[present], values[present])
    return np.asarray((high >= 0) & (low != high))
