"""What a night has finished so far, kept beside the index, so that it goes on if it is stopped.

A piece is arrays and plain values, each in a file, and a file that names them with their checksums:
it is whole or it is not used. All of them belong to one night: the same snapshot, records, settings
and program. Pieces of another night are removed, those of a published one are not needed any more.
Where the index is encrypted they are; in the clear are names, sizes and checksums.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from mpi.errors import LimitError
from mpi.index.draft import remove_tree
from mpi.index.manifest import File, checksum
from mpi.index.store import Store
from mpi.index.stray import UNFINISHED
from mpi.pieces import Piece, Pieces, narrow
from mpi.stages import Stages

if TYPE_CHECKING:
    from mpi.index.nightly import Update

PATIENCE = 30.0
"""Seconds of work that are worth a piece."""

_NIGHT, _PIECE, _PART = "night.json", ".json", ".part"
_SMALL = 32 << 20
"""Bytes; so large a piece is not held until one is due."""
_ABOUT = "about"


class _Night(msgspec.Struct, frozen=True):
    """Whose pieces they are: the checksum of the snapshot in force, and of all that matters."""

    base: str | None
    fingerprint: str


class _Part(msgspec.Struct, frozen=True):
    """An array in a file of its own.

    dtype : as it was offered
    narrow : as it lies there
    """

    name: str
    dtype: str
    narrow: str
    shape: tuple[int, ...]
    file: str
    bytes: int
    checksum: str


class _Kept(msgspec.Struct, frozen=True):
    """A piece.

    number : pieces are numbered as they are written
    files : of the snapshot in the making, which were written when this piece was
    """

    name: str
    number: int
    where: str
    parts: tuple[_Part, ...]
    files: tuple[File, ...]


class Unfinished(Pieces):
    """The pieces of a night that may be stopped.

    messages : what the user should know, in plain words
    went_on : how far a run had got that was stopped, None where this one began anew
    """

    def __init__(self, store: Store, stages: Stages) -> None:
        self.messages: list[str] = []
        self.went_on: str | None = None
        self._store, self._stages = store, stages
        self._folder = store.path / UNFINISHED
        self._since = time.monotonic()
        self._base: str | None = None
        self._mark: Callable[[], str] | None = None
        self._known: str | None = None
        self._reserve = 0
        self._found: dict[str, _Kept] = {}
        self._number = 0
        self._small: dict[str, tuple[Piece, str, tuple[File, ...]]] = {}
        self._lock = threading.RLock()

    def begin(self, base: str | None, mark: Callable[[], str], reserve: int = 0) -> None:
        """The night is known now, and so is what an earlier run of it has left.

        Parameters
        ----------
        base : checksum of the snapshot in force
        mark : gives the fingerprint of all that the result comes from; asked for if it is needed
        reserve : bytes of the disk that the night needs for itself
        """
        self._base, self._mark, self._reserve = base, mark, reserve
        with self._store.writing():
            self._look()

    def _look(self) -> None:
        base, there = self._base, _read_night(self._store)
        if there is None:
            return
        if there.base != base or self._store.vault.reveal(there.fingerprint) != self._fingerprint():
            self._tell(
                "a run that was stopped had other records or settings, or was of another version; "
                "what it had done is removed"
            )
            forget(self._store)
            return
        self._found = {kept.name: kept for kept in _read_pieces(self._store)}
        if self._found:
            last = max(self._found.values(), key=lambda kept: kept.number)
            self._number, self.went_on = last.number, last.where
            self._tell(f"goes on where a run that was stopped had got to: {last.where}")

    def due(self) -> bool:
        """Whether so much was done since the last piece that the next one is worth its writing."""
        return self._mark is not None and time.monotonic() - self._since >= PATIENCE

    def get(self, name: str) -> Piece | None:
        """What an earlier run of the same night kept under this name, if it is whole."""
        with self._lock:
            kept = self._found.get(name)
            if kept is None:
                return None
            arrays = self._read(kept)
            if arrays is None:
                self._tell(
                    f"what a run that was stopped had done ({kept.where}) is damaged, and is done "
                    "again"
                )
                del self._found[name]
                return None
        return Piece(arrays, json.loads(arrays.pop(_ABOUT).tobytes()))

    def put(self, name: str, piece: Piece, where: str) -> None:
        """Keep a piece if one is due; a small one goes with the next."""
        self.keep(name, piece, where)

    def keep(
        self,
        name: str,
        piece: Piece,
        where: str,
        files: Sequence[File] = (),
        *,
        alone: bool = False,
    ) -> None:
        """The same, of a part that wrote files of the snapshot in the making.

        Parameters
        ----------
        alone : no other piece is needed any more
        """
        with self._lock:
            size = sum(column.nbytes for column in piece.arrays.values())
            if self._mark is None:
                return
            if not (self.due() or (alone and self._number)):
                if size < _SMALL:
                    self._small[name] = piece, where, tuple(files)
                return
            try:
                free = self._store.files.free(self._store.path)
                if free is not None and free < size + self._reserve:
                    self._stop("the disk has little more than the run needs for itself")
                    return
                if not self._number:
                    self._open()
                for other, small in ({} if alone else self._small).items():
                    self._write(other, *small)
                self._write(name, piece, where, files)
                if alone:
                    self._remove_others(name)
            except OSError as error:
                with suppress(OSError):
                    _remove_folder(self._store)
                self._found.clear()
                self._stop(error.strerror or str(error))
            self._small.clear()
            self._since = time.monotonic()

    @contextmanager
    def until_the_end(self) -> Iterator[None]:
        """The night: when it is published, or waits as a plan, nothing of this is needed."""
        with self._store.reading():
            before = self._store.sequences()
        try:
            yield
        except LimitError:
            self._done()
            raise
        with self._store.reading():
            published = self._store.sequences() != before
        if published:
            self._done()

    def _done(self) -> None:
        self._mark = None
        with suppress(OSError):  # the next writer removes what is left
            forget(self._store)

    def told(self, update: Update) -> Update:
        """The update, with what was said of a run that had been stopped."""
        messages = (*update.messages, *self.messages)
        return replace(update, messages=messages, went_on=self.went_on)

    # ---------------------------------------------------------------- files

    def _fingerprint(self) -> str:
        if self._known is None:
            assert self._mark is not None
            self._known = self._mark()
        return self._known

    def _open(self) -> None:
        """Make the folder, and say whose it is."""
        files, vault = self._store.files, self._store.vault
        files.make_folder(self._folder)
        night = _Night(self._base, vault.hide(self._fingerprint()))
        files.put(self._folder / _NIGHT, msgspec.json.encode(night))

    def _write(self, name: str, piece: Piece, where: str, files: Sequence[File]) -> None:
        about = np.frombuffer(json.dumps(piece.about, default=_plain).encode(), np.uint8)
        parts = []
        for number, (column, values) in enumerate({**piece.arrays, _ABOUT: about}.items()):
            whole = np.ascontiguousarray(narrow(values))
            content = self._store.vault.seal(whole.reshape(-1).view(np.uint8).data)
            file = f"{_stem(name)}-{number}{_PART}"
            self._store.files.put(self._folder / file, content)
            kinds, size = (values.dtype.str, whole.dtype.str), len(content)
            parts.append(_Part(column, *kinds, values.shape, file, size, checksum(content)))
        self._number += 1
        kept = _Kept(name, self._number, where, tuple(parts), tuple(files))
        body = msgspec.json.encode(kept)
        content = checksum(body).encode() + b"\n" + body
        self._store.files.put(self._folder / f"{_stem(name)}{_PIECE}", content)

    def _remove_others(self, name: str) -> None:
        """Remove all pieces but one: those that it was made of."""
        files, mine = self._store.files, _stem(name)
        every = [n for n in files.names(self._folder) if n != _NIGHT]
        others = [n for n in every if n != mine + _PIECE and not n.startswith(mine + "-")]
        for other in sorted(others, key=lambda n: not n.endswith(_PIECE)):
            files.remove(self._folder / other)

    def _read(self, kept: _Kept) -> dict[str, npt.NDArray[Any]] | None:
        """The arrays of a piece; None where something of it is missing or damaged."""
        files, arrays = self._store.files, {}
        for file in kept.files:
            if files.size(self._store.place(file.name)) != file.bytes:
                return None
        for part in kept.parts:
            try:
                content = files.read(self._folder / part.file)
            except OSError:
                return None
            if len(content) != part.bytes or checksum(content) != part.checksum:
                return None
            whole = self._store.vault.unseal(content) if self._store.vault.shut else content
            values = np.frombuffer(whole, np.dtype(part.narrow)).reshape(part.shape)
            # Compiled code takes an array that cannot be written for one of another type.
            arrays[part.name] = self._stages.scratch.empty(part.shape, np.dtype(part.dtype))
            arrays[part.name][...] = values
        return arrays

    # ---------------------------------------------------------------- what is told

    def _stop(self, why: str) -> None:
        """Keep nothing more."""
        self._mark = None
        self._small.clear()
        self._tell(f"what is done so far cannot be kept ({why}): if stopped, this run begins anew")

    def _tell(self, text: str) -> None:
        self.messages.append(text)
        self._stages.say(text)


def forget(store: Store) -> None:
    """Remove all pieces, and the files of the snapshot in the making that only they name."""
    written = {file.name for kept in _read_pieces(store) for file in kept.files}
    for sequence in store.sequences() if written else ():
        written -= {file.name for file in store.manifest(sequence)[0].files()}
    _remove_folder(store)
    for name in sorted(written):
        if store.files.size(store.path / name) is not None:
            store.files.remove(store.path / name)


def _remove_folder(store: Store) -> None:
    folder = store.path / UNFINISHED
    if not folder.is_dir():
        return
    if store.files.size(folder / _NIGHT) is not None:
        store.files.remove(folder / _NIGHT)  # without it nothing of the rest counts
    remove_tree(store.files, folder)
    store.files.sync_folder(store.path)


def kept_files(store: Store, newest: str | None) -> set[str]:
    """Names of the files of a night that was stopped and may go on: those of its pieces, and those
    of the snapshot in the making. None where it began from another snapshot.

    Parameters
    ----------
    newest : checksum of the newest snapshot
    """
    night = _read_night(store)
    if night is None or night.base != newest:
        return set()
    named = {f"{UNFINISHED}/{_NIGHT}"}
    for kept in _read_pieces(store):
        named.add(f"{UNFINISHED}/{_stem(kept.name)}{_PIECE}")
        named |= {f"{UNFINISHED}/{part.file}" for part in kept.parts}
        named |= {file.name for file in kept.files}
    return named


def leave_folder(store: Store) -> None:
    """Remove the folder of the pieces if nothing is in it."""
    folder = store.path / UNFINISHED
    if folder.is_dir() and not store.files.names(folder):
        store.files.remove_folder(folder)


def _plain(value: np.generic) -> Any:
    """A number of an array as JSON knows it."""
    return value.item()


def _stem(name: str) -> str:
    return name.replace(" ", "-")


def _read_night(store: Store) -> _Night | None:
    path = store.path / UNFINISHED / _NIGHT
    if store.files.size(path) is None:
        return None
    try:
        return msgspec.json.decode(store.files.read(path), type=_Night)
    except (msgspec.MsgspecError, FileNotFoundError):
        return None


def _read_pieces(store: Store) -> list[_Kept]:
    """The pieces whose own file is whole."""
    folder, found = store.path / UNFINISHED, []
    for name in store.files.names(folder):
        if name == _NIGHT or not name.endswith(_PIECE):
            continue
        digest, _, body = store.files.read(folder / name).partition(b"\n")
        with suppress(msgspec.MsgspecError):
            if checksum(body).encode() == digest:
                found.append(msgspec.json.decode(body, type=_Kept))
    return found
