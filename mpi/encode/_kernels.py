"""From UTF-8 text to units, letter sets and words, in one pass over the bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import njit

WIDTH = 64
_ZERO = np.uint64(0)
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


@njit
def encode_text(
    raw: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    folding: npt.NDArray[np.uint32],
    depth: int,
    info: npt.NDArray[np.int64],
    units: npt.NDArray[np.uint16],
    word_hash: npt.NDArray[np.int64],
    word_exact: npt.NDArray[np.int64],
    word_place: npt.NDArray[np.int64],
    word_shape: npt.NDArray[np.int64],
) -> tuple[int, int]:
    """Fold every value to base letters and take it apart.

    raw, offsets : UTF-8 bytes, int64[n_values + 1]
    depth : a letter's first `depth` occurrences are marked in LETTERS, letters shared among
        64 / depth places; 2 suits words, 4 suits digits
    folding : uint32[65536], letter -> base letter | second base letter << 16, 0 to drop it
    info : int64[n_values, 8], columns 0 to 6 as in `Values`; filled here. A text's identity is a
        64-bit hash, so FOLD and SORTED need no dictionary.
    units : uint16[n_bytes], at most 64 of a value are kept
    word_hash, word_exact, word_place, word_shape : int64[(n_bytes + n_values) / 2 + 1], of each
        word its hash, that of its letters as they are, first byte << 16 | bytes, first unit << 8 |
        units; or empty where words are not wanted

    Returns the units and the words written.
    """
    n_units = 0
    n_words = 0
    for v in range(len(offsets) - 1):
        at, end = offsets[v], offsets[v + 1]
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
                if in_word > 0 and len(word_hash) > 0:
                    word_hash[n_words] = np.int64(word)
                    word_exact[n_words] = np.int64(exact)
                    word_place[n_words] = place << 16 | min(at - place, 0xFFFF)
                    word_shape[n_words] = shape << 8 | min(in_word, 127)
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
                        place_of = (unit & (64 // depth - 1)) * depth
                        for k in range(place_of, place_of + depth):
                            bit = np.uint64(1) << np.uint64(k)
                            if not letters & bit:
                                letters |= bit
                                break
                        n_units += 1
            at += size
        info[v, 0] = begin
        info[v, 1] = n_units - begin
        info[v, 2] = np.int64(whole)
        info[v, 3] = np.int64(together) if n_words > first_word else -1
        info[v, 4] = np.int64(letters)
        info[v, 5] = first_word
        info[v, 6] = n_words - first_word
    return n_units, n_words
