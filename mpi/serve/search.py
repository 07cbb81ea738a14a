"""Persons like somebody: candidates by the model's blocking keys, weighed by the model."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mpi.index.base import Base
from mpi.index.state import read_state
from mpi.linkage.state import State
from mpi.records.keys import KEY, as_array
from mpi.score.model import read_model
from mpi.serve.beside import Scales
from mpi.serve.hits import Hit, choose, told_hits
from mpi.serve.postings import Keys, Postings
from mpi.serve.question import Reader
from mpi.serve.stored import StoredRecords
from mpi.serve.texts import Texts

Rows = npt.NDArray[np.int64]


class Searcher:
    """The records of a snapshot, ready to be asked.

    What linking keeps of every record is mapped, not read: records in standard form, and where
    those are that share a key. A question is weighed beside its candidates alone. All that does
    not depend on the question is made ready here: for a few records nothing else takes as long.

    Parameters
    ----------
    base : a snapshot that has what linking keeps, `Manifest.state`
    """

    def __init__(self, base: Base) -> None:
        assert base.manifest is not None
        self.model = read_model(base.model() or b"")
        self.state: State = read_state(base.store, base.manifest.state, self.model)[0]
        self.stored = StoredRecords(base)
        self.keys = Keys(self.model)
        self.postings = Postings(self.state, self.model, self.keys)
        self.reader = Reader(base.manifest.fields, self.model, self._held)
        self.scales = Scales(self.model)
        self._names = [
            tuple(Texts(as_array(segment.keys[name])) for name in KEY)
            for segment in self.state.segments
        ]
        self._values = {
            c.name: [Texts(segment.standard.columns[f].values) for segment in self.state.segments]
            for f, c in enumerate(self.model.comparisons)
        }
        self._codes = {
            c.name: [segment.standard.columns[f].codes for segment in self.state.segments]
            for f, c in enumerate(self.model.comparisons)
        }

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
        question = self.reader.read(query, limit)
        slots = choose([self.postings.find(codes) for codes in self.keys.asked(question)])
        if len(slots) == 0:
            return []
        parts = self._parts(slots)
        candidates = {name: self._texts(name, parts) for name in question.values}
        weighed = self.scales.weigh(question, candidates)
        places = [(s, row) for s, rows in parts for row in rows.tolist()]

        def key(k: int) -> tuple[bytes, ...]:
            s, row = places[k]
            sources, record_ids = self._names[s]
            return sources[row], record_ids[row]

        return told_hits(question, weighed, key, self.model, self.stored.owner, self.stored.raw)

    def _parts(self, slots: Rows) -> list[tuple[int, Rows]]:
        """The segments of ascending slots, and their rows there."""
        ends = pairwise(slots.searchsorted(self.state.first).tolist())
        return [
            (s, slots[begin:end] - self.state.first[s])
            for s, (begin, end) in enumerate(ends)
            if end > begin
        ]

    def _texts(self, name: str, parts: list[tuple[int, Rows]]) -> list[bytes | None]:
        """A field of some records in standard form, those of a segment after another."""
        texts: list[bytes | None] = []
        for s, rows in parts:
            texts += self._values[name][s].take(self._codes[name][s][rows].tolist())
        return texts

    def _held(self, name: str, value: str) -> bool:
        """Whether some record holds this value of a field, in standard form."""
        wanted = value.encode()
        for values in self._values.get(name, ()):
            place = bisect_left(values, wanted)  # in the order of their UTF-8
            if place < len(values) and values[place] == wanted:
                return True
        return False
