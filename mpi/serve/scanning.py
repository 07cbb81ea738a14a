"""A question to an index that has lost what linking keeps, as after an erasure.

Here the records come bucket by bucket with a few columns: those asked for, and those that these
depend on in standard form. Whoever shares a key with the question is kept as it came; the most
telling of them are read as whole records and weighed as a searcher weighs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.linkage.prepare import complete, standardised
from mpi.records.keys import KEY
from mpi.records.table import Field, RecordTable
from mpi.schema import Kind
from mpi.score.explain import Key
from mpi.score.model import ComparisonModel, Model, read_model
from mpi.serve.beside import Scales
from mpi.serve.hits import Hit, choose, told_hits
from mpi.serve.postings import Keys, field_of
from mpi.serve.question import Question, Reader
from mpi.serve.texts import Texts

Mask = npt.NDArray[np.bool_]
Parts = Callable[[list[str]], Iterable[pa.Table]]
"""The records with these columns and their keys, in parts, a part in memory at a time."""

_PERSON = {
    *(Kind.FULL_NAME, Kind.FAMILY_NAME, Kind.MIDDLE_NAME, Kind.GIVEN_NAME, Kind.NAME),
    *(Kind.SEX, Kind.BIRTH_DATE, Kind.BIRTH_YEAR, Kind.BIRTH_MONTH, Kind.BIRTH_DAY, Kind.AGE),
    *(Kind.NATIONAL_ID, Kind.INSURANCE_ID),
}
_PLACE = {Kind.WARD, Kind.DISTRICT, Kind.PROVINCE}
_TOGETHER = (_PERSON, _PLACE)
"""Kinds that say something about each other: a number tells a sex, a province its wards."""
_BIRTH = {Kind.BIRTH_YEAR, Kind.BIRTH_MONTH, Kind.BIRTH_DAY}
_FINDING = {
    Kind.NATIONAL_ID: {Kind.SEX, Kind.BIRTH_DATE, Kind.BIRTH_YEAR},
    Kind.WARD: _PLACE,
    Kind.DISTRICT: _PLACE,
    Kind.BIRTH_DATE: _BIRTH,
    Kind.BIRTH_YEAR: _BIRTH,
}
"""What more has to be in standard form for a record with such a value to be found."""


def scan(
    query: Mapping[str, str],
    fields: tuple[Field, ...],
    model: bytes,
    parts: Parts,
    owner: Callable[[Key], str],
    *,
    limit: int = 5,
) -> list[Hit]:
    """Persons like this one, the most likely first, as a `Searcher` finds them.

    Parameters
    ----------
    query : field name -> value, as people write it
    fields : of the stored records
    model : JSON, as `Resolution.model`
    parts : gives the stored records, sorted by their key within a part
    owner : gives the enterprise id of a record
    limit : persons at most

    Raises
    ------
    UsageError
        A field is unknown, nothing was asked for, or the limit is below 1.
    """
    read = read_model(model)
    question = Reader(fields, read).read(query, limit)
    if not question.values:
        return []
    found = _find(question, fields, read, Keys(read), parts)
    rows = choose(found.by_key)
    if len(rows) == 0:
        return []
    records = RecordTable(found.data.take(pa.array(rows)), found.fields, {}, _none(found.data))
    columns = {c.field.name: c for c in complete(standardised(records, read), read).columns}
    asked = [(name, columns[name]) for name in question.values]
    candidates = {name: Texts(c.values).take(c.codes.tolist()) for name, c in asked}
    weighed = Scales(read).weigh(question, candidates)
    came = records.data.to_pylist()
    by_key = {(row["source"], row["record_id"]): row for row in came}
    keys = [(source.encode(), record_id.encode()) for source, record_id in by_key]
    return told_hits(question, weighed, keys.__getitem__, read, owner, lambda key, _: by_key[key])


@dataclass(frozen=True)
class _Found:
    """Records that share a key with a question.

    data : as they came, in the order of their keys; fields : of it
    by_key : int64[n] a key, the rows that share it, ascending
    """

    data: pa.Table
    fields: tuple[Field, ...]
    by_key: list[npt.NDArray[np.int64]]


def _find(
    question: Question, fields: tuple[Field, ...], model: Model, keys: Keys, parts: Parts
) -> _Found:
    compared = [c for c in model.comparisons if c.name in question.values]
    kinds = {c.kind for c in compared}
    near = kinds.union(*(group for group in _TOGETHER if group & kinds))
    more = kinds.union(*(_FINDING.get(kind, set()) for kind in kinds))
    read = tuple(f for f in fields if f.kind in near or f.name in question.values)
    finding = tuple(f for f in read if f.kind in more or f.name in question.values)
    wanted = keys.asked(question)
    tables, masks = [], []
    for part in parts([f.name for f in read]):
        data = part.select([*KEY, *(f.name for f in read)])
        shared = _shared(data, finding, compared, wanted, keys, model)
        rows = np.flatnonzero(shared.any(axis=0))
        tables.append(data.take(pa.array(rows)))
        masks.append(shared[:, rows])
    data, shared = pa.concat_tables(tables), np.concatenate(masks, axis=1)
    order = pc.sort_indices(data.select(KEY), [(name, "ascending") for name in KEY])
    by_key = [np.flatnonzero(mask) for mask in shared[:, order.to_numpy()]]
    return _Found(data.take(order), read, by_key)


def _shared(
    data: pa.Table,
    fields: tuple[Field, ...],
    compared: list[ComparisonModel],
    wanted: list[dict[str, int]],
    keys: Keys,
    model: Model,
) -> Mask:
    """bool[n_wanted, n_records], which records have these keys.

    wanted : what the question is looked up by: of each key, or of keys together, their codes by
        name
    """
    records = RecordTable(data, fields, {}, _none(data))
    columns = {c.field.name: c for c in complete(standardised(records, model), model).columns}
    has: dict[str, Mask] = {}
    for c in compared:
        column = columns[c.name]
        asked = {n: v for codes in wanted for n, v in codes.items() if field_of(n) == c.name}
        made = keys.codes(column.values, asked) if len(column.values) else {}
        for name, code in asked.items():
            values = made.get(name, np.zeros(0, np.int32))
            has[name] = np.append(values == code, False)[column.codes]
    shared = np.zeros((len(wanted), data.num_rows), np.bool_)
    for mask, codes in zip(shared, wanted, strict=True):
        mask[:] = np.logical_and.reduce([has[name] for name in codes])
    return shared


def _none(data: pa.Table) -> pa.Table:
    return data.slice(0, 0)
