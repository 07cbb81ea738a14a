"""Kernels that number texts: by first sight, and by their order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, inlined, inner, njit, prefetch

Bytes = npt.NDArray[np.uint8]
Place = int | np.int64
"""A place in some bytes, or how many they are."""
Offsets = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]

_ZERO = np.uint64(0)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LOW = np.uint64(0x0000FFFFFFFFFFFF)
_LENGTH = np.uint64(48)
_LONG = 0xFFFF
_START = np.uint64(0xFFFFFFFF)
_NUMBER = np.uint64(32)

BATCH = 64
"""Rows whose places in memory are asked for together."""
LONGEST = 24
"""Longer texts are not packed into numbers."""


@inlined
def load_bytes(data: Bytes, at: Place) -> np.uint64:
    """Eight bytes, the first one lowest.

    The compiler makes one load of these, as a place without a sign cannot be counted from the end.
    """
    i = np.uint64(at)
    return np.uint64(
        np.uint64(data[i])
        | (np.uint64(data[i + np.uint64(1)]) << np.uint64(8))
        | (np.uint64(data[i + np.uint64(2)]) << np.uint64(16))
        | (np.uint64(data[i + np.uint64(3)]) << np.uint64(24))
        | (np.uint64(data[i + np.uint64(4)]) << np.uint64(32))
        | (np.uint64(data[i + np.uint64(5)]) << np.uint64(40))
        | (np.uint64(data[i + np.uint64(6)]) << np.uint64(48))
        | (np.uint64(data[i + np.uint64(7)]) << np.uint64(56))
    )


@inlined
def load_end(data: Bytes, at: Place, count: Place) -> np.uint64:
    """Up to eight bytes as `load_bytes` has them, 0 beyond."""
    piece = _ZERO
    if at + 8 <= data.shape[0]:
        piece = load_bytes(data, at)
        if count < 8:
            piece &= (np.uint64(1) << np.uint64(8 * count)) - np.uint64(1)
    else:
        for k in range(count):
            piece |= np.uint64(data[at + k]) << np.uint64(8 * k)
    return piece


@inlined
def store_bytes(out: Bytes, at: Place, piece: np.uint64) -> None:
    """Write eight bytes that `load_bytes` read."""
    i = np.uint64(at)
    out[i] = np.uint8(piece)
    out[i + np.uint64(1)] = np.uint8(piece >> np.uint64(8))
    out[i + np.uint64(2)] = np.uint8(piece >> np.uint64(16))
    out[i + np.uint64(3)] = np.uint8(piece >> np.uint64(24))
    out[i + np.uint64(4)] = np.uint8(piece >> np.uint64(32))
    out[i + np.uint64(5)] = np.uint8(piece >> np.uint64(40))
    out[i + np.uint64(6)] = np.uint8(piece >> np.uint64(48))
    out[i + np.uint64(7)] = np.uint8(piece >> np.uint64(56))


@njit
def mix_bytes(state: np.uint64, piece: np.uint64) -> np.uint64:
    """One step of a 64-bit hash over eight bytes (multiply and shift as in SplitMix64).

    From one state, different pieces lead to different states.
    """
    x = (state ^ piece) * _FIRST
    x ^= x >> np.uint64(29)
    x *= _SECOND
    return np.uint64(x ^ (x >> np.uint64(32)))


@njit
def move_entries(table: npt.NDArray[np.uint64], larger: npt.NDArray[np.uint64]) -> None:
    """Fill an empty hash table with the entries of a smaller one.

    table, larger : uint64[slots, n], a row an entry: its hash first, then what is never 0
    """
    last = larger.shape[0] - 1
    for old in range(table.shape[0]):
        if table[old, 1] != _ZERO:
            slot = np.int64(table[old, 0] & np.uint64(last))
            while larger[slot, 1] != _ZERO:
                slot = (slot + 1) & last
            for k in range(table.shape[1]):
                larger[slot, k] = table[old, k]


@inner
def _number_texts(
    data: Bytes,
    offsets: Offsets,
    present: npt.NDArray[np.bool_],
    table: npt.NDArray[np.uint64],
    begin: int,
    n_values: int,
    codes: Codes,
    rows: Codes,
    keys: Keys,
) -> tuple[int, int]:
    """`number_texts` with its scratch, uint64[BATCH]."""
    source, slots = data, table
    n = offsets.shape[0] - 1
    last = np.int64(table.shape[0] - 1)
    mask = np.uint64(last)
    for base in range(begin, n, BATCH):
        if 2 * (n_values + BATCH) > table.shape[0]:
            return base, n_values
        stop = min(base + BATCH, n)
        for row in range(base, stop):
            at, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
            length = end - at if end - at < _LONG else np.int64(_LONG)
            mixed = _ZERO
            while end - at > 8:
                mixed = mix_bytes(mixed, load_bytes(source, at))
                at += 8
            mixed = mix_bytes(mixed, load_end(source, at, end - at))
            key = np.uint64(mixed & _LOW) | (np.uint64(length) << _LENGTH)
            keys[row - base] = key
            prefetch(slots, int(key & mask))
        for row in range(base, stop):
            slot = np.int64(keys[row - base] & mask)
            if slots[slot, 0] == keys[row - base]:
                prefetch(source, int(slots[slot, 1] & _START))
        for row in range(base, stop):
            if not present[row]:
                codes[row] = -1
                continue
            key = keys[row - base]
            slot = np.int64(key & mask)
            code = np.int64(-1)
            while slots[slot, 1] != _ZERO:
                if slots[slot, 0] == key:
                    code = np.int64(slots[slot, 1] >> _NUMBER) - 1
                    first = np.int64(slots[slot, 1] & _START)
                    at, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
                    same = True
                    if end - at >= _LONG:
                        same = np.int64(offsets[rows[code] + 1]) - first == end - at
                    while same and end - at > 8:
                        same = load_bytes(source, first) == load_bytes(source, at)
                        first += 8
                        at += 8
                    if same and load_end(source, first, end - at) == load_end(source, at, end - at):
                        break
                    code = np.int64(-1)
                slot = (slot + 1) & last
            if code < 0:
                code = np.int64(n_values)
                rows[code] = row
                slots[slot, 0] = key
                slots[slot, 1] = (np.uint64(code + 1) << _NUMBER) | np.uint64(offsets[row])
                n_values += 1
            codes[row] = code
    return n, n_values


@allocating
def number_texts(
    data: Bytes,
    offsets: Offsets,
    present: npt.NDArray[np.bool_],
    table: npt.NDArray[np.uint64],
    begin: int,
    n_values: int,
    codes: Codes,
    rows: Codes,
) -> tuple[int, int]:
    """Number the different texts of a column in the order in which they are met.

    Rows go in batches: their places in the hash table, and then the texts that stand there, are
    asked for before they are needed; without it a million different texts take twice as long. The
    table is the caller's, as NumPy takes large arrays from large pages of memory and this compiler
    does not: that makes as much again.

    data, offsets : uint8[n_bytes], int32[n + 1], texts
    present : bool[n], false where null
    table : uint64[slots, 2], slots a power of two, half of them free at least. Of each text met
        before `begin` its length (up to 65,535) above 48 bits of its hash, and its number + 1
        above 32 bits of where it begins
    begin, n_values : row to go on from, texts in the table
    codes : int32[n], filled; -1 where null
    rows : int32[n], filled: where each different text is met first

    Returns
    -------
    The row to go on from with a larger table, n where all is done; and how many texts there are.
    """
    keys = np.empty(BATCH, np.uint64)
    return _number_texts(data, offsets, present, table, begin, n_values, codes, rows, keys)


@allocating
def pack_texts(data: Bytes, offsets: Offsets, keys: Keys) -> int:
    """Texts as numbers that sort as they do, if 63 bits are enough; texts hold no NUL byte.

    A digit of the number stands for a byte of the text: its rank among the bytes that any text has
    at this place, 0 beyond the text's end. Identifiers and dates fit, names do not, which the
    first of them show.

    data, offsets : uint8[n_bytes], int32[n + 1]
    keys : uint64[n], filled where they fit

    Returns
    -------
    How many bits the numbers have; 0 where they do not fit.
    """
    n = offsets.shape[0] - 1
    digits = np.zeros((LONGEST, 256), np.uint64)
    radix = np.ones(LONGEST, np.int64)
    bits = 0.0
    for row in range(n):
        start = offsets[row]
        length = offsets[row + 1] - start
        if length > LONGEST:
            return 0
        for k in range(length):
            byte = data[start + k]
            if digits[k, byte] == _ZERO:
                digits[k, byte] = np.uint64(1)
                bits += np.log2((radix[k] + 1) / radix[k])
                radix[k] += 1
                if bits > 62.9:  # the sum of rounded logarithms is off by less than 0.1
                    return 0
    weight = np.uint64(1)
    for k in range(LONGEST - 1, -1, -1):
        digit = weight
        for byte in range(256):
            if digits[k, byte] != _ZERO:
                digits[k, byte] = digit
                digit += weight
        weight = digit
    for row in range(n):
        start = offsets[row]
        key = _ZERO
        for k in range(offsets[row + 1] - start):
            key += digits[k, data[start + k]]
        keys[row] = key
    width = 0
    largest = np.uint64(weight - np.uint64(1))
    while largest != _ZERO:
        largest >>= np.uint64(1)
        width += 1
    return width


@allocating
def sort_keys(keys: Keys, bits: int, order: Codes, more_keys: Keys, more_order: Codes) -> None:
    """Sort numbers of so many bits, the least digit first; equal ones stay in their order.

    keys : uint64[n], sorted in place
    order : int32[n], filled: where each number stood
    more_keys, more_order : uint64[n], int32[n], scratch
    """
    n = keys.shape[0]
    passes = max((bits + 8) // 9, 1)
    width = (bits + passes - 1) // passes
    buckets = 1 << width
    mask = np.uint64(buckets - 1)
    counts = np.zeros((passes, buckets), np.int64)
    for i in range(n):
        order[i] = i
        key = keys[i]
        for k in range(passes):
            counts[k, np.int64((key >> np.uint64(k * width)) & mask)] += 1
    from_keys, from_order, to_keys, to_order = keys, order, more_keys, more_order
    for k in range(passes):
        places = counts[k]
        before = np.int64(0)
        for bucket in range(buckets):
            here = places[bucket]
            places[bucket] = before
            before += here
        shift = np.uint64(k * width)
        for i in range(n):
            key = from_keys[i]
            at = np.int64((key >> shift) & mask)
            place = places[at]
            places[at] = place + 1
            to_keys[place] = key
            to_order[place] = from_order[i]
        from_keys, to_keys = to_keys, from_keys
        from_order, to_order = to_order, from_order
    if passes & 1:
        keys[:] = more_keys
        order[:] = more_order


@njit
def rank_keys(keys: Keys, order: Codes, codes: Codes, rows: Codes) -> int:
    """Ranks of sorted numbers, from 0; -1 for the number 0.

    keys, order : uint64[n], int32[n], as `sort_keys` leaves them
    codes : int32[n], filled: the rank of the number that stood at each place
    rows : int32[n], filled: where the first number of each rank stood

    Returns
    -------
    How many ranks there are.
    """
    rank = -1
    last = _ZERO
    for i in range(keys.shape[0]):
        if keys[i] != last:
            last = keys[i]
            rank += 1
            rows[rank] = order[i]
        codes[order[i]] = rank
    return rank + 1
