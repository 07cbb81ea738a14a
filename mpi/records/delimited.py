"""CSV and its relatives: read fast where that is safe, line by line where it is not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from mpi.records.batch import (
    AS_IT_IS,
    Batch,
    BrokenRow,
    Intake,
    joined,
    piece_of,
    raw_values,
    unique_names,
)
from mpi.records.dialect import Dialect, find_dialect
from mpi.records.encoding import to_utf8
from mpi.records.inputs import Content
from mpi.records.lines import (
    LOOK_AHEAD,
    Row,
    looks_like_row,
    physical_lines,
    rows_of,
    shape,
    split_line,
)
from mpi.records.spool import Bytes, holds, pieces_of_lines

_BLOCK = 1 << 22
_LARGEST_BLOCK = 1 << 30
_WINDOW = 1 << 24
_ROWS = 1 << 16
"""Bytes that are taken apart, and rows that are put together, at a time by the careful reader."""


def read_delimited(content: Content, intake: Intake = AS_IT_IS) -> Batch:
    """Rows of a delimited file, every cell as text, ragged rows set aside.

    Empty lines are no rows. Row numbers count rows, not lines.

    Parameters
    ----------
    intake : what becomes of the rows of a piece
    """
    origin = content.origin
    data, encoding = to_utf8(content.data, intake.scratch)
    notes = (*content.notes, encoding)
    dialect = find_dialect(data, origin.name)
    if dialect is None:
        nothing = np.zeros(0, np.int64)
        return Batch(
            origin.name,
            origin.source,
            pa.table({}),
            nothing,
            fingerprint=content.fingerprint,
            notes=(*notes, "empty"),
        )
    names = unique_names(list(dialect.header), origin.name)
    messages = (*dialect.messages, *names.messages)
    if encoding.startswith("Windows"):
        messages = (*messages, f"{origin.name}: read as {encoding}, for it is not UTF-8")
    parsed = _fast(data, dialect, names.names, intake)
    if parsed is None:
        parsed = _careful(memoryview(data)[dialect.skip :], dialect, names.names, intake)
    return replace(
        parsed,
        name=origin.name,
        source=origin.source,
        fingerprint=content.fingerprint,
        notes=(*notes, *dialect.notes),
        messages=messages,
    )


def _fast(
    data: Bytes,
    dialect: Dialect,
    names: Sequence[str],
    intake: Intake = AS_IT_IS,
    block: int = _BLOCK,
) -> Batch | None:
    """Arrow's reader, None where a quotation mark that is never closed may have eaten rows."""
    body = pa.py_buffer(data).slice(dialect.skip)
    if not body.size:
        return joined([], names)
    quoted = holds(data, b'"', dialect.skip, intake.scratch)
    bad: list[int] = []
    texts: list[str] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        bad.append(row.number)
        texts.append(row.text)
        return "skip"

    pieces: list[Batch] = []
    while True:
        for found in (bad, texts, pieces):
            found.clear()
        try:
            reader = pacsv.open_csv(
                pa.BufferReader(body),
                # one thread: rows are numbered only then
                pacsv.ReadOptions(
                    use_threads=False,
                    block_size=min(block, body.size + 1),
                    column_names=[f"f{i}" for i in range(len(names))],
                ),
                pacsv.ParseOptions(
                    delimiter=dialect.delimiter,
                    newlines_in_values=quoted,
                    invalid_row_handler=set_aside,
                ),
                pacsv.ConvertOptions(
                    column_types={f"f{i}": pa.string() for i in range(len(names))},
                    null_values=[],
                    strings_can_be_null=False,
                    check_utf8=False,
                ),
            )
            behind = 0
            for batch in intake.ahead(iter(reader)):
                table = pa.Table.from_batches([batch]).rename_columns(list(names))
                if quoted and _swallowed(table, dialect.delimiter):
                    return None
                rows = _numbers(behind, table.num_rows, bad)
                behind = int(rows[-1]) if len(rows) else behind
                pieces.append(intake.keep(piece_of(table, rows)))
            break
        except pa.ArrowInvalid:
            # a row longer than the block
            if block > min(body.size, _LARGEST_BLOCK):
                return None
            block *= 16
    if quoted and any("\n" in text for text in texts):
        return None
    broken = [
        BrokenRow(number, raw_values(cells), _ragged(len(cells), len(names)))
        for number, text in zip(bad, texts, strict=True)
        for cells in [split_line(text.rstrip("\r\n"), dialect.delimiter)[0]]
    ]
    return joined([*pieces, replace(joined([], names), broken=tuple(broken))])


def _numbers(behind: int, rows: int, bad: Sequence[int]) -> npt.NDArray[np.int64]:
    """int64[rows], the numbers of the good rows that come next.

    behind : the number of the last good row before them
    bad : numbers of bad rows, ascending, those between them at least

    Examples
    --------
    >>> _numbers(3, 4, [2, 5, 6, 9]).tolist()
    [4, 7, 8, 10]
    """
    between = np.array(bad[bisect_right(bad, behind) :], np.int64)
    good_before = between - (behind + 1) - np.arange(len(between))
    places = np.arange(rows)
    return behind + 1 + places + np.searchsorted(good_before, places, "right")


def _swallowed(table: pa.Table, delimiter: str) -> bool:
    """Whether a value with line ends may hold rows: then the careful reader must decide.

    It does where a quotation mark is left in it, or where a line inside begins as rows do.
    """
    width = table.num_columns
    for column in table.columns:
        hits = pc.match_substring(column, "\n")
        if not pc.any(hits).as_py():
            continue
        found = table.filter(hits)
        firsts = found.column(0)
        values = column.filter(hits)
        for first, value in zip(firsts.to_pylist(), values.to_pylist(), strict=True):
            if '"' in value:
                return True
            for line in value.split("\n")[1:]:
                begins_alike = shape(line.split(delimiter, 1)[0]) == shape(first.split("\n")[0])
                if begins_alike or looks_like_row(line, first, delimiter, width):
                    return True
    return False


def _careful(
    body: Bytes,
    dialect: Dialect,
    names: Sequence[str],
    intake: Intake = AS_IT_IS,
    window: int = _WINDOW,
) -> Batch:
    """Line by line: a row that is not closed costs itself, not the rows behind it."""
    width = len(names)
    kept: list[list[str]] = []
    rows: list[int] = []
    broken: list[BrokenRow] = []
    pieces: list[Batch] = []

    def pack() -> None:
        pieces.append(intake.keep(piece_of(_table(kept, names), np.array(rows, np.int64))))
        kept.clear()
        rows.clear()

    for number, row in enumerate(_rows(body, dialect.delimiter, width, window), 1):
        if row.unclosed:
            reason = "a quotation mark that is never closed"
            broken.append(BrokenRow(number, raw_values(row.cells), reason))
        elif len(row.cells) != width:
            reason = _ragged(len(row.cells), width)
            broken.append(BrokenRow(number, raw_values(row.cells), reason))
        else:
            kept.append(row.cells)
            rows.append(number)
            if len(kept) == _ROWS:
                pack()
    pack()
    return joined([*pieces, replace(joined([], names), broken=tuple(broken))])


def _rows(body: Bytes, delimiter: str, width: int, window: int) -> Iterator[Row]:
    """All rows, of a text of which only some lines are taken apart at a time."""
    lines: list[str] = []
    left = len(body)
    for piece in pieces_of_lines(body, window):
        lines += physical_lines(piece.decode())
        left -= len(piece)
        ends = 0
        for row in rows_of(lines, delimiter, width):
            if left and row.ends + LOOK_AHEAD > len(lines):
                break  # the lines behind it could say that it is another row
            yield row
            ends = row.ends
        del lines[:ends]


def _table(rows: list[list[str]], names: Sequence[str]) -> pa.Table:
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(len(names))]
    return pa.table(columns, names=list(names))


def _ragged(came: int, wanted: int) -> str:
    return f"{came} values where the header has {wanted}"
