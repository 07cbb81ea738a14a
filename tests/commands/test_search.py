"""`mpi search`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Ask = Callable[..., Any]


def test_whoever_is_asked_for_is_found(ask: Ask, index: Path) -> None:
    rows = [json.loads(line) for line in ask("export", index, "persons", "--json").out.splitlines()]
    person = next(row for row in rows if row["birth_date"] and row["n_records"] > 1)
    name, born = person["full_name"], person["birth_date"]
    found = ask(
        "search", index, "--full_name", name, "--birth_date", born, "--json", "--limit", "3"
    )
    assert found.code == 0, found.err
    hits = found.json
    assert hits[0]["enterprise_id"] == person["enterprise_id"] and len(hits) <= 3
    fields = {field["name"]: field for field in hits[0]["fields"]}
    assert fields["full_name"]["asked"] == name and fields["full_name"]["weight"] > 0
    assert (
        ask("search", index, f"--full-name={name}", "--birth-date", born, "--json").json[0]
        == hits[0]
    )
    readable = ask("search", index, "--full_name", name, "--birth_date", born)
    assert person["enterprise_id"] in readable.out and "how alike" in readable.out


def test_what_cannot_be_asked_is_exit_2(ask: Ask, index: Path, tmp_path: Path) -> None:
    for words, said in (
        (["--shoe_size", "44"], "no field 'shoe_size'"),
        (["--full_name"], "has no value"),
        (["Nguyen"], "belongs to no field"),
        ([], "nothing was asked for"),
    ):
        answer = ask("search", index, *words)
        assert (answer.code, answer.out) == (2, "")
        assert said in answer.err
    assert ask("search", tmp_path, "--full_name", "An").code == 2
    nobody = ask("search", index, "--national_id", "987654321987")
    assert nobody.code == 0 and "Nobody" in nobody.out


def test_an_error_does_not_repeat_what_was_asked(ask: Ask, index: Path) -> None:
    for words in (["Bi Mat"], ["--full_name", "Bi", "Mat"], ["--full_name", "Bi", "--Bi=Mat"]):
        answer = ask("search", index, *words)
        assert answer.code == 2 and "Mat" not in answer.err
    answer = ask("decide", index, "set", "full_name", "Bi Mat", "upon", "NR2SEW49BP")
    assert answer.code == 2 and "Mat" not in answer.err
