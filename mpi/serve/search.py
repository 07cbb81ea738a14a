"""Persons like somebody: candidates by the model's blocking keys, weighed by the model."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.compare.patterns import unpack
from mpi.encode.levels import label
from mpi.encode.rows import Encoded, encode
from mpi.errors import UsageError
from mpi.linkage.explain import rarity_bits
from mpi.linkage.prepare import complete, standardised
from mpi.records.table import RecordTable
from mpi.schema import Form
from mpi.score.explain import ExplainedField, Key
from mpi.score.model import read_model
from mpi.serve.postings import KeyHashes, Posting, make_posting
from mpi.serve.question import (
    Question,
    encode_beside,
    identifier_question,
    model_of,
    read_question,
)

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


@dataclass(frozen=True)
class _Weighed:
    """A question beside its candidates.

    rows : int64[n], candidates; weight : float32[n], bits; levels : int8[n, n_fields]
    asked : int64[n_fields], the question's value in each field, -1 none; codes : those of the rows
    """

    rows: Rows
    weight: npt.NDArray[np.float32]
    levels: npt.NDArray[np.int8]
    encoded: Encoded
    table: Table
    asked: Rows
    codes: npt.NDArray[np.int32]


class Searcher:
    """The records of a snapshot, ready to be asked.

    Parameters
    ----------
    records : in key order
    persons : string[n_records], the enterprise id of each
    model : JSON, as `Resolution.model`
    """

    def __init__(self, records: RecordTable, persons: pa.Array, model: bytes) -> None:
        from mpi.score.learn import make_table

        self.model = read_model(model)
        self.records, self.persons = records, persons
        standard = complete(standardised(records, self.model), self.model)
        comparisons = tuple(c.comparison for c in self.model.comparisons)
        self.encoded = encoded = encode(standard, comparisons)
        self.table = make_table(self.model, encoded)._replace(least=-np.inf)
        self._columns = {c.field.name: c for c in encoded.columns}
        self._keys = KeyHashes(encoded)
        wanted = [tuple(keys) for keys in self.model.rules]
        wanted += [(c.name,) for c in comparisons if c.form != Form.CATEGORY]
        wanted += [(f"{c.name}:sound",) for c in comparisons if c.form == Form.NAME]
        self.postings: list[Posting] = [
            make_posting(keys, self._keys.together)
            for keys in dict.fromkeys(wanted)
            if all(self._keys.known(key) for key in keys)
        ]
        # Records that are alike in every compared field are one row, and share what it weighs.
        order = np.argsort(encoded.row_of, kind="stable")
        self._records_of = order, np.append(0, np.cumsum(encoded.copies))
        # A row that holds each value, to take the value's marks from.
        self._holder = [np.zeros(len(column.values), np.int32) for column in encoded.columns]
        for f, holder in enumerate(self._holder):
            held = np.flatnonzero(encoded.codes[:, f] >= 0)
            holder[encoded.codes[held, f]] = held

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
        question = identifier_question(query, self.model)
        codes = None if question is None else self._known(question)
        if question is None or codes is None:
            question = read_question(query, self.records.fields, self.model, self._held)
            codes = self._known(question)
        if not question.columns:
            return []
        if codes is None:
            alone = encode_beside(question, self._columns, np.zeros(0, np.int64), self.model)
            keys, asked = KeyHashes(alone), dict.fromkeys(question.told, 0)
        else:
            keys, asked = self._keys, codes
        rows = self._candidates(keys, asked)
        if len(rows) == 0:
            return []
        weigh = self._beside(question, rows) if codes is None else self._among(codes, rows)
        return self._hits(question, weigh, limit)

    def _known(self, question: Question) -> dict[str, int] | None:
        """Field -> number of the question's value among those of the records; None where one is
        new to them. Known values need not be taken apart again."""
        codes = {}
        for name, value in question.told.items():
            place = self._place(name, value)
            if place < 0:
                return None
            codes[name] = place
        return codes

    def _held(self, name: str, value: str) -> bool:
        """Whether some record holds this value of a field, in standard form."""
        return self._place(name, value) >= 0

    def _place(self, name: str, value: str) -> int:
        """The number of a value in standard form among those of the records, -1 for none."""
        if name not in self._columns:
            return -1
        values = self._columns[name].values
        # In the order of their UTF-8.
        place = bisect_left(_Bytes(values), value.encode())
        return place if place < len(values) and values[place].as_py() == value else -1

    def _candidates(self, keys: KeyHashes, asked: Mapping[str, int]) -> Rows:
        """int64[n], rows worth weighing, ascending.

        The fewer records share a key, the more it tells: the rarest ones come first. Where even
        the rarest is shared by very many, those who share several are taken.

        asked : field -> number of the question's value among those of `keys`
        """
        found = []
        for posting in self.postings:
            wanted = keys.of_values(posting.keys, asked)
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
        return np.sort(taken[:_MOST]).astype(np.int64)

    # ---------------------------------------------------------------- weighing

    def _among(self, codes: dict[str, int], rows: Rows) -> _Weighed:
        """Weigh a question whose values are all known: it is one more row of the records."""
        encoded = self.encoded
        some = np.full((len(rows) + 1, encoded.values.rows.shape[1]), -1, np.int32)
        some[:-1] = encoded.values.rows[rows]
        mark = encoded.values.mark.astype(np.int64)
        asked = np.full(len(encoded.comparisons), -1, np.int64)
        for f, comparison in enumerate(encoded.comparisons):
            if comparison.name not in codes:
                continue
            asked[f] = code = codes[comparison.name]
            some[-1, f] = encoded.base[f] + code
            if mark[f]:
                end = int(min(mark[mark > mark[f]], default=some.shape[1]))
                holder = encoded.values.rows[self._holder[f][code]]
                some[-1, mark[f] : end] = holder[mark[f] : end]
        held = encoded.codes[rows]
        weight, levels = _score(
            encoded, self.table, some, np.full(len(rows), len(rows)), np.arange(len(rows))
        )
        return _Weighed(rows, weight, levels, encoded, self.table, asked, held)

    def _beside(self, question: Question, rows: Rows) -> _Weighed:
        """Weigh a question with values that no record has."""
        from mpi.score.learn import make_table

        records = self.encoded.first[rows]
        encoded = encode_beside(question, self._columns, records, self.model)
        table = make_table(model_of(self.model, encoded), encoded)._replace(least=-np.inf)
        right = encoded.row_of[1:]
        left = np.full(len(right), encoded.row_of[0])
        weight, levels = _score(encoded, table, encoded.values.rows, left, right)
        asked = encoded.codes[int(encoded.row_of[0])].astype(np.int64)
        return _Weighed(rows, weight, levels, encoded, table, asked, encoded.codes[right])

    # ---------------------------------------------------------------- the answer

    def _hits(self, question: Question, weighed: _Weighed, limit: int) -> list[Hit]:
        order, starts = self._records_of
        hits: dict[str, Hit] = {}
        data = self.records.data
        for k in np.lexsort((weighed.rows, -weighed.weight)).tolist():
            if len(hits) == limit:
                break
            row = int(weighed.rows[k])
            for record in order[starts[row] : starts[row + 1]].tolist():
                person = self.persons[record].as_py()
                if person in hits or len(hits) == limit:
                    continue
                hits[person] = Hit(
                    person,
                    float(self.model.chance(weighed.weight[k : k + 1])[0]),
                    float(weighed.weight[k]),
                    (data["source"][record].as_py(), data["record_id"][record].as_py()),
                    self._evidence(question, weighed, k, record),
                )
        return list(hits.values())

    def _evidence(
        self, question: Question, weighed: _Weighed, k: int, record: int
    ) -> tuple[ExplainedField, ...]:
        """What each field that was asked for says of candidate `k`."""
        encoded, table = weighed.encoded, weighed.table
        fields = []
        for f, comparison in enumerate(encoded.comparisons):
            if comparison.name not in question.columns:
                continue
            g, h = int(weighed.asked[f]), int(weighed.codes[k, f])
            level, values = int(weighed.levels[k, f]), encoded.columns[f].values
            raw = None
            if comparison.name in self.records.data.column_names:
                raw = self.records.data[comparison.name][record].as_py()
            fields.append(
                ExplainedField(
                    comparison.name,
                    question.raw.get(comparison.name),
                    raw,
                    values[g].as_py() if g >= 0 else None,
                    values[h].as_py() if h >= 0 else None,
                    level,
                    label(comparison.form, level),
                    float(table.weight[0, f, level + 1]),
                    rarity_bits(encoded, table, f, g, h, level),
                )
            )
        return tuple(fields)


def _score(
    encoded: Encoded, table: Table, rows: npt.NDArray[np.int32], left: Rows, right: Rows
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int8]]:
    """Weight and levels of pairs of rows."""
    from mpi.score._kernels import score_pairs

    weight, pattern = np.empty(len(left), np.float32), np.empty(len(left), np.uint64)
    score_pairs(encoded.values._replace(rows=rows), table, left, right, weight, pattern)
    return weight, unpack(pattern, table.radix)


class _Bytes(Sequence[bytes]):
    """Texts as their UTF-8, read one by one: a binary search looks at twenty of millions."""

    def __init__(self, values: pa.Array) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, place: Any) -> Any:
        return self.values[place].as_buffer().to_pybytes()
