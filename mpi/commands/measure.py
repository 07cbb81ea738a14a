"""`mpi evaluate`: how good a crosswalk, or an index, is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mpi.commands.outputs import reserve
from mpi.commands.session import Session
from mpi.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Measured:
    """What is measured, and against what.

    crosswalk : a file, or the folder of an index
    slices : records with flags
    links, review : pairs with their probabilities, of a crosswalk; an index brings its own
    as_of : a snapshot of the index, None for the newest
    """

    crosswalk: Path
    truth: Path
    slices: Path | None = None
    links: Path | None = None
    review: Path | None = None
    as_of: int | None = None


def run_evaluate(session: Session, asked: Measured, svg: Path | None) -> None:
    """Measure against truth, and print the measures."""
    from mpi.evaluate import calibrate, evaluate, read_slices, read_truth
    from mpi.report.evaluation import render_calibration, render_evaluation

    inputs = [asked.crosswalk, asked.truth, asked.slices, asked.links, asked.review]
    names = [str(path) for path in inputs if path is not None]
    with reserve([svg], inputs=names, text=True) as outputs:
        crosswalk, links, review = _tables(session, asked)
        if svg is not None and links is None and review is None:
            raise UsageError(
                "--svg draws stated probabilities against truth, and a crosswalk states none; "
                "give an index, or the pairs as --links FILE and --review FILE"
            )
        truth = read_truth(asked.truth)
        slices = None if asked.slices is None else read_slices(asked.slices)
        found = evaluate(crosswalk, truth, slices=slices)
        judged = None
        if links is not None or review is not None:
            judged = calibrate(truth, links, review)
        if svg is not None and judged is not None:
            from mpi.report.reliability import draw_reliability

            outputs.write_text(svg, draw_reliability(judged))
            outputs.publish()
    if session.json:
        calibration = None if judged is None else judged.to_dict()
        session.print_json(found.to_dict() | {"calibration": calibration})
        return
    page = session.page()
    render_evaluation(page, found)
    if judged is not None:
        render_calibration(page, judged)


def _tables(session: Session, asked: Measured) -> tuple[pa.Table, pa.Table | None, pa.Table | None]:
    """The crosswalk, the links and the pairs for review."""
    from mpi.evaluate import read_crosswalk, read_pairs

    if not asked.crosswalk.is_dir():
        if asked.as_of is not None:
            raise UsageError(
                f"--as-of goes with an index, and {asked.crosswalk} is a file; leave it out"
            )
        return (
            read_crosswalk(asked.crosswalk),
            None if asked.links is None else read_pairs(asked.links, "links"),
            None if asked.review is None else read_pairs(asked.review, "review"),
        )
    if asked.links is not None or asked.review is not None:
        raise UsageError(
            f"{asked.crosswalk} is an index, which has links and a review queue of its own; "
            "--links and --review go with a crosswalk file"
        )
    index = session.open(asked.crosswalk)
    if asked.as_of is not None:
        index = index.as_of(asked.as_of)
    pairs = [index.table(name, columns=["match_probability"]) for name in ("links", "review")]
    return index.table("crosswalk"), *pairs
