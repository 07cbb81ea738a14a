from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from index.nights import night

from mpi.index import upsert as room
from mpi.index.upsert import Change, empty, upsert
from mpi.records import keys

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.builds("{}:{}".format, st.sampled_from("abc"), st.sampled_from("123456")),
            "full_name": st.sampled_from([None, "An", "Ba"]),
            "updated_at": st.sampled_from([None, "2024-01-01", "2024-01-02"]),
        }
    ),
    unique_by=lambda row: row["key"],
    max_size=10,
)


def nights(first, second, gone):
    names = {row["key"] for row in second}
    deleted = [row for row in gone if row["key"] not in names]
    one = upsert(empty(), night(*first))
    return one, upsert(one.stored, night(*second, deleted=deleted))


def older(row, time):
    return bool(row["updated_at"] and time and row["updated_at"] < time)


@given(ROWS, ROWS, ROWS)
def test_a_merge_is_what_a_dictionary_makes_of_it(first, second, gone):
    large, keys.MANY = keys.MANY, 0
    try:
        one, two = nights(first, second, gone)
    finally:
        keys.MANY = large
    _, small = nights(first, second, gone)
    for found in (two, small):
        held = {row["key"]: row for row in first}
        time = {key: row["updated_at"] for key, row in held.items()}
        back = {row["key"] for row in second}
        left = {
            row["key"]
            for row in gone
            if row["key"] in held.keys() - back and not older(row, time[row["key"]])
        }
        change = dict.fromkeys(held.keys() - left, Change.NONE)
        for row in second:
            key = row["key"]
            old = held.get(key)
            if old is None:
                held[key], change[key] = row, Change.NEW
            elif row != old and not older(row, time[key]):
                held[key], change[key] = row, Change.CHANGED
        for key in left:
            del held[key]
        data = found.stored.data.select(["source", "record_id", "full_name", "updated_at"])
        rows = data.to_pylist()
        assert [f"{r['source']}:{r['record_id']}" for r in rows] == sorted(held)
        assert [(r["full_name"], r["updated_at"]) for r in rows] == [
            (held[key]["full_name"], held[key]["updated_at"]) for key in sorted(held)
        ]
        assert found.change.tolist() == [change[key] for key in sorted(held)]
        before = [f"{r['source']}:{r['record_id']}" for r in one.stored.data.to_pylist()]
        known = [before.index(key) if key in before else -1 for key in sorted(held)]
        assert found.origin.tolist() == known
    assert two.stored.data.equals(small.stored.data)
    np.testing.assert_array_equal(two.left, small.left)


def test_the_first_night_copies_nothing():
    records = night({"key": "a:1", "full_name": "An"}, {"key": "b:1", "full_name": "Ba"})
    stored = upsert(empty(), records).stored
    for name in ("source", "full_name"):
        own, came = stored.data[name].chunk(0), records.data[name].chunk(0)
        assert own.buffers()[2].address == came.buffers()[2].address


@pytest.mark.parametrize("many", [0, keys.MANY])
def test_rows_may_come_in_any_order(monkeypatch, many):
    monkeypatch.setattr(keys, "MANY", many)
    one = upsert(empty(), night({"key": "a:1"}, {"key": "a:3"}, {"key": "b:1"})).stored
    came = night({"key": "a:2", "full_name": "An"}, {"key": "a:0"}, {"key": "b:1", "phone": "5"})
    data = came.data.take([2, 1, 0])
    came = type(came)(data, came.fields, came.fates, came.deleted)
    found = upsert(one, came)
    assert found.stored.data["record_id"].to_pylist() == ["0", "1", "2", "3", "1"]
    assert found.stored.data["phone"].to_pylist() == [None, None, None, None, "5"]
    assert found.change.tolist() == [1, 0, 1, 0, 2]


def test_a_first_night_is_any_night_to_an_empty_index(monkeypatch):
    records = night(
        {"key": "a:1", "full_name": "An"}, {"key": "b:1", "updated_at": "2024-01-02", "phone": "5"}
    )
    first = upsert(empty(), records)
    monkeypatch.setattr(room, "keys_ascend", lambda table: False)
    slowly = upsert(empty(), records)
    assert first.stored.data.equals(slowly.stored.data)
    assert first.stored.deleted.equals(slowly.stored.deleted)
    assert first.stored.deleted.schema.equals(slowly.stored.deleted.schema)
    assert (first.stored.fields, first.older) == (slowly.stored.fields, slowly.older)
    for one, two in ((first, slowly), (slowly, first)):
        for name in ("origin", "change", "left"):
            np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
            assert getattr(one, name).dtype == getattr(two, name).dtype


@pytest.mark.parametrize(("largest", "pieces"), [(2**31 - 1, 1), (0, 2)])
def test_columns_are_put_in_one_piece_where_one_can_hold_them(monkeypatch, largest, pieces):
    monkeypatch.setattr(room, "_LARGEST", largest)
    one, two = night({"key": "a:1", "full_name": "An"}), night({"key": "b:1"})
    both = replace(one, data=pa.concat_tables([one.data, two.data]))
    data = upsert(empty(), both).stored.data
    assert [column.num_chunks for column in data.columns] == [pieces] * data.num_columns
    assert data.to_pylist() == both.data.to_pylist()
