"""`mpi evaluate`: how good a crosswalk, or an index, is."""

from __future__ import annotations

from pathlib import Path

from mpi.commands.session import Session


def run_evaluate(session: Session, crosswalk: Path, truth: Path) -> None:
    """Measure against truth, and print the measures."""
    from mpi.evaluate import evaluate, read_crosswalk, read_truth
    from mpi.report.evaluation import render_evaluation

    if crosswalk.is_dir():
        from mpi.index import MasterIndex

        table = MasterIndex.open(crosswalk).table("crosswalk")
    else:
        table = read_crosswalk(crosswalk)
    found = evaluate(table, read_truth(truth))
    if session.json:
        session.print_json(found.to_dict())
    else:
        render_evaluation(session.page(), found)
