"""Nights that look only at what they touch publish what nights do that link all records."""

from __future__ import annotations

import random
import shutil
from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from index.faults import FaultyFiles
from people import KINDS, people
from tables import record_table

from mpi.cluster.census import count_persons
from mpi.errors import IntegrityError, UsageError
from mpi.index import MasterIndex
from mpi.linkage import resolve
from mpi.linkage.prepare import standardised
from mpi.records.table import Field, RecordTable
from mpi.schema import Kind
from mpi.score.model import read_model
from mpi.settings import Settings

TABLES = ("records", "crosswalk", "persons", "links", "events", "decisions", "quarantine")
EVERY = Settings(review_pairs=100_000, overlays="take")


def table(rows: dict[tuple[str, str], dict[str, str | None]], gone=()) -> RecordTable:
    """A night's extract: these rows, and the keys of records that were deleted."""
    keys = sorted(rows)
    columns = {(name, kind): [rows[k][name] for k in keys] for name, kind in KINDS.items()}
    records = record_table(columns, [k[1] for k in keys], [k[0] for k in keys])
    ends = [pa.array([key[i] for key in sorted(gone)], pa.string()) for i in (0, 1)]
    deleted = pa.table([*ends, pa.nulls(len(ends[0]), pa.string())], names=DELETED)
    return RecordTable(records.data, records.fields, {}, deleted)


TIMES = {"decided_at", "withdrawn_at", "at"}
DELETED = ["source", "record_id", "updated_at"]


class Two:
    """The same nights in two indexes: one looks at what they touch, the other at everything."""

    def __init__(self, folder, seed: int, most: int = 1000) -> None:
        drawn = people(150, seed=seed)
        keys = zip(drawn.source, drawn.record_id, strict=True)
        every = [*zip(keys, drawn.rows, strict=True)]
        self.draw = random.Random(seed)
        self.draw.shuffle(every)
        half = 3 * len(every) // 4
        self.rows, self.later = dict(every[:half]), every[half:]
        self.part = MasterIndex.create_or_open(folder / "part")
        self.whole = MasterIndex.create_or_open(folder / "whole")
        model = resolve(table(self.rows), EVERY).model
        model = msgspec.structs.replace(read_model(model), max_block=most).to_json()
        self.part.update(table(self.rows), EVERY, resolver=self.fixed(model, keep=True))
        self.whole.update(table(self.rows), EVERY, resolver=self.fixed(model))

    @staticmethod
    def fixed(own: bytes, **options):
        def resolver(records, settings, *, model, stages, **decided):
            return resolve(
                records, settings, model=model or own, stages=stages, **decided, **options
            )

        return resolver

    def drawn(self) -> tuple[dict[tuple[str, str], dict[str, str | None]], list[tuple[str, str]]]:
        """A night's new and changed rows, and the keys that leave."""
        fresh, gone = {}, []
        for _ in range(self.draw.randrange(6)):
            if self.later:
                key, row = self.later.pop()
                fresh[key] = row
        for key in self.draw.sample(sorted(self.rows), 8):
            if self.draw.random() < 0.4:
                gone.append(key)
                continue
            other = self.rows[self.draw.choice(sorted(self.rows))]
            name = self.draw.choice(sorted(KINDS))
            fresh[key] = {**self.rows[key], name: self.draw.choice([other[name], None])}
        return fresh, gone

    def night(self) -> None:
        fresh, gone = self.drawn()
        records = table(fresh, gone)
        done = self.part.update(records, EVERY)
        self.whole.update(records, EVERY, resolver=partial(resolve))
        assert done.resolution is not None
        assert len(done.resolution.records) < len(self.rows) // 2
        self.rows |= fresh
        for key in gone:
            del self.rows[key]

    def decide(self, *decision, number: int | None = None) -> None:
        for index, resolver in ((self.part, None), (self.whole, partial(resolve))):
            if number is None:
                index.decide(*decision, by="Lan", resolver=resolver)
            else:
                index.withdraw(number, by="Lan", resolver=resolver)

    def check(self) -> None:
        assert self.part.sequence == self.whole.sequence
        for name in TABLES:
            mine, others = (index.table(name) for index in (self.part, self.whole))
            if name == "decisions":
                times = [name for name in mine.column_names if name in TIMES]
                mine, others = (t.drop(times) for t in (mine, others))
            assert mine.equals(others), name
        asked = [
            index.table("review").drop(["blocking_rules"]) for index in (self.part, self.whole)
        ]
        assert asked[0].equals(asked[1])
        churn = [
            msgspec.json.decode(i.table("runs")["counts"][-1].as_py())
            for i in (self.part, self.whole)
        ]
        assert churn[0] == churn[1]
        assert churn[0].get("churn", {}).get("unexplained", 0) == 0
        for index in (self.part, self.whole):
            assert index.census() == count_persons(index.table("crosswalk"))
        self.part.verify()


@pytest.mark.parametrize(("seed", "most"), [(1, 1000), (2, 3), (3, 2)])
def test_both_publish_the_same(tmp_path, seed, most):
    both = Two(tmp_path, seed, most)
    for _ in range(4):
        both.night()
        both.check()
    assert both.part.rebuild().differ == 0


def test_decisions_touch_only_those_they_speak_of(tmp_path):
    both = Two(tmp_path, 4)
    crosswalk = both.part.table("crosswalk").to_pylist()
    owners = {}
    for row in crosswalk:
        owners.setdefault(row["enterprise_id"], []).append((row["source"], row["record_id"]))
    several = [keys for keys in owners.values() if len(keys) > 1]
    (one, two), other, third = several[0][:2], several[1][0], several[2][0]
    both.decide("same", one, other)
    both.check()
    both.decide("different", one, two)
    both.check()
    both.night()
    both.check()
    if third in both.rows:
        both.decide("confirm", both.part.table("crosswalk")["enterprise_id"][0].as_py())
        both.check()
    both.decide(number=1)
    both.check()
    both.night()
    both.check()
    assert both.part.rebuild().differ == 0


def test_values_that_were_set_outlive_nights(tmp_path):
    both = Two(tmp_path, 5)
    person = both.part.table("crosswalk")["enterprise_id"][0].as_py()
    both.decide("set", "phone", "0900000000", person)
    both.check()
    both.night()
    both.check()


def test_a_night_of_deletions_alone(tmp_path):
    both = Two(tmp_path, 10)
    for _ in range(2):
        gone = both.draw.sample(sorted(both.rows), 4)
        both.part.update(table({}, gone), EVERY)
        both.whole.update(table({}, gone), EVERY, resolver=partial(resolve))
        for key in gone:
            del both.rows[key]
        both.check()
    assert len(both.part._base.manifest.state) == 2
    both.night()
    both.check()


def test_the_first_deletions_touch_no_others(tmp_path):
    """A column that says who is deleted comes the first time somebody is: nobody else cares."""
    both = Two(tmp_path, 11)
    key = sorted(both.rows)[0]
    records = table({key: {**both.rows[key], "phone": None}}, [sorted(both.rows)[5]])
    field = Field("deleted", Kind.DELETED, "deleted", "column name")
    data = records.data.append_column("deleted", pa.array(["0"]))
    records = RecordTable(data, (*records.fields, field), {}, records.deleted)
    done = both.part.update(records, EVERY)
    both.whole.update(records, EVERY, resolver=partial(resolve))
    assert len(done.resolution.records) < 20
    both.check()


def test_going_back_goes_on_from_there(tmp_path):
    both = Two(tmp_path, 6)
    both.night()
    before = dict(both.rows)
    both.night()
    for index in (both.part, both.whole):
        index.rollback(2)
    both.rows = before
    both.check()
    both.night()
    both.check()
    assert both.part.rebuild().differ == 0


def test_many_nights_leave_few_segments(tmp_path):
    both = Two(tmp_path, 8)
    for _ in range(12):
        both.night()
    both.check()
    manifest = both.part._base.manifest
    assert 2 <= len(manifest.state) <= 11
    assert both.part.rebuild().differ == 0


@pytest.mark.parametrize("damage", ["gone", "edited"])
def test_a_damaged_state_is_named(tmp_path, damage):
    both = Two(tmp_path, 9)
    path = max((tmp_path / "part" / "state").iterdir(), key=lambda p: p.stat().st_size)
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-9] + b"x" + content[-8:])
    with pytest.raises(IntegrityError, match=path.name):
        both.part.update(table({}, [sorted(both.rows)[5]]), EVERY)


def test_a_disk_that_fills_up_leaves_the_index_as_it_was(tmp_path):
    """Wherever the disk is full: the index opens, verifies, and the night comes out the same."""
    both = Two(tmp_path, 12)
    records = table(*both.drawn())

    def copied(name: str) -> Path:
        return Path(shutil.copytree(tmp_path / "part", tmp_path / name))

    counter = FaultyFiles(at=0)
    undisturbed = MasterIndex.open(copied("undisturbed"), files=counter)
    undisturbed.update(records, EVERY)
    moments = random.Random(1).sample(range(1, counter.done), 10)
    for at in sorted(moments):
        folder = copied(f"full {at}")
        try:
            MasterIndex.open(folder, files=FaultyFiles(at, lasting=True)).update(records, EVERY)
        except UsageError as error:
            assert "could not be written" in str(error) or "cannot be" in str(error)
        index = MasterIndex.open(folder)
        index.verify()
        index.update(records, EVERY)
        for name in TABLES:
            assert index.table(name).equals(undisturbed.table(name)), (at, name)
        kept = {path.name for path in (folder / "state").iterdir()}
        named = {
            file.name.split("/")[1]
            for sequence in (1, 2)
            for file in index._store.manifest(sequence)[0].state
        }
        assert kept == named, at
        shutil.rmtree(folder)


def test_a_night_tells_of_repairs_settings_and_columns(tmp_path):
    """Of tonight's records it tells what a night that links all records tells."""
    both = Two(tmp_path, 12)
    model = read_model(both.part._base.model())
    key = sorted(both.rows)[0]
    records = table({key: {**both.rows[key], "phone": "+84 (0) 912.345.678", "sex": "không rõ"}})
    repairs = standardised(records, model).messages
    assert repairs
    done = both.part.update(records, msgspec.structs.replace(EVERY, rules=[["sex"]]))
    assert done.records["changed"] == 1
    assert set(repairs) <= set(done.messages)
    assert any(message.startswith("rules of the settings") for message in done.messages)
    whole = both.whole.update(records, EVERY, resolver=partial(resolve)).resolution
    assert done.resolution.columns == whole.columns


def test_a_queue_that_is_full_is_told(tmp_path):
    both = Two(tmp_path, 13)
    one = msgspec.structs.replace(EVERY, review_pairs=1)
    left_out = 0
    for _ in range(3):
        done = both.part.update(table(*both.drawn()), one)
        left_out += done.resolution.left_out
        said = any("left out of the review queue" in message for message in done.messages)
        assert said == (done.resolution.left_out > 0)
    assert left_out
