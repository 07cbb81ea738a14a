"""The text kernels against their textbook twins."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import standardise as naive

from mpi.records.text import text_buffers
from mpi.standardise import _kernels
from mpi.standardise.alphabets import CODES, DIGITS, MAIL, NAMES, WORDS

ALPHABETS = {"names": NAMES, "words": WORDS, "codes": CODES, "digits": DIGITS, "mail": MAIL}
plain_text = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), max_size=20)
letters = st.text("ab\u1ea5 ", max_size=24)
"""Few letters, so that many texts share their first eight or sixteen bytes."""


def buffers(texts):
    return text_buffers(pa.array(texts, pa.string()))


@pytest.mark.parametrize("name", sorted(ALPHABETS))
@given(texts=st.lists(plain_text, min_size=1, max_size=6))
def test_fold_text_as_its_twin(name, texts):
    data, offsets = buffers(texts)
    results = []
    for fold_text in (_kernels.fold_text, naive.fold_text):
        out = np.zeros(len(data) + 1, np.uint8)
        out_offsets = np.zeros(len(texts) + 1, np.int32)
        marks = np.zeros(len(texts), np.uint8)
        fold_text(data, offsets, *ALPHABETS[name].table, out, out_offsets, marks)
        results.append((bytes(out[: out_offsets[-1]]), out_offsets.tolist(), marks.tolist()))
    assert results[0] == results[1]


def test_fold_text_stays_inside_broken_utf8():
    data = np.array([0x41, 0xE1, 0xBA, 0xC3], np.uint8)
    offsets = np.array([0, 3, 4], np.int32)
    out = np.zeros(4, np.uint8)
    out_offsets, marks = np.zeros(3, np.int32), np.zeros(2, np.uint8)
    _kernels.fold_text(data, offsets, *WORDS.table, out, out_offsets, marks)
    assert out_offsets.tolist() == [0, 0, 0]
    assert (marks & 1).tolist() == [1, 1]


@given(st.lists(letters | plain_text.map(lambda t: t.replace("\0", "")), max_size=60))
def test_sort_text_as_its_twin(texts):
    data, offsets = buffers(texts)
    results = []
    for sort_text in (_kernels.sort_text, naive.sort_text):
        order = np.zeros(len(texts), np.int32)
        same = np.zeros(len(texts), np.bool_)
        sort_text(data, offsets, order, same)
        results.append(([texts[i] for i in order], same.tolist()))
        assert sorted(order.tolist()) == list(range(len(texts)))
    assert results[0] == results[1]


@pytest.mark.parametrize("length", [7, 8, 9, 15, 16, 17, 64])
def test_sort_text_around_the_eight_byte_word(length):
    texts = ["a" * length + str(i % 7) for i in range(200)] + ["a" * length] * 20
    data, offsets = buffers(texts)
    order, same = np.zeros(len(texts), np.int32), np.zeros(len(texts), np.bool_)
    _kernels.sort_text(data, offsets, order, same)
    assert [texts[i] for i in order] == sorted(texts)
    assert int((~same).sum()) == len(set(texts))


def test_sort_text_of_many_alike():
    """More open parts than the first stack holds would be lost if it did not grow."""
    rng = np.random.default_rng(1)
    texts = [f"{a:06d}" for a in rng.integers(0, 500_000, 40_000)]
    data, offsets = buffers(texts)
    order, same = np.zeros(len(texts), np.int32), np.zeros(len(texts), np.bool_)
    _kernels.sort_text(data, offsets, order, same)
    assert [texts[i] for i in order] == sorted(texts)


@given(st.lists(letters, min_size=1, max_size=12))
def test_sort_few_as_its_twin(texts):
    data, offsets = buffers(texts)
    results = []
    for kernels in (_kernels, naive):
        order = np.arange(len(texts), dtype=np.int32)
        same = np.zeros(len(texts), np.bool_)
        words = np.array(
            [naive.word_at(data, a, b) for a, b in pairwise(offsets.tolist())],
            np.uint64,
        )
        kernels.sort_few(data, offsets, order, same, words, 0, len(texts) - 1, 0)
        results.append(([texts[i] for i in order], same.tolist()))
    assert results[0] == results[1]


@given(letters, letters)
def test_words_and_comparison_as_their_twins(a, b):
    data, offsets = buffers([a, b])
    ends = (int(offsets[0]), int(offsets[1]), int(offsets[1]), int(offsets[2]))
    assert int(_kernels.word_at(data, *ends[:2])) == naive.word_at(data, *ends[:2])
    assert _kernels.compare_text(data, *ends) == naive.compare_text(data, *ends)
