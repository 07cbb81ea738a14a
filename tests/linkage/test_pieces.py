"""A linkage that was stopped and goes on gives what it gives undisturbed."""

import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from people import people
from pieces_in_memory import Kept, StoppedError

from mpi.index.state import _segment_columns
from mpi.linkage import resolve
from mpi.pieces import Pieces
from mpi.score import walk
from mpi.settings import Settings
from mpi.stages import Stages

RECORDS = people(300, seed=6).records()
SETTINGS = Settings(seed=3, threads=1)


@pytest.fixture(autouse=True)
def _small_tasks(monkeypatch):
    monkeypatch.setattr(walk, "_PAIRS_PER_TASK", 500)


@pytest.fixture(scope="module")
def undisturbed():
    return run(Pieces())


def run(pieces, settings=SETTINGS, **more):
    return resolve(RECORDS, settings, stages=Stages(pieces=pieces), keep=True, **more)


def listed(segment):
    """The columns of a segment as plain values."""
    return {
        name: pa.array(column).to_pylist() for name, column in _segment_columns(segment).items()
    }


def same(one, other):
    """Whether two resolutions agree in everything."""
    told = [replace(r, cluster=None, links=None, review=None, state=None) for r in (one, other)]
    for number, made in enumerate(told):
        plain = repr(replace(made, component=None, records=None, placeholders=()))
        told[number] = plain, made.component.tolist()
    assert told[0] == told[1]
    assert np.array_equal(one.cluster, other.cluster)
    for name in ("links", "review"):
        for column in one.pairs(name).__dataclass_fields__:
            mine, its = (getattr(r.pairs(name), column) for r in (one, other))
            assert mine.dtype == its.dtype and np.array_equal(mine, its), (name, column)
    for mine, its in zip(one.state.segments, other.state.segments, strict=True):
        assert listed(mine) == listed(its)
    crowded = zip(one.state.crowded, other.state.crowded, strict=True)
    assert all(np.array_equal(a, b) for a, b in crowded)
    return True


def test_what_is_kept_changes_nothing(undisturbed):
    kept = Kept()
    assert same(run(kept), undisturbed)
    assert len(kept.pieces) > 5 and kept.where[:2] == ["standardising", "learning"]
    assert kept.where[-1] == "comparing, 100 %"


@pytest.mark.parametrize("stop", [1, 2, 3, 6])
def test_a_stopped_linkage_goes_on(undisturbed, monkeypatch, stop):
    kept = Kept(stop)
    with pytest.raises(StoppedError):
        run(kept)
    assert len(kept.pieces) == kept.stop == stop
    kept.stop, scored = None, []
    score = walk._score
    monkeypatch.setattr(walk, "_score", lambda *given: scored.append(1) or score(*given))
    monkeypatch.setattr(
        sys.modules["mpi.linkage.resolve"], "standardise", None
    )  # nothing is done again
    if stop > 1:
        monkeypatch.setattr("mpi.score.learn.learn", None)
    assert same(run(kept), undisturbed)
    assert len(scored) == len(kept.pieces) - max(stop, 2)


def test_it_goes_on_with_other_threads_and_other_tasks(undisturbed, monkeypatch):
    kept = Kept(4)
    with pytest.raises(StoppedError):
        run(kept)
    kept.stop = None
    monkeypatch.setattr(walk, "_PAIRS_PER_TASK", 1300)
    assert same(run(kept, Settings(seed=3, threads=3)), undisturbed)


def test_a_missing_piece_ends_what_can_be_used(undisturbed):
    kept = Kept()
    run(kept)
    del kept.pieces["compared 2"]
    kept.asked.clear()
    assert same(run(kept), undisturbed)
    assert kept.asked == ["standard", "model", "compared 0", "compared 1", "compared 2"]


def test_pieces_of_a_run_that_was_cut_otherwise_are_not_mixed(undisturbed, monkeypatch):
    kept = Kept()
    run(kept)
    monkeypatch.setattr(walk, "_PAIRS_PER_TASK", 900)
    del kept.pieces["compared 2"]
    kept.stop = len(kept.pieces) + 1
    with pytest.raises(StoppedError):
        run(kept)
    kept.stop = None
    assert same(run(kept), undisturbed)


def test_a_fixed_model_is_not_kept(undisturbed):
    kept = Kept()
    done = run(kept, model=undisturbed.model)
    assert np.array_equal(done.cluster, undisturbed.cluster)
    assert "model" not in kept.pieces and kept.pieces
