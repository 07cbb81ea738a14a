"""Blocks that grow: what a rule's keys hold tonight against earlier nights.

A placeholder that nobody listed, a default that a new form fills in, a registry that repeats a
telephone: each puts many records into one block. Work stays bounded, as crowded blocks are
narrowed, but narrowing costs true pairs. The figures of each night stand in its row of `runs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from mpi.index.base import Base

if TYPE_CHECKING:
    from mpi.linkage.resolution import Resolution
    from mpi.linkage.state import State

_TIMES, _SHARE = 2.0, 0.005
"""A share in crowded blocks is told when it has doubled, and grown by so much."""
_LOOKED_BACK = 30
"""Nights that stand for what is usual."""


@dataclass(frozen=True)
class BlockDrift:
    """A blocking rule with more records in crowded blocks than before.

    before, now : share of the records, 0 to 1; before the median of earlier nights
    largest : records of the rule's largest block, where it is crowded
    """

    rule: str
    before: float
    now: float
    largest: int

    def __str__(self) -> str:
        return (
            f"blocking rule '{self.rule}': {self.now:.1%} of the records are in crowded blocks, "
            f"before {self.before:.1%}; the largest holds {self.largest:,} records. Somewhere a "
            "value repeats: see the values that the rule reads with mpi profile"
        )


def with_blocks(resolution: Resolution) -> Resolution:
    """The resolution with `block_figures` in its quality; as it is where it keeps no state."""
    if resolution.state is None:
        return resolution
    figures = block_figures(resolution.state, resolution.rules)
    return replace(resolution, quality={**resolution.quality, "blocks": figures})


def block_figures(state: State, rules: Sequence[str]) -> dict[str, dict[str, int]]:
    """Crowded blocks by rule.

    Parameters
    ----------
    state : what linking keeps of the records
    rules : names of the model's rules, in their order

    Returns
    -------
    dict
        Rule -> ``blocks``, how many are crowded, ``records`` in them, and those of the ``largest``;
        of rules that have any.
    """
    figures = {}
    for number, (rule, crowded) in enumerate(zip(rules, state.crowded, strict=False)):
        held = [len(state.find(number, crowded[k : k + 1])) for k in range(len(crowded))]
        if held:
            figures[rule] = {"blocks": len(held), "records": sum(held), "largest": max(held)}
    return figures


def find_block_drift(
    base: Base, quality: Mapping[str, Any], records: int
) -> tuple[BlockDrift, ...]:
    """Rules of which more records stand in crowded blocks than in earlier nights.

    Parameters
    ----------
    base : the snapshot before tonight
    quality : tonight's `Resolution.quality`, as `with_blocks` gives it
    records : stored records, tonight's among them
    """
    earlier = _earlier(base)
    if not earlier:
        return ()
    found = []
    for rule, own in quality.get("blocks", {}).items():
        before = float(np.median([held.get(rule, 0.0) for held in earlier]))
        now = own["records"] / max(records, 1)
        if now - before >= _SHARE and now >= _TIMES * before:
            found.append(BlockDrift(rule, before, now, own["largest"]))
    return tuple(sorted(found, key=lambda drift: (-drift.now, drift.rule)))


def _earlier(base: Base) -> list[dict[str, float]]:
    """Rule -> share of the records in crowded blocks, of the last nights that tell of blocks."""
    if base.manifest is None:
        return []
    runs = base.table("runs", ["counts", "quality"]).sort_by("snapshot").to_pylist()
    shares = []
    for run in runs[-_LOOKED_BACK:]:
        told = msgspec.json.decode(run["quality"]).get("blocks")
        records = msgspec.json.decode(run["counts"]).get("records", 0)
        if told is not None and records:
            shares.append({rule: own["records"] / records for rule, own in told.items()})
    return shares
