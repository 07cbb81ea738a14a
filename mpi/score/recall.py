"""The recall of blocking without labels: capture and recapture across the blocking rules.

A rule is a trap and a true pair an animal: how many pairs were caught once and twice tells how many
were never caught. Rules depend on each other (who has no birth date escapes several), so Chao's
(1987) estimate is a lower bound of what is missing. The interval goes from the lower to the higher
of that and of the usual share of the pairs that were caught once, each with its own uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.score.intervals import count_interval

# Of pairs caught once, those that rules of usual dependence leave uncaught beside them; how far
# off that is (deviation of the logarithm); and what may be missing where none was caught once.
_SHARE, _SPREAD, _LEAST = 0.3, 0.8, 0.4


@dataclass(frozen=True)
class Recall:
    """Share of the true pairs that some blocking rule makes, 0 to 1.

    low, high : 95 % interval
    once, twice : probable matches that one rule alone makes, that two make
    unmade : estimated number of true pairs that none makes
    """

    estimate: float
    low: float
    high: float
    once: float
    twice: float
    unmade: float

    def to_dict(self) -> dict[str, float]:
        """Plain numbers, rounded to what an estimate can carry."""
        names = ("estimate", "low", "high", "once", "twice", "unmade")
        return {name: round(float(getattr(self, name)), 6) for name in names}


def rules_of_pair(rules: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """int64[n_pairs], how many rules make each pair.

    Examples
    --------
    >>> rules_of_pair(np.array([0, 1, 6, 2**63 + 7], np.uint64)).tolist()
    [0, 1, 2, 4]
    """
    unique, inverse = np.unique(rules, return_inverse=True)
    counts = np.array([int(bits).bit_count() for bits in unique.tolist()], np.int64)
    return counts[inverse] if len(unique) else np.zeros(0, np.int64)


def recall_of_rules(rules: npt.NDArray[np.uint64], chance: npt.NDArray[np.float64]) -> Recall:
    """Estimate the recall of the rules from the pairs that they made.

    Parameters
    ----------
    rules : uint64[n_pairs], bit r is set where rule r makes the pair
    chance : float64[n_pairs], how likely each is one person

    Examples
    --------
    Of 100 pairs 80 were made by both of two rules, 10 by each alone.

    >>> rules = np.repeat(np.array([3, 1, 2], np.uint64), [80, 10, 10])
    >>> found = recall_of_rules(rules, np.ones(100))
    >>> round(found.unmade, 2), round(found.estimate, 3)
    (2.35, 0.977)
    """
    by = rules_of_pair(rules)
    caught = float(chance[by > 0].sum())
    once, twice = (float(chance[by == k].sum()) for k in (1, 2))
    if caught <= 0.0:
        return Recall(1.0, 0.0, 1.0, once, twice, 0.0)
    unmade = min(once * max(once - 1.0, 0.0) / (2.0 * (twice + 1.0)), once)
    low = count_interval(min(unmade, _SHARE * once), _SPREAD)[0]
    high = count_interval(max(unmade, _SHARE * once) + _LEAST, _SPREAD)[1]
    return Recall(
        caught / (caught + unmade),
        caught / (caught + min(high, max(caught, 3.0))),
        caught / (caught + low),
        once,
        twice,
        unmade,
    )
