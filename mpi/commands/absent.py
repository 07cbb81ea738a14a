"""Packages that a command has no use for, and that are not loaded though they are installed."""

from __future__ import annotations

import sys


class _Absent:
    """Says of some packages that they are not installed, to whoever looks for them."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Where a package is: not here, and nowhere if it is one of those."""
        if name in self._names:
            raise ModuleNotFoundError(f"mpi's commands have no use for {name}", name=name)


def leave_out(*names: str) -> None:
    """Let this process find no such packages; only a program of its own may do that.

    Arrow looks for pandas when it makes its first array, and loads it where it is installed: a
    third of a second, and a third of what a command takes that looks at a few records.
    """
    sys.meta_path.insert(0, _Absent(frozenset(names)))
