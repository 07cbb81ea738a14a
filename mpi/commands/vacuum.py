"""`mpi vacuum`: forget old snapshots."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from mpi.commands.session import Session
from mpi.errors import UsageError
from mpi.report.quantities import plural, size

_DAYS = 30.0


def run_vacuum(session: Session, folder: Path, keep: int | None, older_than: float | None) -> None:
    """Forget snapshots by number or by age, and tell what went."""
    if keep is not None and older_than is not None:
        raise UsageError("--keep and --older-than are two ways to say it; give one of them")
    if keep is None and older_than is None:
        older_than = _DAYS
    done = session.open(folder).vacuum(keep=keep, older_than=older_than)
    if session.json:
        session.print_json({"index": str(folder), **asdict(done)})
        return
    page = session.page()
    kept = ", ".join(map(str, done.kept)) or "none"
    if done.forgotten:
        page.line(
            f"Forgot {plural(len(done.forgotten), 'snapshot')} "
            f"({', '.join(map(str, done.forgotten))}) and {plural(done.files, 'file')} of "
            f"{size(done.bytes)}; kept {kept}."
        )
    elif older_than is not None:
        page.line(
            f"No snapshot is older than {older_than:g} days; kept {kept}. "
            "--keep 1 forgets all but the newest."
        )
    else:
        page.line(f"There are no more than {plural(keep or 1, 'snapshot')}; kept {kept}.")
