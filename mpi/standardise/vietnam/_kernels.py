"""Kernels over names as sequences of words: a column holds few different ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import njit
from mpi.standardise._kernels import compare_text

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
_ZERO = np.uint64(0)
_LENGTH = np.uint64(0xFFFFFFFF00000000)
_NUMBER = np.uint64(0x00000000FFFFFFFF)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


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
def larger_table(table: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """A hash table of twice the size with the same entries; an entry's hash comes first."""
    slots = 2 * table.shape[0]
    larger = np.zeros((slots, 2), np.uint64)
    for old in range(table.shape[0]):
        if table[old, 1] != _ZERO:
            slot = np.int64(table[old, 0] & np.uint64(slots - 1))
            while larger[slot, 1] != _ZERO:
                slot = (slot + 1) & (slots - 1)
            larger[slot, 0] = table[old, 0]
            larger[slot, 1] = table[old, 1]
    return larger


@njit
def find_words(
    data: Bytes,
    offsets: Offsets,
    words: npt.NDArray[np.int32],
    first: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Take texts apart at blanks, tabs and ends of lines, and number their different words.

    Parameters
    ----------
    data, offsets : uint8[n_bytes], int32[n + 1], texts
    words : int32[>= (n_bytes + n) / 2 + 1], filled: the number of each word of each text
    first : int32[n + 1], filled: where the words of a text begin in `words`

    Returns
    -------
    starts, lengths : int64[n_words], int32[n_words], in bytes, a place of each different word, in
        the order in which they are met
    """
    slots = 1 << 12
    # Hash, and length << 32 | number + 1: side by side, so that a look costs one cache line.
    table = np.zeros((slots, 2), np.uint64)
    starts = np.empty(slots, np.int64)
    lengths = np.empty(slots, np.int32)
    n_words = 0
    n_found = 0
    first[0] = 0
    for row in range(offsets.shape[0] - 1):
        at = int(offsets[row])
        end = int(offsets[row + 1])
        while at < end:
            byte = data[at]
            if byte == 32 or byte == 9 or byte == 10 or byte == 13:
                at += 1
                continue
            stop = at
            mixed = _ZERO
            piece = _ZERO
            filled = 0
            while stop < end:
                byte = data[stop]
                if byte <= 32 and (byte == 32 or byte == 9 or byte == 10 or byte == 13):
                    break
                if filled == 8:
                    mixed = mix_bytes(mixed, piece)
                    piece = _ZERO
                    filled = 0
                piece = (piece << np.uint64(8)) | np.uint64(byte)
                filled += 1
                stop += 1
            mixed = mix_bytes(mixed, piece)
            length = np.uint64(stop - at) << np.uint64(32)
            slot = np.int64(mixed & np.uint64(slots - 1))
            word = np.int64(-1)
            while table[slot, 1] != _ZERO:
                if table[slot, 0] == mixed and (table[slot, 1] & _LENGTH) == length:
                    word = np.int64(table[slot, 1] & _NUMBER) - 1
                    if stop - at <= 8:  # then the hash tells all
                        break
                    if compare_text(data, at, stop, starts[word], starts[word] + stop - at) == 0:
                        break
                    word = np.int64(-1)
                slot = (slot + 1) & (slots - 1)
            if word < 0:
                word = np.int64(n_words)
                table[slot, 0] = mixed
                table[slot, 1] = length | np.uint64(n_words + 1)
                starts[n_words] = at
                lengths[n_words] = stop - at
                n_words += 1
                if 2 * n_words > slots:
                    table = larger_table(table)
                    slots = table.shape[0]
                    starts = np.append(starts, np.empty(slots - starts.shape[0], np.int64))
                    lengths = np.append(lengths, np.empty(slots - lengths.shape[0], np.int32))
            words[n_found] = word
            n_found += 1
            at = stop
        first[row + 1] = n_found
    return starts[:n_words].copy(), lengths[:n_words].copy()


@njit
def join_words(
    words: npt.NDArray[np.int32],
    first: npt.NDArray[np.int32],
    data: Bytes,
    offsets: Offsets,
    marks: npt.NDArray[np.uint32],
    at_head: np.uint32,
    at_end: np.uint32,
    out: Bytes,
    out_offsets: Offsets,
    out_marks: npt.NDArray[np.uint32],
) -> None:
    """Put names together again from their words, with one blank between two.

    Parameters
    ----------
    words, first : int32[n_found], int32[n + 1], as `find_words` gives them
    data, offsets, marks : uint8[n_bytes], int32[n_words + 1], uint32[n_words], what each word is
        now, and what was found in it; an empty word leaves no blank
    at_head, at_end : marks that count on the first and on the last word that is left, alone
    out, out_offsets, out_marks : uint8[enough], int32[n + 1], uint32[n], filled
    """
    at = 0
    out_offsets[0] = 0
    always = ~(at_head | at_end)
    for row in range(first.shape[0] - 1):
        begin = at
        found = np.uint32(0)
        last = np.uint32(0)
        for i in range(first[row], first[row + 1]):
            word = words[i]
            mark = marks[word]
            found |= mark & always
            start, stop = int(offsets[word]), int(offsets[word + 1])
            if start == stop:
                continue
            if at == begin:
                found |= mark & at_head
            else:
                out[at] = 32
                at += 1
            last = mark & at_end
            for k in range(start, stop):
                out[at] = data[k]
                at += 1
        out_offsets[row + 1] = at
        out_marks[row] = found | last
