"""Every goal as data: what is wanted, what measures it, and what was last measured."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.results import load


@dataclass(frozen=True)
class Goal:
    """One goal.

    area : what it is about
    benchmark, figure : ``python -m benchmarks <benchmark>`` measures it as this figure (core_loop:
        ``core --part loop``)
    wanted : "at least" or "below", with `target` in `unit`
    parameters : what the benchmark must have been run with for the figure to count
    """

    area: str
    text: str
    benchmark: str
    figure: str
    wanted: str
    target: float
    unit: str = ""
    parameters: tuple[tuple[str, object], ...] = ()

    def met(self, value: float) -> bool:
        """Does this value reach the goal?"""
        compare: Callable[[float, float], bool] = _COMPARE[self.wanted]
        return compare(value, self.target)


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "at least": operator.ge,
    "below": operator.lt,
}

_HALF_MILLION = (("persons", 500_000), ("difficulty", "medium"))


def _times(text: str, figure: str, target: float) -> Goal:
    """So many times as fast as a rival, both in one run of the kernels."""
    return Goal("kernels", text, "kernels", figure, "at least", target, "x", (("pairs", 200_000),))


_KERNELS = (
    _times(
        "Jaro-Winkler, names up to 16 letters, against RapidFuzz cpdist",
        "short_ascii_jaro_winkler_vs_rapidfuzz",
        5,
    ),
    _times("same, 13 to 31 letters, ASCII", "long_ascii_jaro_winkler_vs_rapidfuzz", 3),
    _times("same, 13 to 31 letters, Vietnamese", "long_vietnamese_jaro_winkler_vs_rapidfuzz", 2.5),
    _times(
        "Levenshtein, up to 16 letters, against RapidFuzz",
        "short_ascii_levenshtein_vs_rapidfuzz",
        4,
    ),
    _times(
        "optimal string alignment, up to 16 letters, against RapidFuzz",
        "short_ascii_osa_vs_rapidfuzz",
        4,
    ),
    _times("any of these against jellyfish, the least", "least_vs_jellyfish", 20),
    _times("any of these against recordlinkage, the least", "least_vs_recordlinkage", 20),
    _times("Jaro-Winkler against DuckDB, ASCII", "short_ascii_jaro_winkler_vs_duckdb", 2),
    _times(
        "Jaro-Winkler, one against many, against RapidFuzz cdist, ASCII",
        "short_ascii_many_jaro_winkler_vs_rapidfuzz_cdist",
        1,
    ),
    _times("same, Vietnamese", "long_vietnamese_many_jaro_winkler_vs_rapidfuzz_cdist", 1),
    _times(
        "Levenshtein, one against many, against RapidFuzz cdist, ASCII",
        "short_ascii_many_levenshtein_vs_rapidfuzz_cdist",
        1,
    ),
    _times("same, Vietnamese", "long_vietnamese_many_levenshtein_vs_rapidfuzz_cdist", 1),
)

_CORE = (
    Goal(
        "core",
        "level of two full names, half of them one person with slips",
        "core_level",
        "mixed_ns",
        "below",
        15,
        "ns",
        (("pairs", 200_000),),
    ),
    Goal(
        "core",
        "8 fields compared and scored in the fused loop, 10,000,000 records, one core",
        "core_loop",
        "scoring_mpairs",
        "at least",
        20,
        "million pairs/s",
        (("records", 10_000_000),),
    ),
    Goal(
        "core",
        "blocking, comparing and scoring 3,000,000 records, against DuckDB on one thread",
        "core_end_to_end",
        "vs_duckdb",
        "at least",
        10,
        "x",
        (("records", 3_000_000),),
    ),
    Goal(
        "core",
        "scoring 3,000,000 records on two threads, against one",
        "core_threads",
        "two_threads_vs_one",
        "at least",
        1.8,
        "x",
        (("records", 3_000_000),),
    ),
)


def _field(text: str, figure: str, target: float, unit: str = "million values/s") -> Goal:
    """So many values of a Vietnamese field a second, on one core."""
    wanted = (("persons", 2_500_000),)
    return Goal("standardising", text, "fields", figure, "at least", target, unit, wanted)


_FIELDS = (
    _field("different full names in standard form, one core", "full_name_mvalues", 2),
    _field("same, national ids", "national_id_mvalues", 5),
    _field("same, health insurance numbers", "insurance_id_mvalues", 5),
    _field("same, phones", "phone_mvalues", 5),
    _field("same, dates of birth", "birth_date_mvalues", 5),
    _field("same, wards", "ward_mvalues", 5),
    _field("same, address lines", "address_mvalues", 5),
    _field(
        "whole column of 5,430,000 full names, from dictionary codes to ranks",
        "full_name_mrows",
        2,
        "million rows/s",
    ),
    _field("same, the slowest of nine other fields", "least_other_mrows", 5, "million rows/s"),
)

_SIZES = (
    Goal(
        "quality",
        "1,000,000 synthetic persons, no configuration: pairwise F1",
        "sizes",
        "f1_1000000",
        "at least",
        0.985,
    ),
    Goal(
        "quality",
        "same with --precision 0.999: pairwise precision",
        "sizes",
        "careful_precision_1000000",
        "at least",
        0.998,
    ),
    Goal(
        "quality",
        "F1 lost between 10,000 and 2,000,000 persons",
        "sizes",
        "f1_lost",
        "below",
        0.003,
        parameters=(("persons", "10000,100000,1000000,2000000"),),
    ),
)


def _beside(text: str, figure: str, wanted: str, target: float, unit: str = "") -> Goal:
    """Synthetic registries, beside a Splink model written by hand."""
    return Goal("quality", text, "splink", figure, wanted, target, unit, (("persons", 100_000),))


_SPLINK = (
    _beside(
        "100,000 synthetic persons, no configuration: pairwise F1", "mpi_f1", "at least", 0.985
    ),
    _beside("same: twins, B-cubed precision", "mpi_twin_b_cubed_precision", "at least", 0.97),
    _beside(
        "same: newborns in one person with an adult", "mpi_newborns_with_adult", "below", 0.002
    ),
    _beside("same: true pairs that blocking makes", "mpi_blocking_recall", "at least", 0.99),
    _beside("same: candidate pairs, Splink's eleven rules are 1", "pairs_vs_splink", "below", 1),
    _beside("same: records with placeholders merged", "mpi_placeholders_merged", "below", 0.001),
    _beside(
        "same: error (1 - F1), a hand-written Splink model at its best is 1",
        "error_vs_splink",
        "below",
        0.5,
    ),
    _beside("same: CPU, Splink is 1", "cpu_vs_splink", "below", 0.1),
)


_EIGHT = (("memory", "8GB"),)


def _from_parquet(records: int, seconds: float, gigabytes: float, beside: bool) -> tuple[Goal, ...]:
    """`mpi run` of so many records, from Parquet to a published index."""

    def goal(text: str, figure: str, target: float, unit: str = "", way: str = "below") -> Goal:
        return Goal("scale", text, f"end_to_end_{records}", figure, way, target, unit)

    found: tuple[Goal, ...] = (
        goal(
            f"mpi run, {records:,} records, from Parquet to a published index: time",
            "run_seconds",
            seconds,
            "s",
        ),
        goal("same: memory", "run_peak_gb", gigabytes, "GB"),
    )
    if beside:
        found += (
            goal("same: CPU, Splink is 1", "run_cpu_seconds_vs_splink", 0.1),
            goal(
                "same: F1 above that of Splink with its best threshold",
                "run_f1_above_splink",
                0.0,
                way="at least",
            ),
        )
    return found


_SCALE = (
    *_from_parquet(1_000_000, 4, 1, beside=True),
    *_from_parquet(10_000_000, 60, 6, beside=False),
    *(
        Goal("scale", text, "end_to_end_30000000", figure, "below", target, unit, _EIGHT)
        for text, figure, target, unit in (
            ("mpi run, 30,000,000 records with --memory 8GB: time", "run_seconds", 240, "s"),
            ("same: memory", "run_peak_gb", 8, "GB"),
            ("same: disk, the index and all that is temporary", "run_disk_gb", 40, "GB"),
        )
    ),
    *(
        Goal("scale", text, "scaling", figure, "below", 1.1)
        for text, figure in (
            ("k where the time of mpi run grows as records^k", "run_seconds_exponent"),
            ("same, CPU", "run_cpu_seconds_exponent"),
            ("same, time of mpi dedupe", "dedupe_seconds_exponent"),
            ("same, CPU of mpi dedupe", "dedupe_cpu_seconds_exponent"),
        )
    ),
)


def _of_nights(records: int, seconds: float) -> tuple[Goal, ...]:
    """Ten nights of one percent on an index of so many records, and what follows them."""
    wanted = (("nights", 10),)

    def goal(text: str, figure: str, target: float, unit: str = "", way: str = "below") -> Goal:
        name = f"nights_{records}"
        return Goal("nights", text, name, figure, way, target, unit, wanted)

    return (
        goal(
            f"a night of 1 %, {records:,} records in the index: time, median of ten",
            "night_seconds",
            seconds,
            "s",
        ),
        goal("same: memory, the worst of ten", "night_peak_gb_worst", 4, "GB"),
        goal(
            "same: persons with the same records as before who kept the id",
            "ids_kept",
            1.0,
            way="at least",
        ),
        goal("same: mpi rollback by one night, from start to exit", "rollback_seconds", 1, "s"),
    )


_NIGHTS = (
    *_of_nights(1_000_000, 10),
    *_of_nights(10_000_000, 60),
    *(
        Goal("nights", text, "nights_10000000", figure, "below", target, "ms")
        for text, figure, target in (
            ("same: search by identifier, median, in process", "search_identifier_ms", 1),
            ("same: search by name and birth date, median, in process", "search_name_ms", 5),
        )
    ),
)

GOALS: tuple[Goal, ...] = (
    *(
        Goal("quality", f"FEBRL {n}, no configuration: F1", "febrl", f"febrl{n}_f1", "at least", f)
        for n, f in ((1, 1.0), (2, 0.998), (3, 0.998), (4, 0.9995))
    ),
    *(
        Goal(
            "quality",
            f"FEBRL {n}, columns renamed a1 to an: F1 lost",
            "febrl",
            f"febrl{n}_lost_without_names",
            "below",
            0.02,
        )
        for n in (1, 2, 3, 4)
    ),
    Goal(
        "quality",
        "26 invented worlds of other lands, no configuration: mean F1",
        "quality",
        "mean_f1",
        "at least",
        0.9,
    ),
    Goal(
        "quality",
        "200 small worlds: share whose stated 95 % interval contains the true precision, or the "
        "true recall; the lesser",
        "coverage",
        "least_covered",
        "at least",
        0.95,
        parameters=(("worlds", 200),),
    ),
    Goal(
        "quality",
        "same: expected calibration error of all their pairs",
        "coverage",
        "calibration_error",
        "below",
        0.01,
        parameters=(("worlds", 200),),
    ),
    Goal(
        "speed",
        "mpi dedupe, 500,000 synthetic persons: time",
        "dedupe",
        "seconds",
        "below",
        60,
        "s",
        _HALF_MILLION,
    ),
    Goal(
        "memory",
        "mpi dedupe, 500,000 synthetic persons: memory",
        "dedupe",
        "peak_gb",
        "below",
        4,
        "GB",
        _HALF_MILLION,
    ),
    Goal(
        "speed",
        "mpi synth, 1,000,000 persons: time",
        "synth",
        "seconds",
        "below",
        60,
        "s",
        (("persons", 1_000_000),),
    ),
    Goal(
        "speed",
        "mpi evaluate, 5,000,000 records: time",
        "evaluate",
        "seconds",
        "below",
        10,
        "s",
        (("records", 5_000_000),),
    ),
    Goal("speed", "mpi --help: time", "startup", "help_seconds", "below", 0.3, "s"),
    Goal(
        "speed", "mpi demo, first run with all compiling: time", "demo", "seconds", "below", 60, "s"
    ),
    *_SIZES,
    *_SPLINK,
    *_SCALE,
    *_NIGHTS,
    *_KERNELS,
    *_CORE,
    *_FIELDS,
)


@dataclass(frozen=True)
class Standing:
    """A goal with what was last measured; None where nothing counts yet."""

    goal: Goal
    value: float | None
    date: str | None

    @property
    def verdict(self) -> str:
        """The state of the goal in one word."""
        if self.value is None:
            return "open"
        return "met" if self.goal.met(self.value) else "missed"


def standings() -> list[Standing]:
    """Every goal with its last figure."""
    found = []
    for goal in GOALS:
        result = load(goal.benchmark)
        value = date = None
        if result is not None and all(
            result["parameters"].get(key) == wanted for key, wanted in goal.parameters
        ):
            value, date = result["figures"].get(goal.figure), result["date"]
        found.append(Standing(goal, value, date))
    return found


def table() -> str:
    """The goals as a Markdown table."""
    rows = ["| goal | wanted | measured | on | |", "|---|---|---|---|---|"]
    for standing in standings():
        goal = standing.goal
        unit = f" {goal.unit}" if goal.unit else ""
        measured = "-" if standing.value is None else f"{_number(standing.value)}{unit}"
        rows.append(
            f"| {goal.text} | {goal.wanted} {_number(goal.target)}{unit} | {measured} "
            f"| {standing.date or '-'} | {standing.verdict} |"
        )
    return "\n".join(rows)


def _number(value: float) -> str:
    return (
        f"{value:.4f}".rstrip("0").rstrip(".")
        if abs(value) < 10
        else f"{value:.1f}".removesuffix(".0")
    )
