"""`mpi dedupe` and `mpi link`: from files to a crosswalk, without an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from mpi.commands.outputs import reserve, to_stdout
from mpi.commands.session import Session

if TYPE_CHECKING:
    from mpi.scratch import Scratch


@dataclass(frozen=True)
class Files:
    """Where the tables go; None or "-" for the crosswalk is standard output."""

    crosswalk: Path | None = None
    links: Path | None = None
    review: Path | None = None

    @property
    def to_stdout(self) -> bool:
        """Does the crosswalk go to standard output?"""
        return self.crosswalk is None or str(self.crosswalk) == "-"


def run_resolve(session: Session, inputs: Sequence[str], files: Files, *, across: bool) -> None:
    """Read, resolve, write the tables, and end with the summary.

    The crosswalk on standard output is CSV, or NDJSON with ``--json``; the summary then goes to
    standard error.
    """
    from mpi.cluster.census import count_persons
    from mpi.linkage import dedupe, link
    from mpi.records import read_records
    from mpi.report.summary import render_summary, summarise

    settings, labels = session.settings(), session.labels()
    paths = (files.crosswalk, files.links, files.review)
    read = [*inputs, *([] if session.labels_file is None else [str(session.labels_file)])]
    with reserve(paths, inputs=read) as outputs, session.stages(_scratch(files)) as stages:
        session.check_memory(inputs, stages.scratch)
        records = read_records(inputs, settings=settings, stages=stages)
        resolve = link if across else dedupe
        result = resolve(records, settings=settings, labels=labels, stages=stages)
        with stages.stage("writing", total=result.crosswalk.num_rows) as advance:
            if files.links is not None:
                outputs.write(files.links, result.links)
            if files.review is not None:
                outputs.write(files.review, result.review)
            if files.to_stdout:
                to_stdout(result.crosswalk, "ndjson" if session.json else "csv")
            elif files.crosswalk is not None:
                outputs.write(files.crosswalk, result.crosswalk)
            outputs.publish()
            advance(result.crosswalk.num_rows)
    summary = summarise(
        records,
        count_persons(result.crosswalk),
        links=result.links.num_rows,
        review=result.review.num_rows,
        stages=stages.times,
        messages=result.resolution.messages,
        model=result.resolution.model_summary,
        placeholders=result.resolution.placeholders,
        quality=result.resolution.quality,
        trust=result.resolution.trust,
        columns=result.resolution.columns,
        left_out=result.resolution.left_out,
        labels=result.resolution.labels,
    )
    if session.json and not files.to_stdout:
        session.print_json(summary)
    elif not (session.quiet and files.to_stdout):
        render_summary(session.page(results_taken=files.to_stdout), summary)


def _scratch(files: Files) -> Scratch:
    """Beside the crosswalk, where there must be room anyway, or where the system says."""
    from mpi.scratch import Scratch

    if files.crosswalk is None or files.to_stdout:
        return Scratch(Path(gettempdir()))
    return Scratch(files.crosswalk.parent)
