"""How sure a run is, on the command line: the last line, --json, --labels and --review-pairs."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

Ask = Callable[..., Any]

NAMES = "name\n" + "".join(f"{a} {b}\n" for a in ("An", "Binh", "Chi") for b in "KLMNOPQR") * 3


@pytest.fixture
def names_alone(tmp_path: Path) -> Path:
    path = tmp_path / "names.csv"
    path.write_text(NAMES, encoding="utf-8")
    return path


def truth_of(citizens: Path) -> list[dict[str, str]]:
    path = citizens / "truth.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("command", ["dedupe", "run"])
def test_what_cannot_be_trusted_is_said_last(
    ask: Ask, names_alone: Path, tmp_path: Path, command: str
) -> None:
    where = ("--index", tmp_path / "i") if command == "run" else ("-o", tmp_path / "x.csv")
    answer = ask(command, names_alone, *where, "--quiet")
    assert answer.code == 0
    assert answer.out.rstrip().splitlines()[-1].startswith("This result cannot be trusted: ")
    told = ask(command, names_alone, *where, "--quiet", "--json").json["trust"]
    assert told["trusted"] is False
    assert "only full_name could be compared" in " ".join(told["reasons"])


def test_on_standard_error_where_the_crosswalk_takes_standard_output(
    ask: Ask, names_alone: Path
) -> None:
    answer = ask("dedupe", names_alone)
    assert "cannot be trusted" not in answer.out
    assert answer.err.rstrip().splitlines()[-1].startswith("This result cannot be trusted: ")


def test_link_says_it_too(ask: Ask, names_alone: Path, tmp_path: Path) -> None:
    other = tmp_path / "others.csv"
    other.write_text(NAMES, encoding="utf-8")
    told = ask("link", names_alone, other, "-o", tmp_path / "x.csv", "--json", "-q").json
    assert told["trust"]["trusted"] is False


def test_a_trusted_run_states_its_errors(ask: Ask, citizens: Path, tmp_path: Path) -> None:
    where = ("-o", tmp_path / "x.parquet")
    answer = ask("dedupe", citizens / "registries", *where, "--quiet")
    assert "cannot be trusted" not in answer.out
    for words in ("expected to be right", "expected to be found", "Expected false links", "95 %"):
        assert words in answer.out
    assert "columns used: " in answer.out
    told = ask("dedupe", citizens / "registries", *where, "--json", "-q").json
    assert told["trust"] == {"trusted": True, "reasons": [], "learning": told["trust"]["learning"]}
    assert 0.9 < told["quality"]["precision"]["low"] <= 1.0
    assert {c["used"] for c in told["columns"]} >= {"compared", "key"}
    assert {s["source"] for s in told["quality"]["by_source"]} == {
        s["source"] for s in told["sources"]
    }


def test_review_pairs_bound_the_queue(ask: Ask, citizens: Path, tmp_path: Path) -> None:
    review = tmp_path / "review.parquet"
    told = ask(
        *("dedupe", citizens / "registries", "-o", tmp_path / "x.parquet", "--json", "-q"),
        *("--review", review, "--review-pairs", "2"),
    ).json
    assert pq.read_table(review).num_rows == told["review"] <= 2
    assert ask("dedupe", citizens / "registries", "--review-pairs", "-1").code == 2


def test_labels_of_persons_and_of_pairs(ask: Ask, citizens: Path, tmp_path: Path) -> None:
    truth = truth_of(citizens)
    some = [row for i, row in enumerate(truth) if i % 2 == 0]
    persons = tmp_path / "persons.csv"
    with persons.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ["source", "record_id", "person_id"])
        out.writeheader()
        out.writerows(some)
    where = ("-o", tmp_path / "x.parquet", "--json", "-q")
    told = ask("dedupe", citizens / "registries", *where, "--labels", persons).json
    assert told["labels"] == {
        "given": len(some),
        "used": len(some),
        "unknown": 0,
        "contradictions": [],
    }
    night = ask(
        *("run", citizens / "registries", "--index", tmp_path / "i", "--json", "-q"),
        *("--labels", persons),
    ).json
    assert night["labels"]["used"] == len(some)
    pairs = tmp_path / "pairs.csv"
    a, b, c = (f"{row['source']},{row['record_id']}" for row in truth[:3])
    pairs.write_text(
        "source_a,record_id_a,source_b,record_id_b,match\n"
        f"{a},{b},1\n{b},{c},1\n{a},{c},0\n{a},nowhere,0,1\n",
        encoding="utf-8",
    )
    answer = ask("dedupe", citizens / "registries", *where, "--labels", pairs)
    assert answer.code == 0
    told = answer.json
    assert len(told["labels"]["contradictions"]) == 1
    assert told["labels"]["unknown"] == 1
    assert any("warning: 1 label contradicts" in m for m in told["messages"])


def test_labels_that_are_none(ask: Ask, citizens: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n", encoding="utf-8")
    answer = ask("dedupe", citizens / "registries", "--labels", wrong)
    assert answer.code == 2
    assert "have the columns a, b; wanted pairs" in answer.err
    assert ask("dedupe", citizens / "registries", "--labels", tmp_path / "none.csv").code == 2
