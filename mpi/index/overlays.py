"""Updates that turn a record into another person, which no source means to send.

A record whose name, date of birth and sex all differ from the stored version was overwritten: a
number was given again, or a clerk typed over the wrong form. Taken as it is, the person's id would
name somebody else from tonight on. Such a row is set aside, the stored version stays, and a person
looks at it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.index.upsert import Stored
from mpi.records.keys import find_keys
from mpi.records.table import Field, RecordTable
from mpi.schema import TABLES, Form, Kind
from mpi.standardise import standardise
from mpi.standardise.fold import fold
from mpi.standardise.table import StandardColumn, StandardTable

REASON = "overlay: name, birth date and sex all differ from the stored record"
_NAMES = (Kind.FULL_NAME, Kind.FAMILY_NAME, Kind.GIVEN_NAME, Kind.NAME)
_LIKE = 0.75
"""Names that are so alike (difflib) are one name with slips."""


def hold_overlays(stored: Stored, incoming: RecordTable, model: bytes | None) -> RecordTable:
    """Tonight's records without those that would turn a stored one into another person.

    Returns
    -------
    RecordTable
        The rows held are in its quarantine, and in its fates.
    """
    held = find_overlays(stored, incoming, model)
    if not len(held):
        return incoming
    rows = incoming.data.take(pa.array(held))
    kept = np.ones(len(incoming), np.bool_)
    kept[held] = False
    fates = dict(incoming.fates)
    files = {i.source: i.name for i in reversed(incoming.inputs)}
    aside = []
    for row in rows.to_pylist():
        source = row["source"]
        fate = fates[source]
        fates[source] = replace(fate, accepted=fate.accepted - 1, quarantined=fate.quarantined + 1)
        aside.append(
            {
                "source": source,
                "file": files.get(source, next(iter(files.values()), "")),
                "row": 0,  # which row of the file it was is not known any more
                "values": json.dumps(row, ensure_ascii=False),
                "reason": REASON,
            }
        )
    schema = TABLES["quarantine"].schema
    quarantine = pa.concat_tables(
        [incoming.quarantine.cast(schema), pa.Table.from_pylist(aside, schema=schema)]
    )
    many = f"{len(held):,} update{'s' if len(held) > 1 else ''}"
    message = (
        f"{many} would turn a record into another person (name, birth date and sex all differ); "
        "the stored version stays, and the row waits in the quarantine; 'overlays = \"take\"' in "
        "the settings takes it"
    )
    return replace(
        incoming,
        data=incoming.data.filter(pa.array(kept)),
        fates=fates,
        quarantine=quarantine,
        messages=(*incoming.messages, message),
    )


def find_overlays(
    stored: Stored, incoming: RecordTable, model: bytes | None
) -> npt.NDArray[np.int64]:
    """int64[n_overlays], rows of `incoming`."""
    none = np.empty(0, np.int64)
    known = {field.kind: field for field in stored.fields}
    names = [field for field in stored.fields if field.kind in _NAMES]
    if Kind.SEX not in known or Kind.BIRTH_DATE not in known or not names:
        return none
    fields = [*names, known[Kind.BIRTH_DATE], known[Kind.SEX]]
    if any(f.name not in incoming.data.column_names for f in fields[-2:]):
        return none
    fields = [f for f in fields if f.name in incoming.data.column_names]
    rows = find_keys(incoming.data, stored.data)
    met = np.flatnonzero(rows >= 0)
    columns = [field.name for field in fields]
    new = incoming.data.select(columns).take(pa.array(met))
    old = stored.data.select(columns).take(pa.array(rows[met]))
    differ = np.ones(len(met), np.bool_)
    for field in fields[-2:]:
        unlike = pc.not_equal(new[field.name], old[field.name]).fill_null(False)
        differ &= unlike.to_numpy(zero_copy_only=False)
    doubtful = np.flatnonzero(differ)
    if not len(doubtful):
        return none
    both = pa.concat_tables([t.take(pa.array(doubtful)) for t in (old, new)])
    table = standard_form(both, tuple(fields), model)
    return met[doubtful[_others(table, len(doubtful))]]


def standard_form(data: pa.Table, fields: tuple[Field, ...], model: bytes | None) -> StandardTable:
    """These values in the standard form that the index's model knows."""
    from mpi.linkage.prepare import standardised
    from mpi.score.model import read_model

    numbered = data.append_column("source", pa.array([""] * len(data)))
    records = RecordTable(numbered, fields, {}, numbered.slice(0, 0))
    try:
        fixed = read_model(model or b"")
    except UsageError:  # an index whose records were linked by other means
        return standardise(records, placeholders={})
    return standardised(records, fixed)


def _others(table: StandardTable, n: int) -> npt.NDArray[np.int64]:
    """Which of `n` records are two persons in their two versions; the newer ones come behind."""
    by_kind = {column.field.kind: column for column in table.columns}
    sex, birth = by_kind[Kind.SEX].codes, by_kind[Kind.BIRTH_DATE].codes
    differ = np.ones(n, np.bool_)
    for codes in (sex, birth):
        differ &= (codes[:n] >= 0) & (codes[n:] >= 0) & (codes[:n] != codes[n:])
    some = np.flatnonzero(differ)
    rows = np.concatenate([some, some + n])
    dates = _texts(by_kind[Kind.BIRTH_DATE], rows).to_pylist()
    named = [_texts(c, rows).fill_null("") for c in table.columns if c.form == Form.NAME]
    names = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*named, " ")).to_pylist()
    half = len(some)
    two = [
        bool(names[k] and names[k + half])
        and unlike_dates(dates[k], dates[k + half])
        and unlike_names(names[k], names[k + half])
        for k in range(half)
    ]
    return some[np.array(two, np.bool_)]


def _texts(column: StandardColumn, rows: npt.NDArray[np.int64]) -> pa.Array:
    """Some values without marks, null where missing."""
    codes = column.codes[rows]
    return fold(column.values).take(pa.array(codes, mask=codes < 0))


def unlike_dates(one: str, other: str) -> bool:
    """Whether no slip makes one date of the other: two of year, month and day differ.

    Examples
    --------
    >>> unlike_dates("1990-05-12", "1990-12-05"), unlike_dates("1990-05-12", "1991-05-12")
    (False, False)
    >>> unlike_dates("1990-05-12", "1962-07-12"), unlike_dates("1990-00-00", "1962-07-12")
    (True, True)
    """
    a, b = one.split("-"), other.split("-")
    if a[0] == b[0] and a[1:] == b[:0:-1]:
        return False
    known = [(x, y) for x, y in zip(a, b, strict=True) if int(x) and int(y)]
    return sum(x != y for x, y in known) >= min(2, len(known))


def unlike_names(one: str, other: str) -> bool:
    """Whether two names without marks share at most half of their words, and no slips explain it.

    Examples
    --------
    >>> unlike_names("NGUYEN VAN AN", "NGUYEN THI HOA"), unlike_names("JON SMYTH", "JOHN SMITH")
    (True, False)
    """
    words = [set(name.split()) for name in (one, other)]
    shared = len(words[0] & words[1]) / max(len(words[0]), len(words[1]), 1)
    if shared > 0.5:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() < _LIKE
