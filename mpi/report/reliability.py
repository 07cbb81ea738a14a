"""The reliability diagram: what was stated against what is true, on scales of odds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mpi.report.quantities import count, plural, probability
from mpi.report.svg import ACCENT, FAINT, INK, Drawing

if TYPE_CHECKING:
    from mpi.evaluate import Calibration

_LEAST, _MOST = 0.005, 0.99999
_TICKS = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999)
_APART = 28
_LEFT, _TOP, _SIDE, _BARS, _GAP = 80, 60, 520, 70, 50
_RIGHT, _BELOW = 30, 60


def draw_reliability(found: Calibration) -> str:
    """Draw it, as SVG text.

    On the scale of odds the bins where links are made, 0.99 and above, are as wide as the others.
    A point on the diagonal is a bin whose pairs are as often of one person as was stated; the bar
    through it is its 95 % interval. The bars below count the pairs, on a scale of powers of ten.
    """
    bottom = _TOP + _SIDE
    base = bottom + _GAP + _BARS
    drawing = Drawing(
        _LEFT + _SIDE + _RIGHT,
        base + _BELOW,
        "Reliability of the stated probabilities",
        f"{plural(found.pairs, 'linked or reviewed pair')}, expected calibration error "
        f"{probability(found.error)}",
    )
    drawing.words(_LEFT, 24, "Stated and true probability of one person", bold=True)
    drawing.words(
        _LEFT,
        44,
        f"{count(found.links)} links, {count(found.review)} for review; expected calibration error "
        f"{probability(found.error)}, Brier score {probability(found.brier)}",
    )
    for tick in _TICKS:
        x, y = _LEFT + _place(tick), bottom - _place(tick)
        drawing.line(x, _TOP, x, bottom, colour=FAINT)
        drawing.line(_LEFT, y, _LEFT + _SIDE, y, colour=FAINT)
        drawing.words(x, bottom + 18, f"{tick:g}", anchor="middle")
        drawing.words(_LEFT - 8, y + 4, f"{tick:g}", anchor="end")
    drawing.line(_LEFT, bottom, _LEFT + _SIDE, _TOP, dashed=True)
    drawing.line(_LEFT, bottom, _LEFT + _SIDE, bottom)
    drawing.line(_LEFT, _TOP, _LEFT, bottom)
    drawing.words(_LEFT + _SIDE / 2, bottom + 36, "stated", anchor="middle")
    drawing.words(_LEFT + 8, _TOP + 16, "true")
    most = max((math.log10(part.pairs + 1) for part in found.bins), default=1.0)
    labelled = -float(_APART)
    for part in found.bins:
        x, y = _LEFT + _place(part.expected), bottom - _place(part.observed)
        low, high = (bottom - _place(end) for end in part.interval)
        drawing.line(x, low, x, high, colour=ACCENT, width=2)
        words = (
            f"{part.low:g} to {part.high:g}: {plural(part.pairs, 'pair')}, stated "
            f"{probability(part.expected)}, true {probability(part.observed)}"
        )
        drawing.dot(x, y, 5, colour=ACCENT, words=words)
        height = _BARS * math.log10(part.pairs + 1) / most
        drawing.box(x - 4, base - height, 8, height, colour=ACCENT)
        if x - labelled >= _APART:
            drawing.words(x, base + 16, _short(part.pairs), anchor="middle", colour=INK)
            labelled = x
    drawing.line(_LEFT, base, _LEFT + _SIDE, base)
    drawing.words(_LEFT + _SIDE / 2, base + 40, "pairs", anchor="middle")
    return drawing.text()


def _place(share: float) -> float:
    """Pixels from the origin, on the scale of log odds; what is certain lies on the frame."""
    low, high = _bits(_LEAST), _bits(_MOST)
    return _SIDE * (_bits(min(max(share, _LEAST), _MOST)) - low) / (high - low)


def _bits(share: float) -> float:
    return math.log2(share / (1.0 - share))


def _short(pairs: int) -> str:
    """A count in few characters.

    >>> _short(950), _short(12_345), _short(3_400_000)
    ('950', '12k', '3.4M')
    """
    if pairs < 1000:
        return str(pairs)
    if pairs < 1_000_000:
        return f"{pairs / 1000:.0f}k"
    return f"{pairs / 1_000_000:.1f}M"
