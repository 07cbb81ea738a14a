"""The summary that ends a run: what came in, who was found, what a person should look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from mpi.cluster.census import Census
from mpi.linkage.quality import Trust
from mpi.records.account import ColumnUse, said_of_columns
from mpi.records.table import Fates, RecordTable
from mpi.report.page import Page, visible
from mpi.report.quantities import count, duration, plural, probability, share, size
from mpi.stages import StageTime
from mpi.standardise.table import Placeholder

_MOST_ROWS = 40
_MOST_PLACEHOLDERS = 15


def summarise(
    records: RecordTable,
    found: Census,
    *,
    links: int,
    review: int,
    stages: Sequence[StageTime],
    messages: Sequence[str] = (),
    model: bytes = b"",
    placeholders: Sequence[Placeholder] = (),
    quality: Mapping[str, Any] | None = None,
    trust: Trust | None = None,
    columns: Sequence[ColumnUse] = (),
    left_out: int = 0,
    labels: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything the summary says, as plain values for JSON.

    Parameters
    ----------
    records : the rows of this run
    found : the persons; of an index, those of earlier runs too
    links, review : how many pairs were linked, and how many wait for a person
    model : the model in force as JSON, for thresholds and rules; without its term frequencies it
        serves as well
    placeholders : values that were taken as unknown
    quality : expected figures with their intervals, as `Resolution.quality`
    trust : whether the result can be trusted; None where nothing was resolved
    columns : what became of each column
    left_out : probable pairs for which the review queue had no room
    labels : what became of the labels
    """
    return {
        "rows": asdict(records.total),
        "rows_by_source": {name: asdict(f) for name, f in sorted(records.fates.items())},
        "inputs": [asdict(i) for i in records.inputs],
        "quarantine_reasons": _reasons(records.quarantine),
        "records": found.records,
        "persons": found.persons,
        "persons_in_several_sources": found.across,
        "largest_person": found.largest,
        "person_sizes": {str(n): many for n, many in found.sizes},
        "sources": [asdict(s) | {"duplicates": s.duplicates} for s in found.sources],
        "links": links,
        "review": review,
        "review_left_out": left_out,
        "columns": [asdict(c) for c in columns],
        "fields": [asdict(f) | {"kind": f.kind.value} for f in records.fields],
        "model": _model(model),
        "placeholders": [asdict(p) for p in placeholders],
        "quality": dict(quality or {}),
        "trust": (trust or Trust()).to_dict(),
        "labels": dict(labels or {}),
        "messages": [
            *dict.fromkeys((*said_of_columns(columns), *records.messages, *messages)),
        ],
        "stages": [asdict(s) for s in stages],
    }


def _reasons(quarantine: pa.Table) -> dict[str, int]:
    counts = quarantine.column("reason").value_counts().to_pylist()
    ranked = sorted(counts, key=lambda c: (-c["counts"], c["values"]))
    return {c["values"]: c["counts"] for c in ranked}


def _model(model: bytes) -> dict[str, Any]:
    """What of a model a summary tells."""
    if not model:
        return {}
    from mpi.score.model import read_model

    learnt = read_model(model)
    return {
        "link_at": learnt.link_at,
        "review_at": learnt.review_at,
        "rules": learnt.rules,
        "comparisons": [c.name for c in learnt.comparisons],
    }


def render_night(page: Page, summary: Mapping[str, Any]) -> None:
    """Write the summary of a nightly job; a night that changed nothing says so in a line."""
    index = summary["index"]
    if index["changed"]:
        render_parts(page, summary)
        page.line()
        page.line(f"Snapshot {index['snapshot']} is published in {index['folder']}.", style="bold")
        render_trust(page, summary["trust"])
        return
    page.line(
        f"Nothing changed: {count(summary['rows']['read'])} rows read, none of them new to the "
        f"index. {index['folder']} stays at snapshot {index['snapshot']} with "
        f"{count(summary['records'])} records of {count(summary['persons'])} persons.",
        style="bold",
    )
    if summary["rows"]["quarantined"]:
        _rows(page, summary)
    render_trust(page, summary["trust"])


def render_summary(page: Page, summary: Mapping[str, Any]) -> None:
    """Write the summary for a registrar; that it cannot be trusted is its last line."""
    render_parts(page, summary)
    render_trust(page, summary["trust"])


def render_trust(page: Page, trust: Mapping[str, Any]) -> None:
    """Say in one line that the result cannot be trusted, and why; nothing where it can be."""
    if not trust["trusted"]:
        page.line()
        page.line(
            f"This result cannot be trusted: {visible('; '.join(trust['reasons']), 600)}.",
            style="bold",
            whole=True,
        )


def render_parts(page: Page, summary: Mapping[str, Any]) -> None:
    """Write what came in, who was found, and what it took."""
    _rows(page, summary)
    if "index" in summary:
        _tonight(page, summary["index"])
    _persons(page, summary)
    _columns(page, summary)
    render_messages(page, summary["messages"])
    render_stages(page, summary["stages"])


def _rows(page: Page, summary: Mapping[str, Any]) -> None:
    page.heading("Rows read")
    fates = {name: Fates(**f) for name, f in summary["rows_by_source"].items()}
    total = sum(fates.values(), Fates())
    shown = sorted(fates.items())[:_MOST_ROWS]
    headings = ("source", "rows", "accepted", "replaced by newer", "deleted", "set aside")
    page.table(
        headings,
        [(visible(name), *_fates(f)) for name, f in shown],
        numbers=headings[1:],
        total=("all", *_fates(total)) if len(fates) > 1 else None,
    )
    _rest(page, len(fates), "sources")
    for reason, rows in list(summary["quarantine_reasons"].items())[:5]:
        page.line(f"  set aside: {count(rows)} x {visible(reason, 100)}")


def _fates(fates: Fates) -> tuple[str, ...]:
    values = (fates.read, fates.accepted, fates.replaced, fates.deleted, fates.quarantined)
    return tuple(count(v) for v in values)


def _tonight(page: Page, index: Mapping[str, Any]) -> None:
    """What the night changed in the index."""
    page.heading("Tonight, against the index")
    said = {"older": "older than what is stored"}
    page.line(
        "Records: "
        + ", ".join(
            f"{count(many)} {said.get(name, name)}" for name, many in index["changes"].items()
        )
        + "."
    )
    if index["events"]:
        told = ", ".join(f"{count(many)} {kind}" for kind, many in index["events"].items())
        page.line(f"Events: {told}.")


def _persons(page: Page, summary: Mapping[str, Any]) -> None:
    page.heading("Persons")
    records, persons = summary["records"], summary["persons"]
    several = summary["persons_in_several_sources"]
    page.line(
        f"{plural(records, 'record')} {'is' if records == 1 else 'are'} "
        f"{plural(persons, 'person')}; the one with the most has "
        f"{plural(summary['largest_person'], 'record')}."
    )
    sources = summary["sources"]
    if len(sources) > 1:
        page.line(
            f"{count(several)} persons ({share(several, persons)}) are known to two sources "
            "or more."
        )
    headings = ("source", "records", "persons", "duplicates", "share", "also known elsewhere")
    headings = (*(headings if len(sources) > 1 else headings[:-1]), "links expected right")
    right = {s["source"]: s["expected_right"] for s in summary["quality"].get("by_source", ())}
    page.table(
        headings,
        [
            (
                visible(s["source"]),
                count(s["records"]),
                count(s["persons"]),
                count(s["duplicates"]),
                share(s["duplicates"], s["records"]),
                *([count(s["elsewhere"])] if len(sources) > 1 else []),
                "-" if right.get(s["source"]) is None else share(right[s["source"]], 1),
            )
            for s in sources[:_MOST_ROWS]
        ],
        numbers=headings[1:],
    )
    _rest(page, len(sources), "sources")
    model, waiting = summary["model"], summary["review"]
    page.line(
        f"{count(waiting)} pairs wait for a person to look at them."
        if waiting
        else "No pair waits for a person to look at it."
    )
    if summary["review_left_out"]:
        page.line(
            f"{count(summary['review_left_out'])} more probable pairs had no room in the queue."
        )
    _quality(page, summary["quality"])
    if model:
        page.line(
            f"Pairs are linked from a probability of {probability(model['link_at'])}; "
            f"from {probability(model['review_at'])} they wait for review."
        )


def _quality(page: Page, quality: Mapping[str, Any]) -> None:
    """What is expected of the result, with 95 % intervals."""
    if not quality.get("pairs_in_persons"):
        return
    ranges = {name: quality[name] for name in ("precision", "recall", "blocking_recall")}
    right, found, made = (
        f"{share(r['estimate'], 1)} ({share(r['low'], 1)} to {share(r['high'], 1)})"
        for r in ranges.values()
    )
    page.line(f"Of the pairs of records in one person {right} are expected to be right.")
    page.line(f"Of the true pairs {found} are expected to be found; blocking makes {made} of them.")
    wrong, missed = (
        f"{count(round(r['estimate']))} ({count(round(r['low']))} to {count(round(r['high']))})"
        for r in (quality["false_links"], quality["missed_candidates"])
    )
    page.line(
        f"Expected false links: {wrong}; expected missed links among the compared pairs: {missed}. "
        f"All in brackets: an interval of {quality['interval']}."
    )


def _columns(page: Page, summary: Mapping[str, Any]) -> None:
    compared = summary["model"].get("comparisons")
    page.heading("Columns")
    rows = [
        (
            visible(f["column"]),
            f["kind"].replace("_", " "),
            visible(f["why"]),
            "" if compared is None else ("yes" if f["name"] in compared else "no"),
        )
        for f in summary["fields"]
    ]
    page.table(("column", "read as", "because", "compared"), rows[:_MOST_ROWS])
    _rest(page, len(rows), "columns")
    render_placeholders(page, summary["placeholders"])


def render_placeholders(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    """Write which values mean "unknown"."""
    if not found:
        return
    page.heading("Taken as unknown")
    ranked = sorted(found, key=lambda p: (-p["rows"], p["field"], p["value"]))
    page.table(
        ("field", "value", "records", "because"),
        [
            (visible(p["field"]), visible(p["value"]), count(p["rows"]), visible(p["why"], 100))
            for p in ranked[:_MOST_PLACEHOLDERS]
        ],
        numbers=("records",),
    )
    if len(found) > _MOST_PLACEHOLDERS:
        page.line(f"  and {count(len(found) - _MOST_PLACEHOLDERS)} more (all of them with --json)")


def render_messages(page: Page, messages: Sequence[str]) -> None:
    """Write what the user should know, one line each."""
    if messages:
        page.heading("Worth knowing")
        for message in messages[:_MOST_ROWS]:
            page.line(f"- {visible(message, 1000)}")
        _rest(page, len(messages), "notes")


def render_stages(page: Page, stages: Sequence[Mapping[str, Any]]) -> None:
    """Write where time and memory went."""
    if not stages:
        return
    page.heading("Time and memory")
    page.table(
        ("stage", "time", "of all cores", "most memory so far"),
        [
            (
                visible(s["name"]),
                duration(s["wall"]),
                duration(s["cpu"]),
                size(s["peak_memory"]),
            )
            for s in stages
        ],
        numbers=("time", "of all cores", "most memory so far"),
        total=(
            "all",
            duration(sum(s["wall"] for s in stages)),
            duration(sum(s["cpu"] for s in stages)),
            size(max(s["peak_memory"] for s in stages)),
        ),
    )


def _rest(page: Page, many: int, what: str) -> None:
    if many > _MOST_ROWS:
        page.line(f"  and {count(many - _MOST_ROWS)} more {what} (all of them with --json)")
