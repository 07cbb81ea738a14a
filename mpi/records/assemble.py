"""From the rows of many files to the record table: keys, versions, fates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UnusableInputError
from mpi.records.account import (
    about,
    about_united,
    about_versions,
    all_set_aside,
    nothing,
    quarantined,
)
from mpi.records.batch import Batch, raw_values
from mpi.records.order import in_key_order, same_key
from mpi.records.recognise import recognise
from mpi.records.table import Fates, Field, Input, RecordTable
from mpi.records.unite import stacked, unite
from mpi.records.values import NOTHING_BUT_A_NAME, drop_marks
from mpi.records.versions import moments, newest, says_deleted
from mpi.schema import FORM_OF, PERSON_KINDS, TABLES, Form, Kind
from mpi.settings import Settings

LONGEST = 65_536
"""Bytes of the longest value of a compared field; a row with a longer one is set aside."""
_READ, _ACCEPTED, _REPLACED, _DELETED, _QUARANTINED = range(5)


@dataclass
class _Rows:
    """All rows of all files on their way to a fate.

    table : fields under their names; source, record_id : string
    batch : int32[n_rows], row : int64[n_rows], where each came from
    """

    table: pa.Table
    source: pa.ChunkedArray
    record_id: pa.ChunkedArray
    batch: npt.NDArray[np.int32]
    row: npt.NDArray[np.int64]

    def keep(self, mask: npt.NDArray[np.bool_]) -> _Rows:
        wanted = pa.array(mask)
        return _Rows(
            self.table.filter(wanted),
            self.source.filter(wanted),
            self.record_id.filter(wanted),
            self.batch[mask],
            self.row[mask],
        )


def assemble(
    batches: Sequence[Batch], settings: Settings, known: Mapping[str, Kind]
) -> RecordTable:
    """The record table of the rows of some files; see `reading.read_records`."""
    batches = sorted(batches, key=lambda b: (b.source, b.name, b.fingerprint))
    if not any(len(b.rows) for b in batches):
        raise UnusableInputError(nothing(batches))
    told = {c: k for b in batches for c, k in b.kinds.items() if c not in known}
    known = {**told, **known}
    batches, aliases = unite(batches, {**known, **settings.fields})
    table, batch, row = stacked(batches)
    # a file leaves out the columns that it does not fill: their order must not depend on that
    table = table.select(sorted(table.column_names, key=[*told, *table.column_names].index))
    fields = recognise(
        table,
        settings=msgspec.structs.replace(settings, fields=_through(settings.fields, aliases)),
        known=_through(known, aliases),
        origin=_file_sources(batches)[batch],
    )
    of_format = _through(told, aliases)
    fields = tuple(
        replace(f, why="file format") if f.why == "known" and f.column in of_format else f
        for f in fields
    )
    _demand_person(fields)
    messages = [m for b in batches for m in b.messages] + about_united(aliases) + about(fields)
    rows = _keyed(table, fields, batches, batch, row, messages)
    tally = _Tally()
    tally.add(_READ, rows.source)
    rows, quarantine = _set_aside(rows, fields, batches, tally)
    if not len(rows.row):
        raise UnusableInputError(all_set_aside(quarantine))
    kept, deleted = _newest_versions(rows, fields, tally, messages)
    if quarantine.num_rows:
        messages.append(quarantined(quarantine))
    return RecordTable(
        kept.combine_chunks(),  # every later room wants columns in one piece
        fields,
        tally.fates(batches),
        deleted,
        quarantine,
        tuple(Input(b.name, b.source, b.read, b.fingerprint, b.notes) for b in batches),
        tuple(dict.fromkeys(messages)),
    )


class _Tally:
    """Rows by source and fate."""

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = {}

    def add(self, fate: int, source: pa.ChunkedArray | pa.Array) -> None:
        for entry in pc.value_counts(source).to_pylist():
            self.counts.setdefault(entry["values"], [0] * 5)[fate] += entry["counts"]

    def fates(self, batches: Sequence[Batch]) -> dict[str, Fates]:
        for batch in batches:
            for broken in batch.broken:
                counts = self.counts.setdefault(broken.source or batch.source, [0] * 5)
                counts[_READ] += 1
                counts[_QUARANTINED] += 1
        return {source: Fates(*self.counts[source]) for source in sorted(self.counts)}


def _through(kinds: Mapping[str, Kind], aliases: Mapping[str, str]) -> dict[str, Kind]:
    """Kinds of columns under the names that the columns were taken together with."""
    renamed = {aliases.get(column, column): kind for column, kind in kinds.items()}
    return renamed | {c: k for c, k in kinds.items() if c not in aliases}


def _file_sources(batches: Sequence[Batch]) -> npt.NDArray[np.int32]:
    names = sorted({b.source for b in batches})
    return np.array([names.index(b.source) for b in batches], np.int32)


def _of_kind(fields: Sequence[Field], kind: Kind) -> str | None:
    return next((f.column for f in fields if f.kind is kind), None)


def _demand_person(fields: Sequence[Field]) -> None:
    if any(f.kind in PERSON_KINDS for f in fields):
        return
    seen = ", ".join(f"{f.column} ({f.kind})" for f in fields)
    raise UnusableInputError(
        f"no name and no identifier among the columns: {seen}. Wanted is one of "
        f"{', '.join(sorted(PERSON_KINDS))}; if a column is one, say so in the settings: "
        '[fields] "<column>" = "full_name"'
    )


def _keyed(
    table: pa.Table,
    fields: Sequence[Field],
    batches: Sequence[Batch],
    batch: npt.NDArray[np.int32],
    row: npt.NDArray[np.int64],
    messages: list[str],
) -> _Rows:
    """Fields under their names, and each row's source and record id."""
    stems = pa.array([b.source for b in batches]).take(pa.array(batch))
    source_column = _of_kind(fields, Kind.SOURCE)
    id_column = _of_kind(fields, Kind.RECORD_ID)
    source = pa.chunked_array([stems])
    if source_column is not None:
        source = pc.coalesce(table.column(source_column), source)
    # a table of no rows can still have lost its column in `unite`
    without = [
        i for i, b in enumerate(batches) if len(b.rows) and id_column not in b.table.column_names
    ]
    if without:
        numbers = _row_numbers(batches, batch, row, without, source_column is not None)
        record_id = pa.chunked_array([numbers])
        names = ", ".join(dict.fromkeys(batches[i].name for i in without))
        messages.append(
            f"{names}: no column is a record id, so the row number is; a row that moves in the "
            "file becomes another record"
        )
        if id_column is not None:
            record_id = pc.coalesce(table.column(id_column), record_id)
    else:
        record_id = table.column(id_column)
    columns = []
    for f in fields:
        column = table.column(f.column)
        form = FORM_OF.get(f.kind)
        if form is not None and form is not Form.NAME:
            column = drop_marks(column, NOTHING_BUT_A_NAME)
        columns.append(column)
    named = pa.table(columns, names=[f.name for f in fields])
    return _Rows(named, source, record_id, batch, row)


def _row_numbers(
    batches: Sequence[Batch],
    batch: npt.NDArray[np.int32],
    row: npt.NDArray[np.int64],
    without: Sequence[int],
    mixed: bool,
) -> pa.Array:
    """Row numbers as record ids; with the file in front where files could share a source."""
    mask = np.isin(batch, without)
    numbers = pa.array(row, mask=~mask).cast(pa.string())
    stems = Counter(batches[i].source for i in without)
    names = Counter(batches[i].name for i in without)
    labels: list[str | None] = []
    for i, b in enumerate(batches):
        if i not in without or (stems[b.source] == 1 and (not mixed or len(without) == 1)):
            labels.append(None)
        elif names[b.name] == 1:
            labels.append(f"{b.name}#")
        else:
            labels.append(f"{b.name}#{i}#")
    if not any(labels):
        return numbers
    fronts = pc.fill_null(pa.array(labels, pa.string()), "").take(pa.array(batch))
    return pc.binary_join_element_wise(fronts, numbers, "")


def _set_aside(
    rows: _Rows, fields: Sequence[Field], batches: Sequence[Batch], tally: _Tally
) -> tuple[_Rows, pa.Table]:
    """Rows that cannot be records, and the quarantine with them and the broken ones."""
    reasons = np.zeros(len(rows.row), np.int8)
    texts = [""]
    if rows.record_id.null_count:
        texts.append("no record id")
        reasons[rows.record_id.is_null().to_numpy()] = 1
    person = np.zeros(len(rows.row), bool)
    for f in fields:
        column = rows.table.column(f.name)
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
    deleted = next((f.name for f in fields if f.kind is Kind.DELETED), None)
    if deleted is not None:
        person |= says_deleted(rows.table.column(deleted))
    texts.append("no name and no identifier")
    reasons[~person & (reasons == 0)] = len(texts) - 1
    bad = reasons > 0
    entries = [
        (broken.source or b.source, b.name, broken.row, broken.values, broken.reason)
        for b in batches
        for broken in b.broken
    ]
    if bad.any():
        out = rows.keep(bad)
        columns = {f.name: f.column for f in fields}
        raw = out.table.rename_columns([columns[n] for n in out.table.column_names])
        entries += [
            (source, batches[number].name, int(row), raw_values(values), texts[reason])
            for source, number, row, values, reason in zip(
                out.source.to_pylist(),
                out.batch.tolist(),
                out.row.tolist(),
                raw.to_pylist(),
                reasons[bad].tolist(),
                strict=True,
            )
        ]
        tally.add(_QUARANTINED, out.source)
        rows = rows.keep(~bad)
    return rows, _quarantine(entries)


def _quarantine(entries: list[tuple[str, str, int, str, str]]) -> pa.Table:
    schema = TABLES["quarantine"].schema
    entries.sort()
    columns = zip(*entries, strict=True) if entries else ([] for _ in schema)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema)


def _newest_versions(
    rows: _Rows, fields: Sequence[Field], tally: _Tally, messages: list[str]
) -> tuple[pa.Table, pa.Table]:
    """One row a key in the order of the keys, and the keys that are deleted."""
    ordered, source, record_id = in_key_order(rows.table, rows.source, rows.record_id)
    updated = next((f.name for f in fields if f.kind is Kind.UPDATED_AT), None)
    deleted = next((f.name for f in fields if f.kind is Kind.DELETED), None)
    again = same_key(source, record_id)
    if again.any():
        first = ~np.append(False, again)
        key = np.cumsum(first) - 1
        several = np.append(again, False) | ~first
        shared = np.flatnonzero(several)
        part = ordered.take(pa.array(shared))
        when = np.full(len(shared), np.nan)
        if updated is not None:
            when = moments(part.column(updated))
        keep = ~several
        keep[shared[newest(key[shared], when, part)]] = True
        tally.add(_REPLACED, source.filter(pa.array(~keep)))
        messages.append(about_versions(int((~keep).sum()), updated))
        wanted = pa.array(keep)
        ordered, source, record_id = (
            ordered.filter(wanted),
            source.filter(wanted),
            record_id.filter(wanted),
        )
    gone = np.zeros(len(source), bool)
    if deleted is not None:
        gone = says_deleted(ordered.column(deleted))
    keys = {"source": source, "record_id": record_id}
    told = ordered.column(updated) if updated is not None else pa.nulls(len(source), pa.string())
    dead = pa.table({**keys, "updated_at": told}).filter(pa.array(gone))
    tally.add(_DELETED, dead.column("source"))
    data = pa.table(
        {**keys, **{n: ordered.column(n) for n in ordered.column_names if n not in keys}}
    )
    if gone.any():
        data = data.filter(pa.array(~gone))
    tally.add(_ACCEPTED, data.column("source"))
    return data, dead
