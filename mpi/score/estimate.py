"""How many links are wrong and how many are missing, estimated without labels.

A model's own posterior is a poor judge of its links. It was fitted to the very pairs that it
judges, and it takes for one person whoever agrees by a dependence that it does not know: twins,
namesakes of one street. So the estimate looks at what can be seen in the result as well.

Wrong pairs: links without a contradiction are right more often than the model says; those in which
a field of a person's own is wholly different (another given name, another birth date) are wrong
several times as often; and pairs that stand in one person without having been worth a look
themselves are wrong now and then.

Missing pairs: of true pairs whose evidence lies below `link_at` a part is brought together by
other records, so the pairs inside persons that are no links show how many there are outside; and
those made by one blocking rule alone show how many no rule makes (see `recall`).

The weights of these parts, and how far such an estimate is usually off, were found on invented
worlds of many kinds; `python -m benchmarks coverage` measures on others how often the intervals
hold the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.encode.comparisons import Comparison
from mpi.score.em import PERSONAL, WHOLLY
from mpi.score.intervals import count_interval
from mpi.score.labels import DIFFERENT, SAME, UNTOLD
from mpi.score.recall import Recall, recall_of_rules

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Shares of each part that are wrong, or missing.
_CLEAN, _CONTRADICTED, _UNSEEN = 0.25, 4.0, 0.25
_DOUBTED, _CHAINED, _UNMADE = 0.15, 0.5, 0.3
# Where nothing speaks for an error there is one now and then, among few pairs less often.
_LEAST, _LEAST_SHARE = 0.4, 0.02
_RARELY = 0.25
# Labels that the estimate without any is worth.
_BELIEVED = 100.0
# Standard deviation of the logarithm of truth to estimate, beyond chance.
_FALSE_SPREAD, _MISSED_SPREAD = 0.85, 0.65


@dataclass(frozen=True)
class Range:
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """Plain numbers, rounded to what an estimate can carry."""
        return {k: round(float(getattr(self, k)), 6) for k in ("estimate", "low", "high")}


@dataclass(frozen=True)
class Evidence:
    """What a run shows of its own errors, a row a scored pair of rows.

    probability : float64[n], as the model states it
    linked, together : bool[n], the pair is a link, stands in one person
    contradicted : bool[n], see `contradictions`
    pairs : float64[n], pairs of records that the pair of rows stands for
    sizes : float64[n], what one wrong decision costs: of pairs inside a person a quarter of its
        squared size, of others the product of the two sizes, in pairs of records
    rules : uint64[n], bit r is set where blocking rule r makes the pair
    inside : pairs of records inside persons, scored or not
    told : int8[n], what people said: `labels.SAME`, DIFFERENT or UNTOLD; None where nobody did
    """

    probability: Floats
    linked: Flags
    together: Flags
    contradicted: Flags
    pairs: Floats
    sizes: Floats
    rules: npt.NDArray[np.uint64]
    inside: float
    told: npt.NDArray[np.int8] | None = None


@dataclass(frozen=True)
class Estimate:
    """What is expected of the pairs of records inside persons.

    precision, recall : pairwise, 0 to 1
    false_pairs, missed_pairs : pairs of records wrongly in one person, wrongly in two
    false_links, missed_candidates : of these, links, and pairs that were compared
    blocking : share of true pairs that the blocking rules make
    """

    precision: Range
    recall: Range
    false_pairs: Range
    missed_pairs: Range
    false_links: Range
    missed_candidates: Range
    blocking: Recall


def contradictions(
    levels: npt.NDArray[np.int8], comparisons: Sequence[Comparison]
) -> npt.NDArray[np.bool_]:
    """bool[n_pairs]: is a field of a person's own wholly different?

    Parameters
    ----------
    levels : int8[n_pairs, n_comparisons]
    """
    found = np.zeros(len(levels), bool)
    for f, comparison in enumerate(comparisons):
        if comparison.kind in PERSONAL:
            level = levels[:, f]
            found |= (level >= 0) & (level < WHOLLY.get(comparison.form, 1))
    return found


def doubt_of_links(probability: Floats, contradicted: Flags) -> Floats:
    """float64[n_links], how likely each link is wrong.

    Parameters
    ----------
    probability : float64[n_links], as the model states it
    contradicted : bool[n_links], see `contradictions`

    Examples
    --------
    >>> doubt_of_links(np.array([0.9, 0.9, 0.5]), np.array([False, True, True])).round(3).tolist()
    [0.025, 0.4, 1.0]
    """
    weight = np.where(contradicted, _CONTRADICTED, _CLEAN)
    return np.asarray(np.minimum(weight * (1.0 - probability), 1.0))


def estimate(seen: Evidence) -> Estimate:
    """Expected errors of a run with 95 % intervals.

    What people said of a kind of pairs (links with and without a contradiction, pairs apart) moves
    the share of errors among them, and narrows the intervals.
    """
    links, apart = seen.linked & seen.together, ~seen.together
    doubt = np.where(links, doubt_of_links(seen.probability, seen.contradicted), 0.0)
    doubted = np.where(apart, _DOUBTED * seen.probability, 0.0)
    false_spread, missed_spread = _FALSE_SPREAD, _MISSED_SPREAD
    if seen.told is not None:
        for part in (links & ~seen.contradicted, links & seen.contradicted):
            doubt = _as_told(doubt, part, seen.told, DIFFERENT)
        doubted = _as_told(doubted, apart, seen.told, SAME)
        false_spread *= _narrowed(seen.told[links])
        missed_spread *= _narrowed(seen.told[apart])
    doubt, doubted = doubt * seen.pairs, doubted * seen.pairs
    unseen = max(0.0, seen.inside - float(seen.pairs[seen.together].sum()))
    least = min(_LEAST, _LEAST_SHARE * max(seen.inside, 1.0))
    false_links = least + float(doubt.sum())
    false = false_links + _UNSEEN * unseen
    chained = float(seen.pairs[seen.together & ~seen.linked].sum())
    compared = float(doubted.sum()) + _CHAINED * chained
    # A pair apart that the model calls likely is one person far less often than it says.
    blocking = recall_of_rules(seen.rules, np.where(seen.together, 1.0, _RARELY * seen.probability))
    missed = least + compared + _UNMADE * blocking.once
    cost, gap = _mean_cost(seen.sizes, doubt), _mean_cost(seen.sizes, doubted)
    wrong = _range(min(false, seen.inside), cost, false_spread, seen.inside)
    missing = _range(missed, gap, missed_spread, np.inf)
    linked = float(seen.pairs[links].sum())
    return Estimate(
        precision=_complement(wrong, seen.inside),
        recall=_recall(seen.inside, wrong.estimate, missing),
        false_pairs=wrong,
        missed_pairs=missing,
        false_links=_range(min(false_links, linked), cost, false_spread, linked),
        missed_candidates=_range(compared, gap, missed_spread, np.inf),
        blocking=blocking,
    )


def _as_told(share: Floats, part: Flags, told: npt.NDArray[np.int8], against: int) -> Floats:
    """Shares of errors in one part of the pairs, moved to what was said of some of them.

    The expected share counts as much as `_BELIEVED` labels.
    """
    said = part & (told != UNTOLD)
    many = int(said.sum())
    expected = float(share[said].mean()) if many else 0.0
    if expected <= 0.0:
        return share
    found = _BELIEVED * expected + int((told[said] == against).sum())
    factor = found / (expected * (_BELIEVED + many))
    return np.where(part, np.minimum(share * factor, 1.0), share)


def _narrowed(told: npt.NDArray[np.int8]) -> float:
    many = int((told != UNTOLD).sum())
    return float(np.sqrt(_BELIEVED / (_BELIEVED + many)))


def _mean_cost(sizes: Floats, mass: Floats) -> float:
    """Pairs that one wrong decision costs on average, 1 at least."""
    total = float(mass.sum())
    return max(1.0, float((sizes * mass).sum()) / total) if total > 0.0 else 1.0


def _range(mean: float, cost: float, spread: float, most: float) -> Range:
    low, high = count_interval(mean / cost, spread)
    return Range(mean, min(low * cost, mean), min(max(high * cost, mean), max(most, mean)))


def _complement(wrong: Range, inside: float) -> Range:
    if inside <= 0.0:
        return Range(1.0, 0.0, 1.0)
    return Range(*(1.0 - x / inside for x in (wrong.estimate, wrong.high, wrong.low)))


def _recall(inside: float, wrong: float, missing: Range) -> Range:
    right = max(0.0, inside - wrong)
    if right <= 0.0:
        return Range(1.0 if missing.estimate < 0.5 else 0.0, 0.0, 1.0)
    return Range(*(right / (right + x) for x in (missing.estimate, missing.high, missing.low)))
