"""`mpi warmup`: compile every kernel now, so that no later command has to."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mpi.commands.session import Session
from mpi.errors import UsageError

if TYPE_CHECKING:
    from mpi.stages import Stages


def run_warmup(session: Session) -> None:
    """Compile what is not in the cache yet, and tell where it is and what it took."""
    from mpi.report.quantities import count, duration, plural, size

    folder = cache_folder()
    before, begin = len(compiled(folder)), time.perf_counter()
    try:
        with session.stages() as stages:
            compile_everything(stages)
    except OSError as error:
        raise _unwritable(folder, error.strerror or str(error)) from None
    seconds = time.perf_counter() - begin
    kept = compiled(folder)
    new = len(kept) - before
    room = sum(path.stat().st_size for path in kept)
    if session.json:
        session.print_json(
            {
                "cache": str(folder),
                "compiled": new,
                "kept": len(kept),
                "bytes": room,
                "complete_before": new == 0,
                "seconds": round(seconds, 3),
            }
        )
    elif not session.quiet:
        page = session.page()
        if new == 0:
            page.line(f"nothing was left to compile; looked through in {duration(seconds)}")
        else:
            page.line(f"{plural(new, 'kernel')} compiled in {duration(seconds)}")
        page.line(f"the cache has {count(len(kept))} ({size(room)}): {folder}")


def cache_folder() -> Path:
    """The folder that keeps compiled kernels for later processes.

    Raises
    ------
    UsageError
        It cannot be written, or kernels are not compiled at all.
    """
    from mpi import _jit

    if not _jit.ENABLED:
        raise UsageError(
            "MPI_JIT=0 runs kernels as plain Python, so there is nothing to compile; unset it"
        )
    wanted = _jit.wanted_cache_dir()
    # Elsewhere the kernels would be lost with this machine's temporary files.
    if _jit.cache_dir() != wanted:
        raise _unwritable(wanted, "it cannot be made, or is read-only")
    return wanted


def _unwritable(folder: Path, why: str) -> UsageError:
    return UsageError(
        f"the cache folder {folder} cannot be written: {why}; make it writable, or let "
        "MPI_CACHE_DIR name a folder that is, here and wherever mpi will run"
    )


def compiled(folder: Path) -> list[Path]:
    """The compiled kernels in a cache folder, a file for each kind of argument."""
    return sorted(folder.rglob("*.nbc"))


def compile_everything(stages: Stages) -> None:
    """Call every kernel of the commands and of `mpi.compare` once, on records made up for it."""
    from mpi.compare.warm import warm_comparators
    from mpi.index import MasterIndex
    from mpi.linkage import dedupe, link
    from mpi.linkage.resolve import compile_standardising
    from mpi.linkage.warm import warm_table
    from mpi.settings import Settings

    records, settings = warm_table(), Settings(seed=1, threads=1)
    with stages.stage("standardising"):
        compile_standardising()
    with stages.stage("matching"):
        result = dedupe(records, settings)
        link(records, settings)
    with stages.stage("index"), TemporaryDirectory() as folder:
        index = MasterIndex.create_or_open(Path(folder) / "index")
        index.update(records, settings=settings)
        keys = [(row["source"], row["record_id"]) for row in result.crosswalk[:2].to_pylist()]
        index.explain(*keys)
        _compile_index()
    with stages.stage("comparators"):
        warm_comparators()


def _compile_index() -> None:
    """The kernels that an index of few records, who agree in all they say, does without."""
    import numpy as np
    import pyarrow as pa

    from mpi.index import _kernels_chain  # noqa: F401 - from now on events are chained by it
    from mpi.index.chain import hashes
    from mpi.index.golden import People, golden_field
    from mpi.records.keys import locate_keys

    keys = pa.table({"source": ["a", "a", "a"], "record_id": ["1", "2", "3"]})
    locate_keys(keys, keys, many=0)
    hashes(pa.table({"sequence": [1]}))
    names, ages = pa.array(["AN", "BA", None]), np.arange(3)
    people = People(keys["record_id"], keys["source"], np.zeros(3, np.int64), 1, ages)
    golden_field(names, people, ["frequent", "recent"])
