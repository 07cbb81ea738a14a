"""Putting scored pairs in order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import njit

# Insertion sort up to here; beyond it would be quadratic.
_FEW = 48


_LOW = (1 << 32) - 1


@njit
def order_pairs(
    left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], n_rows: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs in the order of (left, right), of equal ones the first alone.

    Pairs are counted by their left row and scattered to its place, where the few right ones are
    sorted: a quarter of the time of sorting all.

    left, right : int64[n_pairs], 0 to n_rows - 1; there are fewer than 2**31 rows, 2**32 pairs

    Returns
    -------
    left, right : int64[n_different]
    place : int64[n_different], where each was
    """
    ends = np.zeros(n_rows + 1, np.int64)
    for row in left:
        ends[row + 1] += 1
    for row in range(n_rows):
        ends[row + 1] += ends[row]
    words = np.empty(len(left), np.int64)
    for k in range(len(left)):
        words[ends[left[k]]] = right[k] << 32 | k
        ends[left[k]] += 1
    one, other = np.empty(len(left), np.int64), np.empty(len(left), np.int64)
    kept = 0
    begin = 0
    for row in range(n_rows):
        end = ends[row]
        if end - begin > _FEW:
            words[begin:end] = np.sort(words[begin:end])
        else:
            for at in range(begin + 1, end):
                word = words[at]
                k = at
                while k > begin and words[k - 1] > word:
                    words[k] = words[k - 1]
                    k -= 1
                words[k] = word
        for at in range(begin, end):
            # What is written lies never behind what is still to be read.
            word = words[at]
            if at == begin or word >> 32 != other[kept - 1]:
                one[kept] = row
                other[kept] = word >> 32
                words[kept] = word & _LOW
                kept += 1
        begin = end
    return one[:kept].copy(), other[:kept].copy(), words[:kept].copy()
