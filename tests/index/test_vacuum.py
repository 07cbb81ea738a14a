"""Old snapshots are forgotten; what is kept stays whole, and readers are told."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from index.edit import rewrite
from index.nights import FIRST, SECOND, contents, files_of, named_files, night, update

from mpi.errors import UsageError
from mpi.index import MasterIndex


@pytest.fixture
def index(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, FIRST)
    update(index, SECOND)
    update(index, night({"key": "z:1", "full_name": "Z"}))
    return index


def test_by_number(index):
    before = contents(index)
    done = index.vacuum(keep=2)
    assert (done.forgotten, done.kept) == ((1,), (2, 3))
    assert (done.files, done.bytes) == (0, 0)  # what changed since lies over all of its files
    assert index.snapshots() == [2, 3]
    assert {n: v for n, v in contents(index).items() if n != "files"} == {
        n: v for n, v in before.items() if n != "files"
    }
    assert files_of(index.path) == named_files(index)
    index.verify()
    assert index.vacuum(keep=2).forgotten == ()
    done = index.vacuum(keep=1)
    assert done.files > 0 and done.bytes > 0
    index.verify()
    update(index, FIRST)
    index.verify()
    with pytest.raises(UsageError, match="no snapshot 1; it has 3 to 4"):
        index.rollback(1)


def test_by_age(index):
    def age(days):
        return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")

    assert index.vacuum(older_than=1).forgotten == ()
    rewrite(index, lambda body: body.update(created_at=age(5)), 1)
    done = index.vacuum(older_than=3)
    assert (done.forgotten, done.kept) == ((1,), (2, 3))
    assert index.vacuum(older_than=0).kept == (3,)  # the newest stays, however old


@pytest.mark.parametrize("asked", [{}, {"keep": 1, "older_than": 1}, {"keep": 0}])
def test_what_cannot_be_asked(index, asked):
    with pytest.raises(UsageError):
        index.vacuum(**asked)
    assert index.snapshots() == [1, 2, 3]


def test_stray_files_go_and_foreign_ones_stay(index):
    stray = index.path / "tables" / "records" / f"0000-{'0' * 32}.parquet"
    stray.write_text("left behind")
    (index.path / "tables" / "records" / "README").write_text("not ours")
    index.vacuum(keep=3)
    assert not stray.exists()
    assert (index.path / "tables" / "records" / "README").exists()


def test_a_reader_of_a_forgotten_snapshot_is_told(index):
    reader = index.as_of(1)
    index.vacuum(keep=1)
    with pytest.raises(UsageError, match=r"no longer kept.*open the index again"):
        reader.table("records")
    with pytest.raises(UsageError, match="no snapshot 1"):
        index.table("records", as_of=1)


def test_readers_see_one_snapshot_or_are_told(tmp_path):
    update(MasterIndex.create_or_open(tmp_path), FIRST)
    wrong, seen, done = [], set(), threading.Event()

    def read():
        while not done.is_set():
            try:
                index = MasterIndex.open(tmp_path)
                ids = index.table("crosswalk")["enterprise_id"].to_pylist()
                time.sleep(0.002)
                persons = index.table("persons").to_pylist()
            except UsageError as error:
                if "no longer kept" not in str(error):
                    wrong.append(str(error))
                continue
            except Exception as error:
                wrong.append(repr(error))
                continue
            counted = {r["enterprise_id"]: r["n_records"] for r in persons if r["n_records"]}
            if counted != {i: ids.count(i) for i in set(ids)}:
                wrong.append(index.sequence)
            seen.add(index.sequence)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(12):
        index = MasterIndex.open(tmp_path)
        update(index, night({"key": f"a:{number % 4}", "phone": str(number % 3), "full_name": "x"}))
        index.vacuum(keep=1)
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert len(seen) > 1


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_what_is_left_is_for_the_owner_only(index):
    index.vacuum(keep=1)
    for path in index.path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
