"""A record is forgotten: nothing of it is left in any byte, and the rest is as if it never was."""

import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index.nights import crosswalk, files_of, linker, named_files, night, partition, update
from index.test_rollback import replayed
from laws.test_index_nights import KEYS, NIGHTS, run, tables

from mpi.errors import LimitError, LockedError, UsageError
from mpi.index import MasterIndex
from mpi.index.lock import lock
from mpi.index.strip import Target, strip_decisions
from mpi.settings import Limits, Settings

SECRETS = ("Secretive", "0999123456", "079secret", "sekret-17", "secret@")
FIELDS = ("full_name", "phone", "national_id", "email", "updated_at")


def erase(index, key="a:sekret-17"):
    source, record_id = key.split(":")
    return index.erase((source, record_id), resolver=linker)


def everything(folder):
    """All bytes of all files, and all that Parquet files hold."""
    for path in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
        content = path.read_bytes()
        yield path, content.decode("latin-1")
        if path.suffix == ".parquet":
            table = pq.read_table(pa.BufferReader(content))
            yield path, json.dumps(table.to_pylist(), default=str, ensure_ascii=False)


def places(folder, *words):
    return [(p.as_posix(), w) for p, text in everything(folder) for w in words if w in text]


def secret(**changes):
    row = {
        "key": "a:sekret-17",
        "full_name": "Secretive Person",
        "phone": "0999123456",
        "national_id": "079secret",
        "email": "secret@x",
        "updated_at": "2024-02-02",
    }
    return row | changes


@pytest.fixture
def index(tmp_path):
    """Four nights: the record comes, joins others, changes, and stays."""
    index = MasterIndex.create_or_open(tmp_path / "index")
    others = [
        {"key": "a:1", "full_name": "Le An", "phone": "1", "national_id": "9"},
        {"key": "b:1", "full_name": "Le An", "phone": "1", "national_id": "8"},
        {"key": "b:2", "full_name": "Ba", "phone": "0999123450"},
    ]
    bad = {"source": "a", "file": "n.csv", "reason": "ragged"}
    update(
        index,
        night(
            *others,
            secret(),
            fields=FIELDS,
            quarantine=[
                {
                    "source": "a",
                    "row": 7,
                    "values": '{"record_id": "sekret-17", "x": "secret@q"}',
                    **bad,
                },
                {"source": "a", "row": 8, "values": '{"record_id": "18", "x": "kept"}', **bad},
            ],
        ),
    )
    update(index, night(secret(phone="1"), fields=FIELDS, name="two.csv"))  # joins a:1 and b:1
    update(index, night({"key": "b:1", "full_name": "Le An", "phone": "1", "national_id": "079"}))
    update(index, night({"key": "b:1", "full_name": "Le An", "phone": "1", "national_id": "8"}))
    return index


def test_no_byte_of_it_is_left(index):
    assert places(index.path, *SECRETS)
    events = index.table("events").num_rows
    done = erase(index)
    assert (done.changed, done.sequence, done.snapshots) == (True, 5, 4)
    assert not places(index.path, *SECRETS)
    index.verify()
    assert index.snapshots() == [1, 2, 3, 4, 5]
    assert files_of(index.path) == named_files(index)
    assert index.table("events").num_rows > events
    told = [e for e in index.table("events").to_pylist() if e["kind"] == "erased"]
    assert len(told) == 1
    assert told[0]["source"] is None and told[0]["record_id"] is None
    assert told[0]["cause"].startswith("erased on request ")
    assert index.table("quarantine").to_pylist()[0]["values"] == "{}"
    assert "kept" in index.table("quarantine").to_pylist()[1]["values"]
    assert replayed_without_keys(index) == crosswalk(index)


def replayed_without_keys(index):
    belongs = {}
    for event in index.table("events").to_pylist():
        if event["source"] is not None and event["kind"] in ("created", "joined", "moved", "left"):
            key = f"{event['source']}:{event['record_id']}"
            belongs.pop(key, None)
            if event["after"]:
                (belongs[key],) = event["after"]
    return belongs


def test_every_snapshot_is_whole_without_it(index):
    erase(index)
    for sequence in index.snapshots():
        past = index.as_of(sequence)
        keys = set(crosswalk(past))
        assert keys == {"a:1", "b:1", "b:2"}
        persons = {r["enterprise_id"]: r for r in past.table("persons").to_pylist()}
        counted = {i: r["n_records"] for i, r in persons.items() if r["n_records"]}
        ids = list(crosswalk(past).values())
        assert counted == {i: ids.count(i) for i in ids}
        for row in persons.values():
            assert (row["status"] == "active") == (row["n_records"] > 0)
            assert row["replaced_by"] is None or persons[row["replaced_by"]]["n_records"]
    # Any of them can be gone back to.
    for sequence in (1, 2, 3):
        index.rollback(sequence)
        index.verify()


def test_golden_values_are_those_of_the_others(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(
        index,
        night(
            {"key": "a:1", "full_name": "Le An", "phone": "1"},
            secret(key="b:sekret-17", phone="1", full_name="Secretive"),
            {"key": "c:1", "full_name": None, "phone": "1"},
            fields=FIELDS,
        ),
    )
    assert index.table("persons")["full_name"].to_pylist() == ["Secretive"]  # most recent
    erase(index, "b:sekret-17")
    for sequence in (1, 2):
        (row,) = index.table("persons", as_of=sequence).to_pylist()
        assert (row["full_name"], row["full_name_record"]) == ("Le An", "a:1")
        assert (row["n_records"], row["n_sources"]) == (2, 2)
        assert row["email"] is None and row["email_record"] is None


@pytest.mark.parametrize(("buckets", "lag"), [(1, 8), (4, 2), (4, 8)])
def test_what_lies_only_in_what_nights_changed(tmp_path, monkeypatch, buckets, lag):
    """The record comes, joins somebody, changes and leaves after the first night."""
    monkeypatch.setattr("mpi.index.snapshot.choose_buckets", lambda rows: buckets)
    monkeypatch.setattr("mpi.index.snapshot.LAG", lag)
    index = MasterIndex.create_or_open(tmp_path / "index")
    people = [{"key": f"a:{i}", "full_name": f"N{i}", "phone": str(i)} for i in range(9)]
    other = {"key": "b:1", "full_name": "Ba", "phone": "3"}
    nights = [
        night(*people, fields=FIELDS),
        night(secret(phone="1"), fields=FIELDS),
        night(secret(phone="2", updated_at="2024-03-03"), fields=FIELDS),
        night(other, fields=FIELDS),
        night(deleted=[{"key": "a:sekret-17", "updated_at": "2024-04-04"}]),
        night({**other, "phone": "1"}, fields=FIELDS),
    ]
    for records in nights:
        update(index, records)
    before = {s: index.table("records", as_of=s).num_rows for s in index.snapshots()}
    counts = {s: index.as_of(s).counts() for s in index.snapshots()}
    files = [f.name for f in index._base.manifest.files_of("records")]
    assert any(name.startswith("changes/") for name in files)
    assert places(index.path, *SECRETS)
    erase(index)
    assert not places(index.path, *SECRETS)
    index.verify()
    assert files_of(index.path) == named_files(index)
    for sequence, rows in before.items():
        there = sequence in (2, 3, 4)
        past = index.as_of(sequence)
        assert past.table("records").num_rows == rows - there
        assert past.counts() == counts[sequence] | {
            "records": rows - there,
            "links": past.table("links").num_rows,
        }
        index.rollback(sequence)
        index.verify()


def test_asked_again_it_says_when(index):
    erase(index)
    again = erase(index)
    assert (again.changed, again.sequence) == (False, 5)
    assert index.snapshots() == [1, 2, 3, 4, 5]
    erase(index, "b:2")
    assert (erase(index).sequence, erase(index, "b:2").sequence) == (5, 6)
    index.verify()
    with pytest.raises(UsageError, match=r"no snapshot of index .* has a record a:99"):
        erase(index, "a:99")


def test_what_only_the_past_has(index):
    update(index, night(deleted=[{"key": "a:sekret-17", "updated_at": "2024-03-01"}]))
    assert "a:sekret-17" not in crosswalk(index)
    before = index.table("crosswalk")
    done = erase(index)
    assert done.changed and done.events == {"erased": 1}
    assert not places(index.path, *SECRETS)
    assert index.table("crosswalk").equals(before)
    assert index.table("deleted").num_rows == 0
    index.verify()
    index.rollback(1)
    index.verify()


def test_what_was_decided_about_it_goes_too():
    keys = pa.list_(pa.struct([("source", pa.string()), ("record_id", pa.string())]))
    rows = [
        {"source_a": "a", "record_id_a": "1", "source_b": "a", "record_id_b": "2", "reason": "An"},
        {"source_a": "a", "record_id_a": "3", "source_b": "a", "record_id_b": "1", "reason": "An"},
        {"enterprise_id": "P", "value": "An", "reason": "An"},
        {"enterprise_id": "Q", "records": [{"source": "a", "record_id": r} for r in "12"]},
        {"enterprise_id": "Q", "value": "Ba", "records": None, "reason": "Ba"},
    ]
    names = ("source_a", "record_id_a", "source_b", "record_id_b", "enterprise_id", "reason")
    names = (*names, "value", "withdrawn_by", "withdrawn_reason")
    schema = pa.schema([(name, pa.string()) for name in names])
    schema = schema.append(pa.field("records", keys)).append(pa.field("withdrawn", pa.bool_()))
    table = pa.Table.from_pylist([row | {"withdrawn": False} for row in rows], schema=schema)
    target = Target("a", "2", frozenset(), "told", frozenset("P"))
    stripped = strip_decisions(table, target).to_pylist()
    assert [row["withdrawn"] for row in stripped] == [True, False, True, False, False]
    assert [row["reason"] for row in stripped] == [None, "An", None, None, "Ba"]
    assert stripped[0]["record_id_a"] is None and stripped[2]["value"] is None
    assert stripped[3]["records"] == [{"source": "a", "record_id": "1"}]
    assert strip_decisions(table, Target("z", "2", frozenset(), "told")) is None


def test_a_key_that_was_only_deleted_or_set_aside(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    bad = {"source": "a", "file": "n.csv", "row": 3, "reason": "ragged"}
    update(
        index,
        night(
            {"key": "a:1"},
            deleted=[{"key": "a:2", "updated_at": "2024-03-01"}],
            quarantine=[bad | {"values": '["sekret-17", "Secretive"]'}],
        ),
    )
    assert erase(index, "a:2").changed
    assert erase(index).changed
    assert not places(index.path, *SECRETS)
    assert index.table("deleted").num_rows == 0
    index.verify()


def test_the_source_may_send_it_again(index):
    erase(index)
    update(index, night(secret(), fields=FIELDS))
    assert "a:sekret-17" in crosswalk(index)
    index.verify()
    assert erase(index).changed
    assert not places(index.path, *SECRETS)


def test_a_plan_that_waits_holds_nothing_of_it(index):
    limits = Settings(limits=Limits(max_source_growth=0, max_changed_persons=0))
    rows = [secret(phone="0999123456", full_name="Secretive Else"), {"key": "b:2", "phone": "1"}]
    with pytest.raises(LimitError):
        index.update(night(*rows, fields=FIELDS), limits, resolver=linker)
    assert any("/plans/" in path for path, _ in places(index.path, *SECRETS))
    erase(index)
    assert not places(index.path, *SECRETS)


def test_it_waits_for_the_lock_and_only_the_present_can_do_it(index):
    with lock(index.path / "lock"), pytest.raises(LockedError):
        erase(index)
    with pytest.raises(UsageError, match="only read"):
        erase(index.as_of(1))
    with pytest.raises(UsageError, match="nothing to erase"):
        erase(MasterIndex.create_or_open(index.path.parent / "empty"))


@given(NIGHTS, st.sampled_from(KEYS), st.integers(1, 6), NIGHTS)
@settings(max_examples=20)
def test_as_if_it_never_was(nights, key, back, later):
    """The partition is that of an index that was never given the record."""
    with tempfile.TemporaryDirectory() as folder:
        index = run(Path(folder) / "index", nights)
        if not index.sequence or key not in crosswalk(index):
            return
        erase(index, key)
        index.verify()
        other = run(
            Path(folder) / "other",
            [{k: row for k, row in changes.items() if k != key} for changes in nights],
        )
        assert partition(index) == (partition(other) if other.sequence else set())
        assert replayed(index)[0].keys() - {"None:None"} == crosswalk(index).keys()
        index.rollback(min(back, index.sequence))
        index.verify()
        for records in tables(later):
            update(index, records)
        index.verify()
