"""What people said about pairs of records: labelled persons, and which of them are two."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from mpi.encode.comparisons import Comparison

Codes = npt.NDArray[np.int64]

SAME, DIFFERENT, UNTOLD = 1, 0, -1
# Of a labelled person with more rows, neighbours are paired only.
_MOST_PAIRED = 30


@dataclass(frozen=True)
class Labels:
    """Labelled persons, free of contradictions.

    person : int64[n], the labelled person of each row (or record), -1 where nothing was said
    apart : int64[n_apart, 2], labelled persons of which it was said that they are two, the smaller
        first, sorted
    complete : every two labelled persons are two, as a list of persons says
    """

    person: Codes
    apart: Codes
    complete: bool

    def told(self, left: Codes, right: Codes) -> npt.NDArray[np.int8]:
        """int8[n_pairs], SAME, DIFFERENT or UNTOLD of each pair of rows.

        Examples
        --------
        >>> labels = Labels(np.array([0, 0, 1, 2, -1]), np.array([[0, 1]]), False)
        >>> labels.told(np.array([0, 1, 1, 0]), np.array([1, 2, 3, 4])).tolist()
        [1, 0, -1, -1]
        """
        one, two = self.person[left], self.person[right]
        known = (one >= 0) & (two >= 0)
        out = np.full(len(left), UNTOLD, np.int8)
        out[known & (one == two)] = SAME
        if self.complete:
            out[known & (one != two)] = DIFFERENT
        elif len(self.apart):
            span = int(self.person.max(initial=0)) + 1
            said = np.sort(self.apart[:, 0] * span + self.apart[:, 1])
            pair = np.minimum(one, two) * span + np.maximum(one, two)
            place = np.minimum(np.searchsorted(said, pair), len(said) - 1)
            out[known & (said[place] == pair)] = DIFFERENT
        return out

    def same_pairs(self) -> tuple[Codes, Codes]:
        """Pairs of rows that are one labelled person, sorted."""
        rows = np.flatnonzero(self.person >= 0)
        order = rows[np.argsort(self.person[rows], kind="stable")]
        cuts = np.flatnonzero(np.diff(self.person[order])) + 1
        found: list[tuple[int, int]] = []
        for group in np.split(order, cuts):
            members = group.tolist()
            if len(members) > _MOST_PAIRED:
                found += pairwise(members)
            else:
                found += combinations(members, 2)
        pairs = np.array(sorted(found), np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def of_rows(self, row_of: Codes, n_rows: int) -> Labels:
        """The same of rows that hold one or several equal records.

        A row of which people said two things says nothing.
        """
        row = row_of[self.person >= 0]
        person = self.person[self.person >= 0]
        low = np.full(n_rows, np.iinfo(np.int64).max)
        high = np.full(n_rows, -1, np.int64)
        np.minimum.at(low, row, person)
        np.maximum.at(high, row, person)
        return Labels(np.where(low == high, high, -1), self.apart, self.complete)


def level_counts(
    levels: npt.NDArray[np.int8], comparisons: tuple[Comparison, ...]
) -> list[npt.NDArray[np.float64]]:
    """One float64[n_levels] a comparison: how often pairs reach each level, missing ones apart.

    Parameters
    ----------
    levels : int8[n_pairs, n_comparisons]
    """
    return [
        np.bincount(levels[levels[:, f] >= 0, f], minlength=c.n_levels).astype(np.float64)
        for f, c in enumerate(comparisons)
    ]
