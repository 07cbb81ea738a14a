"""Answers to a question: candidates weighed beside it, and what each field says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.compare.patterns import unpack
from mpi.encode.levels import label
from mpi.encode.rows import Encoded
from mpi.linkage.explain import rarity_bits
from mpi.score.explain import ExplainedField, Key
from mpi.score.model import Model
from mpi.serve.question import Question, encode_beside, model_of
from mpi.standardise.table import StandardColumn

if TYPE_CHECKING:
    from mpi.score._kernels_weight import Table

Rows = npt.NDArray[np.int64]

MOST = 300
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
class Weighed:
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

    @property
    def order(self) -> list[int]:
        """The candidates by their place here, the most alike first."""
        places: list[int] = np.lexsort((self.rows, -self.weight)).tolist()
        return places

    def evidence(
        self, question: Question, k: int, raw: Mapping[str, str | None]
    ) -> tuple[ExplainedField, ...]:
        """What each field that was asked for says of the candidate at place `k`.

        raw : field -> value of the candidate, as it came
        """
        fields = []
        for f, comparison in enumerate(self.encoded.comparisons):
            if comparison.name not in question.columns:
                continue
            g, h = int(self.asked[f]), int(self.codes[k, f])
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


def told_hits(
    question: Question,
    weighed: Weighed,
    keys: pa.Table,
    model: Model,
    owner: Callable[[Key], str],
    raw: Callable[[Key, Sequence[str]], Mapping[str, str | None]],
    limit: int,
) -> list[Hit]:
    """The persons of the candidates, the most likely first, each by the record most alike.

    Parameters
    ----------
    keys : of the candidates, in the order that breaks ties
    owner, raw : give the person of a record, and fields of it as they came
    limit : persons at most
    """
    hits: dict[str, Hit] = {}
    sources, ids = keys["source"], keys["record_id"]
    for k in weighed.order:
        key = sources[k].as_py(), ids[k].as_py()
        person = owner(key)
        if person not in hits:
            evidence = weighed.evidence(question, k, raw(key, list(question.columns)))
            chance = float(model.chance(weighed.weight[k : k + 1])[0])
            hits[person] = Hit(person, chance, float(weighed.weight[k]), key, evidence)
        if len(hits) == limit:
            break
    return list(hits.values())


def choose(found: Sequence[Rows]) -> Rows:
    """int64[n], rows worth weighing, ascending, of those that share each key with a question.

    The fewer records share a key, the more it tells: the rarest ones come first. Where even the
    rarest is shared by very many, those who share several are taken.
    """
    found = sorted((rows for rows in found if len(rows)), key=len)
    if not found:
        return np.zeros(0, np.int64)
    taken = found[0]
    for rows in found[1:]:
        if len(taken) > MOST:
            both = np.intersect1d(taken, rows)
            taken = both if len(both) else taken
        elif len(taken) + len(rows) <= MOST:
            taken = np.union1d(taken, rows)
    return np.sort(taken[:MOST]).astype(np.int64)


def weigh_beside(
    question: Question,
    columns: Mapping[str, StandardColumn],
    records: Rows,
    rows: Rows,
    model: Model,
) -> Weighed:
    """Weigh records that are encoded together with the question.

    records : rows of the columns; rows : what they are called in the answer
    """
    from mpi.score.learn import make_table

    encoded = encode_beside(question, columns, records, model)
    table = make_table(model_of(model, encoded), encoded)._replace(least=-np.inf)
    right = encoded.row_of[1:]
    left = np.full(len(right), encoded.row_of[0])
    weight, levels = score(encoded, table, encoded.values.rows, left, right)
    asked = encoded.codes[int(encoded.row_of[0])].astype(np.int64)
    return Weighed(rows, weight, levels, encoded, table, asked, encoded.codes[right])


def score(
    encoded: Encoded, table: Table, rows: npt.NDArray[np.int32], left: Rows, right: Rows
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int8]]:
    """Weight and levels of pairs of rows."""
    from mpi.score._kernels import score_pairs

    weight, pattern = np.empty(len(left), np.float32), np.empty(len(left), np.uint64)
    score_pairs(encoded.values._replace(rows=rows), table, left, right, weight, pattern)
    return weight, unpack(pattern, table.radix)
