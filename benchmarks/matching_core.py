"""The matching core on millions of citizens: levels, the fused loop, DuckDB, threads.

Each part is measured in processes of its own (`benchmarks.matching` is our side, `benchmarks.rival`
is DuckDB) and kept as a result of its own: ``python -m benchmarks core --part loop`` leaves the
others as they were. Figures are medians of CPU seconds, compilation apart; only the gain of a
second thread is by the clock.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.child import folder, run
from benchmarks.results import save

PARTS = ("level", "loop", "end_to_end", "threads")
RECORDS = {"loop": 10_000_000, "end_to_end": 3_000_000, "threads": 3_000_000}
PAIRS = 200_000


def core(
    part: str = "all",
    records: int | None = None,
    pairs: int = PAIRS,
    seed: int = 1,
    runs: int = 3,
) -> None:
    """One part of the benchmark, or all of them, with as many records as the goals name."""
    for name in PARTS if part == "all" else (part,):
        print(f"core, {name}", flush=True)
        if name == "level":
            level(pairs, max(runs, 7))
        else:
            size = records or RECORDS[name]
            measure = {"loop": loop, "end_to_end": end_to_end, "threads": threads}[name]
            measure(size, seed, runs)


def _matching(*arguments: object) -> tuple[dict[str, Any], dict[str, float]]:
    """Figures of our side, and what its process took as a whole."""
    module = [sys.executable, "-m", "benchmarks.matching"]
    taken = run([*module, *map(str, arguments)], tell=True)
    return json.loads(taken.output), taken.figures()


def _citizens(records: int, seed: int) -> Path:
    """The citizens, invented once for each version of what invents them."""
    source = Path(__file__).with_name("citizens.py").read_bytes()
    version = hashlib.blake2b(source, digest_size=5).hexdigest()
    path = folder("citizens") / f"{records}-{seed}-{version}"
    if not (path / "person.npy").exists():
        for old in path.parent.glob(f"{records}-{seed}-*"):
            shutil.rmtree(old)
        print(f"inventing {records:,} records", flush=True)
        _, process = _matching("invent", records, seed, path)
        print(f"{process['seconds']} s, {process['peak_gb']} GB", flush=True)
    return path


def level(pairs: int, runs: int) -> None:
    """Nanoseconds a pair of finding the level of two full names."""
    figures, _ = _matching("level", pairs, runs)
    figures["compile_seconds"] = compilation()
    save("core_level", {"pairs": pairs, "runs": runs}, figures)


def compilation() -> float:
    """CPU seconds of compiling every kernel between the standard table and scored pairs."""
    with TemporaryDirectory() as empty:
        command = ["env", f"MPI_CACHE_DIR={empty}", sys.executable, "-m", "benchmarks.matching"]
        cold, warm = (run([*command, "warm"]).cpu for _ in range(2))
    return round(cold - warm, 2)


def loop(records: int, seed: int, runs: int) -> None:
    """Million candidate pairs a second through the fused loop."""
    figures, process = _matching("loop", _citizens(records, seed), runs)
    figures["peak_gb"] = process["peak_gb"]
    save("core_loop", {"records": records, "seed": seed, "runs": runs}, figures)


def end_to_end(records: int, seed: int, runs: int) -> None:
    """Blocking, comparing and scoring, ours and DuckDB's in turns.

    Raises
    ------
    SystemExit
        The two did not look at the same number of pairs.
    """
    path, exchange = _citizens(records, seed), folder("exchange") / "end_to_end"
    shutil.rmtree(exchange, ignore_errors=True)
    ours, theirs = [], []
    for _ in range(runs):
        figures, process = _matching("end_to_end", path, exchange)
        ours.append({**figures, "peak": process["peak_gb"]})
        print(f"mpi: {figures}", flush=True)
        taken = run([sys.executable, "-m", "benchmarks.rival", str(exchange)])
        theirs.append({**json.loads(taken.output), "peak": taken.figures()["peak_gb"]})
        print(f"DuckDB: {theirs[-1]}", flush=True)
    shutil.rmtree(exchange)
    if {f["pairs"] for f in ours} != {f["pairs"] for f in theirs}:
        raise SystemExit(
            f"candidate pairs: {ours[0]['pairs']:,} here, {theirs[0]['pairs']:,} there"
        )

    def median(name: str, of: list[dict[str, Any]]) -> float:
        return float(statistics.median(figures[name] for figures in of))

    stages = {name: median(name, ours) for name in ("encoding", "blocking", "table", "scoring")}
    core_seconds = statistics.median(f["blocking"] + f["scoring"] for f in ours)
    whole = statistics.median(sum(f[stage] for stage in stages) for f in ours)
    duckdb = median("seconds", theirs)
    save(
        "core_end_to_end",
        {"records": records, "seed": seed, "runs": runs},
        {
            "rows": ours[0]["rows"],
            "pairs": ours[0]["pairs"],
            **{f"mpi_{name}_cpu_seconds": round(value, 2) for name, value in stages.items()},
            "mpi_cpu_seconds": round(core_seconds, 2),
            "mpi_with_encoding_cpu_seconds": round(whole, 2),
            "duckdb_cpu_seconds": round(duckdb, 2),
            "vs_duckdb": round(duckdb / core_seconds, 2),
            "with_encoding_vs_duckdb": round(duckdb / whole, 2),
            "mpi_kept": ours[0]["kept"],
            "duckdb_kept": theirs[0]["kept"],
            "mpi_peak_gb": median("peak", ours),
            "duckdb_peak_gb": median("peak", theirs),
        },
    )


def threads(records: int, seed: int, runs: int) -> None:
    """What a second thread gains; the load of the machine before it is kept with the figure."""
    path = _citizens(records, seed)
    load = round(os.getloadavg()[0], 2)
    figures, _ = _matching("threads", path, runs)
    parameters = {"records": records, "seed": seed, "runs": runs}
    save("core_threads", parameters, {**figures, "load_before": load})
