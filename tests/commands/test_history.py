"""`mpi history` and `mpi events`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

Ask = Callable[..., Any]


def test_the_past_of_an_index_and_of_its_persons(ask: Ask, index: Path, tmp_path: Path) -> None:
    own = tmp_path / "index"
    shutil.copytree(index, own)
    rows = [json.loads(line) for line in ask("events", own).out.splitlines()]
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
    founders = [row for row in rows if row["kind"] == "created"]
    a, b = (f"{row['source']}:{row['record_id']}" for row in founders[:2])
    one, two = (row["after"][0] for row in founders[:2])
    assert ask("decide", own, "same", a, b, "--by", "Lan", "--quiet").code == 0

    news = [json.loads(line) for line in ask("events", own, "--after", len(rows)).out.splitlines()]
    assert {row["cause"] for row in news} == {"decision 1"} and news[0]["sequence"] == len(rows) + 1

    told = ask("history", own, "--json").json
    assert [night["what"] for night in told] == ["run", "decision 1"]
    assert [night["unexplained"] for night in told] == [0, 0]
    assert ask("history", own, "--since", "2", "--json").json == told[1:]
    assert ask("history", own, "--as-of", "1", "--json").json == told[:1]
    before = ask("history", own, one, "--as-of", "1", "--json").json
    assert before["replaced_by"] is None
    assert ask("search", own, "--sex", "F", "--as-of", "7").code == 2
    readable = ask("history", own)
    assert readable.code == 0 and "unexplained" in readable.out and "decision 1" in readable.out

    gone = next(i for i in (one, two) if ask("history", own, i, "--json").json["replaced_by"])
    heir = {one, two} - {gone}
    life = ask("history", own, gone.lower())
    assert f"was merged into {heir.pop()}" in life.out and "decision 1" in life.out
    assert ask("history", own, "QQQQ").code == 2
