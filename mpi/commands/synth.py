"""`mpi synth`: citizens who do not exist, in several registries, with the truth."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from mpi.commands.session import Session, command_name
from mpi.report.quantities import count


def run_synth(
    session: Session, folder: Path, persons: int, *, difficulty: str, provinces: int, format: str
) -> None:
    """Write the registries and the truth, and say what to try next."""
    from mpi.synth import synthesise, write

    with session.stages() as stages:
        with stages.stage("inventing", total=persons) as advance:
            citizens = synthesise(
                persons, seed=session.seed or 0, difficulty=difficulty, provinces=provinces
            )
            advance(persons)
        with stages.stage("writing", total=citizens.records) as advance:
            files = write(citizens, folder, format=format)
            advance(citizens.records)
    if session.json:
        session.print_json(
            {
                "persons": citizens.persons,
                "records": citizens.records,
                "sources": {name: t.num_rows for name, t in sorted(citizens.sources.items())},
                "files": [str(file) for file in files],
            }
        )
        return
    page = session.page()
    page.line(
        f"{count(citizens.persons)} persons with {count(citizens.records)} records in "
        f"{count(len(citizens.sources))} registries, seed {citizens.seed}, in {folder}"
    )
    page.line("Try:")
    mpi = command_name()
    registries, truth = quote(f"{folder}/registries"), quote(f"{folder}/truth.{format}")
    page.line(f"  {mpi} dedupe {registries} -o crosswalk.parquet")
    page.line(f"  {mpi} evaluate crosswalk.parquet --truth {truth}")
