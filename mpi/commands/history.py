"""`mpi history`: a person's life, or what the nights did."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from mpi.commands.session import Session


def run_history(
    session: Session, folder: Path, person: str | None, since: int, as_of: int | None = None
) -> None:
    """Tell the past of one person, or of the index from a snapshot on."""
    from mpi.report.history import render_life, render_nights

    index = session.open(folder)
    if as_of is not None:
        index = index.as_of(as_of)
    if person is None:
        nights = index.nights(since=since)
        if session.json:
            session.print_json([asdict(night) for night in nights])
        else:
            render_nights(session.page(), nights)
        return
    life = index.history(person.upper(), since=since)
    if session.json:
        session.print_json(asdict(life))
    else:
        render_life(session.page(), life)
