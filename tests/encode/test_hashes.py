"""Hashes of texts against a byte-by-byte twin."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from naive import encode as naive

from mpi.encode import _kernels_group
from mpi.encode.hashes import FIRST_HASH, text_hashes

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
    every = pa.concat_arrays([column, pa.array(["x"] * 3000, pa.string())])
    np.testing.assert_array_equal(text_hashes(column), text_hashes(every)[: len(column)])
    fast = hashed(_kernels_group.hash_texts, column.to_pylist())
    np.testing.assert_array_equal(text_hashes(column), fast)
