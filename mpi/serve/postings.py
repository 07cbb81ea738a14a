"""Records by key: who shares a blocking key with somebody who is asked for.

What linking keeps of the records can be looked up by the keys of the blocking rules. Further keys,
of one field each, are made when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.block.blocks import rule_key, rule_keys
from mpi.block.keys import Key, every_key_type, key_codes
from mpi.block.rules import Rule
from mpi.encode.rows import Encoded
from mpi.encode.texts import Taken, take_apart
from mpi.linkage.state import GONE, Hashes, Segment, State, ends_of, find_one, make_posting
from mpi.records.table import Field
from mpi.schema import Form
from mpi.score.model import ComparisonModel, Model
from mpi.serve.question import Question
from mpi.standardise.locales import locale_of
from mpi.standardise.table import StandardColumn

Rows = npt.NDArray[np.int64]

_WHOLE = (Form.IDENTIFIER, Form.CATEGORY, Form.NUMBER)
"""Forms whose whole value is a key as it stands."""

_NONE = np.zeros(0, np.int64)
_NO_ROW = np.zeros((0, 16), np.int32)
_NOTHING = Taken(_NONE.reshape(0, 8), _NONE.astype(np.uint16), _NONE, pa.array([], pa.string()))


def field_of(name: str) -> str:
    """The field that a key is made of.

    Examples
    --------
    >>> field_of("full_name:sound"), field_of("phone")
    ('full_name', 'phone')
    """
    return name.partition(":")[0]


_Plan = tuple[list[tuple[str, ...]], dict[str, list[str]]]
"""Keys together that can be made of some fields, and by field the keys that these are."""


class Keys:
    """What questions are looked up by: a model's rules, each field alone, the sound of names."""

    def __init__(self, model: Model) -> None:
        self._model = model
        wanted = [tuple(keys) for keys in model.rules]
        wanted += [(c.name,) for c in model.comparisons if c.form != Form.CATEGORY]
        wanted += [(f"{c.name}:sound",) for c in model.comparisons if c.form == Form.NAME]
        self._wanted = list(dict.fromkeys(wanted))
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._types = {
            f"{c.name}:{t.name}".rstrip(":"): (c, t)
            for c in model.comparisons
            for t in every_key_type(c.comparison)
        }

    def asked(self, question: Question) -> list[dict[str, int]]:
        """What a question is looked up by: codes by name, of each key or of keys together."""
        told = question.told
        wanted, of_field = self._plan(tuple(told))
        codes: dict[str, int] = {}
        for field, names in of_field.items():
            made = self.codes(pa.array([told[field]], pa.string()), names)
            codes |= {name: int(one[0]) for name, one in made.items()}
        return [
            {name: codes[name] for name in names}
            for names in wanted
            if all(codes[name] >= 0 for name in names)
        ]

    def _plan(self, told: tuple[str, ...]) -> _Plan:
        """The keys that these fields have; made once for each combination of fields."""
        if told not in self._plans:
            wanted = [names for names in self._wanted if {field_of(n) for n in names} <= {*told}]
            every = dict.fromkeys(name for names in wanted for name in names)
            of_field = {field: [n for n in every if field_of(n) == field] for field in told}
            self._plans[told] = wanted, of_field
        return self._plans[told]

    def codes(self, values: pa.Array, names: Collection[str]) -> dict[str, npt.NDArray[np.int32]]:
        """Key -> its code for each value of a field, -1 where it has none.

        values : string[n], in standard form
        names : keys of the field
        """
        if not names:
            return {}
        compared = self._types[next(iter(names))][0]
        whole = set(names) == {compared.name} and compared.form in _WHOLE
        alone = _values_alone(values, compared, self._model, whole=whole)
        return {name: key_codes(alone, 0, self._types[name][1]) for name in names}

    def hashes(self, name: str, codes: npt.NDArray[np.int32]) -> Hashes:
        """uint64[n_rows], a key alone, as linking keeps it; 0 where a row has none."""
        compared, key_type = self._types[name]
        key = Key(compared.name, key_type, compared.kind, compared.form, codes)
        return rule_keys(Rule((name,)), {name: key})


def _values_alone(
    texts: pa.Array, compared: ComparisonModel, model: Model, *, whole: bool
) -> Encoded:
    """The values of a field taken apart, and no records: all that its keys are made of.

    whole : whole values are the only key, which need not be taken apart
    """
    from mpi.encode._kernels_values import Values

    info, units, words, vocabulary = _NOTHING
    field = Field(compared.name, compared.kind, compared.name, "model")
    codes, counts = _NONE.astype(np.int32), np.ones(len(texts), np.int64)
    column = StandardColumn(field, compared.form, codes, texts, counts, {})
    if not whole:
        info, units, words, vocabulary = take_apart((column,), locale_of(model.locale))
    form, mark, partner = np.zeros(1, np.int8), np.zeros(1, np.int16), np.full(1, -1, np.int8)
    return Encoded(
        comparisons=(compared.comparison,),
        columns=(column,),
        values=Values(_NO_ROW, form, mark, partner, info, units, words),
        row_of=_NONE,
        first=_NONE,
        copies=_NONE,
        source=codes,
        base=np.array([0, len(texts)], np.int64),
        counts=counts,
        vocabulary=vocabulary,
    )


class Postings:
    """The records of a state by the keys of questions."""

    def __init__(self, state: State, model: Model, keys: Keys) -> None:
        self._state, self._keys = state, keys
        self._rules = {tuple(names): number for number, names in enumerate(model.rules)}
        self._place_of = {c.name: f for f, c in enumerate(model.comparisons)}
        self._made: dict[str, tuple[Hashes, ...]] = {}

    def find(self, codes: Mapping[str, int]) -> Rows:
        """The slots of the records with these keys, ascending.

        codes : of a question, by the name of the key
        """
        wanted = ends_of(rule_key(codes.values()))
        found = [
            find_one(posting, wanted) + first
            for posting, first in zip(self._of(tuple(codes)), self._state.first, strict=False)
        ]
        slots = np.concatenate(found)
        return np.asarray(slots[self._state.label[slots] != GONE], np.int64)

    def _of(self, names: tuple[str, ...]) -> tuple[Hashes, ...]:
        """Where the records of each key are, in each segment."""
        segments = self._state.segments
        if names in self._rules:
            return tuple(segment.postings[self._rules[names]] for segment in segments)
        (name,) = names
        if name not in self._made:
            self._made[name] = tuple(self._posting(name, segment) for segment in segments)
        return self._made[name]

    def _posting(self, name: str, segment: Segment) -> Hashes:
        column = segment.standard.columns[self._place_of[field_of(name)]]
        if len(column.values) == 0:
            return np.zeros(0, np.uint64)
        of_values = self._keys.codes(column.values, [name])[name]
        codes = np.append(of_values, np.int32(-1))[column.codes]
        return make_posting(self._keys.hashes(name, codes))
