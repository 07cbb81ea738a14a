"""The word kernels against their textbook twins."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import vietnam as naive

from mpi.records.text import text_buffers
from mpi.standardise.vietnam import _kernels
from mpi.standardise.vietnam.vocabulary import BLANKS, words_of

letters = st.text("ab\u1ea5 \t\n\x01", max_size=30)


def apart(kernels, texts, blanks=BLANKS):
    data, offsets = text_buffers(pa.array(texts, pa.string()))
    numbers = np.zeros((len(data) + len(texts)) // 2 + 1, np.int32)
    first = np.zeros(len(texts) + 1, np.int32)
    mask = np.uint64(sum(1 << ord(blank) for blank in blanks))
    slots = 1 << 16
    table = np.zeros((slots, 4), np.uint64)
    starts, lengths = np.zeros(slots, np.int64), np.zeros(slots, np.int32)
    row, n = kernels.find_words(data, offsets, mask, table, 0, 0, numbers, first, starts, lengths)
    assert row == len(texts)
    return numbers[: first[-1]], first, starts[:n], lengths[:n]


def lists(arrays):
    return [a.tolist() for a in arrays]


@given(st.lists(letters | st.text(max_size=20), min_size=1, max_size=12))
def test_find_words_as_its_twin(texts):
    texts = [t.encode("utf-8", "replace").decode() for t in texts]
    for blanks in (BLANKS, " "):
        assert lists(apart(_kernels, texts, blanks)) == lists(apart(naive, texts, blanks))


def test_words_of_a_large_vocabulary():
    """More words than the first table holds, many of them longer than sixteen bytes."""
    texts = [f"w{i % 9000} longer-than-sixteen-{i % 5000}" for i in range(12_000)]
    numbers, first, starts, lengths = apart(naive, texts)
    words = words_of(pa.array(texts), BLANKS)
    assert lists([words.numbers, words.first]) == lists([numbers, first])
    data = "".join(texts)
    ends = zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
    assert words.different.to_pylist() == [data[a:b] for a, b in ends]


def test_a_text_with_more_words_than_the_table_has_room_for():
    texts = [" ".join(f"w{i}" for i in range(30_000)), "w7 w30001"]
    words = words_of(pa.array(texts), BLANKS)
    assert len(words.different) == 30_001 and words.numbers.tolist()[-2:] == [7, 30_000]


@pytest.mark.parametrize("length", [7, 8, 9, 15, 16, 17, 24, 25])
def test_find_words_around_eight_bytes(length):
    word = "a" * length
    texts = [f"{word} b", word, f"b {word}", f"{word}{word[:-1]}", f"{word} "]
    assert lists(apart(_kernels, texts)) == lists(apart(naive, texts))


@given(
    st.lists(st.sampled_from(["", "A", "LÊ", "NGUYỄN"]), min_size=1, max_size=4),
    st.data(),
)
def test_join_words_as_its_twin(vocabulary, data):
    n = len(vocabulary)
    rows = data.draw(st.lists(st.lists(st.integers(0, n - 1), max_size=5), max_size=5))
    marks = np.array(data.draw(st.lists(st.integers(0, 15), min_size=n, max_size=n)), np.uint32)
    raw = [w.encode() for w in vocabulary]
    offsets = np.cumsum([0, *map(len, raw)]).astype(np.int32)
    words = np.array([w for row in rows for w in row], np.int32)
    first = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    results = []
    for kernels in (_kernels, naive):
        out = np.zeros(sum(len(raw[w]) + 1 for w in words) + 8, np.uint8)
        out_offsets, out_marks = np.zeros(len(rows) + 1, np.int32), np.zeros(len(rows), np.uint32)
        kernels.join_words(
            words, first, np.frombuffer(b"".join(raw) + bytes(8), np.uint8), offsets, marks,
            np.uint32(1), np.uint32(2), out, out_offsets, out_marks,
        )  # fmt: skip
        size = int(out_offsets[-1])
        results.append((bytes(out[:size]), out_offsets.tolist(), out_marks.tolist()))
    assert results[0] == results[1]
