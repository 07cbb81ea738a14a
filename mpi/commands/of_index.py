"""Commands that ask an index, or tell it what a person decided, as they are declared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mpi.commands.options import AsOf, IndexFolder, Json, Key, Quiet
from mpi.commands.session import Session


def declare_index_commands(app: typer.Typer) -> None:
    """Add them to a command line."""
    app.command()(decide)
    app.command()(history)
    app.command()(events)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(search)


def decide(
    index: IndexFolder,
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DECISION",
            show_default=False,
            help="same A B, different A B, pin ID, confirm ID, set FIELD VALUE on ID, or "
            "withdraw NUMBER; A and B are records, as source:record_id.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="Many at once, CSV, NDJSON or Parquet with the columns decision, a, b, id, "
            "field, value, by, why; or decisions that were exported.",
        ),
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="WHO", help="Who decides; else who runs this command.")
    ] = "",
    why: Annotated[
        str | None, typer.Option("--why", metavar="TEXT", help="For those who read it later.")
    ] = None,
    withdraw: Annotated[
        list[int] | None,
        typer.Option("--withdraw", metavar="N", help="Take back decision N; may be repeated."),
    ] = None,
    key: Key = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say who is one person, or two: it outranks the model until it is withdrawn."""
    from mpi.commands.decide import Asked, run_decide

    asked = Asked(tuple(what or ()), file, by, why, tuple(withdraw or ()))
    run_decide(Session(json=json, quiet=quiet, key=key), index, asked)


def history(
    index: IndexFolder,
    person: Annotated[
        str | None,
        typer.Argument(
            metavar="ID", show_default=False, help="An enterprise id, also a retired one."
        ),
    ] = None,
    since: Annotated[
        int, typer.Option("--since", metavar="S", min=1, help="From snapshot S on.")
    ] = 1,
    as_of: AsOf = None,
    key: Key = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell a person's life, or what the nights did."""
    from mpi.commands.history import run_history

    run_history(Session(json=json, quiet=quiet, key=key), index, person, since, as_of)


def events(
    index: IndexFolder,
    after: Annotated[
        int, typer.Option("--after", metavar="N", min=0, help="Only those behind event N.")
    ] = 0,
    key: Key = None,
) -> None:
    """Write the change feed, NDJSON: replayed, it gives who is who."""
    from mpi.commands.events import run_events

    run_events(Session(key=key), index, after)


def search(
    context: typer.Context,
    index: IndexFolder,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Persons at most.")] = 5,
    as_of: AsOf = None,
    key: Key = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find persons like this one: --full_name "Nguyen Thi Anh" --birth_date 1990-05-12 ..."""
    from mpi.commands.search import run_search

    run_search(Session(json=json, quiet=quiet, key=key), index, context.args, limit, as_of)
