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


def run_nightly(
    session: Session,
    inputs: Sequence[str],
    folder: Path,
    *,
    full: bool = False,
    refit: bool = False,
) -> None:
    """Bring the index up to these inputs, publish, and end with the summary.

    full : the inputs are full extracts, so records absent from them are gone
    refit : learn a new model; a plan is made and shown, and nothing is published

    Raises
    ------
    LimitError
        A limit of the settings would be broken; the plan that waits is shown.
    """
    from mpi.commands.plan import run_plan, show_plan
    from mpi.errors import LimitError
    from mpi.index.plan import PLANS
    from mpi.report.summary import render_night
    from mpi.report.watch import render_watch

    session.most_seconds()  # a slip of the pen is told before anything is done
    if refit:
        run_plan(session, inputs, folder, folder / PLANS / "refit", full=full, refit=True)
        return
    try:
        with session.stages() as stages:
            summary = update_index(session, inputs, folder, stages, full=full)[1]
    except LimitError as error:
        show_plan(session, session.open(folder).waiting(error.plan), error.plan)
        raise
    if session.json:
        session.print_json(summary)
    else:
        page = session.page()
        render_night(page, summary)
        render_watch(page, [odd["text"] for odd in (*summary["drift"], *summary["sentinels"])])


def update_index(
    session: Session, inputs: Sequence[str], folder: Path, stages: Stages, *, full: bool = False
) -> tuple[MasterIndex, dict[str, Any]]:
    """Read the inputs and update the index in `folder`, which is made when it is missing.

    Returns
    -------
    index, summary
        The index as it is now, and what `report.summary` tells of the night.
    """
    from mpi.commands.plan import sources
    from mpi.index import MasterIndex
    from mpi.records import read_records
    from mpi.report.summary import summarise

    settings, resolver = session.settings(), session.resolver()
    index = MasterIndex.create_or_open(folder, key=settings.encryption_key or None)
    stages.scratch.folder = index.scratch.folder
    # Reading may take minutes, so a second run is turned away before it.
    with index.locked():
        rows = session.check_memory(inputs, stages.scratch)
        forecast = session.forecast(stages, rows, index.counts()["records"])
        read = sources(inputs) if settings.limits.given or full else ()
        records = read_records(inputs, settings=settings, known=index.kinds(), stages=stages)
        update = index.update(
            records, settings, stages=stages, resolver=resolver, full=full, inputs=read
        )
    resolution = update.resolution
    summary = summarise(
        update.incoming or records,
        index.census(),
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
        "went_on": update.went_on,
        "time": forecast.to_dict(),
        "scratch_bytes": stages.scratch.most,
    }
    summary["sentinels"] = [asdict(s) | {"text": str(s)} for s in update.sentinels]
    summary["drift"] = [asdict(d) | {"text": str(d)} for d in update.drift]
    return index, summary


def _trust_of(index: MasterIndex) -> Trust:
    """Whether the model in force can be trusted, of a night that linked nothing."""
    from mpi.linkage.quality import Trust
    from mpi.score.model import read_model

    model = index.model()
    return Trust() if model is None else Trust(tuple(read_model(model).doubts))
