"""Rare values speak louder, common ones softer, numbers of one person never louder."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tables import standard_column

from mpi.schema import Kind
from mpi.score import term_frequency
from mpi.score.relatives import relative_adjustments
from mpi.score.term_frequency import adjustments, term_frequencies

NAMES = ["NGUYEN"] * 60 + ["TRAN"] * 30 + ["LE"] * 8 + ["KHUONG", "TON"]


def test_newcombe() -> None:
    """log2(u / f): a value as frequent as u says gets nothing."""
    column = standard_column("family_name", Kind.FAMILY_NAME, [*NAMES, None])
    by_value, rare = term_frequencies(column, column.counts, 0.3)
    assert by_value["NGUYEN"] == pytest.approx(np.log2(0.3 / 0.6), abs=5e-4)
    assert by_value["LE"] == pytest.approx(np.log2(0.3 / 0.08), abs=5e-4)
    assert "KHUONG" not in by_value
    assert rare == pytest.approx(np.log2(0.3 * 100 / 2), abs=5e-4)
    # As frequent as the average value: 0 bits, not those of a rare value.
    assert adjustments(pa.array(["TRAN"]), by_value, rare).tolist() == [0.0]


def test_rare_values_do_not_shout() -> None:
    column = standard_column("family_name", Kind.FAMILY_NAME, NAMES * 100)
    by_value, rare = term_frequencies(column, column.counts, 0.9)
    assert rare == 5.0
    assert adjustments(pa.array(["KHUONG"]), by_value, rare).tolist() == [5.0]


@pytest.mark.parametrize("kind", [Kind.NATIONAL_ID, Kind.PHONE, Kind.EMAIL, Kind.NUMBER])
def test_numbers_of_one_person_can_only_lose(kind: Kind) -> None:
    values = ["111111111"] * 10 + [f"{i:09d}" for i in range(90)]
    column = standard_column("f", kind, values)
    by_value, rare = term_frequencies(column, column.counts, 0.01)
    assert by_value == {"111111111": pytest.approx(np.log2(0.01 / 0.1), abs=5e-4)}
    assert rare == 0.0


def test_the_most_frequent_values_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_frequency, "_MOST_LISTED", 2)
    values = ["A"] * 4 + ["B"] * 6 + ["C"] * 5 + ["D"] * 5
    column = standard_column("f", Kind.GIVEN_NAME, values)
    by_value, _ = term_frequencies(column, column.counts, 0.9)
    assert list(by_value) == ["B", "C"]


def test_empty_columns() -> None:
    column = standard_column("f", Kind.GIVEN_NAME, [None])
    assert term_frequencies(column, column.counts, 0.1) == ({}, 0.0)


def test_adjustments_of_values() -> None:
    got = adjustments(pa.array(["A", "B", "C"]), {"B": -2.0}, 0.5)
    assert got.tolist() == [0.5, -2.0, 0.5]
    assert got.dtype == np.float32


def test_relatives_who_share_a_value_share_it_whatever_its_frequency() -> None:
    """r = a + (1 - a) u: wholly shared, frequency says nothing; not shared, it says all."""
    bits = np.array([-2.0, 0.0, 3.0], np.float32)
    assert relative_adjustments(bits, 0.1, 1.0) == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)
    assert relative_adjustments(bits, 0.1, 0.1) == pytest.approx(bits)
    half = relative_adjustments(bits, 0.1, 0.55)
    assert half[1] == pytest.approx(0.0, abs=1e-6)
    assert bits[0] < half[0] < 0.0 < half[2] < bits[2]
    assert half[2] == pytest.approx(np.log2(0.55 / (0.5 + 0.5 * 0.1 / 8.0)))
    assert relative_adjustments(bits, 1.0, 1.0).tolist() == bits.tolist()
