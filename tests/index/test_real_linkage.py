from pathlib import Path

import pytest

from mpi.index import MasterIndex
from mpi.linkage import dedupe
from mpi.records import read_records

DATA = Path(__file__).parents[2] / "data" / "vietnam" / "registries"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    index = MasterIndex.create_or_open(tmp_path_factory.mktemp("real") / "index")
    index.update(read_records(sorted(DATA.glob("ha_noi_*"))))
    return index


def test_an_index_holds_what_dedupe_finds(index):
    found = dedupe(read_records(sorted(DATA.glob("ha_noi_*")))).crosswalk
    assert index.table("crosswalk", as_of=1).drop(["since"]).equals(found.drop(["since"]))


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
