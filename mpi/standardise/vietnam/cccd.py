"""The personal number of twelve digits (CCCD), and what it says about its holder.

PPP G YY NNNNNN: province or country of birth, century and sex, year of birth, six random digits.
There is no check digit. A number that contradicts the record is a typing error, another person's
number, or a number from before the record was corrected: soft evidence, no proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.layouts import LATEST_TWO_DIGITS
from mpi.standardise.rules import Mask
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.codes import Codes, Ints, put_together, take_apart

MALE, FEMALE = 1, 2
_MILLION = 10**6
_RUNS = np.array(
    sorted({int(r[i : i + n]) for r in ("1234567890" * 2, "9876543210" * 2) for i in range(10)
            for n in (8, 9, 10, 11, 12)}), np.int64
)  # fmt: skip


class Doubt(IntFlag):
    """What speaks against a number being a personal number."""

    LENGTH = 1  # it has not twelve digits
    PROVINCE = 2  # no province or country has this code
    COUNTRY = 4  # born abroad: rare, and as good as any
    CENTURY = 8  # born neither in the 20th nor in the 21st century
    FUTURE = 16  # born after this table was made
    SERIAL = 32  # the six random digits are all 0


@dataclass(frozen=True)
class Decoded:
    """What personal numbers say.

    province : int16[n], code of the province or country of birth, -1 where there is none
    sex : int8[n], 1 male, 2 female, 0 where there is none
    birth_year : int16[n], 0 where there is none
    doubts : uint8[n], bits of :class:`Doubt`
    """

    province: npt.NDArray[np.int16]
    sex: npt.NDArray[np.int8]
    birth_year: npt.NDArray[np.int16]
    doubts: npt.NDArray[np.uint8]

    @property
    def possible(self) -> Mask:
        """bool[n], numbers that can have been given to somebody."""
        return np.asarray((self.doubts & ~np.uint8(Doubt.COUNTRY)) == 0)


@cache
def _doubts() -> npt.NDArray[np.uint8]:
    """uint8[1,000,000], doubts about the first six digits."""
    head = np.arange(_MILLION)
    province, mark = head // 1000, head // 100 % 10
    known = reference.is_province()[province]
    doubts = np.zeros(_MILLION, np.uint8)
    doubts[~known & (province < 100)] |= np.uint8(Doubt.PROVINCE)
    doubts[~known & (province >= 100)] |= np.uint8(Doubt.COUNTRY)
    doubts[mark > 3] |= np.uint8(Doubt.CENTURY)
    late = 1900 + mark // 2 * 100 + head % 100 > LATEST_TWO_DIGITS
    doubts[(mark <= 3) & late] |= np.uint8(Doubt.FUTURE)
    return doubts


def doubts_of(numbers: Ints) -> npt.NDArray[np.uint8]:
    """uint8[n], what speaks against numbers of at most twelve digits being personal numbers."""
    head = numbers // _MILLION
    return np.asarray(_doubts()[head] | np.uint8(Doubt.SERIAL) * (numbers == head * _MILLION))


def decode_numbers(numbers: Ints) -> Decoded:
    """What numbers say if they are written with twelve digits."""
    head = numbers // _MILLION
    mark = head // 100 % 10
    return Decoded(
        (head // 1000).astype(np.int16),
        (mark % 2 + MALE).astype(np.int8),
        (1900 + mark // 2 * 100 + head % 100).astype(np.int16),
        doubts_of(numbers),
    )


def decode_cccd(values: pa.Array) -> Decoded:
    """What personal numbers say about their holders.

    Parameters
    ----------
    values : string[n], in standard form or raw; null and anything but twelve digits says nothing

    Examples
    --------
    >>> decoded = decode_cccd(pa.array(["001090012345", "079301000017", "012345678"]))
    >>> decoded.province.tolist(), decoded.sex.tolist(), decoded.birth_year.tolist()
    ([1, 79, -1], [1, 2, 0], [1990, 2001, 0])
    >>> decoded.possible.tolist()
    [True, True, False]
    """
    codes = take_apart(values.fill_null("") if values.null_count else values)
    twelve = (codes.lengths == 12) & (codes.heads == 0)
    decoded = decode_numbers(np.where(twelve, codes.numbers, 0))
    return Decoded(
        np.where(twelve, decoded.province, np.int16(-1)).astype(np.int16),
        np.where(twelve, decoded.sex, np.int8(0)).astype(np.int8),
        np.where(twelve, decoded.birth_year, np.int16(0)).astype(np.int16),
        np.where(twelve, decoded.doubts, np.uint8(Doubt.LENGTH)).astype(np.uint8),
    )


def contradicts(
    decoded: Decoded, sex: npt.NDArray[np.int8], birth_year: npt.NDArray[np.int16]
) -> Mask:
    """bool[n], numbers that say another sex or year of birth than their record.

    Parameters
    ----------
    sex : int8[n], 1 male, 2 female, 0 unknown
    birth_year : int16[n], 0 unknown

    Examples
    --------
    >>> decoded = decode_cccd(pa.array(["001090012345", "001090012345"]))
    >>> contradicts(decoded, np.int8([1, 2]), np.int16([1990, 0])).tolist()
    [False, True]
    """
    spoken = decoded.possible
    other_sex = (sex > 0) & (sex != decoded.sex)
    other_year = (birth_year > 0) & (birth_year != decoded.birth_year)
    return np.asarray(spoken & (other_sex | other_year))


def is_run(numbers: Ints, length: int) -> Mask:
    """bool[n], one digit throughout or digits in a row: typed to fill a field, not read off."""
    same = int("1" * length)
    place = np.minimum(np.searchsorted(_RUNS, numbers), len(_RUNS) - 1)
    return np.asarray((numbers % same == 0) | (_RUNS[place] == numbers))


def restorable(codes: Codes, *, two: bool = False) -> Mask:
    """bool[n], numbers of eleven digits that a zero in front makes a possible personal number.

    A number that begins with 0 has lost none. All provinces have codes below 100, so every number
    of somebody born in the country loses a zero where it is stored as a number; those of the first
    eight provinces lose two.

    two : also numbers of ten digits, with two zeros
    """
    found = np.zeros(len(codes), np.bool_)
    for length in (11, 10) if two else (11,):
        rows = np.flatnonzero((codes.lengths == length) & (codes.heads == 0))
        numbers = codes.numbers[rows]
        found[rows] = (
            (numbers >= 10 ** (length - 1)) & (doubts_of(numbers) == 0) & ~is_run(numbers, length)
        )
    return found


def restore_zeros(
    values: pa.Array,
    sex: npt.NDArray[np.int8] | None = None,
    birth_year: npt.NDArray[np.int16] | None = None,
) -> tuple[pa.Array, Mask]:
    """Personal numbers with lost zeros restored, where what they then say is possible.

    Parameters
    ----------
    values : string[n], no nulls
    sex, birth_year : int8[n], int16[n], as in `contradicts`; with these, what the number says has
        to agree with its record; numbers of ten digits are restored too where the year is known

    Returns
    -------
    values, and which of them were restored

    Examples
    --------
    >>> values = pa.array(["79190012345", "79190012345", "1090012345"])
    >>> sexes, years = np.int8([2, 1, 1]), np.int16([1990, 1990, 1990])
    >>> restore_zeros(values, sexes, years)[0].to_pylist()
    ['079190012345', '79190012345', '001090012345']
    """
    codes = take_apart(values)
    known = sex is not None or birth_year is not None
    found = restorable(codes, two=sex is not None and birth_year is not None)
    if known:
        n = len(values)
        years = np.zeros(n, np.int16) if birth_year is None else birth_year
        found &= ~contradicts(
            decode_numbers(np.where(found, codes.numbers, 0)),
            np.zeros(n, np.int8) if sex is None else sex,
            years,
        )
        # A fifth of all numbers of ten digits would pass for personal ones.
        found &= (codes.lengths == 11) | (years > 0)
    restored = codes.copy()
    restored.lengths[found] = 12
    return pc.if_else(pa.array(found), put_together(restored), values), found
