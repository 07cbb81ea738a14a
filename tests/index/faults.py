"""File systems that fail, or die, at a chosen operation."""

from __future__ import annotations

import errno
import os
import random
import signal
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mpi.index.files import Content, Files, in_memory


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

    def write(self, path: Path, content: Content) -> None:
        if self._tick(needs_space=True):
            whole = in_memory(content)
            with path.open("wb") as file:
                file.write(whole[: len(whole) // 2])
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


class LossyFiles(FaultyFiles):
    """At operation number `at` the power fails: of each folder, some of the last changes to its
    names are lost that nobody had waited for. Content is never lost, as `write` waits for it."""

    def __init__(self, at: int) -> None:
        super().__init__(at, None, changing=True)
        self._draw = random.Random(at)
        self._undo: dict[Path, list[Callable[[], object]]] = {}
        self._one = threading.RLock()

    def _fail(self) -> None:
        self.lose()
        super()._fail()

    def lose(self) -> None:
        """Lose what a failing power may take."""
        for _, works in sorted(self._undo.items()):
            lost = self._draw.choice([len(works), self._draw.randint(0, len(works))])
            for work in works[::-1][:lost]:
                work()
        self._undo.clear()

    def _note(self, path: Path, undo: Callable[[], object]) -> None:
        self._undo.setdefault(path.parent, []).append(undo)

    def sync_folder(self, path: Path) -> None:
        with self._one:
            if self._tick():
                self._fail()
            Files.sync_folder(self, path)
            self._undo.pop(path, None)

    def write(self, path: Path, content: Content) -> None:
        with self._one:
            if not path.exists():
                self._note(path, partial(path.unlink, missing_ok=True))
            super().write(path, content)

    def rename(self, old: Path, new: Path) -> None:
        with self._one:
            content = new.read_bytes() if new.exists() else None
            super().rename(old, new)
            self._note(new, partial(_back, old, new, content))

    def name(self, old: Path, new: Path) -> bool:
        with self._one:
            done = super().name(old, new)
            if done:
                self._note(new, partial(_back, old, new, None))
            return done

    def remove(self, path: Path) -> None:
        with self._one:
            content = path.read_bytes()
            super().remove(path)
            self._note(path, partial(_restore, path, content))

    def remove_folder(self, path: Path) -> None:
        with self._one:
            super().remove_folder(path)
            self._note(path, partial(path.mkdir, mode=0o700))
            self._undo.pop(path, None)


def _back(old: Path, new: Path, content: bytes | None) -> None:
    """A file has its earlier name again, and another one the name that it took."""
    if new.exists() and old.parent.exists():
        new.rename(old)
    if content is not None:
        new.write_bytes(content)


def _restore(path: Path, content: bytes) -> None:
    if path.parent.exists():
        path.write_bytes(content)
