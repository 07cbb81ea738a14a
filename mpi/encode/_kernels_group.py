"""Hashing texts and columns of codes, and grouping the rows that share a hash."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, inlined, njit

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
# Insertion sort up to here; beyond it would be quadratic.
_FEW = 48


@inlined
def mix_code(state: np.uint64, code: int) -> np.uint64:
    """One step of a 64-bit hash over codes (SplitMix64: Steele, Lea and Flood 2014)."""
    x = state * _GOLDEN + np.uint64(np.int64(code))
    x ^= x >> np.uint64(30)
    x *= _FIRST
    x ^= x >> np.uint64(27)
    x *= _SECOND
    return np.uint64(x ^ (x >> np.uint64(31)))


@njit
def hash_texts(
    offsets: npt.NDArray[np.int32],
    data: npt.NDArray[np.uint8],
    hashes: npt.NDArray[np.uint64],
) -> None:
    """Carry each text's bytes into its hash (FNV-1a, 64 bits), and mark its end.

    The mark, 255, is no byte of UTF-8: ("ab", "c") and ("a", "bc") differ.

    offsets : int32[n + 1], where each text begins in `data`
    data : uint8[n_bytes]
    hashes : uint64[n], changed in place
    """
    prime = np.uint64(0x100000001B3)
    for i in range(len(hashes)):
        value = hashes[i]
        for j in range(offsets[i], offsets[i + 1]):
            value = (value ^ np.uint64(data[j])) * prime
        hashes[i] = (value ^ np.uint64(255)) * prime


@njit
def mix_codes(states: npt.NDArray[np.uint64], codes: npt.NDArray[np.int64]) -> None:
    """Mix a code into each state."""
    for i in range(len(states)):
        states[i] = mix_code(states[i], codes[i])


@allocating
def sort_bucket(keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.int32]) -> None:
    """Sort a bucket by key; rows of one key stay in their order.

    Runs are sorted by insertion and merged, two by two; NumPy's sort would take seconds to compile.
    """
    n = len(keys)
    for begin in range(0, n, _FEW):
        for at in range(begin + 1, min(begin + _FEW, n)):
            key, row = keys[at], rows[at]
            k = at
            while k > begin and keys[k - 1] > key:
                keys[k] = keys[k - 1]
                rows[k] = rows[k - 1]
                k -= 1
            keys[k] = key
            rows[k] = row
    width = _FEW
    while width < n:
        first_keys, first_rows = keys.copy(), rows.copy()
        for begin in range(0, n, 2 * width):
            middle, end = min(begin + width, n), min(begin + 2 * width, n)
            one, other = begin, middle
            for at in range(begin, end):
                if other == end or (one < middle and first_keys[one] <= first_keys[other]):
                    keys[at] = first_keys[one]
                    rows[at] = first_rows[one]
                    one += 1
                else:
                    keys[at] = first_keys[other]
                    rows[at] = first_rows[other]
                    other += 1
        width *= 2


@allocating
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
