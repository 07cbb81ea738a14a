"""From Parquet to persons: `mpi` without configuration beside models written by hand.

The same records in one run, all sides in turns, each in a process of its own: `mpi run` up to a
published index, `mpi dedupe`, the Splink model of `splink_model` and the recordlinkage model of
`recordlinkage_model`, each of these up to the size that this machine can be asked for. The rivals
are given their best threshold from the truth.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.child import folder, mpi, mpi_json, run
from benchmarks.disk import bytes_in, watched
from benchmarks.records import registries
from benchmarks.results import save

SIZES = [100_000, 1_000_000]
RECORDLINKAGE_LIMIT = 400_000
"""Beyond this it takes longer than all others together, growing with the square."""
SPLINK_LIMIT = 4_500_000
"""Beyond this it takes more memory than the machine of the goals has."""
_TINY = 2_000
_ONCE = 2_000_000
"""Records from which on each side runs once."""

Figures = dict[str, Any]


def end_to_end(
    records: list[int],
    seed: int = 1,
    runs: int = 3,
    memory: str = "",
    splink_limit: int = SPLINK_LIMIT,
) -> None:
    """Measure every size.

    runs : of sizes below two million; larger ones run once
    memory : what `mpi` may take, as its option says it
    """
    compile_first()
    for size in sorted(set(records)):
        sides: dict[str, Callable[[Path, Path], Figures]] = {
            "run": lambda data, work: run_index(data, work, memory),
            "dedupe": lambda data, work: run_dedupe(data, work, memory),
        }
        if size <= splink_limit:
            sides["splink"] = lambda data, work: _rival("splink_model", data, work, "plain")
        if size <= RECORDLINKAGE_LIMIT:
            sides["recordlinkage"] = lambda d, w: _rival("recordlinkage_model", d, w)
        figures = _measure(registries(size, seed), sides, runs if size < _ONCE else 1)
        parameters = {"records": size, "seed": seed} | ({"memory": memory} if memory else {})
        save(f"end_to_end_{size}", parameters, figures | _beside(figures))


def compile_first() -> None:
    """What compiling takes is paid before."""
    work = empty("tiny")
    run_index(registries(_TINY, 1), work, "")
    run_dedupe(registries(_TINY, 1), work, "")


def empty(name: str) -> Path:
    work = folder("end_to_end") / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    return work


def _measure(data: Path, sides: dict[str, Callable[[Path, Path], Figures]], runs: int) -> Figures:
    """Medians of what each side took, and how right the last of its runs was."""
    taken: dict[str, list[Figures]] = {name: [] for name in sides}
    quality: Figures = {}
    for turn in range(runs):
        for name, side in sides.items():
            work = empty(name)
            taken[name].append(side(data, work))
            print(f"{name}: {taken[name][-1]}", flush=True)
            if turn == runs - 1:
                quality |= {f"{name}_{key}": value for key, value in _judge(data, work).items()}
            shutil.rmtree(work)
    medians = {
        f"{name}_{key}": round(statistics.median(one[key] for one in several), 3)
        for name, several in taken.items()
        for key in several[0]
    }
    return {"input_gb": round(bytes_in(data / "registries") / 1e9, 3)} | medians | quality


def run_index(data: Path, work: Path, memory: str) -> Figures:
    """`mpi run` into a new index."""
    taken = _ours(work, memory, "run", data / "registries", "--index", work / "index")
    mpi("export", work / "index", "crosswalk", "-o", work / "crosswalk.parquet", "--quiet")
    return taken


def run_dedupe(data: Path, work: Path, memory: str) -> Figures:
    """`mpi dedupe` into a crosswalk."""
    return _ours(work, memory, "dedupe", data / "registries", "-o", work / "crosswalk.parquet")


def _ours(work: Path, memory: str, *words: str | Path) -> Figures:
    temporary = work / "temporary"
    temporary.mkdir(exist_ok=True)
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(temporary)  # so that it counts as disk
    try:
        with watched(work) as disk:
            taken, told = mpi_json(*words, *(("--memory", memory) if memory else ()))
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
    return {**taken.figures(), "disk_gb": disk.gb, "records": told["records"]}


def _rival(module: str, data: Path, work: Path, *words: str) -> Figures:
    with watched(work) as disk:
        taken = run([sys.executable, "-m", f"benchmarks.{module}", data, work, *words])
    figures: Figures = json.loads(taken.output)
    return figures | {"disk_gb": disk.gb}


def _judge(data: Path, work: Path) -> Figures:
    """Precision, recall and F1 over pairs; of several crosswalks those of the best."""
    best: Figures = {}
    for crosswalk in sorted(work.glob("*.parquet")):
        _, found = mpi_json("evaluate", crosswalk, "--truth", data / "truth.parquet")
        pairs = {name: round(found["pairs"][name], 5) for name in ("precision", "recall", "f1")}
        if crosswalk.stem != "crosswalk":
            pairs["threshold"] = float(crosswalk.stem)
        if not best or pairs["f1"] > best["f1"]:
            best = pairs
    return best


def _beside(figures: Figures) -> Figures:
    """Our seconds, memory and F1 against each rival's."""
    told: Figures = {}
    for rival in ("splink", "recordlinkage"):
        if f"{rival}_f1" not in figures:
            continue
        for side in ("run", "dedupe"):
            for name in ("seconds", "cpu_seconds", "peak_gb"):
                ratio = figures[f"{side}_{name}"] / figures[f"{rival}_{name}"]
                told[f"{side}_{name}_vs_{rival}"] = round(ratio, 4)
            more = figures[f"{side}_f1"] - figures[f"{rival}_f1"]
            told[f"{side}_f1_above_{rival}"] = round(more, 5)
    return told
