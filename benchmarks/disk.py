"""The most bytes that a folder held while something ran."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.2
"""Seconds between two looks."""


@dataclass
class Most:
    """Bytes at most so far."""

    bytes: int = 0

    @property
    def gb(self) -> float:
        """As a result keeps it."""
        return round(self.bytes / 1e9, 3)


def bytes_in(folder: Path) -> int:
    """Bytes of all files below a folder; files that vanish meanwhile do not count."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(parent) / name).stat().st_size
    return total


@contextmanager
def watched(folder: Path) -> Iterator[Most]:
    """Look at a folder again and again while the block runs."""
    most, over = Most(), threading.Event()

    def look() -> None:
        while True:
            most.bytes = max(most.bytes, bytes_in(folder))
            if over.wait(_EVERY):
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()
        most.bytes = max(most.bytes, bytes_in(folder))
