"""Searching: whoever is asked for is found, with the evidence that an explanation gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from people import people

from mpi.errors import UsageError
from mpi.index import MasterIndex
from mpi.serve import beside
from mpi.serve import hits as hits_module
from mpi.settings import Settings

FIELDS = ("full_name", "birth_date", "sex", "national_id", "phone", "address")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> MasterIndex:
    made = MasterIndex.create_or_open(tmp_path_factory.mktemp("searched") / "index")
    made.update(people(500, seed=7, copies=0.7).records(), Settings(seed=1))
    return made


def asked(index: MasterIndex, row: int) -> tuple[tuple[str, str], dict[str, str]]:
    record = index.records().data.slice(row, 1).to_pylist()[0]
    query = {name: record[name] for name in FIELDS if record.get(name)}
    return (record["source"], record["record_id"]), query


def persons(index: MasterIndex) -> dict[tuple[str, str], str]:
    rows = index.table("crosswalk").to_pylist()
    return {(r["source"], r["record_id"]): r["enterprise_id"] for r in rows}


def test_a_record_finds_its_own_person_first(index: MasterIndex) -> None:
    owner = persons(index)
    for row in range(0, len(owner), 23):
        key, query = asked(index, row)
        hits = index.search(query)
        assert hits[0].enterprise_id == owner[key]
        assert [h.weight for h in hits] == sorted((h.weight for h in hits), reverse=True)
        assert len({h.enterprise_id for h in hits}) == len(hits) <= 5


def test_search_weighs_as_explain_does(index: MasterIndex) -> None:
    """Law 8: a question that says what a record says is weighed like that record."""
    compared = 0
    for row in range(0, len(index.records()), 31):
        key, query = asked(index, row)
        for hit in index.search(query, limit=3):
            if hit.record != key:
                told = index.explain(key, hit.record)
                assert hit.weight == pytest.approx(told.total, abs=1e-3)
                assert hit.probability == pytest.approx(told.probability, abs=1e-6)
                levels = {f.name: f.level for f in told.fields}
                assert all(levels[f.name] == f.level for f in hit.fields)
                bits = {f.name: (f.weight, f.term_frequency) for f in told.fields}
                for field in hit.fields:
                    said = field.weight, field.term_frequency
                    assert said == pytest.approx(bits[field.name], abs=1e-4)
                compared += 1
    assert compared > 10


def test_a_slip_and_a_part_are_enough(index: MasterIndex) -> None:
    owner = persons(index)
    found = 0
    rows = range(0, len(owner), 29)
    for row in rows:
        key, query = asked(index, row)
        name = query["full_name"]
        part = {"full_name": name[:-1].lower(), "birth_date": query["birth_date"]}
        found += owner[key] in [h.enterprise_id for h in index.search(part)]
    assert found >= 0.95 * len(rows)


def test_one_field_alone(index: MasterIndex) -> None:
    owner = persons(index)
    key, query = next(asked(index, r) for r in range(50) if "national_id" in asked(index, r)[1])
    for name in ("national_id", "full_name"):
        hits = index.search({name: query[name]}, limit=20)
        assert owner[key] in [h.enterprise_id for h in hits]
        assert [f.name for f in hits[0].fields if f.level >= 0] == [name]


def test_what_cannot_be_asked(index: MasterIndex, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no field 'shoe_size'; the fields are address, birth_d"):
        index.search({"shoe_size": "44"})
    with pytest.raises(UsageError, match="nothing was asked for"):
        index.search({"full_name": " "})
    with pytest.raises(UsageError, match="limit is 0"):
        index.search({"full_name": "Le An"}, limit=0)
    with pytest.raises(UsageError, match="is empty"):
        MasterIndex.create_or_open(tmp_path / "new").search({"full_name": "Le An"})
    assert index.search({"national_id": "000000000000"}) == []
    assert index.search({"national_id": "987654321987"}) == []


def test_a_decision_is_seen_at_once(index: MasterIndex) -> None:
    owner = persons(index)
    held = list(owner.values())
    a, b = [key for key, person in owner.items() if held.count(person) == 1][:2]
    keys = list(owner)
    query = asked(index, keys.index(a))[1]
    index.search(query)
    index.decide("same", a, b, by="Lan")
    now = persons(index)
    assert now[a] == now[b] == index.search(query)[0].enterprise_id
    index.withdraw(1)
    assert index.search(query)[0].enterprise_id == owner[a]


def test_a_look_up_in_files_and_one_in_unpacked_buckets_agree(index: MasterIndex) -> None:
    """The first questions look records up one by one; then buckets stay open."""
    queries = [asked(index, row)[1] for row in range(0, len(index.records()), 19)]
    fresh = MasterIndex.open(index.path)
    first = [fresh.search(query, limit=3) for query in queries]
    assert fresh._searcher is not None
    stored = fresh._searcher[1].stored
    assert stored._left == 0 and len(stored._buckets) == 1
    assert [fresh.search(query, limit=3) for query in queries] == first
    assert stored.raw(first[0][0].record, ["no_such_field"]) == {"no_such_field": None}


def test_nothing_but_what_is_asked_for_is_encoded(
    index: MasterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with the records: a question is encoded beside its candidates."""
    sizes = []
    encode = beside.encode

    def noting(standard: Any, *arguments: Any, **options: Any) -> Any:
        sizes.append((len(standard), len(standard.columns)))
        return encode(standard, *arguments, **options)

    monkeypatch.setattr(beside, "encode", noting)
    key, query = asked(index, 3)
    hits = MasterIndex.open(index.path).search({"full_name": query["full_name"]}, limit=20)
    assert key in [hit.record for hit in hits]
    assert len(sizes) == 1 and 1 < sizes[0][0] <= 1 + hits_module.MOST and sizes[0][1] == 1
