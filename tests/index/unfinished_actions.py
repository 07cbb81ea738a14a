"""What writes to an index when nights keep what they have finished, however little it is.

A night that goes on where another had got to says so in a file beside the index.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from index import linked_actions
from index.linked_actions import EVERY, NIGHTS, copy, plan_of

from mpi.index import MasterIndex, unfinished
from mpi.index.files import Files
from mpi.score import walk

__all__ = ["ACTIONS", "act", "begin", "plan_of", "warm", "went_on"]


class StoppedError(Exception):
    """The process dies here."""


class StoppingFiles(Files):
    """Dies when so many pieces are kept, or one of this name."""

    def __init__(self, pieces: int | str | None) -> None:
        self.stop = pieces
        self.kept: list[str] = []

    def put(self, path: Path, content: bytes | memoryview) -> None:
        super().put(path, content)
        if path.parent.name == "unfinished" and path.suffix == ".json":
            self.kept.append(path.stem)
            if self.stop in (path.stem, len(self.kept) - 1):
                raise StoppedError


def _night(name: str) -> Callable[[Path, Files], None]:
    def act(path: Path, files: Files) -> None:
        done = MasterIndex.create_or_open(path, files=files).update(NIGHTS[name], EVERY)
        if done.went_on is not None:
            with went_on(path).open("a") as file:
                file.write(f"{done.went_on}\n")

    return act


def went_on(path: Path) -> Path:
    """Where nights say how far those had got that they went on from."""
    return path.with_name(path.name + ".went-on")


ENDS = ("rollback", "vacuum", "erase")
"""After these no night goes on."""
ACTIONS: dict[str, tuple[str, Callable[[Path, Files], None]]] = {
    "first night": ("none", _night("first")),
    "night for all": ("later", _night("most")),
    "night that goes on": ("stopped", _night("most")),
    "another night": ("stopped", _night("fourth")),
    "another night for all": ("stopped", _night("full")),
    **{name: ("stopped", linked_actions.ACTIONS[name][1]) for name in ENDS},
}


def begin(action: str, states: Path, path: Path) -> Path:
    """A copy of the state that an action begins from."""
    return copy(states / ACTIONS[action][0], path)


def act(action: str, path: Path, files: Files) -> None:
    """Do it."""
    ACTIONS[action][1](path, files)


def keep_everything() -> None:
    """Every part is worth a piece, and there are many."""
    unfinished.PATIENCE = 0.0
    walk._PAIRS_PER_TASK = 300


def warm(folder: Path) -> None:
    """An index in each state, one with a night that was stopped, and all kernels."""
    linked_actions.warm(folder)
    keep_everything()
    path = copy(folder / "later", folder / "index")
    try:
        _night("most")(path, StoppingFiles("linked"))
    except StoppedError:
        copy(path, folder / "stopped")
