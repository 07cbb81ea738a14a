"""What is known to be two persons, whatever it has in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Reasons = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Apart:
    """Pairs that must not be one person; the door for everything that knows so.

    left, right : int64[n_pairs], records or rows, sorted by (left, right), left <= right and no
        pair twice. Left and right are one only where equal records are one row
    reason : int8[n_pairs], index into `linkage.REASONS`
    """

    left: Rows
    right: Rows
    reason: Reasons

    def __len__(self) -> int:
        return len(self.left)

    def both_ways(self) -> tuple[Rows, Rows, Reasons]:
        """Each pair both ways, sorted, as `_kernels.why_apart` reads them."""
        held = np.concatenate([self.left, self.right])
        other = np.concatenate([self.right, self.left])
        order = np.lexsort((other, held))
        return held[order], other[order], np.tile(self.reason, 2)[order]

    def reason_of(self, left: Rows, right: Rows) -> Reasons:
        """int8[n], the reason against each of these pairs, 0 where none is known; left < right."""
        found = np.zeros(len(left), np.int8)
        if len(self) == 0:
            return found
        # Only ends that are in some pair are worth packing and looking up.
        n = int(self.right.max()) + 1
        rows = np.flatnonzero(np.isin(left, self.left) & (right < n))
        keys = self.left * n + self.right
        wanted = left[rows] * n + right[rows]
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        same = keys[place] == wanted
        found[rows[same]] = self.reason[place[same]]
        return found


def make_apart(one: Rows, two: Rows, reason: Reasons) -> Apart:
    """Pairs in any order and direction; of several reasons for a pair the smallest is kept.

    Examples
    --------
    >>> apart = make_apart(np.array([4, 1, 2]), np.array([1, 4, 3]), np.array([6, 5, 5], np.int8))
    >>> apart.left.tolist(), apart.right.tolist(), apart.reason.tolist()
    ([1, 2], [4, 3], [5, 5])
    """
    left, right = np.minimum(one, two), np.maximum(one, two)
    order = np.lexsort((reason, right, left))
    left, right, reason = left[order], right[order], reason[order]
    first = np.ones(len(left), np.bool_)
    first[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    return Apart(left[first], right[first], reason[first])


NOBODY = Apart(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int8))
"""No pairs."""
