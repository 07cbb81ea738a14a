"""Hashes of texts against a byte-by-byte twin."""

import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import encode as naive

from mpi.encode import _kernels_group
from mpi.encode.distinct import mix, mix_one
from mpi.encode.hashes import FIRST_HASH, hash_one, text_hashes
from mpi.index.keys import bucket_number, bucket_numbers

TEXTS = st.lists(st.text(max_size=6), max_size=20)


def hashed(function, texts):
    column = pa.array(texts, pa.string())
    _, offsets, data = column.buffers()
    hashes = np.full(len(texts), FIRST_HASH, dtype=np.uint64)
    places = np.frombuffer(offsets, np.int32)[: len(texts) + 1]
    function(places, np.frombuffer(data or b"", np.uint8), hashes)
    return hashes


@given(TEXTS)
def test_hash_texts_is_its_twin(texts):
    fast = hashed(_kernels_group.hash_texts, texts)
    np.testing.assert_array_equal(fast, hashed(naive.hash_texts, texts))
    assert len(set(fast.tolist())) == len(set(texts))


@given(TEXTS, st.integers(0, 5))
def test_a_slice_hashes_as_its_texts(texts, start):
    column = pa.array(texts, pa.string())
    np.testing.assert_array_equal(text_hashes(column.slice(start)), text_hashes(column)[start:])


@given(TEXTS, st.integers(0, 3))
def test_few_texts_are_hashed_as_many_are(texts, start):
    """The kernel and the columns of bytes: a bucket must not depend on how many are asked for."""
    column = pa.array(texts, pa.string()).slice(start)
    for more in (50, 3000):
        every = pa.concat_arrays([column, pa.array(["x"] * more, pa.string())])
        np.testing.assert_array_equal(text_hashes(column), text_hashes(every)[: len(column)])
    fast = hashed(_kernels_group.hash_texts, column.to_pylist())
    np.testing.assert_array_equal(text_hashes(column), fast)


@given(TEXTS)
def test_texts_are_hashed_alike_before_a_kernel_is_loaded(texts):
    column = pa.array([*texts, *map(str, range(2500))], pa.string())
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(sys.modules, "mpi.encode._kernels_group", raising=False)
        without = text_hashes(column)
        assert "mpi.encode._kernels_group" not in sys.modules
    np.testing.assert_array_equal(without, text_hashes(column))


@given(st.text(max_size=9), st.text(max_size=9), st.sampled_from([1, 2, 64, 256]))
def test_one_text_is_hashed_as_columns_are(source, record_id, buckets):
    columns = [pa.chunked_array([[part]], pa.string()) for part in (source, record_id)]
    assert hash_one(source.encode()) == int(text_hashes(pa.array([source]))[0])
    assert bucket_number((source, record_id), buckets) == bucket_numbers(columns, buckets)[0]


@given(st.integers(0, 2**64 - 1), st.integers(-(2**63), 2**63 - 1))
def test_one_state_is_mixed_as_many_are(state, code):
    assert mix_one(state, code) == int(mix(np.array([state], np.uint64), np.array([code]))[0])
