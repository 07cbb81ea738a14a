"""The command line: what can be asked, and what every command does about errors.

Nothing heavy is imported here: `mpi --help` must answer at once. The work is in `mpi.commands`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mpi import __version__
from mpi.commands.absent import leave_out
from mpi.commands.of_index import declare_index_commands
from mpi.commands.options import (
    AsOf,
    Config,
    Crosswalk,
    Full,
    IndexFolder,
    IndexOption,
    Inputs,
    Json,
    Key,
    LabelsFile,
    LinksFile,
    LocaleName,
    Memory,
    Picture,
    Precision,
    Quiet,
    Refit,
    ReviewFile,
    ReviewPairs,
    Seed,
    Threads,
    Within,
)
from mpi.commands.session import Session
from mpi.commands.upkeep import declare_upkeep
from mpi.errors import MpiError

app = typer.Typer(
    name="mpi",
    help="Link person records from many registries into one master patient index.",
    epilog="Exit codes: 0 done, 2 wrong use or settings, 3 nothing usable in the input, "
    "4 the index is locked or a plan is stale, 5 an integrity check failed, 6 a limit stopped a "
    "run and a plan of it waits.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"mpi {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder to make.")
    ] = Path("demo"),
    persons: Annotated[
        int, typer.Option("--persons", min=100, metavar="N", help="Citizens to invent.")
    ] = 4000,
    seed: Seed = 1,
    quiet: Quiet = False,
) -> None:
    """Invent provincial registries, index them, show what was found."""
    from mpi.commands.demo import run_demo

    run_demo(Session(quiet=quiet, seed=seed), output, persons)


@app.command()
def profile(
    inputs: Inputs,
    write_config: Annotated[
        Path | None,
        typer.Option("--write-config", metavar="FILE", help="Write what was chosen, as TOML."),
    ] = None,
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show examples, which are personal data.")
    ] = False,
    config: Config = None,
    memory: Memory = None,
    locale: LocaleName = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell what the columns mean, how full they are, what is odd."""
    from mpi.commands.profile import run_profile

    session = Session(json=json, quiet=quiet, config=config, memory=memory, locale=locale)
    run_profile(session, inputs, write_config, show_values)


@app.command()
def dedupe(
    inputs: Inputs,
    output: Crosswalk = None,
    links: LinksFile = None,
    review: ReviewFile = None,
    config: Config = None,
    seed: Seed = None,
    threads: Threads = None,
    memory: Memory = None,
    precision: Precision = None,
    locale: LocaleName = None,
    labels: LabelsFile = None,
    review_pairs: ReviewPairs = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find who is who, once and without an index."""
    from mpi.commands.resolve import Files, run_resolve

    asked = (seed, threads, memory, precision, locale, labels, review_pairs)
    session = Session(json, quiet, config, *asked)
    run_resolve(session, inputs, Files(output, links, review), across=False)


@app.command()
def link(
    inputs: Inputs,
    output: Crosswalk = None,
    links: LinksFile = None,
    review: ReviewFile = None,
    config: Config = None,
    seed: Seed = None,
    threads: Threads = None,
    memory: Memory = None,
    precision: Precision = None,
    locale: LocaleName = None,
    labels: LabelsFile = None,
    review_pairs: ReviewPairs = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Link across sources only: one record of a source to a person."""
    from mpi.commands.resolve import Files, run_resolve

    asked = (seed, threads, memory, precision, locale, labels, review_pairs)
    session = Session(json, quiet, config, *asked)
    run_resolve(session, inputs, Files(output, links, review), across=True)


@app.command()
def run(
    inputs: Inputs,
    index: IndexOption,
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
    within: Within = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The nightly job: bring an index up to date with an extract.

    A run that links all records and is stopped, however, goes on where it was when it is started
    again with the same inputs and settings.
    """
    from mpi.commands.nightly import run_nightly

    asked = (seed, threads, memory, precision, locale, labels, review_pairs, key, within)
    session = Session(json, quiet, config, *asked)
    run_nightly(session, inputs, index, full=full, refit=refit)


@app.command()
def evaluate(
    crosswalk: Annotated[
        Path, typer.Argument(metavar="CROSSWALK_OR_INDEX", help="A crosswalk file, or an index.")
    ],
    truth: Annotated[
        Path,
        typer.Option(
            "--truth",
            metavar="FILE",
            help="Columns record_id, person_id and, where ids repeat across sources, source.",
        ),
    ],
    slices: Annotated[
        Path | None,
        typer.Option(
            "--slices",
            metavar="FILE",
            help="Measure parts too: source, record_id and a true-or-false column for each.",
        ),
    ] = None,
    links: Annotated[
        Path | None,
        typer.Option(
            "--links", metavar="FILE", help="The links of the crosswalk, to judge probabilities."
        ),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option("--review", metavar="FILE", help="Its pairs for review, likewise."),
    ] = None,
    svg: Picture = None,
    as_of: AsOf = None,
    key: Key = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure a crosswalk, or an index, against truth; --svg draws its probabilities."""
    from mpi.commands.measure import Measured, run_evaluate

    asked = Measured(crosswalk, truth, slices, links, review, as_of)
    run_evaluate(Session(json=json, quiet=quiet, key=key), asked, svg)


@app.command()
def explain(
    index: IndexFolder,
    a: Annotated[str, typer.Argument(metavar="A", help="A record, as source:record_id.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another record.")],
    svg: Picture = None,
    as_of: AsOf = None,
    key: Key = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say why two records are, or are not, one person; --svg draws the evidence."""
    from mpi.commands.explain import run_explain

    run_explain(Session(json=json, quiet=quiet, key=key), index, a, b, svg, as_of)


@app.command()
def export(
    index: IndexFolder,
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="crosswalk, persons, links, review, events ...")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            show_default=False,
            help="A .parquet, .csv or .ndjson file; without it, CSV on standard output.",
        ),
    ] = None,
    as_of: AsOf = None,
    key: Key = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a table of the index as Parquet, CSV or NDJSON."""
    from mpi.commands.export import run_export

    run_export(Session(json=json, quiet=quiet, key=key), index, table, output, as_of)


declare_index_commands(app)


@app.command()
def synth(
    persons: Annotated[
        int, typer.Option("--persons", min=1, metavar="N", help="Citizens to invent.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the registries.")
    ],
    seed: Seed = 1,
    difficulty: Annotated[
        str, typer.Option("--difficulty", metavar="D", help="easy, medium or hard.")
    ] = "medium",
    provinces: Annotated[
        int, typer.Option("--provinces", min=1, metavar="N", help="Four registries each.")
    ] = 4,
    format: Annotated[
        str, typer.Option("--format", metavar="F", help="parquet or csv.")
    ] = "parquet",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Invent citizens in several registries, with the truth."""
    from mpi.commands.synth import run_synth

    session = Session(json=json, quiet=quiet, seed=seed)
    run_synth(session, output, persons, difficulty=difficulty, provinces=provinces, format=format)


@app.command()
def warmup(json: Json = False, quiet: Quiet = False) -> None:
    """Compile every kernel now, so that no later command has to: for container images."""
    from mpi.commands.warmup import run_warmup

    run_warmup(Session(json=json, quiet=quiet))


declare_upkeep(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code; no traceback reaches the user.

    ``MPI_DEBUG=1`` lets an unexpected error through, with its traceback.

    arguments : those of the process if not given
    """
    if arguments is None:
        leave_out("pandas")
    try:
        code = app(
            args=None if arguments is None else list(arguments),
            prog_name="mpi",
            standalone_mode=False,
        )
        sys.stdout.flush()
        if code == _INTERRUPTED:
            return _stopped()
        return code if isinstance(code, int) else 0
    except MpiError as error:
        return _complain(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _stopped()
    except (BrokenPipeError, SystemExit):
        # The reader has gone; typer ends the program where it notices first. What is still
        # buffered would raise again when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except Exception as error:
        return _unexpected(error)


_INTERRUPTED = 128 + 2
_BROKEN_PIPE = 128 + 13


def _stopped() -> int:
    return _complain("stopped; what was published before is as it was", _INTERRUPTED)


def _complain(text: str, code: int) -> int:
    print(f"mpi: {text}", file=sys.stderr)
    return code


def _unexpected(error: Exception) -> int:
    show = getattr(error, "show", None)
    if show is not None:  # the command-line parser's own: wrong option, missing argument
        show()
        return int(getattr(error, "exit_code", 2))
    if os.environ.get("MPI_DEBUG") == "1":
        raise error
    if isinstance(error, MemoryError):
        return _complain("there is not enough memory; use fewer threads or a larger machine", 1)
    said = " ".join(str(error).split())[:300]
    return _complain(
        f"unexpected error: {type(error).__name__}: {said} "
        "(this is a mistake in mpi; set MPI_DEBUG=1 to see where)",
        1,
    )


if __name__ == "__main__":
    sys.exit(main())
