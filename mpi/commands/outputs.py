"""Files that a command writes: whole or absent, and known to be possible before the work starts."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from mpi.commands.formats import format_of, write_table
from mpi.errors import UsageError

_PROBE = 1 << 16


@dataclass
class _Target:
    """A file to write, and the unfinished one beside it; None for a device or a pipe."""

    path: Path
    kind: str
    unfinished: Path | None


@dataclass
class Outputs:
    """The files of one command: all are written aside, then all take their names.

    Use it as ``with reserve([...]) as outputs``, write each table, then `publish`. What is not
    published leaves nothing behind.
    """

    _targets: dict[Path, _Target] = field(default_factory=dict)

    def write(self, path: Path, table: pa.Table) -> None:
        """Write a table in the format of its suffix, aside, down to the disk."""
        target = self._targets[path]
        with _explained(path), (target.unfinished or target.path).open("wb") as file:
            write_table(table, file, target.kind)
            if target.unfinished is not None:
                file.flush()
                os.fsync(file.fileno())

    def write_text(self, path: Path, text: str) -> None:
        """Write a text file, aside, down to the disk."""
        target = self._targets[path]
        with _explained(path), (target.unfinished or target.path).open("wb") as file:
            file.write(text.encode())
            if target.unfinished is not None:
                file.flush()
                os.fsync(file.fileno())

    def publish(self) -> None:
        """Give every file its name; each appears whole, in place of an older one."""
        for target in self._targets.values():
            if target.unfinished is not None:
                with _explained(target.path):
                    target.unfinished.replace(target.path)
                    _sync_folder(target.path.parent)
        self._targets.clear()

    def discard(self) -> None:
        """Remove what was not published."""
        for target in self._targets.values():
            if target.unfinished is not None:
                target.unfinished.unlink(missing_ok=True)
        self._targets.clear()


@contextmanager
def reserve(
    paths: Sequence[Path | None], *, inputs: Sequence[str] = (), text: bool = False
) -> Iterator[Outputs]:
    """Make sure that these files can be written, before the work that fills them.

    Parameters
    ----------
    paths : files to write; None and "-" (standard output) are passed over
    inputs : files that are read, and must not be overwritten
    text : the files hold plain text, whatever their suffix

    Raises
    ------
    UsageError
        A folder is missing, or cannot be written, or has no room; a suffix names no format; a
        path is an input, a folder, or given twice.
    """
    outputs = Outputs()
    try:
        for path in paths:
            if path is not None and str(path) != "-":
                _reserve(outputs, path, inputs, text)
        yield outputs
    finally:
        outputs.discard()


def _reserve(outputs: Outputs, path: Path, inputs: Sequence[str], text: bool) -> None:
    if path in outputs._targets:
        raise UsageError(f"{path} is named for two outputs; give each a file of its own")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it")
    if any(_same(path, name) for name in inputs):
        raise UsageError(f"{path} is also an input and would be overwritten; name another file")
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        kind = "csv" if text or not path.suffix else format_of(path)
        outputs._targets[path] = _Target(path, kind, None)
        return
    kind = "text" if text else format_of(path)
    if not path.parent.is_dir():
        raise UsageError(f"{path}: the folder {path.parent} does not exist; make it first")
    with _explained(path):
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        final = path.resolve()  # a symbolic link stays one, and its file is replaced
        handle, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name}.", suffix=".part")
        outputs._targets[path] = _Target(final, kind, Path(name))
        with os.fdopen(handle, "wb") as probe:
            mask = os.umask(0)
            os.umask(mask)
            os.fchmod(probe.fileno(), 0o666 & ~mask)
            probe.write(bytes(_PROBE))
            probe.flush()
            os.fsync(probe.fileno())


def _same(path: Path, name: str) -> bool:
    try:
        return path.samefile(name)
    except OSError:
        return False


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the system says about a file into an error that says what to do."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            advice = "there is no room left; free some, or choose another folder"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            advice = "it may not be written; choose another folder, or ask for the right to write"
        else:
            advice = "choose another file"
        why = error.strerror or str(error)
        raise UsageError(f"{path} cannot be written: {why}; {advice}") from None


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def to_stdout(table: pa.Table, kind: str) -> None:
    """Write a table to standard output."""
    stream: BinaryIO = sys.stdout.buffer
    write_table(table, stream, kind)
    stream.flush()
