"""Records by key: who shares a blocking key with somebody who is asked for.

What linking keeps of the records can be looked up by the keys of the blocking rules. Further keys,
of one field each, are made when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from mpi.block.blocks import rule_keys
from mpi.block.keys import Key, KeyType, every_key_type, key_codes
from mpi.block.rules import Rule
from mpi.encode.rows import Encoded
from mpi.encode.texts import take_apart
from mpi.linkage.state import GONE, Hashes, State, find_in, make_posting
from mpi.schema import Form
from mpi.score.model import ComparisonModel, Model
from mpi.serve.question import Question
from mpi.standardise.locales import locale_of
from mpi.standardise.table import StandardColumn

Rows = npt.NDArray[np.int64]

_WHOLE = (Form.IDENTIFIER, Form.CATEGORY, Form.NUMBER)
"""Forms whose whole value is a key as it stands."""


def wanted_keys(model: Model) -> list[tuple[str, ...]]:
    """What a question is looked up by: the model's rules, each field alone, the sound of names."""
    wanted = [tuple(keys) for keys in model.rules]
    wanted += [(c.name,) for c in model.comparisons if c.form != Form.CATEGORY]
    wanted += [(f"{c.name}:sound",) for c in model.comparisons if c.form == Form.NAME]
    return list(dict.fromkeys(wanted))


def field_of(name: str) -> str:
    """The field that a key is made of.

    Examples
    --------
    >>> field_of("full_name:sound"), field_of("phone")
    ('full_name', 'phone')
    """
    return name.partition(":")[0]


def asked_codes(question: Question, model: Model) -> dict[tuple[str, ...], dict[str, int]]:
    """Keys that a question has -> its code under each of them, by name."""
    told = {name: column for name, column in question.columns.items() if column.codes[0] >= 0}
    wanted = [k for k in wanted_keys(model) if all(field_of(name) in told for name in k)]
    codes: dict[str, int] = {}
    for compared in model.comparisons:
        names = {n for keys in wanted for n in keys if field_of(n) == compared.name}
        if names:
            column = told[compared.name]
            here = int(column.codes[0])
            made = value_codes(column, compared, model, names)
            codes |= {name: int(own[here]) for name, own in made.items()}
    kept = [keys for keys in wanted if all(codes[name] >= 0 for name in keys)]
    return {keys: {name: codes[name] for name in keys} for keys in kept}


def hash_of(codes: Mapping[str, int], compared: Mapping[str, ComparisonModel]) -> int:
    """The hash of several keys together, as linking keeps it."""
    made = {}
    for name, code in codes.items():
        own = compared[field_of(name)]
        one = np.array([code], np.int32)
        made[name] = Key(own.name, _type(own, name), own.kind, own.form, one)
    return int(rule_keys(Rule(tuple(codes)), made)[0])


def _type(compared: ComparisonModel, name: str) -> KeyType:
    """How a key is made."""
    types = {
        f"{compared.name}:{t.name}".rstrip(":"): t for t in every_key_type(compared.comparison)
    }
    return types[name]


def value_codes(
    column: StandardColumn, compared: ComparisonModel, model: Model, names: Collection[str]
) -> dict[str, npt.NDArray[np.int32]]:
    """Key -> its code for each value of a column, -1 where it has none."""
    whole = set(names) == {compared.name} and compared.form in _WHOLE
    alone = _values_alone(column, compared, model, whole=whole)
    return {name: key_codes(alone, 0, _type(compared, name)) for name in names}


def _values_alone(
    column: StandardColumn, compared: ComparisonModel, model: Model, *, whole: bool
) -> Encoded:
    """The values of a field taken apart, and no records: all that its keys are made of.

    whole : whole values are the only key, which need not be taken apart
    """
    from mpi.encode._kernels_values import Values

    some = () if whole else (column,)
    info, units, words, vocabulary = take_apart(some, locale_of(model.locale))
    none, ends = np.zeros(0, np.int64), np.array([0, len(column.values)], np.int64)
    rows, one = np.zeros((0, 16), np.int32), np.zeros(1, np.int8)
    values = Values(rows, one, one.astype(np.int16), one - np.int8(1), info, units, words)
    return Encoded(
        (compared.comparison,),
        (column,),
        values,
        none,
        none,
        none,
        none.astype(np.int32),
        ends,
        column.counts,
        vocabulary,
    )


class Postings:
    """The records of a state by the keys of questions."""

    def __init__(self, state: State, model: Model) -> None:
        self._state, self._model = state, model
        self._rules = {tuple(keys): number for number, keys in enumerate(model.rules)}
        self._made: dict[str, tuple[Hashes, ...]] = {}
        self._compared = {c.name: c for c in model.comparisons}

    def find(self, names: tuple[str, ...], codes: Mapping[str, int]) -> Rows:
        """The slots of the records with these keys, ascending.

        codes : of each of these keys
        """
        wanted = np.array([hash_of(codes, self._compared)], np.uint64)
        if names in self._rules:
            return self._state.find(self._rules[names], wanted)
        (name,) = names
        if name not in self._made:
            self._made[name] = tuple(
                self._posting(name, s) for s in range(len(self._state.segments))
            )
        found = [
            find_in(posting, wanted) + first
            for posting, first in zip(self._made[name], self._state.first, strict=False)
        ]
        slots = np.concatenate(found)
        return np.asarray(slots[self._state.label[slots] != GONE], np.int64)

    def _posting(self, name: str, segment: int) -> Hashes:
        """Where the records of each key of one field are."""
        columns = self._state.segments[segment].standard.columns
        f = next(i for i, c in enumerate(self._model.comparisons) if c.name == field_of(name))
        column = columns[f]
        if len(column.values) == 0:
            return np.zeros(0, np.uint64)
        compared = self._model.comparisons[f]
        made = value_codes(column, compared, self._model, [name])[name]
        codes = np.append(made, np.int32(-1))[column.codes]
        key = Key(compared.name, _type(compared, name), compared.kind, compared.form, codes)
        return make_posting(rule_keys(Rule((name,)), {name: key}))
