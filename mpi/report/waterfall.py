"""The waterfall: how the evidence on a pair adds up, field by field, in bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpi.report.page import visible
from mpi.report.quantities import probability
from mpi.report.svg import ACCENT, AGAINST, FAINT, FOR, INK, Drawing

if TYPE_CHECKING:
    from mpi.score.explain import Explanation

_LEFT, _WIDTH, _RIGHT, _TOP, _ROW = 330, 520, 80, 84, 30


def draw_waterfall(found: Explanation) -> str:
    """Draw it, as SVG text.

    A bar begins where the one above it ended: green to the right speaks for one person, red to the
    left against. The last one is the sum; dashed lines are what a link and a review need.
    """
    steps = [("starting point", found.prior)]
    steps += [(f"{f.name}: {f.label}", f.weight + f.term_frequency) for f in found.fields]
    if found.relative < -0.05:
        steps.append(("two of one family would look alike too", found.relative))
    ends = [0.0]
    for _, bits in steps:
        ends.append(ends[-1] + bits)
    low = min(*ends, found.total, found.review_bits)
    high = max(*ends, found.total, found.link_bits)
    scale = _WIDTH / max(high - low, 1e-9)

    def place(bits: float) -> float:
        return _LEFT + (bits - low) * scale

    bottom = _TOP + _ROW * (len(steps) + 1)
    a, b = ":".join(found.a), ":".join(found.b)
    drawing = Drawing(_LEFT + _WIDTH + _RIGHT, bottom + 60, f"{a} and {b}", found.verdict)
    drawing.words(16, 24, f"{visible(a)}  and  {visible(b)}", bold=True)
    drawing.words(16, 44, visible(found.verdict, longest=120))
    drawing.words(
        16,
        64,
        f"{found.total:+.1f} bits: probability {probability(found.probability)} that they are one "
        "person",
    )
    drawing.line(place(0.0), _TOP, place(0.0), bottom, colour=FAINT)
    for row, ((name, bits), start) in enumerate(zip(steps, ends, strict=False)):
        y = _TOP + _ROW * row
        colour = FOR if bits >= 0.0 else AGAINST
        left, right = sorted((place(start), place(start + bits)))
        drawing.words(_LEFT - 10, y + 20, visible(name, longest=46), anchor="end")
        drawing.box(left, y + 6, right - left, _ROW - 12, colour=colour)
        drawing.line(place(start + bits), y + 6, place(start + bits), y + _ROW + 6, colour=FAINT)
        if bits:
            drawing.words(right + 6, y + 20, f"{bits:+.1f}", colour=INK)
    y = bottom - _ROW
    left, right = sorted((place(0.0), place(found.total)))
    drawing.words(_LEFT - 10, y + 20, "together", anchor="end", bold=True)
    drawing.box(left, y + 6, right - left, _ROW - 12, colour=ACCENT)
    drawing.words(right + 6, y + 20, f"{found.total:+.1f}", bold=True)
    for bits, words, below in (
        (found.review_bits, "review", 18),
        (found.link_bits, "link", 36),
    ):
        drawing.line(place(bits), _TOP, place(bits), bottom + 4, dashed=True)
        drawing.words(
            place(bits), bottom + below, f"{words} from {bits:+.1f} bits", anchor="middle"
        )
    return drawing.text()
