"""Decisions: they hold at once and on every later night, and leave no trace when withdrawn."""

import errno
from dataclasses import replace

import pytest
from index.faults import FaultyFiles
from index.nights import FIRST, crosswalk, decide, linker, night, partition, update, withdraw

from mpi.cluster.ids import enterprise_ids
from mpi.errors import UsageError
from mpi.index import MasterIndex
from mpi.index.base import Base
from mpi.index.contradictions import why_decided
from mpi.index.decisions import decision, in_force, read_decisions


@pytest.fixture
def index(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, FIRST)  # a:1 a:2 | a:3 | b:1 b:2 | b:3
    return index


def together(index, *keys):
    ids = crosswalk(index)
    return len({ids[key] for key in keys}) == 1


def last_events(index):
    rows = index.table("events").to_pylist()
    return [
        (r["kind"], f"{r['source']}:{r['record_id']}" if r["source"] else None, r["cause"])
        for r in rows
        if r["snapshot"] == index.sequence
    ]


def test_same_holds_at_once_and_says_so(index):
    done = decide(index, "same", "a:2", "a:3", why="seen both cards")
    assert done.changed and done.sequence == 2
    assert together(index, "a:1", "a:2", "a:3")
    assert last_events(index) == [("moved", "a:3", "decision 1"), ("merged", None, "decision 1")]
    row = index.table("decisions").to_pylist()[0]
    assert (row["sequence"], row["kind"], row["decided_by"]) == (1, "must_link", "Lan")
    assert (row["source_a"], row["record_id_a"], row["record_id_b"]) == ("a", "2", "3")
    assert (row["reason"], row["withdrawn"], row["snapshot"]) == ("seen both cards", False, 2)
    assert row["decided_at"]
    pairs = index.table("links").to_pylist()
    made = [p for p in pairs if "decision" in p["blocking_rules"]]
    assert [(p["record_id_a"], p["record_id_b"]) for p in made] == [("2", "3")]
    index.verify()


def test_different_holds_at_once_and_on_later_nights(index):
    decide(index, "different", "b:1", "b:2")
    assert not together(index, "b:1", "b:2")
    assert {cause for *_, cause in last_events(index)} == {"decision 1"}
    assert index.table("review").num_rows == 0  # the pair was decided
    update(index, night({"key": "c:1", "phone": "4", "national_id": "77"}))
    assert not together(index, "b:1", "b:2")
    assert together(index, "b:1", "c:1")


def test_a_decision_outlives_changes_and_waits_for_records_that_left(index):
    decide(index, "same", "a:1", "b:3")
    update(index, night({"key": "b:3", "full_name": "Other", "phone": "99"}))
    assert together(index, "a:1", "b:3")
    update(index, night(deleted=[{"key": "b:3"}]))
    update(index, night({"key": "b:3", "phone": "98"}))
    assert together(index, "a:1", "b:3")


def test_a_chain_holds_where_its_middle_left(index):
    decide(index, "same", "a:1", "a:3")
    decide(index, "same", "a:3", "b:3")
    update(index, night(deleted=[{"key": "a:3"}]))
    assert together(index, "a:1", "b:3")
    decide(index, "different", "b:3", "b:1")
    update(index, night({"key": "a:1", "phone": "4"}, deleted=[{"key": "b:3"}]))
    assert not together(index, "a:1", "b:1")  # as a:1 is b:3


def test_withdrawing_brings_back_what_the_model_says(index):
    before = crosswalk(index)
    decide(index, "same", "a:1", "a:3")
    decide(index, "different", "b:1", "b:2")
    withdraw(index, 1, 2)
    assert crosswalk(index) == before  # the very ids, too
    assert {cause for *_, cause in last_events(index)} == {
        "decision 1 withdrawn", "decision 2 withdrawn"
    }  # fmt: skip
    kinds = [kind for kind, *_ in last_events(index)]
    assert kinds.count("resurrected") == 1 and kinds.count("merged") == 1
    row = index.table("decisions").to_pylist()[0]
    assert row["withdrawn"] and row["withdrawn_by"] == "Lan" and row["withdrawn_at"]
    with pytest.raises(UsageError, match="decision 1 was withdrawn by Lan"):
        withdraw(index, 1)
    with pytest.raises(UsageError, match="no decision 9; they are 1 to 2"):
        withdraw(index, 9)


def test_unmerge_is_exact_after_later_edits(index):
    ids = crosswalk(index)
    decide(index, "same", "a:1", "a:3")
    update(index, night({"key": "a:3", "phone": "4"}, {"key": "c:1", "phone": "1"}))
    withdraw(index, 1)
    assert partition(index) == {
        frozenset(p) for p in (["a:1", "a:2", "c:1"], ["a:3", "b:1", "b:2"], ["b:3"])
    }
    assert crosswalk(index)["a:1"] == ids["a:1"]
    assert crosswalk(index)["a:3"] == ids["b:1"]


def test_contradictions_are_refused_with_their_chain(index):
    decide(index, "same", "a:1", "b:1")
    decide(index, "same", "b:1", "b:3")
    with pytest.raises(UsageError) as told:
        decide(index, "different", "a:1", "b:3")
    said = str(told.value)
    assert "a:1 and b:3 are two persons (new)" in said
    assert "a:1 is b:1 (decision 1 by Lan); b:1 is b:3 (decision 2 by Lan)" in said
    assert index.sequence == 3 and index.table("decisions").num_rows == 2
    decide(index, "different", "a:3", "b:3")
    with pytest.raises(UsageError, match="decision 3 by Lan"):
        decide(index, "same", "a:3", "a:1")
    # Of a confirmed person too; and once the decision in the way is withdrawn it holds.
    withdraw(index, 3)
    decide(index, "same", "a:3", "a:1")
    decide(index, "confirm", crosswalk(index)["a:1"])
    with pytest.raises(UsageError, match="contradict"):
        decide(index, "different", "a:2", "b:3")


def test_many_at_once_are_all_taken_or_none(index):
    pairs = [
        decision("same", ("a", "1"), ("a", "3"), by="Ha"),
        decision("same", ("a", "3"), ("b", "1")),
        decision("different", ("b", "3"), ("b", "1")),
    ]
    with pytest.raises(UsageError, match="contradict"):
        index.decide([*pairs, decision("different", ("b", "1"), ("a", "1"))])
    assert index.sequence == 1
    done = decide(index, pairs)
    assert done.sequence == 2
    assert together(index, "a:1", "a:2", "a:3", "b:1", "b:2")
    rows = index.table("decisions").to_pylist()
    assert [r["decided_by"] for r in rows] == ["Ha", "Lan", "Lan"]
    causes = {cause for *_, cause in last_events(index)}
    assert causes <= {"decision 1", "decision 2", "decisions 1 to 3"}


def test_a_decision_that_holds_already_is_passed_over(index):
    decide(index, "same", "a:1", "a:3")
    again = decide(index, "same", "a:3", "a:1")
    assert not again.changed and "holds" in again.messages[0]
    assert index.sequence == 2


def test_a_pinned_id_survives_merges(index):
    before = crosswalk(index)
    assert decide(index, "pin", before["b:3"]).events == {}
    decide(index, "same", "b:3", "a:1")
    assert crosswalk(index)["a:1"] == before["b:3"]  # against two records with an older id
    withdraw(index, 1)
    update(index, night({"key": "c:1"}))
    assert crosswalk(index)["a:1"] == before["b:3"]  # nothing makes it move


def test_a_confirmed_person_keeps_its_records_together(index):
    decide(index, "confirm", crosswalk(index)["b:1"])
    assert last_events(index) == []
    update(index, night({"key": "b:2", "phone": "9"}, {"key": "c:1", "phone": "9"}))
    assert together(index, "b:1", "b:2", "c:1")
    withdraw(index, 1)
    assert not together(index, "b:1", "b:2")


def test_who_is_unknown_is_told(index):
    ids = crosswalk(index)
    with pytest.raises(UsageError, match="no record a:17"):
        decide(index, "same", "a:1", "a:17")
    with pytest.raises(UsageError, match="names one record twice"):
        decide(index, "different", "a:1", "a:1")
    with pytest.raises(UsageError, match="no person"):
        decide(index, "pin", enterprise_ids([99])[0].as_py())
    with pytest.raises(UsageError, match="is no enterprise id"):
        decide(index, "confirm", "NONSENSE")
    with pytest.raises(UsageError, match="no decision 'maybe'; decide one of same, different"):
        decide(index, "maybe", "a:1")
    with pytest.raises(UsageError, match="two record keys"):
        decide(index, "same", "a:1")
    decide(index, "same", "a:1", "a:3")
    with pytest.raises(UsageError, match=f"is retired; decide about {ids['a:1']}"):
        decide(index, "pin", ids["a:3"])
    assert index.sequence == 2


def test_an_empty_index_has_nobody_to_decide_about(tmp_path):
    with pytest.raises(UsageError, match="is empty"):
        decide(MasterIndex.create_or_open(tmp_path), "same", "a:1", "a:2")


def test_chains_of_decisions_are_told():
    def made(word, a, b, number):
        return replace(decision(word, (a, "1"), (b, "1"), by="Lan"), number=number, at="2026-01-02")

    held = [made("same", "a", "b", 1), made("same", "b", "c", 2), made("different", "c", "d", 3)]
    assert why_decided(held, ("a", "1"), ("c", "1")) == (
        "decision 1 by Lan, 2026-01-02: same a:1 b:1; decision 2 by Lan, 2026-01-02: same b:1 c:1"
    )
    apart = why_decided(held, ("d", "1"), ("b", "1"))
    assert apart.startswith("decision 3 by Lan, 2026-01-02: different c:1 d:1; decision 2")
    assert why_decided(held, ("a", "1"), ("e", "1")) == ""


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO], ids=["disk full", "broken disk"])
def test_a_disk_that_fails_leaves_the_index_whole(index, code):
    before = crosswalk(index)
    counter = FaultyFiles(at=0)
    decide(MasterIndex.open(index.path, files=counter), "same", "a:1", "a:3")
    withdraw(MasterIndex.open(index.path), 1)
    stands = MasterIndex.open(index.path).sequence
    for at in range(3, counter.done, 3):
        try:
            faulty = FaultyFiles(at, code)
            decide(MasterIndex.open(index.path, files=faulty), "same", "a:1", "a:3")
        except (UsageError, OSError):
            pass
        after = MasterIndex.open(index.path)
        after.verify()
        held = in_force(read_decisions(after._base))
        assert together(after, "a:1", "a:3") == bool(held)
        if after.sequence > stands:
            withdraw(after, held[0].number)
            stands = after.sequence
    assert crosswalk(MasterIndex.open(index.path)) == before


def test_decisions_of_an_earlier_version_are_read(index, monkeypatch):
    decide(index, "same", "a:1", "a:3")
    new = index.table("decisions")
    names = new.column_names[: new.column_names.index("field")]
    read = Base.table

    def table(base, name, columns=None):
        found = read(base, name, columns)
        return found.select(names) if name == "decisions" else found

    monkeypatch.setattr(Base, "table", table)
    (made,) = in_force(read_decisions(index._base))
    assert (made.number, made.kind, made.by) == (1, "must_link", "Lan")
    update(index, night({"key": "c:9"}))
    assert together(index, "a:1", "a:3")
    withdraw(index, 1)
    monkeypatch.undo()
    assert index.table("decisions")["withdrawn"].to_pylist() == [True]


def test_a_decision_can_be_made_before_it_is_taken(index):
    index.decide(decision("same", ("a", "1"), ("a", "3")), by="Lan", resolver=linker)
    assert together(index, "a:1", "a:3")


def test_a_new_model_and_a_rebuild_obey_too(index, tmp_path):
    """Law 5: also where everything is learnt and linked anew."""
    decide(index, "same", "a:1", "a:3")
    decide(index, "different", "b:1", "b:2")
    decide(index, "pin", crosswalk(index)["b:2"])
    before = crosswalk(index)
    assert index.rebuild(resolver=linker).differ == 0
    plan = index.plan(night({"key": "z:1"}), tmp_path / "plan", refit=True, resolver=linker)
    assert plan is not None
    index.apply(tmp_path / "plan")
    after = crosswalk(index)
    assert {key: after[key] for key in before} == before
    assert index.rebuild(resolver=linker).differ == 0
    index.verify()
