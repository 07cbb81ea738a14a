"""Numbers in a child's record that are its mother's, or another relative's.

A child has no number for years, so that registries and hospitals write the mother's. Three things
give it away: the number was given to somebody a generation older; it is an identity card of nine
digits, which nobody had who was born since 2008; it is an insurance card of a grown person in the
record of a child that has no name yet. Such a number is kept apart: it stays equal to itself in
another record of the child, is no longer its owner's, and says nothing about the child's own.

On synthetic citizens that helps the newborns most, the more so the more children carry their
mother's numbers; to leave the number out, or to put it a digit or two off its owner's, helped less.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.schema import Kind
from mpi.standardise.across import Rows, put_values, rows_with
from mpi.standardise.alphabets import FEW
from mpi.standardise.table import StandardColumn
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.codes import plain_code
from mpi.standardise.vietnam.holders import Said, said_by_numbers
from mpi.standardise.vietnam.identifiers import (
    NumberKind,
    kind_of,
    known_kinds,
    number_kinds,
)
from mpi.standardise.vietnam.reading import read_name
from mpi.standardise.vietnam.words import UNICODE

OLDER = "personal number of somebody a generation older, taken as a relative's"
CARD = "identity card of nine digits of somebody born since 2008, taken as a relative's"
GROWN = "insurance card of a grown person in a newborn's record, taken as a relative's"
RELATIVE = "RELATIVE"
"""Stands behind a relative's number: so many letters make it as different as any other."""
RELATIVES = len(NumberKind)
"""The kind of such numbers, beside those of `NumberKind`."""

_GENERATION = 14
_CHILD_SINCE = 1998
"""Born then, one was a child when personal numbers of twelve digits began, in 2012."""
_NO_CARD_SINCE = 2008
"""Cards of nine digits were given from the age of 14, and none since 2021."""
_CHILDREN = "TE"


def kinds_by_holder(values: pa.Array) -> npt.NDArray[np.int8]:
    """int8[n], the kind of each standard value, and `RELATIVES`; 0 where its form tells nothing.

    Examples
    --------
    >>> kinds_by_holder(pa.array(["001090012345", "001090012345RELATIVE", "12345"])).tolist()
    [1, 7, 0]
    """
    if len(values) <= FEW:
        return np.array([_kind_by_holder(text) for text in values.to_pylist()], np.int8)
    of_relative = np.asarray(pc.ends_with(values, RELATIVE), dtype=np.bool_)
    return np.where(of_relative, np.int8(RELATIVES), known_kinds(values)).astype(np.int8)


def _kind_by_holder(text: str) -> int:
    """The same of one value."""
    if text.endswith(RELATIVE):
        return RELATIVES
    head, _, length = plain_code(text)
    kind = kind_of(head, length)
    return 0 if kind == NumberKind.OTHER else kind


def kept_apart(
    column: StandardColumn, said: Said, names: StandardColumn | None, raw: pa.Table
) -> StandardColumn:
    """The column of identity or insurance numbers, those of relatives kept apart.

    Parameters
    ----------
    names : the full names, if there are any
    raw : the records as they came, a column a field
    """
    rows, decoded = said_by_numbers(column)
    year = said.year[rows]
    older = (year >= _CHILD_SINCE) & (decoded.birth_year <= year - _GENERATION)
    column = _marked(column, rows[older], OLDER)
    if column.field.kind is Kind.NATIONAL_ID:
        cards = rows_with(column, number_kinds(column.values) == NumberKind.CARD)
        column = _marked(column, cards[said.year[cards] >= _NO_CARD_SINCE], CARD)
    elif names is not None:
        column = _marked(column, _grown_in_newborns(column, names, raw), GROWN)
    return column


def _marked(column: StandardColumn, rows: Rows, repair: str) -> StandardColumn:
    numbers = column.values.take(pa.array(column.codes[rows]))
    return put_values(column, rows, pc.binary_join_element_wise(numbers, RELATIVE, ""), repair)


def _grown_in_newborns(column: StandardColumn, names: StandardColumn, raw: pa.Table) -> Rows:
    """int64[n], records of children without a name that have the card of a grown person."""
    called, cards = raw[names.field.name], raw[column.field.name]
    nameless = (names.codes < 0) & (column.codes >= 0) & np.asarray(pc.is_valid(called))
    rows = np.flatnonzero(nameless)
    heads = pc.utf8_slice_codeunits(pc.utf8_ltrim_whitespace(cards.take(pa.array(rows))), 0, 2)
    grown = pc.is_in(pc.utf8_upper(heads), value_set=_grown_groups())
    rows = rows[np.asarray(grown, dtype=np.bool_)]
    words = called.take(pa.array(rows)).combine_chunks().dictionary_encode()
    child = [bool(read_name(text, UNICODE).parent) for text in words.dictionary.to_pylist()]
    return np.asarray(rows[np.array(child, np.bool_)[np.asarray(words.indices)]])


@cache
def _grown_groups() -> pa.Array:
    """The letters that cards of everybody but children under six begin with."""
    codes = {row["code"] for row in reference.rows("insurance_groups")} - {_CHILDREN}
    return pa.array(sorted(codes), pa.string())
