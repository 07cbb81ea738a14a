"""Run a command in a process of its own, and measure it.

The measuring process stays small (no pyarrow, no pandas): on Linux a child's high-water mark of
memory begins with its parent's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORK = Path(__file__).parent / "scratch"
"""Scratch folder, not in the repository."""


@dataclass(frozen=True)
class Taken:
    """What a command took: seconds of the clock, seconds of all cores, bytes at most."""

    wall: float
    cpu: float
    peak_memory: int
    output: str

    def figures(self) -> dict[str, float]:
        """The figures as a result keeps them."""
        return {
            "seconds": round(self.wall, 3),
            "cpu_seconds": round(self.cpu, 3),
            "peak_gb": round(self.peak_memory / 1e9, 3),
        }


def run(command: Sequence[str | Path], *, tell: bool = False) -> Taken:
    """Run a command to its end; `tell` shows what it says on standard error as it comes.

    Raises
    ------
    SystemExit
        It failed; its own words are shown.
    """
    begin = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        output, errors = _drain(child, tell)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begin
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\nfailed: {errors.strip()[-2000:]}")
    scale = 1 if sys.platform == "darwin" else 1024
    return Taken(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * scale, output)


def _drain(child: subprocess.Popen[str], tell: bool) -> tuple[str, str]:
    """Read both streams to their end without reaping the child, whose usage is still wanted."""
    import threading

    found = {"errors": ""}

    def read_errors() -> None:
        assert child.stderr is not None
        for line in child.stderr:
            found["errors"] += line
            if tell:
                print(line, end="", file=sys.stderr, flush=True)

    reader = threading.Thread(target=read_errors)
    reader.start()
    assert child.stdout is not None
    output = child.stdout.read()
    reader.join()
    return output, found["errors"]


def mpi(*arguments: str | Path) -> Taken:
    """Run the command line of this installation."""
    return run([Path(sys.executable).with_name("mpi"), *arguments])


def mpi_json(*arguments: str | Path) -> tuple[Taken, dict[str, Any]]:
    """Run a command with ``--json`` and read what it answers."""
    taken = mpi(*arguments, "--json", "--quiet")
    return taken, json.loads(taken.output)


def folder(name: str) -> Path:
    """A scratch folder, made when it is missing."""
    path = WORK / name
    path.mkdir(parents=True, exist_ok=True)
    return path
