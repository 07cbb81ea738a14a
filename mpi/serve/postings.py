"""Records by key: who shares a blocking key with somebody who is asked for.

What linking keeps of the records can be looked up by the keys of the blocking rules. Further keys,
of one field each, are made when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from mpi.block.blocks import rule_keys
from mpi.block.keys import Key, KeyType, every_key_type, key_codes, make_key
from mpi.block.rules import Rule
from mpi.encode.rows import Encoded
from mpi.encode.texts import take_apart
from mpi.linkage.state import GONE, Hashes, State, find_in, make_posting
from mpi.schema import Form
from mpi.score.model import ComparisonModel, Model
from mpi.standardise.locales import locale_of
from mpi.standardise.table import StandardColumn

Rows = npt.NDArray[np.int64]


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


def asked_keys(alone: Encoded, model: Model, told: Collection[str]) -> dict[tuple[str, ...], int]:
    """Keys of a question that is encoded alone -> its hash under them, where it has one.

    told : fields that hold a value
    """
    made: dict[str, Key] = {}
    hashes = {}
    for names in wanted_keys(model):
        if not all(field_of(name) in told for name in names):
            continue
        for name in names:
            made[name] = made.get(name) or _key(alone, name)
        hashed = int(rule_keys(Rule(names), made)[0])
        if hashed:
            hashes[names] = hashed
    return hashes


def _key(encoded: Encoded, name: str) -> Key:
    f, key_type = _type(encoded, name)
    return make_key(encoded, f, key_type)


def _type(encoded: Encoded, name: str) -> tuple[int, KeyType]:
    """The field of a key and how it is made."""
    for f, comparison in enumerate(encoded.comparisons):
        if comparison.name == field_of(name):
            for key_type in every_key_type(comparison):
                if f"{comparison.name}:{key_type.name}".rstrip(":") == name:
                    return f, key_type
    raise KeyError(name)


def code_of(alone: Encoded, name: str) -> int:
    """The code of a question, encoded alone, under a key."""
    return int(_key(alone, name).codes[0])


def value_codes(
    column: StandardColumn, compared: ComparisonModel, model: Model, names: Collection[str]
) -> dict[str, npt.NDArray[np.int32]]:
    """Key -> its code for each value of a column, -1 where it has none."""
    alone = _values_alone(column, compared, model)
    return {name: key_codes(alone, *_type(alone, name)) for name in names}


def _values_alone(column: StandardColumn, compared: ComparisonModel, model: Model) -> Encoded:
    """The values of a field taken apart, and no records: all that its keys are made of."""
    from mpi.encode._kernels_values import Values

    info, units, words, vocabulary = take_apart((column,), locale_of(model.locale))
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

    def find(self, names: tuple[str, ...], hashed: int) -> Rows:
        """The slots of the records with these keys, ascending.

        hashed : as `asked_keys` gives it
        """
        wanted = np.array([hashed], np.uint64)
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
        alone = _values_alone(column, self._model.comparisons[f], self._model)
        key_type = _type(alone, name)[1]
        codes = np.append(key_codes(alone, 0, key_type), np.int32(-1))[column.codes]
        key = Key(column.field.name, key_type, column.field.kind, column.form, codes)
        return make_posting(rule_keys(Rule((name,)), {name: key}))
