"""Laws of nights and decisions in any order: what was decided holds, and the feed tells it all."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from index.nights import crosswalk, decide, linker, night, partition, update, withdraw

from mpi.cluster.ids import serial_numbers
from mpi.errors import UsageError
from mpi.index import MasterIndex
from mpi.index.decisions import decided_rows, in_force, read_decisions
from mpi.index.persons import persons_table, read_ids
from mpi.index.replay import replay
from mpi.records.keys import KEY
from mpi.stages import Stages

KEYS = [f"{source}:{number}" for source in "ab" for number in range(1, 5)]
VALUES = st.sampled_from([None, "1", "2", "3"])
ROWS = st.fixed_dictionaries(
    {
        "phone": VALUES,
        "national_id": VALUES,
        "full_name": st.sampled_from(["An", "Ba", "an"]),
        "updated_at": st.sampled_from([None, "03/04/2024", "05/04/2024", "25/04/2024"]),
    }
)
NIGHT = st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), ROWS), min_size=1, max_size=5)
PAIR = st.tuples(st.sampled_from(["same", "different"]), *[st.sampled_from(KEYS)] * 2)
PERSON = st.tuples(st.sampled_from(["pin", "confirm"]), st.sampled_from(KEYS))
VALUE = st.tuples(
    st.just("set"), st.just("full_name"), st.sampled_from("XY"), st.sampled_from(KEYS)
)
STEP = st.one_of(NIGHT, PAIR, PERSON, VALUE, st.integers(1, 4))
"""A night (None deletes a key), a decision about two keys or a key's person, a value set for it, or
the number of a decision to withdraw."""


def take(index, step):
    """One step; one that is refused changes nothing."""
    if isinstance(step, dict):
        rows = [{"key": key, **row} for key, row in step.items() if row is not None]
        if index.sequence or rows:
            gone = [{"key": key} for key, row in step.items() if row is None]
            update(index, night(*rows, deleted=gone))
        return
    before = index.sequence, index.table("decisions").num_rows
    try:
        if isinstance(step, int):
            withdraw(index, step)
        elif len(step) == 3:
            decide(index, *step)
        else:
            decide(index, *step[:-1], crosswalk(index).get(step[-1], "NR2SEW49BP"))
    except UsageError:
        assert (index.sequence, index.table("decisions").num_rows) == before


def rebuilt(index):
    """The persons that a linker finds in the records and the decisions of an index."""
    records = index.records()
    decided = decided_rows(in_force(read_decisions(index._base)), records.data)
    found = linker(records, None, model=None, stages=Stages(), decided=decided)
    keys = [":".join(row.values()) for row in records.data.select(KEY).to_pylist()]
    persons = {}
    for key, cluster in zip(keys, found.cluster.tolist(), strict=True):
        persons.setdefault(cluster, set()).add(key)
    return {frozenset(keys) for keys in persons.values()}


def chosen_anew(index):
    """The persons table with every golden value chosen again."""
    stored = index._base.stored
    after = serial_numbers(index.table("crosswalk")["enterprise_id"])
    decisions = in_force(read_decisions(index._base))
    return persons_table(stored, after, read_ids(index.table("persons")), decisions=decisions)


def check(index):
    assert index.table("persons").equals(chosen_anew(index))
    ids = crosswalk(index)
    held = in_force(read_decisions(index._base))
    for made in held:
        here = [ids[":".join(key)] for key in made.keys if ":".join(key) in ids]
        if made.kind == "cannot_link":
            assert len(here) == len(set(here))
        elif made.kind in ("must_link", "confirm"):
            assert len(set(here)) <= 1
    if len(ids):
        assert partition(index) == rebuilt(index)
    created = [e["after"][0] for e in index.table("events").to_pylist() if e["kind"] == "created"]
    assert len(created) == len(set(created))  # law 4: no id is given twice
    assert set(created) == set(index.table("persons")["enterprise_id"].to_pylist())
    told = replay(index.table("events"))
    assert told.crosswalk.equals(index.table("crosswalk"))
    assert all(night.unexplained == 0 for night in index.nights())
    columns = ["enterprise_id", "status", "replaced_by", "since"]
    assert told.persons.equals(index.table("persons").select(columns))


@given(NIGHT, st.lists(STEP, min_size=2, max_size=7))
@settings(max_examples=15, deadline=None)
def test_decisions_hold_and_the_feed_tells_all(first, steps):
    """Laws 3, 4 and 5."""
    with tempfile.TemporaryDirectory() as folder:
        index = MasterIndex.create_or_open(folder)
        for step in (first, *steps):
            causes = index.table("events").num_rows
            take(index, step)
            if index.sequence:
                check(index)
            for event in index.table("events").to_pylist()[causes:]:
                by_person = not isinstance(step, dict)
                assert event["cause"].startswith("decision") == by_person, event
        if index.sequence:
            index.verify()


@given(NIGHT, st.lists(st.one_of(NIGHT, PAIR, PERSON), max_size=5))
@settings(max_examples=8, deadline=None)
def test_withdrawing_everything_leaves_what_the_model_says(first, steps):
    with tempfile.TemporaryDirectory() as folder:
        index = MasterIndex.create_or_open(Path(folder) / "decided")
        plain = MasterIndex.create_or_open(Path(folder) / "plain")
        for step in (first, *steps):
            take(index, step)
            if isinstance(step, dict):
                take(plain, step)
        numbers = [d.number for d in in_force(read_decisions(index._base))]
        if numbers:
            withdraw(index, *numbers)
        if index.sequence:
            assert partition(index) == partition(plain)
            assert index.table("links").equals(plain.table("links"))
            check(index)


def test_a_person_who_comes_back_is_followed_again(tmp_path):
    """One retired id follows another; the middle one comes back with its records."""
    index = MasterIndex.create_or_open(tmp_path)
    update(index, night({"key": "a:1"}, {"key": "a:2"}, {"key": "a:3"}))
    ids = crosswalk(index)
    decide(index, "pin", ids["a:1"])
    decide(index, "same", "a:3", "a:2")
    decide(index, "same", "a:2", "a:1")

    def heirs():
        rows = index.table("persons").to_pylist()
        return {r["enterprise_id"]: r["replaced_by"] for r in rows}

    assert heirs() == {ids["a:1"]: None, ids["a:2"]: ids["a:1"], ids["a:3"]: ids["a:1"]}
    withdraw(index, 3)
    assert crosswalk(index) == ids | {"a:3": ids["a:2"]}
    assert heirs() == {ids["a:1"]: None, ids["a:2"]: None, ids["a:3"]: ids["a:2"]}
    check(index)
    update(index, night({"key": "a:9"}, deleted=[{"key": "a:2"}, {"key": "a:3"}]))
    assert heirs()[ids["a:3"]] is None
    check(index)


def test_replay_does_not_mind_the_order(tmp_path):
    index = MasterIndex.create_or_open(tmp_path)
    update(index, night({"key": "a:1", "phone": "1"}, {"key": "a:2", "phone": "1"}))
    update(index, night({"key": "a:2", "phone": "2"}))
    events = index.table("events")
    backwards = events.sort_by([("sequence", "descending")])
    one, two = replay(events), replay(backwards)
    assert one.crosswalk.equals(two.crosswalk) and one.persons.equals(two.persons)


def test_the_feed_tells_of_going_back_too(tmp_path):
    index = MasterIndex.create_or_open(tmp_path)
    update(index, night({"key": "a:1", "phone": "1"}, {"key": "a:2", "phone": "1"}, {"key": "a:3"}))
    update(index, night({"key": "a:2", "phone": "2"}, {"key": "a:4"}, deleted=[{"key": "a:3"}]))
    decide(index, "same", "a:4", "a:2")
    before = crosswalk(index)
    for snapshot in (2, 1, 3):
        index.rollback(snapshot)
        check(index)
        index.verify()
    assert crosswalk(index) == before
    assert [made.kind for made in in_force(read_decisions(index._base))] == ["must_link"]
    update(index, night({"key": "a:4", "phone": "9"}))
    check(index)
    assert crosswalk(index) == before
    index.verify()
