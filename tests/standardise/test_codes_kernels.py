"""The kernels that number texts against their textbook twins, and the functions on top of them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import standardise as naive

from mpi.records.text import text_buffers
from mpi.standardise import _kernels_codes
from mpi.standardise.encode import MANY, encode, number, rank

BOTH = (_kernels_codes, naive)
words = st.integers(0, 2**64 - 1)
texts = st.lists(st.none() | st.text("ab\u1ea5", max_size=20), max_size=80)
digits = st.lists(st.text("0123", max_size=14) | st.text("AB9", max_size=3), max_size=60)


@given(words, words)
def test_mix_bytes_as_its_twin(state, piece):
    mixed = _kernels_codes.mix_bytes(np.uint64(state), np.uint64(piece))
    assert int(mixed) == naive.mix_bytes(state, piece)


@given(st.lists(words, min_size=1, max_size=8), st.integers(2, 4))
def test_move_entries_as_its_twin(hashes, columns):
    table = np.zeros((8, columns), np.uint64)
    table[: len(hashes)] = [(h, *range(i + 1, i + columns)) for i, h in enumerate(hashes)]
    moved = []
    for kernels in BOTH:
        larger = np.zeros((16, columns), np.uint64)
        kernels.move_entries(table, larger)
        moved.append(larger.tolist())
    assert moved[0] == moved[1]


@given(texts)
def test_number_texts_as_its_twin(values):
    column = pa.array(values, pa.string())
    data, offsets = text_buffers(column)
    present = np.array([v is not None for v in values], np.bool_)
    results = []
    for kernels in BOTH:
        codes, rows = np.zeros(len(values), np.int32), np.zeros(len(values), np.int32)
        table = np.zeros((1 << 9, 2), np.uint64)
        row, n = kernels.number_texts(data, offsets, present, table, 0, 0, codes, rows)
        results.append((row, codes.tolist(), rows[:n].tolist()))
    assert results[0] == results[1]


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16, 17, 65_534, 65_535, 65_536])
def test_texts_that_differ_in_their_last_letter_or_in_length(length):
    values = ["a" * length, "a" * (length - 1) + "b", "a" * (length + 1), "a" * length, "", ""]
    codes, rows = number(pa.array(values))
    assert codes.tolist() == [0, 1, 2, 0, 3, 3] and rows.tolist() == [0, 1, 2, 4]


def test_numbers_of_many_texts():
    """The table grows several times; a slice has its texts at other places."""
    rng = np.random.default_rng(1)
    column = pa.array(
        [None if i % 7 == 0 else f"text {i}" for i in rng.integers(0, 30_000, 90_000)]
    )
    sliced = column.slice(11, 80_000)
    codes, rows = number(sliced)
    arrow = sliced.dictionary_encode()
    assert codes.tolist() == arrow.indices.fill_null(-1).to_pylist()
    assert sliced.take(pa.array(rows)).equals(arrow.dictionary)


@pytest.mark.parametrize("n_chunks", [1, 3])
def test_a_long_column_is_encoded_as_a_short_one(n_chunks):
    values = [None if i % 5 == 0 else str(i * i % 1013) for i in range(MANY + 10)]
    size = -(-len(values) // n_chunks)
    long = encode(pa.chunked_array([values[i : i + size] for i in range(0, len(values), size)]))
    short = encode(pa.chunked_array([values[:5_000]]))  # holds every value
    assert long.values.equals(short.values)
    assert long.codes[:5_000].tolist() == short.codes.tolist()
    assert int(long.counts.sum()) == sum(v is not None for v in values)


@given(digits)
def test_texts_are_packed_sorted_and_ranked_as_by_the_twins(values):
    data, offsets = text_buffers(pa.array(values, pa.string()))
    results = []
    for kernels in BOTH:
        n = len(values)
        keys, order = np.zeros(n, np.uint64), np.zeros(n, np.int32)
        bits = kernels.pack_texts(data, offsets, keys)
        found = [bits, keys.tolist()]
        kernels.sort_keys(keys, bits, order, np.empty_like(keys), np.empty_like(order))
        found += [keys.tolist(), order.tolist()]
        codes, rows = np.zeros(n, np.int32), np.zeros(n, np.int32)
        n_ranks = kernels.rank_keys(keys, order, codes, rows)
        results.append([*found, codes.tolist(), rows[:n_ranks].tolist()])
    assert results[0] == results[1]


def test_texts_that_do_not_fit_a_number_are_not_packed():
    rng = np.random.default_rng(2)
    wide = ["".join(map(chr, rng.integers(65, 91, 16))) for _ in range(300)]
    for values in (wide, ["1" * 25], ["ab" * 8 + str(i) for i in range(90)] + wide):
        data, offsets = text_buffers(pa.array(values))
        for kernels in BOTH:
            assert kernels.pack_texts(data, offsets, np.zeros(len(values), np.uint64)) == 0


@pytest.mark.parametrize("letters", ["0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ\u1ea4"])
def test_ranks_of_many_texts(letters):
    """Packed into numbers, and sorted as texts."""
    rng = np.random.default_rng(3)
    values = ["".join(rng.choice(list(letters), n)) for n in rng.integers(0, 13, 3_000)]
    values += values[:500]
    ranked, codes = rank(pa.array(values))
    different = sorted({v for v in values if v}, key=str.encode)
    assert ranked.to_pylist() == different
    assert codes.tolist() == [different.index(v) if v else -1 for v in values]
