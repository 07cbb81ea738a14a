"""Rows that cannot be records, and the quarantine they go to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.batch import Batch, raw_values
from mpi.records.gather import Rows, take
from mpi.records.keyed import KeyedRows, row_numbers
from mpi.records.table import Field
from mpi.records.versions import says_deleted
from mpi.schema import PERSON_KINDS, TABLES, Kind
from mpi.scratch import Scratch

LONGEST = 65_536
"""Bytes of the longest value of a compared field; a row with a longer one is set aside."""


def set_aside(
    rows: KeyedRows, fields: Sequence[Field], batches: Sequence[Batch], scratch: Scratch
) -> tuple[Rows | None, Rows, pa.Table]:
    """Rows that cannot be records, and the quarantine with them and the broken ones.

    Returns
    -------
    int64[n_kept], ascending, or None where all are kept; int64[n_out]; schema.TABLES["quarantine"]
    """
    reasons, texts = _reasons(rows, fields, scratch)
    entries = [
        (broken.source or b.source, b.name, broken.row, broken.values, broken.reason)
        for b in batches
        for broken in b.broken
    ]
    out = np.flatnonzero(reasons)
    if not len(out):
        return None, out, _quarantine(entries)
    raw = pa.table({f.column: take(rows.columns[f.name], out) for f in fields})
    entries += [
        (source, batches[number].name, row, raw_values(values), texts[reason])
        for source, number, row, values, reason in zip(
            rows.sources.take(pa.array(rows.source[out])).to_pylist(),
            *(part.tolist() for part in row_numbers(batches, out)),
            raw.to_pylist(),
            reasons[out].tolist(),
            strict=True,
        )
    ]
    return np.flatnonzero(reasons == 0), out, _quarantine(entries)


def _reasons(
    rows: KeyedRows, fields: Sequence[Field], scratch: Scratch
) -> tuple[npt.NDArray[np.int16], list[str]]:
    """int16[n_rows], why a row is set aside, as an index into the texts; 0 if it is not."""
    reasons = np.zeros(len(rows.source), np.int16)
    texts = [""]
    if rows.record_id.null_count:
        texts.append("no record id")
        reasons[rows.record_id.is_null().to_numpy()] = 1
    person = np.zeros(len(rows.source), bool)
    for f in fields:
        column = rows.columns[f.name]
        if f.kind in PERSON_KINDS:
            person |= column.is_valid().to_numpy()
        if f.kind is Kind.IGNORED:
            continue
        lengths = pc.binary_length(column)
        longest = pc.max(lengths).as_py()
        if longest is not None and longest > LONGEST:
            texts.append(
                f"a value of more than {LONGEST} bytes in column '{f.column}' "
                f"(the longest has {longest})"
            )
            too_long = pc.fill_null(pc.greater(lengths, LONGEST), False).to_numpy()
            reasons[too_long & (reasons == 0)] = len(texts) - 1
        scratch.let_go()
    deleted = next((f.name for f in fields if f.kind is Kind.DELETED), None)
    if deleted is not None:
        person |= says_deleted(rows.columns[deleted])
    texts.append("no name and no identifier")
    reasons[~person & (reasons == 0)] = len(texts) - 1
    return reasons, texts


def _quarantine(entries: list[tuple[str, str, int, str, str]]) -> pa.Table:
    schema = TABLES["quarantine"].schema
    entries.sort()
    columns = zip(*entries, strict=True) if entries else ([] for _ in schema)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema)
