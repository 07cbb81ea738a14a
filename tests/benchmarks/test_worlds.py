"""Worlds are drawn from their seeds alone, and hold what they say."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.worlds import WORLDS
from benchmarks.worlds_drawn import World, write

SMALL = [world for world in WORLDS if world.records <= 1000]


def test_worlds_are_many_and_have_names_of_their_own() -> None:
    assert len({world.name for world in WORLDS}) == len(WORLDS) >= 20


@pytest.mark.parametrize("world", SMALL, ids=lambda w: w.name)
def test_a_world_holds_what_it_says(world: World, tmp_path: Path) -> None:
    made = write(world, 1, tmp_path)
    text = made.paths[0].read_text(world.encoding)
    header, *rows = csv.reader(text.splitlines(), delimiter=world.delimiter)
    assert header == list(world.layout)
    assert len(rows) == world.records == len(made.persons[0])
    count = Counter(made.persons[0])
    assert max(count.values()) <= world.largest
    assert len(count) == round(world.records * (1.0 - world.duplicates))
    again = write(world, 1, tmp_path / "again")
    assert again.paths[0].read_bytes() == made.paths[0].read_bytes()
    other = write(world, 2, tmp_path / "other")
    assert other.paths[0].read_bytes() != made.paths[0].read_bytes()
