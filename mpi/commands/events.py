"""`mpi events`: the change feed, for systems that follow the index."""

from __future__ import annotations

from pathlib import Path

from mpi.commands.outputs import to_stdout
from mpi.commands.session import Session


def run_events(session: Session, folder: Path, after: int) -> None:
    """Write the events behind one of them to standard output, a JSON object a line."""
    to_stdout(session.open(folder).events(after=after), "ndjson")
