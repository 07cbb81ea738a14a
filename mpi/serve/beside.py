"""A question weighed beside its candidates: with the kernels and the model that link records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.compare.patterns import radices, unpack
from mpi.encode.comparisons import Comparison
from mpi.encode.levels import label
from mpi.encode.rows import Encoded, encode
from mpi.linkage.explain import rarity_bits
from mpi.records.table import Field
from mpi.schema import Form
from mpi.score.explain import ExplainedField
from mpi.score.model import ComparisonModel, Model
from mpi.score.relatives import relative_adjustments
from mpi.serve.question import Question
from mpi.standardise.table import StandardColumn, StandardTable

if TYPE_CHECKING:
    from mpi.score._kernels_weight import Table

Rows = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float32]
_Line = tuple[float, float, float]
"""Bits against "stranger", "relative" and "twin"."""

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

    def evidence(
        self, question: Question, k: int, raw: Mapping[str, str | None]
    ) -> tuple[ExplainedField, ...]:
        """What each field that was asked for says of candidate `k`.

        raw : field -> value of the candidate, as it came
        """
        fields = []
        own, others = self.encoded.codes[[0, 1 + k]].tolist()
        for f, comparison in enumerate(self.encoded.comparisons):
            g, h = own[f], others[f]
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
        self._compared = {c.name: c for c in model.comparisons}
        self._frames: dict[tuple[str, ...], Table] = {}
        self._lines: dict[tuple[str, float], _Line] = {}

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
        compared = [self._compared[name] for name in question.values]
        columns = tuple(_column(c, question.values[c.name], candidates[c.name]) for c in compared)
        rows = len(columns[0].codes)
        standard = StandardTable(
            columns, np.zeros(rows, np.int32), ("",), locale=self._model.locale
        )
        return encode(standard, tuple(c.comparison for c in compared), alone=True)

    def table(self, encoded: Encoded) -> Table:
        """The model of these fields and values as the kernels read it, no pair ever dropped."""
        frame = self._frame(encoded.comparisons)
        word_at = np.full(len(encoded.comparisons), -1, np.int64)
        lines: list[_Line] = []
        words: list[float] = []
        spoken = encoded.vocabulary.to_pylist()
        for f, column in enumerate(encoded.columns):
            own = self._compared[column.field.name]
            listed, rare = own.term_frequency, own.rare
            lines += [
                self._line(own, listed.get(value, rare)) for value in column.values.to_pylist()
            ]
            if own.form == Form.NAME and spoken:
                word_at[f] = len(words)
                words += [own.word_frequency.get(word, own.rare_word) for word in spoken]
        return frame._replace(
            adjust=np.array(lines, np.float32).reshape(-1, 3),
            # As though every value were listed: each has a line of its own.
            listed=np.full(len(lines) // 64 + 1, ~np.uint64(0)),
            word=np.array(words, np.float32),
            word_at=word_at,
        )

    def _line(self, compared: ComparisonModel, bits: float) -> _Line:
        """What sharing a value of so many bits counts for; there are a few thousand of these."""
        line = self._lines.get((compared.name, bits))
        if line is None:
            own, u = np.array([bits], np.float32), compared.u[-1]
            shared = compared.r[-1], (compared.t or compared.m)[-1]
            against = [float(relative_adjustments(own, u, s)[0]) for s in shared]
            line = self._lines[compared.name, bits] = float(own[0]), against[0], against[1]
        return line

    def _frame(self, comparisons: tuple[Comparison, ...]) -> Table:
        """The model of some fields without the frequencies of values; made once.

        What says which pairs to drop is left empty: learning that takes longer than weighing.
        """
        from mpi.score._kernels_screen import Losses
        from mpi.score._kernels_weight import OPEN_COLUMN, SIMILAR_COLUMN, Table

        names = tuple(c.name for c in comparisons)
        if names not in self._frames:
            n = len(names)
            most = max(len(self._compared[name].m) for name in names) + 1
            weight = np.zeros((3, n, most), np.float32)
            for f, name in enumerate(names):
                own = self._compared[name]
                for k, bits in enumerate((own.weights("u"), own.weights("r"), own.weights("t"))):
                    weight[k, f, : len(bits)] = bits
            no_code, no_loss = np.zeros(0, np.int64), np.zeros(0, np.int32)
            rest = no_code, no_code, no_code, no_code, no_code
            self._frames[names] = Table(
                weight=weight,
                adjust=np.zeros((0, 3), np.float32),
                most=np.zeros(n, np.float32),
                radix=radices(comparisons),
                prior=self._model.prior_bits,
                relative=self._model.relative_bits,
                twin=self._model.twin_bits,
                least=-np.inf,
                order=np.zeros(n, np.int64),
                top=np.zeros(n, np.int8),
                row_loss=np.zeros((3, n), np.int32),
                loss=np.zeros((n, max(OPEN_COLUMN, SIMILAR_COLUMN) + 1), np.int32),
                listed=np.zeros(0, np.uint64),
                rare=np.zeros(n, np.int64),
                word=np.zeros(0, np.float32),
                word_at=np.zeros(0, np.int64),
                losses=Losses(0, no_loss, no_loss, no_code, *rest),
                highest=0,
                lowest=0,
            )
        return self._frames[names]


def _column(
    compared: ComparisonModel, asked: str | None, held: Sequence[bytes | None]
) -> StandardColumn:
    """A column of the question and behind it its candidates."""
    texts = [None if asked is None else asked.encode(), *held]
    different = sorted({text for text in texts if text is not None})
    place: dict[bytes | None, int] = {text: code for code, text in enumerate(different)}
    place[None] = -1
    codes = np.array([place[text] for text in texts], np.int32)
    counts = np.bincount(codes + 1, minlength=len(different) + 1)[1:]
    values = pa.array(different, pa.string())
    field = Field(compared.name, compared.kind, compared.name, "model")
    return StandardColumn(field, compared.form, codes, values, counts, {})
