"""Going back and forgetting, where persons decided; and the feed that tells it."""

import pytest
from index.nights import FIRST, SECOND, crosswalk, linker, night, update

from mpi.index import MasterIndex
from mpi.index.replay import replay

STATUS = ["enterprise_id", "status", "replaced_by", "since"]


@pytest.fixture
def index(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, FIRST)
    return index


def check_feed(index):
    index.verify()
    told = replay(index.table("events"))
    assert told.crosswalk.select(["source", "record_id", "enterprise_id"]).equals(
        index.table("crosswalk", columns=["source", "record_id", "enterprise_id"]).select(
            ["source", "record_id", "enterprise_id"]
        )
    )
    persons = index.table("persons", columns=STATUS).select(STATUS)
    assert told.persons.select(STATUS[:3]).equals(persons.select(STATUS[:3]))


def test_the_feed_tells_a_rollback_and_an_erasure(index):
    update(index, SECOND)
    check_feed(index)
    index.rollback(1)
    check_feed(index)
    index.rollback(2)
    check_feed(index)
    index.erase(("a", "2"), resolver=linker)
    check_feed(index)
    index.rollback(1)
    check_feed(index)
    update(index, night({"key": "a:3", "phone": "1"}))
    check_feed(index)


def test_decisions_made_since_are_withdrawn(index):
    index.decide("same", ("a", "3"), ("b", "3"), by="Lan", resolver=linker)
    assert crosswalk(index)["a:3"] == crosswalk(index)["b:3"]
    done = index.rollback(1)
    assert any("1" in m and "withdrawn" in m for m in done.messages)
    (row,) = index.table("decisions").to_pylist()
    assert (row["withdrawn"], row["withdrawn_by"]) == (True, "mpi rollback")
    check_feed(index)
    assert index.rebuild(resolver=linker).differ == 0
    index.decide("same", ("a", "3"), ("b", "3"), by="Lan", resolver=linker)
    assert [row["sequence"] for row in index.table("decisions").to_pylist()] == [1, 2]
    assert crosswalk(index)["a:3"] == crosswalk(index)["b:3"]
    index.rollback(2)  # the first one holds again, the second does not
    assert [row["withdrawn"] for row in index.table("decisions").to_pylist()] == [False, True]
    assert index.rebuild(resolver=linker).differ == 0
    check_feed(index)


def test_what_was_joined_by_an_erased_record_parts(index):
    index.decide("same", ("a", "3"), ("b", "3"), by="Lan", resolver=linker)
    index.decide("same", ("b", "3"), ("b", "1"), by="Lan", resolver=linker)
    assert crosswalk(index)["a:3"] == crosswalk(index)["b:1"]
    index.erase(("b", "3"), resolver=linker)
    assert crosswalk(index)["a:3"] != crosswalk(index)["b:1"]
    assert all(row["withdrawn"] for row in index.table("decisions").to_pylist())
    assert index.rebuild(resolver=linker).differ == 0
    check_feed(index)


def test_set_values_go_with_the_only_record(index):
    person = crosswalk(index)["b:3"]
    index.decide("set", "full_name", "Do Tu Secretive", person, by="Lan", resolver=linker)
    index.erase(("b", "3"), resolver=linker)
    for sequence in index.snapshots():
        past = index.as_of(sequence)
        for table in ("persons", "decisions"):
            assert "Secretive" not in str(past.table(table).to_pylist())
    check_feed(index)
