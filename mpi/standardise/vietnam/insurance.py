"""Health insurance cards and social insurance numbers: the ten digits that are the person's.

A card of fifteen characters is XX K PP NNNNNNNNNN: group, benefit, issuing province, and the social
insurance number, which alone stays when job, age or province change. Newer cards show the ten
digits, the newest the personal number of twelve, which is another number of the same person.

Cards of before 2015 have the same shape but end in district, unit and a running number, so that
their last ten digits belong to many people. A column of them gives itself away: in cards of the
layout of 2015 the issuing province (characters 4 and 5) is mostly that of the social insurance
number (6 and 7). In such a column a card where the two differ is kept whole.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from mpi.standardise.encode import Counts
from mpi.standardise.rules import Layout, Mask, Rule, Standardised
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.cccd import Doubt, doubts_of, is_run, restorable
from mpi.standardise.vietnam.cells import read_cells
from mpi.standardise.vietnam.codes import LETTERS, PLUS, Codes, Ints, head_of, take_apart
from mpi.standardise.vietnam.identifiers import (
    PHONE_TYPED,
    RESTORED,
    UNKNOWN_FORM,
    o_for_zero,
    typed_phones,
)
from mpi.standardise.vietnam.phones import is_mobile

CARDS_2015, CARDS_BEFORE = "cards of 2015", "cards of before 2015"
WHOLE_CARD = "card of before 2015, kept whole"
NO_BENEFIT = "insurance card with an impossible benefit digit"
NO_GROUP = "insurance card of an unknown group"
NO_ISSUER = "insurance card of an unknown issuer"
NO_LETTERS = "insurance card without its letters, last ten digits kept"
_TEN = 10**10
_FEWEST = 20
_LEAST_ALIKE = 0.2


@cache
def known_groups() -> Mask:
    """bool[1024], set at the heads of the groups that cards are issued to."""
    return reference.marked([head_of(r["code"]) for r in reference.rows("insurance_groups")], 1024)


def issuer(numbers: Ints) -> Ints:
    """int64[n], two digits before the last ten."""
    return np.asarray(numbers // _TEN % 100)


def ends_as_phone(numbers: Ints) -> Mask:
    """bool[n], the last ten digits are no insurance number of any issuer, but a mobile's."""
    last = numbers % _TEN
    mobile = (last < 10**9) & is_mobile(last)
    return np.asarray(mobile & ~reference.is_issuer()[last // 10**8])


def social(codes: Codes, before: bool) -> tuple[Codes, dict[str, Mask]]:
    """The number that is the person's, and what was done to which."""
    codes = codes.copy()
    done: dict[str, Mask] = {}
    done[LETTERS] = o_for_zero(codes, (10, 12))
    phones = typed_phones(codes)
    issued = reference.is_issuer()
    digits = np.flatnonzero(phones & (codes.lengths <= 10))  # with a zero lost, or without
    phones[digits[issued[codes.numbers[digits] // 10**8]]] = False
    done[PHONE_TYPED] = phones
    codes.lengths[phones] = 0
    cards = (codes.heads > PLUS) & (codes.lengths == 13)
    done[NO_BENEFIT] = cards & ((codes.numbers < 10**12) | (codes.numbers >= 6 * 10**12))
    done[NO_GROUP] = cards & ~known_groups()[np.where(cards, codes.heads, 0)]
    done[NO_ISSUER] = cards & ~issued[issuer(codes.numbers)]
    same = issuer(codes.numbers) == codes.numbers % _TEN // 10**8
    done[WHOLE_CARD] = cards & (~same if before else ends_as_phone(codes.numbers))
    ends = np.flatnonzero(cards & ~done[WHOLE_CARD])
    codes.put(ends, codes.numbers[ends] % _TEN, 10)
    done[NO_LETTERS] = without_letters(codes)
    codes.put(done[NO_LETTERS], codes.numbers[done[NO_LETTERS]] % _TEN, 10)
    nine = np.flatnonzero((codes.heads == 0) & (codes.lengths == 9))
    numbers = codes.numbers[nine]
    lost = nine[(numbers >= 10**8) & issued[numbers // 10**8] & ~is_run(numbers, 9)]
    done[RESTORED] = restorable(codes)
    codes.lengths[done[RESTORED]] = 12
    codes.lengths[lost] = 10
    done[RESTORED][lost] = True
    usual = np.isin(codes.lengths, (0, 10, 12)) & (codes.heads == 0)
    done[UNKNOWN_FORM] = ~usual & ~codes.odd & ~done[WHOLE_CARD] & (codes.lengths > 0)
    return codes, done


def without_letters(codes: Codes) -> Mask:
    """bool[n], the last twelve or thirteen characters of a card.

    Twelve digits are a personal number wherever they can be one.
    """
    found = np.zeros(len(codes), np.bool_)
    plain, issued = codes.heads == 0, reference.is_issuer()
    rows = np.flatnonzero(plain & (codes.lengths == 13))
    benefit = codes.numbers[rows] // 10**12
    found[rows] = (benefit >= 1) & (benefit <= 5) & issued[issuer(codes.numbers[rows])]
    found[rows] &= ~ends_as_phone(codes.numbers[rows])
    rows = np.flatnonzero(plain & (codes.lengths == 12))
    numbers = codes.numbers[rows]
    impossible = (doubts_of(numbers) & ~np.uint8(Doubt.COUNTRY)) != 0
    found[rows] = impossible & issued[issuer(numbers)] & ~is_run(numbers, 12)
    found[rows] &= ~ends_as_phone(numbers)
    return found


def _rank(codes: Codes) -> Ints:
    """Of several numbers in a cell the social insurance number, else the personal one."""
    order = np.full(len(codes), 3, np.int64)
    order[codes.lengths == 0] = 4
    order[codes.heads > PLUS] = 2
    order[(codes.lengths == 12) & (codes.heads == 0)] = 1
    order[(codes.lengths == 10) & (codes.heads == 0)] = 0
    return order


def standard_insurance(texts: pa.Array, layout: str) -> Standardised:
    """Insurance numbers: ten digits, or twelve where only the personal number is known.

    Parameters
    ----------
    texts : string[n], no nulls
    layout : `CARDS_2015` or `CARDS_BEFORE`

    Examples
    --------
    >>> raw = pa.array(["GD4790116149123", "0116149123", "DN 4 01 0116149123;GD4790116149123"])
    >>> standard_insurance(raw, CARDS_2015).values.to_pylist()
    ['0116149123', '0116149123', '0116149123']
    """
    return read_cells(texts, lambda codes: social(codes, layout == CARDS_BEFORE), _rank)


def insurance_layout(texts: pa.Array, counts: Counts) -> Layout:
    """Whether the cards of a column end in the social insurance number.

    Examples
    --------
    >>> cards = pa.array(["DN47901234567" + str(i).zfill(2) for i in range(30)])
    >>> insurance_layout(cards, np.ones(30, np.int64)).text
    'cards of before 2015'
    """
    codes = take_apart(texts)
    cards = (codes.heads > PLUS) & (codes.lengths == 13)
    rows = int(counts[cards].sum())
    alike = cards & (issuer(codes.numbers) == codes.numbers % _TEN // 10**8)
    if rows >= _FEWEST and counts[alike].sum() < _LEAST_ALIKE * rows:
        return Layout(CARDS_BEFORE, "cards of before 2015, which do not end in a person's number")
    return Layout(CARDS_2015)


INSURANCE = Rule(standard_insurance, layout=insurance_layout, bulk=True)
