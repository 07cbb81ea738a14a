"""Sources that hold a person once: no two of their records are one person."""

from __future__ import annotations

from collections import Counter

import pytest
from people import people

from mpi.linkage import dedupe, resolve
from mpi.linkage.resolution import REASONS
from mpi.records.table import RecordTable
from mpi.score.model import read_model
from mpi.settings import Settings


def repeated(result) -> Counter[str]:
    """By source, records beyond the first of a person there."""
    rows = result.crosswalk.to_pylist()
    held = Counter((row["source"], row["enterprise_id"]) for row in rows)
    beyond: Counter[str] = Counter()
    for (source, _), many in held.items():
        beyond[source] += many - 1
    return beyond


@pytest.fixture(scope="module")
def records() -> RecordTable:
    return people(600, seed=5).records()


def test_one_record_of_such_a_source_to_a_person(records: RecordTable) -> None:
    free = dedupe(records)
    source, most = repeated(free).most_common(1)[0]
    assert most > 5
    held = dedupe(records, Settings(duplicate_free=[source]))
    found = repeated(held)
    assert found[source] == 0
    assert all(
        found[other] > 0 for other, many in repeated(free).items() if many > 20 and other != source
    )
    reasons = held.review["reason"].to_pylist()
    assert reasons.count(REASONS[4]) > 0


def test_the_model_keeps_which_they_are(records: RecordTable) -> None:
    source = records.data["source"][0].as_py()
    first = resolve(records, Settings(duplicate_free=[source]))
    assert read_model(first.model).duplicate_free == [source]
    again = resolve(records, model=first.model)
    assert again.cluster.tolist() == first.cluster.tolist()


def test_settings_that_a_model_overrules_are_named(records: RecordTable) -> None:
    source = records.data["source"][0].as_py()
    first = resolve(records, Settings(precision=0.99))
    said = resolve(records, Settings(precision=0.99), model=first.model).messages
    assert not any("did not count" in message for message in said)
    other = Settings(precision=0.9, duplicate_free=[source])
    said = resolve(records, other, model=first.model).messages
    assert any(
        m.startswith("precision, duplicate_free of the settings did not count") for m in said
    )


def test_copies_in_such_a_source_stay_apart(records: RecordTable) -> None:
    source = records.data["source"][0].as_py()
    twice = records.data.slice(0, 1).to_pylist()[0]
    rows = [*records.data.to_pylist(), twice | {"record_id": "zzz"}, twice | {"source": "zz"}]
    data = type(records.data).from_pylist(rows, schema=records.data.schema)
    data = data.sort_by([("source", "ascending"), ("record_id", "ascending")])
    more = RecordTable(data, records.fields, {}, records.deleted)
    held = dedupe(more, Settings(duplicate_free=[source]))
    ids = {(r["source"], r["record_id"]): r["enterprise_id"] for r in held.crosswalk.to_pylist()}
    own, copy = ids[(source, twice["record_id"])], ids[(source, "zzz")]
    assert own != copy
    assert ids[("zz", twice["record_id"])] in (own, copy)  # another source's copy is one of them


def test_a_source_that_sent_nothing_is_named(records: RecordTable) -> None:
    said = dedupe(records, Settings(duplicate_free=["nowhere"])).summary["messages"]
    assert any("nowhere" in message and "duplicate_free" in message for message in said)
