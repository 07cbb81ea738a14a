"""`mpi rollback`: back to an earlier snapshot."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from mpi.commands.session import Session
from mpi.report.quantities import count


def run_rollback(session: Session, folder: Path, snapshot: int) -> None:
    """Publish the state of a snapshot as a new one, and tell what changed by that."""
    done = session.open(folder).rollback(snapshot)
    if session.json:
        session.print_json({"index": str(folder), **asdict(done)})
        return
    page = session.page()
    for message in done.messages:
        page.line(message)
    if done.changed:
        told = ", ".join(f"{count(n)} {kind}" for kind, n in done.events.items())
        page.line(f"Events: {told or 'none'}.")
        page.line(
            f"Snapshot {done.sequence} is published in {folder}: it is snapshot {done.to} again.",
            style="bold",
        )
