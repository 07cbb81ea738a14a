"""CSV and its relatives: read fast where that is safe, line by line where it is not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from mpi.records.batch import Batch, BrokenRow, raw_values, unique_names
from mpi.records.dialect import Dialect, find_dialect
from mpi.records.encoding import to_utf8
from mpi.records.inputs import Content
from mpi.records.lines import looks_like_row, physical_lines, rows_of, shape, split_line

_BLOCK = 1 << 22
_LARGEST_BLOCK = 1 << 30
_Parsed = tuple[pa.Table, npt.NDArray[np.int64], list[BrokenRow]]


def read_delimited(content: Content) -> Batch:
    """Rows of a delimited file, every cell as text, ragged rows set aside.

    Empty lines are no rows. Row numbers count rows, not lines.
    """
    origin = content.origin
    data, encoding = to_utf8(content.data)
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
    parsed = _fast(data, dialect, names.names)
    if parsed is None:
        parsed = _careful(data[dialect.skip :], dialect, names.names)
    table, rows, broken = parsed
    return Batch(
        origin.name,
        origin.source,
        table,
        rows,
        tuple(broken),
        content.fingerprint,
        (*notes, *dialect.notes),
        messages,
    )


def _fast(data: bytes, dialect: Dialect, names: Sequence[str]) -> _Parsed | None:
    """Arrow's reader, None where a quotation mark that is never closed may have eaten rows."""
    body = pa.py_buffer(data).slice(dialect.skip)
    if not body.size:
        return _table([], names), np.zeros(0, np.int64), []
    quoted = data.find(b'"', dialect.skip) >= 0
    bad: list[tuple[int, str]] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        bad.append((row.number, row.text))
        return "skip"

    table = None
    block = _BLOCK
    while table is None:
        bad.clear()
        try:
            table = pacsv.read_csv(
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
        except pa.ArrowInvalid:
            # a row longer than the block
            if block > min(body.size, _LARGEST_BLOCK):
                return None
            block *= 16
    if quoted and (any("\n" in text for _, text in bad) or _swallowed(table, dialect.delimiter)):
        return None
    broken = [
        BrokenRow(number, raw_values(cells), _ragged(len(cells), len(names)))
        for number, text in bad
        for cells in [split_line(text.rstrip("\r\n"), dialect.delimiter)[0]]
    ]
    total = table.num_rows + len(bad)
    rows = np.delete(np.arange(1, total + 1, dtype=np.int64), [n - 1 for n, _ in bad])
    return table.rename_columns(list(names)), rows, broken


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


def _careful(body: bytes, dialect: Dialect, names: Sequence[str]) -> _Parsed:
    """Line by line: a row that is not closed costs itself, not the rows behind it."""
    width = len(names)
    kept: list[list[str]] = []
    rows: list[int] = []
    broken: list[BrokenRow] = []
    lines = physical_lines(body.decode())
    for number, row in enumerate(rows_of(lines, dialect.delimiter, width), 1):
        if row.unclosed:
            reason = "a quotation mark that is never closed"
            broken.append(BrokenRow(number, raw_values(row.cells), reason))
        elif len(row.cells) != width:
            reason = _ragged(len(row.cells), width)
            broken.append(BrokenRow(number, raw_values(row.cells), reason))
        else:
            kept.append(row.cells)
            rows.append(number)
    return _table(kept, names), np.array(rows, np.int64), broken


def _table(rows: list[list[str]], names: Sequence[str]) -> pa.Table:
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(len(names))]
    return pa.table(columns, names=list(names))


def _ragged(came: int, wanted: int) -> str:
    return f"{came} values where the header has {wanted}"
