"""Files in an index's folder that no snapshot has: a run that died left them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mpi.index.store import Store

UNFINISHED = "unfinished"
"""The folder of a night that was stopped."""

_NESTED, _FLAT = ("tables", "changes"), ("models", "state", "snapshots", UNFINISHED)
_OURS = re.compile(r".*\.(parquet|json|arrow|part|tmp)")


def stray_files(store: Store, named: Collection[str]) -> list[str]:
    """Names of files of ours, below the index's folder, but for those that manifests name."""
    files = store.files
    folders = [f"{kind}/{name}" for kind in _NESTED for name in files.names(store.path / kind)]
    return [
        f"{folder}/{entry}"
        for folder in [*folders, *_FLAT]
        for entry in files.names(store.path / folder)
        if f"{folder}/{entry}" not in named and _OURS.fullmatch(entry)
    ]
