"""Write an Arrow table as Parquet, CSV or NDJSON; nested values become JSON, column by column."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from mpi.errors import UsageError

SUFFIXES = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}
_BATCH = 1 << 16
_CONTROLS = {chr(code): f"\\u{code:04x}" for code in range(32)} | {
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def format_of(path: Path) -> str:
    """The format that a file's suffix asks for: "parquet", "csv" or "ndjson".

    Raises
    ------
    UsageError
        The suffix is none of those.

    Examples
    --------
    >>> format_of(Path("crosswalk.parquet"))
    'parquet'
    """
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"{path}: the suffix '{path.suffix}' names no format; "
            f"give the file one of {', '.join(SUFFIXES)}"
        ) from None


def write_table(table: pa.Table, file: BinaryIO, kind: str) -> None:
    """Write a table to an open file.

    Parameters
    ----------
    kind : "parquet", "csv" (a header, text in double quotes, missing values empty) or "ndjson"
        (one object a row, missing values null)

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> write_table(pa.table({"id": ["a", None], "before": [["x", "y"], []]}), file, "csv")
    >>> print(file.getvalue().decode())
    "id","before"
    "a","[""x"",""y""]"
    ,"[]"
    <BLANKLINE>
    """
    if kind == "parquet":
        pq.write_table(table, file, compression="zstd")
    elif kind == "csv":
        with pacsv.CSVWriter(file, _flat(table.schema)) as writer:
            for batch in table.to_batches(max_chunksize=_BATCH):
                writer.write_batch(flatten(batch))
    else:
        for batch in table.to_batches(max_chunksize=_BATCH):
            lines = to_json(batch.to_struct_array())
            text = pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "\n")
            file.write(text[0].as_buffer())
            file.write(b"\n")


def flatten(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with each nested column as JSON text."""
    columns = [to_json(c) if pa.types.is_nested(c.type) else c for c in batch.columns]
    return pa.record_batch(columns, schema=_flat(batch.schema))


def _flat(schema: pa.Schema) -> pa.Schema:
    return pa.schema(
        [f.with_type(pa.string()) if pa.types.is_nested(f.type) else f for f in schema]
    )


def to_json(values: pa.Array) -> pa.StringArray:
    """Each value as JSON text, never null: a missing value is the text "null".

    Parameters
    ----------
    values : text, whole or decimal numbers, true/false, and lists and structs of these

    Returns
    -------
    string[n]; numbers that JSON cannot hold (infinite, not a number) are "null"

    Examples
    --------
    >>> to_json(pa.array([{"a": 1, "b": ['x"']}, {"a": None, "b": []}])).to_pylist()
    ['{"a":1,"b":["x\\\\""]}', '{"a":null,"b":[]}']
    """
    kind = values.type
    if pa.types.is_struct(kind):
        text = _objects(values)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        text = _lists(values)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        text = _quoted(values)
    elif pa.types.is_floating(kind):
        text = pc.if_else(pc.is_finite(values), values.cast(pa.string()), "null")
    else:
        text = values.cast(pa.string())
        if not (pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
            text = _quoted(text)
    return text.cast(pa.string()).fill_null("null")


def _quoted(values: pa.Array) -> pa.Array:
    text = pc.replace_substring(values.cast(pa.string()), "\\", "\\\\")
    text = pc.replace_substring(text, '"', '\\"')
    if pc.any(pc.match_substring_regex(text, r"[\x00-\x1f]")).as_py():
        for raw, escaped in _CONTROLS.items():
            text = pc.replace_substring(text, raw, escaped)
    return pc.binary_join_element_wise('"', text, '"', "")


def _lists(values: pa.Array) -> pa.Array:
    # `flatten` and fresh offsets leave out what a null or a slice of the list still points to.
    lengths = pc.fill_null(pc.list_value_length(values), 0).cast(pa.int32())
    ends = pc.cumulative_sum(lengths)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    inner = pa.ListArray.from_arrays(offsets, to_json(values.flatten()))
    text = pc.binary_join_element_wise("[", pc.binary_join(inner, ","), "]", "")
    return pc.if_else(values.is_valid(), text, pa.scalar(None, pa.string()))


def _objects(values: pa.Array) -> pa.Array:
    fields, parts = values.flatten(), []
    for number, field in enumerate(values.type):
        name = _quoted(pa.array([field.name]))[0].as_py()
        parts += [f"{',' if number else '{'}{name}:", to_json(fields[number])]
    if not parts:
        return pa.array(["{}"] * len(values))
    text = pc.binary_join_element_wise(*parts, "}", "")
    return pc.if_else(values.is_valid(), text, pa.scalar(None, pa.string()))
