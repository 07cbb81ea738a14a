"""`mpi decide`: what it takes, what it refuses, what it tells."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]


@pytest.fixture
def own(index: Path, tmp_path: Path) -> Path:
    """An index of one's own."""
    shutil.copytree(index, tmp_path / "index")
    return tmp_path / "index"


def crosswalk(ask: Ask, index: Path) -> dict[str, str]:
    rows = [
        json.loads(line)
        for line in ask("export", index, "crosswalk", "--json").out.split("\n")[:-1]
    ]
    return {f"{r['source']}:{r['record_id']}": r["enterprise_id"] for r in rows}


def alone(ids: dict[str, str]) -> list[str]:
    held = list(ids.values())
    return [key for key, person in ids.items() if held.count(person) == 1]


def test_a_decision_and_its_withdrawal(ask: Ask, own: Path) -> None:
    before = crosswalk(ask, own)
    a, b = alone(before)[:2]
    done = ask("decide", own, "same", a, b, "--by", "Lan", "--why", "seen both", "--quiet")
    assert done.code == 0, done.err
    for words in ("Decision 1 taken", "1 merged", "one person now", "Snapshot 2", "withdraw 1"):
        assert words in done.out
    after = crosswalk(ask, own)
    assert after[a] == after[b] == before[min(a, b)]
    told = ask("explain", own, a, b)
    assert "decision 1 by Lan" in told.out and "seen both" in told.out
    again = ask("decide", own, "same", b, a, "--json", "--quiet").json
    assert not again["changed"] and "decided before" in again["messages"][0]
    back = ask("decide", own, "withdraw", "1", "--json", "--quiet").json
    assert back["changed"] and back["withdrawn"] and back["decisions"] == [1]
    assert crosswalk(ask, own) == before


def test_contradictions_are_exit_2_with_their_chain(ask: Ask, own: Path) -> None:
    a, b, c = alone(crosswalk(ask, own))[:3]
    assert ask("decide", own, "same", a, b, "--by", "Lan", "--quiet").code == 0
    assert ask("decide", own, "same", b, c, "--by", "Ha", "--quiet").code == 0
    answer = ask("decide", own, "different", a, c, "--quiet")
    assert answer.code == 2 and answer.out == ""
    assert f"{a} is {b} (decision 1 by Lan); {b} is {c} (decision 2 by Ha)" in answer.err
    assert len(ask("export", own, "decisions").out.splitlines()) == 3


@pytest.mark.parametrize("suffix", ["csv", "ndjson", "parquet"])
def test_decisions_travel_in_files(ask: Ask, own: Path, tmp_path: Path, suffix: str) -> None:
    ids = crosswalk(ask, own)
    a, b, c = alone(ids)[:3]
    many = tmp_path / "many.csv"
    many.write_text(
        f"decision,a,b,id,field,value,by,why\nsame,{a},{b},,,,Lan,because\n"
        f"different,{a},{c},,,,,\npin,,,{ids[b]},,,,\nset,,,{ids[c]},full_name,Le An,,\n"
    )
    done = ask("decide", own, "--file", many, "--by", "Ha", "--json", "--quiet")
    assert done.code == 0, done.err
    assert done.json["decisions"] == [1, 2, 3, 4] and done.json["events"]["merged"] == 1
    exported = tmp_path / f"decisions.{suffix}"
    assert ask("export", own, "decisions", "-o", exported).code == 0
    again = ask("decide", own, "--file", exported, "--json", "--quiet")
    assert again.code == 0 and not again.json["changed"]
    assert len(again.json["messages"]) == 4


def test_what_is_no_decision_is_exit_2(ask: Ask, index: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("decision,a,b\nsame,x,y:1\n")
    empty = tmp_path / "columns.csv"
    empty.write_text("who,what\n1,2\n")
    key = "ha_noi_insurance:nobody"
    for arguments, said in (
        ([], "decide one of"),
        (["same", "a:1"], "is no decision"),
        (["marry", "a:1", "b:1"], "no decision 'marry'"),
        (["same", key, key + "1"], "did you mean"),
        (["withdraw", "first"], "the number of a decision"),
        (["withdraw", "7"], "nobody has decided anything yet"),
        (["pin", "A"], "is no enterprise id"),
        (["set", "shoe", "44", "on", "NR2SEW49BP"], "no field 'shoe'"),
        (["--file", bad], "row 1"),
        (["--file", empty], "no column 'decision'"),
        (["--file", tmp_path / "none.csv"], "cannot be read"),
        (["same", "a:1", "b:1", "--file", bad], "decide one of"),
    ):
        answer = ask("decide", index, *arguments, "--quiet")
        assert (answer.code, answer.out) == (2, ""), arguments
        assert said in answer.err
    assert ask("decide", tmp_path, "same", "a:1", "b:1").code == 2
