"""The same blocking, comparing and scoring in DuckDB, on one thread.

``python -m benchmarks.rival EXCHANGE`` runs what `benchmarks.matching` handed over, and ends with
figures as JSON on standard output.

DuckDB gets the distinct records as a table in its memory, and what it likes best: every value as a
number for equality, keys of blocking rules as numbers that are made already, names and addresses
without accents (it compares bytes), dates taken apart. Making and loading all that is not counted.
The query joins each rule, leaves out what an earlier rule makes, finds levels by CASE with the
cheap and frequent branches first, adds up the model's weights and counts what is worth a look.
Edit distances (a microsecond a pair) are asked for only behind a Jaro similarity (a tenth of that)
that everything within two edits reaches in practice; that made the query 2.5 times faster.

Our levels read more than these functions do:
- names: words in another order, a word missing, initials, words in common
- identifiers: leading zeros lost
- addresses: the words that two have in common, whatever their order
- dates: two neighbouring digits changed over
- weights: values that are rare count more, and relatives are weighed as a third class
Ours also gives the pairs, DuckDB their number and the sum of their weights.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mpi.encode.rows import Encoded
    from mpi.score.model import Model

_FOLDED = ("full_name", "address")
_CATEGORIES = ("sex", "province")
_IDENTIFIERS = ("national_id", "insurance_id", "phone")


def hand_over(encoded: Encoded, model: Model, exchange: Path) -> None:
    """Write the table and the weights that DuckDB is to work with."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from benchmarks.matching import RULES
    from mpi.block.candidates import make_keys
    from mpi.score.model import weight_of
    from mpi.standardise.fold import fold

    def numbers(codes: Any) -> pa.Array:
        return pa.array(codes.astype(np.int32), mask=codes < 0)

    columns = {"id": pa.array(np.arange(encoded.n_rows, dtype=np.int32))}
    for f, column in enumerate(encoded.columns):
        name, codes = column.field.name, numbers(encoded.codes[:, f])
        values = fold(column.values) if name in _FOLDED else column.values
        columns[f"{name}_code"] = codes
        columns[name] = pa.DictionaryArray.from_arrays(codes, values).cast(pa.string())
        if name == "birth_date":
            for part, begin, end in (("year", 0, 4), ("month", 5, 7), ("day", 8, 10)):
                cut = pa.compute.utf8_slice_codeunits(values, begin, end).cast(pa.int16())
                columns[f"{name}_{part}"] = cut.take(codes)
    wanted = sorted({name for rule in RULES for name in rule.keys})
    for name, key in make_keys(encoded, wanted).items():
        columns[_key(name)] = numbers(key.codes)
    pq.write_table(pa.table(columns), exchange / "records.parquet")
    task = {
        "rules": [[_key(name) for name in rule.keys] for rule in RULES],
        "weights": {c.name: c.weights().tolist()[1:] for c in model.comparisons},
        "least": weight_of(min(model.review_at, model.link_at)) - model.prior_bits,
    }
    (exchange / "task.json").write_text(json.dumps(task))


def _key(name: str) -> str:
    return f"key_{name.replace(':', '_')}"


def query(rules: list[list[str]], weights: dict[str, list[float]], least: float) -> str:
    """The whole job as one query."""
    total = " + ".join(f"({_case(name, bits)})" for name, bits in weights.items())
    parts = []
    for r, rule in enumerate(rules):
        earlier = "".join(f" and not coalesce({_same(other)}, false)" for other in rules[:r])
        parts.append(
            f"select {total} as weight from records a join records b "
            f"on {_same(rule)} and a.id < b.id where true{earlier}"
        )
    return (
        f"select count(*), count(*) filter (weight >= {least}), "
        f"sum(weight) filter (weight >= {least}) from ({' union all '.join(parts)})"
    )


def _same(rule: list[str]) -> str:
    return " and ".join(f"a.{key} = b.{key}" for key in rule)


def _case(name: str, bits: list[float]) -> str:
    w = [f"{b:.6f}::float" for b in bits]
    a, b = f"a.{name}", f"b.{name}"
    equal = f"{a}_code = {b}_code"
    if name in _CATEGORIES:
        return f"case when {equal} then {w[1]} when {a}_code <> {b}_code then {w[0]} else 0 end"
    missing = f"case when {a}_code is null or {b}_code is null then 0 when {equal} then {w[-1]} "
    jaro = f"jaro_winkler_similarity({a}, {b})"
    near = f"abs(length({a}) - length({b})) <= 2 and damerau_levenshtein({a}, {b}) <= 2 then {w[3]}"
    if name in _IDENTIFIERS:
        return (
            f"{missing} when jaro_similarity({a}, {b}) < 0.8 then {w[0]} "
            f"else case damerau_levenshtein({a}, {b}) when 1 then {w[2]} when 2 then {w[1]} "
            f"else {w[0]} end end"
        )
    if name == "full_name":
        last = f"case when a.{_key('full_name:last')} = b.{_key('full_name:last')} "
        last += f"then {w[1]} else {w[0]} end"
        return (
            f"{missing} when {a} = {b} then {w[4]} when {jaro} < 0.8 then {last} when {near} "
            f"when {jaro} >= 0.92 then {w[2]} else {last} end"
        )
    if name == "address":
        return (
            f"{missing} when {a} = {b} then {w[4]} when {jaro} < 0.8 then {w[0]} when {near} "
            f"when {jaro} >= 0.92 then {w[2]} else {w[1]} end"
        )
    year, month, day = (f"{a}_{part} = {b}_{part}" for part in ("year", "month", "day"))
    agree = f"({year})::int + ({month})::int + ({day})::int"
    return (
        f"{missing} when {a}_month = 0 or {b}_month = 0 "
        f"then case when {year} then {w[3]} else {w[0]} end "
        f"when {agree} = 2 then case when hamming({a}, {b}) = 1 then {w[4]} else {w[2]} end "
        f"when not {year} then {w[0]} "
        f"when {a}_month = {b}_day and {a}_day = {b}_month then {w[4]} else {w[1]} end"
    )


def run(exchange: Path) -> dict[str, float]:
    """Load the table, run the query, and give its CPU seconds and its answer."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    path = str(exchange / "records.parquet").replace("'", "''")
    connection.execute(f"create table records as select * from '{path}'")
    text = query(**json.loads((exchange / "task.json").read_text()))
    begin = time.process_time()
    answer = connection.execute(text).fetchone()
    seconds = time.process_time() - begin
    assert answer is not None
    pairs, kept, weight = answer
    return {"pairs": pairs, "kept": kept, "weight": weight, "seconds": seconds}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]))))
