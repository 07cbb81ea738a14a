"""Record linkage engine and master patient index, kept in Parquet.

Nothing is compiled and nothing heavy is loaded by ``import mpi``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mpi.index import MasterIndex
    from mpi.linkage import Result, dedupe, link
    from mpi.records import read_records

__version__ = "0.1.0"
__all__ = ["MasterIndex", "Result", "dedupe", "link", "read_records"]

_HOME = {
    "MasterIndex": "mpi.index",
    "Result": "mpi.linkage",
    "dedupe": "mpi.linkage",
    "link": "mpi.linkage",
    "read_records": "mpi.records",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in ("compare", "evaluate", "synth"):
        return import_module(f"mpi.{name}")
    raise AttributeError(f"module 'mpi' has no attribute {name!r}")
