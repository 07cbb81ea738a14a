"""What narrowing costs is told, and it is about what it costs."""

from __future__ import annotations

import numpy as np
import pytest
from people import people

from mpi.block.blocks import Narrowed
from mpi.block.candidates import Candidates
from mpi.linkage import dedupe
from mpi.linkage.narrowing import pairs_missed
from mpi.settings import Settings


def test_a_run_tells_what_was_narrowed_and_what_it_cost() -> None:
    records = people(300, seed=3).records()
    result = dedupe(records, Settings(max_block=4))
    told = result.summary["quality"]["narrowed"]
    assert told
    for crowded in told:
        said = [m for m in result.summary["messages"] if f"'{crowded['rule']}' put" in m]
        assert len(said) == 1
        assert f"put {crowded['rows']:,} records into blocks of more than 4" in said[0]
        assert "missed by that" in said[0]
        assert 0 <= crowded["left"] <= crowded["rows"]
    assert dedupe(records, Settings(max_block=10_000)).summary["quality"]["narrowed"] == []


@pytest.mark.parametrize(("kept", "others"), [(0.6, 0.9), (0.3, 0.5), (0.9, 0.2)])
def test_the_estimate_is_near_what_is_missed(kept: float, others: float) -> None:
    """Pairs that narrowing parts by chance, and that other rules find by chance."""
    rng = np.random.default_rng(7)
    pairs = 20_000
    left = np.arange(pairs) * 2
    wide = np.zeros(2 * pairs, np.int32)
    stays, known = rng.random(pairs) < kept, rng.random(pairs) < others
    rules = stays.astype(np.uint64) | known.astype(np.uint64) << np.uint64(1)
    seen = rules > 0
    report = Narrowed("name", 2 * pairs, ("sex",), 0)
    candidates = Candidates(np.zeros((2 * pairs, 8), np.int32), False, (report,), (), (), {0: wide})
    missed = pairs_missed(candidates, left[seen], left[seen] + 1, rules[seen])
    assert missed["name"] == pytest.approx(np.count_nonzero(~seen), rel=0.25)
