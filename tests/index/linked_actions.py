"""Everything that writes to an index of real linkage, each with the state it begins from.

All of them work in one folder, as a plan names that of its index; what they begin from is copied
there. The clock stands still, so that two runs of an action publish the same bytes.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from index.nights import Row, extract
from people import people

from mpi.errors import LimitError
from mpi.index import MasterIndex, deciding, manifest
from mpi.index.decisions import decision
from mpi.index.files import Files
from mpi.records.keys import KEY
from mpi.records.table import RecordTable
from mpi.settings import Limits, Settings

EVERY = Settings(review_pairs=100_000, overlays="take", threads=1)
Key = tuple[str, str]


class StillClock(datetime):
    """Always the same moment."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime(2031, 5, 1, 3, 30, tzinfo=tz or UTC)


@dataclass
class Registry:
    """Who is in the extracts, and what each night brings; drawn from a seed."""

    seed: int
    rows: dict[Key, Row] = field(default_factory=dict)
    later: list[tuple[Key, Row]] = field(default_factory=list)

    def __post_init__(self) -> None:
        drawn = people(170, seed=self.seed)
        keys = zip(drawn.source, drawn.record_id, strict=True)
        every = [*zip(keys, drawn.rows, strict=True)]
        self.draw = random.Random(self.seed)
        self.draw.shuffle(every)
        self.rows, self.later = dict(every[:150]), every[150:]

    def night(self, new: int, changed: int, left: int) -> RecordTable:
        """A night's extract; the registry is as it says from then on."""
        fresh = dict(self.later.pop() for _ in range(new))
        touched = self.draw.sample(sorted(self.rows), changed + left)
        for key in touched[:changed]:
            other = self.rows[self.draw.choice(sorted(self.rows))]
            name = self.draw.choice(sorted(other))
            fresh[key] = {**self.rows[key], name: self.draw.choice([other[name], None])}
        self.rows |= fresh
        for key in touched[changed:]:
            del self.rows[key]
        return extract(fresh, touched[changed:])


def _nights() -> dict[str, RecordTable]:
    registry = Registry(21)
    made = {"first": extract(registry.rows)}
    made["second"] = registry.night(12, 6, 4)
    made["third"] = registry.night(8, 5, 5)
    registry.draw.seed(1)
    rows, later = dict(registry.rows), [*registry.later]
    for name, drawn in {"fourth": (4, 3, 3), "many": (14, 8, 2), "most": (35, 10, 5)}.items():
        registry.rows, registry.later = dict(rows), [*later]
        made[name] = registry.night(*drawn)
    registry.rows, registry.later = dict(rows), [*later]
    registry.night(5, 3, 6)
    made["full"] = extract(registry.rows)
    return made


NIGHTS = _nights()


def _changed() -> Key:
    """A record that changed in the second night and is still there after the third."""
    first, second = ({*_keys(NIGHTS[night].data)} for night in ("first", "second"))
    return min((first & second) - {*_keys(NIGHTS["third"].deleted)})


def _keys(table: Any) -> list[Key]:
    return [(row["source"], row["record_id"]) for row in table.select(KEY).to_pylist()]


CHANGED = _changed()


def _update(night: str, **more: Any) -> Callable[[Path, Files], None]:
    def act(path: Path, files: Files) -> None:
        MasterIndex.create_or_open(path, files=files).update(NIGHTS[night], EVERY, **more)

    return act


def _plan(night: str, **more: Any) -> Callable[[Path, Files], None]:
    def act(path: Path, files: Files) -> None:
        MasterIndex.open(path, files=files).plan(NIGHTS[night], plan_of(path), EVERY, **more)

    return act


def _apply(path: Path, files: Files) -> None:
    MasterIndex.open(path, files=files).apply(plan_of(path))


def _limited(path: Path, files: Files) -> None:
    """A night that a limit stops, and its plan that somebody applies."""
    index = MasterIndex.open(path, files=files)
    settings = Settings(limits=Limits(max_changed_persons=0.001), review_pairs=100_000)
    try:
        index.update(NIGHTS["fourth"], settings)
    except LimitError as error:
        index.apply(error.plan)


def _owners(index: MasterIndex) -> list[tuple[str, list[Key]]]:
    """Persons of several records with their keys, in the order of their ids."""
    owners: dict[str, list[Key]] = {}
    for row in index.table("crosswalk", as_of=1).to_pylist():
        owners.setdefault(row["enterprise_id"], []).append((row["source"], row["record_id"]))
    return sorted((one, keys) for one, keys in owners.items() if len(keys) > 1)


def _first_decisions(path: Path, files: Files) -> None:
    index = MasterIndex.open(path, files=files)
    (_, one), (_, two), (person, _) = _owners(index)[:3]
    made = [decision("same", one[0], two[0]), decision("set", "phone", "0900000000", person)]
    index.decide(made, by="Lan")


def _decide(path: Path, files: Files) -> None:
    index = MasterIndex.open(path, files=files)
    (_, one), (_, two) = _owners(index)[3:5]
    index.decide([decision("different", *one[:2]), decision("same", one[1], two[1])], by="Lan")


def _set(path: Path, files: Files) -> None:
    index = MasterIndex.open(path, files=files)
    index.decide("set", "address", "1 Lê Lợi", _owners(index)[5][0], by="Lan")


def _withdraw(path: Path, files: Files) -> None:
    index = MasterIndex.open(path, files=files)
    if not index.table("decisions")["withdrawn"][0].as_py():
        index.withdraw(1, by="Lan")


def _rollback(path: Path, files: Files) -> None:
    MasterIndex.open(path, files=files).rollback(2)


def _vacuum(path: Path, files: Files) -> None:
    MasterIndex.open(path, files=files).vacuum(keep=1)


def _erase(path: Path, files: Files) -> None:
    MasterIndex.open(path, files=files).erase(CHANGED)


ACTIONS: dict[str, tuple[str, Callable[[Path, Files], None]]] = {
    "first night": ("none", _update("first")),
    "night": ("one", _update("second")),
    "later night": ("later", _update("fourth")),
    "night that packs": ("later", _update("many")),
    "night for all": ("later", _update("most")),
    "full extract": ("later", _update("full", full=True)),
    "plan": ("later", _plan("fourth")),
    "apply": ("planned", _apply),
    "refit": ("later", _plan("fourth", refit=True)),
    "apply refit": ("refitted", _apply),
    "limited night": ("later", _limited),
    "decide": ("later", _decide),
    "set a value": ("later", _set),
    "withdraw": ("later", _withdraw),
    "rollback": ("later", _rollback),
    "vacuum": ("later", _vacuum),
    "erase": ("later", _erase),
}
STATES: dict[str, tuple[str, tuple[Callable[[Path, Files], None], ...]]] = {
    "one": ("none", (_update("first"),)),
    "later": ("one", (_update("second"), _update("third"), _first_decisions)),
    "planned": ("later", (_plan("fourth"),)),
    "refitted": ("later", (_plan("fourth", refit=True),)),
}


def plan_of(path: Path) -> Path:
    """Where the plan of an index lies."""
    return path.with_name(path.name + ".plan")


def copy(path: Path, to: Path) -> Path:
    """An index and its plan, in the place of what was there."""
    for old, new in ((path, to), (plan_of(path), plan_of(to))):
        shutil.rmtree(new, ignore_errors=True)
        if old.exists():
            shutil.copytree(old, new)
    return to


def begin(action: str, states: Path, path: Path) -> Path:
    """A copy of the state that an action begins from."""
    return copy(states / ACTIONS[action][0], path)


def act(action: str, path: Path, files: Files) -> None:
    """Do it."""
    ACTIONS[action][1](path, files)


def warm(folder: Path) -> None:
    """An index in each state, and so all kernels that children need. The clock stops."""
    manifest.datetime = deciding.datetime = StillClock  # type: ignore[misc, attr-defined]
    for name, (before, works) in STATES.items():
        path = copy(folder / before, folder / "index")
        for work in works:
            work(path, Files())
        copy(path, folder / name)
