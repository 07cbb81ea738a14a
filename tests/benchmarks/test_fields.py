"""The columns that standardising is measured on, and its figures."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks import fields, goals, results

PERSONS = 4_000


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("columns") / "kept"
    fields.invent(PERSONS, 3, path)
    return path


def test_every_field_is_invented_with_repetition_and_gaps(columns: Path) -> None:
    for name in fields.FIELDS:
        column = pq.read_table(columns / f"{name}.parquet")[name]
        assert PERSONS * 0.9 < len(column) < PERSONS * 3
        assert len(pc.unique(column.drop_null())) < len(column) - column.null_count
        assert column.null_count > 0 or name == "full_name"


def test_wards_are_many_different_texts() -> None:
    wards = fields.ward_spellings().to_pylist()
    assert 40_000 < len(wards) == len(set(wards))
    assert {"Phường Bến Nghé", "P. Bến Nghé", "Phuong Ben Nghe"} <= set(wards)


def test_each_goal_has_its_figure(
    columns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(fields, "FEWEST", 1)
    monkeypatch.setattr(fields, "_columns", lambda persons, seed: columns)
    measured = {name: fields.measure(name, columns, runs=1) for name in ("full_name", "sex")}

    class Taken:
        """What a process would have answered; the values of one field stand for all."""

        def __init__(self, command: list[str]) -> None:
            self.output = json.dumps(measured["full_name" if "full_name" in command else "sex"])

    monkeypatch.setattr(fields, "run", Taken)
    fields.fields(persons=PERSONS, runs=1)
    figures = json.loads((tmp_path / "fields.json").read_text())["figures"]
    assert 0 < figures["full_name_coding_share"] < 1
    wanted = [goal for goal in goals.GOALS if goal.benchmark == "fields"]
    assert len(wanted) == 9 and {goal.figure for goal in wanted} <= set(figures)
    assert all(s.verdict == "open" for s in goals.standings() if s.goal in wanted)
