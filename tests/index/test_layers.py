"""What a table reads back as, whatever nights wrote it and folded it."""

import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index.nights import FIRST
from people import people

from mpi.index import MasterIndex
from mpi.index import merge as merging
from mpi.index import snapshot as snapshots
from mpi.index.base import BUCKETED, Base
from mpi.index.files import Files
from mpi.index.manifest import decode, encode
from mpi.index.merge import by_bucket, find_rows, merge
from mpi.index.snapshot import Snapshot, folded
from mpi.index.store import Store
from mpi.index.upsert import Stored
from mpi.records.keys import KEY
from mpi.records.table import RecordTable
from mpi.schema import TABLES

KEYS = [(source, str(number)) for source in "ab" for number in range(8)]
STEP = st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), st.integers(0, 3)), max_size=6)
"""By key a new `since`, or None where the key leaves."""
NIGHT = st.tuples(st.sampled_from(["change", "change", "change", "counted", "kept", "write"]), STEP)


def crosswalk(rows):
    """A crosswalk from a dictionary of key -> since."""
    return pa.Table.from_pylist(
        [
            {"source": key[0], "record_id": key[1], "enterprise_id": f"P{since}", "since": since}
            for key, since in rows
        ],
        schema=TABLES["crosswalk"].schema,
    )


def publish(snapshot):
    stored = Stored(FIRST.data.slice(0, 0), (), (), FIRST.deleted)
    snapshot.publish(stored, FIRST, f"2026-01-{snapshot.sequence:02}T00:00:00+00:00")
    return Base(snapshot.store, *snapshot.store.manifest(snapshot.sequence))


@pytest.fixture
def few_buckets(monkeypatch):
    monkeypatch.setattr(snapshots, "choose_buckets", lambda rows: 4)


def take_night(base, how, step, rows):
    """Publish a night, and bring the dictionary up to it."""
    changed = [(key, since) for key, since in reversed(step.items()) if since is not None]
    gone = crosswalk([(key, 0) for key, since in step.items() if since is None])
    for key, since in step.items():
        rows.pop(key, None)
        if since is not None:
            rows[key] = since
    tonight = Snapshot(base, 0)
    if how == "write":
        tonight.write("crosswalk", crosswalk(sorted(rows.items())))
    elif how == "counted":
        tonight.change("crosswalk", crosswalk(changed), gone)
    else:
        total = len(rows)
        tonight.change("crosswalk", crosswalk(changed), gone, total=total, fold=how == "change")
    return publish(tonight)


def check(base, rows):
    """Every way to read the table gives what the dictionary holds."""
    expected = crosswalk(sorted(rows.items()))
    assert base.table("crosswalk").equals(expected)
    assert base.manifest.rows["crosswalk"] == len(rows)
    assert base.table("crosswalk", ["since"]).equals(expected.select(["since", *KEYS_OF]))
    parts = list(base.buckets("crosswalk"))
    assert len(parts) == base.manifest.buckets
    for part in parts:
        keys = list(zip(*(part[name].to_pylist() for name in KEYS_OF), strict=True))
        assert keys == sorted(keys)
    assert pa.concat_tables(parts).sort_by([(n, "ascending") for n in KEYS_OF]).equals(expected)
    for key in KEYS[::2]:
        told = [row["since"] for row in base.find("crosswalk", *key).to_pylist()]
        assert told == [rows[key] for _ in range(key in rows)]
    wanted = crosswalk([(key, 0) for key in KEYS[::3]]).select(KEYS_OF)
    having = base.having("crosswalk", wanted).sort_by([(n, "ascending") for n in KEYS_OF])
    assert having.equals(crosswalk(sorted((k, rows[k]) for k in KEYS[::3] if k in rows)))


KEYS_OF = list(BUCKETED["crosswalk"])


@given(st.lists(NIGHT, min_size=1, max_size=8), st.sampled_from([1, 2, 8]), st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_any_nights_read_back_as_a_dictionary_would(nights, buckets, lag):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "choose_buckets", lambda rows: buckets)
        patch.setattr(snapshots, "LAG", lag)
        store = Store(Path(folder) / "index", Files())
        store.create()
        base, rows, past = Base(store, None, None), {}, []
        for how, step in nights:
            base = take_night(base, how, step, rows)
            check(base, rows)
            past.append((base, dict(rows)))
        for base, rows in past:  # the files of an older snapshot were left alone
            assert base.table("crosswalk").equals(crosswalk(sorted(rows.items())))
        named = {file.name for base, _ in past for file in base.manifest.files()}
        left = {p.relative_to(store.path).as_posix() for p in store.path.rglob("*.parquet")}
        assert left == named  # nothing is written that no snapshot needs
        assert store.sweep() == []


def nights_of(store, how_many, size=1):
    base = take_night(Base(store, None, None), "write", dict.fromkeys(KEYS, 0), rows := {})
    for number in range(1, how_many + 1):
        step = {KEYS[(number * size + i) % len(KEYS)]: number for i in range(size)}
        base = take_night(base, "change", step, rows)
    check(base, rows)
    return base


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "index", Files())
    store.create()
    return store


def test_buckets_are_folded_in_turn_and_old_changes_dropped(store, few_buckets, monkeypatch):
    monkeypatch.setattr(snapshots, "LAG", 8)
    base = nights_of(store, 60)
    changes = base.manifest.changes["crosswalk"]
    lags = [sum(s.snapshot > t for s in changes.steps) for t in changes.through]
    assert sum(lags) <= 8 * 4 and max(lags) <= 17
    assert len(changes.steps) == max(lags)
    for sequence in range(20, 60):  # not all of them in one night
        old, new = (
            store.manifest(s)[0].changes["crosswalk"].through for s in (sequence, sequence + 1)
        )
        assert sum(a != b for a, b in zip(old, new, strict=True)) <= 1


def test_a_night_that_changes_much_writes_the_table_anew(store, monkeypatch):
    monkeypatch.setattr(snapshots, "SHARE", 0.25)
    monkeypatch.setattr(snapshots, "LAG", 8)
    base = nights_of(store, 2, size=2)
    assert len(base.manifest.changes["crosswalk"].steps) == 2
    base = nights_of(store_at(store, "other"), 3, size=2)  # 6 of 16 rows
    assert "crosswalk" not in base.manifest.changes


def store_at(store, name):
    other = Store(store.path.with_name(name), Files())
    other.create()
    return other


def test_the_same_nights_give_the_same_bytes(store, few_buckets):
    other = store_at(store, "other")
    one, two = nights_of(store, 20), nights_of(other, 20)
    assert encode(one.manifest) == encode(two.manifest)
    assert decode(encode(one.manifest)[0], Path("x"))[0] == one.manifest


def test_a_new_column_is_missing_in_the_rows_that_stay(store, few_buckets):
    base = take_night(Base(store, None, None), "write", dict.fromkeys(KEYS, 0), rows := {})
    base = take_night(base, "change", {KEYS[1]: 1}, rows)
    tonight = Snapshot(base, 0)
    new = crosswalk([(KEYS[2], 2)]).append_column("more", pa.array(["x"]))
    tonight.change("crosswalk", new, crosswalk([(KEYS[3], 0)]))
    base = publish(tonight)
    told = {(r["source"], r["record_id"]): r for r in base.table("crosswalk").to_pylist()}
    assert len(told) == len(KEYS) - 1 == base.manifest.rows["crosswalk"]
    assert [r["more"] for k, r in sorted(told.items())] == [
        "x" if key == KEYS[2] else None for key in KEYS if key != KEYS[3]
    ]
    assert told[KEYS[1]]["since"] == 1
    with pytest.raises(ValueError, match="have no more of type string"):
        Snapshot(base, 0).change("crosswalk", crosswalk([(KEYS[2], 2)]), new.slice(0, 0))


def test_a_key_that_is_named_twice_is_refused(store):
    base = take_night(Base(store, None, None), "write", dict.fromkeys(KEYS, 0), {})
    one = crosswalk([(KEYS[1], 1)])
    for rows, gone in ((one, one), (pa.concat_tables([one, one]), one.slice(0, 0))):
        with pytest.raises(ValueError, match=r"twice|both"):
            Snapshot(base, 0).change("crosswalk", rows, gone)


def test_persons_are_counted(store):
    schema = TABLES["persons"].schema

    def persons(*rows):
        rows = [
            {"enterprise_id": i, "status": s, "n_records": 1, "n_sources": 1, "since": 1}
            for i, s in rows
        ]
        return pa.Table.from_pylist(rows, schema=schema)

    none = persons()
    tonight = Snapshot(Base(store, None, None), 0)
    tonight.change("persons", persons(("C", "active"), ("A", "active"), ("B", "retired")), none)
    base = publish(tonight)
    assert (base.manifest.rows["persons"], base.manifest.living) == (3, 2)
    tonight = Snapshot(base, 0)
    tonight.change("persons", persons(("D", "active"), ("A", "retired"), ("B", "active")), none)
    base = publish(tonight)
    assert (base.manifest.rows["persons"], base.manifest.living) == (4, 3)
    assert base.table("persons", ["status"])["status"].to_pylist() == [
        "retired", "active", "active", "active"
    ]  # fmt: skip


def test_folding_takes_those_that_lag_behind_most():
    assert folded([0, 0], range(1, 10), 8) == [0]
    assert folded([9, 0], range(1, 18), 8) == [1]
    assert folded([0] * 4, range(1, 9), 8) == []
    assert folded([0], range(1, 10), 8) == [0]


# ------------------------------------------------------------------ keys


TEXTS = st.sampled_from(["", "a", "b", "ab", "ba", "a:b", "é"])
ROWS = st.lists(st.tuples(TEXTS, TEXTS), max_size=12)


def keyed(rows):
    schema = pa.schema([("x", pa.string()), ("y", pa.string())])
    return pa.Table.from_pylist([{"x": x, "y": y} for x, y in rows], schema=schema)


@given(ROWS, ROWS, st.sampled_from([1, 2, 64]))
def test_rows_are_found_by_their_key_whatever_the_hashes(wanted, rows, bits):
    expected = [rows.index(key) if key in rows else -1 for key in wanted]

    def short(columns):
        return hashed(columns) % np.uint64(bits) if bits < 64 else hashed(columns)

    hashed = merging.hash_keys
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "hash_keys", short)
        assert find_rows(keyed(wanted), keyed(rows), ("x", "y")).tolist() == expected


def test_a_step_that_comes_once_more_changes_nothing():
    table = keyed([("a", "1"), ("b", "1")]).append_column("v", pa.array([1, 1]))
    new = keyed([("b", "1"), ("c", "1")]).append_column("v", pa.array([2, 2]))
    steps = [(new, None), (new.slice(1).set_column(2, "v", pa.array([3])), keyed([("a", "1")]))]
    once = merge(table, steps, ("x", "y"))
    assert once["v"].to_pylist() == [2, 3]
    assert merge(once, steps, ("x", "y")).equals(once)
    assert merge(table, [(None, None)], ("x", "y")) is table


def test_rows_by_bucket():
    table = keyed([(x, y) for x in "ba" for y in "321"])
    arranged, starts = by_bucket(table, ("x", "y"), 4)
    assert starts[0] == 0 and starts[-1] == 6
    for a, b in pairwise(starts):
        part = arranged.slice(a, b - a).to_pylist()
        assert part == sorted(part, key=lambda row: (row["x"], row["y"]))


def test_rows_in_the_order_of_the_files_are_the_same_rows(tmp_path):
    both = people(60, seed=4)
    records = both.records()
    index = MasterIndex.create_or_open(tmp_path)
    assert index.table("crosswalk", ordered=False).num_rows == 0
    index.update(RecordTable(records.data.slice(5), records.fields, {}, records.deleted))
    index.update(records)
    told = index.table("crosswalk")
    assert index.table("crosswalk", ordered=False).sort_by([(k, "ascending") for k in KEY]) == told
