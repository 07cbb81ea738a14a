"""Stated probabilities against truth."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mpi.errors import UsageError
from mpi.evaluate import calibrate, read_pairs
from mpi.evaluate.calibration import EDGES


def drawn(n: int, seed: int, distort: float = 0.0) -> tuple[pa.Table, pa.Table]:
    """Pairs that are of one person as often as is stated, or less, and the truth."""
    rng = np.random.default_rng(seed)
    chance = rng.random(n)
    same = rng.random(n) < chance * (1 - distort)
    pairs = pa.table(
        {
            "source_a": ["s"] * n,
            "record_id_a": [f"a{i}" for i in range(n)],
            "source_b": ["s"] * n,
            "record_id_b": [f"b{i}" for i in range(n)],
            "match_probability": chance,
        }
    )
    truth = pa.table(
        {
            "source": ["s"] * (2 * n),
            "record_id": [f"a{i}" for i in range(n)] + [f"b{i}" for i in range(n)],
            "person_id": [f"p{i}" for i in range(n)]
            + [f"p{i}" if same[i] else f"q{i}" for i in range(n)],
        }
    )
    return pairs, truth


def test_what_is_drawn_as_stated_is_calibrated():
    pairs, truth = drawn(20_000, 1)
    found = calibrate(truth, links=pairs)
    assert found.pairs == found.links == 20_000
    assert found.error < 0.015  # what chance alone makes of 15 bins
    assert found.brier == pytest.approx(1 / 6, abs=0.005)  # of uniform chances: mean p(1-p)
    inside = [b.interval[0] <= b.expected <= b.interval[1] for b in found.bins]
    assert sum(inside) >= len(inside) - 2
    assert sum(b.pairs for b in found.bins) == 20_000


def test_boasting_is_noticed():
    pairs, truth = drawn(20_000, 1, distort=0.3)
    found = calibrate(truth, links=pairs)
    assert found.error == pytest.approx(0.15, abs=0.01)
    outside = [not b.interval[0] <= b.expected <= b.interval[1] for b in found.bins if b.pairs > 99]
    assert sum(outside) >= len(outside) - 2


def test_bins_by_hand():
    pairs, truth = drawn(4, 3)
    pairs = pairs.set_column(4, "match_probability", [[1.0, 0.95, 0.9, 0.0]])
    people = ["p", "q", "r", "s", "p", "q", "x", "y"]
    truth = truth.set_column(2, "person_id", [people])
    found = calibrate(truth, links=pairs.slice(0, 2), review=pairs.slice(2))
    assert (found.links, found.review, found.unjudged) == (2, 2, 0)
    assert [(b.low, b.high, b.pairs, b.observed) for b in found.bins] == [
        (0.0, 0.05, 1, 0.0),
        (0.9, 0.95, 1, 0.0),
        (0.95, 0.99, 1, 1.0),
        (0.9999, 1.0, 1, 1.0),
    ]
    assert found.error == pytest.approx((0.0 + 0.9 + 0.05 + 0.0) / 4)
    assert found.brier == pytest.approx((0.0 + 0.81 + 0.0025 + 0.0) / 4)
    assert list(EDGES) == sorted(EDGES)


def test_pairs_of_unknown_persons_are_left_out():
    pairs, truth = drawn(10, 2)
    people = truth["person_id"].to_pylist()
    people[3] = None
    truth = truth.set_column(2, "person_id", [people]).slice(0, 19)
    found = calibrate(truth, review=pairs)
    assert (found.pairs, found.unjudged) == (8, 2)
    with pytest.raises(UsageError, match="judges none of the 1 pairs; the first is of 's:a3'"):
        calibrate(truth, links=pairs.slice(3, 1))


def test_order_does_not_matter():
    pairs, truth = drawn(500, 4)
    order = pa.array(np.random.default_rng(1).permutation(500))
    assert calibrate(truth, links=pairs.take(order)) == calibrate(truth, links=pairs)


def test_no_pairs_at_all():
    pairs, truth = drawn(3, 1)
    found = calibrate(truth, links=pairs.slice(0, 0))
    assert (found.pairs, found.error, found.brier, found.bins) == (0, 0.0, 0.0, ())


def test_a_truth_without_sources():
    pairs, truth = drawn(50, 1)
    assert calibrate(truth.drop(["source"]), pairs) == calibrate(truth, pairs)
    other = pairs.set_column(2, "source_b", [["t"] * 50])
    other = other.set_column(3, "record_id_b", pairs["record_id_a"])
    with pytest.raises(UsageError, match="repeat across sources"):
        calibrate(truth.drop(["source"]), other)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source_a,record_id_a,source_b,record_id_b\n", "no column 'match_probability'"),
        ("{}{}a,1,b,2,1.5\n", "row 1 has the match_probability 1.5"),
        ("{}{}a,1,b,2,much\n", "no number"),
        ("{}{}a,1,b,2,\n", "1 rows have no match_probability"),
    ],
    ids=["missing", "beyond", "word", "empty"],
)
def test_files_that_are_wrong(tmp_path, text, message):
    path = tmp_path / "links.csv"
    head = "source_a,record_id_a,source_b,record_id_b,match_probability\n"
    path.write_text(text.format(head, ""))
    with pytest.raises(UsageError, match=message):
        read_pairs(path, "links")
