"""NDJSON: one object a line, numbers with every digit they came with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pajson
import pyarrow.types as pt

from mpi.records.batch import Batch, BrokenRow, raw_values, unique_names
from mpi.records.encoding import to_utf8
from mpi.records.inputs import Content
from mpi.records.text import table_as_text

_BLOCK = 1 << 22
_LARGEST_BLOCK = 1 << 30
_SAFE = 2.0**53
"""Beyond it a double does not hold every digit of an id."""


def read_ndjson(content: Content) -> Batch:
    """Rows of a file with a JSON object a line, or of one JSON array of objects.

    Objects inside become columns ``outer.inner``, arrays are joined with ``;``. Lines that are
    no object are set aside.
    """
    origin = content.origin
    data, encoding = to_utf8(content.data)
    table = None if data.lstrip()[:1] == b"[" else _fast(data)
    broken: list[BrokenRow] = []
    if table is None:
        table, rows, broken = _careful(data)
    else:
        rows = list(range(1, table.num_rows + 1))
    names = unique_names(table.column_names, origin.name)
    return Batch(
        origin.name,
        origin.source,
        table.rename_columns(names.names),
        np.array(rows, np.int64),
        tuple(broken),
        content.fingerprint,
        (*content.notes, encoding, "NDJSON"),
        tuple(names.messages),
    )


def _fast(data: bytes) -> pa.Table | None:
    """Arrow's reader, None where it cannot keep the text of every value."""
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
    return table_as_text(table.select(list(order)))


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


def _careful(data: bytes) -> tuple[pa.Table, list[int], list[BrokenRow]]:
    rows: list[int] = []
    broken: list[BrokenRow] = []
    kept: list[dict[str, str | None]] = []
    columns: dict[str, None] = {}
    for number, (text, value) in enumerate(_objects(data.decode()), 1):
        if not isinstance(value, dict):
            reason = "no JSON" if value is _NO_JSON else "a JSON value that is no object"
            broken.append(BrokenRow(number, raw_values([text]), reason))
            continue
        flat: dict[str, str | None] = {}
        _flatten("", value, flat)
        columns.update(dict.fromkeys(flat))
        kept.append(flat)
        rows.append(number)
    arrays = [pa.array([row.get(name) for row in kept], pa.string()) for name in columns]
    return pa.table(arrays, names=list(columns)), rows, broken


_NO_JSON = object()
_DECODER = json.JSONDecoder(parse_int=str, parse_float=lambda text: _number(text))


def _number(text: str) -> str:
    """A number with decimals as text, whole ones without them; too large ones as they came."""
    value = float(text)
    if abs(value) >= _SAFE:
        return text
    return str(int(value)) if value.is_integer() else repr(value)


def _objects(text: str) -> Iterator[tuple[str, Any]]:
    """Each value of the file with its text; a file that is one array or one object is read so."""
    lines = [line for line in text.split("\n") if line.strip()]
    if (lines and lines[0].lstrip()[:1] == "[") or (len(lines) > 1 and lines[0].strip() == "{"):
        try:
            whole = _DECODER.decode(text.strip())
        except ValueError:
            pass
        else:
            for value in whole if isinstance(whole, list) else [whole]:
                yield "" if isinstance(value, dict) else json.dumps(value), value
            return
    for line in lines:
        try:
            yield line, _DECODER.decode(line.strip())
        except (ValueError, RecursionError):
            yield line, _NO_JSON


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
