"""How a delimited file is written: its delimiter, its header, where its rows begin."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from mpi.records.kinds import kind_of_name
from mpi.records.lines import physical_lines, rows_of, shape
from mpi.records.spool import Bytes

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 200
_CALLED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_DATUM = re.compile(r"[-+]?[\d.,/: -]*\d[\d.,/: -]*(T[\d:.Z+-]+)?|[^@\s]+@[^@\s]+\.\w+")


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written.

    header : names as they came; invented where the file has none
    named : whether the first row holds names
    skip : bytes before the first data row
    """

    delimiter: str
    header: tuple[str, ...]
    named: bool
    skip: int
    notes: tuple[str, ...]
    messages: tuple[str, ...] = ()


def find_dialect(data: Bytes, file: str) -> Dialect | None:
    """The dialect of UTF-8 bytes, None where there is nothing but empty lines.

    Examples
    --------
    >>> d = find_dialect(b"id;name\\n1;An\\n", "a.csv")
    >>> d.delimiter, d.header, d.skip
    (';', ('id', 'name'), 8)
    """
    sample, whole = _sample(data)
    said = re.match(r"\s*sep=(.)\r?\n", sample)
    skip = len(sample[: said.end()].encode()) if said else 0
    sample = sample[said.end() :] if said else sample
    lines = physical_lines(sample)
    if not whole and len(lines) > 1:
        lines.pop()
    if not any(lines):
        return None
    delimiter = said.group(1) if said else _delimiter(lines)
    rows = []
    for row in rows_of(lines, delimiter, None):
        rows.append(row)
        if len(rows) > _SAMPLE_ROWS:
            break
    first, rest = rows[0], [row.cells for row in rows[1:]]
    named = not _looks_like_data(first.cells, rest)
    notes = (f"delimited by {_CALLED.get(delimiter, delimiter)}",)
    messages: list[str] = []
    header = list(first.cells)
    if named:
        skip += _bytes_of_lines(sample, first.ends)
        header = _fit(header, rest, file, messages)
    else:
        width = _usual_width([first.cells, *rest])
        header = [f"column_{i}" for i in range(1, width + 1)]
        messages.append(
            f"{file}: the first row looks like data, so the file has no header; "
            f"its columns are called column_1 to column_{width}"
        )
    return Dialect(delimiter, tuple(header), named, skip, notes, tuple(messages))


def _sample(data: Bytes) -> tuple[str, bool]:
    """The first part of the data that holds two lines at least, and whether it is all."""
    size = 1 << 18
    while True:
        sample = bytes(data[:size])
        if size >= len(data) or sample.count(b"\n") + sample.count(b"\r") >= 2:
            return sample.decode("utf-8", "ignore"), size >= len(data)
        size *= 8


def _bytes_of_lines(text: str, lines: int) -> int:
    ends = re.compile(r"\r\n|\n|\r|\Z")
    at = 0
    for _ in range(lines):
        found = ends.search(text, at)
        assert found is not None
        at = found.end()
    return len(text[:at].encode())


def _delimiter(lines: list[str]) -> str:
    """The candidate that cuts the most rows into the same number of cells, the more the better."""
    best, chosen = 0.0, ","
    for delimiter in DELIMITERS:
        rows = [row.cells for row in islice(rows_of(lines, delimiter, None), 100)]
        width = _usual_width(rows)
        share = sum(len(cells) == width for cells in rows) / len(rows)
        # the header is one row among many, but it must be cut too
        score = share * min(width, 4) * (1.0 if len(rows[0]) > 1 else 0.5) if width > 1 else 0.0
        if score > best:
            best, chosen = score, delimiter
    if not best:
        firsts = {d: lines[0].count(d) for d in DELIMITERS}
        chosen = max(DELIMITERS, key=lambda d: firsts[d]) if any(firsts.values()) else ","
    return chosen


def _usual_width(rows: list[list[str]]) -> int:
    counts = Counter(len(cells) for cells in rows)
    return max(counts, key=lambda width: (counts[width], width))


def _looks_like_data(first: list[str], rest: list[list[str]]) -> bool:
    """Whether a first row holds values: a value among values of its kind, or seen again."""
    if any(kind_of_name(cell) is not None for cell in first):
        return False
    for position, cell in enumerate(c.strip() for c in first):
        below = [cells[position].strip() for cells in rest if position < len(cells)]
        if not cell:
            continue
        if _DATUM.fullmatch(cell) and not _counted(first):
            alike = sum(shape(value) == shape(cell) for value in below)
            if not below or alike >= len(below) / 2:
                return True
        elif len(below) >= 5 and cell in below:
            return True
    return False


def _counted(first: list[str]) -> bool:
    """Names such as 0, 1, 2 ... that stand for positions."""
    return len(first) > 1 and (
        [c.strip() for c in first] in ([str(i + s) for i in range(len(first))] for s in (0, 1))
    )


def _fit(header: list[str], rest: list[list[str]], file: str, messages: list[str]) -> list[str]:
    """A header as wide as the rows, where all rows agree that it is not."""
    widths = {len(cells) for cells in rest}
    if len(rest) < 2 or len(widths) != 1 or widths == {len(header)}:
        return header
    (width,) = widths
    messages.append(f"{file}: the header has {len(header)} names, every row {width} values")
    if width < len(header):
        return header[:width]
    return header + [f"column_{i}" for i in range(len(header) + 1, width + 1)]
