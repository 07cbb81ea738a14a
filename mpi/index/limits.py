"""Limits that a night must keep; where it does not, a person looks at the plan of it."""

from __future__ import annotations

from dataclasses import dataclass

from mpi.index.effects import Effects, share_of
from mpi.records.table import Fates
from mpi.settings import Limits

_FULL_SHRINK = 0.5
_FEWEST = 100
"""A source with fewer records may come and go."""


@dataclass(frozen=True)
class Breach:
    """A limit that a night would break; shares are 0 to 1."""

    name: str
    found: float
    limit: float
    text: str

    def __str__(self) -> str:
        return f"{self.text}; {self.name} is {percent(self.limit)}"


def percent(share: float) -> str:
    """A share in words.

    Examples
    --------
    >>> percent(0.001), percent(0.5), percent(2)
    ('0.1 %', '50 %', '200 %')
    """
    return f"{share * 100:.3g} %"


def broken_limits(
    limits: Limits, effects: Effects, fates: Fates, *, full: bool = False
) -> tuple[Breach, ...]:
    """The limits that these effects break.

    full : the night took a full extract; without a limit of its own, no source may then lose more
        than half of its records
    """
    persons = effects.counts_before["persons"]
    found: list[Breach] = []

    def check(name: str, part: int, whole: int, what: str) -> None:
        limit = limits.share(name)
        share = share_of(part, whole)
        if limit is not None and whole and share > limit:
            found.append(Breach(name, share, limit, f"{percent(share)} of {what} ({part:,})"))

    check("max_changed_persons", effects.changed, persons, "the persons would change")
    check("max_merged_persons", effects.merged, persons, "the persons would be merged")
    check("max_split_persons", effects.split, persons, "the persons would be split")
    queue = effects.counts_before["review"]
    grown = effects.counts_after["review"] - queue
    check("max_review_growth", max(grown, 0), queue, "the review queue would come on top of it")
    check("max_quarantined", fates.quarantined, fates.read, "the rows were set aside")
    shrink = limits.share("max_source_shrink")
    if shrink is None and full:
        shrink = _FULL_SHRINK
    growth = limits.share("max_source_growth")
    for source, (before, after) in effects.sources.items():
        if before < _FEWEST:
            continue
        lost, won = (before - after) / before, (after - before) / before
        if shrink is not None and lost > shrink:
            text = f"source {source} would lose {percent(lost)} of its {before:,} records"
            found.append(Breach("max_source_shrink", lost, shrink, text))
        if growth is not None and won > growth:
            text = f"source {source} would grow by {percent(won)} from {before:,} records"
            found.append(Breach("max_source_growth", won, growth, text))
    return tuple(found)
