"""Commands that look after an index, as the command line has them: plan, apply, go back, forget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mpi.commands.options import (
    Config,
    Full,
    IndexFolder,
    IndexOption,
    Inputs,
    Json,
    Key,
    LabelsFile,
    LocaleName,
    Memory,
    Precision,
    Quiet,
    Refit,
    ReviewPairs,
    Seed,
    Threads,
)
from mpi.commands.session import Session


def declare_upkeep(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    _declare_plans(app)
    _declare_care(app)


def _declare_plans(app: typer.Typer) -> None:
    @app.command()
    def plan(
        inputs: Inputs,
        index: IndexOption,
        output: Annotated[
            Path, typer.Option("-o", "--output", metavar="PLAN", help="Folder for the plan.")
        ],
        full: Full = False,
        refit: Refit = False,
        config: Config = None,
        seed: Seed = None,
        threads: Threads = None,
        memory: Memory = None,
        precision: Precision = None,
        locale: LocaleName = None,
        labels: LabelsFile = None,
        review_pairs: ReviewPairs = None,
        key: Key = None,
        json: Json = False,
        quiet: Quiet = False,
    ) -> None:
        """Compute tonight's snapshot without publishing it, and show what it would change."""
        from mpi.commands.plan import run_plan

        asked = (seed, threads, memory, precision, locale, labels, review_pairs, key)
        session = Session(json, quiet, config, *asked)
        run_plan(session, inputs, index, output, full=full, refit=refit)

    @app.command()
    def apply(
        plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The folder of the plan.")],
        key: Key = None,
        json: Json = False,
        quiet: Quiet = False,
    ) -> None:
        """Publish a plan; one that is stale is refused with exit code 4."""
        from mpi.commands.plan import run_apply

        run_apply(Session(json=json, quiet=quiet, key=key), plan)


def _declare_care(app: typer.Typer) -> None:
    @app.command()
    def verify(
        index: IndexFolder,
        rebuild: Annotated[
            bool,
            typer.Option("--rebuild", help="Also link all records from nothing, and compare."),
        ] = False,
        key: Key = None,
        json: Json = False,
        quiet: Quiet = False,
    ) -> None:
        """Check files, checksums, chains and laws; say what is broken."""
        from mpi.commands.verify import run_verify

        run_verify(Session(json=json, quiet=quiet, key=key), index, again=rebuild)

    @app.command()
    def rollback(
        index: IndexFolder,
        snapshot: Annotated[
            int, typer.Argument(metavar="SNAPSHOT", min=1, help="The snapshot to go back to.")
        ],
        key: Key = None,
        json: Json = False,
        quiet: Quiet = False,
    ) -> None:
        """Publish the state of an earlier snapshot as a new one."""
        from mpi.commands.rollback import run_rollback

        run_rollback(Session(json=json, quiet=quiet, key=key), index, snapshot)

    @app.command()
    def encrypt(
        index: IndexFolder,
        key: Annotated[
            str,
            typer.Option(
                "--key", metavar="SOURCE", help="Where the key is: env:NAME or file:PATH."
            ),
        ],
        old_key: Annotated[
            str | None,
            typer.Option(
                "--old-key",
                metavar="SOURCE",
                help="Where the key is that it is encrypted with now, if it is not where it was.",
            ),
        ] = None,
        json: Json = False,
        quiet: Quiet = False,
    ) -> None:
        """Encrypt every file of every snapshot, or encrypt them anew with another key."""
        from mpi.commands.encrypt import run_encrypt

        run_encrypt(Session(json=json, quiet=quiet, key=old_key), index, key)

    @app.command()
    def vacuum(
        index: IndexFolder,
        keep: Annotated[
            int | None,
            typer.Option("--keep", metavar="N", min=1, help="Keep the N newest snapshots."),
        ] = None,
        older_than: Annotated[
            float | None,
            typer.Option(
                "--older-than",
                metavar="DAYS",
                min=0,
                help="Forget what was published before that; 30 where neither is given.",
            ),
        ] = None,
        json: Json = False,
        quiet: Quiet = False,
    ) -> None:
        """Forget old snapshots and sweep stray files; the newest snapshot stays."""
        from mpi.commands.vacuum import run_vacuum

        run_vacuum(Session(json=json, quiet=quiet), index, keep, older_than)

    @app.command()
    def erase(
        index: IndexFolder,
        record: Annotated[
            str, typer.Argument(metavar="KEY", help="A record, as source:record_id.")
        ],
        key: Key = None,
        json: Json = False,
        quiet: Quiet = False,
    ) -> None:
        """Forget a record: nothing of it stays in any snapshot."""
        from mpi.commands.erase import run_erase

        run_erase(Session(json=json, quiet=quiet, key=key), index, record)
