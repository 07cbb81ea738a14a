"""A first look at the pairs of a block: a bound of what each can reach, by its rows alone.

Which values are missing or identical comes from one comparison of eight fields, and what that costs
from two tables by these eight bits. To that come the identifiers whose digits have too little in
common and the levels of dates, as far as a table of cases tells them. There are no branches to
guess: a pair takes some fifty instructions, and most pairs end here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import inlined
from mpi.compare._kernels_lanes import lane_below, lane_load, lane_same
from mpi.compare._kernels_match import equal_units, peek
from mpi.compare._kernels_quick import unsigned
from mpi.compare._kernels_text import popcount
from mpi.encode._kernels_values import Values

_ONE = np.uint64(1)
_ZERO = np.uint64(0)
_HIGHEST = np.uint64(31)
_MONTH, _DAY = np.uint64(0xFF00), np.uint64(0xFF)
# Two edits change four of an identifier's bag of digits at most, as `quick_identifier` has it.
_NEAR = 4
DATE_CASES = 64


class Losses(NamedTuple):
    """What the first look reads of the model, in 1 / PARTS bits.

    highest : what a pair would reach whose values are all unequal, at their best
    identical, missing : int32[n], how much worse than that are pairs of which some fields are
        identical, are missing; by the bits of eight fields, 256 for each eight
    identifier : int64[n], where the marks of identifiers begin
    different : int64[n], how much worse one is that has too little in common
    date, date_at : int64[n], the fields that hold dates, and where their marks begin
    dated : int64[n * DATE_CASES], how much worse each case of `date_case` is
    open : int64[n], the fields of which the first look tells no more, the most telling first
    """

    highest: int
    identical: npt.NDArray[np.int32]
    missing: npt.NDArray[np.int32]
    identifier: npt.NDArray[np.int64]
    different: npt.NDArray[np.int64]
    date: npt.NDArray[np.int64]
    date_at: npt.NDArray[np.int64]
    dated: npt.NDArray[np.int64]
    open: npt.NDArray[np.int64]


@inlined
def date_case(x: np.uint64, y: np.uint64) -> np.uint64:
    """What sets two dates apart, one bit each: is the year equal, the month, the day; is it one
    digit, or two neighbours changed over, or month and day; is a part unknown, a month.

    x, y : digits of four bits
    """
    differ = x ^ y
    month_x, month_y, day_x, day_y = x & _MONTH, y & _MONTH, x & _DAY, y & _DAY
    digits = differ | differ >> _ONE
    digits = (digits | digits >> np.uint64(2)) & np.uint64(0x11111111)
    eight, four = np.uint64(8), np.uint64(4)
    low = digits & (~digits + _ONE)
    nibble = low * np.uint64(15)
    changed = (digits == low * np.uint64(17)) & ((x >> four) & nibble == y & nibble)
    changed &= x & nibble == (y >> four) & nibble
    single = digits == low
    year = differ >> np.uint64(16) == _ZERO
    turned = year & (month_x >> eight == day_y) & (month_y >> eight == day_x)
    monthless = (month_x == _ZERO) | (month_y == _ZERO)
    part = monthless | (day_x == _ZERO) | (day_y == _ZERO)
    case = np.uint64(year)
    case |= np.uint64(differ & _MONTH == _ZERO) << _ONE
    case |= np.uint64(differ & _DAY == _ZERO) << np.uint64(2)
    case |= np.uint64(single | changed | turned) << np.uint64(3)
    return case | np.uint64(part) << np.uint64(4) | np.uint64(monthless) << np.uint64(5)


@inlined
def first_bound(
    zero: Any,
    v: Values,
    cells: npt.NDArray[np.int32],
    losses: Losses,
    i: int,
    j: int,
) -> tuple[int, np.uint64]:
    """Upper bound of the weight of rows `i` and `j` by what is told here, in 1 / PARTS bits, and
    the fields that are missing or identical, one bit each.

    zero : eight lanes of 32 bits
    cells : int32[n_rows * width], the rows
    """
    a, b = i * v.rows.shape[1], j * v.rows.shape[1]
    ones = lane_same(zero, zero)
    bound = losses.highest
    known = _ZERO
    for f in range(0, len(v.form), 8):
        x, y = lane_load(zero, cells, a + f), lane_load(zero, cells, b + f)
        missing = np.uint64(equal_units(lane_below(x | y, zero), ones))
        identical = np.uint64(equal_units(x, y)) & ~missing
        cases = np.uint64(32 * f)
        bound -= losses.identical[cases + identical] + losses.missing[cases + missing]
        known |= (missing | identical) << np.uint64(f)
    for k in range(len(losses.identifier)):
        at = np.int64(peek(losses.identifier, k))
        one, two = unsigned(peek(cells, a + at)), unsigned(peek(cells, b + at))
        # The highest bit: the bag is not all there is, or the value is missing. Numbers of two
        # kinds are not compared.
        far = (popcount(one ^ two) > _NEAR) & ((one | two) >> _HIGHEST == _ZERO)
        far &= (peek(cells, a + at + 1) ^ peek(cells, b + at + 1)) >> 8 == 0
        bound -= int(far) * int(peek(losses.different, k))
    for k in range(len(losses.date)):
        at = np.int64(peek(losses.date_at, k))
        unequal = _ONE & ~(known >> np.uint64(peek(losses.date, k)))
        case = date_case(unsigned(peek(cells, a + at)), unsigned(peek(cells, b + at)))
        bound -= int(unequal) * int(peek(losses.dated, k * DATE_CASES + np.int64(case)))
    return bound, known
