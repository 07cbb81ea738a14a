"""From a standard table to the rows and dictionaries that the kernels read."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.encode.comparisons import Comparison
from mpi.encode.distinct import number_rows
from mpi.encode.texts import take_apart
from mpi.schema import Form
from mpi.scratch import Scratch
from mpi.standardise.locales import locale_of
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
_COUNTED = 3
_ROWS_AT_ONCE = 4096
_FILLS = 32
"""So many times rows are filled before they are let go."""
_WORTH_THREADS = 20_000
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
    content : int64[n_rows], equal for rows that agree in every compared field; None where no two do
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
    content: npt.NDArray[np.int64] | None = None

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
        """int32[n_rows, n_fields], the codes of all fields; column by column."""
        codes = np.empty((len(self.comparisons), self.n_rows), np.int32)
        for f in range(len(self.columns)):
            codes[f] = self.codes_of(f)
        return codes.T

    def codes_of(self, f: int) -> npt.NDArray[np.int32]:
        """int32[n_rows], the codes of a field as in its standard column: -1 missing."""
        return self.columns[f].codes[self.first]

    @cached_property
    def held(self) -> tuple[npt.NDArray[np.int64], ...]:
        """int64[n_values] a field: counted records that hold each of its values."""
        return tuple(
            np.bincount(
                self.codes_of(f) + np.int32(1), self.counted, minlength=len(column.values) + 1
            )[1:].astype(np.int64)
            for f, column in enumerate(self.columns)
        )


def encode(
    standard: StandardTable,
    comparisons: tuple[Comparison, ...],
    *,
    across: bool = False,
    alone: bool = False,
    threads: int = 1,
    scratch: Scratch | None = None,
    numbered: Numbered | None = None,
) -> Encoded:
    """Encode the compared fields of a standard table.

    Parameters
    ----------
    across : keep equal records of two sources apart, for `mpi link`
    alone : each record is a row of its own, whatever it holds; nothing is said of rows that agree
    threads : to work with; they change nothing in the result
    scratch : where the rows go, and what is known of the values
    numbered : as `number_records` says if not given
    """
    scratch = scratch or Scratch()
    if numbered is None and not alone:
        numbered = number_records(standard, comparisons, across=across)
    if threads > 1 and len(standard) >= _WORTH_THREADS:
        with ThreadPoolExecutor(threads) as pool:
            return _encode(standard, comparisons, across, numbered, pool, scratch)
    return _encode(standard, comparisons, across, numbered, None, scratch)


def _encode(
    standard: StandardTable,
    comparisons: tuple[Comparison, ...],
    across: bool,
    numbered: Numbered | None,
    pool: Executor | None,
    scratch: Scratch,
) -> Encoded:
    from mpi.encode._kernels_values import Values

    columns = _compared(standard, comparisons)
    sizes = [len(c.values) for c in columns]
    base = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    content = None
    if numbered is None:
        row_of = first = np.arange(len(standard))
        copies = np.ones(len(standard), np.int64)
    else:
        row_of, first, copies = map(scratch.copy, numbered)
    if across and numbered is not None:
        alike = number_records(standard, comparisons, across=False).row_of[first]
        content = alike if int(alike.max(initial=-1)) + 1 < len(alike) else None
    order = {c.name: i for i, c in enumerate(comparisons)}
    info, units, words, vocabulary = take_apart(columns, locale_of(standard.locale), pool, scratch)
    form = np.array([_FORM_CODE[c.form] for c in comparisons], np.int8)
    for f, column in enumerate(columns):
        held = info[base[f] : base[f + 1], 6]
        if column.form == Form.TEXT and len(held) and float(held.mean()) > _LONG_FROM:
            form[f] = _LONG
    marks = _marks(form, base, info, units, words, len(vocabulary), pool)
    rows, mark = _marked(columns, first, base, marks, pool, scratch)
    values = Values(
        rows=rows,
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
        scratch.copy(np.concatenate([_EMPTY, *(c.counts for c in columns)])),
        vocabulary,
        content,
    )


class Numbered(NamedTuple):
    """Which record is in which row; as `Encoded` has them."""

    row_of: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    copies: npt.NDArray[np.int64]


def number_records(
    standard: StandardTable, comparisons: tuple[Comparison, ...], *, across: bool
) -> Numbered:
    """Number the distinct records.

    across : equal records of two sources are distinct
    """
    told = [c.codes for c in _compared(standard, comparisons)]
    if across:
        told.append(standard.source)
    return Numbered(*number_rows(told, len(standard)))


def _compared(
    standard: StandardTable, comparisons: tuple[Comparison, ...]
) -> tuple[StandardColumn, ...]:
    by_name = {c.field.name: c for c in standard.columns}
    return tuple(by_name[c.name] for c in comparisons)


def _marks(
    form: npt.NDArray[np.int8],
    base: npt.NDArray[np.int64],
    info: npt.NDArray[np.int64],
    units: npt.NDArray[np.uint16],
    words: npt.NDArray[np.int64],
    n_words: int,
    pool: Executor | None,
) -> list[npt.NDArray[np.uint32]]:
    """Marks of each field's values, uint32[n_values, 0 to 6]."""
    from mpi.encode._kernels_marks import mark_values

    def marks_of(f: int, code: int) -> npt.NDArray[np.uint32]:
        own = info[base[f] : base[f + 1]]
        marks = np.zeros((len(own), _MARKS[code]), np.uint32)
        if _MARKS[code]:
            codes = _word_codes(own, words, n_words) if _MARKS[code] >= 4 else _EMPTY
            mark_values(code, own, units, words, codes, marks)
        return marks

    return list((pool.map if pool else map)(marks_of, range(len(form)), form.tolist()))


def _marked(
    columns: tuple[StandardColumn, ...],
    first: npt.NDArray[np.int64],
    base: npt.NDArray[np.int64],
    marks: list[npt.NDArray[np.uint32]],
    pool: Executor | None,
    scratch: Scratch,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int16]]:
    """The rows with the marks of their values behind, and where each field's marks begin."""
    from mpi.encode._kernels_marks import fill_codes, fill_marks

    counts = [own.shape[1] for own in marks]
    mark = (len(columns) + np.concatenate([[0], np.cumsum(counts[:-1])])).astype(np.int16)
    # Marks are read whatever the form: a category without any must not point behind the row.
    mark[np.array(counts) == 0] = 0
    out = empty_rows(len(first), len(columns) + sum(counts), 16, scratch)

    def fill(begin: int) -> None:
        some = out[begin : begin + _ROWS_AT_ONCE]
        some[:] = -1
        records = first[begin : begin + _ROWS_AT_ONCE]
        for f, column in enumerate(columns):
            fill_codes(some, f, int(base[f]), column.codes, records)
            if counts[f]:
                fill_marks(some, f, int(mark[f]), int(base[f]), marks[f])

    # A few rows at a time, all their fields: so they are in the cache while they are filled.
    begins = range(0, len(out), _ROWS_AT_ONCE)
    for done, _ in enumerate((pool.map if pool else map)(fill, begins)):
        if done % _FILLS == _FILLS - 1:
            scratch.let_go()
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
    columns: Sequence[npt.NDArray[np.int32]],
    n_rows: int,
    step: int,
    room: int = 0,
    scratch: Scratch | None = None,
) -> npt.NDArray[np.int32]:
    """Columns side by side as rows of whole steps, the base a multiple of 64 bytes, the rest -1.

    A row that straddles two cache lines costs twice, and NumPy alone aligns to 16 bytes.

    Parameters
    ----------
    columns : int32[n_rows] each
    step : 8 or 16, the columns of a row are a multiple of it
    room : further columns, at the least
    """
    scratch = scratch or Scratch()
    out = empty_rows(n_rows, len(columns) + room, step, scratch)
    # A few rows at a time, so that they are in the cache while their columns come.
    for begin in range(0, n_rows, _ROWS_AT_ONCE):
        if begin % (_ROWS_AT_ONCE * _FILLS) == 0:
            scratch.let_go()
        some = slice(begin, begin + _ROWS_AT_ONCE)
        out[some, len(columns) :] = -1
        for k, column in enumerate(columns):
            out[some, k] = column[some]
    return out


def empty_rows(n_rows: int, columns: int, step: int, scratch: Scratch) -> npt.NDArray[np.int32]:
    """Rows of whole steps with room for the columns, the base a multiple of 64 bytes."""
    return scratch.empty((n_rows, -(-columns // step) * step), np.int32)
