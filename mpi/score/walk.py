"""Every candidate pair, walked through the fused loop by several threads.

Threads change nothing in the result: work is cut by pairs alone, and the pieces are put together
in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mpi.block.blocks import Blocks
from mpi.block.candidates import Candidates
from mpi.encode._kernels_values import Values
from mpi.encode.rows import Encoded
from mpi.pieces import Pieces
from mpi.score._kernels import score_blocks
from mpi.score._kernels_blocks import Task, count_patterns
from mpi.score._kernels_order import order_pairs
from mpi.score._kernels_weight import Table
from mpi.score.compared import Compared
from mpi.score.scored import Columns, Scored, joined
from mpi.score.stretches import Room, Stretch, stretches

_PAIRS_PER_TASK = 400_000
_FIRST_TABLE = 1 << 14
_NOTHING_KEPT = Pieces()

R = TypeVar("R")
T = TypeVar("T")


def _pieces(blocks: Blocks) -> Iterator[tuple[int, int]]:
    """Ranges of blocks of about `_PAIRS_PER_TASK` pairs."""
    total = np.cumsum(blocks.pairs)
    begin = 0
    while begin < len(total):
        done = total[begin - 1] if begin else 0
        end = int(np.searchsorted(total, done + _PAIRS_PER_TASK, side="left")) + 1
        yield begin, min(end, len(total))
        begin = end


def _tasks(stretch: Stretch, rule: int, across: bool) -> list[Task]:
    blocks = stretch.blocks
    return [
        Task(
            stretch.keys,
            rule,
            blocks.order,
            blocks.starts,
            begin,
            end,
            stretch.source,
            across,
        )
        for begin, end in _pieces(blocks)
    ]


def _each(work: Callable[[T], R], tasks: Sequence[T], threads: int) -> Iterator[R]:
    if threads <= 1 or len(tasks) <= 1:
        yield from map(work, tasks)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(work, tasks)


def _map(work: Callable[[T], R], tasks: Sequence[T], threads: int) -> list[R]:
    return list(_each(work, tasks, threads))


def count_candidates(
    encoded: Encoded,
    candidates: Candidates,
    radix: npt.NDArray[np.uint64],
    *,
    most_pairs: float,
    threads: int,
    advance: Callable[[int], None],
    room: Room | None = None,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.float64]]:
    """Histogram of the patterns of all candidate pairs, or of about `most_pairs` of them.

    Whole blocks are taken or left by their key, so that the choice does not depend on the order
    of the records; counts are scaled to all pairs.

    Returns
    -------
    patterns : uint64[n_patterns], ascending
    counts : float64[n_patterns]
    """
    room = room or Room()
    found: list[tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]] = []
    scale: list[float] = []
    n_rules = len(candidates.blocks)
    for rule in range(n_rules):
        blocks = candidates.blocks[rule]
        pairs = float(blocks.pairs.sum())
        share = min(1.0, most_pairs / n_rules / pairs) if pairs else 1.0
        if share < 1.0:
            # The low bits: a rule's blocks are sorted by the high ones.
            low = blocks.hashes & np.uint64(0xFFFFFFFF)
            blocks = blocks.take(low < np.uint64(share * 2.0**32))
        for stretch in stretches(encoded, candidates, blocks, room):
            count = partial(_count, stretch.values, radix)
            found += _map(count, _tasks(stretch, rule, candidates.across), threads)
        scale += [share] * (len(found) - len(scale))
        room.let_go()
        advance(1)
    patterns = [own for own, _ in found]
    counts = [n / share for (_, n), share in zip(found, scale, strict=True)]
    if not patterns:
        return np.zeros(0, np.uint64), np.zeros(0)
    unique, inverse = np.unique(np.concatenate(patterns), return_inverse=True)
    total = np.zeros(len(unique))
    np.add.at(total, inverse, np.concatenate(counts))
    return unique, total


def _count(
    values: Values, radix: npt.NDArray[np.uint64], task: Task
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    size = _FIRST_TABLE
    while True:
        patterns, counts = np.zeros(size, np.uint64), np.zeros(size, np.int64)
        if count_patterns(values, task, radix, patterns, counts) >= 0:
            used = np.flatnonzero(counts)
            used = used[np.argsort(patterns[used], kind="stable")]
            return patterns[used], counts[used]
        size *= 4


def score_candidates(
    encoded: Encoded,
    candidates: Candidates,
    table: Table,
    *,
    threads: int,
    advance: Callable[[int], None],
    room: Room | None = None,
    pieces: Pieces = _NOTHING_KEPT,
) -> Scored:
    """Score every candidate pair and keep those of at least `table.least` bits.

    pieces : those of the job, if it keeps any
    """
    room = room or Room()
    compared = Compared(candidates, pieces)
    for rule, blocks in compared.rest():
        for stretch in stretches(encoded, candidates, blocks, room):
            tasks = _tasks(stretch, rule, candidates.across)
            found = _each(partial(_score, stretch, table), tasks, threads)
            for task, part in zip(tasks, found, strict=True):
                compared.add(part, task)
        room.let_go()
        advance(1)
    columns = joined(compared.parts)
    # Each thread puts the pairs of some left rows in order.
    ends = np.linspace(0, encoded.n_rows, max(1, threads) + 1).astype(np.int64).tolist()
    ordered = _map(lambda ends: _ordered(columns, *ends), [*pairwise(ends)], threads)
    return Scored(*joined(ordered), sum(part.compared for part in compared.parts))


def _ordered(columns: Columns, begin: int, end: int) -> Columns:
    """The pairs with a left row from `begin` to `end`, sorted by (left, right), each once."""
    mine = np.flatnonzero((columns.left >= begin) & (columns.left < end))
    left, right = columns.left[mine] - begin, columns.right[mine] - begin
    order = mine[order_pairs(left, right, int(right.max(initial=0)) + 1)]
    return Columns(
        columns.left[order], columns.right[order], columns.weight[order], columns.pattern[order]
    )


def _score(stretch: Stretch, table: Table, task: Task) -> Scored:
    # Most pairs of rules for whole numbers are kept; what is not written takes no memory.
    room = _PAIRS_PER_TASK
    while True:
        left, right = np.empty(room, np.int64), np.empty(room, np.int64)
        weight, pattern = np.empty(room, np.float32), np.empty(room, np.uint64)
        n, compared = score_blocks(stretch.values, task, table, left, right, weight, pattern)
        if n <= room:
            kept = slice(0, n)
            return Scored(
                stretch.rows_of(left[kept].copy()),
                stretch.rows_of(right[kept].copy()),
                weight[kept].copy(),
                pattern[kept].copy(),
                compared,
            )
        room = n
