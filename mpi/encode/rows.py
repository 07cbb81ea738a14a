"""From a standard table to the rows and dictionaries that the kernels read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.encode.comparisons import Comparison
from mpi.schema import Form
from mpi.standardise.fold import fold, folding_table
from mpi.standardise.locales import locale_of
from mpi.standardise.rules import Locale
from mpi.standardise.table import StandardColumn, StandardTable

if TYPE_CHECKING:
    from mpi.encode._kernels_values import Values

_FORM_CODE = {
    Form.NAME: 0,
    Form.DATE: 1,
    Form.IDENTIFIER: 2,
    Form.TEXT: 3,
    Form.NUMBER: 4,
    Form.CATEGORY: 5,
}
_MARKS = {0: 6, 1: 1, 2: 3, 3: 4, 4: 1, 5: 0, 6: 6}
"""int32 of marks by form; see `_kernels_marks`."""
_LONG, _LONG_FROM = 6, 3.5
"""Texts of more words than that on average are long ones."""
_REACH = 72
"""Units behind the last value: kernels read 66 from where one begins."""
_MOST_WORDS = 16
_COUNTED = 3
_EMPTY = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Encoded:
    """Distinct records as rows of value numbers.

    Records that agree in every compared field (and, across sources, in the source) are one row:
    they score alike against everybody else, and a million copies cost no more than one.

    values : what the kernels read; one row a distinct record
    row_of : int64[n_records], the row of each record
    first : int64[n_rows], the first record of each row
    copies : int64[n_rows], records of each row
    source : int32[n_rows]
    base : int64[n_fields + 1], where each field's values begin
    counts : int64[g], records that hold each value
    vocabulary : string[n_words], the folded words by number
    """

    comparisons: tuple[Comparison, ...]
    columns: tuple[StandardColumn, ...]
    values: Values
    row_of: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    copies: npt.NDArray[np.int64]
    source: npt.NDArray[np.int32]
    base: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    vocabulary: pa.Array

    @property
    def n_rows(self) -> int:
        """Distinct records."""
        return len(self.first)

    @cached_property
    def counted(self) -> npt.NDArray[np.int64]:
        """int64[n_rows], copies of each row that count when frequencies are learnt: 3 at most.

        A registry that sends a page a thousand times has not made its values more common.
        """
        return np.minimum(self.copies, _COUNTED)

    @cached_property
    def codes(self) -> npt.NDArray[np.int32]:
        """int32[n_rows, n_fields], as in the standard columns: -1 missing."""
        rows = self.values.rows[:, : len(self.comparisons)]
        return np.where(rows >= 0, rows - self.base[:-1].astype(np.int32), -1).astype(np.int32)


def encode(
    standard: StandardTable, comparisons: tuple[Comparison, ...], *, across: bool = False
) -> Encoded:
    """Encode the compared fields of a standard table.

    Parameters
    ----------
    across : keep equal records of two sources apart, for `mpi link`
    """
    from mpi.encode._kernels_values import Values

    by_name = {c.field.name: c for c in standard.columns}
    columns = tuple(by_name[c.name] for c in comparisons)
    sizes = [len(c.values) for c in columns]
    base = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    n = len(standard)
    rows = np.empty((n, len(columns)), np.int32)
    for f, column in enumerate(columns):
        rows[:, f] = np.where(column.codes >= 0, column.codes + base[f], -1)
    row_of, first, copies = _distinct(rows, standard.source if across else None)
    order = {c.name: i for i, c in enumerate(comparisons)}
    locale = locale_of(standard.locale)
    info, units, words, vocabulary = _texts(columns, locale)
    info[:, 7] |= np.concatenate([_EMPTY, *(_numbers(c, locale) for c in columns)])
    form = np.array([_FORM_CODE[c.form] for c in comparisons], np.int8)
    for f, column in enumerate(columns):
        own = info[base[f] : base[f + 1], 6]
        if column.form == Form.TEXT and len(own) and float(own.mean()) > _LONG_FROM:
            form[f] = _LONG
    marked, mark = _marked(rows[first], form, base, info, units, words, len(vocabulary))
    values = Values(
        rows=marked,
        form=form,
        mark=mark,
        partner=np.array([order.get(c.partner or "", -1) for c in comparisons], np.int8),
        info=info,
        units=units,
        words=words,
    )
    return Encoded(
        comparisons,
        columns,
        values,
        row_of,
        first,
        copies,
        standard.source[first],
        base,
        np.concatenate([_EMPTY, *(c.counts for c in columns)]),
        vocabulary,
    )


def _marked(
    rows: npt.NDArray[np.int32],
    form: npt.NDArray[np.int8],
    base: npt.NDArray[np.int64],
    info: npt.NDArray[np.int64],
    units: npt.NDArray[np.uint16],
    words: npt.NDArray[np.int64],
    n_words: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int8]]:
    """The rows with the marks of their values behind, and where each field's marks begin."""
    from mpi.encode._kernels_marks import fill_marks, mark_values

    counts = [_MARKS[int(code)] for code in form]
    n_fields = len(form)
    mark = n_fields + np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.int8)
    # Marks are read whatever the form: a category without any must not point behind the row.
    mark[np.array(counts) == 0] = 0
    out = aligned_rows(list(rows.T), len(rows), 16, sum(counts))
    for f, count in enumerate(counts):
        if count:
            own = info[base[f] : base[f + 1]]
            codes = _word_codes(own, words, n_words) if count >= 4 else _EMPTY
            marks = np.zeros((len(own), count), np.uint32)
            mark_values(int(form[f]), own, units, words, codes, marks)
            fill_marks(out, f, int(mark[f]), int(base[f]), marks)
    return out, mark


def _word_codes(
    info: npt.NDArray[np.int64], words: npt.NDArray[np.int64], n_words: int
) -> npt.NDArray[np.int64]:
    """int64[n_words], a code of 16 bits for each word of a field, the most frequent ones first;
    all that come too late share one."""
    from mpi.encode._kernels_marks import RARE

    begin = int(info[0, 5]) if len(info) else 0
    end = int(info[-1, 5] + info[-1, 6]) if len(info) else 0
    held = np.bincount(words[begin:end] >> 24, minlength=n_words)
    codes = np.empty(n_words, np.int64)
    codes[np.argsort(-held, kind="stable")] = np.arange(1, n_words + 1)
    return np.minimum(codes, RARE)


def aligned_rows(
    columns: Sequence[npt.NDArray[np.int32]], n_rows: int, step: int, room: int = 0
) -> npt.NDArray[np.int32]:
    """Columns side by side as rows of whole steps, the base a multiple of 64 bytes, the rest -1.

    A row that straddles two cache lines costs twice, and NumPy alone aligns to 16 bytes.

    Parameters
    ----------
    columns : int32[n_rows] each
    step : 8 or 16, the columns of a row are a multiple of it
    room : further columns, at the least
    """
    width = -(-(len(columns) + room) // step) * step
    size = n_rows * width
    buffer = np.full(size + 16, -1, np.int32)
    shift = (-buffer.ctypes.data // 4) % 16
    out = buffer[shift : shift + size].reshape(n_rows, width)
    for k, column in enumerate(columns):
        out[:, k] = column
    return out


def mix(
    state: npt.NDArray[np.uint64], codes: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.uint64]:
    """One step of a 64-bit hash over columns of codes (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        x = state * np.uint64(0x9E3779B97F4A7C15) + codes.astype(np.int64).view(np.uint64)
        x ^= x >> np.uint64(30)
        x *= np.uint64(0xBF58476D1CE4E5B9)
        x ^= x >> np.uint64(27)
        x *= np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def _distinct(
    rows: npt.NDArray[np.int32], source: npt.NDArray[np.int32] | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Number equal rows alike, in the order of their first record."""
    n = len(rows)
    state = np.ones(n, np.uint64)
    for f in range(rows.shape[1]):
        state = mix(state, rows[:, f])
    if source is not None:
        state = mix(state, source)
    _, first, inverse = np.unique(state, return_index=True, return_inverse=True)
    # A hash that two different rows share would join them: those rows stay alone.
    wrong = (rows != rows[first[inverse]]).any(axis=1)
    if wrong.any():
        extra = np.flatnonzero(wrong)
        inverse[extra] = len(first) + np.arange(len(extra))
        first = np.concatenate([first, extra])
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    row_of = rank[inverse]
    return row_of, first[order].astype(np.int64), np.bincount(row_of, minlength=len(order))


def _numbers(column: StandardColumn, locale: Locale) -> npt.NDArray[np.int64]:
    """Dates as yyyymmdd, numbers rounded, kinds of identifiers; 0 for every other form."""
    kinds = locale.number_kinds.get(column.field.kind)
    if column.form == Form.IDENTIFIER and kinds is not None:
        return kinds(column.values).astype(np.int64)
    if column.form == Form.DATE:
        digits = pc.replace_substring(column.values, pattern="-", replacement="")
        return np.asarray(pc.cast(digits, pa.int64()), dtype=np.int64)
    if column.form == Form.NUMBER:
        whole = pc.cast(column.values, pa.float64())
        rounded: npt.NDArray[np.float64] = np.rint(np.asarray(whole, dtype=np.float64))
        return np.clip(rounded, -(2.0**52), 2.0**52).astype(np.int64)
    return np.zeros(len(column.values), np.int64)


def _texts(
    columns: tuple[StandardColumn, ...], locale: Locale
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint16], npt.NDArray[np.int64], pa.Array]:
    """`info` (NUMBERED of names alone), `units`, `words` and vocabulary of all fields' values."""
    from mpi.encode._kernels import encode_text
    from mpi.encode._kernels_values import USUAL

    folding = folding_table()
    infos: list[npt.NDArray[np.int64]] = []
    units: list[npt.NDArray[np.uint16]] = []
    hashes, shapes, spelled = [_EMPTY], [_EMPTY], [pa.array([], pa.string())]
    n_units = n_words = 0
    for column in columns:
        info = np.zeros((len(column.values), 8), np.int64)
        infos.append(info)
        info[:, 3] = -1
        if column.form not in (Form.NAME, Form.TEXT, Form.IDENTIFIER) or len(info) == 0:
            continue
        raw, offsets = _bytes(column.values)
        # An identifier is one word; nothing asks for it.
        worded = column.form != Form.IDENTIFIER
        room = (len(raw) + len(info)) // 2 + 1 if worded else 0
        made = np.empty(len(raw), np.uint16)
        word_hash, exact, place, shape = (np.empty(room, np.int64) for _ in range(4))
        used, count = encode_text(
            raw, offsets, folding, 2 if worded else 4, info, made, word_hash, exact, place, shape
        )
        if column.form == Form.NAME:
            _number_names(info, raw, exact[:count], place[:count], locale)
        info[:, 0] += n_units
        info[:, 5] += n_words
        info[:, 6] = np.minimum(info[:, 6], _MOST_WORDS)
        n_units += used
        n_words += count
        units.append(made[:used].copy())
        hashes.append(word_hash[:count].copy())
        shapes.append(shape[:count].copy())
        spelled.append(_first_spellings(raw, word_hash[:count], place[:count]))
    number, vocabulary = _number_words(hashes, spelled)
    usual = np.where(locale.usual(vocabulary.to_pylist()), USUAL, 0)
    words = number << 24 | np.concatenate(shapes) | usual[number]
    return (
        np.concatenate([np.zeros((0, 8), np.int64), *infos]),
        np.concatenate([*units, np.zeros(_REACH, np.uint16)]),
        np.append(words, np.zeros(_MOST_WORDS, np.int64)),
        vocabulary,
    )


def _number_names(
    info: npt.NDArray[np.int64],
    raw: npt.NDArray[np.uint8],
    exact: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
    locale: Locale,
) -> None:
    """Write NUMBERED of the names of a field, whose words begin at the first of `exact`."""
    from mpi.encode._kernels_marks import number_names

    spelled = _first_spellings(raw, exact, place).to_pylist()
    toneless = np.asarray(
        pa.array(locale.toneless(spelled), pa.string()).dictionary_encode().indices
    )
    toneless = np.where(["?" in word for word in spelled], -1, toneless)
    sounds = np.asarray(pa.array(locale.sounds(spelled), pa.string()).dictionary_encode().indices)
    number_names(info, _firsts(exact)[0], toneless.astype(np.int64), sounds.astype(np.int64))


def _bytes(text: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """UTF-8 bytes of all values, and where each begins; one byte more than there are."""
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    data = text.buffers()[2]
    raw = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return np.append(raw[: offsets[-1]], np.uint8(32)), offsets.astype(np.int64)


def _firsts(hashes: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Number of each hash by first appearance, and where each number first appears."""
    coded = pa.array(hashes).dictionary_encode()
    number = np.asarray(coded.indices, dtype=np.int64)
    first = np.empty(len(coded.dictionary), np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    return number, first


def _first_spellings(
    raw: npt.NDArray[np.uint8], hashes: npt.NDArray[np.int64], place: npt.NDArray[np.int64]
) -> pa.Array:
    """The text of each different word, at its first appearance."""
    places = place[_firsts(hashes)[1]].tolist()
    data = raw.tobytes()
    return pa.array(
        [data[p >> 16 : (p >> 16) + (p & 0xFFFF)].decode(errors="ignore") for p in places],
        pa.string(),
    )


def _number_words(
    hashes: list[npt.NDArray[np.int64]], spelled: list[pa.Array]
) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """Number the words of all fields together, with the folded text of each number."""
    number, _ = _firsts(np.concatenate(hashes))
    # Spellings come a field at a time, in the order in which their words first appear there.
    own = np.concatenate([h[_firsts(h)[1]] for h in hashes])
    first = _firsts(own)[1]
    return number, fold(pa.concat_arrays(spelled).take(pa.array(first)))
