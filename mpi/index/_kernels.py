"""Kernels of the index: votes for golden values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating

Hashes = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]

FEW = 32
"""Up to here counting votes by looking at all pairs is faster than sorting."""


@allocating
def choose_rows(starts: Integers, rows: Integers, values: Hashes, out: Integers) -> Any:
    """For each person the first row with the value that most of the person's rows hold.

    Of values with as many rows the one that comes first.

    starts : int64[n_persons + 1], where each person's rows begin in `rows`
    rows : int64[n_records], grouped by person, the preferred row first
    values : uint64[n_records], a hash of each row's value, 0 missing
    out : int64[n_persons], a row, -1 where the person has no value
    """
    for person in range(len(out)):
        first, end = starts[person], starts[person + 1]
        best, most = -1, 0
        if end - first <= FEW:
            for i in range(first, end):
                value = values[rows[i]]
                if value == 0:
                    continue
                votes = 1
                for j in range(i + 1, end):
                    if values[rows[j]] == value:
                        votes += 1
                # A later row of the same value counts fewer votes, so it never wins.
                if votes > most:
                    best, most = rows[i], votes
        else:
            own = values[rows[first:end]]
            order = np.argsort(own, kind="mergesort")
            earliest = end
            i = 0
            while i < len(order):
                j = i
                while j < len(order) and own[order[j]] == own[order[i]]:
                    j += 1
                if own[order[i]] != 0 and (j - i > most or (j - i == most and order[i] < earliest)):
                    most, earliest = j - i, order[i]
                    best = rows[first + order[i]]
                i = j
        out[person] = best
