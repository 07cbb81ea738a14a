"""An evaluation, as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mpi.report.page import Page
from mpi.report.quantities import count, share

if TYPE_CHECKING:
    from mpi.evaluate import Evaluation


def render_evaluation(page: Page, evaluation: Evaluation) -> None:
    """Write how good a crosswalk is."""
    page.heading("Quality")
    page.table(
        ("measure", "precision", "recall", "F1"),
        [
            (name, f"{part.precision:.4f}", f"{part.recall:.4f}", f"{part.f1:.4f}")
            for name, part in (
                ("pairs", evaluation.pairs),
                ("pairs within a source", evaluation.within_source),
                ("pairs across sources", evaluation.across_sources),
                ("records (B-cubed)", evaluation.b_cubed),
            )
            if part is not None
        ],
        numbers=("precision", "recall", "F1"),
    )
    page.line("precision: how much of what was linked is right")
    page.line("recall: how much of what should be linked was linked")
    page.heading("Persons")
    page.line(
        f"{count(evaluation.records)} records of {count(evaluation.persons)} true persons were "
        f"measured; they were taken for {count(evaluation.clusters)} persons."
    )
    page.line(
        f"{count(evaluation.exact)} persons are exactly right "
        f"({share(evaluation.exact, evaluation.persons)} of the true, "
        f"{share(evaluation.exact, evaluation.clusters)} of the found)."
    )
    for many, what in (
        (evaluation.missing, "records of the truth are not in the crosswalk; each counts alone"),
        (evaluation.extra, "records of the crosswalk are not in the truth; they were left out"),
        (evaluation.unlabelled, "records of the truth have no person; they were left out"),
    ):
        if many:
            page.line(f"{count(many)} {what}.")
    page.heading("Persons found, by their number of records, and those that mix several")
    _counts(
        page,
        ("records each", "persons found", "mixed", "true persons in these", "wrong pairs"),
        [(r.size, r.clusters, r.mixed, r.persons, r.false_pairs) for r in evaluation.false_merges],
    )
    page.heading("True persons, by their number of records, and those that were split")
    _counts(
        page,
        ("records each", "true persons", "split", "found as", "missed pairs"),
        [(r.size, r.persons, r.split, r.clusters, r.missed_pairs) for r in evaluation.splits],
    )


def _counts(page: Page, headings: tuple[str, ...], rows: Sequence[tuple[int, ...]]) -> None:
    page.table(headings, [[count(value) for value in row] for row in rows], numbers=headings)
