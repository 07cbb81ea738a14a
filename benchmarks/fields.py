"""Standardising the fields of Vietnamese records, on one core: different values, whole columns.

The columns are those of `mpi.synth`, with its usual share of errors, from registries of every
province. Each field is measured in a process of its own with one thread (`pyarrow` is told so);
figures are medians of CPU seconds. The first time a process meets a vocabulary is a figure apart:
kernels and reference tables are loaded before it.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.child import folder, run
from benchmarks.results import save

if TYPE_CHECKING:
    import pyarrow as pa

PERSONS = 2_500_000
FIELDS = (
    "full_name", "national_id", "insurance_id", "phone", "birth_date", "sex", "province",
    "district", "ward", "address",
)  # fmt: skip
FEWEST = 5_000
"""A field of fewer different values is measured as a whole column only."""

_PROVINCES = 63
_FIRST = 700


def fields(persons: int = PERSONS, seed: int = 1, runs: int = 3) -> None:
    """Million values and million rows a second, field by field."""
    path = _columns(persons, seed)
    figures: dict[str, float] = {}
    for name in FIELDS:
        taken = run([sys.executable, "-m", "benchmarks.fields", "measure", name, path, str(runs)])
        found = json.loads(taken.output)
        print(f"{name}: {', '.join(f'{k} {v}' for k, v in found.items())}", flush=True)
        figures |= {f"{name}_{key}": value for key, value in found.items()}
    others = {name: figures[f"{name}_mrows"] for name in FIELDS if name != "full_name"}
    figures["least_other_mrows"] = min(others.values())
    save("fields", {"persons": persons, "seed": seed, "runs": runs}, figures)


def _columns(persons: int, seed: int) -> Path:
    """The columns, invented once for each version of what invents them."""
    digest = hashlib.blake2b(inspect.getsource(invent).encode(), digest_size=5)
    for source in sorted((Path(__file__).parent.parent / "mpi" / "synth").rglob("*.py")):
        digest.update(source.read_bytes())
    path = folder("fields") / f"{persons}-{seed}-{digest.hexdigest()}"
    if not path.exists():
        for old in path.parent.glob(f"{persons}-{seed}-*"):
            shutil.rmtree(old)
        print(f"inventing the records of {persons:,} persons", flush=True)
        module = [sys.executable, "-m", "benchmarks.fields"]
        run([*module, "invent", str(persons), str(seed), path])
    return path


def invent(persons: int, seed: int, path: Path) -> None:
    """Write each field of every registry as one column."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from mpi.synth.generate import stream

    parts: dict[str, list[pa.ChunkedArray]] = {name: [] for name in FIELDS}
    for block in stream(persons, seed=seed, provinces=_PROVINCES):
        for registry in block.sources.values():
            for name in set(FIELDS) & set(registry.column_names):
                parts[name].append(registry[name])
    scratch = path.with_name(f"{path.name}-part")
    scratch.mkdir(exist_ok=True)
    for name in FIELDS:
        column = pa.chunked_array([chunk for part in parts[name] for chunk in part.chunks])
        pq.write_table(pa.table({name: column}), scratch / f"{name}.parquet", compression="zstd")
    scratch.rename(path)


def ward_spellings() -> pa.Array:
    """Every ward of before and after July 2025 in the ways that it is written, each text once."""
    import pyarrow as pa

    from mpi.standardise.vietnam import reference
    from mpi.synth.spelling import Spelling, spell

    found: dict[str, None] = {}
    for table in ("wards_before_2025", "wards_2025"):
        for row in reference.rows(table):
            name = row["name"]
            kind, _, bare = name.partition(" ")
            short = f"{kind[:1]}. {bare}", f"{kind[:1]}.{bare}"
            plain = spell(name, Spelling.ASCII)
            found |= dict.fromkeys((name, name.upper(), name.lower(), plain, bare, *short))
    return pa.array([text for text in found if text], pa.string())


def measure(name: str, path: Path, runs: int) -> dict[str, float]:
    """Figures of one field.

    values, rows : how many different values, and rows, empty ones among them
    mvalues, mrows : millions a second: the rule alone, over the different values, which it has
        met before; all of reading a column: dictionary codes, layout, rule, ranks
    mvalues_first : the rule alone, at its first sight of the values
    mrows_coded : rows a second of what comes after dictionary codes
    coding_share : of the time for a column, what goes into dictionary codes
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from mpi.records.table import Field
    from mpi.schema import Kind
    from mpi.standardise.columns import coded, read_column
    from mpi.standardise.locales import VIETNAM

    pa.set_cpu_count(1)
    kind = Kind(name)
    rule, field = VIETNAM.rules[kind], Field(name, kind, name, "column name")
    column = pq.read_table(path / f"{name}.parquet", use_threads=False)[name]
    column = pa.chunked_array([pa.concat_arrays(column.chunks)])  # as the reader leaves it
    values = ward_spellings() if name == "ward" else column.chunk(0).drop_null().unique()
    ones = np.ones(len(values), np.int64)
    layout = rule.layout(values, ones).text if rule.layout else ""
    rule.standard(values.slice(0, _FIRST), layout)
    figures: dict[str, float] = {"values": len(values)}

    def standardise() -> object:
        return rule.standard(values, layout)

    if len(values) >= FEWEST:
        first = _seconds(standardise)
        again = statistics.median(_seconds(standardise) for _ in range(runs))
        figures["mvalues"] = round(len(values) / again / 1e6, 2)
        figures["mvalues_first"] = round(len(values) / first / 1e6, 2)
    read_column(column.slice(0, _FIRST), field, VIETNAM, None)
    coding, whole = [], []
    for _ in range(runs):
        coding.append(_seconds(lambda: coded(column, rule)))
        whole.append(_seconds(lambda: read_column(column, field, VIETNAM, None)))
    seconds, before = statistics.median(whole), statistics.median(coding)
    rows = len(column)
    figures["rows"] = rows
    figures["mrows"] = round(rows / seconds / 1e6, 2)
    figures["mrows_coded"] = round(rows / max(seconds - before, 1e-9) / 1e6, 2)
    figures["coding_share"] = round(before / seconds, 3)
    return figures


def _seconds(job: Callable[[], object]) -> float:
    """CPU seconds of a job, whose answer is dropped before the next."""
    begin = time.process_time()
    job()
    return time.process_time() - begin


def main(arguments: list[str]) -> None:
    """One step in a process of its own."""
    step, *rest = arguments
    if step == "invent":
        invent(int(rest[0]), int(rest[1]), Path(rest[2]))
    else:
        figures: dict[str, Any] = measure(rest[0], Path(rest[1]), int(rest[2]))
        print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
