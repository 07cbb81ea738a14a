"""m and the prior by expectation maximisation, u from random pairs.

The likelihood is that of all pairs of records, not of candidate pairs only: the prior is the share
of matches among all pairs, u is what random pairs show, and pairs that no rule made count as
differences. So a pair that agrees on its blocking key alone is no puzzle to the model: among all
pairs there are simply many such strangers (Fellegi and Sunter 1969; Winkler 1988).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.compare.comparisons import Comparison
from mpi.compare.levels import PRIOR_M

_ROUNDS = 3
_STEPS = 200
_CLOSE = 1e-7
# The default m weighs as much as this many matching pairs.
_PSEUDO_MATCHES = 30.0
# Random pairs hold matches too; at least this share of an agreement is taken to be chance.
_LEAST_CHANCE = 0.02


@dataclass(frozen=True)
class Fit:
    """What was learnt.

    m, u : one float64[n_levels] a comparison, each sums to 1
    prior : share of matches among all pairs
    likelihood : one float64[n_steps] a round, the logarithm of the likelihood times the default's
        weight; within a round u stands still and it never falls
    posterior : float64[n_patterns], match probability by pattern
    """

    m: list[npt.NDArray[np.float64]]
    u: list[npt.NDArray[np.float64]]
    prior: float
    likelihood: tuple[npt.NDArray[np.float64], ...]
    posterior: npt.NDArray[np.float64]
    converged: bool


def fit_em(
    levels: npt.NDArray[np.int8],
    counts: npt.NDArray[np.float64],
    comparisons: tuple[Comparison, ...],
    random_levels: list[npt.NDArray[np.float64]],
    n_pairs: float,
) -> Fit:
    """Fit m, u and the prior.

    Parameters
    ----------
    levels : int8[n_patterns, n_comparisons]
    counts : float64[n_patterns], candidate pairs of each pattern
    random_levels : one float64[n_levels] a comparison, how often random pairs of records reach
        each level, counts
    n_pairs : all pairs of records that could be compared

    Returns
    -------
    Fit
    """
    m = [np.array(PRIOR_M[c.form]) for c in comparisons]
    u_seen = [r / r.sum() for r in random_levels]
    prior = min(0.5, max(1.0, float(counts.sum()) / 50.0) / n_pairs)
    u = [_without_matches(s, p, prior) for s, p in zip(u_seen, m, strict=True)]
    elsewhere = max(0.0, n_pairs - float(counts.sum()))
    history: list[npt.NDArray[np.float64]] = []
    converged = False
    for _ in range(_ROUNDS):
        steps: list[float] = []
        for _ in range(_STEPS):
            posterior, likelihood = _expect(levels, counts, m, u, prior)
            prior_of_m = sum(
                float(_PSEUDO_MATCHES * (np.array(PRIOR_M[c.form]) * np.log(p)).sum())
                for c, p in zip(comparisons, m, strict=True)
            )
            steps.append(likelihood + elsewhere * float(np.log1p(-prior)) + prior_of_m)
            matches = posterior * counts
            before = prior
            prior = float(np.clip(matches.sum() / n_pairs, 0.1 / n_pairs, 0.5))
            m = [_update_m(levels[:, f], matches, c) for f, c in enumerate(comparisons)]
            converged = abs(prior - before) <= _CLOSE * before
            if converged:
                break
        history.append(np.array(steps))
        u = [_without_matches(s, p, prior) for s, p in zip(u_seen, m, strict=True)]
    posterior = _expect(levels, counts, m, u, prior)[0]
    return Fit(m, u, prior, tuple(history), posterior, converged)


def _update_m(
    level: npt.NDArray[np.int8], matches: npt.NDArray[np.float64], comparison: Comparison
) -> npt.NDArray[np.float64]:
    present = level >= 0
    seen = np.array(PRIOR_M[comparison.form]) * _PSEUDO_MATCHES
    np.add.at(seen, level[present], matches[present])
    return seen / float(seen.sum())


def _without_matches(
    seen: npt.NDArray[np.float64], m: npt.NDArray[np.float64], prior: float
) -> npt.NDArray[np.float64]:
    """u of random pairs, less the matches among them."""
    u = np.maximum(seen - prior * m, _LEAST_CHANCE * seen)
    return np.asarray(u / u.sum())


def _expect(
    levels: npt.NDArray[np.int8],
    counts: npt.NDArray[np.float64],
    m: list[npt.NDArray[np.float64]],
    u: list[npt.NDArray[np.float64]],
    prior: float,
) -> tuple[npt.NDArray[np.float64], float]:
    log_m = np.full(len(counts), np.log(prior))
    log_u = np.full(len(counts), np.log1p(-prior))
    for f in range(len(m)):
        # The last entry is that of level -1: a missing value says nothing.
        log_m += np.append(np.log(m[f]), 0.0)[levels[:, f]]
        log_u += np.append(np.log(u[f]), 0.0)[levels[:, f]]
    both = np.logaddexp(log_m, log_u)
    return np.exp(log_m - both), float((both * counts).sum())
