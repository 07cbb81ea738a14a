"""`mpi encrypt`: an index that was plain, or another key."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import msgspec

from mpi.commands.session import Session
from mpi.report.quantities import plural


def run_encrypt(session: Session, folder: Path, key: str) -> None:
    """Encrypt every file of every snapshot with the key that is at `key`."""
    done = session.open(folder).encrypt(key)
    if session.json:
        told = asdict(done) | {"key": msgspec.to_builtins(done.key)}
        session.print_json({"index": str(folder), **told})
        return
    page = session.page()
    if not done.changed:
        page.line(f"{folder} is encrypted with this key already ({done.key.name}).")
        return
    page.line(
        f"Encrypted {plural(done.files, 'file')} of {plural(done.snapshots, 'snapshot')} with key "
        f"{done.key.name} from {done.key.source}. Keep the key apart from the index, and safe: "
        "nobody can read the index without it.",
        style="bold",
    )
    page.line(
        "What was copied before, as backups and plans in other folders, is as it was: remove it."
    )
