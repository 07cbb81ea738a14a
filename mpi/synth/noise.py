"""What goes wrong between a person and a record: in names, dates and numbers."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.synth.difficulty import Rates
from mpi.synth.names import FAMILY, GIVEN, MIDDLE, MIDDLE_2, PARTS, syllables
from mpi.synth.population import TODAY, Bools, Ints
from mpi.synth.serials import digit_matrix, text
from mpi.synth.spelling import Spelling

_EPOCH = int(np.datetime64("1900-01-01", "D").astype(np.int64))
_BEFORE_1960 = int(np.datetime64("1960-01-01", "D").astype(np.int64))
_SLIPS = (Spelling.SLIP_1, Spelling.SLIP_2, Spelling.SLIP_3, Spelling.SLIP_4)


@dataclass(frozen=True)
class Written:
    """Names as they are written.

    codes, spelling : int64[n, 5], syllables and their `Spelling`, in order; -1 where none
    glued : bool[n, 5], no blank before this syllable
    """

    codes: Ints
    spelling: Ints
    glued: Bools

    def rows(self, at: Ints) -> Written:
        """The names of these rows."""
        return Written(self.codes[at], self.spelling[at], self.glued[at])


def plain(codes: Ints) -> Written:
    """Names written without an error."""
    return Written(codes, np.zeros_like(codes), np.zeros(codes.shape, bool))


def misspell(rng: np.random.Generator, codes: Ints, rates: Rates) -> Written:
    """Names as clerks write them; at most one whole-name error and one syllable error each."""
    n = len(codes)
    codes = codes.copy()
    spelling = np.zeros((n, PARTS), np.int64)
    for how, rate in (
        (Spelling.NEW_TONE, rates.name_new_tone),
        (Spelling.I_FOR_Y, rates.name_i_for_y),
    ):
        spelling[rng.random(n) < rate] = how
    spelling[:, FAMILY] = np.where(spelling[:, FAMILY] == Spelling.I_FOR_Y, 0, spelling[:, FAMILY])

    # One syllable: a random one of those there are.
    chance = rng.random(n)
    which = np.argsort(np.where(codes >= 0, rng.random((n, PARTS)), 2.0), axis=1)[:, 0]
    top = 0.0
    for spellings, rate in (
        ((Spelling.TONELESS,), rates.name_toneless),
        ((Spelling.TELEX,), rates.name_telex),
        ((Spelling.VNI,), rates.name_vni),
        ((Spelling.REGIONAL,), rates.name_regional * PARTS),
        (_SLIPS, rates.name_slip),
    ):
        hit = np.flatnonzero((chance >= top) & (chance < top + rate))
        spelling[hit, which[hit]] = np.array(spellings)[rng.integers(0, len(spellings), len(hit))]
        top += rate

    # The whole name.
    chance = rng.random(n)
    ascii_only = chance < rates.name_ascii
    spelling[ascii_only] = Spelling.ASCII
    top = rates.name_ascii
    swapped = np.flatnonzero((chance >= top) & (chance < top + rates.name_swapped))
    codes[swapped] = codes[swapped][:, [GIVEN, FAMILY, 1, MIDDLE, MIDDLE_2]]
    spelling[swapped] = spelling[swapped][:, [GIVEN, FAMILY, 1, MIDDLE, MIDDLE_2]]
    top += rates.name_swapped
    short = (chance >= top) & (chance < top + rates.name_shortened)
    last = np.where(codes[:, MIDDLE_2] >= 0, MIDDLE_2, MIDDLE)
    kept = np.flatnonzero(short & (codes[:, FAMILY] >= 0))
    codes[kept, last[kept]] = -1
    top += rates.name_shortened
    glue = np.flatnonzero((chance >= top) & (chance < top + rates.name_glued))
    glued = np.zeros((n, PARTS), bool)
    glued[glue, GIVEN] = True
    return Written(codes, spelling, glued)


def render(names: Written) -> pa.Array:
    """string[n], the names with blanks between their syllables."""
    order = np.argsort(names.codes < 0, axis=1, kind="stable")
    codes = np.take_along_axis(names.codes, order, 1)
    spelling = np.take_along_axis(names.spelling, order, 1)
    glued = np.take_along_axis(names.glued, order, 1)
    table = syllables().table()
    parts: list[pa.Array] = []
    for i in range(PARTS):
        there = codes[:, i] >= 0
        at = np.where(there, codes[:, i] * len(Spelling) + spelling[:, i], 0)
        word = table.take(pa.array(at, mask=~there))
        if i:
            word = pc.binary_join_element_wise(pc.if_else(pa.array(glued[:, i]), "", " "), word, "")
        parts.append(word)
    return pc.binary_join_element_wise(*parts, "", null_handling="skip")


DATE_FORMATS = {"insurance": "%d/%m/%Y", "health": "%Y-%m-%d",
                "hospital": "%Y%m%d", "employment": "%d-%m-%Y"}  # fmt: skip


def misdate(
    rng: np.random.Generator, day: Ints, year_only: Bools, rates: Rates
) -> tuple[Ints, Bools]:
    """Days as they are written, and where only the year is written.

    Of dates known by their year, most are written as the first of January.
    """
    n = len(day)
    months = day.astype("M8[D]").astype("M8[M]")
    year = months.astype("M8[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    date = day - months.astype("M8[D]").astype(np.int64) + 1

    chance = rng.random(n)
    swap = (chance < rates.date_swapped * 2.5) & (date <= 12)
    month, date = np.where(swap, date, month), np.where(swap, month, date)
    step = rng.choice(np.array([-20, -10, -2, -1, 1, 2, 10, 20]), n)
    hit = rng.random(n) < rates.date_digit
    moved = date + step
    date = np.where(hit & (moved >= 1) & (moved <= 28), moved, date)
    step = rng.choice(np.array([-10, -9, -2, -1, 1, 1, 9, 10]), n)
    hit = rng.random(n) < rates.date_year
    year = np.where(hit, np.minimum(year + step, 2026), year)

    only = year_only & (rng.random(n) < 0.9) | (rng.random(n) < rates.date_year_only)
    month, date = np.where(only, 1, month), np.where(only, 1, date)
    bare = only & (rng.random(n) < 0.3)
    month_start = ((year - 1970) * 12 + month - 1).astype("M8[M]")
    days = (month_start + 1).astype("M8[D]").astype(np.int64) - month_start.astype("M8[D]").astype(
        np.int64
    )
    written = month_start.astype("M8[D]").astype(np.int64) + np.minimum(date, days) - 1
    hit = rng.random(n) < rates.date_placeholder
    written = np.where(hit, _EPOCH, np.clip(written, _EPOCH, int(TODAY)))
    return written, bare & ~hit


_LUNAR = (18, 50)  # days by which a date of the lunar calendar lies before the same solar one


def lunar(rng: np.random.Generator, birth: Ints, rate: float) -> Ints:
    """Days of birth, of some elders those of the lunar calendar taken for solar ones."""
    n = len(birth)
    hit = (rng.random(n) < rate) & (birth < _BEFORE_1960)
    return np.where(hit, np.maximum(birth - rng.integers(*_LUNAR, n), _EPOCH), birth)


@functools.cache
def calendar(format: str) -> pa.Array:
    """string[n_days], every day from 1900-01-01 to `TODAY`; ``strftime`` takes a µs a value."""
    days = pa.array(np.arange(_EPOCH, int(TODAY) + 1).astype(np.int32), pa.date32())
    return pc.strftime(days, format=format)


def render_dates(day: Ints, bare: Bools, kind: str) -> pa.Array:
    """string[n], days in the manner of a registry; the bare ones as a year."""
    full = calendar(DATE_FORMATS[kind]).take(pa.array(day - _EPOCH))
    if not bare.any():
        return full
    year = day.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    return pc.if_else(pa.array(bare), pa.array(year).cast(pa.string()), full)


def mistype_numbers(
    rng: np.random.Generator,
    numbers: Ints,
    width: Ints,
    rates: Rates,
    lost_zero: float,
) -> tuple[npt.NDArray[np.uint8], Bools]:
    """Characters of numbers as they are typed, and which of them are there.

    Parameters
    ----------
    numbers, width : int64[n], the number and how many digits it has, at most 12

    Returns
    -------
    uint8[n, 12], ASCII, and bool[n, 12]
    """
    n = len(numbers)
    rows = np.arange(n)
    digits = digit_matrix(numbers, 12)
    first = 12 - width
    hit = np.flatnonzero(rng.random(n) < rates.number_digit)
    at = first[hit] + np.floor(rng.random(len(hit)) * width[hit]).astype(np.int64)
    digits[hit, at] = (digits[hit, at] + rng.integers(1, 10, len(hit)).astype(np.uint8)) % 10
    hit = np.flatnonzero(rng.random(n) < rates.number_swapped)
    at = first[hit] + np.floor(rng.random(len(hit)) * (width[hit] - 1)).astype(np.int64)
    digits[hit, at], digits[hit, at + 1] = digits[hit, at + 1], digits[hit, at]
    keep = np.arange(12)[None, :] >= first[:, None]
    lost = rows[rng.random(n) < lost_zero]
    keep[lost] &= ~np.logical_and.accumulate(digits[lost] == 0, axis=1)
    characters = digits + np.uint8(ord("0"))
    hit = np.flatnonzero(rng.random(n) < rates.number_letter)
    typed = characters[hit]
    typed[typed == ord("0")] = ord("O")
    characters[hit] = typed
    return characters, keep


def space_out(rng: np.random.Generator, values: pa.Array, rate: float) -> pa.Array:
    """Some of the numbers in groups of three with blanks between them."""
    hit = rng.random(len(values)) < rate
    some = values.filter(pa.array(hit))
    groups = [pc.utf8_slice_codeunits(some, i, i + 3) for i in range(0, 12, 3)]
    spaced = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*groups, " "))
    return pc.replace_with_mask(values, pa.array(hit), spaced)


def pick_text(rng: np.random.Generator, options: tuple[str, ...], n: int) -> pa.Array:
    """string[n], options at random."""
    return pa.array(options, pa.string()).take(pa.array(rng.integers(0, len(options), n)))


def type_phones(rng: np.random.Generator, numbers: Ints, rates: Rates) -> pa.Array:
    """string[n], phones of ten digits (eleven before the change of 2018) as they are typed."""
    n = len(numbers)
    width = np.where(numbers >= 10**9, 11, 10)
    digits = digit_matrix(numbers, 11)
    hit = np.flatnonzero(rng.random(n) < rates.phone_digit)
    at = rng.integers(4, 11, len(hit))
    digits[hit, at] = (digits[hit, at] + rng.integers(1, 10, len(hit)).astype(np.uint8)) % 10
    keep = np.arange(11)[None, :] >= (11 - width)[:, None]
    chance = rng.random(n)
    short = chance < rates.phone_lost_zero + rates.phone_country
    keep[np.flatnonzero(short), (11 - width)[short]] = False
    typed = text(digits + np.uint8(ord("0")), keep)
    country = (chance >= rates.phone_lost_zero) & short
    typed = pc.if_else(pa.array(country), pc.binary_join_element_wise("+84", typed, ""), typed)
    return space_out(rng, typed, rates.phone_spaced)
