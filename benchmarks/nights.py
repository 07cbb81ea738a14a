"""The life of an index: a first run, nights of one percent, questions, and the way back.

Every run is ``mpi run`` in a process of its own, as every night of a registry is. What compiling
takes is paid before, on an index of its own.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

from benchmarks.child import Taken, folder, mpi, mpi_json, run
from benchmarks.records import registries
from benchmarks.results import save

_TINY = 2_000
_REBUILT = 200_000
"""Records up to which a rebuild from nothing is compared unless asked otherwise."""


def nights(records: int, nights: int, seed: int, rebuild: bool | None = None) -> None:
    """Measure an index of so many records, and so many nights.

    rebuild : whether the persons are compared with those of a rebuild from nothing in the end
    """
    rebuild = records <= _REBUILT if rebuild is None else rebuild
    tiny = _drawn(_TINY, 2, seed)
    warm = folder("nights") / "warm"
    _measure(tiny, warm, 2)
    shutil.rmtree(warm)
    data, work = _drawn(records, nights, seed), folder("nights") / "index"
    figures = _measure(data, work, nights)
    if rebuild:
        figures["rebuild_agrees"] = _agrees(work)
    figures |= _questions(data, work, nights)
    figures |= _back(work, nights)
    shutil.rmtree(work)
    save(f"nights_{records}", {"records": records, "nights": nights, "seed": seed}, figures)


def _drawn(records: int, nights: int, seed: int) -> Path:
    """The first extract and the nights' changes; made once."""
    path = folder("nights") / f"{records}-{nights}-{seed}"
    if not (path / "questions.json").exists():
        module = [sys.executable, "-m", "benchmarks.nights_drawn"]
        # What is held back for later nights is not there in the first.
        every = registries(round(records / (1.0 - 0.004 * nights)), seed)
        run([*module, every, path, str(nights), str(seed)])
    return path


def _measure(data: Path, work: Path, nights: int) -> dict[str, Any]:
    """Run the first extract and the nights into a new index, and see who keeps the id."""
    shutil.rmtree(work, ignore_errors=True)
    index = work / "index"
    taken, told = mpi_json("run", data / "base", "--index", index)
    figures: dict[str, Any] = {f"first_{name}": v for name, v in taken.figures().items()}
    figures |= {"records": told["records"], "persons": told["persons"]}
    figures |= {f"first_stage_{name}": wall for name, wall in _stages(told).items()}
    figures["index_bytes_to_input"] = round(_bytes(index) / _bytes(data / "base"), 3)
    crosswalk = _crosswalk(index, work, 0)
    done: list[tuple[Taken, dict[str, float]]] = []
    unchanged = kept = 0
    for night in range(1, nights + 1):
        taken, told = mpi_json("run", data / f"night_{night:02}", "--index", index)
        done.append((taken, _stages(told)))
        print(f"night {night}: {taken.figures()} {told['index']['changes']}", flush=True)
        later = _crosswalk(index, work, night)
        module = [sys.executable, "-m", "benchmarks.nights_kept"]
        counted = json.loads(run([*module, crosswalk, later]).output)
        unchanged, kept = unchanged + counted["unchanged"], kept + counted["kept"]
        crosswalk.unlink()
        crosswalk = later
    done.sort(key=lambda night: night[0].wall)
    middle = done[(len(done) - 1) // 2]
    for name in ("seconds", "cpu_seconds", "peak_gb"):
        of_all = [night[0].figures()[name] for night in done]
        figures[f"night_{name}"] = round(statistics.median(of_all), 3)
        figures[f"night_{name}_worst"] = max(of_all)
    figures |= {f"night_stage_{name}": wall for name, wall in middle[1].items()}
    figures |= {"persons_unchanged": unchanged, "ids_lost": unchanged - kept}
    figures["ids_kept"] = kept / max(1, unchanged)
    figures["index_bytes_to_input_after"] = round(_bytes(index) / _bytes(data / "base"), 3)
    return figures


def _stages(told: dict[str, Any]) -> dict[str, float]:
    """Seconds by stage."""
    return {s["name"].replace(" ", "_"): round(s["wall"], 3) for s in told["stages"]}


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _crosswalk(index: Path, work: Path, night: int) -> Path:
    path = work / f"crosswalk_{night:02}.parquet"
    mpi("export", index, "crosswalk", "-o", path, "--quiet")
    return path


def _agrees(work: Path) -> float:
    """1 where a rebuild from nothing gives the same persons, else 0."""
    try:
        mpi("verify", work / "index", "--rebuild", "--quiet")
    except SystemExit as failed:
        print(failed, flush=True)
        return 0.0
    return 1.0


def _questions(data: Path, work: Path, nights: int) -> dict[str, Any]:
    """Questions in one process, and a single one on the command line."""
    index, questions = work / "index", data / "questions.json"
    module = [sys.executable, "-m", "benchmarks.nights_asked"]
    asked = run([*module, index, questions, work / f"crosswalk_{nights:02}.parquet"])
    figures: dict[str, Any] = json.loads(asked.output)
    figures["search_peak_gb"] = asked.figures()["peak_gb"]
    wanted = json.loads(questions.read_text(encoding="utf-8"))
    for kind in ("identifier", "name"):
        query = next(q["query"] for q in wanted if q["kind"] == kind)
        words = [word for name, value in query.items() for word in (f"--{name}", value)]
        once = mpi("search", index, *words, "--json").figures()
        figures |= {
            f"search_once_{kind}_seconds": once["seconds"],
            f"search_once_{kind}_peak_gb": once["peak_gb"],
        }
    return figures


def _back(work: Path, nights: int) -> dict[str, float]:
    """Back by one night, and then to the first of them all."""
    one = mpi("rollback", work / "index", str(nights), "--quiet")
    all_of_them = mpi("rollback", work / "index", "1", "--quiet")
    return {
        "rollback_seconds": one.figures()["seconds"],
        "rollback_peak_gb": one.figures()["peak_gb"],
        "rollback_all_seconds": all_of_them.figures()["seconds"],
    }
