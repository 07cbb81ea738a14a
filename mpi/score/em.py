"""m, r and the priors by expectation maximisation, u from random pairs.

Three classes: one person (m), relatives (r, see `relatives`), strangers (u).

The likelihood is that of all pairs of records, not of candidate pairs only: the prior is the share
of matches among all pairs, u is what random pairs show, and pairs that no rule made count as
differences. So a pair that agrees on its blocking key alone is no puzzle to the model: among all
pairs there are simply many such strangers (Fellegi and Sunter 1969; Winkler 1988).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.encode.comparisons import Comparison
from mpi.encode.levels import PRIOR_M
from mpi.schema import TRUSTED_KINDS, Form, Kind
from mpi.score.relatives import OWN, can_learn_relatives, constrain_r, first_r

Places = list[npt.NDArray[np.int64]]

_ROUNDS = 3
_STEPS = 200
_CLOSE = 1e-7
# The default m weighs as much as this many matching pairs.
_PSEUDO_MATCHES = 30.0
# Weights stay below 40 bits; ten million records show no share as small as this.
_LEAST_SHARE = 1e-12
# Random pairs hold matches too; at least this share of an agreement is taken to be chance.
_LEAST_CHANCE = 0.02
MOST_PRIOR = 0.45
"""Of one person and of relatives alike, so that strangers keep a share of their own."""
_MOST_RELATIVE = 0.9
# One person's values are wholly different at most that often: birth dates and names of which more
# differ are another class of pairs, however many there are and whatever else they share.
_MOST_DIFFERENT = {
    Kind.GIVEN_NAME: 0.25,
    Kind.FULL_NAME: 0.25,
    Kind.FAMILY_NAME: 0.3,
    Kind.SEX: 0.1,
    Kind.NAME: 0.4,
    Kind.MOTHER_NAME: 0.4,
    Kind.FATHER_NAME: 0.4,
    Kind.BIRTH_DATE: 0.2,
    Kind.BIRTH_YEAR: 0.2,
    Kind.BIRTH_MONTH: 0.25,
    Kind.BIRTH_DAY: 0.3,
    Kind.ADDRESS: 0.6,
    Kind.STREET_NUMBER: 0.6,
    Kind.WARD: 0.5,
    Kind.DISTRICT: 0.5,
    Kind.PROVINCE: 0.4,
    Kind.POSTCODE: 0.6,
    Kind.PHONE: 0.6,
    Kind.EMAIL: 0.6,
    Kind.NATIONAL_ID: 0.4,
    Kind.INSURANCE_ID: 0.4,
    Kind.PASSPORT_ID: 0.4,
}
_PLACES = frozenset(
    {
        Kind.ADDRESS,
        Kind.STREET_NUMBER,
        Kind.WARD,
        Kind.DISTRICT,
        Kind.PROVINCE,
        Kind.POSTCODE,
    }
)
PERSONAL = OWN | TRUSTED_KINDS | {Kind.NAME, Kind.IDENTIFIER}
"""What a person does not change and does not share; names of unknown position as well."""
WHOLLY = {Form.NAME: 3, Form.DATE: 2}
"""How many levels, from 0 on, count as wholly different; 1 of all other forms."""


@dataclass(frozen=True)
class Fit:
    """What was learnt.

    m, r, u : one float64[n_levels] a comparison, each sums to 1
    prior, relative : share of matches and of relatives among all pairs; `relative` is 0 where the
        fields cannot tell
    likelihood : one float64[n_steps] a round, the logarithm of the likelihood times the default's
        weight; within a round u stands still and it never falls
    posterior : float64[n_patterns], match probability by pattern
    converged, steps : did the prior settle, and after how many steps in all
    """

    m: list[npt.NDArray[np.float64]]
    r: list[npt.NDArray[np.float64]]
    u: list[npt.NDArray[np.float64]]
    prior: float
    relative: float
    likelihood: tuple[npt.NDArray[np.float64], ...]
    posterior: npt.NDArray[np.float64]
    converged: bool
    steps: int


def fit_em(
    levels: npt.NDArray[np.int8],
    counts: npt.NDArray[np.float64],
    comparisons: tuple[Comparison, ...],
    random_levels: list[npt.NDArray[np.float64]],
    n_pairs: float,
    known: list[npt.NDArray[np.float64]] | None = None,
) -> Fit:
    """Fit m, u and the prior.

    Parameters
    ----------
    levels : int8[n_patterns, n_comparisons]
    counts : float64[n_patterns], candidate pairs of each pattern
    random_levels : one float64[n_levels] a comparison, how often random pairs of records reach
        each level, counts
    n_pairs : all pairs of records that could be compared
    known : one float64[n_levels] a comparison, how often pairs that are known to be of one person
        reach each level; they count beside the usual m

    Returns
    -------
    Fit
    """
    default = [np.array(PRIOR_M[c.form]) for c in comparisons]
    said = [_PSEUDO_MATCHES * d for d in default]
    if known is not None:
        said = [usual + counted for usual, counted in zip(said, known, strict=True)]
    m = [counted / counted.sum() for counted in said]
    u_seen = [seen / seen.sum() for seen in random_levels]
    prior = min(MOST_PRIOR, max(1.0, float(counts.sum()) / 50.0) / n_pairs)
    relative = prior if can_learn_relatives(comparisons) else 0.0
    # The first prior is a guess: taking that many matches off u leaves too few agreements by
    # chance, and with few fields EM then stays at a prior five times too high.
    u = [seen.copy() for seen in u_seen]
    r = [first_r(c, p, q) for c, p, q in zip(comparisons, m, u, strict=True)]
    said_r = [_PSEUDO_MATCHES * p for p in r]
    elsewhere = max(0.0, n_pairs - float(counts.sum()))
    places = level_places(levels)
    history: list[npt.NDArray[np.float64]] = []
    converged = False
    for _ in range(_ROUNDS):
        steps: list[float] = []
        for _ in range(_STEPS):
            same, related, likelihood = _expect(places, counts, (m, r, u), prior, relative)
            steps.append(
                likelihood
                + elsewhere * float(np.log1p(-prior - relative))
                + _log_said(said, m)
                + (_log_said(said_r, r) if relative > 0.0 else 0.0)
            )
            before = prior
            matches, kin = same * counts, related * counts
            prior = float(np.clip(matches.sum() / n_pairs, 0.1 / n_pairs, MOST_PRIOR))
            m = [
                _within(c, _update(places[f], matches, usual))
                for f, (c, usual) in enumerate(zip(comparisons, said, strict=True))
            ]
            if relative > 0.0:
                # Of what `prior` leaves, which is not the matches' own share where that was cut.
                share = kin.sum() / max(n_pairs - matches.sum(), kin.sum())
                relative = (1.0 - prior) * float(np.clip(share, 0.01 / n_pairs, _MOST_RELATIVE))
                r = [
                    constrain_r(c, _update(places[f], kin, said_r[f]), u[f])
                    for f, c in enumerate(comparisons)
                ]
            converged = abs(prior - before) <= _CLOSE * before
            if converged:
                break
        history.append(np.array(steps))
        u = [_without_matches(s, p, prior) for s, p in zip(u_seen, m, strict=True)]
        r = [constrain_r(c, p, q) for c, p, q in zip(comparisons, r, u, strict=True)]
    m = _moved_together(comparisons, m, u)
    m, r, u = ([_positive(table) for table in tables] for tables in (m, r, u))
    posterior = _expect(places, counts, (m, r, u), prior, relative)[0]
    steps_taken = sum(len(steps) for steps in history)
    return Fit(m, r, u, prior, relative, tuple(history), posterior, converged, steps_taken)


def _log_said(said: list[npt.NDArray[np.float64]], learnt: list[npt.NDArray[np.float64]]) -> float:
    """Log likelihood of the pairs that are taken as seen beforehand."""
    return sum(float((n * np.log(p)).sum()) for n, p in zip(said, learnt, strict=True))


def level_places(levels: npt.NDArray[np.int8]) -> Places:
    """int64[n_patterns] a comparison, contiguous: the levels and 1, so that missing is 0."""
    return [levels[:, f].astype(np.int64) + 1 for f in range(levels.shape[1])]


def _update(
    place: npt.NDArray[np.int64], pairs: npt.NDArray[np.float64], said: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    seen = said + np.bincount(place, weights=pairs, minlength=len(said) + 1)[1:]
    return np.asarray(seen / seen.sum())


def _positive(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The same shares, none so small that its weight would be infinite."""
    if table.min() >= _LEAST_SHARE and np.isfinite(table).all():
        return table
    floored = np.maximum(np.nan_to_num(table, nan=0.0, posinf=1.0), _LEAST_SHARE)
    return np.asarray(floored / floored.sum())


def _within(comparison: Comparison, m: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """m with no more that is wholly different than one person can have.

    The most likely m under that bound: shares within and beyond it stay in proportion.
    """
    most = _MOST_DIFFERENT.get(comparison.kind, 1.0)
    low = WHOLLY.get(comparison.form, 1)
    different = float(m[:low].sum())
    if different <= most:
        return m
    rest = max(1.0 - different, _LEAST_SHARE)
    return np.append(m[:low] * (most / different), m[low:] * ((1.0 - most) / rest))


def _moved_together(
    comparisons: tuple[Comparison, ...],
    m: list[npt.NDArray[np.float64]],
    u: list[npt.NDArray[np.float64]],
) -> list[npt.NDArray[np.float64]]:
    """m of which all fields of a place together say against one person what one of them would.

    Who moves house has another street, postcode and town at once; as independent fields they would
    speak against one person three times.
    """
    places = [f for f, c in enumerate(comparisons) if c.kind in _PLACES and m[f][0] < u[f][0]]
    if len(places) < 2:
        return m
    out = list(m)
    for f in places:
        different = m[f][0] * (u[f][0] / m[f][0]) ** (1.0 - 1.0 / len(places))
        out[f] = np.append(different, m[f][1:] * ((1.0 - different) / (1.0 - m[f][0])))
    return out


def _without_matches(
    seen: npt.NDArray[np.float64], m: npt.NDArray[np.float64], prior: float
) -> npt.NDArray[np.float64]:
    """u of random pairs, less the matches among them."""
    u = np.maximum(seen - prior * m, _LEAST_CHANCE * seen)
    return np.asarray(u / u.sum())


def level_logs(places: Places, tables: list[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """float64[n_patterns], the logarithm of how likely a class reaches these levels.

    places : as `level_places` gives them
    """
    log = np.zeros(len(places[0]) if places else 0)
    for place, table in zip(places, tables, strict=True):
        # A missing value says nothing.
        log += np.append(0.0, np.log(table))[place]
    return log


def _expect(
    places: Places,
    counts: npt.NDArray[np.float64],
    classes: tuple[list[npt.NDArray[np.float64]], ...],
    prior: float,
    relative: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    """Posterior of "same" and of "relative" by pattern, and the log likelihood."""
    with np.errstate(divide="ignore"):
        starts = np.log([prior, relative, 1.0 - prior - relative])
    logs = [
        start + level_logs(places, tables) for start, tables in zip(starts, classes, strict=True)
    ]
    total = np.logaddexp(np.logaddexp(logs[0], logs[1]), logs[2])
    return np.exp(logs[0] - total), np.exp(logs[1] - total), float((total * counts).sum())
