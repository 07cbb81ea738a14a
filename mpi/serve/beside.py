"""A question weighed beside its candidates: with the kernels and the model that link records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.compare.patterns import radices, unpack
from mpi.encode.levels import label
from mpi.encode.rows import Encoded, encode
from mpi.linkage.explain import rarity_bits
from mpi.schema import Form
from mpi.score.explain import ExplainedField
from mpi.score.model import Model
from mpi.score.relatives import relative_adjustments
from mpi.serve.question import Question
from mpi.standardise.table import StandardColumn, StandardTable

if TYPE_CHECKING:
    from mpi.score._kernels_weight import Table

Rows = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float32]

Candidates = Mapping[str, Sequence[bytes | None]]
"""Field -> the value of each candidate in standard form, as UTF-8."""


@dataclass(frozen=True)
class Weighed:
    """A question beside its candidates.

    weight : float32[n], bits; levels : int8[n, n_fields]
    encoded : the question, and behind it the candidates
    """

    weight: Bits
    levels: npt.NDArray[np.int8]
    encoded: Encoded
    table: Table

    @cached_property
    def _codes(self) -> list[list[int]]:
        codes: list[list[int]] = self.encoded.codes.tolist()
        return codes

    def evidence(
        self, question: Question, k: int, raw: Mapping[str, str | None]
    ) -> tuple[ExplainedField, ...]:
        """What each field that was asked for says of candidate `k`.

        raw : field -> value of the candidate, as it came
        """
        fields = []
        for f, comparison in enumerate(self.encoded.comparisons):
            g, h = self._codes[0][f], self._codes[1 + k][f]
            level, values = int(self.levels[k, f]), self.encoded.columns[f].values
            fields.append(
                ExplainedField(
                    comparison.name,
                    question.raw.get(comparison.name),
                    raw.get(comparison.name),
                    values[g].as_py() if g >= 0 else None,
                    values[h].as_py() if h >= 0 else None,
                    level,
                    label(comparison.form, level),
                    float(self.table.weight[0, f, level + 1]),
                    rarity_bits(self.encoded, self.table, f, g, h, level),
                )
            )
        return tuple(fields)


class Scales:
    """Weighs questions by a model, of which everything but frequencies is made ready once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._place = {c.name: f for f, c in enumerate(model.comparisons)}
        most = max((len(c.m) for c in model.comparisons), default=0) + 1
        self._weight = np.zeros((3, len(model.comparisons), most), np.float32)
        for f, c in enumerate(model.comparisons):
            for k, bits in enumerate((c.weights("u"), c.weights("r"), c.weights("t"))):
                self._weight[k, f, : len(bits)] = bits
        self._radix = radices(tuple(c.comparison for c in model.comparisons))
        self._prior = model.prior_bits, model.relative_bits, model.twin_bits

    def weigh(self, question: Question, candidates: Candidates) -> Weighed:
        """Weigh candidates that are encoded together with the question.

        candidates : of the question's fields
        """
        from mpi.score._kernels import score_pairs

        encoded = self.encode(question, candidates)
        table = self.table(encoded)
        n = encoded.n_rows - 1
        left, right = np.zeros(n, np.int64), np.arange(1, n + 1)
        weight, pattern = np.empty(n, np.float32), np.empty(n, np.uint64)
        score_pairs(encoded.values, table, left, right, weight, pattern)
        return Weighed(weight, unpack(pattern, table.radix), encoded, table)

    def encode(self, question: Question, candidates: Candidates) -> Encoded:
        """The question, and behind it its candidates, as rows of the fields that were asked for."""
        columns = tuple(_column(c, candidates[name]) for name, c in question.columns.items())
        rows = len(columns[0].codes)
        standard = StandardTable(
            columns, np.zeros(rows, np.int32), ("",), locale=self._model.locale
        )
        compared = (self._model.comparisons[self._place[name]] for name in question.columns)
        return encode(standard, tuple(c.comparison for c in compared), alone=True)

    def table(self, encoded: Encoded) -> Table:
        """The model of these fields and values as the kernels read it, no pair ever dropped.

        What says which pairs to drop is left empty: learning that takes longer than weighing.
        """
        from mpi.score._kernels_screen import Losses
        from mpi.score._kernels_weight import OPEN_COLUMN, SIMILAR_COLUMN, Table

        places = [self._place[c.name] for c in encoded.comparisons]
        n = len(places)
        word_at = np.full(n, -1, np.int64)
        adjust: list[Bits] = []
        words: list[Bits] = []
        spoken = encoded.vocabulary.to_pylist()
        for f, column in enumerate(encoded.columns):
            own = self._model.comparisons[places[f]]
            bits = _bits(column.values.to_pylist(), own.term_frequency, own.rare)
            shared = own.r[-1], (own.t or own.m)[-1]
            adjust.append(
                np.stack([bits, *(relative_adjustments(bits, own.u[-1], s) for s in shared)], 1)
            )
            if own.form == Form.NAME and spoken:
                word_at[f] = len(spoken) * len(words)
                words.append(_bits(spoken, own.word_frequency, own.rare_word))
        none, no_code, no_loss = np.zeros(n, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int32)
        losses = Losses(0, no_loss, no_loss, no_code, no_code, no_code, no_code, no_code, no_code)
        return Table(
            weight=np.ascontiguousarray(self._weight[:, places]),
            adjust=np.concatenate(adjust),
            most=np.zeros(n, np.float32),
            radix=self._radix[places],
            prior=self._prior[0],
            relative=self._prior[1],
            twin=self._prior[2],
            least=-np.inf,
            order=none,
            top=np.zeros(n, np.int8),
            row_loss=np.zeros((3, n), np.int32),
            loss=np.zeros((n, max(OPEN_COLUMN, SIMILAR_COLUMN) + 1), np.int32),
            # As though every value were listed: each has a line of its own.
            listed=np.full(int(encoded.base[-1]) // 64 + 1, ~np.uint64(0)),
            rare=none,
            word=np.concatenate([np.zeros(0, np.float32), *words]),
            word_at=word_at,
            losses=losses,
            highest=0,
            lowest=0,
        )


def _bits(texts: Sequence[str], listed: Mapping[str, float], rare: float) -> Bits:
    """Bits of some texts by their frequency."""
    return np.fromiter((listed.get(text, rare) for text in texts), np.float32, len(texts))


def _column(asked: StandardColumn, held: Sequence[bytes | None]) -> StandardColumn:
    """A column of the question and behind it its candidates."""
    own = int(asked.codes[0])
    texts = [None if own < 0 else asked.values[own].as_py().encode(), *held]
    different = sorted({text for text in texts if text is not None})
    place: dict[bytes | None, int] = {text: code for code, text in enumerate(different)}
    place[None] = -1
    codes = np.array([place[text] for text in texts], np.int32)
    counts = np.bincount(codes + 1, minlength=len(different) + 1)[1:]
    values = pa.array(different, pa.string())
    return StandardColumn(asked.field, asked.form, codes, values, counts, {})
