"""Every touch of the file system by the index, so that a test can make any one of them fail."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

TEMPORARY = ".tmp"

Piece: TypeAlias = bytes | memoryview


@dataclass(frozen=True)
class Poured:
    """Content that does not lie in memory: it comes in pieces, the same ones each time.

    pieces : hands them to a function, one after the other
    """

    pieces: Callable[[Callable[[Piece], None]], None]


Content: TypeAlias = Piece | Poured


def in_memory(content: Content) -> Piece:
    """All of the content."""
    if not isinstance(content, Poured):
        return content
    whole = bytearray()
    content.pieces(whole.extend)
    return memoryview(whole)


def pour(content: Content, take: Callable[[Piece], None]) -> None:
    """Hand content to a function, in one piece or in many."""
    if isinstance(content, Poured):
        content.pieces(take)
    else:
        take(content)


class Files:
    """File operations that end on the disk, not in a cache.

    Folders are made for the owner only (0700), so are files (0600): they hold personal data.
    """

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it, each entered durably in its parent."""
        missing = [p for p in (path, *path.parents) if not p.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
            self.sync_folder(folder.parent)

    def protect(self, path: Path) -> None:
        """Keep others out of a folder that somebody else made."""
        with suppress(PermissionError):  # its owner decides
            path.chmod(0o700)

    def write(self, path: Path, content: Content) -> None:
        """Write a new file and wait until the disk has it."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            pour(content, lambda piece: _write_all(handle, piece))
            self.sync(handle)
        finally:
            os.close(handle)

    def sync(self, handle: int) -> None:
        """Wait until the disk has the file's content."""
        os.fsync(handle)

    def sync_folder(self, path: Path) -> None:
        """Wait until the disk has the folder's entries: a rename is durable only after this."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file its final name, at once or not at all."""
        old.rename(new)

    def name(self, old: Path, new: Path) -> bool:
        """Give a file its final name, unless something has that name already: then False."""
        try:
            new.hardlink_to(old)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
                raise
            if new.exists():  # a file system without hard links: as good as it gets
                return False
            old.rename(new)
            return True
        old.unlink()
        return True

    def remove(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()

    def read(self, path: Path) -> bytes:
        """The whole of a file."""
        return path.read_bytes()

    def begins(self, path: Path) -> bytes:
        """The first four bytes of a file."""
        with path.open("rb") as file:
            return file.read(4)

    def size(self, path: Path) -> int | None:
        """Bytes of a file, None where there is none."""
        try:
            return path.stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def free(self, path: Path) -> int | None:
        """Bytes that may still be written where a folder is, None where nobody knows."""
        try:
            return shutil.disk_usage(path).free
        except OSError:
            return None

    def names(self, path: Path) -> list[str]:
        """Names in a folder, sorted; none where there is no such folder."""
        try:
            return sorted(entry.name for entry in path.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def put(self, path: Path, content: Content) -> None:
        """A file appears under its name whole, or not at all; the folder is not synced yet."""
        temporary = path.with_name(path.name + TEMPORARY)
        self.write(temporary, content)
        self.rename(temporary, path)


def _write_all(handle: int, piece: Piece) -> None:
    rest = memoryview(piece)
    while len(rest):
        rest = rest[os.write(handle, rest) :]
