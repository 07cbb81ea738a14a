"""What is broken is detected, named, and nothing is overwritten."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from index.edit import replace_table, rewrite
from index.nights import FIRST, SECOND, contents, files_of, linker, night, update

from mpi.errors import IntegrityError, LockedError, UsageError
from mpi.index import MasterIndex
from mpi.index.chain import BEGINNING, broken_at, chain, hashes
from mpi.index.lock import Holder, lock, machine
from mpi.index.verify import inspect


@pytest.fixture
def index(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, FIRST)
    update(index, SECOND)
    return index


def problems(index):
    return [str(p) for p in inspect(index._store).problems]


def test_a_whole_index_has_no_problem(index):
    found = index.verify()
    assert (found.snapshots, found.problems) == (2, ())
    assert found.files == len([n for n in files_of(index.path) if n.endswith("parquet")]) + 1
    assert found.bytes > 1000


def test_all_that_is_broken_is_told_at_once(index):
    before = files_of(index.path)
    records = index._store.manifest(1)[0].tables["records"][0].name
    links = index._base.manifest.tables["links"][0].name
    (index.path / records).write_bytes(b"not parquet")
    (index.path / links).unlink()
    told = problems(index)
    assert len(told) == 2
    assert any(records in p and "does not have the checksum" in p for p in told)
    assert any(links in p and "is missing" in p for p in told)
    with pytest.raises(IntegrityError, match=r"missing.*checksum"):
        index.verify()
    assert files_of(index.path) == sorted(set(before) - {links})


def test_a_missing_bucket_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("mpi.index.snapshot.choose_buckets", lambda rows: 4)
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, FIRST)
    whole = index._base.manifest.tables["crosswalk"]
    assert len(whole) > 1
    rewrite(index, lambda body: body["tables"]["crosswalk"].pop())
    assert any("different keys" in p for p in problems(index))
    # A bucket under another number.
    rewrite(
        index,
        lambda body: body["tables"].update(
            crosswalk=msgspec.to_builtins([replace_bucket(whole[0], 1), *whole[1:]])
        ),
    )
    assert "lies in bucket 1 and belongs to bucket" in problems(index)[0]


def replace_bucket(file, bucket):
    return msgspec.structs.replace(file, bucket=bucket)


def swap(table, column, values):
    place = table.column_names.index(column)
    return table.set_column(place, table.schema.field(column), values)


BREAKS = {
    "crosswalk": (
        "crosswalk",
        lambda t: swap(
            t, "enterprise_id", t["enterprise_id"].take(pa.array([6, 1, 2, 3, 4, 5, 0]))
        ),
        "have another person than their events say",
    ),
    "stranger": (
        "crosswalk",
        lambda t: swap(t, "enterprise_id", pa.array(["0000000000"] * len(t))),
        "names a person that persons does not have",
    ),
    "order": ("records", lambda t: t.take(pa.array([1, 0, 2, 3, 4, 5])), "not in the order"),
    "twice": ("persons", lambda t: pa.concat_tables([t.slice(0, 1), t]), "given twice"),
    "dead": (
        "persons",
        lambda t: swap(t, "status", pa.array(["retired"] * len(t))),
        "one with records is retired",
    ),
    "heir": (
        "persons",
        lambda t: swap(t, "replaced_by", pc.if_else(pc.is_valid(t["replaced_by"]), "X", None)),
        "leads to a person who does not live",
    ),
    "edited": (
        "events",
        lambda t: swap(t, "cause", pc.replace_substring(t["cause"], "new", "old")),
        "event 1 does not have the hash",
    ),
    "gap": ("events", lambda t: pa.concat_tables([t.slice(0, 3), t.slice(4)]), "have a gap"),
    "cut": ("events", lambda t: t.slice(0, len(t) - 1), "is not the one that the manifest names"),
}


@pytest.mark.parametrize(("table", "change", "said"), BREAKS.values(), ids=list(BREAKS))
def test_hand_made_tables_are_noticed(index, table, change, said):
    replace_table(index, table, change, bucket=0)
    before = contents(index)
    told = problems(index)
    assert any(said in p for p in told), told
    with pytest.raises(IntegrityError):
        index.verify()
    assert contents(index) == before


CHANGE_BREAKS = {
    "order": (lambda t: t.take(pa.array([1, 0, *range(2, len(t))])), "not in the order"),
    "twice": (lambda t: pa.concat_tables([t.slice(0, 1), t]), "a key of records is given twice"),
    "fewer": (lambda t: t.slice(1), "records has 8 rows, and the manifest says 9"),
}


@pytest.mark.parametrize(("edit", "said"), CHANGE_BREAKS.values(), ids=list(CHANGE_BREAKS))
def test_hand_made_changes_are_noticed(index, monkeypatch, edit, said):
    monkeypatch.setattr("mpi.index.snapshot.LAG", 8)
    update(index, night({"key": "n:1", "full_name": "New"}, {"key": "n:2", "full_name": "New"}))
    (old,) = (s.rows for s in index._base.manifest.changes["records"].steps if s.snapshot == 3)
    new = index._store.write_part("records", 3, edit(index._store.read_rows(old)), folder="changes")

    def change(body):
        for step in body["changes"]["records"]["steps"]:
            if step["snapshot"] == 3:
                step["rows"] = msgspec.to_builtins(new)

    rewrite(index, change)
    told = problems(index)
    assert any(said in p for p in told), told


@pytest.mark.parametrize("damage", ["cut", "gone", "edited"])
def test_a_damaged_file_of_changes_is_named(index, damage):
    (step,) = index._base.manifest.changes["crosswalk"].steps
    for file in step.files:
        path = index.path / file.name
        content = path.read_bytes()
        if damage == "gone":
            path.unlink()
        else:
            end = b"" if damage == "cut" else bytes([content[-1] ^ 1])
            path.write_bytes(content[:-1] + end)
        assert any(path.name in p for p in problems(index))
        with pytest.raises(IntegrityError, match=path.name):
            index.table("crosswalk")
        with pytest.raises(IntegrityError, match=path.name):
            update(MasterIndex.open(index.path), night({"key": "a:2", "full_name": "X"}))
        path.write_bytes(content)
    index.verify()


STEPS = {
    "order": (lambda c: c["steps"].reverse(), "not in the order of their snapshots"),
    "empty": (lambda c: c["steps"][0].update(rows=None, gone=None), "not in the order"),
    "later": (lambda c: c["steps"][1].update(snapshot=9), "those of another snapshot"),
    "buckets": (lambda c: c["through"].append(1), "those of another snapshot"),
    "forgotten": (lambda c: c["steps"].pop(), "and the manifest says"),
}


@pytest.mark.parametrize(("edit", "said"), STEPS.values(), ids=list(STEPS))
def test_hand_made_lists_of_changes_are_noticed(tmp_path, monkeypatch, edit, said):
    monkeypatch.setattr("mpi.index.snapshot.choose_buckets", lambda rows: 4)
    monkeypatch.setattr("mpi.index.snapshot.LAG", 8)
    index = MasterIndex.create_or_open(tmp_path / "index")
    for records in (FIRST, SECOND, night({"key": "n:1", "full_name": "New"})):
        update(index, records)
    rewrite(index, lambda body: edit(body["changes"]["records"]))
    told = problems(index)
    assert any(said in p for p in told), told


def test_two_files_of_a_bucket_are_noticed(index):
    rewrite(index, lambda body: body["tables"]["records"].append(body["tables"]["records"][0]))
    assert any("records has files for the buckets [0, 0], of 1" in p for p in problems(index))


def test_counts_that_the_manifest_states_are_checked(index):
    rewrite(index, lambda body: body.update(living=99))
    assert any("5 persons live, and the manifest says 99" in p for p in problems(index))


def test_a_journal_that_was_edited_and_chained_again_is_noticed(index):
    def forge(events):
        edited = swap(events, "cause", pc.replace_substring(events["cause"], "new", "old"))
        return chain(edited, BEGINNING)[0]

    replace_table(index, "events", forge)
    assert any("is not the one that the manifest names" in p for p in problems(index))


def test_rows_that_have_no_fate_are_noticed(index):
    def change(runs):
        counts = [msgspec.json.decode(c) for c in runs["counts"].to_pylist()]
        counts[0]["fates"]["a"]["accepted"] -= 1
        return swap(runs, "counts", pa.array([msgspec.json.encode(c).decode() for c in counts]))

    replace_table(index, "runs", change)
    assert any("3 rows of a were read, and 2 have a fate" in p for p in problems(index))


def test_numbers_that_went_back_are_noticed(index):
    rewrite(index, lambda body: body.update(next_serial=1))
    assert any("numbers of ids or events went back" in p for p in problems(index))


def test_events_in_one_part_or_in_many_have_the_same_hashes():
    events = pa.table(
        {"sequence": [1, 2, 3], "ids": [["a"], [], ["b", "c"]], "cause": ["", "x", None]}
    )
    whole, last = chain(events, BEGINNING)
    one, middle = chain(events.slice(0, 1), BEGINNING)
    rest, end = chain(events.slice(1), middle)
    assert pa.concat_tables([one, rest])["hash"].to_pylist() == whole["hash"].to_pylist()
    assert end == last
    assert broken_at(whole, BEGINNING) is None
    assert broken_at(whole, last) == 0
    assert broken_at(whole.take(pa.array([0, 2, 1])), BEGINNING) == 1
    # Where one value ends and the next begins is part of the hash.
    pairs = [{"a": ["x:y"], "b": ["z"]}, {"a": ["x"], "b": ["y:z"]}, {"a": ["x:y:z"], "b": [""]}]
    assert len({hashes(pa.table(pair))[0].as_py() for pair in pairs}) == 3


# ------------------------------------------------------------------ clocks and machines


def test_a_clock_that_went_back_is_named_and_nothing_is_written(index):
    ahead = (datetime.now(UTC) + timedelta(days=2)).isoformat(timespec="seconds")
    rewrite(index, lambda body: body.update(created_at=ahead))
    before = contents(index)
    for action in (lambda: update(index, FIRST), lambda: index.rollback(1)):
        with pytest.raises(IntegrityError, match=r"snapshot 2 was published at .*clock went back"):
            action()
    assert contents(index) == before
    assert index.snapshots() == [1, 2]
    rewrite(index, lambda body: body.update(created_at="2020-01-01T00:00:00+00:00"))
    assert any("the clock went back, or" in p for p in problems(index))


def test_a_few_seconds_back_are_forgiven(index):
    ahead = (datetime.now(UTC) + timedelta(seconds=90)).isoformat(timespec="seconds")
    rewrite(index, lambda body: body.update(created_at=ahead))
    index.rollback(1)
    assert index._base.manifest.created_at == ahead


def other_machine(index):
    holder = Holder(77, "elsewhere", "2026-01-01T00:00:00+00:00", "mpi run", "another")
    (index.path / "lock").write_bytes(msgspec.json.encode(holder))


def test_another_machine_that_is_at_work_is_named(index):
    other_machine(index)
    with pytest.raises(LockedError, match=r"process 77 on elsewhere.*another machine") as error:
        update(index, FIRST)
    assert error.value.exit_code == 4
    assert index.snapshots() == [1, 2]
    # It was not heard of for an hour, so it is dead.
    old = datetime.now().timestamp() - 3600
    os.utime(index.path / "lock", (old, old))
    assert update(index, FIRST).changed
    assert (index.path / "lock").read_bytes() == b""


def test_a_machine_that_takes_the_lock_meanwhile_stops_the_publishing(index):
    def meanwhile(*arguments, **named):
        other_machine(index)
        return linker(*arguments, **named)

    with pytest.raises(IntegrityError, match=r"process 77 on elsewhere.*two machines"):
        index.update(FIRST, resolver=meanwhile)
    assert MasterIndex.open(index.path).snapshots() == [1, 2]
    assert "elsewhere" in (index.path / "lock").read_text()


def test_one_machine_is_one_machine(tmp_path):
    assert machine() == machine() != ""
    with lock(tmp_path / "lock") as held:
        held.check()
        assert held.holder.machine == machine()
    with pytest.raises(IntegrityError):
        held.check()


# ------------------------------------------------------------------ rebuilding


def test_a_rebuild_gives_the_same_persons(index):
    found = index.rebuild(resolver=linker)
    assert (found.persons, found.differ, found.shown) == (5, 0, ())


def test_a_rebuild_keeps_to_what_was_decided(index):
    index.decide("same", ("a", "2"), ("b", "1"), by="Lan", resolver=linker)
    found = index.rebuild(resolver=linker)
    assert (found.persons, found.differ, found.shown) == (4, 0, ())


def test_a_rebuild_that_differs_says_who(index):
    def other(records, settings, *, model, stages):
        result = linker(records, settings, model=model, stages=stages)
        cluster = np.zeros(len(records), np.int64)  # all one person
        return replace(result, cluster=cluster)

    found = index.rebuild(resolver=other)
    assert (found.persons, found.differ) == (5, 5)
    first = found.shown[0]
    assert first.records == ("a:2", "a:3")
    assert first.persons == 1 and len(first.others) == 4
    assert "is one person with" in str(first)

    def alone(records, settings, *, model, stages):
        result = linker(records, settings, model=model, stages=stages)
        return replace(result, cluster=np.arange(len(records)))

    found = index.rebuild(resolver=alone)
    assert found.differ == 2
    assert "is 2 persons when rebuilt (a:2, a:3)" in str(found.shown[0])


def test_a_folder_of_an_earlier_format_is_refused(index):
    (index.path / "mpi-index.json").write_text('{"format": 1, "what": "master patient index"}')
    with pytest.raises(UsageError, match=r"format 1.*earlier mpi"):
        MasterIndex.open(index.path)


def test_an_empty_index_verifies(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    assert index.verify().snapshots == 0
    assert index.rebuild(resolver=linker).persons == 0
    update(index, night({"key": "a:1"}))
    update(index, night(deleted=[{"key": "a:1"}]))
    assert index.verify().snapshots == 2
    assert index.rebuild(resolver=linker).persons == 0
