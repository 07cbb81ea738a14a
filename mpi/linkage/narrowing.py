"""What narrowed blocks cost: pairs of one person that no rule looks at because of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi.block.candidates import Candidates

Rows = npt.NDArray[np.int64]


def pairs_missed(
    candidates: Candidates, left: Rows, right: Rows, rules: npt.NDArray[np.uint64]
) -> dict[str, float]:
    """By rule, about how many pairs of one person are missed because its blocks were narrowed.

    Of pairs that a narrowed rule still makes it is known how many another rule makes too. Pairs
    that it makes no more are known only where another rule makes them; as large a share of these
    is taken to be known (as marked fish are, when a second net is cast).

    Parameters
    ----------
    left, right : int64[n_links], linked rows
    rules : uint64[n_links], a bit for each rule that makes the pair

    Examples
    --------
    One rule of two, whose block of four rows was narrowed to two of two; all six pairs are of one
    person, and the other rule finds three of them, one of the two that are still made:

    >>> from mpi.block.blocks import Narrowed
    >>> wide = np.zeros(4, np.int32)
    >>> report = Narrowed("name", 4, ("sex",), 0)
    >>> made = Candidates(np.zeros((4, 8), np.int32), False, (report,), (), (), {0: wide})
    >>> left, right = np.array([0, 2, 0, 1]), np.array([1, 3, 2, 3])
    >>> pairs_missed(made, left, right, np.array([0b01, 0b11, 0b10, 0b10], np.uint64))
    {'name': 2.0}
    """
    missed = {}
    for (rule, wide), report in zip(
        sorted(candidates.wide.items()), candidates.narrowed, strict=True
    ):
        own = np.uint64(1) << np.uint64(rule)
        shared = (wide[left] >= 0) & (wide[left] == wide[right])
        made = shared & (rules & own != 0)
        known = int(np.count_nonzero(made & (rules & ~own != 0)))
        parted = int(np.count_nonzero(shared & ~made))
        # One more of each: of few pairs nothing is certain.
        share = (known + 1) / (int(np.count_nonzero(made)) + 2)
        missed[report.rule] = parted * (1.0 - share) / share
    return missed


def told_of(candidates: Candidates, missed: dict[str, float]) -> list[dict[str, Any]]:
    """What became of crowded blocks, as plain values for JSON."""
    return [
        {
            "rule": crowded.rule,
            "rows": crowded.rows,
            "by": list(crowded.by),
            "left": crowded.left,
            "pairs_missed": round(missed[crowded.rule], 1),
        }
        for crowded in candidates.narrowed
    ]


def messages_of(told: list[dict[str, Any]], max_block: int) -> list[str]:
    """The same in words.

    Parameters
    ----------
    told : as `told_of` gives it
    """
    messages = []
    for crowded in told:
        missed = round(crowded["pairs_missed"])
        by = ", ".join(crowded["by"]) or "nothing"
        left = (
            f", and {crowded['left']:,} still are too many to be compared by this rule"
            if crowded["left"]
            else ""
        )
        cost = (
            f"about {missed:,} pair{'s' if missed > 1 else ''} of one person are missed by that"
            if missed
            else "hardly a pair of one person is missed by that"
        )
        messages.append(
            f"blocking rule '{crowded['rule']}' put {crowded['rows']:,} records into blocks of "
            f"more than {max_block:,}; they were narrowed by {by}{left}; {cost}"
        )
    return messages
