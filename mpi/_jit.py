"""How every kernel is compiled; the only file that speaks to numba's compiler.

Kernels live in ``_kernels*.py``. The cache lies outside the package in a folder named after a
hash of all kernel sources, numba's version and the processor: numba alone does not notice that a
callee in another file was edited, and would run the old code.

``MPI_JIT=0`` runs kernels as plain Python (coverage, debugging), ``MPI_BOUNDSCHECK=1`` compiles
them with array bounds checked, ``MPI_CACHE_DIR`` moves the cache.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

ENABLED = os.environ.get("MPI_JIT", "1") != "0"
BOUNDSCHECK = os.environ.get("MPI_BOUNDSCHECK", "0") == "1"

F = TypeVar("F", bound=Callable[..., Any])


def source_hash() -> str:
    """Hash of every kernel source of the package, this file included."""
    root = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=10)
    for path in [Path(__file__), *sorted(root.rglob("_kernels*.py"))]:
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_dir() -> Path:
    """Folder of the compiled kernels: writable, and new for new sources."""
    import numba

    base = os.environ.get("MPI_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    root = Path(base).expanduser() if base else Path.home() / ".cache"
    name = f"{source_hash()}-numba{numba.__version__}-{platform.machine()}"
    if BOUNDSCHECK:
        name += "-checked"
    folder = root / "mpi" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    owner = os.getuid() if hasattr(os, "getuid") else 0
    return Path(tempfile.gettempdir()) / f"mpi-{owner}" / name


if ENABLED:
    import numba

    numba.config.CACHE_DIR = str(cache_dir())  # type: ignore[attr-defined]


def njit(function: F) -> F:
    """Compile without the interpreter lock, cached, with exact floating point."""
    if not ENABLED:
        return function
    compiled: Any = numba.njit(
        cache=True, nogil=True, error_model="numpy", boundscheck=BOUNDSCHECK
    )(function)
    return cast(F, compiled)
