"""NDJSON: one object a line, numbers with every digit they came with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pajson
import pyarrow.types as pt

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
from mpi.records.encoding import to_utf8
from mpi.records.inputs import Content
from mpi.records.spool import Bytes, pieces_of_lines
from mpi.records.text import table_as_text

_BLOCK = 1 << 22
_LARGEST_BLOCK = 1 << 30
_PIECE = 1 << 24
_ROWS = 1 << 15
"""Bytes that are read, and objects that are put together, at a time."""
_SAFE = 2.0**53
"""Beyond it a double does not hold every digit of an id."""


def read_ndjson(content: Content, intake: Intake = AS_IT_IS, *, size: int = _PIECE) -> Batch:
    """Rows of a file with a JSON object a line, or of one JSON array of objects.

    Objects inside become columns ``outer.inner``, arrays are joined with ``;``. Lines that are
    no object are set aside.

    Parameters
    ----------
    intake : what becomes of the rows of a piece
    size : bytes of a piece
    """
    origin = content.origin
    data, encoding = to_utf8(content.data, intake.scratch)
    parsed = None if _is_array(data) else _fast(data, intake, size)
    if parsed is None:
        parsed = _careful(data, intake, size)
    names = unique_names(parsed.table.column_names, origin.name)
    return replace(
        parsed,
        name=origin.name,
        source=origin.source,
        table=parsed.table.rename_columns(names.names),
        fingerprint=content.fingerprint,
        notes=(*content.notes, encoding, "NDJSON"),
        messages=tuple(names.messages),
    )


def _is_array(data: Bytes) -> bool:
    whole = memoryview(data)
    for at in range(0, len(whole), _BLOCK):
        begin = bytes(whole[at : at + _BLOCK]).lstrip()
        if begin:
            return begin[:1] == b"["
    return False


def _fast(data: Bytes, intake: Intake = AS_IT_IS, size: int = _PIECE) -> Batch | None:
    """Arrow's reader, None where it cannot keep the text of every value."""
    pieces: list[Batch] = []
    forms: dict[str, str] = {}
    behind = 0
    for table in intake.ahead(map(_typed, pieces_of_lines(data, size))):
        if table is None:
            return None
        for field in table.schema:
            form = _form(field.type)
            if form and forms.setdefault(field.name, form) != form:
                return None
        rows = np.arange(behind + 1, behind + 1 + table.num_rows, dtype=np.int64)
        pieces.append(intake.keep(piece_of(table_as_text(table), rows)))
        behind += table.num_rows
    return joined(pieces)


def _form(kind: pa.DataType) -> str:
    """Types that the reader takes together, were they in one piece."""
    if pt.is_null(kind):
        return ""
    return "number" if pt.is_integer(kind) or pt.is_floating(kind) else str(kind)


def _typed(data: bytes) -> pa.Table | None:
    """A piece of the file in Arrow's types."""
    if not data.strip():
        return pa.table({})
    types: dict[str, pa.DataType] = {}
    order: dict[str, None] = {}
    while True:
        table = _read(data, types)
        if table is None:
            return None
        order |= dict.fromkeys(table.column_names)
        # what looks like a time stamp is taken for one: ask for its text
        guessed = {f.name: pa.string() for f in table.schema if pt.is_temporal(f.type)}
        if not guessed:
            break
        types |= guessed
    if not all(map(_keeps_text, table.columns)):
        return None
    # columns with a type asked for come first: put them back
    return table.select(list(order))


def _read(data: bytes, types: dict[str, pa.DataType]) -> pa.Table | None:
    block = _BLOCK
    while True:
        try:
            return pajson.read_json(
                pa.BufferReader(data),
                pajson.ReadOptions(use_threads=False, block_size=min(block, len(data) + 1)),
                pajson.ParseOptions(
                    explicit_schema=pa.schema(list(types.items())) if types else None
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            # either a line longer than the block or one that is no JSON
            if block > min(len(data), _LARGEST_BLOCK) or b"\n" in data[:_BLOCK]:
                return None
            block *= 16


def _keeps_text(column: pa.ChunkedArray) -> bool:
    kind = column.type
    if pt.is_floating(kind):
        largest = pc.max(pc.abs(column)).as_py()
        return bool(largest is None or largest < _SAFE)
    return bool(
        pt.is_string(kind) or pt.is_integer(kind) or pt.is_boolean(kind) or pt.is_null(kind)
    )


def _careful(data: Bytes, intake: Intake = AS_IT_IS, size: int = _PIECE) -> Batch:
    """Value by value."""
    rows: list[int] = []
    broken: list[BrokenRow] = []
    kept: list[dict[str, str | None]] = []
    columns: dict[str, None] = {}
    pieces: list[Batch] = []

    def pack() -> None:
        arrays = [pa.array([row.get(name) for row in kept], pa.string()) for name in columns]
        table = pa.table(arrays, names=list(columns))
        pieces.append(intake.keep(piece_of(table, np.array(rows, np.int64))))
        kept.clear()
        rows.clear()

    for number, (text, value) in enumerate(_objects(data, size), 1):
        if not isinstance(value, dict):
            reason = "no JSON" if value is _NO_JSON else "a JSON value that is no object"
            broken.append(BrokenRow(number, raw_values([text]), reason))
            continue
        flat: dict[str, str | None] = {}
        _flatten("", value, flat)
        columns.update(dict.fromkeys(flat))
        kept.append(flat)
        rows.append(number)
        if len(kept) == _ROWS:
            pack()
    pack()
    return joined([*pieces, replace(joined([]), broken=tuple(broken))])


_NO_JSON = object()
_DECODER = json.JSONDecoder(parse_int=str, parse_float=lambda text: _number(text))


def _number(text: str) -> str:
    """A number with decimals as text, whole ones without them; too large ones as they came."""
    value = float(text)
    if abs(value) >= _SAFE:
        return text
    return str(int(value)) if value.is_integer() else repr(value)


def _objects(data: Bytes, size: int) -> Iterator[tuple[str, Any]]:
    """Each value of the file with its text; a file that is one array or one object is read so."""
    if _is_one_value(data, size):
        try:
            whole = _DECODER.decode(bytes(data).decode().strip())
        except ValueError:
            pass
        else:
            for value in whole if isinstance(whole, list) else [whole]:
                yield "" if isinstance(value, dict) else json.dumps(value), value
            return
    for line in _lines(data, size):
        try:
            yield line, _DECODER.decode(line.strip())
        except (ValueError, RecursionError):
            yield line, _NO_JSON


def _lines(data: Bytes, size: int) -> Iterator[str]:
    """Lines that are not blank."""
    for piece in pieces_of_lines(data, size):
        yield from (line for line in piece.decode().split("\n") if line.strip())


def _is_one_value(data: Bytes, size: int) -> bool:
    first, *others = [*islice(_lines(data, size), 2)] or [""]
    return first.lstrip()[:1] == "[" or (bool(others) and first.strip() == "{")


def _flatten(prefix: str, value: dict[str, Any], into: dict[str, str | None]) -> None:
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, dict):
            _flatten(f"{name}.", inner, into)
        elif isinstance(inner, list):
            into[name] = ";".join("" if i is None else _text(i) or "" for i in inner)
        else:
            into[name] = _text(inner)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        # a lone surrogate is no text; JSON can write one
        return value if value is None else value.encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
