"""Back to an earlier snapshot: the old state, right ids, and events that tell it."""

import subprocess
import sys
import tempfile
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index.nights import FIRST, SECOND, crosswalk, files_of, linker, named_files, night, update
from laws.test_index_nights import NIGHTS, tables

from mpi.cluster.ids import enterprise_ids, serial_numbers
from mpi.errors import LockedError, UsageError
from mpi.index import MasterIndex
from mpi.index.lock import lock

SAME = ("records", "links", "review", "quarantine", "decisions", "deleted")


def replayed(index):
    """Crosswalk and living ids, from the events alone."""
    belongs, living = {}, set()
    for event in index.table("events").to_pylist():
        if event["kind"] in ("created", "joined", "moved", "left"):
            key = f"{event['source']}:{event['record_id']}"
            assert event["before"] == [i for i in [belongs.pop(key, None)] if i], event
            if event["after"]:
                (belongs[key],) = event["after"]
        elif event["kind"] == "resurrected":
            assert not set(event["after"]) & living
        if event["kind"] in ("created", "resurrected"):
            living |= set(event["after"])
        if event["kind"] in ("merged", "retired"):  # who is split may be merged before
            assert set(event["before"]) <= living, event
        if event["kind"] in ("merged", "retired"):
            living -= set(event["before"]) - set(event["after"])
        if event["kind"] == "split":
            assert len(event["after"]) > 1
    return belongs, living


def check(index, target):
    """The newest snapshot is snapshot `target` again, and everything agrees."""
    index.verify()
    for name in SAME:
        assert index.table(name).equals(index.table(name, as_of=target)), name
    assert index.table("crosswalk").equals(index.table("crosswalk", as_of=target))
    then = index.table("persons", as_of=target).to_pylist()
    now = {row["enterprise_id"]: row for row in index.table("persons").to_pylist()}
    assert all(now[row["enterprise_id"]] == row for row in then)
    belongs, living = replayed(index)
    assert belongs == crosswalk(index)
    assert living == {i for i, row in now.items() if row["status"] == "active"}


@pytest.fixture
def index(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, FIRST)
    update(index, SECOND)
    return index


def test_going_back_loads_no_kernel(tmp_path):
    """Loading one takes longer than all the rest, and many ids were given since."""
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, FIRST)
    update(index, night(*({"key": f"z:{i}", "full_name": f"N{i}"} for i in range(2500))))
    code = (
        "import sys; from mpi.index import MasterIndex\n"
        "done = MasterIndex.open(sys.argv[1]).rollback(1)\n"
        "assert done.events['left'] == done.events['retired'] == 2500\n"
        "sys.exit(int('numba' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(index.path)], check=False)
    assert done.returncode == 0
    check(MasterIndex.open(index.path), 1)


def test_the_old_state_is_published_as_a_new_snapshot(index):
    done = index.rollback(1)
    assert (done.changed, done.sequence, done.to) == (True, 3, 1)
    assert index.sequence == 3
    check(index, 1)
    names = enterprise_ids(list(range(1, 9))).to_pylist()
    told = [
        (e["kind"], e["before"], e["after"], e["cause"])
        for e in index.table("events").to_pylist()
        if e["snapshot"] == 3
    ]
    cause = "rollback to snapshot 1"
    one, two, three, four, five, six = names[:6]
    assert told == [
        ("joined", [], [one], cause),  # a:1
        ("moved", [one], [two], cause),  # a:3
        ("moved", [five], [three], cause),  # b:2
        ("left", [four], [], cause),  # c:1
        ("left", [six], [], cause),  # c:2
        ("resurrected", [one], [two], cause),
        ("merged", [three, five], [three], cause),
        ("split", [one], [one, two], cause),
        ("retired", [six], [], cause),
    ]
    rows = {row["enterprise_id"]: row for row in index.table("persons").to_pylist()}
    assert (rows[five]["status"], rows[five]["replaced_by"], rows[five]["since"]) == (
        "retired", three, 2
    )  # fmt: skip
    assert (rows[six]["status"], rows[six]["replaced_by"]) == ("retired", None)
    assert index.table("runs")["snapshot"].to_pylist() == [1, 2, 3]
    assert files_of(index.path) == named_files(index)


def test_the_tables_share_their_files(index):
    index.rollback(1)
    old, new = (index._store.manifest(s)[0] for s in (1, 3))
    for name in ("records", "crosswalk", "links", "review"):
        assert old.files_of(name) == new.files_of(name)
    assert set(old.files_of("persons")) < set(new.files_of("persons"))
    assert [change.snapshot for change in new.changes["persons"].steps] == [3]


def test_changes_come_back_with_the_files_that_they_change(index):
    update(index, night({"key": "a:2", "full_name": "Changed"}))
    update(index, night({"key": "a:3", "full_name": "Changed too"}))
    for target in (2, 3, 1, 2, 4):
        index.rollback(target)
        check(index, target)
    assert index._base.manifest.changes


def test_ids_are_never_given_again_after_it(index):
    given_before = set(serial_numbers(index.table("persons")["enterprise_id"]).tolist())
    index.rollback(1)
    update(index, night({"key": "z:9", "full_name": "New"}))
    new = serial_numbers(index.table("crosswalk")["enterprise_id"]).max()
    assert new > max(given_before)
    index.verify()
    # The same night again goes on as a night does.
    update(index, SECOND)
    index.verify()
    assert replayed(index)[0] == crosswalk(index)


def test_back_and_forth(index):
    assert not index.rollback(2).changed
    index.rollback(1)
    index.rollback(2)
    check(index, 2)
    index.rollback(3)
    check(index, 3)
    index.rollback(1)
    check(index, 1)


@given(NIGHTS, st.lists(st.integers(1, 6), min_size=1, max_size=3), NIGHTS)
@settings(max_examples=25)
def test_any_snapshot_can_come_back(nights, targets, later):
    with tempfile.TemporaryDirectory() as folder:
        index = MasterIndex.create_or_open(folder)
        for records in tables(nights):
            if index.sequence or len(records):
                update(index, records)
        if not index.sequence:
            return
        for target in targets:
            target = min(target, index.sequence)
            index.rollback(target)
            check(index, target)
        for records in tables(later):
            update(index, records)
            index.verify()
        index.rollback(1)
        check(index, 1)


def test_what_does_not_exist_and_what_is_locked(index):
    with pytest.raises(UsageError, match="no snapshot 9; it has 1 to 2"):
        index.rollback(9)
    with lock(index.path / "lock"), pytest.raises(LockedError):
        index.rollback(1)
    with pytest.raises(UsageError, match="only read"):
        index.as_of(1).rollback(1)
    assert index.snapshots() == [1, 2]


def test_a_past_snapshot_is_an_index_to_read(index):
    past = index.as_of(1)
    assert past.sequence == 1
    assert past.table("crosswalk").equals(index.table("crosswalk", as_of=1))
    assert past.counts()["records"] == 6
    with pytest.raises(UsageError, match="only read"):
        past.update(FIRST, resolver=linker)
    with pytest.raises(UsageError, match="no snapshot 7"):
        index.as_of(7)


def test_it_is_quick(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    people = [{"key": f"a:{i}", "full_name": f"N{i}", "phone": str(i)} for i in range(20_000)]
    update(index, night(*people))
    update(index, night(*({**row, "phone": str(i % 90)} for i, row in enumerate(people[:200]))))
    begin = time.perf_counter()
    index.rollback(1)
    assert time.perf_counter() - begin < 1
    index.verify()


def test_decisions_that_were_withdrawn_before_are_not_named(index):
    person = index.table("crosswalk")["enterprise_id"][0].as_py()
    index.decide("pin", person, by="Lan")
    index.withdraw(1, by="Lan")
    assert index.rollback(2).messages == ()
    assert index.table("decisions")["withdrawn"].to_pylist() == [True]
