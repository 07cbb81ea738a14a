"""From a standard table to the rows and dictionaries that the kernels read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.compare.comparisons import Comparison
from mpi.schema import Form
from mpi.standardise.fold import fold
from mpi.standardise.table import StandardColumn, StandardTable

if TYPE_CHECKING:
    from mpi.compare._kernels import Values

_FORM_CODE = {
    Form.NAME: 0,
    Form.DATE: 1,
    Form.IDENTIFIER: 2,
    Form.TEXT: 3,
    Form.NUMBER: 4,
    Form.CATEGORY: 5,
}
_WIDTH = 64
_MOST_WORDS = 16
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
    def codes(self) -> npt.NDArray[np.int32]:
        """int32[n_rows, n_fields], as in the standard columns: -1 missing."""
        rows = self.values.rows
        return np.where(rows >= 0, rows - self.base[:-1].astype(np.int32), -1).astype(np.int32)


def encode(
    standard: StandardTable, comparisons: tuple[Comparison, ...], *, across: bool = False
) -> Encoded:
    """Encode the compared fields of a standard table.

    Parameters
    ----------
    across : keep equal records of two sources apart, for `mpi link`
    """
    from mpi.compare._kernels import Values

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
    info, units, words, vocabulary = _texts(columns)
    info[:, 7] = np.concatenate([_EMPTY, *(_numbers(c) for c in columns)])
    values = Values(
        rows=_aligned(rows[first]),
        form=np.array([_FORM_CODE[c.form] for c in comparisons], np.int8),
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


def _aligned(rows: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Copy to a base address that is a multiple of 64: a row that straddles two cache lines
    costs twice (NumPy alone aligns to 16)."""
    width = rows.shape[1]
    buffer = np.empty(rows.size + 16, np.int32)
    shift = (-buffer.ctypes.data // 4) % 16
    out = buffer[shift : shift + rows.size].reshape(len(rows), width)
    out[:] = rows
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


def _numbers(column: StandardColumn) -> npt.NDArray[np.int64]:
    """Dates as yyyymmdd and numbers rounded; 0 for every other form."""
    if column.form == Form.DATE:
        digits = pc.replace_substring(column.values, pattern="-", replacement="")
        return np.asarray(pc.cast(digits, pa.int64()), dtype=np.int64)
    if column.form == Form.NUMBER:
        whole = pc.cast(column.values, pa.float64())
        rounded: npt.NDArray[np.float64] = np.rint(np.asarray(whole, dtype=np.float64))
        return np.clip(rounded, -(2.0**52), 2.0**52).astype(np.int64)
    return np.zeros(len(column.values), np.int64)


def _texts(
    columns: tuple[StandardColumn, ...],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint16], npt.NDArray[np.int64], pa.Array]:
    """`info` (without its numbers), `units`, `words` and vocabulary of all fields' values."""
    parts = [pa.array([], pa.string())]
    for column in columns:
        worded = column.form in (Form.NAME, Form.TEXT, Form.IDENTIFIER)
        blank = pa.repeat(pa.scalar("", pa.string()), len(column.values))
        parts.append(fold(column.values) if worded else blank)
    text = pa.concat_arrays([p.cast(pa.string()) for p in parts])
    joined = pc.replace_substring(text, pattern=" ", replacement="")
    units, first, length = _units(joined)
    word_first, words, vocabulary = _words(text)
    word_units, word_at, word_length = _units(vocabulary)
    packed = np.arange(len(vocabulary), dtype=np.int64) << 24
    packed |= word_units[word_at].astype(np.int64) << 8 | word_length
    info = np.zeros((len(text), 8), np.int64)
    info[:, 0], info[:, 1] = first, length
    info[:, 2] = _codes(joined)
    info[:, 3] = _sorted_words(word_first, words)
    info[:, 4] = _letters(units, first, length).view(np.int64)
    info[:, 5], info[:, 6] = word_first[:-1], np.diff(word_first)
    return info, units, np.append(packed[words], 0), vocabulary


def _codes(text: pa.Array) -> npt.NDArray[np.int32]:
    return np.asarray(text.dictionary_encode().indices, dtype=np.int32)


def _units(
    text: pa.Array,
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """uint16 code units of all values, with each value's first unit and (clipped) length.

    Letters outside the basic plane share units, which only ever matters for fuzzy levels.
    """
    lengths = np.asarray(pc.utf8_length(text), dtype=np.int64)
    first = np.concatenate([_EMPTY, np.cumsum(lengths) - lengths])
    if len(text) == 0:
        return np.zeros(1, np.uint16), first, lengths
    buffer = text.buffers()[2]
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    raw = b"" if buffer is None else buffer.to_pybytes()[offsets[0] : offsets[-1]]
    if len(raw) == int(lengths.sum()):
        units = np.frombuffer(raw, np.uint8).astype(np.uint16)
    else:
        units = (np.frombuffer(raw.decode().encode("utf-32-le"), "<u4") & 0xFFFF).astype(np.uint16)
    return np.concatenate([units, np.zeros(1, np.uint16)]), first, np.minimum(lengths, _WIDTH)


def _words(
    text: pa.Array,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], pa.Array]:
    """Words of each value as numbers into a vocabulary; at most 16 words of a value."""
    split = pc.list_slice(pc.utf8_split_whitespace(text), 0, _MOST_WORDS)
    counts = np.asarray(pc.list_value_length(split), dtype=np.int64)
    flat = pc.list_flatten(split).dictionary_encode()
    words = np.asarray(flat.indices, dtype=np.int32)
    vocabulary = flat.dictionary
    blank = pc.index(vocabulary, "").as_py()
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    if blank >= 0:  # the empty text splits into one empty word
        keep = words != blank
        kept = np.concatenate([[0], np.cumsum(keep)])
        first, words = kept[first].astype(np.int64), words[keep]
    return first, words, vocabulary


def _sorted_words(
    word_first: npt.NDArray[np.int64], words: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Equal numbers where two values have the same words in any order; -1 without words."""
    n = len(word_first) - 1
    counts = np.diff(word_first)
    owner = np.repeat(np.arange(n), counts)
    # A sum of mixed words does not depend on their order.
    mixed = mix(np.full(len(words), 7, np.uint64), words)
    total = np.zeros(n, np.uint64)
    with np.errstate(over="ignore"):
        np.add.at(total, owner, mixed)
    out = np.unique(total, return_inverse=True)[1].astype(np.int32)
    out[counts == 0] = -1
    return out


def _letters(
    units: npt.NDArray[np.uint16], first: npt.NDArray[np.int64], length: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """The set of letters of each value, folded into 64 bits."""
    if len(first) == 0:
        return np.zeros(0, np.uint64)
    bits = np.left_shift(np.uint64(1), (units & 63).astype(np.uint64))
    ends = np.stack([first, first + length], axis=1).ravel()
    sets = np.bitwise_or.reduceat(bits, np.minimum(ends, len(bits) - 1))[::2]
    return np.where(length > 0, sets, np.uint64(0))
