"""`mpi export`: a table of the index as a file that others read."""

from __future__ import annotations

from pathlib import Path

from mpi.commands.outputs import reserve, to_stdout
from mpi.commands.session import Session
from mpi.report.quantities import count


def run_export(
    session: Session, index: Path, table: str, output: Path | None, as_of: int | None
) -> None:
    """Write a table; on standard output it is CSV, or NDJSON with ``--json``."""
    with reserve([output]) as outputs:
        content = session.open(index).table(table, as_of=as_of)
        if output is None or str(output) == "-":
            to_stdout(content, "ndjson" if session.json else "csv")
            return
        outputs.write(output, content)
        outputs.publish()
    if session.json:
        session.print_json({"table": table, "rows": content.num_rows, "file": str(output)})
    else:
        session.say(f"{count(content.num_rows)} rows of {table} written to {output}")
