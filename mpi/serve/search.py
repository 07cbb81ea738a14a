"""Persons like somebody: candidates by the model's blocking keys, weighed by the model."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.index.base import Base
from mpi.index.state import read_state
from mpi.linkage.state import State
from mpi.records.keys import KEY
from mpi.score.model import read_model
from mpi.serve.hits import Hit, choose, told_hits, weigh_beside
from mpi.serve.postings import Postings, asked_codes
from mpi.serve.question import (
    Question,
    identifier_question,
    read_question,
)
from mpi.serve.stored import StoredRecords, Utf8
from mpi.standardise.table import StandardColumn

Rows = npt.NDArray[np.int64]


class Searcher:
    """The records of a snapshot, ready to be asked.

    What linking keeps of every record is mapped, not read: records in standard form, and where
    those are that share a key. A question is weighed beside its candidates alone.

    Parameters
    ----------
    base : a snapshot that has what linking keeps, `Manifest.state`
    """

    def __init__(self, base: Base) -> None:
        assert base.manifest is not None
        self.model = read_model(base.model() or b"")
        self.fields = base.manifest.fields
        self.state: State = read_state(base.store, base.manifest.state, self.model)[0]
        self.stored = StoredRecords(base)
        self.postings = Postings(self.state, self.model)
        self._place_of = {c.name: f for f, c in enumerate(self.model.comparisons)}

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
        if question is None or not all(self._held(*told) for told in question.told.items()):
            question = read_question(query, self.fields, self.model, self._held)
        if not question.columns:
            return []
        slots = self._candidates(question)
        if len(slots) == 0:
            return []
        keys = self.state.keys(slots).select(KEY)
        order = pc.sort_indices(keys, [(name, "ascending") for name in KEY])
        keys, slots = keys.take(order), slots[order.to_numpy()]
        rows = np.arange(len(slots))
        weighed = weigh_beside(question, self._columns(question, slots), rows, rows, self.model)
        return told_hits(
            question, weighed, keys, self.model, self.stored.owner, self.stored.raw, limit
        )

    def _candidates(self, question: Question) -> Rows:
        """int64[n], slots of the records worth weighing, ascending."""
        asked = asked_codes(question, self.model)
        return choose([self.postings.find(names, codes) for names, codes in asked.items()])

    def _columns(self, question: Question, slots: Rows) -> dict[str, StandardColumn]:
        """The fields of a question of some records, in standard form."""
        segment = np.searchsorted(self.state.first, slots, side="right") - 1
        parts = [(int(s), np.flatnonzero(segment == s)) for s in np.unique(segment)]
        columns = {}
        for name in question.columns:
            f, base = self._place_of[name], 0
            codes, texts = np.full(len(slots), -1, np.int32), []
            for s, places in parts:
                column = self.state.segments[s].standard.columns[f]
                own = column.codes[slots[places] - self.state.first[s]]
                held, numbers = np.unique(own[own >= 0], return_inverse=True)
                codes[places[own >= 0]] = base + numbers
                texts.append(column.values.take(pa.array(held)).cast(pa.string()))
                base += len(held)
            columns[name] = StandardColumn(
                column.field,
                column.form,
                codes,
                pa.concat_arrays(texts),
                np.bincount(codes[codes >= 0], minlength=base),
                {},
            )
        return columns

    def _held(self, name: str, value: str) -> bool:
        """Whether some record holds this value of a field, in standard form."""
        if name not in self._place_of:
            return False
        wanted = value.encode()
        for segment in self.state.segments:
            values = segment.standard.columns[self._place_of[name]].values
            place = bisect_left(Utf8(values), wanted)  # in the order of their UTF-8
            if place < len(values) and values[place].as_py() == value:
                return True
        return False
