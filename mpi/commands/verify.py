"""`mpi verify`: is the index whole, and does it agree with itself?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from mpi.commands.session import Session
from mpi.errors import IntegrityError
from mpi.report.page import visible
from mpi.report.quantities import count, plural, size


def run_verify(session: Session, folder: Path, *, again: bool) -> None:
    """Check an index; what is broken is told, and ends in an error.

    again : also rebuild the persons from the stored records

    Raises
    ------
    IntegrityError
        Something is broken, or a rebuild gives other persons.
    """
    from mpi.index.files import Files
    from mpi.index.store import Store
    from mpi.index.vault import Vault, as_source
    from mpi.index.verify import inspect

    found = inspect(Store(folder, Files(), Vault(folder, as_source(session.key))))
    rebuilt = None
    if again and not found.problems:
        index = session.open(folder)
        with session.stages(index.scratch) as stages:
            rebuilt = index.rebuild(stages=stages)
    differ = 0 if rebuilt is None else rebuilt.differ
    if session.json:
        session.print_json(
            {
                "index": str(folder),
                "right": not found.problems and not differ,
                "snapshots": found.snapshots,
                "files": found.files,
                "bytes": found.bytes,
                "looked_into": found.looked_into,
                "problems": [asdict(p) for p in found.problems],
                "rebuild": None if rebuilt is None else asdict(rebuilt),
            }
        )
    else:
        page = session.page()
        for problem in found.problems:
            page.line(f"{visible(problem.where)}: {visible(problem.what, 1000)}")
        for difference in () if rebuilt is None else rebuilt.shown:
            page.line(visible(str(difference), 1000))
        if not found.problems:
            page.line(
                f"{plural(found.snapshots, 'snapshot')}, {plural(found.files, 'file')}, "
                f"{size(found.bytes)}: "
                + (
                    "checksums, chains and laws hold."
                    if found.looked_into
                    else "checksums and the chain of snapshots hold; the index is encrypted, and "
                    "its tables can be checked with its key: --key env:NAME or --key file:PATH."
                )
            )
        if rebuilt is not None and not differ:
            page.line(f"A rebuild from nothing gives the same {count(rebuilt.persons)} persons.")
    if found.problems:
        many = plural(len(found.problems), "thing")
        raise IntegrityError(f"{many} broken in {folder}: {found.problems[0]}")
    if rebuilt is not None and differ:
        raise IntegrityError(
            f"a rebuild of {folder} gives other persons: {count(differ)} of "
            f"{count(rebuilt.persons)} differ; see which above, and run mpi explain on their "
            "records"
        )
