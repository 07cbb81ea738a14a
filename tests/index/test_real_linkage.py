import json
from pathlib import Path

import pytest

from mpi.index import MasterIndex
from mpi.linkage import dedupe
from mpi.records import read_records
from mpi.settings import Settings

DATA = Path(__file__).parents[2] / "data" / "vietnam" / "registries"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    index = MasterIndex.create_or_open(tmp_path_factory.mktemp("real") / "index")
    index.update(read_records(sorted(DATA.glob("ha_noi_*"))))
    return index


def test_an_index_holds_what_dedupe_finds(index):
    settings = Settings(precision=0.999)
    found = dedupe(read_records(sorted(DATA.glob("ha_noi_*"))), settings).crosswalk
    assert index.table("crosswalk", as_of=1).drop(["since"]).equals(found.drop(["since"]))


def test_a_night_asks_for_the_precision_of_a_registry_unless_told_otherwise(index, tmp_path):
    records = read_records(sorted(DATA.glob("ha_noi_*")))
    eager = MasterIndex.create_or_open(tmp_path / "eager")
    eager.update(records, Settings(link_at=0.05))
    used = [json.loads(i.table("runs")["settings"][0].as_py()) for i in (index, eager)]
    assert [u.get("precision") for u in used] == [0.999, None]
    assert index.table("links", as_of=1).num_rows < eager.table("links").num_rows
    assert index.table("review", as_of=1).num_rows > eager.table("review").num_rows


def test_explain_agrees_with_the_link(index):
    link = index.table("links").to_pylist()[0]
    keys = [(link[f"source_{end}"], link[f"record_id_{end}"]) for end in "ab"]
    told = index.explain(*keys)
    assert told.total == pytest.approx(link["match_weight"], abs=1e-4)
    assert told.rules == tuple(link["blocking_rules"])


def test_the_next_night_keeps_kinds_and_model(index):
    model = index.model()
    inputs = [*sorted(DATA.glob("ha_noi_*")), DATA / "dak_lak_hospital.ndjson"]
    result = index.update(read_records(inputs, known=index.kinds()))
    assert result.changed
    assert index.sequence == 2
    assert result.records["changed"] == result.records["deleted"] == 0
    assert index.model() == model
    index.verify()
    assert not index.update(read_records(inputs, known=index.kinds())).changed
