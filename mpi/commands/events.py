"""`mpi events`: the change feed, for systems that follow the index."""

from __future__ import annotations

from pathlib import Path

from mpi.commands.outputs import to_stdout


def run_events(folder: Path, after: int) -> None:
    """Write the events behind one of them to standard output, a JSON object a line."""
    from mpi.index import MasterIndex

    to_stdout(MasterIndex.open(folder).events(after=after), "ndjson")
