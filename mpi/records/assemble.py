"""From the rows of many files to the record table: keys, versions, fates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.errors import UnusableInputError
from mpi.records.account import (
    about,
    about_united,
    about_versions,
    all_set_aside,
    nothing,
    quarantined,
)
from mpi.records.batch import Batch
from mpi.records.gather import Rows, gather, take
from mpi.records.keyed import KeyedRows, keyed, stacked
from mpi.records.order import in_key_order, same_key
from mpi.records.recognise import recognise
from mpi.records.setting_aside import set_aside
from mpi.records.shelf import Shelf
from mpi.records.table import Fates, Field, Input, RecordTable
from mpi.records.unite import unite
from mpi.records.versions import moments, newest, says_deleted
from mpi.schema import PERSON_KINDS, Kind
from mpi.scratch import Scratch
from mpi.settings import Settings

_READ, _ACCEPTED, _REPLACED, _DELETED, _QUARANTINED = range(5)
_STEP = 1 << 20
"""Rows that are counted at a time."""


def assemble(
    batches: list[Batch],
    settings: Settings,
    known: Mapping[str, Kind],
    shelf: Shelf | None = None,
) -> RecordTable:
    """The record table of the rows of some files; see `reading.read_records`.

    Column by column: one is put in order before the next is, and what it was made from is let go.

    Parameters
    ----------
    batches : taken out of the list, which is empty afterwards
    shelf : where their columns lie
    """
    shelf = shelf or Shelf()
    files = sorted(batches, key=lambda b: (b.source, b.name, b.fingerprint))
    batches.clear()
    if not any(len(b.rows) for b in files):
        raise UnusableInputError(nothing(files))
    told = {c: k for b in files for c, k in b.kinds.items() if c not in known}
    known = {**told, **known}
    united, aliases = unite(files, {**known, **settings.fields})
    table, batch = stacked(united, shelf.scratch)
    # a file leaves out the columns that it does not fill: their order must not depend on that
    table = table.select(sorted(table.column_names, key=[*told, *table.column_names].index))
    fields = recognise(
        table,
        settings=msgspec.structs.replace(settings, fields=_through(settings.fields, aliases)),
        known=_through(known, aliases),
        origin=_file_sources(united)[batch],
        scratch=shelf.scratch,
    )
    shelf.scratch.let_go()
    of_format = _through(told, aliases)
    fields = tuple(
        replace(f, why="file format") if f.why == "known" and f.column in of_format else f
        for f in fields
    )
    _demand_person(fields)
    messages = [m for b in united for m in b.messages] + about_united(aliases) + about(fields)
    rows = keyed(table, fields, united, batch, messages, shelf)
    inputs = tuple(Input(b.name, b.source, b.read, b.fingerprint, b.notes) for b in united)
    tally = _Tally(rows)
    tally.add_broken(united)
    tally.add(_READ, None)
    kept, out, quarantine = set_aside(rows, fields, united, shelf.scratch)
    tally.add(_QUARANTINED, out)
    if len(out) == len(rows.source):
        raise UnusableInputError(all_set_aside(quarantine))
    del table, batch, united, files  # a column that is in order is let go for good
    shelf.close()
    data, deleted = _newest_versions(rows, kept, fields, tally, messages, shelf.scratch)
    if quarantine.num_rows:
        messages.append(quarantined(quarantine))
    return RecordTable(
        data, fields, tally.fates(), deleted, quarantine, inputs, tuple(dict.fromkeys(messages))
    )


class _Tally:
    """Rows by source and fate."""

    def __init__(self, rows: KeyedRows) -> None:
        self._rows = rows
        self.counts: dict[str, list[int]] = {}

    def add(self, fate: int, rows: Rows | None) -> None:
        """These rows, or all, met this fate."""
        source = self._rows.source if rows is None else self._rows.source[rows]
        met = np.zeros(len(self._rows.sources), np.int64)
        for at in range(0, len(source), _STEP):
            met += np.bincount(source[at : at + _STEP], minlength=len(met))
        found = np.flatnonzero(met)
        names = self._rows.sources.take(pa.array(found)).to_pylist()
        for name, number in zip(names, met[found].tolist(), strict=True):
            self.counts.setdefault(name, [0] * 5)[fate] += number

    def add_broken(self, batches: Sequence[Batch]) -> None:
        """Rows that could not even be read."""
        for batch in batches:
            for broken in batch.broken:
                counts = self.counts.setdefault(broken.source or batch.source, [0] * 5)
                counts[_READ] += 1
                counts[_QUARANTINED] += 1

    def fates(self) -> dict[str, Fates]:
        return {source: Fates(*self.counts[source]) for source in sorted(self.counts)}


def _through(kinds: Mapping[str, Kind], aliases: Mapping[str, str]) -> dict[str, Kind]:
    """Kinds of columns under the names that the columns were taken together with."""
    renamed = {aliases.get(column, column): kind for column, kind in kinds.items()}
    return renamed | {c: k for c, k in kinds.items() if c not in aliases}


def _file_sources(batches: Sequence[Batch]) -> npt.NDArray[np.int32]:
    names = sorted({b.source for b in batches})
    return np.array([names.index(b.source) for b in batches], np.int32)


def _demand_person(fields: Sequence[Field]) -> None:
    if any(f.kind in PERSON_KINDS for f in fields):
        return
    seen = ", ".join(f"{f.column} ({f.kind})" for f in fields)
    raise UnusableInputError(
        f"no name and no identifier among the columns: {seen}. Wanted is one of "
        f"{', '.join(sorted(PERSON_KINDS))}; if a column is one, say so in the settings: "
        '[fields] "<column>" = "full_name"'
    )


def _newest_versions(
    rows: KeyedRows,
    kept: Rows | None,
    fields: Sequence[Field],
    tally: _Tally,
    messages: list[str],
    scratch: Scratch,
) -> tuple[pa.Table, pa.Table]:
    """One row a key in the order of the keys, and the keys that are deleted."""
    updated = next((f.name for f in fields if f.kind is Kind.UPDATED_AT), None)
    deleted = next((f.name for f in fields if f.kind is Kind.DELETED), None)
    order = in_key_order(rows.source, rows.record_id, kept, scratch)
    source = rows.source if order is None else rows.source[order]
    record_id = gather(rows.record_id, order, scratch)
    again = same_key(source, record_id)
    if again.any():
        every = np.arange(len(source)) if order is None else order
        keep = _newest(rows, every, again, updated)
        tally.add(_REPLACED, every[~keep])
        messages.append(about_versions(int((~keep).sum()), updated))
        order, record_id = every[keep], gather(record_id, np.flatnonzero(keep), scratch)
    dead: Rows = np.zeros(0, np.int64)
    if deleted is not None:
        gone = says_deleted(gather(rows.columns[deleted], order, scratch))
        if gone.any():
            every = np.arange(len(gone)) if order is None else order
            dead, order = every[gone], every[~gone]
            record_id = gather(record_id, np.flatnonzero(~gone), scratch)
    tally.add(_DELETED, dead)
    tally.add(_ACCEPTED, order)
    keys = {
        "source": rows.sources.take(pa.array(rows.source[dead])),
        "record_id": take(rows.record_id, dead),
        "updated_at": take(rows.columns[updated], dead)
        if updated is not None
        else pa.nulls(len(dead), pa.string()),
    }
    return _arranged(rows, order, record_id, scratch), pa.table(keys)


def _newest(
    rows: KeyedRows, order: Rows, again: npt.NDArray[np.bool_], updated: str | None
) -> npt.NDArray[np.bool_]:
    """bool[n], whether a row, of those in the order of their keys, is the newest of its key."""
    first = ~np.append(False, again)
    several = np.append(again, False) | ~first
    shared = np.flatnonzero(several)
    key = (np.cumsum(first) - 1)[shared]
    when = np.full(len(shared), np.nan)
    if updated is not None:
        when = moments(pa.chunked_array([take(rows.columns[updated], order[shared])]))
    keep: npt.NDArray[np.bool_] = np.logical_not(several)
    keep[shared[newest(key, when, rows.columns, order[shared])]] = True
    return keep


def _arranged(
    rows: KeyedRows, order: Rows | None, record_id: pa.ChunkedArray, scratch: Scratch
) -> pa.Table:
    """The record table's data: the keys, then the other columns, each let go when it is done."""
    ranks = rows.source if order is None else rows.source[order]
    source = gather(pa.chunked_array([rows.sources]), ranks.astype(np.int64), scratch)
    columns = {"source": source, "record_id": record_id}
    for name in columns:
        rows.columns.pop(name, None)
    while rows.columns:
        name = next(iter(rows.columns))
        columns[name] = gather(rows.columns.pop(name), order, scratch)
    return pa.table(columns)
