"""Everything that writes to an index, each with the state it begins from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from index.nights import FIRST, SECOND, linker, night, update

from mpi.errors import LimitError
from mpi.index import MasterIndex
from mpi.index.files import Files
from mpi.settings import Limits, Settings

THIRD = night({"key": "z:1", "full_name": "Z", "phone": "9"}, name="third.csv")
STATES = {"none": (), "one": (FIRST,), "two": (FIRST, SECOND), "three": (FIRST, SECOND, THIRD)}


def _first(path: Path, files: Files) -> None:
    update(MasterIndex.create_or_open(path, files=files), FIRST)


def _second(path: Path, files: Files) -> None:
    update(MasterIndex.create_or_open(path, files=files), SECOND)


def _third(path: Path, files: Files) -> None:
    update(MasterIndex.create_or_open(path, files=files), THIRD)


def _rollback(path: Path, files: Files) -> None:
    MasterIndex.open(path, files=files).rollback(1)


def _vacuum(path: Path, files: Files) -> None:
    MasterIndex.open(path, files=files).vacuum(keep=1)


def _erase(path: Path, files: Files) -> None:
    MasterIndex.open(path, files=files).erase(("a", "2"), resolver=linker)


def _apply(path: Path, files: Files) -> None:
    MasterIndex.open(path, files=files).apply(plan_of(path))


def _limited(path: Path, files: Files) -> None:
    """A night that a limit stops, and its plan that somebody applies."""
    index = MasterIndex.open(path, files=files)
    settings = Settings(limits=Limits(max_changed_persons=0.01))
    try:
        index.update(SECOND, settings, resolver=linker)
    except LimitError as error:
        index.apply(error.plan)


ACTIONS: dict[str, tuple[str, Callable[[Path, Files], None]]] = {
    "first night": ("none", _first),
    "second night": ("one", _second),
    "night that folds": ("two", _third),
    "rollback": ("three", _rollback),
    "vacuum": ("three", _vacuum),
    "erase": ("three", _erase),
    "apply": ("one", _apply),
    "limited night": ("one", _limited),
}


def plan_of(path: Path) -> Path:
    """Where the plan of an index lies."""
    return path.with_name(path.name + ".plan")


def begin(action: str, states: Path, path: Path) -> Path:
    """A copy of the state that an action begins from."""
    state = ACTIONS[action][0]
    shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(plan_of(path), ignore_errors=True)
    if state != "none":
        shutil.copytree(states / state, path)
    if action == "apply":
        MasterIndex.open(path).plan(SECOND, plan_of(path), resolver=linker)
    return path


def act(action: str, path: Path, files: Files) -> None:
    """Do it."""
    ACTIONS[action][1](path, files)


def warm(folder: Path) -> None:
    """An index in each state, and so all kernels that children need."""
    for name, nights in STATES.items():
        if nights:
            index = MasterIndex.create_or_open(folder / name)
            for records in nights:
                update(index, records)
