"""The past as it is told, and that what nobody told would be noticed."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from index.nights import FIRST, SECOND, crosswalk, decide, linker, night, update, withdraw

from mpi.cluster.ids import enterprise_ids
from mpi.errors import UsageError
from mpi.index import MasterIndex, relink
from mpi.report.history import tell


@pytest.fixture
def index(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, FIRST)
    return index


def sentences(index, person):
    return [tell(step, person) for step in index.history(person).steps]


def test_the_life_of_a_person(index):
    one, two = (crosswalk(index)[key] for key in ("a:1", "a:3"))
    update(index, SECOND)  # a:3 joins a:2, a:1 is deleted
    decide(index, "pin", one)
    assert sentences(index, one) == [
        "began with record a:1",
        "record a:2 came in",
        "record a:1 was deleted",
        f"record a:3 came from {two}",
        f"took over {two}",
        "pinned",
    ]
    life = index.history(one)
    assert (life.status, life.path, life.records) == ("active", (one,), ("a:2", "a:3"))
    assert life.holders == {"a:1": ""}
    assert [step.snapshot for step in life.steps] == [1, 1, 2, 2, 2, 3]
    assert all(step.at and step.cause for step in life.steps)
    assert [step.snapshot for step in index.history(one, since=2).steps] == [2, 2, 2, 3]
    gone = index.history(two)
    assert (gone.status, gone.replaced_by, gone.path) == ("retired", one, (two, one))
    assert gone.holders == {"a:3": one}
    assert sentences(index, two)[1:] == [f"record a:3 went to {one}", f"was merged into {one}"]


def test_a_retired_id_is_followed_through_its_chain(index):
    ids = crosswalk(index)
    decide(index, "pin", ids["a:1"])
    decide(index, "same", "b:3", "a:3")
    decide(index, "same", "a:3", "a:1")
    life = index.history(ids["b:3"])
    assert life.path == (ids["b:3"], ids["a:3"], ids["a:1"])
    assert life.holders == {"b:3": ids["a:1"]}
    withdraw(index, 3)
    assert index.history(ids["b:3"]).path == (ids["b:3"], ids["a:3"])
    assert "lives again, as its records came back" in sentences(index, ids["a:3"])
    assert f"gave {ids['a:3']} its records back" in sentences(index, ids["a:1"])


def test_splits_and_ends_are_told(index):
    person = crosswalk(index)["b:1"]
    update(index, SECOND)  # b:2 leaves
    other = crosswalk(index)["b:2"]
    assert f"was split: some records went to {other}" in sentences(index, person)
    assert sentences(index, other) == ["began with record b:2", f"was split from {person}"]
    update(index, night({"key": "z:1"}, deleted=[{"key": "b:2"}]))
    assert sentences(index, other)[-1] == "was retired: no record is left"
    assert index.history(other).path == (other,)


def test_who_never_was_has_no_history(index):
    with pytest.raises(UsageError, match="no person"):
        index.history(enterprise_ids([99])[0].as_py())
    with pytest.raises(UsageError, match="is no enterprise id"):
        index.history("nobody")


def test_what_the_nights_did(index):
    update(index, SECOND)
    decide(index, "same", "c:1", "c:2")
    first, second, third = index.nights()
    assert first.persons == {
        "kept": 0, "created": 4, "resurrected": 0, "merged": 0, "split": 0, "retired": 0
    }  # fmt: skip
    assert (first.what, first.records["new"]) == ("run", 6)
    assert second.persons["merged"] == second.persons["split"] == 1
    assert second.persons["kept"] == 0 and second.moves == {"joined": 1, "moved": 1, "left": 1}
    assert second.causes["merged"] == {"changed record": 1}
    assert third.what == "decision 1" and third.persons["kept"] == 3
    assert third.causes == {"merged": {"decision 1": 1}, "moved": {"decision 1": 1}}
    assert [n.unexplained for n in (first, second, third)] == [0, 0, 0]
    assert [n.snapshot for n in index.nights(since=2)] == [2, 3]


def test_an_erasure_is_told_as_one(index):
    """Not as a record that its source deleted; and its digest is for machines."""
    person = crosswalk(index)["a:1"]
    update(index, SECOND)  # a:1 is deleted there, and only the past has it
    alone = crosswalk(index)["c:2"]
    for snapshot, key in ((3, ("c", "2")), (4, ("a", "1"))):
        index.erase(key, resolver=linker)
        told = index.nights()[-1]
        assert (told.snapshot, told.what) == (snapshot, "erasure")
        assert told.causes["erased"] == {"erased on request": 1}
        assert "left" not in told.causes
        assert told.moves["erased"] == 1 and told.moves["left"] == 0
        assert not any("deleted record" in causes for causes in told.causes.values())
    steps = index.history(alone).steps
    assert [tell(step, alone) for step in steps][-2:] == [
        "a record was erased",
        "was retired: no record is left",
    ]
    assert {step.cause for step in steps[-2:]} == {"erased on request"}
    assert "record a:1 was deleted" not in sentences(index, person)
    deletions = [night.causes.get("left") for night in index.nights() if night.snapshot == 2]
    assert deletions == [{"deleted record": 1}]


@pytest.mark.parametrize("lost", ["moved", "left", "merged", "created"])
def test_a_change_that_no_event_tells_is_noticed(index, monkeypatch, lost):
    make = relink.event_parts

    def forgetful(*args, **more):
        for events in make(*args, **more):
            yield events.filter(pc.not_equal(events["kind"], lost))

    monkeypatch.setattr(relink, "event_parts", forgetful)
    update(index, SECOND)
    assert index.nights()[-1].unexplained > 0


def test_a_change_without_a_cause_is_noticed(index, monkeypatch):
    make = relink.event_parts

    def silent(*args, **more):
        for events in make(*args, **more):
            yield events.set_column(7, "cause", pa.array([""] * len(events)))

    monkeypatch.setattr(relink, "event_parts", silent)
    update(index, SECOND)
    assert index.nights()[-1].unexplained > 0


def test_the_feed_goes_on_where_one_left_off(index):
    update(index, SECOND)
    everything = index.events()
    assert everything.equals(index.table("events"))
    for n in range(everything.num_rows + 2):
        assert index.events(after=n).equals(everything.slice(n))
