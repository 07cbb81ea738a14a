"""Answers to a question: which records are weighed, and the persons of the most alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from mpi.score.explain import ExplainedField, Key
from mpi.score.model import Model
from mpi.serve.beside import Weighed
from mpi.serve.question import Question

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


def told_hits(
    question: Question,
    weighed: Weighed,
    keys: Callable[[int], tuple[bytes, ...]],
    model: Model,
    owner: Callable[[Key], str],
    raw: Callable[[Key, Sequence[str]], Mapping[str, str | None]],
) -> list[Hit]:
    """The persons of the candidates, the most likely first, each by the record most alike.

    Parameters
    ----------
    keys : gives the key of a candidate by its place, its two parts as UTF-8
    owner, raw : give the person of a record, and fields of it as they came
    """
    hits: dict[str, Hit] = {}
    names = list(question.values)
    chances = model.chance(weighed.weight).tolist()
    weights = weighed.weight.tolist()
    for k, (source, record_id) in _by_weight(weights, keys):
        key = source.decode(), record_id.decode()
        person = owner(key)
        if person not in hits:
            evidence = weighed.evidence(question, k, raw(key, names))
            hits[person] = Hit(person, chances[k], weights[k], key, evidence)
        if len(hits) == question.limit:
            break
    return list(hits.values())


def _by_weight(
    weights: Sequence[float], keys: Callable[[int], tuple[bytes, ...]]
) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    """The candidates with their keys, the most alike first, of equal ones by key.

    Keys are looked up as far as they are asked for: a few of hundreds.
    """
    order = sorted(range(len(weights)), key=lambda k: -weights[k])
    for _, equal in groupby(order, key=weights.__getitem__):
        for key, k in sorted((keys(k), k) for k in equal):
            yield k, key


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
