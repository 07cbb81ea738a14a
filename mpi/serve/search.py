"""Persons like somebody: candidates by the model's blocking keys, weighed by the model."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.encode.rows import encode
from mpi.errors import UsageError
from mpi.linkage.prepare import complete, standardised
from mpi.records.table import RecordTable
from mpi.score.model import read_model
from mpi.serve.hits import Hit, Weighed, choose, score, weigh_beside
from mpi.serve.postings import KeyHashes, Posting, make_posting, wanted_keys
from mpi.serve.question import Question, encode_beside, identifier_question, read_question

Rows = npt.NDArray[np.int64]


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
        self.postings: list[Posting] = [
            make_posting(keys, self._keys.together)
            for keys in wanted_keys(self.model)
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

        asked : field -> number of the question's value among those of `keys`
        """
        found = []
        for posting in self.postings:
            wanted = keys.of_values(posting.keys, asked)
            if wanted:
                found.append(posting.find(wanted))
        return choose(found)

    # ---------------------------------------------------------------- weighing

    def _among(self, codes: dict[str, int], rows: Rows) -> Weighed:
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
        weight, levels = score(
            encoded, self.table, some, np.full(len(rows), len(rows)), np.arange(len(rows))
        )
        return Weighed(rows, weight, levels, encoded, self.table, asked, held)

    def _beside(self, question: Question, rows: Rows) -> Weighed:
        """Weigh a question with values that no record has."""
        return weigh_beside(question, self._columns, self.encoded.first[rows], rows, self.model)

    # ---------------------------------------------------------------- the answer

    def _hits(self, question: Question, weighed: Weighed, limit: int) -> list[Hit]:
        order, starts = self._records_of
        hits: dict[str, Hit] = {}
        data = self.records.data
        for k in weighed.order:
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
                    weighed.evidence(question, k, self._raw(question, record)),
                )
        return list(hits.values())

    def _raw(self, question: Question, record: int) -> dict[str, str | None]:
        """A record as it came, in the fields of a question."""
        data = self.records.data
        return {n: data[n][record].as_py() for n in question.columns if n in data.column_names}


class _Bytes(Sequence[bytes]):
    """Texts as their UTF-8, read one by one: a binary search looks at twenty of millions."""

    def __init__(self, values: pa.Array) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, place: Any) -> Any:
        return self.values[place].as_buffer().to_pybytes()
