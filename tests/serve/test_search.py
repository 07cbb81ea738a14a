"""Searching: whoever is asked for is found, with the evidence that an explanation gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from people import people

from mpi.errors import UsageError
from mpi.index import MasterIndex
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


def test_known_and_new_values_are_weighed_alike(
    index: MasterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of the records' values is used again, and changes nothing."""
    index.search({"phone": "1"})
    assert index._searcher is not None
    searcher = index._searcher[1]
    queries: list[dict[str, str]] = []
    for row in range(0, len(index.records()), 17):
        query = asked(index, row)[1]
        column = searcher._columns["birth_date"]
        born = column.values[int(column.codes[row])].as_py() if column.codes[row] >= 0 else "1990"
        queries += [query, {"full_name": query["full_name"], "birth_date": query["birth_date"]}]
        queries += [{"full_name": query["full_name"], "birth_date": born}, {"birth_date": born}]
        queries += [{name: query[name]} for name in ("national_id", "phone") if name in query]
    known = [searcher.search(query) for query in queries]
    monkeypatch.setattr(searcher, "_known", lambda question: None)
    monkeypatch.setattr(searcher, "_held", lambda name, value: False)
    assert [searcher.search(query) for query in queries] == known
    assert sum(bool(hits) for hits in known) > 0.9 * len(known)
