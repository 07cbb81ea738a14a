"""No configuration, on worlds of many kinds: F1 of persons at mpi's own threshold and at the best.

The best threshold is found with the truth, over the same scores, by joining pairs from the
heaviest on; what mpi loses against it, it loses by its choice of a threshold.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmarks.child import folder
from benchmarks.coverage import calibration_error
from benchmarks.coverage import measure as covered
from benchmarks.febrl import FILES, datasets, person_of, rows_of
from benchmarks.results import save
from benchmarks.worlds import WORLDS
from benchmarks.worlds_drawn import write

if TYPE_CHECKING:
    from mpi.evaluate.measures import PairMeasures
    from mpi.linkage.results import Result
    from mpi.records.table import RecordTable

Codes = npt.NDArray[np.int64]

_LOW = 1e-6
"""`review_at`, low enough for every threshold worth trying."""


@dataclass(frozen=True)
class Outcome:
    """What one data set came to; shares from 0 to 1.

    oracle : F1 at the best threshold, found with the truth
    found : share of the true pairs that are scored above `_LOW`: what blocking and scores leave
    calibration : expected calibration error of links and of pairs at or above 0.05
    held : which of the stated 95 % intervals hold the truth: p precision, r recall, b blocking
    trusted : the run does not say that its result cannot be trusted
    """

    name: str
    records: int
    persons: int
    f1: float
    precision: float
    recall: float
    oracle: float
    found: float
    calibration: float
    held: str
    trusted: bool
    seconds: float

    def row(self) -> str:
        """As a line of the table."""
        return (
            f"{self.name:22}{self.records:7,}{self.persons:8,}  {self.f1:.4f}  {self.precision:.4f}"
            f"  {self.recall:.4f}  {self.oracle:.4f}  {self.found:.4f}  {self.calibration:.4f}"
            f"  {self.held:4}  {'yes' if self.trusted else 'no':7}  {self.seconds:5.1f}"
        )


HEADER = (
    f"{'':22}records persons      F1    prec.  recall  oracle   found"
    "   calib.  held  trusted   secs"
)


def truth_of(records: RecordTable, paths: list[Path], persons: list[list[int]]) -> Codes:
    """The person of each record; a row that was not accepted is nobody's."""
    import pyarrow.compute as pc

    from mpi.schema import Kind

    key = next((f.column for f in records.fields if f.kind is Kind.RECORD_ID), None)
    by_key: dict[tuple[str, str], int] = {}
    for path, own in zip(paths, persons, strict=True):
        header, *rows = _read(path)
        at = header.index(key) if key in header else -1
        for number, (row, person) in enumerate(zip(rows, own, strict=True), 1):
            by_key[path.stem, row[at] if at >= 0 else str(number)] = person
    sources = records.data["source"].to_pylist()
    ids = pc.cast(records.data["record_id"], "string").to_pylist()
    stems = {path.stem for path in paths}
    only = next(iter(stems))
    return np.array(
        [by_key[s if s in stems else only, i] for s, i in zip(sources, ids, strict=True)], np.int64
    )


def _read(path: Path) -> list[list[str]]:
    import csv

    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    delimiter = ";" if text.split("\n", 1)[0].count(";") else ","
    return [[c.strip() for c in r] for r in csv.reader(text.splitlines(), delimiter=delimiter)]


def best_f1(result: Result, person: Codes) -> tuple[float, float]:
    """F1 at the best threshold, and the share of true pairs that were scored at all."""
    links, review = result.resolution.links, result.resolution.review
    left = np.concatenate([links.left, review.left])
    right = np.concatenate([links.right, review.right])
    weight = np.concatenate([links.weight, review.weight])
    order = np.argsort(-weight, kind="stable")
    sizes = np.bincount(np.unique(person, return_inverse=True)[1])
    true = int((sizes * (sizes - 1) // 2).sum())
    parent = list(range(len(person)))
    held = [Counter([p]) for p in person.tolist()]
    size = [1] * len(person)
    predicted = correct = 0
    best, last = 0.0, np.inf

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for k in order.tolist():
        if weight[k] < last:
            best = max(best, 2.0 * correct / (predicted + true) if predicted + true else 0.0)
            last = weight[k]
        a, b = root(int(left[k])), root(int(right[k]))
        if a == b:
            continue
        if len(held[a]) < len(held[b]):
            a, b = b, a
        predicted += size[a] * size[b]
        correct += sum(n * held[a][p] for p, n in held[b].items())
        parent[b] = a
        size[a] += size[b]
        held[a] += held[b]
    best = max(best, 2.0 * correct / (predicted + true) if predicted + true else 0.0)
    same = person[left] == person[right]
    together = result.resolution.cluster[left] == result.resolution.cluster[right]
    # Pairs below the threshold inside one person are not kept; they were found all the same.
    found = int((same & ~together).sum()) + _measures(result.resolution.cluster, person).correct
    return best, min(1.0, found / true) if true else 1.0


def _measures(cluster: Codes, person: Codes) -> PairMeasures:
    from mpi.evaluate.measures import contingency, dense, pair_measures

    return pair_measures(contingency(dense(cluster)[0], dense(person)[0]))


def measure(name: str, paths: list[Path], persons: list[list[int]], *, link: bool) -> Outcome:
    """Read and resolve the files as they are."""
    import mpi
    from mpi.settings import Settings

    begin = time.perf_counter()
    settings = Settings(review_at=_LOW, threads=1)
    records = mpi.read_records([str(p) for p in paths])
    result = (mpi.link if link else mpi.dedupe)(records, settings)
    seconds = time.perf_counter() - begin
    person = truth_of(records, paths, persons)
    oracle, found = best_f1(result, person)
    pairs = _measures(result.resolution.cluster, person)
    n = len(np.unique(person))
    three = pairs.f1, pairs.precision, pairs.recall
    stated = covered(records, result, person, across=link)
    held = "".join(
        name[0] for name in ("precision", "recall", "blocking_recall") if stated.holds(name)
    )
    error = calibration_error([stated])
    return Outcome(
        name, len(person), n, *three, oracle, found, error, held, stated.trusted, seconds
    )


def _febrl(number: int) -> tuple[list[Path], list[list[int]]]:
    paths = [datasets() / f"{stem}.csv" for stem in FILES[number]]
    return paths, [[int(person_of(row[0])) for row in rows_of(path)[1:]] for path in paths]


def quality(seed: int = 1, only: str = "") -> None:
    """Every world, then FEBRL 1 to 4; `only` names worlds, by parts of their names."""
    work = folder("worlds")
    print(HEADER)
    outcomes: list[Outcome] = []
    for world in WORLDS:
        if any(part in world.name for part in only.split(",")):
            written = write(world, seed, work)
            outcomes.append(measure(world.name, written.paths, written.persons, link=world.link))
            print(outcomes[-1].row(), flush=True)
    if not outcomes:
        raise SystemExit(f"no world is called '{only}'")
    means = {
        name: round(float(np.mean([getattr(o, name) for o in outcomes])), 4)
        for name in ("f1", "precision", "recall", "oracle", "found", "calibration")
    }
    if only:
        print(means)
        return
    figures: dict[str, object] = {"worlds": len(outcomes)}
    figures |= {f"mean_{name}": value for name, value in means.items()}
    for letter, name in (("p", "precision"), ("r", "recall"), ("b", "blocking_recall")):
        share = float(np.mean([letter in o.held for o in outcomes]))
        figures[f"{name}_covered"] = round(share, 4)
    figures["worst_f1"] = round(min(o.f1 for o in outcomes), 4)
    for number in FILES:
        outcomes.append(measure(f"febrl{number}", *_febrl(number), link=number == 4))
        print(outcomes[-1].row(), flush=True)
    figures["seconds"] = round(sum(o.seconds for o in outcomes), 1)
    for o in outcomes:
        figures[o.name] = {
            "records": o.records,
            "persons": o.persons,
            **{
                n: round(getattr(o, n), 4)
                for n in ("f1", "precision", "recall", "oracle", "calibration")
            },
            "held": o.held,
            "trusted": o.trusted,
            "seconds": round(o.seconds, 2),
        }
    save("quality", {"seed": seed}, figures)
