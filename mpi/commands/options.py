"""The arguments and options that several commands share, as the command line declares them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        show_default=False,
        help="Parquet, CSV (also .gz, .zst), NDJSON, Arrow or claims XML files, folders or "
        "globs; - is standard input.",
    ),
]
Crosswalk = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        show_default=False,
        help="The crosswalk, as .parquet, .csv or .ndjson; without it, CSV on standard output.",
    ),
]
LinksFile = Annotated[
    Path | None,
    typer.Option("--links", metavar="FILE", help="Write the linked pairs with their evidence."),
]
ReviewFile = Annotated[
    Path | None,
    typer.Option("--review", metavar="FILE", help="Write the pairs that a person should look at."),
]
Picture = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw it as SVG.")]
Json = Annotated[bool, typer.Option("--json", help="Results for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages.")]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings, a TOML file.")
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", min=0, metavar="S", help="Same seed, same result."),
]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=0, metavar="N", help="0 is every core."),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Stay under this much; what cannot is refused before it starts: 4GB.",
    ),
]
Precision = Annotated[
    float | None,
    typer.Option(
        "--precision",
        metavar="P",
        help="Link where at least this share of the links is expected to be right; without it "
        "mpi run asks for 0.999, and other commands link for the best expected F1.",
    ),
]
LabelsFile = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="FILE",
        show_default=False,
        help="What people decided before: pairs (source_a, record_id_a, source_b, record_id_b, "
        "match) or persons (source, record_id, person_id); never needed.",
    ),
]
ReviewPairs = Annotated[
    int | None,
    typer.Option(
        "--review-pairs",
        min=0,
        metavar="N",
        show_default=False,
        help="How many pairs people can look at: the queue holds the N most useful ones; without "
        "it at most one for every ten records.",
    ),
]
LocaleName = Annotated[
    str | None,
    typer.Option(
        "--locale",
        metavar="NAME",
        show_default=False,
        help="general or vi; without it, the names in the records choose.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="SOURCE",
        show_default=False,
        help="Where the key of an encrypted index is: env:NAME or file:PATH; without it, where it "
        "was when the index was written last. A new index is encrypted with it.",
    ),
]
IndexFolder = Annotated[Path, typer.Argument(metavar="INDEX", help="The folder of the index.")]
IndexOption = Annotated[
    Path, typer.Option("--index", metavar="DIR", help="The folder of the index.")
]
Full = Annotated[
    bool,
    typer.Option("--full", help="The inputs are full extracts: records absent from them are gone."),
]
Refit = Annotated[
    bool, typer.Option("--refit", help="Learn a new model from all records; makes a plan of it.")
]
Within = Annotated[
    str | None,
    typer.Option(
        "--within",
        metavar="TIME",
        show_default=False,
        help="Say at once when the run is going to take longer than this: 4h, 90m, 45s. It goes on "
        "all the same.",
    ),
]
AsOf = Annotated[
    int | None, typer.Option("--as-of", metavar="S", min=1, help="As it was in snapshot S.")
]
