"""A question as a record: what was asked for, in standard form, beside other records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.encode.rows import Encoded, encode
from mpi.errors import UsageError
from mpi.linkage.prepare import standardised
from mpi.records.table import Field, RecordTable
from mpi.schema import FORM_OF, Form
from mpi.score.model import Model
from mpi.standardise.table import StandardColumn, StandardTable

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Question:
    """What was asked for.

    raw : field -> value, as it was written
    columns : field -> a column of one value, or of none: fields that hold one, and those that may
        hold it by mistake
    """

    raw: dict[str, str]
    columns: dict[str, StandardColumn]

    @property
    def told(self) -> dict[str, str]:
        """Field -> value in standard form, of the fields that hold one."""
        return {
            name: column.values[int(column.codes[0])].as_py()
            for name, column in self.columns.items()
            if column.codes[0] >= 0
        }


def read_question(
    query: Mapping[str, str],
    fields: tuple[Field, ...],
    model: Model,
    held: Callable[[str, str], bool] = lambda name, value: False,
) -> Question:
    """Read what was asked for.

    Parameters
    ----------
    query : field, or column as it came -> value
    fields : of the records
    held : whether some record holds this value of a field, in standard form. Such a date need not
        be read again, unless there is an identifier to hold it to

    Raises
    ------
    UsageError
        A field is unknown, or nothing was asked for.
    """
    known = {f.name: f for f in fields if f.kind in FORM_OF}
    for c in model.comparisons:
        known.setdefault(c.name, Field(c.name, c.kind, c.name, "model"))
    by_column = {f.column: f for f in known.values()}
    asked: dict[Field, str] = {}
    for name, value in query.items():
        field = known.get(name) or by_column.get(name)
        if field is None:
            raise UsageError(
                f"records have no field '{name}'; the fields are {', '.join(sorted(known))}"
            )
        if str(value).strip():
            asked[field] = str(value)
    if not asked:
        raise UsageError(
            f"nothing was asked for; give a value for one of {', '.join(sorted(known))}"
        )
    raw = {field.name: value for field, value in asked.items()}
    forms = {FORM_OF[field.kind] for field in asked}
    read = {
        field.name: _as_it_stands(field, value)
        for field, value in asked.items()
        if FORM_OF[field.kind] == Form.DATE
        and Form.IDENTIFIER not in forms
        and held(field.name, value)
    }
    rest = {field: value for field, value in asked.items() if field.name not in read}
    if rest:
        names = ["source", "record_id", *(field.name for field in rest)]
        values = [pa.array([v], pa.string()) for v in ("", "", *rest.values())]
        data = pa.table(values, names=names)
        records = RecordTable(data, tuple(rest), {}, data.slice(0, 0))
        read |= {c.field.name: c for c in standardised(records, model, threads=1).columns}
    return Question(raw, _beside(read, model))


def _as_it_stands(field: Field, value: str) -> StandardColumn:
    """A column of one value that is in standard form."""
    one = pa.array([value], pa.string())
    codes, counts = np.zeros(1, np.int32), np.ones(1, np.int64)
    return StandardColumn(field, FORM_OF[field.kind], codes, one, counts, {})


def identifier_question(query: Mapping[str, str], model: Model) -> Question | None:
    """A question for one identifier as it stands; None where more or something else is asked for.

    An identifier that some record holds in standard form is in standard form, so it need not be
    brought there, which takes longer than all the rest.
    """
    if len(query) != 1:
        return None
    ((name, value),) = query.items()
    for c in model.comparisons:
        if c.name == name and c.form == Form.IDENTIFIER:
            field = Field(c.name, c.kind, c.name, "model")
            one = pa.array([str(value)], pa.string())
            own = StandardColumn(
                field, c.form, np.zeros(1, np.int32), one, np.ones(1, np.int64), {}
            )
            return Question({name: str(value)}, _beside({name: own}, model))
    return None


def _beside(read: dict[str, StandardColumn], model: Model) -> dict[str, StandardColumn]:
    """The compared fields of a question in the model's order: those that hold a value, and those
    whose value may have been swapped with it. A field that nobody asked for says nothing."""
    told = {name for name, column in read.items() if column.codes[0] >= 0}
    columns = {}
    for c in model.comparisons:
        if c.name in told:
            columns[c.name] = read[c.name]
        elif c.partner in told:
            field = Field(c.name, c.kind, c.name, "model")
            none = np.full(1, -1, np.int32), pa.array([], pa.string()), np.zeros(0, np.int64)
            columns[c.name] = StandardColumn(field, c.form, *none, {})
    return columns if any(c.name in told for c in model.comparisons) else {}


def encode_beside(
    question: Question, columns: Mapping[str, StandardColumn], records: Rows, model: Model
) -> Encoded:
    """The question, and behind it some records, as rows of the fields that were asked for.

    columns : of all records, by field
    records : int64[n], rows of these columns
    """
    both = tuple(_beside_records(c, columns[name], records) for name, c in question.columns.items())
    n = 1 + len(records)
    # Each a source of its own, so that equal ones stay several rows.
    sources = np.arange(n, dtype=np.int32), tuple(map(str, range(n)))
    standard = StandardTable(both, *sources, locale=model.locale)
    comparisons = (c.comparison for c in model.comparisons if c.name in question.columns)
    return encode(standard, tuple(comparisons), across=True)


def _beside_records(asked: StandardColumn, column: StandardColumn, records: Rows) -> StandardColumn:
    """A column of the question and behind it some records."""
    own, codes = asked.codes[:1], column.codes[records]
    held, place = np.unique(codes[codes >= 0], return_inverse=True)
    values = column.values.take(pa.array(held))
    mine = asked.values.take(pa.array(own[own >= 0]))
    every = pa.concat_arrays([mine.cast(pa.string()), values.cast(pa.string())]).dictionary_encode()
    numbers = every.indices.to_numpy()
    order = pc.sort_indices(every.dictionary).to_numpy()
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    made = np.full(1 + len(codes), -1, np.int32)
    if len(mine):
        made[0] = rank[numbers[0]]
    made[1:][codes >= 0] = rank[numbers[len(mine) :]][place]
    return replace(
        column,
        codes=made,
        values=every.dictionary.take(pa.array(order)),
        counts=np.bincount(made[made >= 0], minlength=len(order)),
        repairs={},
    )


def model_of(model: Model, encoded: Encoded) -> Model:
    """The model of these fields, with the frequencies of these values and words alone: a few."""
    words = encoded.vocabulary.to_pylist()
    known = {comparison.name: comparison for comparison in model.comparisons}
    comparisons = []
    for column in encoded.columns:
        comparison = known[column.field.name]
        bits = comparison.term_frequency
        held = {v: bits[v] for v in column.values.to_pylist() if v in bits}
        by_word = comparison.word_frequency
        spoken = {w: by_word[w] for w in words if w in by_word}
        comparisons.append(
            msgspec.structs.replace(comparison, term_frequency=held, word_frequency=spoken)
        )
    return msgspec.structs.replace(model, comparisons=comparisons)
