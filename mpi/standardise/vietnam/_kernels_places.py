"""Kernels over addresses: words of what a place is dropped or shortened, provinces renamed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import borrow, njit

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Place = int | np.int64
"""A place in some bytes."""

NOT_THERE = -1
# Bits of `Words.actions`; the rest is 256 times the place of the short form before a number.
AT_START, DROP_NAME, DROP_NUMBER, JOIN_NUMBER, BEGINS, KNOWN = 1, 2, 4, 8, 16, 32
BLANK, COMMA, ZERO, NINE = 32, 44, 48, 57
_OFFSET, _PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)


class Words(NamedTuple):
    """Texts by their hash, in a table with open addressing; its size is a power of two.

    keys : uint64[size], 0 where there is none
    actions : int32[size], what is done with the text
    texts, ends : uint8[n_bytes], int32[n + 1], the texts that take the place of others
    """

    keys: npt.NDArray[np.uint64]
    actions: npt.NDArray[np.int32]
    texts: Bytes
    ends: Offsets


@njit
def hash_text(data: Bytes, start: Place, stop: Place) -> np.uint64:
    """FNV-1a (Fowler, Noll and Vo 1991) of some bytes."""
    value = _OFFSET
    for i in range(start, stop):
        value = (value ^ np.uint64(data[i])) * _PRIME
    return value


@njit
def _action_at(words: Words, value: np.uint64) -> int:
    """What is done with the text of a hash; -1 where it is not in the table."""
    mask = np.uint64(words.keys.shape[0] - 1)
    slot = value & mask
    while words.keys[slot] != np.uint64(0):
        if words.keys[slot] == value:
            return int(words.actions[slot])
        slot = (slot + np.uint64(1)) & mask
    return NOT_THERE


@njit
def _action_of(words: Words, data: Bytes, start: Place, stop: Place) -> int:
    """What is done with the text `data[start:stop]`; -1 where it is not in the table."""
    return _action_at(words, hash_text(data, start, stop))


@njit
def _word_end(data: Bytes, start: Place, stop: Place) -> Place:
    """Where the word that begins at `start` ends: before a blank or a comma."""
    while start < stop and data[start] != BLANK and data[start] != COMMA:
        start += 1
    return start


@njit
def _next_word(data: Bytes, start: Place, stop: Place) -> Place:
    """Where the next word begins, blanks and commas passed over."""
    while start < stop and (data[start] == BLANK or data[start] == COMMA):
        start += 1
    return start


@njit
def _phrase_at(
    words: Words, data: Bytes, start: Place, stop: Place
) -> tuple[Place, Place, int, bool]:
    """The end of the first word there, the end of the longest phrase of up to three words that
    the table knows, its action, and whether the first word may begin a longer one."""
    value = _OFFSET
    n_words = 0
    begins = False
    first = start
    best, action = start, NOT_THERE
    i = start
    while True:
        if i == stop or data[i] == BLANK or data[i] == COMMA:
            n_words += 1
            if n_words == 1:
                first = i
                best = i
            known = _action_at(words, value)
            if known >= 0 and known & KNOWN:
                best, action = i, known
            if n_words == 1:
                begins = known >= 0 and known & BEGINS != 0
            if (
                not begins
                or n_words == 3
                or i + 1 >= stop
                or data[i] == COMMA
                or data[i + 1] == COMMA
            ):
                break
        value = (value ^ np.uint64(data[i])) * _PRIME
        i += 1
    return first, best, action, begins


@njit
def _copy_bytes(source: Bytes, start: Place, stop: Place, out: Bytes, at: Place) -> Place:
    """Copy some bytes and say where the copy ends."""
    for i in range(start, stop):
        out[at] = source[i]
        at += 1
    return at


@njit
def _write_number(data: Bytes, start: Place, stop: Place, out: Bytes, at: Place) -> Place:
    """Copy a word that begins with a digit, without zeros in front of another digit."""
    while start + 1 < stop and data[start] == ZERO and ZERO <= data[start + 1] <= NINE:
        start += 1
    return _copy_bytes(data, start, stop, out, at)


@njit
def _short_form(words: Words, action: int, out: Bytes, at: Place) -> Place:
    """Write what stands for a phrase before its number."""
    place = action >> 8
    return _copy_bytes(
        words.texts, np.int64(words.ends[place]), np.int64(words.ends[place + 1]), out, at
    )


@njit
def _write_places(
    words: Words, data: Bytes, start: Place, stop: Place, out: Bytes, at: Place
) -> tuple[Place, bool]:
    """Write one address without the words that only say what a place is.

    ``P 03`` becomes P3, ``PHƯỜNG BẾN NGHÉ`` BẾN NGHÉ; words that may be part of a name (DUONG) are
    only taken for a kind of place where a part of the address begins, or after a number. Also says
    whether it has to be read again: a kind of place was kept, and what followed it was dropped.
    """
    begin = at
    kept = False
    again = False
    i = _next_word(data, start, stop)
    beginning = True
    while i < stop:
        first, end, action, begins = _phrase_at(words, data, i, stop)
        following = _next_word(data, end, stop)
        numbered = following < stop and ZERO <= data[following] <= NINE
        taken = beginning or not action & AT_START
        if action >= 0 and following < stop:
            if numbered and action & DROP_NUMBER and taken:
                again |= kept
                i = following
                continue
            if numbered and action & JOIN_NUMBER:
                if at > begin:
                    out[at] = BLANK
                    at += 1
                at = _short_form(words, action, out, at)
                end = _word_end(data, following, stop)
                at = _write_number(data, following, end, out, at)
                beginning = True
                i = _next_word(data, end, stop)
                continue
            if not numbered and action & DROP_NAME and taken:
                again |= kept
                i = following
                continue
        if at > begin:
            out[at] = BLANK
            at += 1
        end = first
        kept |= action >= 0 or begins
        beginning = bool(ZERO <= data[i] <= NINE)
        if beginning:
            at = _write_number(data, i, end, out, at)
        else:
            letters = i
            while letters < end and not ZERO <= data[letters] <= NINE:
                letters += 1
            joined = _action_of(words, data, i, letters) if letters < end else NOT_THERE
            if joined >= 0 and joined & KNOWN and joined & JOIN_NUMBER:
                at = _short_form(words, joined, out, at)
                at = _write_number(data, letters, end, out, at)
                beginning = True
            else:
                at = _copy_bytes(data, i, end, out, at)
        i = _next_word(data, end, stop)
        for k in range(end, i):
            if data[k] == COMMA:
                beginning = True
                again |= kept
    return at, again


@njit
def _rename_end(
    names: Words, begin: Place, out: Bytes, at: Place, starts: npt.NDArray[np.int64]
) -> tuple[Place, bool]:
    """Give the province at the end of an address its name of today, and say whether it changed.

    The longest of the last four, three, two words or one that the table knows is replaced, until
    nothing changes.

    starts : int64[4], scratch
    """
    renamed = False
    for _ in range(4):
        n = 0
        i = at
        while i > begin and n < 4:
            i -= 1
            if i == begin or out[i - 1] == BLANK:
                starts[n] = i
                n += 1
        changed = False
        for k in range(n - 1, -1, -1):
            place = _action_of(names, out, starts[k], at)
            if place < 0:
                continue
            first, last = np.int64(names.ends[place]), np.int64(names.ends[place + 1])
            if first == last:
                if starts[k] == begin:
                    continue
                at = starts[k] - 1
                changed = True
                break
            same = last - first == at - starts[k]
            if same:
                for j in range(last - first):
                    same &= names.texts[first + j] == out[starts[k] + j]
            if not same:
                at = _copy_bytes(names.texts, first, last, out, starts[k])
                renamed = True
                changed = True
            break
        if not changed:
            break
    return at, renamed


@njit
def _borrowed(words: Words) -> Words:
    return Words(borrow(words.keys), borrow(words.actions), borrow(words.texts), borrow(words.ends))


@njit
def shorten_places(
    words: Words,
    names: Words,
    data: Bytes,
    offsets: Offsets,
    out: Bytes,
    out_offsets: Offsets,
    renamed: npt.NDArray[np.bool_],
) -> None:
    """Addresses as words of what they name.

    words, names : kinds of places, and names of provinces
    data, offsets : uint8[n_bytes], int32[n + 1], texts in upper case, words parted by single
        blanks, parts by commas
    out, out_offsets : uint8[n_bytes + 64 * n], int32[n + 1], filled
    renamed : bool[n], filled: addresses whose province got another name
    """
    kinds = Words(
        borrow(words.keys), borrow(words.actions), borrow(words.texts), borrow(words.ends)
    )
    units = Words(
        borrow(names.keys), borrow(names.actions), borrow(names.texts), borrow(names.ends)
    )
    source, target = borrow(data), borrow(out)
    scratch = np.empty(4, np.int64)
    starts = borrow(scratch)
    # One type of numbers throughout: each other one would be compiled for itself.
    first = np.int64(0)
    at: Place = first
    out_offsets[0] = 0
    for row in range(offsets.shape[0] - 1):
        begin = at
        start, stop = np.int64(offsets[row]), np.int64(offsets[row + 1])
        at, again = _write_places(kinds, source, start, stop, target, at)
        while again:
            once = out[begin:at].copy()
            at, again = _write_places(kinds, once, first, np.int64(once.shape[0]), target, begin)
        at, renamed[row] = _rename_end(units, begin, target, at, starts)
        out_offsets[row + 1] = at
    scratch[0] = at  # kept until here, as what is borrowed holds no share in it
