"""The benchmarks of whole commands."""

from __future__ import annotations

import shutil
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.child import folder, mpi, mpi_json, run
from benchmarks.results import save

_STARTS = 11
_KEPT = 500_000
"""Citizens of the largest registries that stay in the scratch folder."""
SIZES = "10000,100000,1000000,2000000"


def synthetic(persons: int, seed: int, difficulty: str) -> Path:
    """Synthetic registries with truth; made once."""
    path = folder("synth") / f"{persons}-{seed}-{difficulty}"
    if not (path / "truth.parquet").exists():
        _invent(persons, seed, difficulty, path)
    return path


def _invent(persons: int, seed: int, difficulty: str, path: Path) -> dict[str, float]:
    options = ("--seed", str(seed), "--difficulty", difficulty)
    return mpi("synth", "--persons", str(persons), *options, "-o", path, "--quiet").figures()


def dedupe(persons: int, seed: int, difficulty: str) -> None:
    """One dedupe of synthetic registries: time, memory and quality together."""
    data = synthetic(persons, seed, difficulty)
    crosswalk = folder("dedupe") / "crosswalk.parquet"
    taken, summary = mpi_json("dedupe", data / "registries", "-o", crosswalk)
    _, quality = mpi_json("evaluate", crosswalk, "--truth", data / "truth.parquet")
    figures = {
        **taken.figures(),
        "records": summary["records"],
        "persons": summary["persons"],
        **{key: round(quality["pairs"][key], 5) for key in ("precision", "recall", "f1")},
        **{
            f"seconds_{s['name'].replace(' ', '_')}": round(s["wall"], 2) for s in summary["stages"]
        },
    }
    save("dedupe", {"persons": persons, "seed": seed, "difficulty": difficulty}, figures)


def sizes(persons: str, careful: int, seed: int, difficulty: str) -> None:
    """How quality, time and memory change with the size of a country.

    persons : numbers of citizens, with commas
    careful : the size at which links are also made for a precision of 0.999
    """
    figures: dict[str, float] = {}
    for many in [int(part) for part in persons.split(",")]:
        data, crosswalk = synthetic(many, seed, difficulty), folder("sizes") / "crosswalk.parquet"
        told = [("", ())] + ([("careful_", ("--precision", "0.999"))] if many == careful else [])
        for name, options in told:
            taken, _ = mpi_json("dedupe", data / "registries", "-o", crosswalk, *options)
            _, quality = mpi_json("evaluate", crosswalk, "--truth", data / "truth.parquet")
            pairs = {f"{key}_{many}": value for key, value in quality["pairs"].items()}
            measured = {f"{key}_{many}": value for key, value in taken.figures().items()} | {
                key: round(value, 5)
                for key, value in pairs.items()
                if key.startswith(("precision", "recall", "f1"))
            }
            figures |= {f"{name}{key}": value for key, value in measured.items()}
            print({f"{name}{key}": value for key, value in measured.items()}, flush=True)
        if many > _KEPT:
            shutil.rmtree(data)
    best = [value for key, value in figures.items() if key.startswith("f1_")]
    figures["f1_lost"] = round(max(0.0, best[0] - min(best)), 5)
    parameters = {"persons": persons, "seed": seed, "difficulty": difficulty}
    save("sizes", parameters, figures)


def synth(persons: int, seed: int, difficulty: str) -> None:
    """Inventing citizens."""
    path = folder("synth") / "timed"
    shutil.rmtree(path, ignore_errors=True)
    figures = _invent(persons, seed, difficulty, path)
    shutil.rmtree(path)
    save("synth", {"persons": persons, "seed": seed, "difficulty": difficulty}, figures)


def evaluate(records: int, seed: int) -> None:
    """Measuring a large crosswalk against truth."""
    path = folder("evaluate")
    run([sys.executable, "-m", "benchmarks.crosswalks", str(records), str(seed), str(path)])
    taken, found = mpi_json(
        "evaluate", path / "crosswalk.parquet", "--truth", path / "truth.parquet"
    )
    figures = {**taken.figures(), "f1": round(found["pairs"]["f1"], 5)}
    save("evaluate", {"records": records, "seed": seed}, figures)


def startup() -> None:
    """What it takes to answer anything at all: the median of several starts after the first."""
    mpi("--help")
    helps = [mpi("--help").wall for _ in range(_STARTS)]
    run([sys.executable, "-c", "import mpi"])
    imports = [run([sys.executable, "-c", "import mpi"]).wall for _ in range(_STARTS)]
    save(
        "startup",
        {"runs": _STARTS},
        {
            "help_seconds": round(statistics.median(helps), 3),
            "import_seconds": round(statistics.median(imports), 3),
        },
    )


def demo(seed: int) -> None:
    """The demo as a newcomer meets it: every kernel is compiled on the way."""
    with TemporaryDirectory() as empty:
        command: list[str | Path] = [
            Path(sys.executable).with_name("mpi"),
            "demo",
            "--seed",
            str(seed),
        ]
        cold = run(["env", f"MPI_CACHE_DIR={empty}/cache", *command, "-o", f"{empty}/demo"])
        warm = run(["env", f"MPI_CACHE_DIR={empty}/cache", *command, "-o", f"{empty}/again"])
    save("demo", {"seed": seed}, {**cold.figures(), "seconds_again": round(warm.wall, 3)})
