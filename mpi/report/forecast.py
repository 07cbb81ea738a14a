"""When a whole job will be done: what its stages usually take, and how fast this one is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from mpi.report.quantities import duration
from mpi.stages import Listener

USUAL = {
    "reading": 1.7,
    "arranging records": 0.6,
    "comparing with the index": 0.1,
    "standardising": 4.6,
    "encoding": 2.0,
    "blocking": 3.3,
    "learning": 2.2,
    "comparing": 3.6,
    "clustering": 0.4,
    "looking for what is odd": 0.5,
    "giving ids": 0.1,
    "writing": 5.5,
    "golden records": 4.5,
}
"""Seconds of each stage for a million records of which all are linked, in the order of the stages;
measured on 2 cores. A stage takes about as long for each record, however many there are."""

_PARTS = "writing"
"""It comes in parts: when one begins, stages before it in the list need not be over."""
_OF_INPUT = frozenset({"reading", "arranging records", "comparing with the index"})
_FEW = 0.25
"""Of the stored records: when so few come, those that they touch are looked at, not all."""
_TRUST = 2.0
"""Seconds after which the speed that was measured counts as much as the usual one."""
_COUNTS = 0.1
"""Of a stage: when so much is counted as done, the rest will take as long for its size."""
_SHORT = 20.0
"""Seconds; of what is over sooner nothing is told."""
_BACK = 0.9
"""Of the limit: a forecast below that takes it back that the limit will be passed."""


@dataclass
class _Stage:
    """Seconds that it took, and where it is, if it is under way."""

    took: float = 0.0
    began: float | None = None
    total: int | None = None
    done: int = 0


class Forecast:
    """A `stages.Listener` that predicts, and hands on what it hears.

    Parameters
    ----------
    inner : who else is to be told
    within : seconds that the job should take at most; where it is going to take longer that is
        said at once, and whenever the forecast changes
    clock : seconds

    Examples
    --------
    >>> forecast = Forecast(clock=lambda: 0.0)
    >>> forecast.expect(2_000_000)
    >>> round(forecast.whole() or 0.0)
    58
    """

    def __init__(
        self,
        inner: Listener | None = None,
        *,
        within: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner, self._within, self._clock = inner, within, clock
        self._began = self._looked = clock()
        self._rows = self._stored = self._linked = 0
        self._stages = {name: _Stage() for name in USUAL}
        self._order = {name: number for number, name in enumerate(USUAL)}
        self._reached = -1
        self._first: float | None = None
        self._beyond = False
        self._lock = threading.RLock()

    def expect(self, rows: int, stored: int = 0) -> None:
        """How many records come, to how many that are there.

        Of a night that looks at what it touches nothing is predicted.
        """
        with self._lock:
            self._rows, self._stored = rows, stored
            self._linked = 0 if rows <= _FEW * stored else rows + stored
            text = self._look()
        self.say(text)

    # ---------------------------------------------------------------- the listener

    def start(self, stage: str, total: int | None) -> None:
        """A stage begins, which may say how many records there are."""
        with self._lock:
            own = self._stages.setdefault(stage, _Stage())
            own.began, own.total, own.done = self._clock(), total, 0
            if stage != _PARTS:
                self._reached = max(self._reached, self._order.get(stage, -1))
            if stage == "standardising" and total and total >= _FEW * self._stored:
                self._linked = total
            text = self._look()
        self.say(text)
        if self._inner is not None:
            self._inner.start(stage, total)

    def advance(self, stage: str, amount: int) -> None:
        """`amount` more units of the stage are done."""
        with self._lock:
            self._stages[stage].done += amount
            text = self._look() if self._clock() - self._looked >= 1.0 else ""
        self.say(text)
        if self._inner is not None:
            self._inner.advance(stage, amount)

    def finish(self, stage: str) -> None:
        """The stage is over."""
        with self._lock:
            own = self._stages[stage]
            if own.began is not None:
                own.took += self._clock() - own.began
                own.began = None
            text = self._look()
        if self._inner is not None:
            self._inner.finish(stage)
        self.say(text)

    def say(self, text: str) -> None:
        """For a person; nothing where there are no words."""
        if text and self._inner is not None:  # who listens may ask back, so no lock is held
            self._inner.say(text)

    # ---------------------------------------------------------------- what is predicted

    def left(self) -> float | None:
        """Seconds until all is done, None where nobody knows."""
        with self._lock:
            return self._left(self._clock())

    def whole(self) -> float | None:
        """Seconds that all of the job takes, None where nobody knows."""
        with self._lock:
            now = self._clock()
            left = self._left(now)
            return None if left is None else now - self._began + left

    def told(self) -> str:
        """What is left in words; nothing of a short job."""
        left, whole = self.left(), self.whole()
        if left is None or whole is None or whole < _SHORT:
            return ""
        return f"all done in about {duration(max(left, 1.0))}"

    def to_dict(self) -> dict[str, float | None]:
        """Seconds, for JSON: what was predicted before anything was done, what it took, the limit
        that was set."""
        took = round(self._clock() - self._began, 3)
        first = None if self._first is None else round(self._first, 3)
        return {"predicted": first, "took": took, "within": self._within}

    def _left(self, now: float) -> float | None:
        if not self._linked:
            return None
        over = [n for n in USUAL if n != _PARTS and self._is_over(n) and self._stages[n].took]
        usual = sum(self._usual(name) for name in over)
        took = sum(self._stages[name].took for name in over)
        speed = (took + _TRUST) / (usual + _TRUST)
        return sum(
            self._rest(n, speed * self._usual(n), now) for n in USUAL if not self._is_over(n)
        )

    def _usual(self, stage: str) -> float:
        return USUAL[stage] * (self._rows if stage in _OF_INPUT else self._linked) / 1e6

    def _is_over(self, stage: str) -> bool:
        """Whether it is; a job that goes on where another one was stopped passes some over."""
        place, under_way = self._order[stage], self._stages[stage].began is not None
        return not under_way and (
            place < self._reached or (place == self._reached and stage != _PARTS)
        )

    def _rest(self, stage: str, expected: float, now: float) -> float:
        own = self._stages[stage]
        took = own.took if own.began is None else own.took + now - own.began
        share = own.done / own.total if own.began is not None and own.total else 0.0
        if _COUNTS < share <= 1.0:
            return took * (1.0 - share) / share
        return max(expected - took, 0.0)

    def _look(self) -> str:
        """Predict anew; what is to be said if the limit will be passed, or will not after all."""
        self._looked = self._clock()
        whole, spent = self.whole(), self._looked - self._began
        if self._first is None:
            self._first = whole
        if self._within is None or (whole is None and spent <= self._within):
            return ""
        whole = spent if whole is None else whole
        if not self._beyond and whole > self._within:
            self._beyond = True
            return (
                f"this run is going to take about {duration(whole)}, more than the "
                f"{duration(self._within)} of --within; it goes on"
            )
        if self._beyond and whole < _BACK * self._within:
            self._beyond = False
            return (
                f"this run is going to take about {duration(whole)} after all, less than the "
                f"{duration(self._within)} of --within"
            )
        return ""
