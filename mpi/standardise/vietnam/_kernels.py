"""Kernels over names as sequences of words: a column holds few different ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import inlined, njit
from mpi.standardise._kernels_codes import Place, load_bytes, load_end, mix_bytes, store_bytes

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
_ZERO = np.uint64(0)
_NUMBER = np.uint64(0x00000000FFFFFFFF)
_EVERY = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)
_ABOVE_BLANK = np.uint64(0x2121212121212121)
_KEPT = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)


@inlined
def is_blank(byte: np.uint64, blanks: np.uint64) -> bool:
    """Whether a byte is one of the blanks."""
    return bool(byte < 64 and (blanks >> byte) & np.uint64(1) != _ZERO)


@inlined
def stops_in(piece: np.uint64, blanks: np.uint64) -> np.uint64:
    """The high bit of the first of eight bytes that is a blank.

    Bytes below 33 are found all at once (Mycroft's test for a zero byte), other controls passed
    over.
    """
    low = (piece - _ABOVE_BLANK) & ~piece & _HIGH
    while low != _ZERO:
        first = low & (~low + np.uint64(1))
        byte = (piece & (first | (first - np.uint64(1)))) >> np.uint64(8 * bytes_below(first))
        if is_blank(byte, blanks):
            return first
        low ^= first
    return _ZERO


@inlined
def bytes_below(high: np.uint64) -> Place:
    """How many bytes are below the one with this high bit; 8 where none has it."""
    return np.int64(((((high - np.uint64(1)) >> np.uint64(7)) & _EVERY) * _EVERY) >> np.uint64(56))


@inlined
def word_length(one: np.uint64, two: np.uint64, blanks: np.uint64) -> Place:
    """How many of 16 bytes are before the first blank."""
    length = bytes_below(stops_in(one, blanks))
    if length == 8:
        length += bytes_below(stops_in(two, blanks))
    return length


@inlined
def cut(piece: np.uint64, count: Place) -> np.uint64:
    """The first bytes of eight, the others 0."""
    kept = count if count < 8 else 8
    return np.uint64(piece & _KEPT[kept if kept > 0 else 0])


@inlined
def same_bytes(data: Bytes, a: Place, b: Place, count: Place) -> bool:
    """Whether so many bytes at two places are the same."""
    same = True
    while same and count > 8:
        same = load_bytes(data, a) == load_bytes(data, b)
        a += 8
        b += 8
        count -= 8
    return bool(same and load_end(data, a, count) == load_end(data, b, count))


@njit
def find_words(
    data: Bytes,
    offsets: Offsets,
    blanks: np.uint64,
    table: npt.NDArray[np.uint64],
    begin: int,
    n_words: int,
    words: npt.NDArray[np.int32],
    first: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int32],
) -> tuple[int, int]:
    """Take texts apart at blanks and number their different words.

    data, offsets : uint8[n_bytes], int32[n + 1], texts
    blanks : a bit for each of the bytes below 33 that parts words
    table : uint64[slots, 4], slots a power of two: of each word met before `begin` its hash,
        length << 32 | number + 1, and its first 16 bytes, so that most are compared in one look
    begin, n_words : text to go on from, words in the table
    words : int32[>= (n_bytes + n) / 2 + 1], filled: the number of each word of each text
    first : int32[n + 1], filled: where the words of a text begin in `words`; starts with 0
    starts, lengths : int64[slots], int32[slots], filled: a place of each different word, in bytes,
        in the order in which they are met

    Returns
    -------
    The text to go on from with a larger table, n where all is done; and how many words there are.
    """
    source, slots = data, table
    n = offsets.shape[0] - 1
    last = np.int64(table.shape[0] - 1)
    mask = np.uint64(last)
    safe = data.shape[0] - 16
    n_found = np.int64(first[begin])
    for row in range(begin, n):
        at = np.int64(offsets[row])
        end = np.int64(offsets[row + 1])
        if 2 * n_words + end - at >= last:  # one text may bring as many new words
            return row, n_words
        while at < end:
            if at <= safe:
                one, two = load_bytes(source, at), load_bytes(source, at + 8)
            else:
                left = end - at
                one = load_end(source, at, left if left < 8 else 8)
                two = _ZERO
                if left > 8:
                    two = load_end(source, at + 8, left - 8 if left < 16 else 8)
            start = at
            size = np.int64(word_length(one, two, blanks))
            size = size if size < end - at else end - at
            at += size
            if size == 16:
                while at < end and not is_blank(np.uint64(source[at]), blanks):
                    at += 1
                size = at - start
            at += 1
            if size == 0:
                continue
            one, two = cut(one, size), cut(two, size - 8)
            mixed = mix_bytes(mix_bytes(_ZERO, one), two)
            if size > 16:
                for k in range(start + 16, start + size, 8):
                    left = start + size - k
                    mixed = mix_bytes(mixed, load_end(source, k, left if left < 8 else 8))
            slot = np.int64(mixed & mask)
            word = np.int64(-1)
            while slots[slot, 1] != _ZERO:
                if slots[slot, 2] == one and slots[slot, 3] == two:
                    word = np.int64(slots[slot, 1] & _NUMBER) - 1
                    if np.int64(slots[slot, 1] >> np.uint64(32)) == size and (
                        size <= 16 or same_bytes(source, starts[word] + 16, start + 16, size - 16)
                    ):
                        break
                    word = np.int64(-1)
                slot = (slot + 1) & last
            if word < 0:
                word = np.int64(n_words)
                slots[slot, 0] = mixed
                slots[slot, 1] = (np.uint64(size) << np.uint64(32)) | np.uint64(word + 1)
                slots[slot, 2] = one
                slots[slot, 3] = two
                starts[word] = start
                lengths[word] = size
                n_words += 1
            words[n_found] = word
            n_found += 1
        first[row + 1] = n_found
    return n, n_words


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
    data, offsets, marks : uint8[n_bytes + 8], int32[n_words + 1], uint32[n_words], what each word
        is now, and what was found in it; an empty word leaves no blank
    at_head, at_end : marks that count on the first and on the last word that is left, alone
    out, out_offsets, out_marks : uint8[enough + 8], int32[n + 1], uint32[n], filled
    """
    source, target = data, out
    at = np.int64(0)
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
            start, stop = np.int64(offsets[word]), np.int64(offsets[word + 1])
            if start == stop:
                continue
            if at == begin:
                found |= mark & at_head
            else:
                target[at] = 32
                at += 1
            last = mark & at_end
            # Eight bytes at once: what is written beyond the word is written over afterwards.
            for k in range(start, stop, 8):
                store_bytes(target, at + k - start, load_bytes(source, k))
            at += stop - start
        out_offsets[row + 1] = at
        out_marks[row] = found | last
