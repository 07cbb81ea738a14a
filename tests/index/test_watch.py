"""What stands before a night and what is looked at after it: overlays, sentinels, drift."""

from dataclasses import replace

import numpy as np
import pytest
from index.nights import crosswalk, linker, night, update

from mpi.index import MasterIndex
from mpi.index.drift import Drift, find_drift
from mpi.index.overlays import REASON, unlike_dates, unlike_names
from mpi.records.table import Fates
from mpi.settings import Settings

FIELDS = ("full_name", "sex", "birth_date", "phone", "national_id", "updated_at")


def person(key, **changes):
    row = {"key": key, "full_name": "Nguyễn Văn An", "sex": "M", "birth_date": "1990-05-12"}
    return row | changes


def with_fields(*rows, **named):
    return night(*rows, fields=FIELDS, **named)


@pytest.fixture
def index(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    rows = [person("a:1", phone="1"), person("b:1", phone="1"), person("b:2", full_name="Lê Hoa")]
    update(index, with_fields(*rows))
    return index


OTHER = {"full_name": "Trần Thị Bình", "sex": "F", "birth_date": "1962-07-03"}

# ------------------------------------------------------------------ overlays


def test_an_update_that_makes_another_person_is_set_aside(index):
    before = index.table("records")
    rows = with_fields(person("a:1", phone="2", **OTHER), person("b:3", full_name="Vũ Ba"))
    done = update(index, rows)
    assert set(crosswalk(index)) == {"a:1", "b:1", "b:2", "b:3"}
    assert index.table("records").slice(0, 1).equals(before.slice(0, 1))
    assert crosswalk(index)["a:1"] == crosswalk(index)["b:1"]
    (aside,) = index.table("quarantine").to_pylist()
    assert (aside["source"], aside["file"], aside["reason"]) == ("a", "night.csv", REASON)
    assert "Trần Thị Bình" in aside["values"]
    assert done.fates == Fates(read=2, accepted=1, quarantined=1)
    assert any("1 update would turn a record into another person" in m for m in done.messages)
    assert not any("Bình" in m for m in done.messages)
    assert index.verify().problems == ()
    # Sent again, it waits on; and nothing is published twice.
    assert not update(index, with_fields(person("a:1", phone="2", **OTHER))).changed
    assert index.rebuild(resolver=linker).differ == 0


def test_whoever_says_so_takes_it(index):
    rows = with_fields(person("a:1", phone="2", **OTHER))
    index.update(rows, Settings(overlays="take"), resolver=linker)
    assert index.table("records")["full_name"][0].as_py() == "Trần Thị Bình"
    assert index.table("quarantine").num_rows == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"full_name": "Trần Thị Bình", "sex": "F"},
        {"full_name": "Trần Thị Bình", "birth_date": "1962-07-03"},
        {"sex": "F", "birth_date": "1962-07-03"},
        {"full_name": "Trần Thị Bình", "sex": "F", "birth_date": "1990-12-05"},  # day and month
        {"full_name": "Trần Thị Bình", "sex": "F", "birth_date": "1991-05-12"},
        {"full_name": "NGUYEN VAN AN", "sex": "F", "birth_date": "1962-07-03"},
        {"full_name": "Trần Thị Bình", "sex": None, "birth_date": "1962-07-03"},
        {"full_name": None, "sex": "F", "birth_date": "1962-07-03"},
    ],
)
def test_corrections_are_no_overlays(index, changes):
    update(index, with_fields(person("a:1", **changes)))
    assert index.table("quarantine").num_rows == 0
    assert index.sequence == 2


def test_a_source_that_writes_otherwise_makes_no_overlay(index):
    update(index, with_fields(person("a:1", sex="Nam", birth_date="12/05/1990", full_name="AN")))
    assert index.table("quarantine").num_rows == 0


def test_a_full_extract_with_an_overlay_keeps_the_record(index):
    rows = with_fields(person("a:1", **OTHER))
    index.update(rows, resolver=linker, full=True)
    assert "a:1" in crosswalk(index)


def test_dates_and_names_that_are_unlike():
    assert not unlike_dates("1990-00-00", "1990-07-12")
    assert unlike_dates("1990-05-00", "1962-07-12")
    assert unlike_names("LÊ AN", "LÊ HOA")
    assert not unlike_names("PHẠM THỊ LAN", "PHAM THI LAN")


# ------------------------------------------------------------------ sentinels


def sentinels(update):
    return {s.what: s for s in update.sentinels}


def test_persons_whose_records_disagree_are_told(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    rows = [
        person("a:1", phone="1", national_id="001190000001"),
        person("a:2", phone="1", national_id="001190000002"),
        person("b:1", phone="2", birth_date="1990-05-12"),
        person("b:2", phone="2", birth_date="12/05/1990"),
        person("b:3", phone="2", birth_date="1962-07-03"),
        person("c:1", phone="3", sex="M"),
        person("c:2", phone="3", sex="F"),
        *(person(f"d:{i}", phone="4") for i in range(40)),
        *(person(f"e:{i}") for i in range(2000)),
    ]
    found = sentinels(update(index, with_fields(*rows)))
    assert {what: s.keys for what, s in found.items()} == {
        "both sexes": ("c:1",),
        "two values of national_id": ("a:1",),
        "unusually many records": ("d:0",),
    }
    # A second record with the other date makes it well attested; and only it is told.
    found = sentinels(update(index, with_fields(person("b:4", phone="2", birth_date="1962-07-03"))))
    assert [(s.what, s.persons, s.keys) for s in found.values()] == [
        ("two well-attested birth dates", 1, ("b:1",))
    ]
    assert "such as that of b:1" in str(found["two well-attested birth dates"])


# ------------------------------------------------------------------ drift


def people(source, numbers, **changes):
    return [
        person(f"{source}:{i}", full_name=f"N{i}", birth_date=f"19{i % 90 + 10}-01-{i % 28 + 1:02}")
        | {"sex": "MF"[i % 2]}
        | changes
        for i in numbers
    ]


@pytest.fixture
def clinics(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, with_fields(*people("a", range(300)), *people("b", range(300))))
    return index


def drifts(index, *rows):
    done = update(index, with_fields(*rows))
    return done, {(d.source, d.field, d.what + d.value): d for d in done.drift}


def test_a_clinic_that_starts_to_send_1900_01_01_is_named(clinics):
    sick = people("b", range(300, 340), birth_date="1900-01-01")
    fine = people("b", range(340, 400)) + people("a", range(300, 400))
    done, found = drifts(clinics, *sick, *fine)
    assert list(found) == [("b", "birth_date", "value1900-01-01")]
    drift = found["b", "birth_date", "value1900-01-01"]
    assert (drift.value, drift.before, drift.now) == ("1900-01-01", 0.0, 0.4)
    said = "source b: birth_date is '1900-01-01' in 40% of tonight's records, before in 0.0%"
    assert any(message.startswith(said) for message in done.messages)


def test_a_column_that_comes_empty_and_codes_that_change(clinics):
    _, found = drifts(clinics, *people("a", range(300, 400), birth_date=None))
    assert list(found) == [("a", "birth_date", "missing")]
    rows = [row | {"sex": str(1 + (row["sex"] == "F"))} for row in people("a", range(400, 500))]
    _, found = drifts(clinics, *rows)
    assert set(found) == {
        ("a", "birth_date", "missing"), ("a", "sex", "value1"), ("a", "sex", "value2")
    }  # fmt: skip


def test_nights_like_those_before_do_not_drift(clinics):
    for start in (300, 400):
        done, found = drifts(clinics, *people("a", range(start, start + 100)))
        assert not found
        assert done.sentinels == ()
    _, found = drifts(clinics, *people("a", range(500, 510), birth_date="1900-01-01"))
    assert not found  # too few to tell
    _, found = drifts(clinics, *people("new", range(200), birth_date="1900-01-01"))
    assert not found  # nothing to compare with


def test_levels_and_weights_of_links_drift(clinics):
    def pairs(source, numbers):
        return [row | {"phone": str(int(row["key"][2:]) // 2)} for row in people(source, numbers)]

    update(clinics, with_fields(*pairs("c", range(1000, 1600))))

    def weaker(records, settings, *, model, stages):
        result = linker(records, settings, model=model, stages=stages)
        links = result.links
        late = links.left >= len(records) - 400
        weight = np.where(late, links.weight - 5, links.weight + links.left % 7 / 7)
        levels = np.where(late[:, None], 0, links.levels).astype(np.int8)
        return replace(
            result, links=replace(links, weight=weight.astype(np.float32), levels=levels)
        )

    base = clinics._base
    done = clinics.update(with_fields(*pairs("c", range(2000, 2400))), resolver=weaker)
    found = {(d.source, d.field, d.what) for d in done.drift if d.what in ("levels", "weights")}
    assert found >= {("c", "phone", "levels"), ("c", "", "weights")}
    assert all(d.what not in ("levels", "weights") or str(d) for d in done.drift)
    assert find_drift(base, done.changes, None) == tuple(
        d for d in done.drift if d.what not in ("levels", "weights")
    )


def test_a_drift_says_what_it_is():
    assert "missing in 50%" in str(Drift("a", "phone", "missing", 0.1, 0.5))
    assert "stability index 0.40" in str(Drift("a", "", "weights", 0.0, 0.4))
    assert "agrees otherwise" in str(Drift("a", "phone", "levels", 0.0, 0.4))
