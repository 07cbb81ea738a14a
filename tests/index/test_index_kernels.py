import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

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
