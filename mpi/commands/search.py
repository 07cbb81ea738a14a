"""`mpi search`: persons like somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpi.commands.session import Session
from mpi.errors import UsageError
from mpi.report.page import visible
from mpi.report.quantities import probability

if TYPE_CHECKING:
    from mpi.serve import Hit


def parse_fields(words: Sequence[str]) -> dict[str, str]:
    """Fields and values as the command line writes them.

    Raises
    ------
    UsageError
        A field has no value, or a value no field.

    Examples
    --------
    >>> parse_fields(["--full_name", "Le An", "--birth-date=1990-05-12"])
    {'full_name': 'Le An', 'birth_date': '1990-05-12'}
    """
    fields: dict[str, str] = {}
    left, behind = list(words), "INDEX"
    while left:
        word = left.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or not name:
            raise UsageError(
                f"what stands behind {behind} belongs to no field; write --field value, with "
                'quotation marks around a value of several words, as in --full_name "Le Thi An"'
            )
        if not equals:
            if not left or left[0].startswith("--"):
                raise UsageError(f"--{visible(name)} has no value; write --field value")
            value = left.pop(0)
        behind = f"the value of --{visible(name)}"
        fields[name.replace("-", "_")] = value
    return fields


def run_search(
    session: Session, folder: Path, words: Sequence[str], limit: int, as_of: int | None = None
) -> None:
    """Find persons like this one and say why."""
    query = parse_fields(words)
    index = session.open(folder)
    if as_of is not None:
        index = index.as_of(as_of)
    hits = index.search(query, limit=limit)
    if session.json:
        session.print_json([_plain(hit) for hit in hits])
        return
    page = session.page()
    if not hits:
        page.line("Nobody shares a key with what was asked for; give more fields, or other ones.")
    for hit in hits:
        key = visible(":".join(hit.record))
        page.heading(f"{hit.enterprise_id}  {probability(hit.probability)}")
        page.table(
            ("field", "asked for", key, "how alike", "bits"),
            [
                (
                    field.name,
                    visible(field.raw_a or ""),
                    visible(field.raw_b or ""),
                    field.label,
                    f"{field.weight + field.term_frequency:+.2f}",
                )
                for field in hit.fields
            ],
            numbers=("bits",),
        )


def _plain(hit: Hit) -> dict[str, Any]:
    """A hit as plain values for JSON."""
    return {
        "enterprise_id": hit.enterprise_id,
        "probability": hit.probability,
        "weight": hit.weight,
        "record": ":".join(hit.record),
        "fields": [
            {
                "name": field["name"],
                "asked": field["raw_a"],
                "found": field["raw_b"],
                "level": field["level"],
                "label": field["label"],
                "weight": field["weight"],
                "term_frequency": field["term_frequency"],
            }
            for field in map(asdict, hit.fields)
        ],
    }
