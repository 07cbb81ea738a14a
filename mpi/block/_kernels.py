"""Hashing the keys of rules and numbering the blocks of rows that share them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, njit
from mpi.encode._kernels_group import mix_code

_ZERO = np.uint64(0)
_ONE = np.uint64(1)


@njit
def extend_hashes(hashes: npt.NDArray[np.uint64], codes: npt.NDArray[np.int32]) -> None:
    """Mix the codes of a further key into the hash of every row; 0 where a row has no key.

    A hash that happens to be 0 becomes 1.
    """
    for i in range(len(hashes)):
        if codes[i] < 0:
            hashes[i] = _ZERO
        elif hashes[i] != _ZERO:
            hashes[i] = max(mix_code(hashes[i], codes[i]), _ONE)


@njit
def number_blocks(
    order: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
    numbers: npt.NDArray[np.int32],
) -> None:
    """Write the number of its block to each row that is in one."""
    for b in range(len(starts) - 1):
        for p in range(starts[b], starts[b + 1]):
            numbers[order[p]] = b


@allocating
def count_pairs(hashes: npt.NDArray[np.uint64]) -> float:
    """Pairs of rows that share a hash; 0 is none."""
    size = 16
    while size < 2 * len(hashes):
        size *= 2
    mask = np.uint64(size - 1)
    held = np.zeros(size, np.uint64)
    rows = np.zeros(size, np.int64)
    pairs = 0
    for h in hashes:
        if h != _ZERO:
            slot = h & mask
            while held[slot] != h and held[slot] != _ZERO:
                slot = (slot + _ONE) & mask
            held[slot] = h
            pairs += rows[slot]
            rows[slot] += 1
    return float(pairs)
