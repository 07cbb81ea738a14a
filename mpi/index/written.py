"""Which hash buckets of tables are written, of a night that may be stopped and go on."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mpi.index.manifest import File
from mpi.index.unfinished import Unfinished
from mpi.pieces import Piece, Pieces


class _Buckets(msgspec.Struct, frozen=True):
    """Some buckets, one after the other: from the first to before the end."""

    first: int
    end: int
    files: list[tuple[str, File]]


class Written:
    """Tables that are written together, their buckets in ascending order.

    Parameters
    ----------
    name : what they are called, for people
    pieces : those of the night, if it keeps any
    """

    def __init__(self, name: str, pieces: Pieces) -> None:
        self._name, self._pieces = name, pieces
        self._found: list[_Buckets] = []
        self._new: list[tuple[str, File]] = []
        self._end = self._kept = 0
        while (piece := pieces.get(self._next)) is not None:
            some = msgspec.convert(piece.about, _Buckets)
            if some.first != self._end:
                break
            self._found.append(some)
            self._end = self._kept = some.end

    @property
    def _next(self) -> str:
        return f"written {self._name} {len(self._found)}"

    def known(self, group: range) -> list[tuple[str, File]] | None:
        """The files of a group of buckets that is written, with the table of each."""
        if group.stop > self._kept:
            return None
        every = (file for some in self._found for file in some.files)
        return [(name, file) for name, file in every if file.bucket in group]

    def add(self, group: range, files: Sequence[tuple[str, File]], buckets: int) -> None:
        """The next group is written.

        buckets : of each table
        """
        if group.stop <= self._kept or not isinstance(self._pieces, Unfinished):
            return
        self._new += files
        self._end = group.stop
        if self._pieces.due() or self._end == buckets:
            first = self._found[-1].end if self._found else 0
            some = _Buckets(first, self._end, self._new)
            where = f"writing {self._name}, {100 * self._end / buckets:.0f} %"
            piece, every = Piece(about=msgspec.to_builtins(some)), [file for _, file in self._new]
            self._pieces.keep(self._next, piece, where, every)
            self._found.append(some)
            self._new = []
