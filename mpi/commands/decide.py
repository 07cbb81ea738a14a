"""`mpi decide`: a person's decisions, one on the command line or many from a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpi.commands.explain import parse_key, unknown_record
from mpi.commands.session import Session, command_name
from mpi.errors import UsageError
from mpi.report.page import visible
from mpi.report.quantities import count

if TYPE_CHECKING:
    from mpi.index import MasterIndex
    from mpi.index.decisions import Decision
    from mpi.index.nightly import Update

_SHOWN = 10
_USE = (
    "decide one of: same A B, different A B, pin ID, confirm ID, set FIELD VALUE on ID, "
    "withdraw NUMBER; or give --file"
)
_NAMES = {
    "decision": ("decision", "kind"),
    "id": ("id", "enterprise_id"),
    "by": ("by", "decided_by"),
    "why": ("why", "reason"),
    "at": ("at", "decided_at"),
}


@dataclass(frozen=True)
class Asked:
    """What was asked of `mpi decide`.

    words : such as ("same", "hanoi:17", "hue:9")
    withdraw : numbers of decisions
    """

    words: tuple[str, ...]
    file: Path | None = None
    by: str = ""
    why: str | None = None
    withdraw: tuple[int, ...] = ()


def run_decide(session: Session, folder: Path, asked: Asked) -> None:
    """Take decisions, or take them back, and tell what that changed."""
    numbers, wanted = _wanted(asked)
    index = session.open(folder)
    with session.stages(index.scratch) as stages:
        if numbers:
            done = index.withdraw(*numbers, by=asked.by, why=asked.why, stages=stages)
        else:
            try:
                done = index.decide(wanted, by=asked.by, why=asked.why, stages=stages)
            except UsageError as error:
                crosswalk = index.table("crosswalk", columns=["source", "record_id"])
                keys = [key for made in wanted for key in made.keys]
                raise unknown_record(crosswalk, keys, folder) or error from None
    if session.json:
        session.print_json(
            {
                "changed": done.changed,
                "snapshot": done.sequence,
                "decisions": list(done.decisions),
                "withdrawn": bool(numbers),
                "events": done.events,
                "counts": done.counts,
                "messages": list(done.messages),
            }
        )
        return
    _tell(session, index, done, wanted, bool(numbers))


def _wanted(asked: Asked) -> tuple[tuple[int, ...], list[Decision]]:
    """Numbers to withdraw, or decisions to take; never both."""
    numbers, words = asked.withdraw, asked.words
    if words and words[0] == "withdraw":
        if len(words) < 2 or not all(word.isdecimal() for word in words[1:]):
            raise UsageError(
                "withdraw takes the number of a decision, the 'sequence' in: "
                "mpi export INDEX decisions"
            )
        numbers, words = (*numbers, *map(int, words[1:])), ()
    if sum((bool(numbers), bool(words), asked.file is not None)) != 1:
        raise UsageError(_USE)
    if numbers:
        return numbers, []
    if asked.file is not None:
        return (), list(read_decisions_file(asked.file))
    return (), [parse_decision(words)]


def parse_decision(words: tuple[str, ...]) -> Decision:
    """A decision as the command line writes it.

    Raises
    ------
    UsageError
        It is none.

    Examples
    --------
    >>> parse_decision(("same", "hanoi:17", "hue:9")).b
    ('hue', '9')
    >>> parse_decision(("set", "full_name", "Le An", "on", "NR2SEW49BP")).value
    'Le An'
    """
    from mpi.index.decisions import KINDS, decision

    word, *rest = words
    if word not in KINDS:
        raise UsageError(f"there is no decision '{visible(word)}'; {_USE}")
    if word in ("same", "different") and len(rest) == 2:
        return decision(word, *(parse_key(text) for text in rest))
    if word in ("pin", "confirm") and len(rest) == 1:
        return decision(word, rest[0])
    if word == "set" and len(rest) == 4 and rest[2] == "on":
        return decision(word, rest[0], rest[1], rest[3])
    raise UsageError(f"'{word}' with {len(rest)} words behind it is no decision; {_USE}")


def read_decisions_file(path: Path) -> Iterator[Decision]:
    """The decisions of a file; those marked as withdrawn are passed over.

    Raises
    ------
    UsageError
        The file cannot be read, or a row is no decision.
    """
    from mpi.evaluate.read import read_table

    table = read_table(path)
    have = {name.lower(): name for name in table.column_names}
    names = {k: next((have[n] for n in ns if n in have), None) for k, ns in _NAMES.items()}
    if names["decision"] is None:
        raise UsageError(
            f"{path} has no column 'decision' (found: {', '.join(table.column_names)}); its "
            "columns are decision, a, b, id, field, value, by, why"
        )
    for number, raw in enumerate(table.to_pylist(), 1):
        row = {k: raw[n] for k, n in have.items()}
        row |= {k: raw[n] for k, n in names.items() if n is not None}
        if str(row.get("withdrawn")).lower() == "true":
            continue
        try:
            yield _from_row(row)
        except UsageError as error:
            raise UsageError(f"{path}, row {number}: {error}") from None


def _from_row(row: dict[str, Any]) -> Decision:
    from mpi.index.decisions import KINDS

    def text(name: str) -> str:
        value = row.get(name)
        return "" if value is None else str(value).strip()

    words_of = {kind: word for word, kind in KINDS.items()}
    word = text("decision").lower()
    word = words_of.get(word, word)
    if word in ("same", "different"):
        ends = [
            text(end) or ":".join((text(f"source_{end}"), text(f"record_id_{end}")))
            for end in ("a", "b")
        ]
        made = parse_decision((word, *ends))
    elif word == "set":
        made = parse_decision((word, text("field"), text("value"), "on", text("id")))
    else:
        made = parse_decision((word, text("id")))
    return replace(made, by=text("by"), why=text("why") or None, at=text("at") or None)


def _tell(
    session: Session, index: MasterIndex, done: Update, wanted: list[Decision], withdrawn: bool
) -> None:
    page = session.page()
    for message in done.messages:
        page.line(visible(message, longest=200))
    if not done.changed:
        page.line(f"Nothing changed; the index stays at snapshot {done.sequence}.", style="bold")
        return
    shown = ", ".join(map(str, done.decisions[:_SHOWN]))
    more = len(done.decisions) - _SHOWN
    shown += f" and {count(more)} more" if more > 0 else ""
    word = "Decision" if len(done.decisions) == 1 else "Decisions"
    page.line(f"{word} {shown} {'withdrawn' if withdrawn else 'taken'}.")
    said = ", ".join(f"{count(n)} {kind}" for kind, n in done.events.items())
    page.line(f"What it changed: {said}." if said else "Everybody stays who he is.")
    if len(wanted) == 1 and wanted[0].a is not None:
        ids = _ids(index, wanted[0])
        one = "one person" if len(set(ids)) == 1 else "two persons"
        page.line(f"They are {one} now: {' and '.join(dict.fromkeys(ids))}.")
    page.line(f"Snapshot {done.sequence} is published in {index.path}.", style="bold")
    if not withdrawn and done.decisions:
        back = f"{command_name()} decide {index.path} withdraw {done.decisions[0]}"
        page.line(f"To take it back: {back}")


def _ids(index: MasterIndex, made: Decision) -> list[str]:
    from mpi.records.keys import find_keys, key_table

    crosswalk = index.table("crosswalk")
    rows = find_keys(key_table(made.keys), crosswalk)
    return [str(crosswalk["enterprise_id"][row].as_py()) for row in rows.tolist()]
