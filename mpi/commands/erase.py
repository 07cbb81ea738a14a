"""`mpi erase`: forget a record."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from mpi.commands.explain import parse_key
from mpi.commands.session import Session
from mpi.report.quantities import plural


def run_erase(session: Session, folder: Path, key: str) -> None:
    """Take a record's personal data out of every snapshot, and tell what was done."""
    wanted = parse_key(key)
    index = session.open(folder)
    with session.stages(index.scratch) as stages:
        done = index.erase(wanted, stages=stages)
    if session.json:
        session.print_json({"index": str(folder), **asdict(done)})
        return
    page = session.page()
    if not done.changed:
        page.line(f"It was erased before, in snapshot {done.sequence}; nothing of it is left.")
        return
    page.line(
        f"Erased from {plural(done.snapshots, 'snapshot')}; {plural(done.files, 'file')} written "
        "again. If its source sends it again, it comes back as a new record."
    )
    page.line(f"Snapshot {done.sequence} is published in {folder}.", style="bold")
