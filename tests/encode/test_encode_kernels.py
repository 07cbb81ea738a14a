"""One pass over the bytes against a letter-by-letter twin."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from naive import encode as naive

from mpi.encode._kernels import encode_text, mix_unit
from mpi.standardise.fold import folding_table

MASK = 2**64 - 1
LETTERS = "ABC  ĐÊẾƠỰ'7Æ漢\U0001f600\U00020000"


@given(st.integers(0, MASK), st.integers(0, 0xFFFF))
def test_mix_unit(state: int, unit: int) -> None:
    assert int(mix_unit(np.uint64(state), np.uint64(unit))) == naive.mix_unit(state, unit)


@given(st.lists(st.text(LETTERS, max_size=90), min_size=1, max_size=8), st.booleans())
def test_encode_text(values: list[str], worded: bool) -> None:
    depth = 2 if worded else 4
    data = [v.encode() for v in values]
    raw = np.frombuffer(b"".join(data) + b" ", np.uint8)
    offsets = np.concatenate([[0], np.cumsum([len(d) for d in data])]).astype(np.int64)
    room = (len(raw) + len(values)) // 2 + 1 if worded else 0
    info = np.zeros((len(values), 8), np.int64)
    units = np.empty(len(raw), np.uint16)
    hashes, exact, places, shapes = (np.empty(room, np.int64) for _ in range(4))
    n_units, n_words = encode_text(
        raw, offsets, folding_table(), depth, info, units, hashes, exact, places, shapes
    )
    expected = [naive.encode_text(v, depth) for v in values]
    assert units[:n_units].tolist() == [u for e in expected for u in e["units"]]
    assert n_words == (sum(len(e["words"]) for e in expected) if worded else 0)
    for known, wanted in zip(info.tolist(), expected, strict=True):
        first, length, fold, in_order, letters, word, words = known[:7]
        assert units[first : first + length].tolist() == wanted["units"]
        assert (fold & MASK, letters & MASK) == (wanted["fold"], wanted["letters"])
        if worded:
            assert in_order & MASK == wanted["sorted"]
            found = [(int(hashes[k]) & MASK, int(shapes[k])) for k in range(word, word + words)]
            assert found == wanted["words"]
            assert [int(e) & MASK for e in exact[word : word + words]] == wanted["exact"]
            for k in range(word, word + words):
                text = raw[places[k] >> 16 : (places[k] >> 16) + (places[k] & 0xFFFF)]
                assert text.tobytes().decode().strip() == text.tobytes().decode()
