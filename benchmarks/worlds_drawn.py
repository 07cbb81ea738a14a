"""A world: a person table with its own language and naming, layout and column names, size, errors,
duplicates and sources, drawn from a seed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.worlds_names import language
from benchmarks.worlds_people import Drawer, population
from benchmarks.worlds_records import USUAL, Maker, Noise, written

Layout = dict[str, str]


@dataclass(frozen=True)
class World:
    """One kind of person table.

    language : see `worlds_names.toml`
    layout : column -> template of its values, see `worlds_records.written`
    second : the layout of the second file, where it is another one
    duplicates : share of the records that are not a person's first
    files : 1, or several without duplicates inside one (`link`)
    largest : most records of a person; heap : only that many names of each list
    """

    name: str
    language: str
    records: int
    duplicates: float
    layout: Layout
    noise: Noise = USUAL
    second: Layout | None = None
    files: int = 1
    link: bool = False
    largest: int = 4
    shared: float = 0.3
    twins: float = 0.01
    heap: int = 0
    patronymic: bool = False
    often_missing: tuple[tuple[str, float], ...] = ()
    delimiter: str = ","
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Written:
    """A world on the disk.

    paths : its files; persons : the person of each row, file by file
    """

    paths: list[Path]
    persons: list[list[int]]


def _clusters(world: World, n_persons: int, rng: np.random.Generator) -> list[int]:
    """The person of each record, the first records first."""
    count = np.ones(n_persons, np.int64)
    extra: list[int] = []
    while len(extra) < world.records - n_persons:
        person = int(rng.integers(0, n_persons))
        # Who has come back once comes back again.
        while count[person] < world.largest and len(extra) < world.records - n_persons:
            count[person] += 1
            extra.append(person)
            if rng.random() < 0.6:
                break
    return [*range(n_persons), *extra]


def write(world: World, seed: int, folder: Path) -> Written:
    """Draw a world and write its files as CSV."""
    rng = np.random.Generator(np.random.PCG64([seed, *world.name.encode()]))
    drawer = Drawer(language(world.language), rng, heap=world.heap, patronymic=world.patronymic)
    n_persons = max(2, round(world.records * (1.0 - world.duplicates)))
    persons = population(drawer, n_persons, shared=world.shared, twins=world.twins)
    maker = Maker(drawer, world.noise, world.often_missing)
    chosen = _clusters(world, n_persons, rng)
    order = rng.permutation(len(chosen)).tolist()
    taken: dict[int, set[int]] = {}
    rows: list[list[tuple[list[str], int]]] = [[] for _ in range(world.files)]
    for serial, at in enumerate(order, 1):
        person = chosen[at]
        free = set(range(world.files)) - taken.get(person, set()) if world.link else set()
        options = sorted(free) or list(range(world.files))
        into = options[int(rng.integers(0, len(options)))]
        taken.setdefault(person, set()).add(into)
        values = maker.values(persons[person], serial, first=at < n_persons)
        layout = world.second if world.second and into == 1 else world.layout
        rows[into].append(([written(t, values, rng) for t in layout.values()], person))
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, own in enumerate(rows):
        layout = world.second if world.second and number == 1 else world.layout
        stem = world.name if world.files == 1 else f"{world.name}_{'abcde'[number]}"
        paths.append(folder / f"{stem}.csv")
        with paths[-1].open("w", encoding=world.encoding, errors="replace", newline="") as file:
            out = csv.writer(file, delimiter=world.delimiter)
            out.writerow(layout)
            out.writerows(row for row, _ in own)
    return Written(paths, [[person for _, person in own] for own in rows])
