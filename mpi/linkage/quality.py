"""How sure a run is of its result: expected errors with intervals, and by source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mpi.encode.comparisons import Comparison
from mpi.score.estimate import Estimate, Evidence, estimate
from mpi.score.labels import UNTOLD
from mpi.score.model import Model

_LEAST_PRECISION = 0.85
# Of fewer links nothing can be said.
_FEW_LINKS = 20

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Trust:
    """Whether the result of a run can be trusted.

    reasons : why not, in plain words; none where it can be
    learning : what learning the model showed, plain values; empty where nothing was learnt
    """

    reasons: tuple[str, ...] = ()
    learning: dict[str, Any] | None = None

    @property
    def trusted(self) -> bool:
        """Is there no reason against it?"""
        return not self.reasons

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "trusted": self.trusted,
            "reasons": list(self.reasons),
            "learning": dict(self.learning or {}),
        }


def row_evidence(
    left: Rows,
    right: Rows,
    cluster: Rows,
    records: npt.NDArray[np.float64],
    *,
    probability: npt.NDArray[np.float64],
    linked: npt.NDArray[np.bool_],
    contradicted: npt.NDArray[np.bool_],
    rules: npt.NDArray[np.uint64],
) -> Evidence:
    """What scored pairs of rows show, weighted by the records of the rows.

    Parameters
    ----------
    left, right : int64[n_pairs], rows; `left` = `right` for the copies of one row
    cluster : int64[n_rows], the smallest row of each row's person
    records : float64[n_rows], records of each row that are in its person
    """
    size = np.bincount(cluster, weights=records, minlength=len(cluster))
    together = cluster[left] == cluster[right]
    one, two = size[cluster[left]], size[cluster[right]]
    copies = left == right
    pairs = records[left] * np.where(copies, (records[left] - 1.0) / 2.0, records[right])
    return Evidence(
        probability=probability,
        linked=linked,
        together=together,
        contradicted=contradicted,
        pairs=pairs,
        sizes=np.where(together, np.maximum(1.0, one**2 / 4.0), one * two),
        rules=rules,
        inside=float((size * (size - 1.0) / 2.0).sum()),
    )


def tell_quality(seen: Evidence) -> tuple[dict[str, Any], Estimate]:
    """The expected errors as plain values, and as they are."""
    found = estimate(seen)
    precision, recall = found.precision.estimate, found.recall.estimate
    f1 = 2.0 * precision * recall / (precision + recall) if precision + recall > 0.0 else 0.0
    told: dict[str, Any] = {
        "expected_precision": round(precision, 6),
        "expected_recall": round(recall, 6),
        "expected_f1": round(f1, 6),
    }
    for name in (
        *("precision", "recall", "false_pairs", "missed_pairs", "false_links"),
        "missed_candidates",
    ):
        told[name] = getattr(found, name).to_dict()
    told["blocking_recall"] = found.blocking.to_dict()
    told["pairs_in_persons"] = int(seen.inside)
    judged = 0 if seen.told is None else int((seen.told != UNTOLD).sum())
    told["labelled_pairs"] = judged
    told["interval"] = "95 %, estimated " + ("with labels" if judged else "without labels")
    return told, found


def doubts_of(model: Model, found: Estimate, linked: int) -> tuple[str, ...]:
    """Why the result cannot be trusted: what learning showed, and what the links show."""
    reasons = list(model.doubts)
    if linked >= _FEW_LINKS and found.precision.estimate < _LEAST_PRECISION:
        reasons.append(
            f"of the pairs of records in one person {found.precision.estimate:.0%} are expected to "
            f"be right, perhaps no more than {found.precision.low:.0%}"
        )
    return tuple(reasons)


def by_source(
    names: Sequence[str],
    source: npt.NDArray[np.integer],
    left: Rows,
    right: Rows,
    right_share: npt.NDArray[np.float64],
    levels: npt.NDArray[np.int8],
    comparisons: Sequence[Comparison],
) -> list[dict[str, Any]]:
    """How reliable the links and values of each source look.

    Parameters
    ----------
    names : of the sources
    source : int32[n_records], index into `names`
    left, right : int64[n_links], records
    right_share : float64[n_links], how likely each link is right
    levels : int8[n_links, n_comparisons]

    Returns
    -------
    list of dict
        A source each: its links, the share of them that is expected to be right, and by field how
        often both records of a link have a value, and how often these are identical.
    """
    one, two = source[left], source[right]
    # A link inside one source counts once.
    other = one != two
    ends = np.concatenate([one, two[other]])
    pair = np.concatenate([np.arange(len(one)), np.flatnonzero(other)])

    def counted(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        weights = values[pair].astype(np.float64)
        return np.asarray(np.bincount(ends, weights, len(names)), np.float64)

    links, expected = counted(np.ones(len(one))), counted(right_share)
    fields = [
        (c.name, counted(levels[:, f] >= 0), counted(levels[:, f] == c.n_levels - 1))
        for f, c in enumerate(comparisons)
    ]
    return [
        {
            "source": name,
            "links": int(links[s]),
            "expected_right": round(float(expected[s] / links[s]), 6) if links[s] else None,
            "agreement": {
                field: {
                    "present": round(float(present[s] / links[s]), 4),
                    "identical": round(float(identical[s] / present[s]), 4),
                }
                for field, present, identical in fields
                if present[s]
            },
        }
        for s, name in enumerate(names)
    ]
