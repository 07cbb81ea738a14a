import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import index as naive

from mpi.index import _kernels_chain as kernels
from mpi.index import chain
from mpi.index.keys import bucket_numbers
from mpi.records.keys import find_keys


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), unique=True, max_size=30))
def test_find_keys_is_a_dictionary(keys):
    def table(pairs):
        schema = pa.schema([("source", pa.string()), ("record_id", pa.string())])
        sources, records = ([p[i] for p in pairs] for i in (0, 1))
        return pa.table([sources, records], schema=schema)

    half = keys[: len(keys) // 2]
    rows = {key: row for row, key in enumerate(half)}
    assert find_keys(table(keys), table(half)).tolist() == [rows.get(key, -1) for key in keys]


def test_keys_that_look_alike_are_told_apart():
    columns = ["source", "record_id"]
    table = pa.table([["a", "a:b", "1"], ["b:c", "c", "0:x"]], columns)
    wanted = pa.table([["a:b", "a", "1", "0", "1:0"], ["c", "b:c", "0:x", "1:x", "x"]], columns)
    assert find_keys(wanted, table).tolist() == [1, 0, 2, -1, -1]


def test_buckets_are_even_and_do_not_depend_on_chunks():
    keys = pa.table([["a"] * 8000, [str(i) for i in range(8000)]], ["source", "record_id"])
    numbers = bucket_numbers(keys.columns, 16)
    counts = np.bincount(numbers, minlength=16)
    assert len(counts) == 16
    assert counts.min() > 400 and counts.max() < 600
    pieces = pa.concat_tables([keys.slice(0, 1), keys.slice(1, 4000), keys.slice(4001)])
    np.testing.assert_array_equal(bucket_numbers(pieces.columns, 16), numbers)


# With the hash before it a row fills one block of 128 bytes, or begins another one.
SIZES = [0, 1, 56, 111, 112, 113, 127, 128, 239, 240, 241, 500]


@pytest.mark.parametrize("sizes", [[], *([size] for size in SIZES), SIZES], ids=str)
def test_chain_rows_is_its_twin(sizes):
    random = np.random.default_rng(len(sizes))
    offsets = np.append(0, np.cumsum(sizes)).astype(np.int32)
    content = random.integers(0, 256, offsets[-1]).astype(np.uint8)
    before = random.integers(0, 256, 16).astype(np.uint8)
    fast, slow = np.zeros((2, len(sizes), 16), np.uint8)
    kernels.chain_rows(offsets, content, before, fast)
    naive.chain_rows(offsets, content, before, slow)
    np.testing.assert_array_equal(fast, slow)


def test_events_are_chained_alike_by_the_kernel_and_by_the_library(monkeypatch):
    events = pa.table({"sequence": range(9), "kind": ["created", None, "é"] * 3})
    monkeypatch.setattr(chain, "_SLICE", 4)
    monkeypatch.setattr(chain, "_FEW", 0)
    fast = chain.hashes(events)
    monkeypatch.setattr(chain, "_FEW", 100)
    monkeypatch.delitem(sys.modules, chain._KERNELS)
    assert chain.hashes(events) == fast


def test_a_break_is_found_in_a_later_part(monkeypatch):
    monkeypatch.setattr(chain, "EVENTS_PER_FILE", 4)
    whole, _ = chain.chain(pa.table({"sequence": range(11)}), chain.BEGINNING)
    assert chain.broken_at(whole, chain.BEGINNING) is None
    wrong = pa.concat_tables([whole.slice(0, 9), whole.slice(10)])
    assert chain.broken_at(wrong, chain.BEGINNING) == 9
