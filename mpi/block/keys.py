"""Blocking keys: what of a value two records must share to be looked at.

A key is made per unique value from what the encoder already knows (units, words, numbers) and then
spread over the rows. It is a hash of what it says, and of nothing else: the same value has the same
key in every table, so that the records of one night meet those of all nights before. Each key says
which of a clerk's errors it survives, so that rules can be chosen by what they will find.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import jellyfish
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.encode.comparisons import Comparison
from mpi.encode.distinct import mix, mix_one
from mpi.encode.hashes import hash_one, text_hashes
from mpi.encode.rows import Encoded
from mpi.schema import Form, Kind
from mpi.scratch import Scratch

_FIRST, _LENGTH, _FOLD, _WORD, _WORDS, _NUMBER = 0, 1, 2, 5, 6, 7
_NONE = np.int64(-1)
_ROOM = 1 << 31
_FEW = 64
"""Words whose sounds are told one by one, and known when they come again."""

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class KeyType:
    """A way to make a key from the values of a field.

    name : as it stands in a rule, behind the field's name and a colon
    front, back : the key survives a slip in the first, in the second half of the value
    spelling : share of slips anywhere that it survives
    make : (encoded, field) -> int64[n_values], 0 or more, equal where the keys are, in whatever
        table; -1 without a key
    """

    name: str
    front: bool
    back: bool
    spelling: float
    make: Callable[[Encoded, int], Codes]


@dataclass(frozen=True)
class Key:
    """A key of every row.

    codes : int32[n_rows], `key_codes`, -1 where the row has none
    """

    field: str
    type: KeyType
    kind: Kind
    form: Form
    codes: npt.NDArray[np.int32]

    @property
    def name(self) -> str:
        """`field:key`, or the field alone for its whole value."""
        return self.field if self.type.name == "" else f"{self.field}:{self.type.name}"

    @property
    def different(self) -> int:
        """Different keys that rows have."""
        return int(pc.count_distinct(pa.array(self.codes)).as_py())


def _info(encoded: Encoded, f: int) -> Codes:
    return encoded.values.info[encoded.base[f] : encoded.base[f + 1]]


def _value(encoded: Encoded, f: int) -> Codes:
    return _texts(encoded.columns[f].values)


def _texts(texts: pa.Array) -> Codes:
    return (text_hashes(texts) >> np.uint64(1)).astype(np.int64)


def _folded(encoded: Encoded, f: int) -> Codes:
    info = _info(encoded, f)
    folded = (info[:, _FOLD].view(np.uint64) >> np.uint64(1)).astype(np.int64)
    return np.where(info[:, _LENGTH] > 0, folded, _NONE)


def _piece(encoded: Encoded, f: int, begin: Codes, length: Codes) -> Codes:
    """Hash of a piece of each value's text; -1 where the piece is empty."""
    info = _info(encoded, f)
    units = encoded.values.units
    if len(info) == 1:
        return _piece_of_one(units[int(info[0, _FIRST] + begin[0]) :][: int(length[0])])
    state = np.ones(len(info), np.uint64)
    for k in range(int(length.max(initial=0))):
        here = k < length
        unit = units[np.where(here, info[:, _FIRST] + begin + k, 0)]
        state = np.where(here, mix(state, unit), state)
    hashed = (state >> np.uint64(1)).astype(np.int64)
    return np.where(length > 0, hashed, _NONE)


def _piece_of_one(units: npt.NDArray[np.uint16]) -> Codes:
    """The same of a single value, as questions have it."""
    state = 1
    for unit in units.tolist():
        state = mix_one(state, unit)
    return np.array([state >> 1 if len(units) else _NONE], np.int64)


def _start(width: int) -> Callable[[Encoded, int], Codes]:
    def make(encoded: Encoded, f: int) -> Codes:
        length = np.minimum(_info(encoded, f)[:, _LENGTH], width)
        return _piece(encoded, f, np.zeros_like(length), length)

    return make


def _half(*, back: bool) -> Callable[[Encoded, int], Codes]:
    def make(encoded: Encoded, f: int) -> Codes:
        length = _info(encoded, f)[:, _LENGTH]
        # A half of less than three characters says next to nothing.
        half = np.where(length >= 6, length // 2, 0)
        return _piece(encoded, f, length - half if back else np.zeros_like(half), half)

    return make


def _word(encoded: Encoded, f: int, *, last: bool) -> Codes:
    info = _info(encoded, f)
    count = info[:, _WORDS]
    if not count.any():
        return np.full(len(info), _NONE)
    at = info[:, _WORD] + (np.maximum(count, 1) - 1 if last else 0)
    word = encoded.values.words[np.where(count > 0, at, 0)] >> 24
    return np.where(count > 0, _texts(encoded.vocabulary)[word], _NONE)


def _sound(encoded: Encoded, f: int) -> Codes:
    """Sound of the whole value: the metaphones of its words, in any order."""
    info = _info(encoded, f)
    begin, end = info[0, _WORD], info[-1, _WORD] + info[-1, _WORDS]
    spoken = _sounds(encoded.vocabulary, encoded.values.words[begin:end] >> 24)
    mixed = mix(np.full(len(spoken), 5, np.uint64), spoken)
    with np.errstate(over="ignore"):
        ends = np.append(np.uint64(0), np.cumsum(mixed))
        first = info[:, _WORD] - begin
        total = ends[first + info[:, _WORDS]] - ends[first]
    hashed = (total >> np.uint64(1)).astype(np.int64)
    return np.where(info[:, _WORDS] > 0, hashed, _NONE)


def _sounds(vocabulary: pa.Array, words: Codes) -> Codes:
    """The sound of each word, given by its number in the vocabulary."""
    if len(vocabulary) <= _FEW:
        return np.array([_sound_of(w) for w in vocabulary.to_pylist()], np.int64)[words]
    used = np.flatnonzero(np.bincount(words, minlength=len(vocabulary)))
    spoken = [_spoken(w) for w in vocabulary.take(pa.array(used)).to_pylist()]
    codes = np.full(len(vocabulary), -1, np.int64)
    codes[used] = _texts(pa.array(spoken, pa.string()))
    return codes[words]


def _spoken(word: str) -> str:
    return jellyfish.metaphone(word)[:4] or word


@lru_cache(maxsize=1 << 14)
def _sound_of(word: str) -> int:
    return hash_one(_spoken(word).encode()) >> 1


def _whole_date(encoded: Encoded, f: int) -> Codes:
    date = _info(encoded, f)[:, _NUMBER]
    return np.where((date % 100 > 0) & (date // 100 % 100 > 0), date, _NONE)


def _year(encoded: Encoded, f: int) -> Codes:
    year = _info(encoded, f)[:, _NUMBER] // 10000
    return np.where(year > 0, year, _NONE)


def _day(encoded: Encoded, f: int) -> Codes:
    whole = _whole_date(encoded, f)
    return np.where(whole >= 0, whole % 10000, _NONE)


_WHOLE = KeyType("", False, False, 0.0, _value)
_KEYS: dict[Form, tuple[KeyType, ...]] = {
    Form.NAME: (
        KeyType("", False, False, 0.15, _folded),
        KeyType("sound", False, False, 0.5, _sound),
        KeyType("start", False, True, 0.0, _start(4)),
        KeyType("initial", False, True, 0.4, _start(1)),
    ),
    Form.DATE: (
        KeyType("", False, False, 0.0, _whole_date),
        KeyType("year", False, True, 0.0, _year),
        KeyType("day", True, False, 0.0, _day),
    ),
    Form.IDENTIFIER: (
        _WHOLE,
        KeyType("front", False, True, 0.0, _half(back=False)),
        KeyType("back", True, False, 0.0, _half(back=True)),
    ),
    Form.TEXT: (
        KeyType("", False, False, 0.0, _folded),
        KeyType("start", False, True, 0.1, _start(5)),
    ),
    Form.CATEGORY: (_WHOLE,),
    Form.NUMBER: (_WHOLE,),
}
_WORD_KEYS = (
    KeyType("first", False, True, 0.1, lambda e, f: _word(e, f, last=False)),
    KeyType("last", True, False, 0.1, lambda e, f: _word(e, f, last=True)),
)


def key_types(encoded: Encoded, f: int) -> tuple[KeyType, ...]:
    """The keys that suit a field: names of several words also have a first and a last one."""
    form = encoded.comparisons[f].form
    words = _info(encoded, f)[:, _WORDS]
    several = form == Form.NAME and len(words) > 0 and float(words.mean()) > 1.5
    return _KEYS[form] + (_WORD_KEYS if several else ())


def every_key_type(comparison: Comparison) -> tuple[KeyType, ...]:
    """Every key that a field of this form can have."""
    return _KEYS[comparison.form] + (_WORD_KEYS if comparison.form == Form.NAME else ())


def key_codes(encoded: Encoded, f: int, key_type: KeyType) -> npt.NDArray[np.int32]:
    """int32[n_values], a key of each value of field `f`, 0 to 2**31 - 1, -1 where it has none.

    Keys that do not fit are hashed down: of ten million different ones two in a thousand share
    their code with another, which makes a few candidates more.
    """
    made = key_type.make(encoded, f)
    hashed = (mix(np.ones(len(made), np.uint64), made) >> np.uint64(33)).astype(np.int64)
    return np.where(made >= _ROOM, hashed, made).astype(np.int32)


def make_key(encoded: Encoded, f: int, key_type: KeyType, scratch: Scratch) -> Key:
    """Make one key of field `f` for every row."""
    comparison = encoded.comparisons[f]
    codes = encoded.codes_of(f)
    if encoded.base[f] < encoded.base[f + 1]:  # else nobody has a value
        codes = np.append(key_codes(encoded, f, key_type), np.int32(-1))[codes]
    return Key(comparison.name, key_type, comparison.kind, comparison.form, scratch.copy(codes))
