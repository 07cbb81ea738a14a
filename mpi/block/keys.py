"""Blocking keys: what of a value two records must share to be looked at.

A key is made per unique value and then spread over the records by their codes. Each key says
which of a clerk's errors it survives, so that rules can be chosen by what they will find.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jellyfish
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.schema import Form, Kind
from mpi.standardise.fold import fold
from mpi.standardise.table import StandardColumn


@dataclass(frozen=True)
class KeyType:
    """A way to make a key from a value.

    name : as it stands in a rule, behind the field's name and a colon
    front, back : the key survives a slip in the first, in the second half of the value
    spelling : share of slips anywhere that it survives
    make : string[n] -> string[n], null where a value has no such key
    """

    name: str
    front: bool
    back: bool
    spelling: float
    make: Callable[[pa.Array], pa.Array]


@dataclass(frozen=True)
class Key:
    """A key of every record.

    codes : int32[n_rows], -1 where the record has none
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


def _null_blank(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)


def _joined(values: pa.Array) -> pa.Array:
    return pc.replace_substring(fold(values), pattern=" ", replacement="")


def _start(values: pa.Array, length: int) -> pa.Array:
    return _null_blank(pc.utf8_slice_codeunits(values, 0, length))


def _first_word(values: pa.Array) -> pa.Array:
    return pc.list_element(pc.utf8_split_whitespace(fold(values), max_splits=1), 0)


def _last_word(values: pa.Array) -> pa.Array:
    split = pc.utf8_split_whitespace(fold(values), max_splits=1, reverse=True)
    lengths = pc.list_value_length(split)
    ends = np.cumsum(np.asarray(lengths, dtype=np.int64)) - 1
    return pc.list_flatten(split).take(pa.array(ends))


def _sound(values: pa.Array) -> pa.Array:
    """Sound of the whole value: words in any order, each by its metaphone."""
    words = pc.utf8_split_whitespace(fold(values))
    flat = pc.list_flatten(words).dictionary_encode()
    sounds = np.array(
        [jellyfish.metaphone(w)[:4] or w for w in flat.dictionary.to_pylist()], dtype=object
    )
    spoken = sounds[np.asarray(flat.indices)]
    ends = np.cumsum(np.asarray(pc.list_value_length(words), dtype=np.int64))
    out: list[str] = []
    begin = 0
    for end in ends.tolist():
        part = spoken[begin:end]
        out.append(part[0] if end - begin == 1 else " ".join(sorted(part)))
        begin = end
    return _null_blank(pa.array(out, pa.string()))


def _half(values: pa.Array, *, back: bool) -> pa.Array:
    """Half of an identifier; too short ones have none."""
    lengths = pc.utf8_length(values)
    pieces = np.asarray(pc.divide(lengths, 2))
    out = pa.nulls(len(values), pa.string())
    for cut in np.unique(pieces).tolist():
        if cut < 3:
            continue
        here = pa.array(pieces == cut)
        piece = (
            pc.utf8_slice_codeunits(values, -cut)
            if back
            else pc.utf8_slice_codeunits(values, 0, cut)
        )
        out = pc.if_else(here, piece, out)
    return out


def _date_part(values: pa.Array, begin: int, end: int) -> pa.Array:
    part = pc.utf8_slice_codeunits(values, begin, end)
    unknown = pc.match_substring_regex(part, pattern="^0+$|00$" if begin else "^0+$|-00")
    return pc.if_else(unknown, pa.scalar(None, pa.string()), part)


def _whole_date(values: pa.Array) -> pa.Array:
    unknown = pc.match_substring(values, pattern="-00")
    return pc.if_else(unknown, pa.scalar(None, pa.string()), values)


def _same(values: pa.Array) -> pa.Array:
    return values


_WHOLE = KeyType("", False, False, 0.0, _same)
_KEYS: dict[Form, tuple[KeyType, ...]] = {
    Form.NAME: (
        KeyType("", False, False, 0.15, _joined),
        KeyType("sound", False, False, 0.5, _sound),
        KeyType("start", False, True, 0.0, lambda v: _start(_joined(v), 4)),
        KeyType("initial", False, True, 0.4, lambda v: _start(_joined(v), 1)),
    ),
    Form.DATE: (
        KeyType("", False, False, 0.0, _whole_date),
        KeyType("year", False, True, 0.0, lambda v: _date_part(v, 0, 4)),
        KeyType("day", True, False, 0.0, lambda v: _date_part(v, 5, 10)),
    ),
    Form.IDENTIFIER: (
        _WHOLE,
        KeyType("front", False, True, 0.0, lambda v: _half(v, back=False)),
        KeyType("back", True, False, 0.0, lambda v: _half(v, back=True)),
    ),
    Form.TEXT: (
        KeyType("", False, False, 0.0, _joined),
        KeyType("start", False, True, 0.1, lambda v: _start(_joined(v), 5)),
    ),
    Form.CATEGORY: (_WHOLE,),
    Form.NUMBER: (_WHOLE,),
}
_WORDS = (
    KeyType("first", False, True, 0.1, _first_word),
    KeyType("last", True, False, 0.1, _last_word),
)


def key_types(column: StandardColumn) -> tuple[KeyType, ...]:
    """The keys that suit a column: names of several words also have a first and a last one."""
    types = _KEYS[column.form]
    if column.form == Form.NAME and len(column.values):
        blanks = pc.count_substring(column.values, pattern=" ")
        if float(pc.mean(blanks).as_py() or 0.0) > 0.5:
            types += _WORDS
    return types


def make_key(column: StandardColumn, key_type: KeyType, codes: npt.NDArray[np.int32]) -> Key:
    """Make one key for the given rows.

    codes : int32[n_rows], codes of `column`
    """
    made = key_type.make(column.values)
    by_value = made.dictionary_encode()
    numbers = np.asarray(pc.fill_null(by_value.indices, -1), dtype=np.int32)
    spread = np.where(codes >= 0, numbers[codes], np.int32(-1)) if len(numbers) else codes
    return Key(column.field.name, key_type, column.field.kind, column.form, spread.astype(np.int32))
