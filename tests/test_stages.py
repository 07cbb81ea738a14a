"""Stages: timed in order, told to a listener, closed whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from mpi.stages import Stages, peak_memory


@dataclass
class Heard:
    """Writes down what it is told."""

    said: list[tuple[object, ...]] = field(default_factory=list)

    def start(self, stage: str, total: int | None) -> None:
        self.said.append(("start", stage, total))

    def advance(self, stage: str, amount: int) -> None:
        self.said.append(("advance", stage, amount))

    def finish(self, stage: str) -> None:
        self.said.append(("finish", stage))


def test_a_listener_hears_everything_in_order() -> None:
    heard = Heard()
    stages = Stages(heard)
    with stages.stage("reading", total=3) as advance:
        advance(1)
        advance(2)
    with stages.stage("scoring"):
        pass
    assert heard.said == [
        ("start", "reading", 3),
        ("advance", "reading", 1),
        ("advance", "reading", 2),
        ("finish", "reading"),
        ("start", "scoring", None),
        ("finish", "scoring"),
    ]


def test_rows_are_the_total_or_what_was_done() -> None:
    stages = Stages()
    with stages.stage("known", total=10) as advance:
        advance(4)
    with stages.stage("found") as advance:
        advance(4)
        advance(3)
    with stages.stage("nothing"):
        pass
    assert [(t.name, t.rows) for t in stages.times] == [
        ("known", 10),
        ("found", 7),
        ("nothing", None),
    ]


def test_times_and_memory_are_plausible() -> None:
    stages = Stages()
    with stages.stage("working"):
        total = sum(range(200_000))
    assert total > 0
    (time,) = stages.times
    assert 0.0 < time.wall < 60.0
    assert 0.0 < time.cpu <= 10.0 * time.wall + 0.1
    assert 1 << 20 < time.peak_memory <= peak_memory() < 1 << 40


def test_a_stage_that_fails_is_closed() -> None:
    heard = Heard()
    stages = Stages(heard)
    with pytest.raises(ValueError, match="broken"), stages.stage("reading"):
        raise ValueError("broken")
    assert heard.said[-1] == ("finish", "reading")
    assert [t.name for t in stages.times] == ["reading"]
