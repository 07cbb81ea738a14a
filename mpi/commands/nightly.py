"""`mpi run`: the nightly job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpi.commands.session import Session

if TYPE_CHECKING:
    from mpi.index import MasterIndex
    from mpi.linkage.quality import Trust
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

    settings, resolver = session.settings(), session.resolver()
    index = MasterIndex.create_or_open(folder)
    # Reading may take minutes, so a second run is turned away before it.
    with index.locked():
        records = read_records(inputs, settings=settings, known=index.kinds(), stages=stages)
        update = index.update(records, settings=settings, stages=stages, resolver=resolver)
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
        trust=resolution.trust if resolution else _trust_of(index),
        columns=resolution.columns if resolution else (),
        left_out=resolution.left_out if resolution else 0,
        labels=resolution.labels if resolution else {},
    )
    summary["index"] = {
        "folder": str(folder),
        "changed": update.changed,
        "snapshot": update.sequence,
        "changes": update.records,
        "events": update.events,
        "counts": update.counts,
        "churn": asdict(index.nights(since=update.sequence)[0]) if update.changed else None,
    }
    return index, summary


def _trust_of(index: MasterIndex) -> Trust:
    """Whether the model in force can be trusted, of a night that linked nothing."""
    from mpi.linkage.quality import Trust
    from mpi.score.model import read_model

    model = index.model()
    return Trust() if model is None else Trust(tuple(read_model(model).doubts))
