"""Questions to an index without what linking keeps: the same answers from a few columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from people import people

from mpi.errors import UsageError
from mpi.index import MasterIndex, keys
from mpi.serve import scanning
from mpi.settings import Settings

NAMED = ("full_name", "birth_date")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> MasterIndex:
    """In four hash buckets, after two nights: records came, changed and left."""
    made = MasterIndex.create_or_open(tmp_path_factory.mktemp("asked") / "index")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "ROWS_PER_BUCKET", 200)
        records = people(500, seed=11, copies=0.7).records()
        made.update(records, Settings(seed=1))
    rows = records.data.to_pylist()
    assert made._base.manifest is not None and made._base.manifest.buckets == 4
    changed = [row | {"phone": f"0912345{i:03}"} for i, row in enumerate(rows[5:200:10])]
    gone = [{k: row[k] for k in ("source", "record_id")} for row in rows[3:200:20]]
    made.update(_night(records, changed, gone), Settings(seed=1))
    return made


@pytest.fixture(scope="module")
def bare(index: MasterIndex) -> MasterIndex:
    """The same without what linking keeps."""
    other = MasterIndex.open(index.path)
    other._base = replace(
        other._base, manifest=msgspec.structs.replace(other._base.manifest, state=())
    )
    return other


def _night(records: Any, changed: list[dict[str, Any]], gone: list[dict[str, Any]]) -> Any:
    deleted = pa.Table.from_pylist(gone, schema=records.deleted.schema)
    data = pa.Table.from_pylist(changed, schema=records.data.schema)
    return replace(records, data=data, deleted=deleted)


def asked(index: MasterIndex) -> Iterator[dict[str, str]]:
    rows = index.records().data.to_pylist()
    for k, row in enumerate(rows[::53]):
        have = {
            n: v for n, v in row.items() if v and n not in ("source", "record_id", "updated_at")
        }
        yield {n: have[n] for n in NAMED if n in have}
        for name in ("national_id", "phone", "address"):
            if name in have and k % 3 == 0:
                yield {name: have[name]}
        if "full_name" in have:
            yield {"full_name": have["full_name"][:-1]}
            yield {"full_name": have["full_name"], "sex": have.get("sex", "M")}
        if k % 5 == 0:
            yield have


def test_the_answers_are_those_of_a_searcher(index: MasterIndex, bare: MasterIndex) -> None:
    questions = [query for query in asked(index) if query]
    assert len(questions) > 50
    for query in questions:
        assert bare.search(query, limit=3) == index.search(query, limit=3), query
    assert bare._searcher is None and index._searcher is not None
    assert sum(bool(index.search(query)) for query in questions) > 0.75 * len(questions)


@pytest.mark.parametrize("kept", [True, False])
def test_what_a_night_changed_is_seen(index: MasterIndex, bare: MasterIndex, kept: bool) -> None:
    asked = index if kept else bare
    rows = people(500, seed=11, copies=0.7).records().data.to_pylist()
    hits = asked.search({"phone": "0912345002"}, limit=1)
    assert hits[0].record == (rows[25]["source"], rows[25]["record_id"])
    gone = (rows[3]["source"], rows[3]["record_id"])
    query = {name: rows[3][name] for name in NAMED}
    assert gone not in [hit.record for hit in asked.search(query, limit=20)]


def test_only_what_is_asked_for_is_read(bare: MasterIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[list[str]] = []
    standardised = scanning.standardised

    def noting(records: Any, model: Any, **options: Any) -> Any:
        read.append(records.data.column_names)
        return standardised(records, model, **options)

    monkeypatch.setattr(scanning, "standardised", noting)
    row = next(r for r in bare.records().data.to_pylist() if r.get("phone"))
    assert bare.search({"phone": row["phone"]})
    assert {name for names in read for name in names} == {"source", "record_id", "phone"}


def test_what_cannot_be_asked(bare: MasterIndex, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no field 'shoe_size'"):
        bare.search({"shoe_size": "44"})
    with pytest.raises(UsageError, match="nothing was asked for"):
        bare.search({"full_name": " "})
    with pytest.raises(UsageError, match="limit is 0"):
        bare.search({"full_name": "Le An"}, limit=0)
    with pytest.raises(UsageError, match="is empty"):
        MasterIndex.create_or_open(tmp_path / "new").search({"full_name": "Le An"})
    assert bare.search({"national_id": "000000000000"}) == []
    assert bare.search({"national_id": "987654321987"}) == []
