"""Stages of a job: what each took, and who is told how far it is.

Rooms report to a `Stages` value; the command line hangs a progress bar on it, the index keeps
its table, tests look at it.
"""

from __future__ import annotations

import ctypes
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from mpi.pieces import Pieces
from mpi.scratch import Scratch

_MANY_ROWS = 100_000


class Listener(Protocol):
    """Told of the progress of each stage."""

    def start(self, stage: str, total: int | None) -> None:
        """A stage begins; `total` is in the stage's own unit, None when unknown."""

    def advance(self, stage: str, amount: int) -> None:
        """`amount` more units are done."""

    def finish(self, stage: str) -> None:
        """The stage is over."""

    def say(self, text: str) -> None:
        """Something that a person should know now, in plain words."""


@dataclass(frozen=True)
class StageTime:
    """What one stage took.

    wall, cpu : seconds; cpu is of all threads
    peak_memory : bytes, the process's high-water mark at the end of the stage
    """

    name: str
    wall: float
    cpu: float
    peak_memory: int
    rows: int | None = None


def peak_memory() -> int:
    """High-water mark of this process's resident memory, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def give_back_memory() -> None:
    """Have the allocators give what is free back to the system.

    The C library keeps arrays of up to 32 MB, and Arrow's pool its pages: after a stage that is a
    tenth of a job's memory, which the next stage would come on top of.
    """
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)  # the GNU library has it, others do not


@dataclass
class Stages:
    """The stages of one job, in order.

    scratch : where the job puts what is too large for memory; let go of when a stage ends
    pieces : results of finished parts, where the job can be stopped and go on

    Examples
    --------
    >>> stages = Stages()
    >>> with stages.stage("reading", total=2) as advance:
    ...     advance(2)
    >>> [(s.name, s.rows) for s in stages.times]
    [('reading', 2)]
    """

    listener: Listener | None = None
    times: list[StageTime] = field(default_factory=list)
    scratch: Scratch = field(default_factory=Scratch)
    pieces: Pieces = field(default_factory=Pieces)

    def _add(self, took: StageTime) -> None:
        """A stage that comes again is one with what it was before."""
        for place, before in enumerate(self.times):
            if before.name == took.name:
                self.times[place] = StageTime(
                    took.name,
                    before.wall + took.wall,
                    before.cpu + took.cpu,
                    took.peak_memory,
                    before.rows if took.rows is None else took.rows,
                )
                return
        self.times.append(took)

    def say(self, text: str) -> None:
        """Tell a person, at once."""
        if self.listener is not None:
            self.listener.say(text)

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Time a stage; the value is a function to call with each amount done."""
        wall, cpu = time.perf_counter(), time.process_time()
        done = 0

        def advance(amount: int) -> None:
            nonlocal done
            done += amount
            if self.listener is not None:
                self.listener.advance(name, amount)

        if self.listener is not None:
            self.listener.start(name, total)
        try:
            yield advance
        finally:
            if (total or done) >= _MANY_ROWS:
                give_back_memory()
                self.scratch.let_go()
            self._add(
                StageTime(
                    name,
                    time.perf_counter() - wall,
                    time.process_time() - cpu,
                    peak_memory(),
                    total if total is not None else (done or None),
                )
            )
            if self.listener is not None:
                self.listener.finish(name)
