"""How often the 95 % intervals that a run states hold the truth, over many small worlds.

Each world is invented from its own seed (size, difficulty and number of provinces too), resolved
with no configuration, and compared with its truth: precision and recall of the pairs of records in
one person, the share of true pairs that blocking makes, and stated probabilities.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmarks.child import folder
from benchmarks.results import save

if TYPE_CHECKING:
    from mpi.evaluate.calibration import Calibration
    from mpi.linkage.results import Result
    from mpi.records.table import RecordTable

Codes = npt.NDArray[np.int64]

_DIFFICULTIES = ("easy", "medium", "medium", "hard")
_MEASURES = ("precision", "recall", "blocking_recall")


@dataclass(frozen=True)
class Covered:
    """One world: what was true, and what was stated (estimate, low, high), by measure.

    bins : of the stated probabilities; (low, pairs, sum of probabilities, right ones)
    """

    records: int
    truth: dict[str, float]
    stated: dict[str, tuple[float, float, float]]
    trusted: bool
    bins: tuple[tuple[float, int, float, float], ...]

    def holds(self, measure: str) -> bool:
        """Does the interval hold the truth? Both are rounded to six digits."""
        _, low, high = self.stated[measure]
        return low - 1e-6 <= self.truth[measure] <= high + 1e-6


def pairs_in(codes: Codes) -> int:
    """Pairs of records with one code."""
    sizes = np.bincount(np.unique(codes, return_inverse=True)[1])
    return int((sizes * (sizes - 1) // 2).sum())


def measure(records: RecordTable, result: Result, person: Codes, *, across: bool) -> Covered:
    """Compare what a run states with the truth."""
    cluster = result.resolution.cluster
    both = np.unique(cluster * (int(person.max()) + 1) + person, return_inverse=True)[1]
    right, inside, true = pairs_in(both), pairs_in(cluster), pairs_in(person)
    quality = result.summary["quality"]
    return Covered(
        len(records),
        {
            "precision": right / inside if inside else 1.0,
            "recall": right / true if true else 1.0,
            "blocking_recall": _made(records, result, person, across=across),
        },
        {m: tuple(quality[m][k] for k in ("estimate", "low", "high")) for m in _MEASURES},
        result.resolution.trust.trusted,
        tuple(
            (b.low, b.pairs, b.pairs * b.expected, b.pairs * b.observed)
            for b in calibration(records, result, person).bins
        ),
    )


def calibration(records: RecordTable, result: Result, person: Codes) -> Calibration:
    """Stated probabilities against truth, of links and of pairs at or above 0.05."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from mpi.evaluate import calibrate

    truth = records.data.select(["source", "record_id"]).append_column(
        "person_id", pa.array(person.astype(str))
    )
    chance = pc.field("match_probability")
    return calibrate(truth, result.links, result.review.filter(chance >= 0.05))


def _made(records: RecordTable, result: Result, person: Codes, *, across: bool) -> float:
    """Share of the true pairs that the rules make."""
    from mpi.linkage.copies import rule_bits
    from mpi.linkage.prepare import prepare
    from mpi.score.model import read_model
    from mpi.settings import Settings
    from mpi.stages import Stages
    from mpi.standardise import standardise

    model = read_model(result.model)
    standard = standardise(
        records,
        Settings(locale=model.locale, threads=1),
        placeholders=model.placeholders,
        layouts=model.layouts,
    )
    prepared = prepare(standard, records, Settings(threads=1), model, Stages(), across)
    order = np.argsort(person, kind="stable")
    left: list[int] = []
    right: list[int] = []
    source = standard.source
    for group in np.split(order, np.flatnonzero(np.diff(person[order])) + 1):
        for i, a in enumerate(group.tolist()):
            for b in group[i + 1 :].tolist():
                if not across or source[a] != source[b]:
                    left.append(a)
                    right.append(b)
    if not left:
        return 1.0
    row = prepared.encoded.row_of
    bits = rule_bits(prepared.candidates, row[np.array(left)], row[np.array(right)])
    return float(np.mean(bits > 0))


def world(seed: int, work: Path) -> Covered:
    """Invent a world of 500 to 1,000 persons, resolve it, and measure what was stated."""
    import mpi
    from mpi.settings import Settings
    from mpi.synth import synthesise, write

    rng = np.random.default_rng(seed)
    persons, provinces = int(rng.integers(500, 1001)), int(rng.integers(1, 4))
    difficulty = _DIFFICULTIES[seed % len(_DIFFICULTIES)]
    invented = synthesise(persons, seed=seed, difficulty=difficulty, provinces=provinces)
    shutil.rmtree(work, ignore_errors=True)
    write(invented, work)
    settings = Settings(threads=1)
    records = mpi.read_records([str(work / "registries")], settings=settings)
    result = mpi.dedupe(records, settings)
    named = invented.truth.to_pydict()
    of = dict(
        zip(zip(named["source"], named["record_id"], strict=True), named["person_id"], strict=True)
    )
    keys = zip(
        records.data["source"].to_pylist(), records.data["record_id"].to_pylist(), strict=True
    )
    person = np.unique([of[key] for key in keys], return_inverse=True)[1]
    return measure(records, result, person.astype(np.int64), across=False)


def figures_of(found: list[Covered]) -> dict[str, object]:
    """Coverage, width and error of each measure, and the calibration error of all pairs."""
    figures: dict[str, object] = {"worlds": len(found)}
    for name in _MEASURES:
        stated = np.array([c.stated[name] for c in found])
        truth = np.array([c.truth[name] for c in found])
        figures[f"{name}_covered"] = round(float(np.mean([c.holds(name) for c in found])), 4)
        figures[f"{name}_width"] = round(float(np.median(stated[:, 2] - stated[:, 1])), 5)
        figures[f"{name}_error"] = round(float(np.mean(np.abs(stated[:, 0] - truth))), 5)
    figures["least_covered"] = min(
        float(str(figures[f"{name}_covered"])) for name in ("precision", "recall")
    )
    figures["trusted"] = round(float(np.mean([c.trusted for c in found])), 4)
    figures["calibration_error"] = round(calibration_error(found), 5)
    return figures


def calibration_error(found: list[Covered]) -> float:
    """Expected calibration error over the pairs of all worlds together."""
    pairs: dict[float, int] = defaultdict(int)
    gap: dict[float, float] = defaultdict(float)
    for covered in found:
        for low, n, expected, observed in covered.bins:
            pairs[low] += n
            gap[low] += expected - observed
    total = sum(pairs.values())
    return sum(abs(gap[low]) for low in pairs) / total if total else 0.0


def coverage(worlds: int = 200, seed: int = 1) -> None:
    """Measure so many worlds, the seeds of which follow `seed`."""
    work = folder("coverage") / "world"
    found: list[Covered] = []
    for k in range(worlds):
        found.append(world(10_000 * seed + k, work))
        for name in _MEASURES:
            if not found[-1].holds(name):
                low, high = found[-1].stated[name][1:]
                print(
                    f"world {10_000 * seed + k}: {name} {found[-1].truth[name]:.4f}, stated "
                    f"{low:.4f} to {high:.4f}",
                    flush=True,
                )
    save("coverage", {"worlds": worlds, "seed": seed}, figures_of(found))
