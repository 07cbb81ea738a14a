"""One question to an index that nobody has in memory: only what the question needs is read.

A searcher reads, encodes and sorts every field of every record, which pays from the second question
on. Here the records come bucket by bucket with a few columns: those asked for, and those that these
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

from mpi.encode.rows import Encoded
from mpi.encode.texts import take_apart
from mpi.errors import UsageError
from mpi.linkage.prepare import complete, standardised
from mpi.records.keys import KEY
from mpi.records.table import Field, RecordTable
from mpi.schema import Kind
from mpi.score.explain import Key
from mpi.score.model import ComparisonModel, Model, read_model
from mpi.serve.hits import Hit, choose, weigh_beside
from mpi.serve.postings import KeyHashes, wanted_keys
from mpi.serve.question import Question, encode_beside, read_question
from mpi.standardise.locales import locale_of
from mpi.standardise.table import StandardColumn

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


def search_once(
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
    if limit < 1:
        raise UsageError(f"the limit is {limit}; ask for one person at the least")
    read = read_model(model)
    question = read_question(query, fields, read)
    if not question.columns:
        return []
    found = _find(question, fields, read, parts)
    rows = choose(found.by_key)
    if len(rows) == 0:
        return []
    records = RecordTable(found.data.take(pa.array(rows)), found.fields, {}, _none(found.data))
    standard = complete(standardised(records, read), read)
    columns = {c.field.name: c for c in standard.columns}
    weighed = weigh_beside(question, columns, np.arange(len(rows)), rows, read)
    hits: dict[str, Hit] = {}
    for k in weighed.order:
        row = records.data.slice(k, 1).to_pylist()[0]
        key = row["source"], row["record_id"]
        person = owner(key)
        if person not in hits:
            hits[person] = Hit(
                person,
                float(read.chance(weighed.weight[k : k + 1])[0]),
                float(weighed.weight[k]),
                key,
                weighed.evidence(question, k, row),
            )
        if len(hits) == limit:
            break
    return list(hits.values())


@dataclass(frozen=True)
class _Found:
    """Records that share a key with a question.

    data : as they came, in the order of their keys; fields : of it
    by_key : int32[n] a key, the rows that share it, ascending
    """

    data: pa.Table
    fields: tuple[Field, ...]
    by_key: list[npt.NDArray[np.int32]]


def _find(question: Question, fields: tuple[Field, ...], model: Model, parts: Parts) -> _Found:
    compared = [c for c in model.comparisons if c.name in question.columns]
    kinds = {c.kind for c in compared}
    near = kinds.union(*(group for group in _TOGETHER if group & kinds))
    more = kinds.union(*(_FINDING.get(kind, set()) for kind in kinds))
    read = tuple(f for f in fields if f.kind in near or f.name in question.columns)
    finding = tuple(f for f in read if f.kind in more or f.name in question.columns)
    wanted = _wanted(question, model)
    tables, masks = [], []
    for part in parts([f.name for f in read]):
        data = part.select([*KEY, *(f.name for f in read)])
        shared = _shared(data, finding, compared, wanted, model)
        rows = np.flatnonzero(shared.any(axis=0))
        tables.append(data.take(pa.array(rows)))
        masks.append(shared[:, rows])
    data, shared = pa.concat_tables(tables), np.concatenate(masks, axis=1)
    order = pc.sort_indices(data.select(KEY), [(name, "ascending") for name in KEY])
    by_key = [np.flatnonzero(mask).astype(np.int32) for mask in shared[:, order.to_numpy()]]
    return _Found(data.take(order), read, by_key)


def _wanted(question: Question, model: Model) -> list[dict[str, np.uint64]]:
    """What the question is looked up by: of each key, or of keys together, their hashes by name."""
    empty = {name: _no_values(column) for name, column in question.columns.items()}
    keys = KeyHashes(encode_beside(question, empty, np.zeros(0, np.int64), model))
    told = question.told
    wanted = []
    for names in wanted_keys(model):
        if all(keys.known(name) and name.partition(":")[0] in told for name in names):
            hashes = {name: keys.of_field(name)[0] for name in names}
            if all(hashes.values()):
                wanted.append(hashes)
    return wanted


def _shared(
    data: pa.Table,
    fields: tuple[Field, ...],
    compared: list[ComparisonModel],
    wanted: list[dict[str, np.uint64]],
    model: Model,
) -> Mask:
    """bool[n_wanted, n_records], which records have these keys."""
    records = RecordTable(data, fields, {}, _none(data))
    columns = {c.field.name: c for c in complete(standardised(records, model), model).columns}
    has: dict[str, Mask] = {}
    for c in compared:
        asked = {n for hashes in wanted for n in hashes if n.partition(":")[0] == c.name}
        if asked:
            keys = KeyHashes(_values_alone(columns[c.name], c, model))
            for name in asked:
                hashed = next(hashes[name] for hashes in wanted if name in hashes)
                has[name] = np.append(keys.of_field(name) == hashed, False)[columns[c.name].codes]
    shared = np.zeros((len(wanted), data.num_rows), np.bool_)
    for mask, hashes in zip(shared, wanted, strict=True):
        mask[:] = np.logical_and.reduce([has[name] for name in hashes])
    return shared


def _values_alone(column: StandardColumn, compared: ComparisonModel, model: Model) -> Encoded:
    """The values of a field taken apart, and no records: all that its keys are made of."""
    from mpi.encode._kernels_values import Values

    info, units, words, vocabulary = take_apart((column,), locale_of(model.locale))
    none, ends = np.zeros(0, np.int64), np.array([0, len(column.values)], np.int64)
    rows, one = np.zeros((0, 16), np.int32), np.zeros(1, np.int8)
    values = Values(rows, one, one.astype(np.int16), one - np.int8(1), info, units, words)
    return Encoded(
        (compared.comparison,),
        (column,),
        values,
        none,
        none,
        none,
        none.astype(np.int32),
        ends,
        column.counts,
        vocabulary,
    )


def _none(data: pa.Table) -> pa.Table:
    return data.slice(0, 0)


def _no_values(column: StandardColumn) -> StandardColumn:
    none = np.full(0, -1, np.int32), pa.array([], pa.string()), np.zeros(0, np.int64)
    return StandardColumn(column.field, column.form, *none, {})
