"""Persons like somebody: candidates by the model's blocking keys, weighed by the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.compare.patterns import unpack
from mpi.encode.levels import SLIP, label
from mpi.encode.rows import Encoded, encode
from mpi.errors import UsageError
from mpi.linkage.prepare import complete
from mpi.records.table import Field, RecordTable
from mpi.schema import FORM_OF, Form
from mpi.score.explain import ExplainedField, Key
from mpi.score.model import Model, probability, read_model
from mpi.serve.postings import KeyHashes, Posting, make_posting
from mpi.settings import Settings
from mpi.standardise import standardise
from mpi.standardise.table import StandardColumn, StandardTable

if TYPE_CHECKING:
    from mpi.score._kernels_weight import Table

Rows = npt.NDArray[np.int64]

_MOST = 300
"""Records that are weighed for a question: the most telling keys come first."""


@dataclass(frozen=True)
class Hit:
    """A person who may be the one asked for.

    weight : bits, probability : 0 to 1, of the person's record that is most alike
    record : its key
    fields : what each field says, as in an explanation; `a` is the question, `b` the record
    """

    enterprise_id: str
    probability: float
    weight: float
    record: Key
    fields: tuple[ExplainedField, ...]


class Searcher:
    """The records of a snapshot, ready to be asked.

    Parameters
    ----------
    records : in key order
    persons : string[n_records], the enterprise id of each
    model : JSON, as `Resolution.model`
    """

    def __init__(self, records: RecordTable, persons: pa.Array, model: bytes) -> None:
        self.model = read_model(model)
        self.records, self.persons = records, persons
        self.standard = complete(self._standardised(records), self.model)
        self._columns = {c.field.name: c for c in self.standard.columns}
        comparisons = tuple(c.comparison for c in self.model.comparisons)
        encoded = encode(self.standard, comparisons)
        made = KeyHashes(encoded)
        wanted = [tuple(keys) for keys in self.model.rules]
        wanted += [(c.name,) for c in comparisons if c.form != Form.CATEGORY]
        wanted += [(f"{c.name}:sound",) for c in comparisons if c.form == Form.NAME]
        self.postings: list[Posting] = [
            make_posting(keys, made.together)
            for keys in dict.fromkeys(wanted)
            if all(made.known(key) for key in keys)
        ]
        # Records that are alike in every compared field are one row, and share what it weighs.
        order = np.argsort(encoded.row_of, kind="stable")
        self._records_of = order, np.append(0, np.cumsum(encoded.copies))
        self._first = encoded.first

    def search(self, query: Mapping[str, str], *, limit: int = 5) -> list[Hit]:
        """Persons like this one, the most likely first.

        Parameters
        ----------
        query : field name -> value, as people write it
        limit : persons at most

        Raises
        ------
        UsageError
            A field is unknown, nothing was asked for, or the limit is below 1.
        """
        if limit < 1:
            raise UsageError(f"the limit is {limit}; ask for one person at the least")
        asked = self._asked(query)
        columns = self._read(asked)
        if not columns:
            return []
        rows = self._candidates(KeyHashes(self._encoded(columns, np.zeros(0, np.int64))))
        return self._weighed(asked, columns, rows, limit) if len(rows) else []

    # ---------------------------------------------------------------- the question

    def _standardised(self, records: RecordTable, *, threads: int = 0) -> StandardTable:
        return standardise(
            records,
            Settings(locale=self.model.locale, threads=threads),
            placeholders=self.model.placeholders,
            layouts=self.model.layouts,
        )

    def _asked(self, query: Mapping[str, str]) -> RecordTable:
        """The question as a table of one record."""
        known = {f.name: f for f in self.records.fields if f.kind in FORM_OF}
        for c in self.model.comparisons:
            known.setdefault(c.name, Field(c.name, c.kind, c.name, "model"))
        by_column = {f.column: f for f in known.values()}
        fields: dict[Field, str] = {}
        for name, value in query.items():
            field = known.get(name) or by_column.get(name)
            if field is None:
                raise UsageError(
                    f"records have no field '{name}'; the fields are {', '.join(sorted(known))}"
                )
            if str(value).strip():
                fields[field] = str(value)
        if not fields:
            raise UsageError(
                f"nothing was asked for; give a value for one of {', '.join(sorted(known))}"
            )
        values = ["", "", *fields.values()]
        names = ["source", "record_id", *(field.name for field in fields)]
        columns = [pa.array([value], pa.string()) for value in values]
        data = pa.table(columns, names=names)
        return RecordTable(data, tuple(fields), {}, data.slice(0, 0))

    def _read(self, asked: RecordTable) -> dict[str, StandardColumn]:
        """The fields of the question that hold a value, and those that may hold it by mistake.

        A field that nobody asked for says nothing of anybody, and is left out.
        """
        read = {c.field.name: c for c in self._standardised(asked, threads=1).columns}
        told = {name for name, column in read.items() if column.codes[0] >= 0}
        columns = {}
        for comparison in self.model.comparisons:
            if comparison.name in told:
                columns[comparison.name] = read[comparison.name]
            elif comparison.partner in told:
                column = self._columns[comparison.name]
                columns[comparison.name] = replace(
                    column, codes=np.full(1, -1, np.int32), values=column.values.slice(0, 0)
                )
        return columns if told & columns.keys() else {}

    def _encoded(self, asked: dict[str, StandardColumn], records: Rows) -> Encoded:
        """The question, and behind it some records, as rows of the fields that were asked for."""
        columns = [
            _with_question(column, self._columns[name], records) for name, column in asked.items()
        ]
        n = 1 + len(records)
        # Each a source of its own, so that equal ones stay several rows.
        standard = StandardTable(
            tuple(columns),
            np.arange(n, dtype=np.int32),
            tuple(map(str, range(n))),
            locale=self.model.locale,
        )
        comparisons = (c.comparison for c in self.model.comparisons if c.name in asked)
        return encode(standard, tuple(comparisons), across=True)

    def _candidates(self, question: KeyHashes) -> Rows:
        """int64[n], records worth weighing, the first of each row, ascending.

        The fewer records share a key, the more it tells: the rarest ones come first. Where even
        the rarest is shared by very many, those who share several are taken.
        """
        found = []
        for posting in self.postings:
            if not all(question.known(key) for key in posting.keys):
                continue
            wanted = question.together(posting.keys)[0]
            if wanted and len(rows := posting.find(wanted)):
                found.append(rows)
        found.sort(key=len)
        if not found:
            return np.zeros(0, np.int64)
        taken = found[0]
        for rows in found[1:]:
            if len(taken) > _MOST:
                both = np.intersect1d(taken, rows)
                taken = both if len(both) else taken
            elif len(taken) + len(rows) <= _MOST:
                taken = np.union1d(taken, rows)
        return np.asarray(np.sort(self._first[taken[:_MOST]]))

    # ---------------------------------------------------------------- the answer

    def _weighed(
        self,
        asked: RecordTable,
        columns: dict[str, StandardColumn],
        records: Rows,
        limit: int,
    ) -> list[Hit]:
        from mpi.score._kernels import score_pairs
        from mpi.score.learn import make_table

        encoded = self._encoded(columns, records)
        model = _only(self.model, encoded)
        table = make_table(model, encoded)._replace(least=-np.inf)
        right = encoded.row_of[1:]
        left = np.full(len(right), encoded.row_of[0])
        weight, pattern = np.empty(len(right), np.float32), np.empty(len(right), np.uint64)
        score_pairs(encoded.values, table, left, right, weight, pattern)
        levels = unpack(pattern, table.radix)
        hits: dict[str, Hit] = {}
        for k in np.lexsort((records, -weight)).tolist():
            if len(hits) == limit:
                break
            for record in self._alike(int(records[k])).tolist():
                person = self.persons[record].as_py()
                if person in hits or len(hits) == limit:
                    continue
                fields = self._evidence(asked, encoded, table, int(right[k]), record, levels[k])
                key = (
                    self.records.data["source"][record].as_py(),
                    self.records.data["record_id"][record].as_py(),
                )
                chance = float(probability(weight[k : k + 1])[0])
                hits[person] = Hit(person, chance, float(weight[k]), key, fields)
        return list(hits.values())

    def _alike(self, record: int) -> Rows:
        """int64[n], the records that are alike in every compared field, the first one first."""
        order, starts = self._records_of
        row = int(np.searchsorted(self._first, record))
        return np.asarray(order[starts[row] : starts[row + 1]])

    def _evidence(
        self,
        asked: RecordTable,
        encoded: Encoded,
        table: Table,
        row: int,
        record: int,
        levels: npt.NDArray[np.int8],
    ) -> tuple[ExplainedField, ...]:
        fields = []
        question = int(encoded.row_of[0])
        for f, comparison in enumerate(encoded.comparisons):
            g, h = (int(code) for code in encoded.codes[[question, row], f])
            level, values = int(levels[f]), encoded.columns[f].values
            bits = table.adjust[encoded.base[f] + np.array([g, h]), 0]
            rare = level > 0 and g == h
            if not rare and (level < SLIP or comparison.form != Form.NAME):
                bits = np.zeros(2)
            fields.append(
                ExplainedField(
                    comparison.name,
                    _raw(asked, comparison.name, 0),
                    _raw(self.records, comparison.name, record),
                    values[g].as_py() if g >= 0 else None,
                    values[h].as_py() if h >= 0 else None,
                    level,
                    label(comparison.form, level),
                    float(table.weight[0, f, level + 1]),
                    float(bits.min()),
                )
            )
        return tuple(fields)


def _raw(records: RecordTable, name: str, row: int) -> str | None:
    if name not in records.data.column_names:
        return None
    value = records.data[name][row].as_py()
    return None if value is None else str(value)


def _with_question(asked: StandardColumn, column: StandardColumn, records: Rows) -> StandardColumn:
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


def _only(model: Model, encoded: Encoded) -> Model:
    """The model of these fields, with the term frequencies of these values alone: a few."""
    known = {comparison.name: comparison for comparison in model.comparisons}
    comparisons = []
    for column in encoded.columns:
        comparison = known[column.field.name]
        bits = comparison.term_frequency
        held = {v: bits[v] for v in column.values.to_pylist() if v in bits}
        comparisons.append(msgspec.structs.replace(comparison, term_frequency=held))
    return msgspec.structs.replace(model, comparisons=comparisons)
