"""Time and memory against the number of records, both on scales of powers of ten, as SVG."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import results

if TYPE_CHECKING:
    from mpi.report.svg import Drawing

NAME = "scaling.svg"
_SIDES = {"run": "mpi run", "dedupe": "mpi dedupe", "splink": "Splink 5 on DuckDB"}
_SIDES |= {"recordlinkage": "recordlinkage"}
_PANELS = {"seconds": ("seconds of the clock", "s"), "peak_gb": ("memory at most, GB", "GB")}
_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP, _BELOW = 380, 340, 60, 50, 70, 90

Points = dict[int, float]


def points() -> dict[str, dict[str, Points]]:
    """Side -> measure -> records -> value, of the kept results."""
    told: dict[str, dict[str, Points]] = {}

    def note(side: str, measure: str, size: int, value: float) -> None:
        if side in _SIDES and measure in _PANELS and value > 0:
            told.setdefault(side, {}).setdefault(measure, {})[size] = value

    for path in sorted(results.FOLDER.glob("end_to_end_*.json")):
        result = results.load(path.stem)
        assert result is not None
        for name, value in result["figures"].items():
            side, _, measure = name.partition("_")
            note(side, measure, int(path.stem.rpartition("_")[2]), value)
    scaled = results.load("scaling")
    for name, value in ({} if scaled is None else scaled["figures"]).items():
        parts = re.fullmatch(r"(run|dedupe)_(\w+)_(\d+)", name)
        if parts and "foretold" not in name:
            note(parts[1], parts[2], int(parts[3]), value)
    return told


def draw() -> str | None:
    """The plot as SVG text, None where too little was measured."""
    from mpi.report.svg import ACCENT, AGAINST, FOR, INK, Drawing

    told = points()
    sizes = [n for measures in told.values() for values in measures.values() for n in values]
    if len(set(sizes)) < 2:
        return None
    drawing = Drawing(
        2 * (_LEFT + _WIDTH) + _GAP,
        _TOP + _HEIGHT + _BELOW,
        "Time and memory against the number of records",
        "; ".join(_in_words(side, measures) for side, measures in told.items()),
    )
    colours = dict(zip(_SIDES, (ACCENT, FOR, AGAINST, INK), strict=True))
    for k, (measure, (title, unit)) in enumerate(_PANELS.items()):
        panel = _Panel(drawing, _LEFT + k * (_WIDTH + _GAP + 20), sizes, unit)
        series = {side: told[side][measure] for side in told if measure in told[side]}
        panel.draw(title, series, colours)
    x = float(_LEFT)
    for side in [side for side in _SIDES if side in told]:
        drawing.dot(x, _TOP + _HEIGHT + 70, 4, colour=colours[side])
        drawing.words(x + 10, _TOP + _HEIGHT + 74, _SIDES[side])
        x += 40 + 8 * len(_SIDES[side])
    return drawing.text()


def _in_words(side: str, measures: dict[str, Points]) -> str:
    values = measures.get("seconds", {})
    told = ", ".join(f"{n:,} records {value:g} s" for n, value in sorted(values.items()))
    return f"{_SIDES[side]}: {told}"


def write(folder: Path | None = None) -> str | None:
    """Draw the kept results beside them; the file's name, None where there is none to draw."""
    text = draw()
    if text is None:
        return None
    ((folder or results.FOLDER) / NAME).write_text(text, encoding="utf-8")
    return NAME


class _Panel:
    """Axes and lines of one measure."""

    def __init__(self, drawing: Drawing, left: float, sizes: list[int], unit: str) -> None:
        self.drawing, self.left, self.unit = drawing, left, unit
        self.low, self.high = _decades(sizes)
        self.least, self.most = 0, 1

    def draw(self, title: str, series: dict[str, Points], colours: dict[str, Any]) -> None:
        values = [value for line in series.values() for value in line.values()]
        self.least, self.most = _decades(values)
        drawing, bottom = self.drawing, _TOP + _HEIGHT
        drawing.words(self.left, _TOP - 16, title, bold=True)
        for power in range(self.low, self.high + 1):
            x = self._x(10.0**power)
            drawing.line(x, _TOP, x, bottom, colour="#cbd2d9")
            drawing.words(x, bottom + 18, _short(power), anchor="middle")
        for power in range(self.least, self.most + 1):
            y = self._y(10.0**power)
            drawing.line(self.left, y, self.left + _WIDTH, y, colour="#cbd2d9")
            drawing.words(self.left - 8, y + 4, f"{10.0**power:g}", anchor="end")
        drawing.words(self.left + _WIDTH / 2, bottom + 38, "records", anchor="middle")
        for side, line in series.items():
            told = sorted(line.items())
            for (n0, v0), (n1, v1) in pairwise(told):
                ends = self._x(n0), self._y(v0), self._x(n1), self._y(v1)
                drawing.line(*ends, colour=colours[side], width=2)
            for n, value in told:
                words = f"{_SIDES[side]}, {n:,} records: {value:g} {self.unit}"
                drawing.dot(self._x(n), self._y(value), 4, colour=colours[side], words=words)

    def _x(self, n: float) -> float:
        return self.left + _WIDTH * (math.log10(n) - self.low) / (self.high - self.low)

    def _y(self, value: float) -> float:
        share = (math.log10(value) - self.least) / (self.most - self.least)
        return _TOP + _HEIGHT * (1.0 - share)


def _decades(values: list[Any]) -> tuple[int, int]:
    """Powers of ten that hold all values between them."""
    low = math.floor(math.log10(min(values)) + 1e-9)
    return low, max(low + 1, math.ceil(math.log10(max(values)) - 1e-9))


def _short(power: int) -> str:
    """A power of ten in few characters.

    >>> _short(5), _short(6)
    ('100k', '1M')
    """
    whole = 10**power
    return f"{whole // 10**6}M" if power >= 6 else f"{whole // 1000}k" if power >= 3 else str(whole)
