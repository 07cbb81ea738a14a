"""One pass over the bytes against a letter-by-letter twin."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from naive import encode as naive

from mpi.encode._kernels import encode_text, make_dictionary, mix_unit, widen
from mpi.encode._kernels_group import mix_codes
from mpi.encode.distinct import mix
from mpi.standardise.fold import folding_table

MASK = 2**64 - 1
LETTERS = "ABC  ĐÊẾƠỰ'7Æ漢\U0001f600\U00020000"


@given(st.integers(0, MASK), st.integers(0, 0xFFFF))
def test_mix_unit(state: int, unit: int) -> None:
    assert int(mix_unit(np.uint64(state), np.uint64(unit))) == naive.mix_unit(state, unit)


@given(
    st.lists(st.lists(st.text(LETTERS, max_size=90), min_size=1, max_size=8), max_size=3),
    st.booleans(),
    st.booleans(),
    st.sampled_from([2, 64]),
)
def test_encode_text(fields: list[list[str]], worded: bool, named: bool, slots: int) -> None:
    """Field after field, with a dictionary that is soon too small or never."""
    depth = 2 if worded else 4
    named = named and worded
    n_bytes = sum(len(value.encode()) + 1 for values in fields for value in values)
    units, words = np.zeros(n_bytes, np.uint16), np.zeros(n_bytes, np.int64)
    spelt = np.zeros(n_bytes if named else 0, np.int64)
    dictionary, spellings = make_dictionary(slots), make_dictionary(slots)
    done = np.zeros(5, np.int64)
    spelled: dict[int, int] = {}
    first: dict[int, tuple[int, bytes]] = {}  # hash of a word -> its number and its text
    n_units = n_words = 0
    for values in fields:
        data = [v.encode() for v in values]
        raw = np.frombuffer(b"".join(data) + b" ", np.uint8)
        offsets = np.concatenate([[0], np.cumsum([len(d) for d in data])]).astype(np.int64)
        info = np.zeros((len(values), 8), np.int64)
        done[0] = 0
        known = int(done[3])
        while done[0] < len(values):
            at = int(done[0])
            room = int(offsets[at + 1] - offsets[at]) // 2 + 1
            dictionary = widen(dictionary, int(done[3]), room)
            spellings = widen(spellings, int(done[4]), room)
            text = (raw, offsets, folding_table(), depth, worded)
            encode_text(*text, info, units, words, dictionary, spelt, spellings, done)
            assert done[0] > at or not worded
        for place in dictionary.places[known : int(done[3])].tolist():
            text_of = raw[place >> 16 : (place >> 16) + (place & 0xFFFF)].tobytes()
            assert text_of.decode().strip() == text_of.decode()
            word_hash = int(dictionary.hashes[len(first)]) & MASK
            assert word_hash == naive.hash_of(naive.joined(text_of.decode()))
            first[word_hash] = len(first), text_of
        for row, value in zip(info.tolist(), values, strict=True):
            wanted = naive.encode_text(value, depth)
            begin, length, fold, in_order, letters, word, held = row[:7]
            assert (begin, length) == (n_units, len(wanted["units"]))
            assert units[begin : begin + length].tolist() == wanted["units"]
            assert (fold & MASK, letters & MASK) == (wanted["fold"], wanted["letters"])
            n_units += length
            if worded:
                assert in_order & MASK == wanted["sorted"]
                assert (word, held) == (n_words, min(16, len(wanted["words"])))
                for k, (hashed, shape) in enumerate(wanted["words"]):
                    assert words[word + k] == first[hashed][0] << 24 | shape
                for k, hashed in enumerate(wanted["exact"] if named else []):
                    assert spelt[word + k] == spelled.setdefault(hashed, len(spelled))
                n_words += len(wanted["words"])
            else:
                assert (in_order, held) == (-1, 0)
        assert done.tolist() == [len(values), n_units, n_words, len(first), len(spelled)]
    assert not units[n_units:].any()
    assert not words[n_words:].any()


@given(st.lists(st.tuples(st.integers(0, MASK), st.integers(-1, 2**31 - 1)), max_size=9))
def test_mix_codes(rows: list[tuple[int, int]]) -> None:
    states = np.array([s for s, _ in rows], np.uint64)
    codes = np.array([c for _, c in rows], np.int64)
    wanted = naive.mix_codes(states.tolist(), codes.tolist())
    assert mix(states, codes).tolist() == wanted
    mix_codes(states, codes)
    assert states.tolist() == wanted
