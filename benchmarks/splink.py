"""`mpi dedupe` without configuration beside a Splink model written by hand, on the same records.

Splink is given its best threshold from the truth; what it takes to find that is not counted. Each
side runs in processes of its own; what compiling takes is paid before.
"""

from __future__ import annotations

import json
import shutil
import sys
from typing import Any

from benchmarks.child import folder, mpi_json, run
from benchmarks.jobs import synthetic
from benchmarks.results import save
from benchmarks.splink_model import THRESHOLDS

_SLICES = {"twin": "b_cubed", "newborn": "b_cubed", "placeholder": "b_cubed"}


def splink(persons: int, seed: int, difficulty: str) -> None:
    """Quality, seconds of all cores and memory of both."""
    data, work = synthetic(persons, seed, difficulty), folder("splink")
    shutil.rmtree(work)
    work.mkdir()
    ours = _ours(data, work)
    print(f"mpi: {ours}", flush=True)
    theirs = _theirs(data, work)
    print(f"Splink: {theirs}", flush=True)
    save(
        "splink",
        {"persons": persons, "seed": seed, "difficulty": difficulty},
        {
            **{f"mpi_{name}": value for name, value in ours.items()},
            **{f"splink_{name}": value for name, value in theirs.items()},
            "error_vs_splink": round((1.0 - ours["f1"]) / (1.0 - theirs["f1"]), 4),
            "pairs_vs_splink": round(ours["pairs_a_record"] / theirs["pairs_a_record"], 4),
            "cpu_vs_splink": round(ours["cpu_seconds"] / theirs["cpu_seconds"], 4),
        },
    )


def _ours(data: Any, work: Any) -> dict[str, Any]:
    crosswalk, links, review = (work / f"{n}.parquet" for n in ("crosswalk", "links", "review"))
    files = ("-o", crosswalk, "--links", links, "--review", review)
    mpi_json("dedupe", data / "registries", *files)  # compiles
    taken, summary = mpi_json("dedupe", data / "registries", *files)
    judged = ("--links", links, "--review", review)
    _, found = mpi_json(
        "evaluate",
        crosswalk,
        "--truth",
        data / "truth.parquet",
        "--slices",
        data / "slices.parquet",
        *judged,
    )
    slices = {s["name"]: s for s in found["slices"]}
    return {
        **taken.figures(),
        "records": summary["records"],
        **_pairs(found),
        "calibration": round(found["calibration"]["error"], 5),
        **{
            f"{name}_{measure}_precision": round(slices[name][measure]["precision"], 5)
            for name, measure in _SLICES.items()
            if name in slices
        },
        **_told("candidates", data),
        "newborns_with_adult": _newborns(data, crosswalk),
        "placeholders_merged": round(
            slices["placeholder"]["merged"] / max(1, slices["placeholder"]["records"]), 6
        ),
    }


def _newborns(data: Any, crosswalk: Any) -> float:
    """Share of newborns' records in one person with somebody twelve years older."""
    told = _told("newborns", data, crosswalk)
    return float(round(told["with_adult"] / max(1, told["newborns"]), 6))


def _told(module: str, *arguments: Any) -> dict[str, Any]:
    """What a module of the benchmarks tells, in a process of its own."""
    told = run([sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)])
    figures: dict[str, Any] = json.loads(told.output)
    return figures


def _theirs(data: Any, work: Any) -> dict[str, Any]:
    model = [sys.executable, "-m", "benchmarks.splink_model"]
    taken = run([*model, str(data), str(work)])
    told = json.loads(taken.output)
    best: dict[str, Any] = {}
    for threshold in THRESHOLDS:
        crosswalk = work / f"{threshold}.parquet"
        _, found = mpi_json("evaluate", crosswalk, "--truth", data / "truth.parquet")
        measured = {"threshold": threshold, **_pairs(found)}
        if not best or measured["f1"] > best["f1"]:
            best = measured
    return {
        **{name: told[name] for name in ("cpu_seconds", "blocking_recall", "pairs_a_record")},
        "peak_gb": taken.figures()["peak_gb"],
        **best,
    }


def _pairs(found: dict[str, Any]) -> dict[str, float]:
    return {name: round(found["pairs"][name], 5) for name in ("precision", "recall", "f1")}
