"""What stands before a night, and what is looked at after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mpi.index.base import RECORDS, Base
from mpi.index.block_drift import BlockDrift, find_block_drift
from mpi.index.diameter import find_chains
from mpi.index.drift import Drift, find_drift
from mpi.index.near import Near, named, near, sampled
from mpi.index.overlays import hold_overlays
from mpi.index.sentinels import find_sentinels
from mpi.index.upsert import with_absent
from mpi.records.keys import KEY
from mpi.records.table import RecordTable
from mpi.settings import Settings
from mpi.stages import Stages

if TYPE_CHECKING:
    from mpi.index.nightly import Update


def guard(
    base: Base, records: RecordTable, settings: Settings, *, full: bool
) -> tuple[RecordTable, Near]:
    """Tonight's records as the night takes them: absent ones deleted, overlays set aside.

    Returns
    -------
    records, and the snapshot as far as what is stored under their keys
    """
    if full and base.manifest is not None:
        records = with_absent(base.table(RECORDS, KEY), records)
    known = near(base, named(records))
    if settings.overlays == "hold" and base.manifest is not None:
        records = hold_overlays(known.stored, records, base.model())
    return records, known


def watch(base: Base, records: RecordTable, update: Update, stages: Stages) -> Update:
    """The update with what a person should know of tonight's persons and sources."""
    told = [m for m in records.messages if m not in update.messages]
    update = replace(update, incoming=records, messages=(*update.messages, *told))
    if update.resolution is None or update.changes is None:
        return update
    with stages.stage("looking for what is odd", total=len(records)):
        fresh = update.changes.change != 0
        sentinels = update.odd
        if sentinels is None:
            sentinels = find_sentinels(update.resolution, fresh, stages.scratch)
        sentinels += find_chains(update.resolution, fresh, stages.scratch)
        drift: tuple[Drift | BlockDrift, ...]
        drift = find_drift(sampled(base), update.changes, update.resolution)
        drift += find_block_drift(base, update.resolution.quality, update.counts["records"])
    messages = (*update.messages, *map(str, drift), *map(str, sentinels))
    return replace(update, sentinels=sentinels, drift=drift, messages=messages)
