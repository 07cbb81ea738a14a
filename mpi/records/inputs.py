"""Where the input lies: files, folders, globs and standard input."""

from __future__ import annotations

import difflib
import glob
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mpi.errors import UsageError


class Format(StrEnum):
    """How the rows of a file are written."""

    PARQUET = "Parquet"
    ARROW_FILE = "Arrow file"
    ARROW_STREAM = "Arrow stream"
    NDJSON = "NDJSON"
    DELIMITED = "CSV"
    CLAIMS = "health-insurance claims in XML"


SUFFIXES: dict[str, Format] = {
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".arrow": Format.ARROW_FILE,
    ".feather": Format.ARROW_FILE,
    ".ipc": Format.ARROW_FILE,
    ".arrows": Format.ARROW_STREAM,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".json": Format.NDJSON,
    ".csv": Format.DELIMITED,
    ".tsv": Format.DELIMITED,
    ".tab": Format.DELIMITED,
    ".psv": Format.DELIMITED,
    ".txt": Format.DELIMITED,
    ".xml": Format.CLAIMS,
}
COMPRESSED = (".gz", ".zst", ".zstd")
STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Origin:
    """One file to read.

    path : None for standard input
    source : the source of its rows where they name none
    """

    path: Path | None
    name: str
    source: str


@dataclass(frozen=True)
class Content:
    """The bytes of one file, decompressed.

    fingerprint : blake2b of the bytes as they lie on the disk, 32 hexadecimal digits
    """

    origin: Origin
    data: bytes | memoryview
    format: Format
    fingerprint: str
    notes: tuple[str, ...] = ()


def stem(name: str) -> str:
    """File name without compression and format suffixes.

    Examples
    --------
    >>> stem("hanoi.2024.csv.gz"), stem("hue.parquet"), stem("notes")
    ('hanoi.2024', 'hue', 'notes')
    """
    for suffix in COMPRESSED:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            name = name[: -len(suffix)]
            break
    path = Path(name)
    return path.stem if path.suffix.lower() in SUFFIXES else name


def find_inputs(inputs: str | Path | Sequence[str | Path]) -> tuple[Origin, ...]:
    """The files behind paths, folders, globs and ``-``, each once, sorted by source and name.

    A folder stands for the files right inside it that have a known suffix; hidden files and
    sub-folders are left out (write ``folder/**/*.parquet`` for those below). A folder that
    itself carries a format suffix, as Spark writes them, is one source.

    Raises
    ------
    UsageError
        A path does not exist, a glob or a folder holds nothing to read.
    """
    given = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
    if not given:
        raise UsageError("no input was given; name at least one file, folder, glob or '-'")
    found: dict[str, Origin] = {}
    for one in given:
        for origin in _origins(str(one)):
            key = STANDARD_INPUT if origin.path is None else str(origin.path.resolve())
            found.setdefault(key, origin)
    return tuple(sorted(found.values(), key=lambda o: (o.source, o.name, str(o.path))))


def _origins(given: str) -> list[Origin]:
    if given == STANDARD_INPUT:
        return [Origin(None, "stdin", "stdin")]
    path = Path(given).expanduser()
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.is_file() and _readable_name(p.name))
        if not files:
            raise UsageError(
                f"folder {given} holds no file to read; wanted are {', '.join(SUFFIXES)}, "
                f"also with {', '.join(COMPRESSED)}; for sub-folders write {given}/**/*.parquet"
            )
        whole = path.suffix.lower() in SUFFIXES
        return [Origin(p, p.name, stem(path.name if whole else p.name)) for p in files]
    if path.exists():
        return [Origin(path, path.name, stem(path.name))]
    if glob.has_magic(given):
        matches = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 -- absolute globs too
        files = [Path(m) for m in matches if Path(m).is_file()]
        if not files:
            raise UsageError(f"nothing matches {given} (looked from {Path.cwd()})")
        return [Origin(p, p.name, stem(p.name)) for p in files]
    raise UsageError(f"input {given} does not exist{_near(path)}")


def _readable_name(name: str) -> bool:
    if name.startswith((".", "_")):
        return False
    lower = name.lower()
    for suffix in COMPRESSED:
        lower = lower.removesuffix(suffix)
    return Path(lower).suffix in SUFFIXES


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return f"; nor does the folder {path.parent}"
    names = sorted(p.name for p in path.parent.iterdir())
    close = difflib.get_close_matches(path.name, names, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(close)}?" if close else ""
