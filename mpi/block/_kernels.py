"""Hashing the keys of rules and grouping the rows that share them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import njit

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
# Insertion sort up to here; beyond, values repeat and it would be quadratic.
_FEW = 48


@njit
def extend_hashes(hashes: npt.NDArray[np.uint64], codes: npt.NDArray[np.int32]) -> None:
    """Mix the codes of a further key into the hash of every row; 0 where a row has no key.

    One step of SplitMix64 (Steele, Lea and Flood 2014) a code; a hash that happens to be 0
    becomes 1.
    """
    for i in range(len(hashes)):
        if codes[i] < 0:
            hashes[i] = _ZERO
        elif hashes[i] != _ZERO:
            x = hashes[i] * _GOLDEN + np.uint64(codes[i])
            x ^= x >> np.uint64(30)
            x *= _FIRST
            x ^= x >> np.uint64(27)
            x *= _SECOND
            hashes[i] = max(x ^ (x >> np.uint64(31)), _ONE)


@njit
def sort_bucket(keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.int32]) -> None:
    """Sort a bucket by key; rows of one key stay in their order."""
    if len(keys) > _FEW:
        order = np.argsort(keys, kind="mergesort")
        keys[:] = keys[order]
        rows[:] = rows[order]
        return
    for at in range(1, len(keys)):
        key, row = keys[at], rows[at]
        k = at
        while k > 0 and keys[k - 1] > key:
            keys[k] = keys[k - 1]
            rows[k] = rows[k - 1]
            k -= 1
        keys[k] = key
        rows[k] = row


@njit
def group_rows(
    hashes: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Rows of equal hashes side by side, ascending; rows without a key or alone are left out.

    Rows are scattered into buckets of some eight by their highest bits, and each bucket is sorted
    in the first cache: a third of the time of sorting all.

    Returns
    -------
    order : int32[n_members]
    starts : int64[n_blocks + 1], into `order`
    shared : uint64[n_blocks], the hash of each block, ascending
    """
    bits = 1
    while bits < 28 and (8 << bits) < len(hashes):
        bits += 1
    shift = np.uint64(64 - bits)
    ends = np.zeros((1 << bits) + 1, np.int64)
    for h in hashes:
        if h != _ZERO:
            ends[(h >> shift) + _ONE] += 1
    for b in range(1 << bits):
        ends[b + 1] += ends[b]
    n = ends[1 << bits]
    keys = np.empty(n, np.uint64)
    rows = np.empty(n, np.int32)
    place = ends[:-1].copy()
    for i in range(len(hashes)):
        h = hashes[i]
        if h != _ZERO:
            at = place[h >> shift]
            place[h >> shift] = at + 1
            keys[at] = h
            rows[at] = i
    starts = np.empty(n // 2 + 1, np.int64)
    blocks = 0
    kept = 0
    for b in range(1 << bits):
        begin, end = ends[b], ends[b + 1]
        if end - begin > 1:
            sort_bucket(keys[begin:end], rows[begin:end])
        at = begin
        while at < end:
            last = at + 1
            while last < end and keys[last] == keys[at]:
                last += 1
            if last - at > 1:
                starts[blocks] = kept
                # What is written lies never behind what is still to be read.
                keys[blocks] = keys[at]
                for k in range(at, last):
                    rows[kept] = rows[k]
                    kept += 1
                blocks += 1
            at = last
    starts[blocks] = kept
    return rows[:kept].copy(), starts[: blocks + 1].copy(), keys[:blocks].copy()


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


@njit
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
