"""The room's door: records in, the standard table out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pyarrow as pa

from mpi.records.table import Field, RecordTable
from mpi.schema import FORM_OF
from mpi.scratch import Scratch
from mpi.settings import Settings
from mpi.stages import Stages
from mpi.standardise.birth import joined_birth
from mpi.standardise.columns import MANY_ROWS, Read, read_column
from mpi.standardise.encode import compose, encode, rank
from mpi.standardise.heaps import find_heaps
from mpi.standardise.locales import choose_locale, locale_of
from mpi.standardise.placeholders import held, listed, read_replacement, replaced, rows_of
from mpi.standardise.rules import Layout, Locale
from mpi.standardise.table import Placeholder, StandardColumn, StandardTable

_DEFAULTS = Settings()


def standardise(
    records: RecordTable,
    settings: Settings = _DEFAULTS,
    *,
    placeholders: Mapping[str, Sequence[str]] | None = None,
    layouts: Mapping[str, str] | None = None,
    stages: Stages | None = None,
    scratch: Scratch | None = None,
) -> StandardTable:
    """Bring records to their standard form, column by column and per different value.

    Parameters
    ----------
    records : a table of n_records
    settings : `placeholders`, `locale` and `threads` are used here; without a locale, the names
        of the records choose one
    placeholders : field name -> values, as `Placeholder.value` gives them. With these nothing is
        looked for in the data. Listed placeholders and those of the settings hold all the same
    layouts : field name -> layout, as `StandardTable.layouts` gives them. With these nothing is
        decided from the data. With both, each record is standardised independently of the others
    stages : told of the progress
    scratch : where the columns go

    Returns
    -------
    StandardTable
        A column for each field of a kind in `schema.FORM_OF`, in order; year, month and day of
        birth in three columns become one.

    Raises
    ------
    UsageError
        The settings name a locale that does not exist.

    Examples
    --------
    >>> from mpi.schema import Kind
    >>> field = Field("birth_date", Kind.BIRTH_DATE, "dob", "column name")
    >>> data = pa.table({"source": ["a", "a"], "record_id": ["1", "2"],
    ...                  "birth_date": ["25/12/1990", "1/1/1900"]})
    >>> records = RecordTable(data, (field,), {}, data.slice(0, 0))
    >>> standard = standardise(records)
    >>> standard.columns[0].values.to_pylist(), standard.columns[0].codes.tolist()
    (['1990-12-25'], [0, -1])
    >>> standard.placeholders[0].value, standard.layouts["birth_date"]
    ('1900-01-01', 'day first, yyyymmdd, yyyymm, to 1990')
    """
    scratch = scratch or Scratch()
    why = ""
    if settings.locale is not None:
        locale = locale_of(settings.locale)
    else:
        locale, why = choose_locale(records)
    fields = [f for f in records.fields if f.kind in FORM_OF]
    n_rows = len(records)
    with (stages or Stages()).stage("standardising", total=n_rows) as advance:

        def read(field: Field) -> Read:
            layout = None if layouts is None else layouts.get(field.name, "")
            found = read_column(records.data[field.name], field, locale, layout)
            moved = replace(found, column=found.column.moved(scratch))
            scratch.let_go()
            return moved

        reads: list[Read] = []
        threads = settings.threads or os.cpu_count() or 1
        # Of a few records, as of one that is searched, starting a thread is half of the time.
        many = n_rows > MANY_ROWS
        with ThreadPoolExecutor(threads) if many else nullcontext() as pool:
            for i, result in enumerate((pool.map if pool else map)(read, fields)):
                reads.append(result)
                advance(n_rows * (i + 1) // len(fields) - n_rows * i // len(fields))
    columns = joined_birth([r.column for r in reads])
    used = {f.name: r.layout for f, r in zip(fields, reads, strict=True) if r.layout is not None}
    columns, found, strangers = _known_placeholders(columns, settings, locale, used, placeholders)
    if placeholders is None:
        heaps = find_heaps(columns)
        columns = tuple(_without(c, [p for p in heaps if p.field == c.field.name]) for c in columns)
        found = sorted([*found, *heaps], key=lambda p: (_place(columns, p), -p.rows, p.value))
    if locale.across is not None:
        columns = locale.across(columns, records.data)
    source, sources = _sources(records)
    return StandardTable(
        tuple(column.moved(scratch) for column in columns),
        scratch.copy(source),
        sources,
        tuple(found),
        (*([why] if why else []), *_messages(columns, used, found), *strangers),
        {name: layout.text for name, layout in used.items()},
        locale.name,
    )


def _known_placeholders(
    columns: tuple[StandardColumn, ...],
    settings: Settings,
    locale: Locale,
    layouts: Mapping[str, Layout],
    given: Mapping[str, Sequence[str]] | None,
) -> tuple[tuple[StandardColumn, ...], list[Placeholder], list[str]]:
    """Leave out the placeholders that need no search: listed, of the settings, given."""
    found: list[Placeholder] = []
    done: list[StandardColumn] = []
    for column in columns:
        name, kind = column.field.name, column.field.kind
        own: dict[str, str] = dict.fromkeys(held(column, listed(kind)), "listed")
        asked = settings.placeholders.get(name, [])
        if asked:
            layout = layouts[name].text if name in layouts else ""
            standard = locale.rules[kind].standard(pa.array(asked, pa.string()), layout)
            for value in standard.values.to_pylist():
                own.setdefault(value, "settings")
        for value in (given or {}).get(name, []):
            own.setdefault(value, "model")
        own.pop("", None)
        rows = rows_of(column, [read_replacement(value)[0] for value in own])
        mine = [
            Placeholder(name, value, n, why)
            for (value, why), n in zip(own.items(), rows, strict=True)
        ]
        found += sorted(mine, key=lambda p: (-p.rows, p.value))
        done.append(_without(column, mine))
    known = {c.field.name for c in columns}
    strangers = [
        f"placeholders are set for '{name}', which is no field of these records"
        for name in settings.placeholders
        if name not in known
    ]
    return tuple(done), found, strangers


def _without(column: StandardColumn, placeholders: Sequence[Placeholder]) -> StandardColumn:
    if not placeholders:
        return column
    return replaced(column, dict(read_replacement(p.value) for p in placeholders))


def _place(columns: Sequence[StandardColumn], placeholder: Placeholder) -> int:
    return [c.field.name for c in columns].index(placeholder.field)


def _sources(
    records: RecordTable,
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int32]], tuple[str, ...]]:
    encoded = encode(records.data["source"])
    values, codes = rank(encoded.values)
    return compose(encoded.codes, codes), tuple(values.to_pylist())


def _messages(
    columns: Sequence[StandardColumn],
    layouts: Mapping[str, Layout],
    placeholders: Sequence[Placeholder],
) -> list[str]:
    messages = [f"{name}: {layout.message}" for name, layout in layouts.items() if layout.message]
    for column in columns:
        name = column.field.name
        messages += [
            f"{name}: in {n:,} record{'s' if n > 1 else ''}: {repair}"
            for repair, n in column.repairs.items()
        ]
        mine = [p for p in placeholders if p.field == name and p.rows]
        missing = [p for p in mine if not read_replacement(p.value)[1]]
        if missing:
            rows = sum(p.rows for p in missing)
            messages.append(
                f"{name}: {len(missing):,} placeholder{'s' if len(missing) > 1 else ''}, taken as "
                f"missing in {rows:,} record{'s' if rows > 1 else ''}"
            )
    return messages
