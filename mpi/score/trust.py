"""Whether a model can be trusted: does anything separate matches from strangers?

Doubts say in plain words why the links of a model may be guesses. Notes say what could not be
learnt and what stood in for it; they are no reason to distrust.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mpi.encode.comparisons import Comparison
from mpi.schema import Kind
from mpi.score.em import MOST_PRIOR, Fit
from mpi.score.thresholds import Expected

_FEW_RECORDS = 30
_FEW_MATCHES = 5.0
_LEAST_F1 = 0.8
_LEAST_BITS = 1.0
# What two records that agree in everything must reach.
_LEAST_BEST = 0.9
# Names and what whole towns share: namesakes agree in all of it.
_SHARED_BY_NAMESAKES = frozenset(
    {
        *(Kind.FULL_NAME, Kind.FAMILY_NAME, Kind.MIDDLE_NAME, Kind.GIVEN_NAME, Kind.NAME),
        *(Kind.SEX, Kind.PROVINCE, Kind.CATEGORY),
    }
)


@dataclass(frozen=True)
class Diagnosis:
    """What learning a model showed.

    doubts : why its links may be guesses, in plain words
    notes : what could not be learnt, and what stood in for it
    facts : the same in figures, plain values for JSON
    """

    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    facts: dict[str, Any]


def diagnose(
    fit: Fit,
    levels: npt.NDArray[np.int8],
    counts: npt.NDArray[np.float64],
    comparisons: Sequence[Comparison],
    expected: Expected,
    *,
    records: int,
    n_pairs: float,
) -> Diagnosis:
    """Look at a fitted model for signs that it separates nothing.

    Parameters
    ----------
    levels, counts : what it was fitted to, as for `fit_em`
    records, n_pairs : how many there are in all
    """
    matches = fit.prior * n_pairs
    support = fit.posterior * counts
    unsupported = {
        c.name: missing
        for f, c in enumerate(comparisons)
        if (missing := _unsupported(levels[:, f], support, c.n_levels))
    }
    doubts, notes = [], []
    if records < _FEW_RECORDS:
        many = "1 record is" if records == 1 else f"{records} records are"
        doubts.append(f"{many} too few to learn from; usual rates of errors were assumed")
    if fit.prior >= MOST_PRIOR * 0.999:
        doubts.append(
            f"nearly every second pair of records looks like one person; the share of matches was "
            f"held at {MOST_PRIOR:.0%}"
        )
    best = _bits_of_identical(fit)
    if not any(bits > _LEAST_BITS for bits in best):
        doubts.append("no column agrees more often within a person than between strangers")
    elif _chance(sum(best), 1.0 / n_pairs) < _LEAST_BEST:
        doubts.append(
            "the compared columns tell too little: even two records that agree in all of them may "
            "be two persons"
        )
    doubts += _names_only(comparisons)
    if np.isfinite(expected.f1) and expected.f1 < _LEAST_F1:
        doubts.append(
            "the records hold little that tells one person from another: matches and strangers "
            "look alike"
        )
    if not fit.converged:
        notes.append(f"the model did not settle in {fit.steps} steps; its last step was used")
    if matches < _FEW_MATCHES:
        notes.append(
            f"hardly any pair looks like one person ({matches:.1f} expected); usual rates of "
            "errors were used in place of learnt ones"
        )
    facts = {
        "converged": fit.converged,
        "steps": fit.steps,
        "prior": fit.prior,
        "expected_matches": round(matches, 1),
        "levels_without_support": unsupported,
    }
    return Diagnosis(tuple(doubts), tuple(notes), facts)


def _unsupported(
    level: npt.NDArray[np.int8], support: npt.NDArray[np.float64], n_levels: int
) -> list[int]:
    """Levels that less than half a matching pair reached; the usual share stands in for them."""
    present = level >= 0
    seen = np.bincount(level[present], weights=support[present], minlength=n_levels)
    return [int(k) for k in np.flatnonzero(seen < 0.5)]


def _bits_of_identical(fit: Fit) -> list[float]:
    return [float(np.log2(m[-1] / u[-1])) for m, u in zip(fit.m, fit.u, strict=True)]


def _chance(bits: float, prior: float) -> float:
    odds = np.exp2(min(bits, 900.0)) * prior / max(1.0 - prior, 1e-12)
    return float(odds / (1.0 + odds))


def _names_only(comparisons: Sequence[Comparison]) -> list[str]:
    if any(c.kind not in _SHARED_BY_NAMESAKES for c in comparisons):
        return []
    names = ", ".join(c.name for c in comparisons)
    return [f"only {names} could be compared, and namesakes agree in all of it"]
