"""What a personal number and its record say about each other.

A number says sex and year of birth. Where the record says nothing, the number stands in for it;
where it says something else, the number is mistyped or a relative's (`mpi.standardise.vietnam.
relatives`), and a zero that seemed to be lost was none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.schema import Kind
from mpi.standardise.across import Rows, column_of, put_values, rows_with
from mpi.standardise.table import StandardColumn
from mpi.standardise.vietnam.cccd import (
    FEMALE,
    MALE,
    Decoded,
    contradicts,
    decode_cccd,
    restorable,
    restore_zeros,
)
from mpi.standardise.vietnam.codes import put_together, take_apart
from mpi.standardise.vietnam.identifiers import RESTORED

SEX_READ = "read from the identity number"
YEAR_READ = "year read from the identity number"
NOT_RESTORED = "zero not restored, as the number would say another sex or year of birth"
UNLIKE = "personal number of another sex or year of birth, kept"
_SEXES = {"M": MALE, "F": FEMALE}


@dataclass(frozen=True)
class Said:
    """What records say of sex and year of birth.

    sex : int8[n_records], 1 male, 2 female, 0 unknown
    year : int16[n_records], 0 unknown
    """

    sex: npt.NDArray[np.int8]
    year: npt.NDArray[np.int16]


def said_by_records(columns: Sequence[StandardColumn], n_records: int) -> Said:
    """Sex and year of birth as the records have them."""
    sex, year = np.zeros(n_records, np.int8), np.zeros(n_records, np.int16)
    sexes = column_of(columns, Kind.SEX)
    if sexes is not None:
        known = [_SEXES.get(value, 0) for value in sexes.values.to_pylist()]
        sex = np.array([*known, 0], np.int8)[sexes.codes]
    births = column_of(columns, Kind.BIRTH_DATE, Kind.BIRTH_YEAR)
    if births is not None:
        whole = pc.match_substring_regex(births.values, "^[0-9]{4}(-|$)")
        first = pc.if_else(whole, pc.utf8_slice_codeunits(births.values, 0, 4), "0")
        year = np.append(np.asarray(first.cast(pa.int16())), np.int16(0))[births.codes]
    return Said(sex, year)


def said_by_numbers(column: StandardColumn) -> tuple[Rows, Decoded]:
    """The records with a personal number that can have been given to somebody, and what it says."""
    decoded = decode_cccd(column.values)
    rows = rows_with(column, decoded.possible)
    places = column.codes[rows]
    return rows, Decoded(
        decoded.province[places],
        decoded.sex[places],
        decoded.birth_year[places],
        decoded.doubts[places],
    )


def zeros_restored(column: StandardColumn, said: Said) -> StandardColumn:
    """Lost zeros restored where the number then says what its record says.

    What a number alone tells was done before: of eleven digits always, of ten where the column was
    stored as numbers.
    """
    rows = rows_with(column, restorable(take_apart(column.values), two=True))
    texts = column.values.take(pa.array(column.codes[rows]))
    texts, found = restore_zeros(texts, said.sex[rows], said.year[rows])
    return put_values(column, rows[found], texts.filter(pa.array(found)), RESTORED)


def unlike_their_records(
    column: StandardColumn, said: Said, texts: pa.ChunkedArray
) -> StandardColumn:
    """Numbers that say something else than their records: zeros put in front of them go again.

    Parameters
    ----------
    texts : string[n_records], the column as it came
    """
    rows, decoded = said_by_numbers(column)
    rows = rows[contradicts(decoded, said.sex[rows], said.year[rows])]
    if len(rows) == 0:
        return column
    written = take_apart(pc.fill_null(texts.take(pa.array(rows)), "").combine_chunks())
    now = take_apart(column.values.take(pa.array(column.codes[rows])))
    short = (written.heads == 0) & (written.lengths < 12) & (written.numbers == now.numbers)
    n_short = int(short.sum())
    repairs = column.repairs | {UNLIKE: len(rows) - n_short}
    repairs[RESTORED] = repairs.get(RESTORED, 0) - n_short
    column = replace(column, repairs={repair: n for repair, n in repairs.items() if n > 0})
    numbers = put_together(written).filter(pa.array(short))
    return put_values(column, rows[short], numbers, NOT_RESTORED)


def filled_in(columns: Sequence[StandardColumn], said: Said) -> tuple[StandardColumn, ...]:
    """The columns, with sex and year of birth read from the number where the record has none.

    Only a number that agrees with what the record does say is read.
    """
    n = len(said.sex)
    sex, year = np.zeros(n, np.int8), np.zeros(n, np.int16)
    for column in columns:
        if column.field.kind is Kind.NATIONAL_ID:
            rows, decoded = said_by_numbers(column)
            agree = ~contradicts(decoded, said.sex[rows], said.year[rows])
            sex[rows[agree]] = decoded.sex[agree]
            year[rows[agree]] = decoded.birth_year[agree]
    done = {}
    sexes = column_of(columns, Kind.SEX)
    # Where 0 and 1 were kept, nothing says which of them is male.
    if sexes is not None and set(sexes.values.to_pylist()) <= _SEXES.keys():
        rows = np.flatnonzero((sexes.codes < 0) & (sex > 0))
        texts = pa.array(["", "M", "F"]).take(pa.array(sex[rows]))
        done[sexes.field.name] = put_values(sexes, rows, texts, SEX_READ)
    births = column_of(columns, Kind.BIRTH_DATE)
    if births is not None:
        rows = np.flatnonzero((births.codes < 0) & (year > 0))
        texts = pc.binary_join_element_wise(pa.array(year[rows]).cast(pa.string()), "-00-00", "")
        done[births.field.name] = put_values(births, rows, texts, YEAR_READ)
    return tuple(done.get(column.field.name, column) for column in columns)
