"""Write synthetic registries to a folder, the truth apart from them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from mpi.errors import UsageError
from mpi.synth.generate import Synthetic

REGISTRIES = "registries"
_WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    "parquet": lambda table, path: pq.write_table(table, path, compression="zstd"),
    "csv": lambda table, path: pacsv.write_csv(table, path),
}


def write(synthetic: Synthetic, folder: Path | str, *, format: str = "parquet") -> list[Path]:
    """Write ``registries/<source>.<format>``, ``truth.<format>`` and ``slices.<format>``.

    The truth lies beside the folder of registries, so that ``registries/*`` is input and nothing
    else. Each file appears whole, by a rename. An earlier output in the folder is replaced.

    Parameters
    ----------
    format : "parquet" or "csv"

    Returns
    -------
    The files, registries first.

    Raises
    ------
    UsageError
        The format is unknown, the folder cannot be written, or it holds anything else.
    """
    if format not in _WRITERS:
        raise UsageError(f"format '{format}' is unknown; it is one of {', '.join(_WRITERS)}")
    folder = Path(folder)
    tables = {f"{REGISTRIES}/{name}": table for name, table in sorted(synthetic.sources.items())}
    tables |= {"truth": synthetic.truth, "slices": synthetic.slices}
    try:
        for path in _earlier(folder):
            path.unlink()
        (folder / REGISTRIES).mkdir(parents=True, exist_ok=True)
        written = []
        for name, table in tables.items():
            path = folder / f"{name}.{format}"
            partial = path.with_suffix(f".{format}.partial")
            _WRITERS[format](table, partial)
            partial.replace(path)
            written.append(path)
    except OSError as error:
        why = error.strerror or os.strerror(error.errno or 0)
        raise UsageError(f"folder {folder} cannot be written: {why}") from None
    return written


def _earlier(folder: Path) -> list[Path]:
    """Files of an earlier output, all that the folder may hold."""
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; wanted a folder")
    found: list[Path] = []
    foreign: list[Path] = []
    own = {f"{name}.{f}" for name in ("truth", "slices") for f in _WRITERS}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix().removesuffix(".partial")
        if path.is_dir() and name == REGISTRIES:
            continue
        inside = path.parent == folder / REGISTRIES and name.endswith(tuple(_WRITERS))
        (found if path.is_file() and (name in own or inside) else foreign).append(path)
    if foreign or (found and not any(p.name.startswith("truth.") for p in found)):
        odd = (foreign or found)[0].relative_to(folder)
        raise UsageError(
            f"folder {folder} holds something else ({odd}); give an empty or a new folder"
        )
    return found
