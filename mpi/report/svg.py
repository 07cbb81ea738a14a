"""Drawings as SVG text: lines, boxes, dots and words, nothing else."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from mpi.report.page import visible

INK, FAINT, FOR, AGAINST, ACCENT = "#1f2933", "#cbd2d9", "#2f855a", "#c53030", "#2b6cb0"
_FONT = "font-family='system-ui, sans-serif' font-size='13'"


class Drawing:
    """A drawing of fixed size, with the origin at the upper left.

    Parameters
    ----------
    width, height : pixels
    title, description : what it shows, for those who do not see it

    Examples
    --------
    >>> drawing = Drawing(20, 10, "A line", "from left to right")
    >>> drawing.line(0, 5, 20, 5)
    >>> print(drawing.text().splitlines()[-2])
    <line x1='0' y1='5' x2='20' y2='5' stroke='#1f2933' stroke-width='1'/>
    """

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self._parts = [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' "
            f"width='{width}' height='{height}' role='img' {_FONT}>",
            f"<title>{_words(title)}</title>",
            f"<desc>{_words(description)}</desc>",
            "<rect width='100%' height='100%' fill='white'/>",
        ]

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        colour: str = INK,
        width: float = 1.0,
        dashed: bool = False,
    ) -> None:
        """A straight line."""
        dashes = " stroke-dasharray='4 4'" if dashed else ""
        self._parts.append(
            f"<line x1='{_n(x1)}' y1='{_n(y1)}' x2='{_n(x2)}' y2='{_n(y2)}' stroke='{colour}' "
            f"stroke-width='{_n(width)}'{dashes}/>"
        )

    def box(self, x: float, y: float, width: float, height: float, *, colour: str) -> None:
        """A filled rectangle; `x`, `y` is its upper left corner."""
        self._parts.append(
            f"<rect x='{_n(x)}' y='{_n(y)}' width='{_n(max(width, 0.5))}' height='{_n(height)}' "
            f"fill='{colour}'/>"
        )

    def dot(self, x: float, y: float, radius: float, *, colour: str, words: str = "") -> None:
        """A filled circle; `words` show where it is pointed at."""
        inside = f"<title>{_words(words)}</title>" if words else ""
        self._parts.append(
            f"<circle cx='{_n(x)}' cy='{_n(y)}' r='{_n(radius)}' fill='{colour}'>{inside}</circle>"
        )

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: str = "start",
        colour: str = INK,
        bold: bool = False,
    ) -> None:
        """A line of text; `anchor` is start, middle or end."""
        weight = " font-weight='bold'" if bold else ""
        self._parts.append(
            f"<text x='{_n(x)}' y='{_n(y)}' text-anchor={quoteattr(anchor)} "
            f"fill='{colour}'{weight}>{_words(text)}</text>"
        )

    def text(self) -> str:
        """The whole as SVG."""
        return "\n".join([*self._parts, "</svg>", ""])


def _words(text: str) -> str:
    return escape(visible(text, longest=300))


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
