"""A Splink model written by hand for Vietnamese registries, in a process of its own.

``python -m benchmarks.splink_model DATA OUT`` brings the columns to one form in DuckDB,
trains on the records alone, predicts, and writes a crosswalk a threshold into OUT. Seconds and
memory of preparing, training, predicting, one clustering and writing its crosswalk are told as
JSON; the other thresholds are not counted, nor what its blocking makes of the true pairs, which is
left out with a third word, ``plain``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999)

_CLEAN = (
    "trim(regexp_replace(upper(strip_accents(translate({0}, 'đĐ', 'dD'))), '[^A-Z0-9]+', ' ', 'g'))"
)
_DIGITS = "regexp_replace({0}, '[^0-9]', '', 'g')"
_DATE = (
    "coalesce(try_strptime(substr({0}, 1, 10), ['%Y-%m-%d', '%d/%m/%Y', '%d-%m-%Y', '%d.%m.%Y']), "
    "try_strptime(substr({0}, 1, 8), '%Y%m%d'))"
)
_TEXTS = ("full_name", "mother_name", "address", "ward", "district", "province")


def prepare(connection: Any, registries: Path) -> None:
    """One table `records` of all registries, its values in one form, as an analyst would."""
    files = f"read_parquet('{registries}/*.parquet', union_by_name = true)"
    known = {row[0] for row in connection.execute(f"describe select * from {files}").fetchall()}

    def column(name: str) -> str:
        return f"cast({name} as varchar)" if name in known else "cast(null as varchar)"

    def filled(text: str) -> str:
        return f"nullif({text}, '')"

    chosen = {
        "accented": f"upper(trim({column('full_name')}))",
        **{name: filled(_CLEAN.format(column(name))) for name in _TEXTS},
        "birth": f"strftime({_DATE.format(column('birth_date'))}, '%Y-%m-%d')",
        "sex": (
            f"case when upper({column('sex')}) in ('M', 'NAM', '1', 'MALE') then 'M' "
            f"when {column('sex')} is null then null else 'F' end"
        ),
        "national": f"case when length({_DIGITS.format(column('national_id'))}) in (9, 12) "
        f"then {_DIGITS.format(column('national_id'))} end",
        "insurance": f"case when length({_DIGITS.format(column('insurance_id'))}) >= 10 "
        f"then right({_DIGITS.format(column('insurance_id'))}, 10) end",
        "phone": f"case when length({_DIGITS.format(column('phone'))}) >= 9 "
        f"then right({_DIGITS.format(column('phone'))}, 9) end",
    }
    listed = ", ".join(f"{text} as {name}" for name, text in chosen.items())
    connection.execute(
        "create table records as with one as (select row_number() over () as unique_id, "
        f"source, record_id, {listed} from {files}) select *, "
        "string_split(full_name, ' ')[-1] as given, string_split(full_name, ' ')[1] as family, "
        "substr(birth, 1, 4) as year, substr(birth, 6, 5) as month_day from one"
    )


def _settings() -> Any:
    """Nine comparisons, eleven blocking rules, term frequencies of names and places."""
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons
    from splink import SettingsCreator, block_on

    exact = levels.ExactMatchLevel

    def texts(name: str, *thresholds: float) -> Any:
        return comparisons.JaroWinklerAtThresholds(name, list(thresholds))

    def digits(name: str) -> Any:
        return comparisons.DamerauLevenshteinAtThresholds(name, [1])

    name = comparisons.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            levels.NullLevel("full_name"),
            exact("accented", term_frequency_adjustments=True),
            exact("full_name", term_frequency_adjustments=True),
            levels.JaroWinklerLevel("full_name", 0.95),
            levels.JaroWinklerLevel("full_name", 0.88),
            levels.And(exact("family"), exact("given")),
            exact("given", term_frequency_adjustments=True),
            levels.ElseLevel(),
        ],
    )
    birth = comparisons.CustomComparison(
        output_column_name="birth",
        comparison_levels=[
            levels.NullLevel("birth"),
            exact("birth"),
            levels.DamerauLevenshteinLevel("birth", 1),
            exact("month_day"),
            exact("year"),
            levels.ElseLevel(),
        ],
    )
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            name,
            birth,
            comparisons.ExactMatch("sex"),
            digits("national"),
            digits("insurance"),
            digits("phone"),
            texts("address", 0.95, 0.85),
            texts("mother_name", 0.98, 0.9),
            comparisons.ExactMatch("province").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("national"),
            block_on("insurance"),
            block_on("phone", "given"),
            block_on("full_name", "birth"),
            block_on("full_name", "year", "province"),
            block_on("full_name", "phone"),
            block_on("full_name", "address"),
            block_on("birth", "given", "sex"),
            block_on("birth", "phone"),
            block_on("birth", "family", "province"),
            block_on("mother_name", "year", "given"),
        ],
        retain_matching_columns=False,
        max_iterations=25,
    )


def _linker(connection: Any) -> tuple[Any, Any]:
    """A trained linker, and what blocks it trains on."""
    from splink import Linker, block_on
    from splink.backends.duckdb import DuckDBAPI

    api = DuckDBAPI(connection)
    linker = Linker(api.register("records"), _settings(), log_level=50)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("national", "full_name"), block_on("insurance", "full_name")], recall=0.6
    )
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in (block_on("national"), block_on("full_name", "birth"), block_on("birth", "phone")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    return linker, api


def _blocked(connection: Any, linker: Any, truth: Path) -> dict[str, float]:
    """Share of the true pairs that some rule makes, and candidate pairs a record."""
    pairs = linker.inference.compute_blocked_pairs_for_predict().physical_name
    connection.execute(
        "create table told as select unique_id, person_id from records "
        f"join read_parquet('{truth}') using (source, record_id)"
    )
    names = [row[0] for row in connection.execute(f"describe {pairs}").fetchall()]
    left, right = (next(n for n in names if n.endswith(end)) for end in ("_l", "_r"))
    query = (
        f"select count(*), count(*) filter (a.person_id = b.person_id) from {pairs} p "
        f"join told a on a.unique_id = p.{left} join told b on b.unique_id = p.{right}"
    )
    made, right_ones = connection.execute(query).fetchall()[0]
    sizes = "select count(*) as n from told group by person_id"
    true, records = connection.execute(
        f"select sum(n * (n - 1) / 2), sum(n) from ({sizes})"
    ).fetchall()[0]
    return {
        "blocking_recall": round(float(right_ones / true), 5),
        "pairs_a_record": round(float(made / records), 3),
    }


def main(data: Path, out: Path, *, plain: bool = False) -> None:
    """Prepare, train, predict and cluster."""
    import logging
    import resource
    import warnings

    import duckdb

    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    # What does not fit into memory is counted as disk.
    connection = duckdb.connect(config={"temp_directory": str(out / "spilt")})
    begin, begin_wall = time.process_time(), time.perf_counter()
    prepare(connection, data / "registries")
    linker, _ = _linker(connection)
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    cluster = linker.clustering.cluster_pairwise_predictions_at_threshold
    told: dict[str, float] = {}
    for threshold in THRESHOLDS:
        found = cluster(predicted, threshold_match_probability=threshold)
        connection.execute(
            "copy (select r.source, r.record_id, cast(c.cluster_id as varchar) as enterprise_id "
            f"from {found.physical_name} c join records r using (unique_id)) "
            f"to '{out / f'{threshold}.parquet'}' (format parquet)"
        )
        told = told or {
            "cpu_seconds": round(time.process_time() - begin, 2),
            "seconds": round(time.perf_counter() - begin_wall, 2),
            "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, 3),
        }
    if not plain:
        told |= _blocked(connection, linker, data / "truth.parquet")
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), plain="plain" in sys.argv[3:])
