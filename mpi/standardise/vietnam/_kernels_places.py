"""Kernels over addresses as sequences of words: what a place is is dropped or shortened, and the
province at the end renamed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, inner, njit
from mpi.standardise._kernels_codes import Place, load_bytes, mix_bytes, store_bytes

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]

NOT_THERE = -1
# Bits of what is done with a phrase; the rest is 256 times the place of the text instead of it.
AT_START, DROP_NAME, DROP_NUMBER, JOIN_NUMBER, BEGINS, KNOWN = 1, 2, 4, 8, 16, 32
# Bits of a word's nature.
DIGIT, NUMBERED = 1, 2
BLANK, ZERO, NINE = 32, 48, 57
LONGEST_NAME = 4
"""Words of the longest name of a province."""

_NONE = np.uint64(0)
_OFFSET, _PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)


class Phrases(NamedTuple):
    """Phrases in a hash table with open addressing; its size is a power of two.

    keys : uint64[size], the hashes of a phrase's words, joined one after another; 0 where none is
    actions : int32[size], what is done with it; `BEGINS` alone where longer ones begin with it
    texts, ends : uint8[n_bytes], int32[n + 1], the texts that take the place of others
    """

    keys: Keys
    actions: Numbers
    texts: Bytes
    ends: Offsets


class Lexicon(NamedTuple):
    """The different words of addresses, and what is known of each.

    actions : int32[n_words], what is done with the word, -1 for most
    natures : int32[n_words], bits `DIGIT`: begins with a digit, and `NUMBERED`: a short form with
        its number
    hashes, keys : uint64[n_words], of the word as it came, and as it is written
    forms, ends : uint8[n_bytes + 8], int32[n_words + 1], how each is written
    """

    actions: Numbers
    natures: Numbers
    hashes: Keys
    keys: Keys
    forms: Bytes
    ends: Offsets


@njit
def hash_text(data: Bytes, start: Place, stop: Place) -> np.uint64:
    """FNV-1a (Fowler, Noll and Vo 1991) of some bytes."""
    value = _OFFSET
    for i in range(start, stop):
        value = (value ^ np.uint64(data[i])) * _PRIME
    return value


@njit
def action_of(keys: Keys, actions: Numbers, key: np.uint64) -> int:
    """What is done with a phrase; -1 where it is not in the table."""
    mask = np.uint64(keys.shape[0] - 1)
    slot = key & mask
    while keys[slot] != _NONE:
        if keys[slot] == key:
            return int(actions[slot])
        slot = (slot + np.uint64(1)) & mask
    return NOT_THERE


@njit
def judge_words(phrases: Phrases, data: Bytes, offsets: Offsets, lexicon: Lexicon) -> None:
    """Find out what is known of each word.

    A number loses zeros in front of another digit; a short form with its number (P03) is written
    as the table has it.

    data, offsets : uint8[n_bytes], int32[n_words + 1], the words
    lexicon : filled; no form is longer than its word
    """
    at = 0
    lexicon.ends[0] = 0
    for word in range(offsets.shape[0] - 1):
        start, stop = offsets[word], offsets[word + 1]
        value = hash_text(data, start, stop)
        lexicon.hashes[word] = value
        lexicon.actions[word] = action_of(phrases.keys, phrases.actions, mix_bytes(_NONE, value))
        letters = start
        while letters < stop and not ZERO <= data[letters] <= NINE:
            letters += 1
        lexicon.natures[word] = DIGIT if letters == start < stop else 0
        begin = at
        if start < letters < stop:
            key = mix_bytes(_NONE, hash_text(data, start, letters))
            joined = action_of(phrases.keys, phrases.actions, key)
            if joined >= 0 and joined & KNOWN and joined & JOIN_NUMBER:
                place = joined >> 8
                for i in range(phrases.ends[place], phrases.ends[place + 1]):
                    lexicon.forms[at] = phrases.texts[i]
                    at += 1
                lexicon.natures[word] = NUMBERED
                start = letters
        if letters == start:
            while start + 1 < stop and data[start] == ZERO and ZERO <= data[start + 1] <= NINE:
                start += 1
        for i in range(start, stop):
            lexicon.forms[at] = data[i]
            at += 1
        lexicon.keys[word] = hash_text(lexicon.forms, begin, at)
        lexicon.ends[word + 1] = at


@njit
def find_phrase(
    keys: Keys, actions: Numbers, hashes: Keys, line: Numbers, i: Place, size: Place
) -> tuple[int, int]:
    """The longest phrase that begins there.

    keys, actions : as in `Phrases`
    hashes, line, size : of each word, words of an address, and how many they are; -1 is a comma

    Returns
    -------
    How many words it has, and what is done with it; 1 and -1 where none does.
    """
    count, action = 1, NOT_THERE
    key = _NONE
    n = 0
    while i + n < size and line[i + n] >= 0:
        key = mix_bytes(key, hashes[line[i + n]])
        known = action_of(keys, actions, key)
        n += 1
        if known < 0:
            break
        if known & KNOWN:
            count, action = n, known
        if not known & BEGINS:
            break
    return count, action


@njit
def rename_end(
    names: Phrases, out: Bytes, begin: Place, places: Numbers, keys: Keys, n_words: int
) -> tuple[Place, bool]:
    """Give the province at the end of an address its name of today.

    The longest of the last words that the table knows is replaced, until nothing changes.

    names : phrases from their last word on; `KNOWN` names, with the place of the name of today
    out : the address, from `begin` on
    places, keys : int32[>= n_words + 5], uint64[...], of each word in it where it begins behind
        `begin`, at last where the next would; and its hash

    Returns
    -------
    Where the address ends, and whether a province got another name.
    """
    at = begin + np.int64(places[n_words]) - 1
    renamed = False
    for _ in range(4):
        key = _NONE
        length, place = 0, NOT_THERE
        for n in range(1, min(n_words, LONGEST_NAME) + 1):
            key = mix_bytes(key, keys[n_words - n])
            known = action_of(names.keys, names.actions, key)
            if known < 0:
                break
            if known & KNOWN:
                name = known >> 8
                # Of an address that is a country alone, the country stays.
                if n < n_words or names.ends[name] < names.ends[name + 1]:
                    length, place = n, name
        if length == 0:
            break
        n_words -= length
        start = begin + np.int64(places[n_words])
        first, last = np.int64(names.ends[place]), np.int64(names.ends[place + 1])
        if first == last:
            at = start - 1
            continue
        same = last - first == at - start
        if same:
            for k in range(last - first):
                same &= names.texts[first + k] == out[start + k]
        if same:
            break
        renamed = True
        at = start
        for k in range(first, last):
            out[at] = names.texts[k]
            at += 1
        for k in range(start, at + 1):
            if k == at or out[k] == BLANK:
                keys[n_words] = hash_text(out, start, k)
                n_words += 1
                places[n_words] = k + 1 - begin
                start = np.int64(k + 1)
    return at, renamed


@inner
def _write_places(
    phrases: Phrases,
    names: Phrases,
    lexicon: Lexicon,
    words: Numbers,
    begins: Numbers,
    pieces: Numbers,
    first: Numbers,
    row: int,
    line: Numbers,
    shorts: Numbers,
    out: Bytes,
    out_offsets: Offsets,
    renamed: npt.NDArray[np.bool_],
    places: Numbers,
    keys: Keys,
) -> int:
    """`write_places` with its scratch, int32 and uint64[size + 8]."""
    actions, natures, hashes = lexicon.actions, lexicon.natures, lexicon.hashes
    forms, ends = lexicon.forms, lexicon.ends
    target, source, room = out, line, line.shape[0]
    at = np.int64(out_offsets[row])
    while row < first.shape[0] - 1:
        size = 0
        for p in range(first[row], first[row + 1]):
            begin, stop = begins[pieces[p]], begins[pieces[p] + 1]
            if size + stop - begin > room:
                return row
            for k in range(begin, stop):
                source[size] = words[k]
                shorts[size] = 0
                size += 1
        start = at
        reread = True
        n_words = 0
        while reread:
            at = start
            n_words = 0
            kept = reread = False
            beginning = 1
            i = 0
            while i < size:
                word = source[i]
                short = shorts[i]
                if word < 0:
                    beginning = 1
                    reread |= kept
                    i += 1
                    continue
                following = i + 1
                nature = NUMBERED if short else np.int64(natures[word])
                action = NOT_THERE if short else np.int64(actions[word])
                if action >= 0:
                    begins_more = action & BEGINS != 0
                    if begins_more:
                        count, action = find_phrase(
                            phrases.keys, phrases.actions, hashes, source, i, size
                        )
                        following = i + count
                    while following < size and source[following] < 0:
                        following += 1
                    if action >= 0 and following < size:
                        numbered = (
                            natures[source[following]] & DIGIT != 0 and shorts[following] == 0
                        )
                        taken = beginning or not action & AT_START
                        if taken and action & (DROP_NUMBER if numbered else DROP_NAME):
                            reread |= kept
                            i = following
                            continue
                        if numbered and action & JOIN_NUMBER:
                            short = np.int32(1 + (action >> 8))
                            word = source[following]
                            nature = NUMBERED
                            i = following
                    if not short and (action >= 0 or begins_more):
                        kept = True
                i += 1
                if short:
                    while i < size and source[i] < 0:
                        i += 1
                beginning = int(nature)
                places[n_words] = at - start
                keys[n_words] = lexicon.keys[word]
                source[n_words] = word
                shorts[n_words] = short
                n_words += 1
                if short:
                    keys[n_words - 1] = _NONE  # no name of a province has a number in it
                    for k in range(phrases.ends[short - 1], phrases.ends[short]):
                        target[at] = phrases.texts[k]
                        at += 1
                # Eight bytes at once: what is written beyond the word is written over afterwards.
                length = np.int64(ends[word + 1] - ends[word])
                for k in range(0, length, 8):
                    store_bytes(target, at + k, load_bytes(forms, ends[word] + k))
                target[at + length] = BLANK
                at += length + 1
            size = n_words
        renamed[row] = False
        if n_words > 0:
            places[n_words] = at - start
            stop_at, renamed[row] = rename_end(names, target, start, places, keys, n_words)
            at = np.int64(stop_at)
        row += 1
        out_offsets[row] = at
    return row


@allocating
def write_places(
    phrases: Phrases,
    names: Phrases,
    lexicon: Lexicon,
    words: Numbers,
    begins: Numbers,
    pieces: Numbers,
    first: Numbers,
    row: int,
    line: Numbers,
    shorts: Numbers,
    out: Bytes,
    out_offsets: Offsets,
    renamed: npt.NDArray[np.bool_],
) -> int:
    """Write addresses without the words that only say what a place is.

    ``P 03`` becomes P3, ``PHƯỜNG BẾN NGHÉ`` BẾN NGHÉ; words that may be part of a name (DUONG) are
    only taken for a kind of place where a part of the address begins, or after a number. What was
    written is read again, without commas, where a kind of place was kept and something behind it
    dropped or parted, so that reading the result changes nothing.

    phrases, names : kinds of places, and names of provinces as `rename_end` reads them
    words, begins : int32[n_found], int32[n_different + 1], the words of each different piece
        between blanks; -1 is a comma
    pieces, first : int32[n_pieces], int32[n + 1], the pieces of each address
    row : the address to go on from
    line, shorts : int32[size], scratch: words, and 1 + the place of a short form before them
    out, out_offsets : uint8[n_bytes + 64 * n + 8], int32[n + 1], filled; starts with 0
    renamed : bool[n], filled: addresses whose province got another name

    Returns
    -------
    The address to go on from with a longer line, n where all is done.
    """
    room = line.shape[0] + 8
    return _write_places(
        phrases, names, lexicon, words, begins, pieces, first, row, line, shorts, out, out_offsets,
        renamed, np.empty(room, np.int32), np.empty(room, np.uint64),
    )  # fmt: skip
