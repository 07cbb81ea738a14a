"""``python -m benchmarks NAME``: measure, or show what was measured."""

from __future__ import annotations

import argparse

from benchmarks import (
    coverage,
    end_to_end,
    febrl,
    fields,
    jobs,
    kernels,
    matching_core,
    nights,
    quality,
    readme,
    scaling,
    splink,
)
from benchmarks.goals import table
from benchmarks.records import size, sizes


def main() -> None:
    """Run the benchmark that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    add = names.add_parser
    for name, persons, does in (
        ("dedupe", 500_000, "mpi dedupe of synthetic registries"),
        ("splink", 100_000, "the same beside a Splink model written by hand"),
        ("synth", 1_000_000, "mpi synth"),
    ):
        one = add(name, help=does)
        one.add_argument("--persons", type=int, default=persons)
        one.add_argument("--seed", type=int, default=1)
        one.add_argument("--difficulty", default="medium")
    one = add("sizes", help="mpi dedupe of growing countries")
    one.add_argument("--persons", default=jobs.SIZES, help="numbers of citizens, with commas")
    one.add_argument("--careful", type=int, default=1_000_000)
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--difficulty", default="medium")
    one = add("evaluate", help="mpi evaluate of a large crosswalk")
    one.add_argument("--records", type=int, default=5_000_000)
    one.add_argument("--seed", type=int, default=1)
    one = add("demo", help="mpi demo, with nothing compiled")
    one.add_argument("--seed", type=int, default=1)
    add("startup", help="mpi --help and import mpi")
    add("febrl", help="FEBRL 1 to 4 without configuration")
    one = add("quality", help="worlds of many kinds without configuration, and the best threshold")
    one.add_argument("--only", default="", help="worlds by parts of their names, with commas")
    one.add_argument("--seed", type=int, default=1)
    one = add("coverage", help="how often stated 95 % intervals hold the truth, on small worlds")
    one.add_argument("--worlds", type=int, default=200)
    one.add_argument("--seed", type=int, default=1)
    one = add("nights", help="an index through nights of one percent, questions, the way back")
    one.add_argument("--records", type=size, default=1_000_000)
    one.add_argument("--nights", type=int, default=10)
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--rebuild", action=argparse.BooleanOptionalAction, default=None)
    one = add("end_to_end", help="from Parquet to persons, beside Splink and recordlinkage")
    one.add_argument("--records", type=sizes, default=end_to_end.SIZES, help="with commas")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--runs", type=int, default=3, help="of sizes below two million")
    one.add_argument("--memory", default="", help="what mpi may take, such as 8GB")
    one.add_argument("--splink-limit", type=size, default=end_to_end.SPLINK_LIMIT)
    one = add("scaling", help="how time and memory grow with the records")
    one.add_argument("--records", type=sizes, default=scaling.SIZES, help="with commas")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--runs", type=int, default=3, help="of sizes below two million")
    one.add_argument("--memory", default="", help="what mpi may take, such as 8GB")
    one = add("kernels", help="comparators side by side with RapidFuzz, jellyfish and others")
    one.add_argument("--pairs", type=int, default=200_000)
    one.add_argument("--seed", type=int, default=1)
    one = add("core", help="the matching core on millions of records, beside DuckDB")
    one.add_argument("--part", choices=("all", *matching_core.PARTS), default="all")
    one.add_argument("--records", type=int, help="in place of what the goals name")
    one.add_argument("--pairs", type=int, default=matching_core.PAIRS, help="of the part 'level'")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--runs", type=int, default=3)
    one = add("fields", help="standardising each field of Vietnamese records")
    one.add_argument("--persons", type=int, default=fields.PERSONS)
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--runs", type=int, default=3)
    add("goals", help="every goal with what was last measured")
    add("readme", help="rewrite the README's table of goals")
    add("all", help="every benchmark, then the README's table")
    options = vars(parser.parse_args())
    name = options.pop("name")
    if name == "goals":
        print(table())
    elif name == "readme":
        readme.rewrite()
    elif name == "all":
        everything()
    elif name == "febrl":
        febrl.febrl()
    elif name == "quality":
        quality.quality(**options)
    elif name == "coverage":
        coverage.coverage(**options)
    elif name == "end_to_end":
        end_to_end.end_to_end(**options)
    elif name == "scaling":
        scaling.scaling(**options)
    elif name == "nights":
        nights.nights(**options)
    elif name == "splink":
        splink.splink(**options)
    elif name == "kernels":
        kernels.kernels(**options)
    elif name == "core":
        matching_core.core(**options)
    elif name == "fields":
        fields.fields(**options)
    else:
        getattr(jobs, name)(**options)


def everything() -> None:
    """Every benchmark with what the goals ask for."""
    jobs.startup()
    febrl.febrl()
    quality.quality()
    coverage.coverage()
    kernels.kernels()
    matching_core.core()
    fields.fields()
    jobs.demo(seed=1)
    jobs.evaluate(records=5_000_000, seed=1)
    jobs.synth(persons=1_000_000, seed=1, difficulty="medium")
    jobs.dedupe(persons=500_000, seed=1, difficulty="medium")
    jobs.sizes(persons=jobs.SIZES, careful=1_000_000, seed=1, difficulty="medium")
    splink.splink(persons=100_000, seed=1, difficulty="medium")
    end_to_end.end_to_end(records=end_to_end.SIZES)
    scaling.scaling(records=scaling.SIZES)
    nights.nights(records=1_000_000, nights=10, seed=1)
    readme.rewrite()
    print(table())


if __name__ == "__main__":
    main()
