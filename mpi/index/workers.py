"""Several files at a time: Arrow, checksums and the disk all let other threads run meanwhile."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

WORKERS = min(4, len(os.sched_getaffinity(0)))
"""Each holds a file's rows in memory."""


def in_order(work: Callable[[T], R], items: Sequence[T], *, workers: int = WORKERS) -> Iterator[R]:
    """What `work` makes of each item, in the order of the items.

    No more than `workers` items are worked on ahead of the one that is asked for.

    Examples
    --------
    >>> list(in_order(len, ["a", "", "bcd"]))
    [1, 0, 3]
    """
    if len(items) < 2:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
