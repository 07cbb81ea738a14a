"""The sample of data/ is what its script rebuilds, and its truth is whole."""

import importlib.util
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from mpi.synth import synthesise

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("rebuild", DATA / "rebuild.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    folder = tmp_path_factory.mktemp("vietnam")
    citizens = synthesise(script.PERSONS, seed=script.SEED, provinces=script.PROVINCES)
    return folder, script.rebuild(folder, citizens)


def test_sample_is_up_to_date(rebuilt):
    """When this fails after a change of mpi.synth, run ``python data/rebuild.py``."""
    folder, files = rebuilt
    names = sorted(p.relative_to(folder) for p in files)
    sample = DATA / "vietnam"
    assert names == sorted(p.relative_to(sample) for p in sample.rglob("*") if p.is_file())
    for name in names:
        if name.suffix == ".parquet":
            assert pq.read_table(folder / name).equals(pq.read_table(sample / name))
        else:
            assert (folder / name).read_bytes() == (sample / name).read_bytes()


def test_sample_is_small_and_as_described():
    assert sum(p.stat().st_size for p in DATA.rglob("*") if p.is_file()) < 1_000_000
    truth = pacsv.read_csv(DATA / "vietnam" / "truth.csv")
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert f"{len(pc.unique(truth['person_id'])):,} persons" in readme
    assert f"{truth.num_rows:,} records" in readme
    stems = {p.stem for p in (DATA / "vietnam" / "registries").iterdir()}
    assert stems == set(pc.unique(truth["source"]).to_pylist())
