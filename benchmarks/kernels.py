"""Comparators side by side with RapidFuzz, jellyfish, recordlinkage and DuckDB, on one core.

Every library is given the pairs in the form it likes best: Arrow for ours, lists for RapidFuzz and
jellyfish, pandas for recordlinkage, a table for DuckDB. Runs alternate, so that a busy machine is
busy for all; a figure is the median of CPU seconds. Compilation is measured apart. The answers of
ours and each rival are compared in the same run.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.child import run
from benchmarks.results import save

RUNS = 7
Texts = list[str]


def kernels(pairs: int = 200_000, seed: int = 1) -> None:
    """Every comparison of single comparators that the goals name."""
    figures: dict[str, float] = {}
    for name, (left, right) in workloads(pairs, seed).items():
        figures |= {f"{name}_{key}": value for key, value in pairwise(left, right).items()}
        print(_lines(name, figures), flush=True)
    for name, (left, right) in workloads(pairs, seed).items():
        if name in ("short_ascii", "long_vietnamese"):
            figures |= {f"{name}_many_{k}": v for k, v in one_to_many(left[:40], right).items()}
            print(_lines(f"{name}_many", figures), flush=True)
    for rival in ("jellyfish", "recordlinkage"):
        figures[f"least_vs_{rival}"] = min(v for k, v in figures.items() if f"_vs_{rival}" in k)
    figures["compile_seconds"] = compilation()
    save("kernels", {"pairs": pairs, "seed": seed, "runs": RUNS}, figures)


def compilation() -> float:
    """CPU seconds of compiling Jaro-Winkler and Levenshtein for names of up to 31 letters."""
    code = (
        "from mpi import compare as c\n"
        "for a, b in ((['an'], ['anh']), (['Nguyễn Thị Ngọc Ánh'], ['Nguyễn Thị Ngọc'])):\n"
        "    c.jaro_winkler(a, b), c.levenshtein(a, b)\n"
    )
    with TemporaryDirectory() as empty:
        cold, warm = (
            run(["env", f"MPI_CACHE_DIR={empty}", sys.executable, "-c", code]).cpu for _ in range(2)
        )
    return round(cold - warm, 2)


def workloads(pairs: int, seed: int) -> dict[str, tuple[Texts, Texts]]:
    """Pairs of Vietnamese names by frequency: half of two persons, half with one or two slips."""
    import pyarrow as pa

    from mpi.standardise.fold import fold
    from mpi.synth import reference

    rng = random.Random(seed)
    tables = []
    for table in ("family_names", "middle_names", "given_names"):
        rows = [row for row in reference.rows(table) if row["weight"]]
        tables.append(([r["name"] for r in rows], [float(r["weight"]) for r in rows]))

    def draw(tables: Iterable[tuple[list[str], list[float]]], low: int, high: int) -> Texts:
        parts = [rng.choices(names, weights, k=3 * pairs) for names, weights in tables]
        made = (" ".join(words) for words in zip(*parts, strict=True))
        return [text for text in made if low <= len(text) <= high][:pairs]

    family, middle, given = tables
    full = draw((family, middle, middle, given), 13, 31)
    short = draw((middle, given), 3, 16)
    ascii_short, ascii_full = (fold(pa.array(t)).to_pylist() for t in (short, full))
    chosen = {
        "short_ascii": ascii_short,
        "long_ascii": ascii_full,
        "short_vietnamese": short,
        "long_vietnamese": full,
    }
    return {name: _paired(texts, rng) for name, texts in chosen.items()}


def _paired(texts: Texts, rng: random.Random) -> tuple[Texts, Texts]:
    letters = sorted(set("".join(texts)))
    right = texts[:]
    rng.shuffle(right)
    for k in range(0, len(texts), 2):
        text = texts[k]
        for _ in range(rng.randint(1, 2)):
            at = rng.randrange(len(text))
            text = rng.choice(
                (
                    text[:at] + text[at + 1 :],
                    text[:at] + rng.choice(letters) + text[at:],
                    text[:at] + rng.choice(letters) + text[at + 1 :],
                    text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
                )
            )
        right[k] = text or texts[k]
    return texts, right


def pairwise(left: Texts, right: Texts) -> dict[str, float]:
    """Nanoseconds a pair of each comparator, and how often faster than each rival."""
    import numpy as np
    import pyarrow as pa

    from mpi import compare

    a, b = pa.array(left), pa.array(right)
    out: dict[str, float] = {}
    for name in ("jaro_winkler", "levenshtein", "osa"):
        metric = getattr(compare, name)
        jobs: dict[str, Callable[[], Any]] = {
            "mpi": partial(metric, a, b),
            "mpi_from_lists": partial(metric, left, right),
        }
        jobs |= rivals(name, left, right)
        taken, answers = alternate(jobs)
        answer = answers["mpi"]
        for job, seconds in taken.items():
            # jellyfish and recordlinkage are given fewer pairs: they are slow.
            n = len(answers[job])
            out[f"{name}_{job}_ns"] = round(seconds / n * 1e9, 1)
            bytes_differ = job == "duckdb" and not all(map(str.isascii, left[:n]))
            if not bytes_differ and not np.allclose(answers[job], answer[:n], rtol=0, atol=1e-12):
                raise SystemExit(f"{name}: {job} does not agree")
        for job in jobs:
            if not job.startswith("mpi"):
                ratio = out[f"{name}_{job}_ns"] / out[f"{name}_mpi_ns"]
                out[f"{name}_vs_{job}"] = round(ratio, 2)
    return out


def rivals(name: str, left: Texts, right: Texts) -> dict[str, Callable[[], Any]]:
    """The same comparison by others, each on one thread."""
    import duckdb
    import jellyfish
    import numpy as np
    import pandas as pd  # type: ignore[import-untyped]
    import pyarrow as pa
    from rapidfuzz import distance, process

    classes = {"jaro_winkler": "JaroWinkler", "levenshtein": "Levenshtein", "osa": "OSA"}
    scorer = getattr(distance, classes[name]).normalized_similarity
    few = max(len(left) // 10, 1)
    jobs: dict[str, Callable[[], Any]] = {
        "rapidfuzz": lambda: process.cpdist(left, right, scorer=scorer, workers=1, dtype=np.float64)
    }
    if name == "osa":  # the others have no optimal string alignment
        return jobs
    if name == "jaro_winkler":
        jobs["jellyfish"] = lambda: list(
            map(jellyfish.jaro_winkler_similarity, left[:few], right[:few])
        )
        connection = duckdb.connect(config={"threads": 1})
        pairs = pa.table({"a": left, "b": right})
        connection.register("arrow_pairs", pairs)
        connection.execute("create table pairs as select * from arrow_pairs")
        query = "select jaro_winkler_similarity(a, b) as s from pairs"
        jobs["duckdb"] = lambda: connection.sql(query).fetchnumpy()["s"]
    else:
        jobs["jellyfish"] = lambda: [
            1.0 - jellyfish.levenshtein_distance(x, y) / max(len(x), len(y))
            for x, y in zip(left[:few], right[:few], strict=True)
        ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import recordlinkage  # type: ignore[import-untyped]

    index = pd.MultiIndex.from_arrays([range(few), range(few)])
    frames = [pd.DataFrame({"text": side[:few]}) for side in (left, right)]
    method = "jarowinkler" if name == "jaro_winkler" else name
    compare = recordlinkage.Compare()
    compare.string("text", "text", method=method, label="s")
    jobs["recordlinkage"] = lambda: compare.compute(index, *frames)["s"].to_numpy()
    return jobs


def one_to_many(queries: Texts, texts: Texts) -> dict[str, float]:
    """Million pairs a second of a few texts against many, ours and RapidFuzz's `cdist`."""
    import numpy as np
    import pyarrow as pa
    from rapidfuzz import distance, process

    from mpi import compare

    many = pa.array(texts)
    out: dict[str, float] = {}
    for name, theirs in (("jaro_winkler", "JaroWinkler"), ("levenshtein", "Levenshtein")):
        metric = getattr(compare, name)
        scorer = getattr(distance, theirs).normalized_similarity
        jobs: dict[str, Callable[[], Any]] = {
            "mpi": partial(metric, queries, many, all_pairs=True),
            "rapidfuzz": partial(
                process.cdist, queries, texts, scorer=scorer, workers=1, dtype=np.float64
            ),
        }
        taken, answers = alternate(jobs)
        if not np.allclose(answers["mpi"], answers["rapidfuzz"], rtol=0, atol=1e-12):
            raise SystemExit(f"{name}: one to many does not agree")
        for job, seconds in taken.items():
            out[f"{name}_{job}_mpairs"] = round(len(queries) * len(texts) / seconds / 1e6, 1)
        out[f"{name}_vs_rapidfuzz_cdist"] = round(taken["rapidfuzz"] / taken["mpi"], 2)
    return out


def alternate(
    jobs: dict[str, Callable[[], Any]],
) -> tuple[dict[str, float], dict[str, Any]]:
    """Median CPU seconds of each job, run in turns after a first one, and its answer."""
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    answers: dict[str, Any] = {name: job() for name, job in jobs.items()}
    for _ in range(RUNS):
        for name, job in jobs.items():
            begin = time.process_time()
            job()
            taken[name].append(time.process_time() - begin)
    return {name: statistics.median(times) for name, times in taken.items()}, answers


def _lines(name: str, figures: dict[str, float]) -> str:
    found = [f"{k[len(name) + 1 :]} {v}" for k, v in figures.items() if k.startswith(f"{name}_")]
    return f"{name}: " + ", ".join(found)
