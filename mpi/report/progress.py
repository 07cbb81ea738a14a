"""How far a job is: a bar on a terminal, a line a stage elsewhere, nothing for short stages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from mpi.report.quantities import count, duration

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import ProgressColumn, TaskID

PATIENCE = 1.0
"""Seconds that a stage may take before a word is said about it."""

_COUNTABLE = 1000
"""A stage of fewer steps has no rate worth telling."""


@dataclass
class _Open:
    """A stage that is under way."""

    total: int | None
    began: float
    timer: threading.Timer
    done: int = 0
    task: TaskID | None = None


class Progress:
    """A `stages.Listener` that tells a person, on standard error.

    A bar with rate and time left appears when a stage lasts longer than `PATIENCE`, on a terminal
    only, and goes when the stage is over. A stage that long leaves one line in every case.

    Stages may nest, and may be advanced from any thread.

    ahead : says when the whole job will be done, nothing where that is not known
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._lock = threading.RLock()
        self._open: dict[str, _Open] = {}
        self._bar: Bar | None = None
        self.ahead: Callable[[], str] = str

    def start(self, stage: str, total: int | None) -> None:
        """A stage begins: if it is still going after a moment, a bar appears."""
        timer = threading.Timer(PATIENCE, self._show, [stage])
        timer.daemon = True
        with self._lock:
            self._open[stage] = _Open(total, time.perf_counter(), timer)
        if self._terminal:
            timer.start()

    def advance(self, stage: str, amount: int) -> None:
        """`amount` more units of the stage are done."""
        with self._lock:
            entry = self._open[stage]
            entry.done += amount
            if self._bar is not None and entry.task is not None:
                self._bar.advance(entry.task, amount)

    def finish(self, stage: str) -> None:
        """The stage is over: its bar goes, and a long stage leaves a line."""
        with self._lock:
            entry = self._open.pop(stage)
            entry.timer.cancel()
            if self._bar is not None and entry.task is not None:
                self._bar.remove_task(entry.task)
            if self._bar is not None and not self._open:
                self._bar.stop()
                self._bar = None
            seconds = time.perf_counter() - entry.began
            if seconds >= PATIENCE:
                self._say(stage, seconds, entry.done)

    def say(self, text: str) -> None:
        """A line of its own, above the bar."""
        with self._lock:
            self._print(text)

    def close(self) -> None:
        """Take the bar away, whatever is under way; the terminal is left as it was."""
        with self._lock:
            for entry in self._open.values():
                entry.timer.cancel()
            self._open.clear()
            if self._bar is not None:
                self._bar.stop()
                self._bar = None

    def _say(self, stage: str, seconds: float, done: int) -> None:
        line = f"{stage}: {duration(seconds)}"
        if done >= _COUNTABLE:
            line += f", {count(done)} done, {count(round(done / seconds))} a second"
        if ahead := self.ahead():
            line += f"; {ahead}"
        self._print(line)

    def _print(self, line: str) -> None:
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)
        else:
            print(line, file=self._stream, flush=True)

    def _show(self, stage: str) -> None:
        with self._lock:
            entry = self._open.get(stage)
            if entry is None:
                return
            if self._bar is None:
                self._bar = _bar(self._stream)
                self._bar.start()
            ahead = self.ahead()
            named = f"{stage} ({ahead})" if ahead else stage
            entry.task = self._bar.add_task(named, total=entry.total, completed=entry.done)


def _bar(stream: TextIO) -> Bar:
    """A bar with what is done, the rate and the time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Amount(TextColumn):
        """Units done, of how many, and the rate."""

        def __init__(self) -> None:
            super().__init__("")

        def render(self, task: Task) -> Text:
            if not task.completed and task.total is None:
                return Text("")
            shown = count(int(task.completed))
            if task.total is not None:
                shown += f" of {count(int(task.total))}"
            if task.speed and (task.total or task.completed) >= _COUNTABLE:
                shown += f", {count(round(task.speed))} a second"
            return Text(shown)

    columns: list[ProgressColumn] = [
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        Amount(),
        TextColumn("elapsed"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    ]
    console = Console(file=stream, force_terminal=True)
    return Bar(*columns, console=console, transient=True, refresh_per_second=5)
