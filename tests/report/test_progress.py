"""Progress appears when a stage is long, and is gone when it is over."""

from __future__ import annotations

import io
import threading
import time

import pytest

from mpi.report import progress as module
from mpi.report.progress import Progress
from mpi.stages import Stages


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)


def test_a_short_stage_is_silent() -> None:
    for stream in (io.StringIO(), Terminal()):
        with Stages(Progress(stream)).stage("reading", total=10) as advance:
            advance(10)
        assert stream.getvalue() == ""


def test_a_long_stage_leaves_a_line_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with Stages(Progress(stream)).stage("reading [x]", total=1500) as advance:
        advance(1500)
        time.sleep(0.08)
    line = stream.getvalue()
    assert line.startswith("reading [x]: ") and line.endswith(" a second\n")
    assert "\x1b" not in line and "1,500 done" in line


def test_a_bar_appears_on_a_terminal_with_what_is_done() -> None:
    stream = Terminal()
    with Stages(Progress(stream)).stage("comparing [x]", total=1000) as advance:
        advance(400)
        time.sleep(0.3)
        advance(100)
        time.sleep(0.3)
    shown = stream.getvalue()
    assert "comparing [x]" in shown
    assert "of 1,000" in shown and "left" in shown


def test_stages_nest_and_advance_from_threads() -> None:
    stream = Terminal()
    stages = Stages(Progress(stream))
    with stages.stage("outer", total=None) as outer:
        time.sleep(0.1)
        with stages.stage("inner", total=4) as inner:
            workers = [threading.Thread(target=inner, args=(1,)) for _ in range(4)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            time.sleep(0.1)
        outer(1)
    assert [(t.name, t.rows) for t in stages.times] == [("inner", 4), ("outer", 1)]


def test_an_interrupted_stage_gives_the_terminal_back() -> None:
    stream = Terminal()
    progress = Progress(stream)
    with pytest.raises(KeyboardInterrupt), Stages(progress).stage("comparing"):
        time.sleep(0.1)
        raise KeyboardInterrupt
    progress.close()
    shown = stream.getvalue()
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h")  # the cursor is shown again
    assert threading.active_count() < 10
