"""A command line to ask, a small country, and an index after its first night."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mpi import cli


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The result for machines."""
        return json.loads(self.out)


@pytest.fixture
def ask(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run a command in this process."""

    def run(*arguments: str | Path) -> Answer:
        capfd.readouterr()
        code = cli.main([str(a) for a in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Answer(code, out, err)

    return run


@pytest.fixture(scope="session")
def citizens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic country."""
    folder = tmp_path_factory.mktemp("citizens")
    options = ["--persons", "300", "--provinces", "1", "--format", "csv", "--quiet", "--json"]
    assert cli.main(["synth", *options, "--seed", "3", "-o", str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def index(citizens: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index after its first night."""
    folder = tmp_path_factory.mktemp("night") / "index"
    assert cli.main(["run", str(citizens / "registries"), "--index", str(folder), "--quiet"]) == 0
    return folder
