"""The past in words: a person's life, and what each night did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mpi.report.page import Page, visible
from mpi.report.quantities import count, plural

if TYPE_CHECKING:
    from mpi.index.history import Life, NightDone, Step

_MOST_RECORDS = 20
_KINDS = {"must_link": "same", "cannot_link": "different", "confirm": "confirmed", "pin": "pinned"}


def _at(text: str) -> str:
    """A moment as people read it.

    >>> _at("2026-11-23T05:15:25+00:00")
    '2026-11-23 05:15'
    """
    return text[:16].replace("T", " ")


def tell(step: Step, person: str) -> str:
    """What happened to a person, in one sentence."""
    others = [i for i in (*step.before, *step.after) if i != person]
    record = visible(step.record)
    if step.kind == "created":
        return f"began with record {record}"
    if step.kind == "joined":
        return f"record {record} came in"
    if step.kind == "left":
        return f"record {record} was deleted"
    if step.kind == "erased":
        return "a record was erased"
    if step.kind == "moved":
        came = person in step.after
        return (
            f"record {record} came from {others[0]}"
            if came
            else f"record {record} went to {others[0]}"
        )
    if step.kind == "merged":
        return (
            f"took over {', '.join(others)}"
            if person in step.after
            else f"was merged into {others[-1]}"
        )
    if step.kind == "split":
        if person in step.before:
            return f"was split: some records went to {', '.join(dict.fromkeys(others))}"
        return f"was split from {step.before[0]}"
    if step.kind == "retired":
        return "was retired: no record is left"
    if step.kind == "resurrected":
        if person in step.after:
            return "lives again, as its records came back"
        return f"gave {', '.join(others)} its records back"
    word, _, rest = step.kind.partition(" ")
    return f"{_KINDS.get(word, word)} {visible(rest, 80)}".strip()


def render_life(page: Page, life: Life) -> None:
    """Write a person's life and where its records are now."""
    page.heading(f"Person {life.enterprise_id}, {life.status}")
    rows = [
        (str(step.snapshot), _at(step.at), tell(step, life.enterprise_id), visible(step.cause, 120))
        for step in life.steps
    ]
    page.table(("snapshot", "when (UTC)", "what", "why"), rows, numbers=("snapshot",))
    page.line()
    if len(life.path) > 1:
        page.line(f"Replaced: {' -> '.join(life.path)}, who lives.", style="bold")
    elif life.status == "retired":
        page.line("Nobody follows this person: its last record was deleted.", style="bold")
    else:
        shown = ", ".join(visible(key) for key in life.records[:_MOST_RECORDS])
        more = len(life.records) - _MOST_RECORDS
        page.line(
            f"{plural(len(life.records), 'record')} now: {shown}"
            + (f" and {count(more)} more" if more > 0 else ""),
            style="bold",
        )
    held: dict[str, list[str]] = {}
    for key, holder in life.holders.items():
        held.setdefault(holder, []).append(key)
    for holder, keys in sorted(held.items()):
        shown = ", ".join(visible(key) for key in keys[:_MOST_RECORDS])
        who = f"now with {holder}" if holder else "deleted"
        page.line(f"{plural(len(keys), 'record')} that went, {who}: {shown}")


def render_nights(page: Page, nights: Sequence[NightDone]) -> None:
    """Write what each night did, and why."""
    if not nights:
        page.line("There is no run to tell of.")
        return
    page.heading("What the nights did")
    kinds = ("kept", "created", "merged", "split", "resurrected", "retired")
    page.table(
        ("snapshot", "when (UTC)", "what", "records", *kinds, "moved", "unexplained"),
        [
            (
                str(night.snapshot),
                _at(night.at),
                visible(night.what),
                _changes(night.records),
                *(count(night.persons[k]) if k in night.persons else "-" for k in kinds),
                count(night.moves.get("moved", 0)),
                "-" if night.unexplained is None else count(night.unexplained),
            )
            for night in nights
        ],
        numbers=("snapshot", *kinds, "moved", "unexplained"),
    )
    page.heading("Why")
    page.table(
        ("snapshot", "persons and records", "number", "because of"),
        [
            (str(night.snapshot), kind, count(number), visible(cause))
            for night in nights
            for kind, causes in night.causes.items()
            for cause, number in causes.items()
        ],
        numbers=("snapshot", "number"),
    )
    page.line()
    page.line(
        "kept to retired count persons, moved counts records that went from one person to another."
    )


def _changes(records: dict[str, int]) -> str:
    told = [f"{count(records[k])} {k}" for k in ("new", "changed", "deleted") if records.get(k)]
    return ", ".join(told) or "none"
