"""A night that links all records: its tables do not depend on how many buckets it makes at once."""

from dataclasses import replace

import pytest
from index.nights import FIRST, SECOND, TABLE_NAMES, crosswalk, decide, linker, night, update

from mpi import scratch
from mpi.index import MasterIndex, snapshot, walk
from mpi.scratch import Scratch
from mpi.settings import Settings
from mpi.stages import Stages


def live(index):
    """Nights that merge, split and retire persons of whom somebody set values."""
    update(index, FIRST)
    ids = crosswalk(index)
    for key, value in (("a:1", "One"), ("a:3", "Three"), ("b:1", "Four")):
        decide(index, "set", "full_name", value, ids[key])
    update(index, SECOND)
    decide(index, "same", "b:3", "b:1")
    decide(index, "set", "phone", "0", ids["b:3"])
    update(index, night({"key": "d:1", "phone": "9"}, deleted=[{"key": "a:2"}, {"key": "a:3"}]))
    index.update(night({"key": "d:2"}), Settings(locale="vi"), resolver=linker)
    return index


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return live(MasterIndex.create_or_open(tmp_path_factory.mktemp("plain") / "index"))


@pytest.mark.parametrize(("buckets", "at_once"), [(16, 1), (8, 1 << 30)])
def test_buckets_make_no_difference(plain, tmp_path, monkeypatch, buckets, at_once):
    monkeypatch.setattr(snapshot, "choose_buckets", lambda rows: buckets)
    monkeypatch.setattr(walk, "AT_ONCE", at_once)
    monkeypatch.setattr(walk, "_GROUPS", 1)
    index = live(MasterIndex.create_or_open(tmp_path / "index"))
    for name in TABLE_NAMES:
        own, other = index.table(name), plain.table(name)
        if name == "decisions":
            own, other = (t.drop_columns(["decided_at"]) for t in (own, other))
        assert own.equals(other), name
    assert index.counts() == plain.counts()
    index.verify()


def test_values_that_were_set_are_there(plain):
    told = plain.table("persons").to_pylist()
    assert {"decision 3"} <= {row["full_name_rule"] for row in told}
    assert {"decision 5"} <= {row["phone_rule"] for row in told}


def test_a_folder_for_large_tables_makes_no_difference(plain, tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "_SMALL", 0)
    monkeypatch.setattr(walk, "_HELD", 1)
    index = MasterIndex.create_or_open(tmp_path / "index")
    with_folder = Stages(scratch=Scratch(tmp_path))
    index.update(FIRST, resolver=linker, stages=with_folder)
    other = plain.as_of(1)
    for name in TABLE_NAMES:
        assert index.table(name).equals(other.table(name)), name


def test_events_lie_in_several_files(plain, tmp_path, monkeypatch):
    monkeypatch.setattr("mpi.index.relink.EVENTS_PER_FILE", 2)
    index = live(MasterIndex.create_or_open(tmp_path / "index"))
    files = index._base.manifest.tables["events"]
    assert max(file.rows for file in files) == 2
    assert len({file.bucket for file in files}) < len(files)
    assert index.table("events").equals(plain.table("events"))
    for n in (0, 1, 5):
        assert index.events(after=n).equals(plain.events(after=n))
    person = crosswalk(index)["b:3"]
    assert told_of(index, person) == told_of(plain, person)
    told = [(n.persons, n.causes, n.unexplained) for n in index.nights()]
    assert told == [(n.persons, n.causes, n.unexplained) for n in plain.nights()]
    index.verify()
    index.rollback(1)
    index.verify()
    index.erase(("b", "1"), resolver=linker)
    index.verify()


def told_of(index, person):
    return [replace(step, at="") for step in index.history(person).steps]
