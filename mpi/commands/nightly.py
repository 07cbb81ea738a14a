"""`mpi run`: the nightly job."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpi.commands.session import Session

if TYPE_CHECKING:
    from mpi.index import MasterIndex
    from mpi.stages import Stages


def run_nightly(session: Session, inputs: Sequence[str], folder: Path) -> None:
    """Bring the index up to these inputs, publish, and end with the summary."""
    from mpi.report.summary import render_night

    with session.stages() as stages:
        summary = update_index(session, inputs, folder, stages)[1]
    if session.json:
        session.print_json(summary)
    else:
        render_night(session.page(), summary)


def update_index(
    session: Session, inputs: Sequence[str], folder: Path, stages: Stages
) -> tuple[MasterIndex, dict[str, Any]]:
    """Read the inputs and update the index in `folder`, which is made when it is missing.

    Returns
    -------
    index, summary
        The index as it is now, and what `report.summary` tells of the night.
    """
    from mpi.index import MasterIndex
    from mpi.records import read_records
    from mpi.report.summary import summarise

    settings = session.settings()
    index = MasterIndex.create_or_open(folder)
    # Reading may take minutes, so a second run is turned away before it.
    with index.locked():
        records = read_records(inputs, settings=settings, known=index.kinds(), stages=stages)
        update = index.update(records, settings=settings, stages=stages)
    resolution = update.resolution
    summary = summarise(
        records,
        index.table("crosswalk"),
        links=update.counts["links"],
        review=update.counts["review"],
        stages=stages.times,
        messages=update.messages,
        model=resolution.model_summary if resolution else index.model() or b"",
        placeholders=resolution.placeholders if resolution else (),
        quality=resolution.quality if resolution else {},
    )
    summary["index"] = {
        "folder": str(folder),
        "changed": update.changed,
        "snapshot": update.sequence,
        "changes": update.records,
        "events": update.events,
        "counts": update.counts,
    }
    return index, summary
