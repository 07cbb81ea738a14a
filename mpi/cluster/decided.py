"""What persons decided about records: it outranks the model, and what records say of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.cluster.apart import NOBODY, Apart, make_apart
from mpi.cluster.components import components

Rows = npt.NDArray[np.int64]

_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Decided:
    """Pairs of records that a person decided about.

    left, right : int64[n_pairs], records that are one person, left < right
    apart : pairs of records that are two persons. No chain of the first leads from one end of the
        second to the other; who makes decisions sees to that
    """

    left: Rows
    right: Rows
    apart: Apart

    def __len__(self) -> int:
        return len(self.left) + len(self.apart)

    @property
    def records(self) -> Rows:
        """The records of all pairs, ascending."""
        return np.unique(np.concatenate([self.left, self.right, self.apart.left, self.apart.right]))

    def overrule(self, known: Apart) -> Apart:
        """What is known to be two persons, put right by what was decided.

        Pairs that decisions made one person are dropped; those that they made two come in, for
        the decision's reason, whatever else speaks against them.
        """
        if len(self) == 0:
            return known
        kept = self.apart.reason_of(known.left, known.right) == 0
        if len(self.left):
            rows = int(max(self.right.max(), known.right.max(initial=-1))) + 1
            group = components(rows, self.left, self.right)
            kept &= group[known.left] != group[known.right]
        return make_apart(
            np.concatenate([known.left[kept], self.apart.left]),
            np.concatenate([known.right[kept], self.apart.right]),
            np.concatenate([known.reason[kept], self.apart.reason]),
        )


UNDECIDED = Decided(_NONE, _NONE, NOBODY)
"""Nobody decided anything."""


def same_numbers(
    numbers: npt.NDArray[np.int32], cluster: Rows, left: Rows, right: Rows
) -> npt.NDArray[np.int32]:
    """Trusted numbers as decisions see them: those that records of one person hold are one number.

    Who says that two records with different numbers are one person says that both numbers are that
    person's: in the same component they do not speak against each other any more.

    Parameters
    ----------
    numbers : int32[n_rows, n_trusted], -1 missing
    cluster : int64[n_rows], the component of each row, named by its smallest row
    left, right : int64[n_pairs], rows that were decided to be one person

    Examples
    --------
    >>> numbers = np.array([[7], [8], [8], [9]], np.int32)
    >>> same_numbers(numbers, np.zeros(4, np.int64), np.array([0]), np.array([1])).T.tolist()
    [[7, 7, 7, 9]]
    """
    numbers = numbers.copy()
    group = components(len(cluster), left, right)
    near = np.flatnonzero(np.isin(cluster, cluster[left]))
    decided = np.zeros(len(cluster), np.bool_)
    decided[left] = decided[right] = True
    for column in numbers.T:
        rows = near[column[near] >= 0]
        if len(rows) == 0:
            continue
        spread = int(column[rows].max()) + 1
        keys, place = np.unique(cluster[rows] * spread + column[rows], return_inverse=True)
        own = np.flatnonzero(decided[rows])
        own = own[np.argsort(group[rows[own]], kind="stable")]
        ends = group[rows[own]]
        joined = ends[1:] == ends[:-1]
        one = components(len(keys), place[own[:-1]][joined], place[own[1:]][joined])
        column[rows] = keys[one[place]] % spread
    return numbers
