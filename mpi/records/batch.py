"""What one file gave: a table of text, and the rows that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.encoding import BROKEN, BROKEN_FIRST, show_broken
from mpi.records.text import text_buffers
from mpi.schema import Kind
from mpi.scratch import Scratch


@dataclass(frozen=True)
class BrokenRow:
    """A row for the quarantine.

    row : row number in the file, 1 is the first data row
    values : the raw values, JSON
    source : the source the row names, None where it is the file's
    """

    row: int
    values: str
    reason: str
    source: str | None = None


@dataclass(frozen=True)
class Batch:
    """The rows of one file, everything as text.

    table : string columns, names unique
    rows : int64[n_rows], row number of each in the file, 1 is the first data row
    broken : rows that are not in `table`; read are the rows of both
    kinds : column -> kind, where the format itself says what its columns mean
    """

    name: str
    source: str
    table: pa.Table
    rows: npt.NDArray[np.int64]
    broken: tuple[BrokenRow, ...] = ()
    fingerprint: str = ""
    notes: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """Rows the file held."""
        return len(self.rows) + len(self.broken)


def _as_it_is(piece: Batch) -> Batch:
    return piece


@dataclass(frozen=True)
class Intake:
    """How the pieces of a file are taken in.

    keep : what becomes of a piece as soon as it is read: its rows as they are to be kept
    ahead : makes the next piece while one is kept
    scratch : where the bytes of the file lie
    """

    keep: Callable[[Batch], Batch] = _as_it_is
    ahead: Callable[[Iterator[Any]], Iterator[Any]] = iter
    scratch: Scratch = field(default_factory=Scratch)


AS_IT_IS = Intake()
"""Pieces stay what they were read as, in memory."""


def piece_of(table: pa.Table, rows: npt.NDArray[np.int64]) -> Batch:
    """Some rows of a file."""
    return Batch("", "", table, rows)


def joined(pieces: Sequence[Batch], names: Sequence[str] = ()) -> Batch:
    """The pieces of a file one after the other.

    names : columns of a file without a row
    """
    if not pieces:
        none = pa.schema([(name, pa.string()) for name in names]).empty_table()
        return piece_of(none, np.zeros(0, np.int64))
    broken = sorted((b for piece in pieces for b in piece.broken), key=lambda b: b.row)
    first = [name for p in pieces for name in p.table.column_names[:1]][:1]
    tables = [
        # rows of which no value is known have no column, and must not be lost
        p.table
        if p.table.num_columns or not len(p.rows)
        else pa.table([pa.nulls(len(p.rows), pa.string())] * len(first), names=first)
        for p in pieces
    ]
    return replace(
        piece_of(
            pa.concat_tables(tables, promote_options="default"),
            np.concatenate([p.rows for p in pieces]),
        ),
        broken=tuple(broken),
    )


@dataclass
class Columns:
    """Unique column names for names as they came, with what there is to say about it."""

    names: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


def unique_names(came: list[str], file: str) -> Columns:
    """Strip names, name the nameless by position and number the repeated ones.

    Examples
    --------
    >>> unique_names([" id", "name", "name", ""], "a.csv").names
    ['id', 'name', 'name_2', 'column_4']
    """
    columns = Columns()
    stripped = [show_broken(n).strip(" \t\r\n\u00a0\ufeff\u200b\0") for n in came]
    taken = set(stripped)
    used: set[str] = set()
    for position, name in enumerate(stripped, 1):
        wanted = name or f"column_{position}"
        chosen, number = wanted, 2
        while chosen in used or (chosen != name and chosen in taken):
            chosen, number = f"{wanted}_{number}", number + 1
        if name and chosen != name:
            columns.messages.append(
                f"{file}: column '{name}' comes more than once; number {position} of the file "
                f"is called '{chosen}'"
            )
        used.add(chosen)
        columns.names.append(chosen)
    return columns


def raw_values(values: Any) -> str:
    """Values of a row as JSON; bytes that are no text are written out as ``\\xHH``."""
    if isinstance(values, dict):
        values = {k: v if v is None else show_broken(v) for k, v in values.items()}
    else:
        values = [v if v is None else show_broken(v) for v in values]
    return json.dumps(values, ensure_ascii=False)


def set_aside(batch: Batch, bad: npt.NDArray[np.bool_], reasons: list[str]) -> Batch:
    """Move rows of the table to the broken ones.

    bad : bool[n_rows]; reasons : one for each True, in order
    """
    if not bad.any():
        return batch
    moved = batch.table.filter(pa.array(bad)).to_pylist()
    broken = [
        BrokenRow(int(row), raw_values(values), reason)
        for row, values, reason in zip(batch.rows[bad], moved, reasons, strict=True)
    ]
    keep = ~bad
    return replace(
        batch,
        table=batch.table.filter(pa.array(keep)),
        rows=batch.rows[keep],
        broken=tuple(sorted((*batch.broken, *broken), key=lambda b: b.row)),
    )


def screen(batch: Batch) -> Batch:
    """Set aside the rows with bytes that are no text, or with NUL bytes inside a value."""
    bad = np.zeros(len(batch.rows), bool)
    reasons: dict[int, str] = {}
    marker = chr(BROKEN_FIRST).encode()[:2]
    for name, column in zip(batch.table.column_names, batch.table.columns, strict=True):
        for pattern, reason in (
            (BROKEN, "bytes that are no text in the file's encoding"),
            (r"\x00", "a NUL byte"),
        ):
            needle = marker if pattern is BROKEN else b"\0"
            if not any(_holds(chunk, needle) for chunk in column.chunks):
                continue
            hits = pc.fill_null(pc.match_substring_regex(column, pattern), False)
            mask = hits.to_numpy()
            for row in np.flatnonzero(mask & ~bad):
                reasons[int(row)] = f"{reason} in column '{name}'"
            bad |= mask
    return set_aside(batch, bad, [reasons[int(r)] for r in np.flatnonzero(bad)])


def _holds(chunk: pa.Array, needle: bytes) -> bool:
    data, offsets = text_buffers(chunk)
    view = data[offsets[0] : offsets[-1]]
    if not len(view):
        return False
    if needle == b"\0":
        return bool(view.min() == 0)
    return bool(view.max() >= needle[0]) and needle in view.tobytes()
