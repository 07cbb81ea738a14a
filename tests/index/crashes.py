"""Actions that are disturbed, and what has to be true after them."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
from index.killed_nights import Killer, Result, killer
from index.nights import contents, files_of, named_files

from mpi.index import MasterIndex
from mpi.index.plan import read_plan


def found(path: Path, plan: Path) -> dict[str, Any]:
    """All that an index holds, its snapshots, and what its plan would publish."""
    if not (path / "mpi-index.json").exists():
        return {}
    index = MasterIndex.open(path)
    index.verify()
    manifests = [index._store.manifest(sequence)[0] for sequence in index.snapshots()]
    told = {"tables": contents(index), "snapshots": [*map(_plain, manifests)]}
    if (plan / "plan.json").exists():
        made = read_plan(plan)
        assert {*files_of(plan)} == {"plan.json", *(file.name for file in made.files)}
        told["plan"] = [_plain(made.manifest), made.effects, made.broken]
        told["files"] = [name for name in files_of(plan) if "/runs/" not in name]
    return told


def _plain(manifest: Any) -> Any:
    """A manifest without what holds times: `runs`, and what comes of its checksum."""
    tables = {name: files for name, files in manifest.tables.items() if name != "runs"}
    return msgspec.structs.replace(manifest, tables=tables, previous=None, created_at="")


@dataclass
class Crashes:
    """What is needed to disturb the actions of a module.

    path : where they work
    expected : what there is after each that nobody disturbed
    took : how that went
    """

    module: ModuleType
    states: Path
    run: Killer
    expected: dict[str, dict[str, Any]]
    took: dict[str, Result]

    @property
    def path(self) -> Path:
        return self.states / "index"

    @property
    def plan(self) -> Path:
        return Path(self.module.plan_of(self.path))

    def _begin(self, action: str) -> None:
        self.module.begin(action, self.states, self.path)

    def learn(self, action: str) -> None:
        """How an action goes that nobody disturbs."""
        self._begin(action)
        self.took[action] = self.run(action, self.path)
        assert (self.took[action].ended, self.took[action].error) == (0, "")
        self.expected[action] = self._found(action)

    def _found(self, action: str) -> dict[str, Any]:
        """All that is there now; and nothing is left beside it."""
        told = found(self.path, self.plan)
        if told:
            assert files_of(self.path) == named_files(MasterIndex.open(self.path)), action
        return told

    def _again(self, action: str, how: dict[str, Any]) -> None:
        """A disturbed index is whole, and the action goes to its end."""
        if (self.path / "mpi-index.json").exists():
            MasterIndex.open(self.path).verify()
        again = self.run(action, self.path)
        assert (again.ended, again.error) == (0, ""), (action, how)
        assert self._found(action) == self.expected[action], (action, how)

    def kill(self, action: str, **how: Any) -> bool:
        """Kill it, and do it again; whether there was something left to kill."""
        self._begin(action)
        result = self.run(action, self.path, **how)
        assert result.ended in (0, -signal.SIGKILL), (action, how)
        self._again(action, how)
        return result.ended != 0

    def kill_at_random_moments(self, trials: int) -> int:
        """One action after the other, each at some moment of its life; how many were killed."""
        draw, killed = random.Random(trials), 0
        for trial in range(trials):
            action = list(self.took)[trial % len(self.took)]
            took = self.took[action].took
            killed += self.kill(action, delay=draw.uniform(0, 1.1 * took))
        return killed

    def kill_at_operations(self, action: str, first: int, step: int) -> None:
        """Kill an action at every so many file operations."""
        for at in range(first, self.took[action].changes + 1, step):
            assert self.kill(action, operation=at), (action, at)

    def lose_power(self, action: str, at: int) -> bool:
        """The power fails at an operation, or right after the action; whether it had ended. What
        it had published then stays so."""
        self._begin(action)
        result = self.run(action, self.path, operation=at, power=True)
        how = {"power at": at}
        assert result.ended in (0, -signal.SIGKILL) and not result.error, (action, how)
        if result.ended == 0 and self.expected[action]:
            shown = MasterIndex.open(self.path).snapshots()
            assert shown == [one.sequence for one in self.expected[action]["snapshots"]], action
            if action in ("erase", "vacuum"):
                assert files_of(self.path) == named_files(MasterIndex.open(self.path)), action
        self._again(action, how)
        return result.ended == 0

    def fail(self, action: str, at: int, code: int, lasting: bool) -> None:
        """File operation `at` fails; the action says so, and goes well on a disk that works."""
        self._begin(action)
        before = MasterIndex.open(self.path).snapshots() if self.path.exists() else []
        result = self.run(action, self.path, operation=at, code=code, lasting=lasting)
        how = {"at": at, "code": code, "lasting": lasting}
        assert result.ended == 0, (action, how)
        assert os.strerror(code) in result.error, (action, how, result.error)
        assert str(self.path) in result.error, (action, how, result.error)
        if not (self.path / "mpi-index.json").exists():  # not even begun
            assert not before
        else:
            published = MasterIndex.open(self.path).snapshots() != before
            assert ("has the new snapshot" in result.error) <= published, (action, how)
            if published and result.operations > at and action != "vacuum":
                assert "is as it was" not in result.error, (action, how)
        self._again(action, how)

    def fails(self, action: str, at: int, code: int, lasting: bool) -> Result:
        """File operation `at` fails, which may be no error; then it goes well."""
        self._begin(action)
        result = self.run(action, self.path, operation=at, code=code, lasting=lasting)
        how = {"at": at, "code": code, "lasting": lasting}
        assert result.ended == 0, (action, how)
        assert not result.error or os.strerror(code) in result.error, (action, how, result.error)
        self._again(action, how)
        return result


@contextmanager
def crashes(module: ModuleType, folder: Path) -> Iterator[Crashes]:
    """The actions of a module, each done once."""
    with killer(module.__name__, folder) as run:
        made = Crashes(module, folder, run, {}, {})
        for action in module.ACTIONS:
            made.learn(action)
        yield made
