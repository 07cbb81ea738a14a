"""Laws of the index over random nights: one partition, ids for ever, events that tell all."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from index.nights import contents, crosswalk, night, partition, update

from mpi.index import MasterIndex

KEYS = [f"{source}:{number}" for source in "ab" for number in range(1, 6)]
VALUES = st.sampled_from([None, "1", "2", "3"])
ROWS = st.fixed_dictionaries(
    {"phone": VALUES, "national_id": VALUES, "full_name": st.sampled_from(["An", "Ba"])}
)
NIGHTS = st.lists(
    st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), ROWS), max_size=6),
    min_size=1,
    max_size=5,
)
"""A night is a row a key; None where the night deletes the key."""


def tables(nights):
    for changes in nights:
        yield night(
            *({"key": key, **row} for key, row in changes.items() if row is not None),
            deleted=[{"key": key} for key, row in changes.items() if row is None],
        )


def run(folder, nights):
    """An index after these nights; those before the first record are left out."""
    index = MasterIndex.create_or_open(folder)
    for records in tables(nights):
        if index.sequence or len(records):
            update(index, records)
    return index


def left_over(nights):
    """The rows that are there in the end."""
    rows = {}
    for changes in nights:
        rows |= changes
    return {key: row for key, row in rows.items() if row is not None}


@given(NIGHTS)
@settings(max_examples=30)
def test_nights_and_one_build_give_the_same_persons(nights):
    """Law 3, with deletions and changes."""
    with tempfile.TemporaryDirectory() as folder:
        index = run(Path(folder) / "nights", nights)
        rows = left_over(nights)
        if not rows:
            assert index.sequence == 0 or not crosswalk(index)
            return
        built = run(Path(folder) / "built", [rows])
        assert partition(index) == partition(built)
        assert index.table("records").equals(built.table("records"))
        assert index.table("links").equals(built.table("links"))


@given(NIGHTS)
@settings(max_examples=30)
def test_events_tell_every_change_of_every_id(nights):
    """Law 4: replaying the events gives the crosswalk and who lives; nothing else changed."""
    with tempfile.TemporaryDirectory() as folder:
        index = MasterIndex.create_or_open(folder)
        belongs, dead, told = {}, set(), 0
        for records in tables(nights):
            before = crosswalk(index)
            if not index.sequence and not len(records):
                continue
            update(index, records)
            events = index.table("events").to_pylist()
            assert [e["sequence"] for e in events] == list(range(1, len(events) + 1))
            created = set()
            for event in events[told:]:
                key = f"{event['source']}:{event['record_id']}"
                assert event["cause"]
                if event["source"] is not None:
                    assert event["before"] == [i for i in [belongs.get(key)] if i is not None]
                if event["kind"] == "created":
                    (new,) = event["after"]
                    assert new not in created | dead | set(before.values())  # never used again
                    created.add(new)
                if event["kind"] in ("created", "joined", "moved"):
                    (belongs[key],) = event["after"]
                elif event["kind"] == "left":
                    del belongs[key]
                elif event["kind"] == "resurrected":
                    assert set(event["after"]) <= dead
                    dead -= set(event["after"])
                else:
                    dead |= set(event["before"]) - set(event["after"])
            told = len(events)
            assert belongs == crosswalk(index)
            persons = {r["enterprise_id"]: r for r in index.table("persons").to_pylist()}
            assert {i for i, r in persons.items() if r["status"] == "retired"} == dead
            for row in persons.values():
                assert row["replaced_by"] is None or row["replaced_by"] in belongs.values()
        index.verify()


@given(NIGHTS, st.integers(1, 3), st.booleans())
@settings(max_examples=12)
def test_the_same_nights_give_the_same_bytes(nights, pieces, reverse):
    """Law 2: rows in any chunks, fields as they are."""
    with tempfile.TemporaryDirectory() as folder:
        one = run(Path(folder) / "one", nights)
        other = MasterIndex.create_or_open(Path(folder) / "other")
        for records in tables(nights):
            if other.sequence or len(records):
                step = max(len(records) // pieces, 1)
                starts = range(0, max(len(records), 1), step)
                chunks = pa.concat_tables([records.data.slice(i, step) for i in starts])
                gone = records.deleted
                if reverse:
                    gone = gone.take(pa.array(range(len(gone) - 1, -1, -1), pa.int64()))
                update(other, replace(records, data=chunks, deleted=gone))
        assert one.sequence == other.sequence
        if one.sequence:
            assert contents(one) == contents(other)


@given(NIGHTS)
@settings(max_examples=12)
def test_unrelated_records_change_no_person(nights):
    """Law 7."""
    with tempfile.TemporaryDirectory() as folder:
        index = run(folder, nights)
        if not index.sequence:
            return
        before = crosswalk(index)
        persons = index.table("persons").to_pylist()
        update(index, night({"key": "z:1", "phone": "999"}, {"key": "A:1", "phone": "998"}))
        after = crosswalk(index)
        assert {key: after[key] for key in before} == before
        now = {row["enterprise_id"]: row for row in index.table("persons").to_pylist()}
        assert all(now[row["enterprise_id"]] == row for row in persons)
        # Sent once more, nothing happens.
        again = night({"key": "z:1", "phone": "999"}, {"key": "A:1", "phone": "998"})
        assert not update(index, again).changed
