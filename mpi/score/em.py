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
    likelihood : float64[n_steps], never falls
    posterior : float64[n_patterns], match probability by pattern
    """

    m: list[npt.NDArray[np.float64]]
    u: list[npt.NDArray[np.float64]]
    prior: float
    likelihood: npt.NDArray[np.float64]
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
    u = [s.copy() for s in u_seen]
    prior = min(0.5, max(1.0, counts.sum() / 50.0) / n_pairs)
    history: list[float] = []
    converged = False
    posterior = np.zeros(len(counts))
    for _ in range(_STEPS):
        posterior, likelihood = _expect(levels, counts, m, u, prior)
        history.append(likelihood)
        matches = posterior * counts
        total = float(matches.sum())
        before = prior
        prior = float(np.clip(total / n_pairs, 0.1 / n_pairs, 0.5))
        for f, comparison in enumerate(comparisons):
            m[f] = _update_m(levels[:, f], matches, comparison)
            u[f] = _without_matches(u_seen[f], m[f], prior)
        if abs(prior - before) <= _CLOSE * before:
            converged = True
            break
    posterior, likelihood = _expect(levels, counts, m, u, prior)
    return Fit(m, u, prior, np.array([*history, likelihood]), posterior, converged)


def _update_m(
    level: npt.NDArray[np.int8], matches: npt.NDArray[np.float64], comparison: Comparison
) -> npt.NDArray[np.float64]:
    present = level >= 0
    seen = np.bincount(level[present], weights=matches[present], minlength=comparison.n_levels)
    seen = seen + np.array(PRIOR_M[comparison.form]) * _PSEUDO_MATCHES
    return np.asarray(seen / seen.sum())


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
