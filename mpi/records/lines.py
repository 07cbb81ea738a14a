"""Delimited text line by line, for what a fast reader cannot take: quotes that never close."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

LOOK_AHEAD = 200
"""Lines a quoted value may go on for before its quotation mark counts as never closed."""


@dataclass(frozen=True)
class Row:
    """One row of a delimited file.

    cells : as they came, quotes removed
    ends : index of the first line behind the row
    unclosed : a quoted value began and did not end
    """

    cells: list[str]
    ends: int
    unclosed: bool = False


def split_line(line: str, delimiter: str) -> tuple[list[str], bool]:
    """The cells of one line, and whether a quoted cell is still open at its end.

    A quotation mark counts only at the beginning of a cell, doubled ones stand for one.

    Examples
    --------
    >>> split_line('1,"a ""b"", c",5" pipe', ",")
    (['1', 'a "b", c', '5" pipe'], False)
    >>> split_line('1,"a', ",")
    (['1', 'a'], True)
    """
    if '"' not in line:
        return line.split(delimiter), False
    cells: list[str] = []
    still_open = False
    for found in _cell_pattern(delimiter).finditer(line):
        quoted, closing, rest, plain, end = found.groups()
        if quoted is None:
            cells.append(plain)
        else:
            still_open = not closing
            cells.append(quoted.replace('""', '"') + (rest or ""))
        if not end:
            break
    return cells, still_open


_PATTERNS: dict[str, re.Pattern[str]] = {}


def _cell_pattern(delimiter: str) -> re.Pattern[str]:
    if delimiter not in _PATTERNS:
        d = re.escape(delimiter)
        _PATTERNS[delimiter] = re.compile(
            rf'(?:"((?:[^"]|"")*+)("?)([^{d}]*)|([^{d}]*))({d}|\Z)', re.DOTALL
        )
    return _PATTERNS[delimiter]


def physical_lines(text: str) -> list[str]:
    """Lines without their ends; an end is CR, LF or both."""
    return [line.rstrip("\r\n") for line in io.StringIO(text, newline="")]


def rows_of(lines: list[str], delimiter: str, width: int | None) -> Iterator[Row]:
    """Rows of the lines; empty lines are no rows.

    A quoted value may hold line ends. It counts as never closed where no end is found within
    `LOOK_AHEAD` lines, where the joined row has not `width` cells or goes on behind the closing
    mark, or where a line inside it looks like a row of its own; then the first line alone is the
    row.
    """
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line:
            at += 1
            continue
        cells, still_open = split_line(line, delimiter)
        ends = at + 1
        if still_open:
            joined = _join(lines, at, delimiter, width)
            if joined is not None:
                yield joined
                at = joined.ends
                continue
        yield Row(cells, ends, still_open)
        at = ends


def _join(lines: list[str], at: int, delimiter: str, width: int | None) -> Row | None:
    text = lines[at]
    for ends in range(at + 1, min(at + LOOK_AHEAD, len(lines))):
        line = lines[ends]
        if width is not None and looks_like_row(line, lines[at], delimiter, width):
            return None
        text += "\n" + line
        if '"' not in line:
            continue
        cells, still_open = split_line(text, delimiter)
        if not still_open:
            fits = width in (None, len(cells)) and _well_quoted(text, delimiter)
            return Row(cells, ends + 1) if fits else None
    return None


def looks_like_row(line: str, first: str, delimiter: str, width: int) -> bool:
    """Whether a line inside a quoted value is rather a row of its own.

    In a table of few columns a line of an address can have as many cells by chance, so there
    the first cell must also look like that of the row it stands in.
    """
    if width < 2 or line.count(delimiter) < width - 1:
        return False
    cells, _ = split_line(line, delimiter)
    if len(cells) != width:
        return False
    if '"' in line and not _well_quoted(line, delimiter):
        return False
    return width > 3 or shape(cells[0]) == shape(
        re.split(f"{re.escape(delimiter)}|\n", first, maxsplit=1)[0]
    )


def _well_quoted(line: str, delimiter: str) -> bool:
    """Whether every quotation mark of a line opens, closes or doubles: none stands astray."""
    for found in _cell_pattern(delimiter).finditer(line):
        _, closing, rest, plain, end = found.groups()
        if (plain and '"' in plain) or rest or closing == "":
            return False
        if not end:
            break
    return True


def shape(cell: str) -> str:
    """A cell with runs of digits as 9 and of letters as a.

    Examples
    --------
    >>> shape("rec-223-org"), shape("12/05/1990")
    ('a-9-a', '9/9/9')
    """
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell.strip().strip('"')))
