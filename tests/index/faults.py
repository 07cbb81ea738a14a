"""File systems that fail, or die, at a chosen operation."""

from __future__ import annotations

import errno
import os
import signal
import threading
from pathlib import Path

from mpi.index.files import Files


class FaultyFiles(Files):
    """Operation number `at` fails with `code`, or kills the process where `code` is None.

    lasting : every operation that needs space fails from then on, as on a full disk
    changing : operations that leave the disk as it is are not counted; who dies at one of them
        leaves what he would have left at the next
    done, every : operations counted so far, and with those that are not
    """

    def __init__(
        self,
        at: int,
        code: int | None = errno.ENOSPC,
        lasting: bool = False,
        *,
        changing: bool = False,
    ) -> None:
        self.at, self.code, self.lasting, self.changing = at, code, lasting, changing
        self.done = self.every = 0
        self._lock = threading.Lock()

    def _tick(self, needs_space: bool = False, changes: bool = True) -> bool:
        with self._lock:
            self.every += 1
            if self.changing and not changes:
                return False
            self.done += 1
            return self.done == self.at or (self.lasting and needs_space and self.done > self.at)

    def _fail(self) -> None:
        if self.code is None:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(self.code, os.strerror(self.code))

    def make_folder(self, path: Path) -> None:
        if self._tick(needs_space=True):
            self._fail()
        super().make_folder(path)

    def write(self, path: Path, content: bytes | memoryview) -> None:
        if self._tick(needs_space=True):
            with path.open("wb") as file:
                file.write(content[: len(content) // 2])
            self._fail()
        super().write(path, content)

    def sync(self, handle: int) -> None:
        if self._tick(changes=False):
            self._fail()
        super().sync(handle)

    def sync_folder(self, path: Path) -> None:
        if self._tick(changes=False):
            self._fail()
        super().sync_folder(path)

    def rename(self, old: Path, new: Path) -> None:
        if self._tick():
            self._fail()
        super().rename(old, new)

    def name(self, old: Path, new: Path) -> bool:
        if self._tick(needs_space=True):
            self._fail()
        return super().name(old, new)

    def remove(self, path: Path) -> None:
        if self._tick():
            self._fail()
        super().remove(path)

    def remove_folder(self, path: Path) -> None:
        if self._tick():
            self._fail()
        super().remove_folder(path)

    def read(self, path: Path) -> bytes:
        if self._tick(changes=False):
            self._fail()
        return super().read(path)

    def size(self, path: Path) -> int | None:
        if self._tick(changes=False):
            self._fail()
        return super().size(path)

    def names(self, path: Path) -> list[str]:
        if self._tick(changes=False):
            self._fail()
        return super().names(path)
