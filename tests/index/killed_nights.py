"""A process that runs actions in children and kills them; `Killer` talks to it.

It warms itself up and forks, so that each child begins as warm as it is. One JSON line in, a
`Trial`; one JSON line out, a `Result`.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

from index.faults import FaultyFiles, LossyFiles

from mpi.errors import MpiError

_LONGEST = 120
"""Seconds after which a child is not slow, but hangs."""


@dataclass(frozen=True)
class Trial:
    """What to do.

    operation : at which file operation it is killed, or which one fails with `code`; 0 for none
    delay : seconds after which it is killed
    power : whether the power fails at that operation, or at the end if there are not so many
    """

    action: str
    path: str
    operation: int = 0
    code: int | None = None
    lasting: bool = False
    delay: float | None = None
    power: bool = False


@dataclass(frozen=True)
class Result:
    """How it ended: the exit code, negative where a signal killed the child; the error, if it was
    one that the product has; seconds; file operations that change the disk, and all of them, none
    of a child that was killed."""

    ended: int
    error: str
    took: float
    changes: int
    operations: int


def _child(module: ModuleType, trial: Trial, end: int) -> None:
    """Do it, and tell how it went into a pipe. Never returns."""
    signal.alarm(_LONGEST)
    files = FaultyFiles(trial.operation, trial.code, trial.lasting, changing=trial.code is None)
    if trial.power:
        files = LossyFiles(trial.operation)
    error, code = "", 0
    try:
        module.act(trial.action, Path(trial.path), files)
        if isinstance(files, LossyFiles):
            files.lose()
    except MpiError as caught:
        error = str(caught)
    except BaseException:
        traceback.print_exc()
        code = 1
    os.write(end, json.dumps([error, files.done, files.every]).encode())
    os._exit(code)


def _run(module: ModuleType, trial: Trial) -> Result:
    told, end = os.pipe()
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        _child(module, trial, end)
    os.close(end)
    if trial.delay is not None:
        time.sleep(trial.delay)
        os.kill(pid, signal.SIGKILL)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    took = time.perf_counter() - start
    with os.fdopen(told) as pipe:
        error, changes, operations = json.loads(pipe.read() or '["", 0, 0]')
    return Result(ended, error, took, changes, operations)


class Killer:
    """That process, as a test sees it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def wait(self) -> None:
        """Until it is warm."""
        assert self._ask("") == "\n"

    def __call__(self, action: str, path: Path, **how: int | float | bool | None) -> Result:
        return Result(
            **json.loads(self._ask(json.dumps({"action": action, "path": str(path)} | how)))
        )


@contextmanager
def killer(actions: str, folder: Path) -> Iterator[Killer]:
    """A process that runs the actions of a module.

    folder : for what it does while it warms up
    """
    here = Path(__file__).parent
    paths = [str(here.parent), str(here.parent.parent)]
    with subprocess.Popen(
        [sys.executable, __file__, actions, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    ) as process:
        made = Killer(process)
        made.wait()
        yield made
        process.communicate()


def main() -> None:
    module = importlib.import_module(sys.argv[1])
    module.warm(Path(sys.argv[2]))
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(asdict(_run(module, Trial(**json.loads(line))))), flush=True)
        else:
            print(flush=True)


if __name__ == "__main__":
    main()
