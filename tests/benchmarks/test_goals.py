"""Goals, results and the README's table."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from benchmarks import child, goals, readme, results


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    return tmp_path / "results"


def test_a_result_holds_figures_and_no_path(folder: Path) -> None:
    results.save("dedupe", {"persons": 10}, {"seconds": 1.5})
    text = (folder / "dedupe.json").read_text()
    loaded = results.load("dedupe")
    assert loaded is not None and loaded["figures"] == {"seconds": 1.5}
    assert loaded["machine"]["cores"] >= 1
    assert str(Path.home()) not in text and str(Path.cwd()) not in text


def test_a_goal_counts_only_with_its_parameters(folder: Path) -> None:
    def seconds() -> goals.Standing:
        return next(s for s in goals.standings() if s.goal.benchmark == "dedupe")

    assert seconds().verdict == "open"
    results.save("dedupe", {"persons": 10, "difficulty": "medium"}, {"seconds": 1.5})
    assert seconds().verdict == "open"
    parameters = dict(seconds().goal.parameters)
    results.save("dedupe", parameters, {"seconds": 59.9})
    assert (seconds().verdict, seconds().value) == ("met", 59.9)
    results.save("dedupe", parameters, {"seconds": 60.0})
    assert seconds().verdict == "missed"
    assert "| 60 s |" in goals.table() and "| missed |" in goals.table()


def test_the_readme_gets_its_table_between_the_markers(folder: Path, tmp_path: Path) -> None:
    results.save("startup", {}, {"help_seconds": 0.2})
    path = tmp_path / "README.md"
    path.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n")
    readme.rewrite(path)
    once = path.read_text()
    readme.rewrite(path)
    assert path.read_text() == once
    assert once.startswith("before\n") and once.endswith("\nafter\n")
    assert "\nold\n" not in once and "0.2 s" in once
    path.write_text("no markers")
    with pytest.raises(SystemExit, match="once each"):
        readme.rewrite(path)


def test_losses_stay_in_the_readme(folder: Path, tmp_path: Path) -> None:
    """Every goal has its row, in its place, whatever was measured."""

    def verdicts() -> list[str]:
        path = tmp_path / "README.md"
        path.write_text(f"{readme.BEGIN}\n{readme.END}\n")
        readme.rewrite(path)
        rows = [line for line in path.read_text().splitlines() if line.startswith("| ")][1:]
        assert [row.split(" | ")[0][2:] for row in rows] == [goal.text for goal in goals.GOALS]
        return [row.split(" | ")[-1].removesuffix(" |") for row in rows]

    def measure(shift: float) -> None:
        for name in {goal.benchmark for goal in goals.GOALS}:
            of_it = [goal for goal in goals.GOALS if goal.benchmark == name]
            better = {"at least": shift, "below": -shift}
            figures = {goal.figure: goal.target + better[goal.wanted] for goal in of_it}
            parameters = {key: value for goal in of_it for key, value in goal.parameters}
            results.save(name, parameters, figures)

    assert set(verdicts()) == {"open"}
    measure(0.001)
    assert set(verdicts()) == {"met"}
    measure(-0.001)
    assert set(verdicts()) == {"missed"}


def test_the_readme_shows_the_kept_results() -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert readme.body() in text, "run python -m benchmarks readme"


def test_kept_results_have_no_paths_and_known_names() -> None:
    """Those of several sizes have the size behind the name."""
    wanted = {re.sub(r"_\d+$", "", goal.benchmark) for goal in goals.GOALS}
    for path in sorted(results.FOLDER.glob("*.json")):
        result = json.loads(path.read_text())
        assert result["benchmark"] == path.stem
        assert re.sub(r"_\d+$", "", path.stem) in wanted


def test_a_command_is_measured() -> None:
    code = "x = bytearray(50_000_000); print(len(x))"
    taken = child.run([sys.executable, "-c", code])
    assert taken.output == "50000000\n"
    assert taken.peak_memory > 50_000_000
    assert 0 < taken.cpu < 30 and 0 < taken.wall < 30


def test_a_command_that_fails_is_shown() -> None:
    with pytest.raises(SystemExit, match="out of luck"):
        child.run([sys.executable, "-c", "import sys; sys.exit('out of luck')"])
