"""Help, wrong use, and being stopped: one line, the right exit code, never a traceback."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mpi import cli
from mpi.commands import resolve
from mpi.index import unfinished
from mpi.index.files import Files

Ask = Callable[..., Any]
MPI = [sys.executable, "-m", "mpi.cli"]
COMMANDS = ["demo", "profile", "dedupe", "link", "run", "evaluate", "export", "explain", "synth"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_command_of_the_contract_explains_itself(ask: Ask) -> None:
    shown = ask("--help")
    assert shown.code == 0
    for name in [
        "demo",
        "profile",
        "dedupe",
        "link",
        "run",
        "evaluate",
        "export",
        "explain",
        "synth",
    ]:
        assert f"\n  {name} " in shown.out
        assert ask(name, "--help").code == 0


def test_version(ask: Ask) -> None:
    assert ask("--version").out.startswith("mpi ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["deduep"], "dedupe"),
        (["dedupe"], "INPUT"),
        (["dedupe", "x.csv", "--sed", "1"], "--seed"),
        (["run", "x.csv"], "--index"),
        (["explain", "i", "a"], "B"),
        (["dedupe", "x.csv", "--seed", "many"], "--seed"),
        (["dedupe", "x.csv", "--memory", "much", "-o", "y.csv"], "4GB"),
        (["dedupe", "x.csv", "--precision", "2", "-o", "y.csv"], "precision"),
        (["dedupe", "x.csv", "--config", "none.toml", "-o", "y.csv"], "none.toml"),
        (["run", "x.csv", "--index", "index", "--within", "soon"], "90m"),
        (["dedupe", "no-such-input.csv", "-q"], "no-such-input.csv"),
    ],
)
def test_wrong_use_is_exit_2_and_names_what_was_wrong(
    ask: Ask,
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = ask(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert names(tmp_path) == []


def test_an_unexpected_error_is_one_line(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("deep\ninside")

    monkeypatch.setattr(resolve, "run_resolve", broken)
    answer = ask("dedupe", "x.csv")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "ZeroDivisionError: deep inside" in answer.err and "MPI_DEBUG=1" in answer.err
    monkeypatch.setenv("MPI_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["dedupe", "x.csv"])


def test_ctrl_c_stops_with_a_word() -> None:
    with subprocess.Popen(
        [*MPI, "dedupe", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Who runs the tests in the background may have it ignored, which a child would inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as child:
        assert child.stdin is not None and child.stderr is not None
        time.sleep(3)  # it waits for its input
        child.send_signal(signal.SIGINT)
        code = child.wait(20)
        said = child.stderr.read().decode()
    assert code == 130
    assert said.splitlines()[-1].startswith("mpi: stopped") and "Traceback" not in said


def test_a_run_that_was_stopped_goes_on(
    ask: Ask, citizens: Path, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Ctrl-C, in the midst of linking; the next run says where it goes on."""
    put, night = Files.put, ["run", citizens / "registries", "--index", tmp_path / "index"]

    def stopping(self: Files, path: Path, content: Any) -> None:
        put(self, path, content)
        if path.name == "linked.json":
            raise KeyboardInterrupt

    monkeypatch.setattr(unfinished, "PATIENCE", 0.0)
    monkeypatch.setattr(Files, "put", stopping)
    stopped = ask(*night, "--within", "1h")
    assert stopped.code == 130 and stopped.err.splitlines()[-1].startswith("mpi: stopped")
    monkeypatch.setattr(Files, "put", put)
    again = ask(*night, "--json", "--within", "0.001s")
    told = again.json["index"]
    assert told["went_on"] == "clustering" and told["time"]["within"] == 0.001
    assert told["time"]["took"] > 0.001 < told["time"]["predicted"]
    assert "more than the 1 ms of --within; it goes on" in again.err
    assert "goes on where a run that was stopped had got to: clustering" in again.err
    for table in ("crosswalk", "persons", "links", "review"):
        shown = [ask("export", folder, table).out for folder in (tmp_path / "index", index)]
        assert shown[0] == shown[1] != ""


def test_a_reader_that_goes_away_is_no_error(index: Path) -> None:
    with subprocess.Popen(
        [*MPI, "export", str(index), "records"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.close()
        code = child.wait(30)
        assert child.stderr.read() == b""
    assert code == 141
