"""Any Arrow column as text, as faithfully as it can be: an id never becomes a number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from mpi.records.encoding import decode_marked

_EXACT = 2.0**63
_DAY = {unit: 86_400 * 1000**power for power, unit in enumerate(("s", "ms", "us", "ns"))}
"""Ticks of a day."""


def flattened(table: pa.Table) -> pa.Table:
    """The table with columns ``outer.inner`` in the place of structs."""
    while any(pt.is_struct(f.type) for f in table.schema):
        table = table.flatten()
    return table


def table_as_text(table: pa.Table, dates: Sequence[bool] | None = None) -> pa.Table:
    """Every column as string; structs become columns ``outer.inner``.

    Parameters
    ----------
    dates : of each column, whether its moments are written as dates; they say if not given

    Examples
    --------
    >>> t = pa.table({"id": [7, 8], "dob": [19900512.0, None], "p": [{"n": "An"}, None]})
    >>> table_as_text(t).to_pylist()[0]
    {'id': '7', 'dob': '19900512', 'p.n': 'An'}
    """
    table = flattened(table)
    told = [None] * table.num_columns if dates is None else dates
    columns = [as_text(*both) for both in zip(table.columns, told, strict=True)]
    return pa.table(columns, names=table.column_names) if columns else table


def as_text(column: pa.ChunkedArray, dates: bool | None = None) -> pa.ChunkedArray:
    """One column as string.

    Whole numbers lose their decimals (19900512.0 is 19900512), dates are ISO 8601 and stand
    alone where every time of day is midnight, booleans are true and false, items of a list are
    joined with ``;``, anything deeper is JSON.
    """
    kind = column.type
    if pt.is_string(kind):
        return column
    if pt.is_dictionary(kind):
        return as_text(column.cast(kind.value_type), dates)
    if isinstance(kind, pa.BaseExtensionType):
        return as_text(_stored(column), dates)
    if pt.is_run_end_encoded(kind):
        return as_text(pc.run_end_decode(column), dates)
    if pt.is_large_string(kind) or pt.is_string_view(kind) or pt.is_integer(kind):
        return column.cast(pa.string())
    if pt.is_binary(kind) or pt.is_large_binary(kind) or pt.is_fixed_size_binary(kind):
        return _binary(column)
    if pt.is_floating(kind):
        return pa.chunked_array([_floating(c) for c in column.chunks], pa.string())
    if pt.is_decimal(kind):
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")
    if pt.is_timestamp(kind) or pt.is_date64(kind):
        return _moment(column, all_midnight(column) if dates is None else dates)
    if pt.is_list(kind) or pt.is_large_list(kind):
        return pa.chunked_array([_joined(c) for c in column.chunks], pa.string())
    if pt.is_null(kind) or pt.is_boolean(kind) or pt.is_temporal(kind):
        try:
            return column.cast(pa.string())
        except pa.ArrowNotImplementedError:
            pass
    return pa.chunked_array(
        [[None if v is None else _written(v) for v in c.to_pylist()] for c in column.chunks],
        pa.string(),
    )


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _binary(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pt.is_fixed_size_binary(column.type):
        column = column.cast(pa.binary())
    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.chunked_array(
            [
                [None if v is None else decode_marked(v, "utf-8") for v in c.to_pylist()]
                for c in column.chunks
            ],
            pa.string(),
        )


def _floating(array: pa.Array) -> pa.Array:
    wide = array.cast(pa.float64())
    values = wide.fill_null(np.nan).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        whole = (values == np.floor(values)) & (np.abs(values) < _EXACT)
    integers = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(pa.string())
    text = pc.if_else(pa.array(whole), integers, array.cast(pa.string()))
    return pc.if_else(pa.array(np.isnan(values)), pa.scalar(None, pa.string()), text)


def _stored(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([c.storage for c in column.chunks], column.type.storage_type)


def is_moment(kind: pa.DataType) -> bool:
    """Whether values of a type are points in time, with or without a time of day."""
    if pt.is_dictionary(kind) or pt.is_run_end_encoded(kind):
        return is_moment(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return is_moment(kind.storage_type)
    return bool(pt.is_timestamp(kind) or pt.is_date64(kind))


def all_midnight(column: pa.ChunkedArray) -> bool:
    """Whether every moment of a column that has one is a midnight."""
    kind = column.type
    if pt.is_dictionary(kind):
        return all_midnight(column.cast(kind.value_type))
    if isinstance(kind, pa.BaseExtensionType):
        return all_midnight(_stored(column))
    if pt.is_run_end_encoded(kind):
        return all_midnight(pc.run_end_decode(column))
    if pt.is_timestamp(kind) and kind.tz not in (None, "UTC"):
        # written in its zone, with the distance from UTC behind it
        return bool(column.null_count == len(column))
    unit = "ms" if pt.is_date64(kind) else kind.unit
    ticks = column.cast(pa.timestamp("ms") if pt.is_date64(kind) else kind).cast(pa.int64())
    day = _DAY[unit]
    return all(not (_numbers(chunk) % day).any() for chunk in ticks.chunks)


def _numbers(chunk: pa.Array) -> npt.NDArray[np.int64]:
    return np.asarray(chunk.fill_null(0).to_numpy(zero_copy_only=False), np.int64)


def _moment(column: pa.ChunkedArray, dates: bool) -> pa.ChunkedArray:
    text = column.cast(pa.timestamp("ms")) if pt.is_date64(column.type) else column
    text = text.cast(pa.string())
    if dates:
        return pc.utf8_slice_codeunits(text, 0, 10)
    return pc.replace_substring_regex(text, r"\.0+(Z?)$", r"\1")


def _joined(array: pa.Array) -> pa.Array:
    items = array.flatten()
    text = as_text(pa.chunked_array([items], items.type)).combine_chunks()
    text = pc.fill_null(text, "")
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), text)
    joined = pc.binary_join(lists, ";")
    return pc.if_else(pc.is_valid(array), joined, pa.scalar(None, pa.string()))


def text_buffers(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Bytes and offsets of a string array, not copied; what stands at a null means nothing."""
    _, offsets, data = texts.buffers()
    if offsets is None or len(texts) == 0:
        return np.empty(0, np.uint8), np.zeros(1, np.int32)
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8), ends


def validity(array: pa.Array) -> npt.NDArray[np.bool_]:
    """bool[n], whether there is a value; 0.1 ms a million, where Arrow's conversion takes 2.

    Examples
    --------
    >>> validity(pa.array(["a", None, "b"])[1:]).tolist()
    [False, True]
    """
    bits = array.buffers()[0]
    if bits is None:
        return np.ones(len(array), np.bool_)
    whole, ahead = divmod(array.offset, 8)
    behind = -(-(array.offset + len(array)) // 8)
    each = np.unpackbits(np.frombuffer(bits, np.uint8)[whole:behind], bitorder="little")
    return each[ahead : ahead + len(array)].view(np.bool_)
