"""An evaluation, as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mpi.report.page import Page, visible
from mpi.report.quantities import count, probability, share

if TYPE_CHECKING:
    from mpi.evaluate import BCubed, Calibration, Evaluation, Intervals, PairMeasures, SliceMeasures

Interval = tuple[float, float]


def render_evaluation(page: Page, evaluation: Evaluation) -> None:
    """Write how good a crosswalk is."""
    page.heading("Quality")
    page.table(
        ("measure", "precision", "95 %", "recall", "95 %", "F1", "95 %"),
        [
            (
                name,
                *(f"{part.precision:.4f}", _range(sure.precision if sure else None)),
                *(f"{part.recall:.4f}", _range(sure.recall if sure else None)),
                *(f"{part.f1:.4f}", _range(sure.f1 if sure else None)),
            )
            for name, part, sure in (
                ("pairs", evaluation.pairs, evaluation.pair_intervals),
                ("pairs within a source", evaluation.within_source, None),
                ("pairs across sources", evaluation.across_sources, None),
                ("records (B-cubed)", evaluation.b_cubed, evaluation.b_cubed_intervals),
            )
            if part is not None
        ],
        numbers=("precision", "recall", "F1"),
    )
    page.line("precision: how much of what was linked is right")
    page.line("recall: how much of what should be linked was linked")
    page.line("95 %: where the measure would lie for persons like these, drawn anew")
    if evaluation.slices:
        _slices(page, evaluation)
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


def _slices(page: Page, evaluation: Evaluation) -> None:
    page.heading("Quality by slice")
    page.table(
        ("slice", "records", "merged", "split", "of", "precision", "95 %", "recall", "95 %"),
        [row for part in evaluation.slices for row in _slice_rows(part)],
        numbers=("records", "merged", "split", "precision", "recall"),
    )
    page.line("pairs: those with at least one record in the slice")
    page.line("merged: records found with a record of another person")
    page.line("split: records apart from another record of their person")
    if evaluation.not_named:
        page.line(
            f"{count(evaluation.not_named)} measured records are not in the slices' file; they are "
            "in no slice."
        )


def _slice_rows(part: SliceMeasures) -> list[tuple[str, ...]]:
    if not part.records:
        return [(visible(part.name), "0", "", "", "", "", "", "", "")]

    def figures(found: PairMeasures | BCubed, sure: Intervals) -> tuple[str, ...]:
        return (
            *(f"{found.precision:.4f}", _range(sure.precision)),
            *(f"{found.recall:.4f}", _range(sure.recall)),
        )

    counts = (count(part.records), count(part.merged), count(part.split))
    return [
        (visible(part.name), *counts, "pairs", *figures(part.pairs, part.pair_intervals)),
        ("", "", "", "", "records", *figures(part.b_cubed, part.b_cubed_intervals)),
    ]


def _range(interval: Interval | None) -> str:
    return "" if interval is None else f"{interval[0]:.4f} - {interval[1]:.4f}"


def render_calibration(page: Page, found: Calibration) -> None:
    """Write how far stated probabilities can be believed."""
    page.heading("Probabilities: what was stated of linked and reviewed pairs, and what is true")
    page.table(
        ("stated", "pairs", "on average", "of one person", "95 %"),
        [
            (
                f"{part.low:g} - {part.high:g}",
                count(part.pairs),
                probability(part.expected),
                probability(part.observed),
                _range(part.interval),
            )
            for part in found.bins
        ],
        numbers=("stated", "pairs", "on average", "of one person"),
    )
    page.line(
        f"{count(found.links)} linked pairs and {count(found.review)} pairs for review were "
        "judged; other pairs have no stated probability."
    )
    if found.unjudged:
        page.line(f"{count(found.unjudged)} pairs have a record of unknown person; left out.")
    page.line(
        f"Expected calibration error {probability(found.error)}: by so much the stated "
        "probabilities are off on average."
    )
    page.line(f"Brier score {probability(found.brier)}: 0 is certain and right throughout.")


def _counts(page: Page, headings: tuple[str, ...], rows: Sequence[tuple[int, ...]]) -> None:
    page.table(headings, [[count(value) for value in row] for row in rows], numbers=headings)
