"""National identity numbers: personal numbers of twelve digits, identity cards of nine, passports.

A person may stand with the card of nine digits in one registry and with the personal number of
twelve in another: how long a number is tells its kind (:func:`number_kinds`), and two numbers of
different kinds say nothing about each other.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.standardise.encode import Counts
from mpi.standardise.rules import Layout, Mask, Rule, Standardised
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.cccd import Doubt, doubts_of, is_run, restorable
from mpi.standardise.vietnam.cells import read_cells
from mpi.standardise.vietnam.codes import LETTERS, PLUS, Codes, Ints, head_of, take_apart
from mpi.standardise.vietnam.phones import digits_of, is_mobile, new_starts

KEPT, ZEROS_LOST = "zeros kept", "zeros lost"
RESTORED = "zero lost in front, restored"
PHONE_TYPED = "telephone number in place of an identifier, taken as missing"
NO_SERIAL = "personal number with a serial of zeros, taken as missing"
IMPOSSIBLE = "personal number of an impossible province or year, kept"
CARD_TYPED = "health insurance card in place of an identity number, kept"
UNKNOWN_FORM = "no form of a Vietnamese identity number, kept"

_O, _OO = head_of("O"), head_of("OO")
_LABELS = tuple(head_of(label) for label in ("ID", "CC", "SO", "NO", "MA", "HC"))
_MILLION = 10**6
_MOST = 0.6


class NumberKind(IntEnum):
    """What a number in an identity column is, by its form alone."""

    NONE = 0
    PERSONAL = 1  # twelve digits: CCCD, căn cước, and cards of twelve digits since 2012
    CARD = 2  # nine digits: CMND; changed when its holder moved to another province
    SOCIAL = 3  # ten digits: social insurance
    PASSPORT = 4  # a letter and seven or eight digits
    INSURANCE = 5  # a health insurance card of fifteen characters
    OTHER = 6


NAMES = {
    NumberKind.PERSONAL: "personal numbers of twelve digits",
    NumberKind.CARD: "identity cards of nine digits",
    NumberKind.SOCIAL: "numbers of ten digits",
    NumberKind.PASSPORT: "passports",
    NumberKind.INSURANCE: "health insurance cards",
    NumberKind.OTHER: "others",
}


def kinds_of(codes: Codes) -> npt.NDArray[np.int8]:
    """int8[n], the kind of each number; `OTHER` where the text is not taken apart."""
    plain, letter = codes.heads == 0, (codes.heads > 0) & (codes.heads < PLUS)
    length = codes.lengths
    kinds = np.full(len(codes), NumberKind.OTHER, np.int8)
    kinds[(length == 0) & plain] = NumberKind.NONE
    kinds[plain & (length == 12)] = NumberKind.PERSONAL
    kinds[plain & (length == 9)] = NumberKind.CARD
    kinds[plain & (length == 10)] = NumberKind.SOCIAL
    kinds[letter & ((length == 7) | (length == 8))] = NumberKind.PASSPORT
    kinds[(codes.heads > PLUS) & (length == 13)] = NumberKind.INSURANCE
    return kinds


def kind_of(head: int, length: int) -> NumberKind:
    """The kind of one number, as `kinds_of` tells it.

    Examples
    --------
    >>> kind_of(0, 12), kind_of(head_of("B"), 7), kind_of(0, -1)
    (<NumberKind.PERSONAL: 1>, <NumberKind.PASSPORT: 4>, <NumberKind.OTHER: 6>)
    """
    if head == 0:
        return _PLAIN_KINDS.get(length, NumberKind.OTHER)
    if head < PLUS:
        return NumberKind.PASSPORT if length in (7, 8) else NumberKind.OTHER
    return NumberKind.INSURANCE if head > PLUS and length == 13 else NumberKind.OTHER


_PLAIN_KINDS = {
    0: NumberKind.NONE,
    9: NumberKind.CARD,
    10: NumberKind.SOCIAL,
    12: NumberKind.PERSONAL,
}


def number_kinds(values: pa.Array) -> npt.NDArray[np.int8]:
    """int8[n], the :class:`NumberKind` of each standard value; null is `NONE`.

    Examples
    --------
    >>> number_kinds(pa.array(["001090012345", "012345678", "B1234567", None])).tolist()
    [1, 2, 4, 0]
    """
    return kinds_of(take_apart(values.fill_null("") if values.null_count else values))


def known_kinds(values: pa.Array) -> npt.NDArray[np.int8]:
    """int8[n], the kind of each standard value as far as its form tells; else 0.

    Examples
    --------
    >>> known_kinds(pa.array(["001090012345", "012345678", "12345"])).tolist()
    [1, 2, 0]
    """
    kinds = number_kinds(values)
    return np.where(kinds == NumberKind.OTHER, np.int8(0), kinds).astype(np.int8)


def judged(codes: Codes, zeros_lost: bool) -> tuple[Codes, dict[str, Mask]]:
    """Identity numbers as they should have been written, and what was done to which."""
    codes = codes.copy()
    done: dict[str, Mask] = {}
    done[LETTERS] = o_for_zero(codes)
    codes.heads[labelled(codes)] = 0
    plain = codes.heads == 0
    lost = restorable(codes, two=zeros_lost)
    eight = np.flatnonzero(plain & (codes.lengths == 8))
    numbers = codes.numbers[eight]
    lost[eight] = (
        (numbers >= 10**7) & reference.is_cmnd_prefix()[numbers // _MILLION] & ~is_run(numbers, 8)
    )
    codes.lengths[lost] = np.where(codes.lengths[lost] == 8, 9, 12)
    done[RESTORED] = lost
    done[PHONE_TYPED] = typed_phones(codes)
    codes.lengths[done[PHONE_TYPED]] = 0
    twelve = np.flatnonzero(plain & (codes.lengths == 12))
    doubts = doubts_of(codes.numbers[twelve]) & ~np.uint8(Doubt.COUNTRY)
    twelve, doubts = twelve[doubts != 0], doubts[doubts != 0]
    empty = (doubts & np.uint8(Doubt.SERIAL) != 0) & ~is_run(codes.numbers[twelve], 12)
    for repair, rows in ((NO_SERIAL, twelve[empty]), (IMPOSSIBLE, twelve[~empty])):
        done[repair] = np.zeros(len(codes), np.bool_)
        done[repair][rows] = True
    codes.lengths[done[NO_SERIAL]] = 0
    kinds = kinds_of(codes)
    done[CARD_TYPED] = kinds == NumberKind.INSURANCE
    done[UNKNOWN_FORM] = (kinds == NumberKind.OTHER) & ~codes.odd
    return codes, done


def labelled(codes: Codes) -> Mask:
    """bool[n], numbers with a word in front that says what they are."""
    found = np.zeros(len(codes), np.bool_)
    rows = np.flatnonzero((codes.heads > PLUS) & ((codes.lengths == 9) | (codes.lengths == 12)))
    found[rows] = np.isin(codes.heads[rows], _LABELS)
    return found


def o_for_zero(codes: Codes, usual: tuple[int, ...] = (9, 12)) -> Mask:
    """Read one or two letters O in front of a number as zeros, in place: bool[n], which.

    usual : lengths of a number with its zeros
    """
    rows = np.flatnonzero((codes.heads == _O) | (codes.heads == _OO))
    length = codes.lengths[rows] + np.where(codes.heads[rows] == _O, 1, 2)
    right = np.isin(length, usual)
    codes.lengths[rows[right]] = length[right]
    codes.heads[rows[right]] = 0
    found = np.zeros(len(codes), np.bool_)
    found[rows[right]] = True
    return found


def typed_phones(codes: Codes) -> Mask:
    """bool[n], telephone numbers where an identifier should be.

    With the zero in front all of them are known; without it a mobile number has nine digits as an
    identity card has, of which none begins with 4 or more.
    """
    found = np.zeros(len(codes), np.bool_)
    plain = codes.heads == 0
    rows = np.flatnonzero(plain & (codes.lengths >= 9) & (codes.lengths <= 11))
    numbers, digits = codes.numbers[rows], digits_of(codes.numbers[rows])
    zero = codes.lengths[rows] == digits + 1
    mobile = (digits == 9) & is_mobile(numbers) & (zero | (numbers >= 4 * 10**8))
    old = (digits == 10) & zero & (new_starts()[0][np.where(digits == 10, numbers, 0) // 10**7] > 0)
    found[rows] = mobile | old
    return found


def standard_national(texts: pa.Array, layout: str) -> Standardised:
    """National identity numbers in standard form: digits with their zeros, letters in front.

    Parameters
    ----------
    texts : string[n], no nulls
    layout : `KEPT` or `ZEROS_LOST`

    Examples
    --------
    >>> raw = pa.array(["001.090.012.345", "79190012345", "CMND 012345678", "0912345678"])
    >>> standard_national(raw, KEPT).values.to_pylist()
    ['001090012345', '079190012345', '012345678', '']
    """
    return read_cells(texts, lambda codes: judged(codes, layout == ZEROS_LOST), _rank)


def _rank(codes: Codes) -> Ints:
    """Of several numbers in a cell the personal one is kept: it never changes."""
    kinds = kinds_of(codes).astype(np.int64)
    return np.where(codes.lengths == 0, len(NumberKind), kinds)


def national_layout(texts: pa.Array, counts: Counts) -> Layout:
    """Whether the column was stored as numbers, and which kinds of numbers it holds.

    Examples
    --------
    >>> national_layout(pa.array(["1090012345", "79190012345"]), np.array([3, 5])).text
    'zeros lost'
    """
    codes = take_apart(texts)
    kept = int(counts[(codes.lengths == 12) & (codes.numbers < 10**11)].sum())
    one, two = restorable(codes), restorable(codes, two=True)
    lost = int(counts[one].sum())
    ten = int(counts[(codes.heads == 0) & (codes.lengths == 10) & (codes.numbers >= 10**9)].sum())
    # A fifth of all social insurance numbers would pass for personal numbers without their zeros.
    likely = lost > 0 and int(counts[two & ~one].sum()) > _MOST * ten
    layout = ZEROS_LOST if lost > 10 * kept or likely else KEPT
    rows = np.bincount(kinds_of(judged(codes, layout == ZEROS_LOST)[0]), counts, len(NumberKind))
    total = max(int(rows[1:].sum()), 1)
    shares = [
        f"{name} {100 * rows[kind] / total:.0f} %"
        for kind, name in sorted(NAMES.items(), key=lambda item: -rows[item[0]])
        if rows[kind] * 200 >= total
    ]
    message = ", ".join(shares)
    if lost > 10 * kept:
        message += "; stored as numbers, so that zeros in front were lost"
    return Layout(layout, message)


NATIONAL = Rule(standard_national, layout=national_layout, bulk=True)
