"""How time, CPU and memory grow with the records: `mpi run` and `mpi dedupe` at several sizes.

A growth of records^k is a straight line of slope k on scales of powers. It is fitted, by least
squares of the logarithms, to the sizes from a tenth of the largest on: below that the start of the
program and what a run does once hide the growth.
"""

from __future__ import annotations

import math
import shutil
import statistics
from collections.abc import Mapping
from itertools import pairwise

from benchmarks.end_to_end import Figures, compile_first, empty, run_dedupe, run_index
from benchmarks.records import registries
from benchmarks.results import save

SIZES = [100_000, 300_000, 1_000_000, 3_000_000]
SIDES = {"run": run_index, "dedupe": run_dedupe}
MEASURES = ("seconds", "cpu_seconds", "peak_gb", "disk_gb")
_ONCE = 2_000_000
_FAR = 100_000_000
_TELLING = 10_000_000
"""Records that the largest size must have before anything is foretold from it."""


def scaling(records: list[int], seed: int = 1, runs: int = 3, memory: str = "") -> None:
    """Measure every size, fit the growth, and draw it.

    runs : of sizes below two million; larger ones run once
    """
    compile_first()
    figures: Figures = {}
    found: dict[str, dict[int, float]] = {}
    for size in sorted(set(records)):
        data = registries(size, seed)
        for side, measure in SIDES.items():
            taken = []
            for _ in range(runs if size < _ONCE else 1):
                work = empty("scaling")
                taken.append(measure(data, work, memory))
                shutil.rmtree(work)
            print(f"{side}: {taken[-1]}", flush=True)
            for name in MEASURES:
                value = round(statistics.median(one[name] for one in taken), 3)
                figures[f"{side}_{name}_{size}"] = value
                found.setdefault(f"{side}_{name}", {})[taken[-1]["records"]] = value
    for name, values in found.items():
        if name.endswith("disk_gb") or len(values) < 2:
            continue
        slope, at_one = fit(values)
        figures[f"{name}_exponent"] = round(slope, 3)
        figures[f"{name}_steepest"] = round(max(steps(values)), 3)
        if max(values) >= _TELLING:
            figures[f"{name}_foretold_{_FAR}"] = round(math.exp(at_one) * _FAR**slope, 1)
    parameters = {"records": sorted(set(records)), "seed": seed}
    save("scaling", parameters | ({"memory": memory} if memory else {}), figures)


def fit(values: Mapping[int, float]) -> tuple[float, float]:
    """Slope and, at one record, height of the line through the logarithms of the larger sizes.

    Examples
    --------
    >>> slope, height = fit({10**5: 3.0, 10**6: 2.0, 10**7: 20.0})
    >>> round(slope, 6), round(math.exp(height) * 10**8, 3)
    (1.0, 200.0)
    """
    large = {n: v for n, v in values.items() if n >= 0.09 * max(values)}
    if len(large) < 2:
        large = dict(sorted(values.items())[-2:])
    x, y = [math.log(n) for n in large], [math.log(max(v, 1e-9)) for v in large.values()]
    slope, height = statistics.linear_regression(x, y)
    return slope, height


def steps(values: Mapping[int, float]) -> list[float]:
    """The slope between each two neighbouring sizes."""
    told = sorted(values.items())
    return [
        math.log(max(v1, 1e-9) / max(v0, 1e-9)) / math.log(n1 / n0)
        for (n0, v0), (n1, v1) in pairwise(told)
    ]
