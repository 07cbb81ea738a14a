"""Our side of the core's benchmark, a part in a process of its own.

``python -m benchmarks.matching PART FOLDER RUNS [EXCHANGE]`` measures on the citizens kept in
FOLDER, tells what it does on standard error and ends with figures as JSON on standard output.
Every kernel was compiled, and has run, before anything is timed.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import citizens
from mpi.block.candidates import Candidates, make_candidates, make_keys, narrowing_order
from mpi.block.rules import Rule
from mpi.compare.patterns import radices
from mpi.encode.comparisons import choose_comparisons
from mpi.encode.rows import Encoded, encode
from mpi.score.learn import learn, make_table
from mpi.score.model import Model, read_model
from mpi.score.scored import Scored
from mpi.score.walk import count_candidates, score_candidates
from mpi.settings import Settings
from mpi.standardise.table import StandardTable

RULES = (
    Rule(("national_id",)),
    Rule(("insurance_id",)),
    Rule(("phone",)),
    Rule(("full_name", "province")),
    Rule(("full_name", "birth_date:year")),
    Rule(("birth_date", "full_name:last")),
)
"""Fixed, so that figures of two days are about the same pairs; on 10,000,000 records the largest
block has some 1,500 rows."""

_MAX_BLOCK = 10_000  # never reached: nothing is narrowed
_WARM = 20_000

Figures = dict[str, float]


def encoded_of(standard: StandardTable) -> Encoded:
    """Records as rows of value numbers."""
    return encode(standard, choose_comparisons(standard)[0])


def block(encoded: Encoded) -> Candidates:
    """Keys and blocks of the six rules, on one thread."""
    wanted = sorted({name for rule in RULES for name in rule.keys})
    keys = make_keys(encoded, wanted)
    narrowing = narrowing_order(list(keys.values()))
    found = make_candidates(
        encoded, keys, RULES, narrowing, max_block=_MAX_BLOCK, across=False, threads=1
    )
    assert not found.narrowed
    return found


def fit(encoded: Encoded, candidates: Candidates) -> Model:
    """The model of these records."""
    learnt = learn(encoded, candidates, Settings(seed=1), threads=1, advance=_ignore)
    return Model(
        comparisons=learnt.comparisons,
        prior=learnt.prior,
        relative=learnt.relative,
        link_at=learnt.link_at,
        review_at=learnt.review_at,
        largest=0,
        rules=[list(rule.keys) for rule in RULES],
        narrowing=[],
        max_block=_MAX_BLOCK,
        placeholders={},
        locale="general",
        layouts={},
        kinds={},
    )


def score(encoded: Encoded, candidates: Candidates, table: Any, threads: int = 1) -> Scored:
    """Every candidate pair, compared and scored."""
    return score_candidates(encoded, candidates, table, threads=threads, advance=_ignore)


def count(encoded: Encoded, candidates: Candidates) -> float:
    """Every level of every candidate pair, counted; how many pairs there were."""
    counts = count_candidates(
        encoded,
        candidates,
        radices(encoded.comparisons),
        most_pairs=float("inf"),
        threads=1,
        advance=_ignore,
    )[1]
    return float(counts.sum())


def _ignore(_amount: int) -> None:
    pass


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def timed(
    job: Callable[..., Any], *arguments: Any, clock: Callable[[], float] = time.process_time
) -> tuple[Any, float]:
    """What a job gives, and its seconds."""
    begin = clock()
    answer = job(*arguments)
    return answer, clock() - begin


def warm() -> None:
    """Run everything once on few records."""
    encoded = encoded_of(citizens.invent(_WARM, 1).standard)
    candidates = block(encoded)
    table = make_table(fit(encoded, candidates), encoded)
    score(encoded, candidates, table)
    count(encoded, candidates)


def level(pairs: int, runs: int) -> Figures:
    """Nanoseconds of comparing two full names as far as their level."""
    from mpi.compare._kernels_tile import compare_pairs

    standard, same = citizens.invent_pairs(pairs, seed=1)
    encoded = encoded_of(standard)
    left, right = encoded.row_of[0::2], encoded.row_of[1::2]
    chosen = {
        "mixed": np.arange(pairs),
        "strangers": np.flatnonzero(~same),
        "slips": np.flatnonzero(same),
        "mixed_scattered": np.random.Generator(np.random.PCG64(2)).permutation(pairs),
    }
    figures: Figures = {}
    for name, rows in chosen.items():
        a, b = left[rows].copy(), right[rows].copy()
        out = np.empty((len(a), 1), np.int8)
        compare_pairs(encoded.values, a, b, out)
        taken = []
        for _ in range(runs):
            _, seconds = timed(_often, compare_pairs, encoded, a, b, out)
            taken.append(seconds / _REPEATS / len(a) * 1e9)
        figures[f"{name}_ns"] = round(statistics.median(taken), 2)
        shares = np.bincount(out[:, 0], minlength=6) / len(out)
        _tell(f"{name}: {figures[f'{name}_ns']} ns a pair; levels {shares.round(3).tolist()}")
    return figures


_REPEATS = 10


def _often(compare: Any, encoded: Encoded, a: Any, b: Any, out: npt.NDArray[np.int8]) -> None:
    for _ in range(_REPEATS):
        compare(encoded.values, a, b, out)


def loop(folder: Path, runs: int) -> Figures:
    """Million candidate pairs a second of the fused loop, scoring and counting."""
    warm()
    encoded = encoded_of(citizens.read(folder).standard)
    candidates = block(encoded)
    pairs = sum(int(b.pairs.sum()) for b in candidates.blocks)
    largest = max(int(np.diff(b.starts).max()) for b in candidates.blocks)
    _tell(f"{encoded.n_rows:,} rows, {pairs:,} pairs, largest block {largest} rows; learning")
    table = make_table(fit(encoded, candidates), encoded)
    scoring, counting = [], []
    for _ in range(runs):
        scored, seconds = timed(score, encoded, candidates, table)
        scoring.append(seconds)
        _tell(f"scoring {scored.compared:,} pairs: {seconds:.2f} s")
    for _ in range(runs):
        counted, seconds = timed(count, encoded, candidates)
        counting.append(seconds)
        _tell(f"counting {counted:,.0f} pairs: {seconds:.2f} s")
    return {
        "rows": encoded.n_rows,
        "pairs": scored.compared,
        "kept": len(scored.left),
        "largest_block": largest,
        "scoring_cpu_seconds": round(statistics.median(scoring), 2),
        "scoring_mpairs": round(scored.compared / statistics.median(scoring) / 1e6, 2),
        "counting_cpu_seconds": round(statistics.median(counting), 2),
        "counting_mpairs": round(counted / statistics.median(counting) / 1e6, 2),
    }


def end_to_end(folder: Path, exchange: Path) -> Figures:
    """CPU seconds from the standard table to scored pairs, by stage; once.

    The first call learns the model and leaves in `exchange` what DuckDB is to do.
    """
    from benchmarks import rival

    warm()
    standard = citizens.read(folder).standard
    encoded, encoding = timed(encoded_of, standard)
    candidates, blocking = timed(block, encoded)
    known = exchange / "model.json"
    if not known.exists():
        exchange.mkdir(parents=True, exist_ok=True)
        known.write_bytes(fit(encoded, candidates).to_json())
        rival.hand_over(encoded, read_model(known.read_bytes()), exchange)
    model = read_model(known.read_bytes())
    table, tabling = timed(make_table, model, encoded)
    scored, scoring = timed(score, encoded, candidates, table)
    return {
        "rows": encoded.n_rows,
        "pairs": scored.compared,
        "kept": len(scored.left),
        "encoding": encoding,
        "blocking": blocking,
        "table": tabling,
        "scoring": scoring,
    }


def threads(folder: Path, runs: int) -> Figures:
    """Seconds of the clock of scoring on one thread and on two, in turns."""
    warm()
    encoded = encoded_of(citizens.read(folder).standard)
    candidates = block(encoded)
    table = make_table(fit(encoded, candidates), encoded)
    score(encoded, candidates, table)
    taken: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(runs):
        for n, seconds in taken.items():
            clock = time.perf_counter
            seconds.append(timed(score, encoded, candidates, table, n, clock=clock)[1])
        _tell(f"one thread {taken[1][-1]:.2f} s, two {taken[2][-1]:.2f} s")
    one, two = (statistics.median(seconds) for seconds in taken.values())
    return {
        "one_thread_seconds": round(one, 3),
        "two_threads_seconds": round(two, 3),
        "two_threads_vs_one": round(one / two, 2),
    }


def main() -> None:
    """The part that was asked for."""
    part, *rest = sys.argv[1:]
    if part == "invent":
        citizens.keep(citizens.invent(int(rest[0]), int(rest[1])), Path(rest[2]))
        figures: Figures = {}
    elif part == "warm":
        warm()
        figures = {}
    elif part == "level":
        figures = level(int(rest[0]), int(rest[1]))
    elif part == "loop":
        figures = loop(Path(rest[0]), int(rest[1]))
    elif part == "end_to_end":
        figures = end_to_end(Path(rest[0]), Path(rest[1]))
    else:
        figures = threads(Path(rest[0]), int(rest[1]))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
