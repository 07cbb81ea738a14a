"""From UTF-8 text to units, letter sets and numbered words, in one pass over the bytes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import inlined, inner, njit

WIDTH = 64
MOST_WORDS = 16
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
SEED = np.uint64(0x51ED270B9F2D3C4D)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@njit
def mix_unit(state: np.uint64, unit: np.uint64) -> np.uint64:
    """One step of a 64-bit hash over units (multiply and shift as in SplitMix64)."""
    x = (state ^ unit) * _FIRST
    x ^= x >> np.uint64(29)
    x *= _SECOND
    return np.uint64(x ^ (x >> np.uint64(32)))


class Dictionary(NamedTuple):
    """Words numbered by first appearance.

    slots : int64[2**k, 2], an open-addressing table: hash of a word and its number, -1 where free
    hashes : int64[2**(k - 1)], by number
    places : int64[2**(k - 1)], by number, first byte << 16 | bytes (at most 65,535) in the text
        where the word first appeared
    """

    slots: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]


def make_dictionary(slots: int) -> Dictionary:
    """An empty dictionary of 2**k slots for half as many words."""
    room = np.full((slots, 2), -1, np.int64)
    return Dictionary(room, np.zeros(slots // 2, np.int64), np.zeros(slots // 2, np.int64))


def widen(old: Dictionary, n_known: int, words: int) -> Dictionary:
    """The same dictionary, with room for so many further words."""
    slots = len(old.slots)
    if n_known + words <= slots // 2:
        return old
    while slots // 2 < n_known + words:
        slots *= 4
    new = make_dictionary(slots)
    new.hashes[:n_known] = old.hashes[:n_known]
    new.places[:n_known] = old.places[:n_known]
    _enter_words(new.slots, new.hashes[:n_known])
    return new


@inlined
def _slot_of(slots: npt.NDArray[np.int64], word: np.int64) -> int:
    """Where a word is, or belongs."""
    mask = len(slots) - 1
    slot = int(word) & mask
    while slots[slot, 1] >= 0 and slots[slot, 0] != word:
        slot = (slot + 1) & mask
    return slot


@njit
def _enter_words(slots: npt.NDArray[np.int64], hashes: npt.NDArray[np.int64]) -> None:
    for number in range(len(hashes)):
        slot = _slot_of(slots, hashes[number])
        slots[slot, 0] = hashes[number]
        slots[slot, 1] = number


@inner
def _number_of(known: Dictionary, word: np.int64, place: int, n_known: int) -> int:
    """The number of a word, `n_known` where it is entered now."""
    slot = _slot_of(known.slots, word)
    if known.slots[slot, 1] < 0:
        known.slots[slot, 0] = word
        known.slots[slot, 1] = n_known
        known.hashes[n_known] = word
        known.places[n_known] = place
    return int(known.slots[slot, 1])


@njit
def encode_text(
    raw: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folding: npt.NDArray[np.uint32],
    depth: int,
    worded: bool,
    info: npt.NDArray[np.int64],
    units: npt.NDArray[np.uint16],
    words: npt.NDArray[np.int64],
    dictionary: Dictionary,
    spelt: npt.NDArray[np.int64],
    spellings: Dictionary,
    done: npt.NDArray[np.int64],
) -> None:
    """Fold values to base letters and take them apart, until a dictionary may be too small.

    raw, offsets : UTF-8 bytes, int64[n_values + 1]
    folding : uint32[65536], letter -> base letter | second base letter << 16, 0 to drop it
    depth : a letter's first `depth` occurrences are marked in LETTERS, letters shared among
        64 / depth places; 2 suits words, 4 suits digits
    worded : whether values are made of words
    info : int64[n_values, 8], columns 0 to 6 as in `Values`; filled here. A text's identity is a
        64-bit hash, so FOLD and SORTED need no dictionary.
    units : uint16, those of all fields; at most 64 of a value are kept
    words : int64, those of all fields, as in `Values`
    spelt : int64, as long as `words`, number of each word as it is spelt, accents included; or
        int64[0] where nobody asks for it
    done : int64[5], values of this field, and units, words, different words and spellings of all
        fields that are done; told here
    """
    n_units = done[1]
    n_words = done[2]
    n_known = done[3]
    n_spelt = done[4]
    n_values = len(offsets) - 1
    v = done[0]
    low = (_ONE << np.uint64(depth)) - _ONE
    while v < n_values:
        at, end = offsets[v], offsets[v + 1]
        room = (end - at) // 2 + 1
        if worded and n_known + room > len(dictionary.hashes):
            break
        if len(spelt) > 0 and n_spelt + room > len(spellings.hashes):
            break
        begin = n_units
        first_word = n_words
        whole = SEED
        word = SEED
        exact = SEED
        letters = _ZERO
        together = _ZERO
        in_word = 0
        shape = 0
        place = at
        while at <= end:
            lead = int(raw[at]) if at < end else 32
            size = 1
            code = lead
            if lead >= 240:
                code = int(raw[at + 1] & 63) << 12 | int(raw[at + 2] & 63) << 6
                code |= (lead & 7) << 18 | int(raw[at + 3] & 63)
                size = 4
            elif lead >= 224:
                code = (lead & 15) << 12 | int(raw[at + 1] & 63) << 6 | int(raw[at + 2] & 63)
                size = 3
            elif lead >= 192:
                code = (lead & 31) << 6 | int(raw[at + 1] & 63)
                size = 2
            if code == 32:
                if in_word > 0 and worded:
                    where = place << 16 | min(at - place, 0xFFFF)
                    number = _number_of(dictionary, np.int64(word), where, n_known)
                    n_known = max(n_known, number + 1)
                    words[n_words] = number << 24 | shape << 8 | min(in_word, 127)
                    if len(spelt) > 0:
                        number = _number_of(spellings, np.int64(exact), where, n_spelt)
                        n_spelt = max(n_spelt, number + 1)
                        spelt[n_words] = number
                    together += mix_unit(SEED, word)
                    n_words += 1
                word = SEED
                exact = SEED
                in_word = 0
                place = at + 1
            else:
                exact = mix_unit(exact, np.uint64(code))
                # A letter outside the basic plane shares a unit, which only fuzzy levels see.
                rest = int(folding[code]) if code < 65536 else code & 0x7FFF | 0x8000
                while rest != 0:
                    unit = rest & 0xFFFF
                    rest >>= 16
                    whole = mix_unit(whole, np.uint64(unit))
                    word = mix_unit(word, np.uint64(unit))
                    if in_word == 0:
                        shape = unit
                    in_word += 1
                    if n_units - begin < WIDTH:
                        units[n_units] = unit
                        place_of = np.uint64((unit & (64 // depth - 1)) * depth)
                        # The next of the letter's bits, or all of them again: no branch to guess.
                        mine = (letters >> place_of) & low
                        letters |= ((mine << _ONE | _ONE) & low) << place_of
                        n_units += 1
            at += size
        info[v, 0] = begin
        info[v, 1] = n_units - begin
        info[v, 2] = np.int64(whole)
        info[v, 3] = np.int64(together) if n_words > first_word else -1
        info[v, 4] = np.int64(letters)
        info[v, 5] = first_word
        info[v, 6] = min(n_words - first_word, MOST_WORDS)
        v += 1
    done[0] = v
    done[1] = n_units
    done[2] = n_words
    done[3] = n_known
    done[4] = n_spelt
