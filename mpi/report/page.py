"""Text for people: headings, lines and tables on a stream, safe for any value."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TextIO

_WIDE = 160


def visible(value: str, longest: int = 60) -> str:
    r"""A raw value that cannot harm a terminal: control characters shown, long ones cut.

    Escape sequences and marks that reverse the reading direction come in with the data, and
    would otherwise be obeyed.

    Examples
    --------
    >>> visible("AN\x1b[2J"), visible("a\nb"), visible("x" * 100, longest=5)
    ('AN\\x1b[2J', 'a\\nb', 'xxxx…')
    """
    shown = "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in _HARMFUL else c
        for c in value[: longest + 1]
    )
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Page:
    """Writes headings, lines and tables; colours only on a terminal.

    Parameters
    ----------
    stream : where to write
    """

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console

        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        if not self._console.is_terminal:
            self._console.width = _WIDE

    def heading(self, text: str) -> None:
        """A line that begins a part, after an empty one."""
        self._console.print()
        self._console.print(text, style="bold")

    def line(self, text: str = "", style: str | None = None, *, whole: bool = False) -> None:
        """One line of text, broken where the terminal ends; `whole` leaves it unbroken."""
        self._console.print(text, style=style, soft_wrap=whole)

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        numbers: Sequence[str] = (),
        total: Sequence[str] | None = None,
    ) -> None:
        """A table; the columns named in `numbers` are set to the right.

        total : a last row, set apart
        """
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
        for column in columns:
            right = column in numbers
            table.add_column(
                column, justify="right" if right else "left", no_wrap=right, overflow="fold"
            )
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        if total is not None:
            table.add_section()
            table.add_row(*(Text(cell) for cell in total), style="bold")
        self._console.print(table)
