"""An encrypted index on the command line: the key is named, never shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]
KEY = "1f" * 32


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_KEY", KEY)


def test_a_life(ask: Ask, citizens: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, registries = tmp_path / "index", sorted((citizens / "registries").iterdir())
    config = tmp_path / "mpi.toml"
    config.write_text('encryption_key = "env:REGISTRY_KEY"\n')
    answer = ask("run", registries[0], "--index", folder, "--config", config)
    assert answer.code == 0 and KEY not in answer.out + answer.err
    assert ask("run", registries[1], "--index", folder, "-q").code == 0
    table = ask("export", folder, "crosswalk").out
    assert table.count("\n") > 100
    assert "laws hold" in ask("verify", folder).out
    assert ask("events", folder).code == ask("history", folder).code == 0
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "key").chmod(0o600)
    monkeypatch.delenv("REGISTRY_KEY")
    for asked in (["export", folder, "crosswalk"], ["search", folder, "--full_name", "Le An"]):
        answer = ask(*asked)
        assert answer.code == 2 and "environment variable REGISTRY_KEY" in answer.err
        assert "--key env:NAME or --key file:PATH" in answer.err and answer.out == ""
    answer = ask("verify", folder)
    assert answer.code == 0 and "can be checked with its key" in answer.out
    assert ask("verify", folder, "--json").json["looked_into"] is False
    moved = ["--key", f"file:{tmp_path / 'key'}"]
    assert ask("export", folder, "crosswalk", *moved).out == table
    assert ask("search", folder, *moved, "--full_name", "Le An").code == 0
    assert ask("run", registries[2], "--index", folder, "-q", *moved).code == 0
    assert ask("verify", folder).code == ask("export", folder, "events").code == 0


def test_a_key_on_the_command_line_is_refused_and_not_repeated(
    ask: Ask, citizens: Path, tmp_path: Path
) -> None:
    answer = ask("run", citizens / "registries", "--index", tmp_path / "index", "--key", KEY)
    assert answer.code == 2 and "env:NAME or file:PATH" in answer.err
    assert KEY not in answer.err and not (tmp_path / "index").exists()


def test_encrypt(ask: Ask, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    folder = shutil.copytree(index, tmp_path / "index")
    table = ask("export", folder, "persons").out
    refused = ask("rollback", folder, "1", "--key", "env:REGISTRY_KEY")
    assert refused.code == 2 and "encrypt it with: mpi encrypt" in refused.err
    answer = ask("encrypt", folder, "--key", "env:REGISTRY_KEY")
    assert answer.code == 0 and "of 1 snapshot with key" in answer.out and KEY not in answer.out
    assert ask("export", folder, "persons").out == table
    assert "already" in ask("encrypt", folder, "--key", "env:REGISTRY_KEY").out
    monkeypatch.setenv("NEXT_KEY", "2e" * 32)
    told = ask("encrypt", folder, "--key", "env:NEXT_KEY", "--json").json
    assert told["changed"] and told["key"]["source"] == "env:NEXT_KEY"
    assert ask("export", folder, "persons").out == table
    wrong = ask("export", folder, "persons", "--key", "env:REGISTRY_KEY")
    assert wrong.code == 2 and "give the one that it was encrypted with" in wrong.err
    old = ["--old-key", "env:NEXT_KEY"]
    assert ask("encrypt", folder, "--key", "env:REGISTRY_KEY", *old).code == 0
    assert ask("export", folder, "persons").out == table
