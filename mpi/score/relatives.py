"""The class between "same" and "stranger": two persons of one household.

Relatives share an address, a telephone and a family name, which independent fields would count
three times as evidence for one person. So pairs are a mixture of three classes. What tells
relatives from one person are the fields that are a person's own: given name, birth date, sex and
identifiers agree among relatives no more often than among strangers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi.encode.comparisons import Comparison
from mpi.encode.levels import ANOTHER_WORD
from mpi.schema import Kind

OWN = frozenset(
    {
        Kind.GIVEN_NAME,
        Kind.FULL_NAME,
        Kind.SEX,
        Kind.BIRTH_DATE,
        Kind.BIRTH_YEAR,
        Kind.BIRTH_MONTH,
        Kind.BIRTH_DAY,
    }
)
"""Kinds that are a person's own. Of all others, identifiers but for the few that are borrowed, it
is learnt how often a household has them in common: a name that nobody called a given one may be
the family's."""

_HOME = frozenset({Kind.ADDRESS, Kind.PHONE, Kind.POSTCODE})
# Relatives who do not share their home at least as often as not are namesakes or neighbours: the
# class would drift to whatever agrees most often by chance.
_MOST_APART = 0.5

_TELLING = OWN - {Kind.SEX}
IDENTIFIERS = frozenset(
    {Kind.NATIONAL_ID, Kind.INSURANCE_ID, Kind.PASSPORT_ID, Kind.IDENTIFIER, Kind.EMAIL}
)
# A child's record carries the mother's number now and then.
_BORROWED = 0.01


def can_learn_relatives(comparisons: tuple[Comparison, ...]) -> bool:
    """Whether the fields can tell relatives from one person: some shared, some of one's own."""
    shared = any(c.kind not in OWN and c.kind not in IDENTIFIERS for c in comparisons)
    return shared and any(c.kind in _TELLING for c in comparisons)


def first_r(
    comparison: Comparison, m: npt.NDArray[np.float64], u: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """How often relatives reach each level, before any data was seen."""
    if comparison.kind not in OWN and comparison.kind not in IDENTIFIERS:
        return constrain_r(comparison, 0.6 * m + 0.4 * u, u)
    return constrain_r(comparison, 0.5 * m + 0.5 * u, u)


def constrain_r(
    comparison: Comparison, r: npt.NDArray[np.float64], u: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Keep a person's own fields from being learnt as shared.

    Returns
    -------
    float64[n_levels], sums to 1
    """
    if comparison.kind in _HOME and r[0] > _MOST_APART:
        return np.append(_MOST_APART, r[1:] * ((1.0 - _MOST_APART) / (1.0 - r[0])))
    if comparison.kind not in OWN and comparison.kind not in IDENTIFIERS:
        return r
    if comparison.kind in IDENTIFIERS:
        borrowed = np.append(np.zeros(len(u) - 1), _BORROWED)
        return np.asarray((1.0 - _BORROWED) * u + borrowed)
    if comparison.kind == Kind.FULL_NAME:
        # Levels up to this one can come from the family's names alone.
        out = u.copy()
        free = 1.0 - u[ANOTHER_WORD + 1 :].sum()
        low = r[: ANOTHER_WORD + 1]
        out[: ANOTHER_WORD + 1] = low / low.sum() * free
        return out
    return u


def relative_adjustments(
    adjust: npt.NDArray[np.float32], u: float, r: float
) -> npt.NDArray[np.float32]:
    """Bits for identical values between "same" and "relative", from those against "stranger".

    Relatives agree on a value because they share it, whatever its frequency f, or by chance:
    r = a + (1 - a) u on average, a + (1 - a) f on this value.
    """
    if u >= 1.0:
        return adjust
    sharing = max(0.0, (r - u) / (1.0 - u))
    frequency = np.minimum(u * np.exp2(-adjust.astype(np.float64)), 1.0)
    return np.log2(r / (sharing + (1.0 - sharing) * frequency)).astype(np.float32)
