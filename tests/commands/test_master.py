"""Commands that work on an index."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mpi.index.lock import lock
from mpi.schema import TABLES

Ask = Callable[..., Any]
MPI = [sys.executable, "-m", "mpi.cli"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_second_night_with_the_same_input_says_so(ask: Ask, citizens: Path, index: Path) -> None:
    again = ask("run", citizens / "registries", "--index", index)
    assert again.code == 0 and "Nothing changed" in again.out
    told = ask("run", citizens / "registries", "--index", index, "--json", "--quiet")
    assert told.json["index"]["changed"] is False
    assert told.json["index"]["snapshot"] == 1
    assert told.json["index"]["churn"] is None


def test_a_changed_extract_is_a_new_snapshot(
    ask: Ask, citizens: Path, index: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    shutil.copytree(index, folder)
    row = rows_of(citizens / "registries" / "ha_noi_insurance.csv")[0]
    extract = tmp_path / "ha_noi_insurance.csv"
    row |= {"record_id": "NEW1", "updated_at": "2026-01-01"}
    extract.write_text(",".join(row) + "\n" + ",".join(f'"{v}"' for v in row.values()) + "\n")
    answer = ask("run", extract, "--index", folder)
    assert answer.code == 0
    assert "1 new" in answer.out and "Snapshot 2 is published" in answer.out
    churn = ask("history", folder, "--json", "--since", "2").json[0]
    assert churn["unexplained"] == 0 and churn["moves"]["joined"] + churn["persons"]["created"] == 1
    before = ask("export", folder, "crosswalk", "--as-of", "1").out
    after = ask("export", folder, "crosswalk").out
    assert "NEW1" in after and "NEW1" not in before


def test_evaluate_takes_an_index_or_a_crosswalk(
    ask: Ask, citizens: Path, index: Path, tmp_path: Path
) -> None:
    truth = citizens / "truth.csv"
    readable = ask("evaluate", index, "--truth", truth)
    assert readable.code == 0 and "precision" in readable.out and "persons" in readable.out
    of_index = ask("evaluate", index, "--truth", truth, "--json").json
    assert 0.3 < of_index["pairs"]["f1"] <= 1.0
    for name in ("crosswalk.parquet", "crosswalk.csv"):
        assert ask("export", index, "crosswalk", "-o", tmp_path / name).code == 0
        of_file = ask("evaluate", tmp_path / name, "--truth", truth, "--json").json
        assert of_file == of_index | {"calibration": None}
    missing = ask("evaluate", index, "--truth", tmp_path / "none.csv")
    assert missing.code == 2 and "none.csv" in missing.err


def test_evaluate_judges_slices_and_probabilities(
    ask: Ask, citizens: Path, index: Path, tmp_path: Path
) -> None:
    options = ["--truth", citizens / "truth.csv", "--slices", citizens / "slices.csv"]
    whole = ask("evaluate", index, *options, "--svg", tmp_path / "r.svg", "--json").json
    by_name = {part["name"]: part for part in whole["slices"]}
    assert 0 < by_name["shared_number"]["records"] < whole["records"]
    assert by_name["newborn"]["intervals"]["b_cubed"]["recall"][0] < 1.0
    calibration = whole["calibration"]
    assert calibration["links"] > calibration["review"] >= 0
    assert sum(part["pairs"] for part in calibration["bins"]) == calibration["pairs"]
    assert 0.0 <= calibration["error"] < 0.2
    assert (tmp_path / "r.svg").read_text(encoding="utf-8").startswith("<svg")
    for suffix in ("parquet", "csv", "ndjson"):
        files = [tmp_path / f"{t}.{suffix}" for t in ("crosswalk", "links", "review")]
        for file in files:
            assert ask("export", index, file.stem, "-o", file).code == 0
        pairs = ["--links", files[1], "--review", files[2]]
        assert ask("evaluate", files[0], *options, *pairs, "--json").json == whole
    readable = ask("evaluate", index, *options)
    for words in ("newborn", "merged", "Expected calibration error", "linked pairs"):
        assert words in readable.out


def test_evaluate_says_what_it_cannot_judge(
    ask: Ask, citizens: Path, index: Path, tmp_path: Path
) -> None:
    truth, crosswalk = citizens / "truth.csv", tmp_path / "crosswalk.csv"
    assert ask("export", index, "crosswalk", "-o", crosswalk).code == 0
    for arguments, said in (
        ([crosswalk, "--svg", tmp_path / "r.svg"], "give an index"),
        ([index, "--links", crosswalk], "of its own"),
        ([crosswalk, "--links", crosswalk], "no column 'source_a'"),
        ([index, "--slices", truth], "'person_id' is"),
        ([crosswalk, "--slices", crosswalk, "--svg", crosswalk], "also an input"),
    ):
        answer = ask("evaluate", *arguments, "--truth", truth)
        assert (answer.code, answer.out) == (2, "")
        assert said in answer.err
    assert names(tmp_path) == ["crosswalk.csv"]


def test_explain_adds_up_and_agrees_with_the_links(ask: Ask, index: Path) -> None:
    pair = json.loads(ask("export", index, "links", "--json").out.splitlines()[0])
    a = f"{pair['source_a']}:{pair['record_id_a']}"
    b = f"{pair['source_b']}:{pair['record_id_b']}"
    found = ask("explain", index, a, b, "--json").json
    said = sum(f["weight"] + f["term_frequency"] for f in found["fields"])
    assert found["prior"] + said + found["relative"] == pytest.approx(found["total"], abs=1e-3)
    assert found["total"] == pytest.approx(pair["match_weight"], abs=1e-4)
    assert found["probability"] == pytest.approx(pair["match_probability"])
    assert {f["name"]: f["level"] for f in found["fields"]} == pair["levels"]
    readable = ask("explain", index, a, b)
    for words in (a, b, "identical", "weight", "Probability", "Verdict"):
        assert words in readable.out


def test_explain_draws_and_says_why_not(ask: Ask, index: Path, tmp_path: Path) -> None:
    lines = ask("export", index, "crosswalk", "--json").out.splitlines()
    rows = [json.loads(line) for line in lines]
    first = rows[0]
    other = next(row for row in rows[::-1] if row["enterprise_id"] != first["enterprise_id"])
    pair = [f"{row['source']}:{row['record_id']}" for row in (first, other)]
    found = ask("explain", index, *pair, "--json", "--svg", tmp_path / "why.svg").json
    assert found["enterprise_ids"] == [first["enterprise_id"], other["enterprise_id"]]
    assert found["outcome"] in ("never_compared", "below", "review", "refused")
    assert found["short"] == pytest.approx(found["link_bits"] - found["total"])
    assert (tmp_path / "why.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "short of a link" in ask("explain", index, *pair).out
    nowhere = ask("explain", index, *pair, "--svg", tmp_path / "none" / "why.svg")
    assert nowhere.code == 2 and "does not exist" in nowhere.err
    wrong = ask("explain", index, pair[0], "no:one", "--svg", tmp_path / "no.svg")
    assert wrong.code == 2
    assert names(tmp_path) == ["why.svg"]


def test_explain_offers_the_nearest_keys(ask: Ask, index: Path) -> None:
    first = json.loads(ask("export", index, "crosswalk", "--json").out.splitlines()[0])
    source, known = first["source"], first["record_id"]
    good = f"{source}:{known}"
    for wrong in (f"{source}:{known[:-1]}", f"{source[:-2]}:{known}"):
        answer = ask("explain", index, good, wrong)
        assert answer.code == 2
        assert f"no record {wrong}" in answer.err and f"did you mean {good}" in answer.err
    assert "source:record_id" in ask("explain", index, good, "17").err


@pytest.mark.parametrize("table", [*TABLES, "records"])
def test_every_table_can_be_exported_in_every_format(
    ask: Ask, index: Path, table: str, tmp_path: Path
) -> None:
    for suffix in ("parquet", "csv", "ndjson"):
        answer = ask("export", index, table, "-o", tmp_path / f"t.{suffix}")
        assert (answer.code, answer.out) == (0, "")
    rows = pq.read_table(tmp_path / "t.parquet").num_rows
    assert len(rows_of(tmp_path / "t.csv")) == rows
    lines = (tmp_path / "t.ndjson").read_text(encoding="utf-8").splitlines()
    assert len([json.loads(line) for line in lines]) == rows
    assert names(tmp_path) == ["t.csv", "t.ndjson", "t.parquet"]


def test_an_unknown_table_or_snapshot(ask: Ask, index: Path) -> None:
    answer = ask("export", index, "people")
    assert answer.code == 2 and "persons" in answer.err
    assert ask("export", index, "persons", "--as-of", "99").code == 2


def test_a_folder_that_is_no_index(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    source = tmp_path / "a.csv"
    source.write_text("record_id,full_name\n1,An\n")
    for arguments in (
        ["export", tmp_path, "persons"],
        ["explain", tmp_path, "a:1", "a:2"],
        ["run", source, "--index", tmp_path],
        ["export", tmp_path / "nothing", "persons"],
    ):
        answer = ask(*arguments)
        assert answer.code == 2
        assert "index" in answer.err
    assert names(tmp_path) == ["a.csv", "notes.txt"]


def test_a_locked_index_is_exit_4_and_names_the_holder(ask: Ask, index: Path) -> None:
    with lock(index / "lock"):
        begin = time.monotonic()
        answer = ask("run", "no-such-input.csv", "--index", index)
        assert time.monotonic() - begin < 5
    assert answer.code == 4
    assert str(os.getpid()) in answer.err


def test_a_second_run_at_once_is_turned_away_while_the_first_reads(
    ask: Ask, citizens: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    extract = citizens / "registries" / "ha_noi_hospital.csv"
    command = [sys.executable, "-m", "mpi.cli", "run", "-", "--index", str(folder), "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as first:
        assert first.stdin is not None
        until = time.monotonic() + 30
        while str(first.pid) not in _text(folder / "lock") and time.monotonic() < until:
            time.sleep(0.02)
        begin = time.monotonic()
        answer = ask("run", extract, "--index", folder)
        assert time.monotonic() - begin < 5
        assert answer.code == 4 and str(first.pid) in answer.err
        first.stdin.write(extract.read_bytes())
    assert first.returncode == 0
    assert len(ask("export", folder, "crosswalk").out.splitlines()) == 1 + len(rows_of(extract))


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_a_damaged_index_is_exit_5(ask: Ask, index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    shutil.copytree(index, folder)
    for path in folder.rglob("*.parquet"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    answer = ask("export", folder, "crosswalk", "-o", tmp_path / "out.csv")
    assert answer.code == 5
    assert names(tmp_path) == ["index"]
