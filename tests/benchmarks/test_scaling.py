"""Growth fitted to sizes, the plot of it, and what a folder held at most."""

from __future__ import annotations

import math
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import plot, readme, results
from benchmarks.disk import bytes_in, watched
from benchmarks.end_to_end import _beside
from benchmarks.scaling import fit, steps


def test_the_exponent_of_a_power_is_found() -> None:
    for slope in (0.9, 1.0, 1.3):
        values = {n: 3e-6 * n**slope for n in (10**5, 3 * 10**5, 10**6, 3 * 10**6)}
        found, height = fit(values)
        assert found == pytest.approx(slope) and math.exp(height) == pytest.approx(3e-6)
        assert steps(values) == pytest.approx([slope] * 3)


def test_the_start_of_the_program_does_not_hide_the_growth() -> None:
    """A constant of three seconds flattens the small sizes alone."""
    values = {n: 3.0 + 1e-5 * n**1.2 for n in (10**4, 10**5, 10**6, 10**7)}
    assert fit(values)[0] > 1.15 > fit({n: values[n] for n in (10**4, 10**5)})[0]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    return tmp_path


def test_the_plot_shows_what_is_kept(kept: Path) -> None:
    assert plot.draw() is None and plot.write() is None
    results.save(
        "end_to_end_100000", {"records": 100_000}, {"splink_seconds": 20.0, "run_f1": 0.99}
    )
    assert plot.draw() is None  # a single size shows no growth
    figures = {"run_seconds_100000": 3.0, "run_seconds_1000000": 9.0, "dedupe_peak_gb_1000000": 1.5}
    results.save("scaling", {}, figures | {"run_seconds_foretold_100000000": 900.0})
    assert plot.points() == {
        "splink": {"seconds": {100_000: 20.0}},
        "run": {"seconds": {100_000: 3.0, 1_000_000: 9.0}},
        "dedupe": {"peak_gb": {1_000_000: 1.5}},
    }
    assert plot.write() == plot.NAME
    text = (kept / plot.NAME).read_text()
    ElementTree.fromstring(text)
    for words in ("mpi run, 1,000,000 records: 9 s", "Splink 5 on DuckDB, 100,000 records: 20 s"):
        assert words in text
    assert "recordlinkage" not in text
    assert plot.NAME in readme.body()


def test_ratios_are_told_for_rivals_that_ran() -> None:
    side = {"seconds": 2.0, "cpu_seconds": 3.0, "peak_gb": 1.0, "f1": 0.99}
    rival = {"seconds": 20.0, "cpu_seconds": 60.0, "peak_gb": 4.0, "f1": 0.97}
    sides = {"run": side, "dedupe": side, "splink": rival}
    told = _beside({f"{s}_{name}": v for s, of in sides.items() for name, v in of.items()})
    assert told["run_cpu_seconds_vs_splink"] == 0.05
    assert told["dedupe_f1_above_splink"] == 0.02
    assert not any("recordlinkage" in name for name in told)


def test_what_a_folder_held_at_most_is_noticed(tmp_path: Path) -> None:
    with watched(tmp_path) as most:
        (tmp_path / "spilt").write_bytes(bytes(500_000))
        time.sleep(0.5)
        (tmp_path / "spilt").unlink()
        (tmp_path / "kept").write_bytes(bytes(1_000))
    assert most.bytes >= 500_000 and bytes_in(tmp_path) == 1_000
