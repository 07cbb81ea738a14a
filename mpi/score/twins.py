"""The class of twins: another person with one's birth date, mother and home.

Relatives are told from one person by the birth date more than by all else, and of twins it says
nothing. What is left are the given name, sex and identifiers. How many twins there are is known
before any data was seen: about one delivery in a hundred is of two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi.encode.comparisons import Comparison
from mpi.schema import Form, Kind
from mpi.score.em import Fit, level_logs, level_places
from mpi.score.relatives import IDENTIFIERS

_PAIRS_A_PERSON = 0.01
"""Pairs of twins for each person: two of a hundred children have a twin (Monden et al. 2021)."""
_STEPS = 50

_WHOLE_NAME = (0.10, 0.34, 0.05, 0.40, 0.02, 0.04, 0.005, 0.002, 0.003, 0.03, 0.005, 0.005)
"""How the full names of twins compare: the family's part is shared, and given names are often
chosen to be alike."""
_ALIKE = (0.0, 0.2, 0.2, 0.3, 0.02, 0.12, 0.02, 0.0, 0.01, 0.12, 0.01, 0.0)
_CHOSEN_ALIKE = 0.25
"""Share of given names of twins that are alike, and how; the others compare as strangers' do."""
_SEX = (0.36, 0.64)
_BIRTH = frozenset({Kind.BIRTH_DATE, Kind.BIRTH_DAY})


def can_tell_twins(comparisons: tuple[Comparison, ...]) -> bool:
    """Whether there is a birth date that twins share, and a given name that they do not."""
    kinds = {c.kind for c in comparisons}
    return bool(kinds & _BIRTH) and bool(kinds & {Kind.GIVEN_NAME, Kind.FULL_NAME})


def twin_levels(
    comparison: Comparison,
    m: npt.NDArray[np.float64],
    r: npt.NDArray[np.float64],
    u: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """How often twins reach each level, float64[n_levels], from what was learnt of the others.

    m, r, u : of one person, of relatives, of strangers
    """
    if comparison.kind == Kind.FULL_NAME:
        return np.array(_WHOLE_NAME)
    if comparison.kind == Kind.GIVEN_NAME and comparison.form == Form.NAME:
        return (1.0 - _CHOSEN_ALIKE) * u + _CHOSEN_ALIKE * np.array(_ALIKE)
    if comparison.kind == Kind.MIDDLE_NAME:
        return 0.5 * (m + u)
    if comparison.kind == Kind.SEX and len(m) == len(_SEX):
        return np.array(_SEX)
    return r if comparison.kind in IDENTIFIERS else m


def fit_twins(
    levels: npt.NDArray[np.int8],
    counts: npt.NDArray[np.float64],
    comparisons: tuple[Comparison, ...],
    fit: Fit,
    n_pairs: float,
    n_records: float,
) -> tuple[list[npt.NDArray[np.float64]], float, npt.NDArray[np.float64]]:
    """Set twins beside the classes of a fit.

    Parameters
    ----------
    levels : int8[n_patterns, n_comparisons]
    counts : float64[n_patterns], candidate pairs of each pattern
    n_pairs : all pairs of records that could be compared
    n_records : records that were counted

    Returns
    -------
    levels of twins, one float64[n_levels] a comparison; their share of all pairs, 0 where the
    fields cannot tell, else what the records show, up to what is usual; float64[n_patterns], the
    match probability of each pattern
    """
    if not can_tell_twins(comparisons) or n_records < 2.0:
        return [], 0.0, fit.posterior
    t = [twin_levels(*both) for both in zip(comparisons, fit.m, fit.r, fit.u, strict=True)]
    of_person = 1.0 + fit.prior * (n_records - 1.0)  # records of one person, on average
    usual = 2.0 * _PAIRS_A_PERSON * of_person / (n_records - 1.0)
    usual = min(usual, 0.5 * (1.0 - fit.prior - fit.relative))
    places = level_places(levels)
    same, related, unknown, own = (
        level_logs(places, tables) for tables in (fit.m, fit.r, fit.u, t)
    )
    with np.errstate(divide="ignore"):
        others = np.logaddexp(same + np.log(fit.prior), related + np.log(fit.relative))
        others = np.logaddexp(others, unknown + np.log1p(-fit.prior - fit.relative))
    twin = usual
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(others - own - np.log(twin)))
        seen = float((chance * counts).sum()) / n_pairs
        done = abs(seen - twin) <= 1e-3 * twin
        twin = float(np.clip(seen, 1e-3 * usual, usual))
        if done:
            break
    whole = np.logaddexp(others, own + np.log(twin))
    return t, twin, np.exp(same + np.log(fit.prior) - whole)
