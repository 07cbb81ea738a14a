"""Blocks of a rule in stretches, the rows of each side by side.

The loop jumps from row to row. Where all rows are more than memory has room for, those of some
blocks are gathered first, in one walk through the file that they lie in, and the loop jumps there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mpi.block.blocks import Blocks
from mpi.block.candidates import Candidates
from mpi.encode._kernels_values import Values
from mpi.encode.rows import Encoded
from mpi.scratch import Scratch

_ROWS_PER_WALK = 1 << 18
"""Rows that are gathered before what they lie in is let go."""


@dataclass
class Room:
    """What the loop may use.

    rows : that it may have side by side, None for all of them
    scratch : what lies there is let go now and then
    """

    rows: int | None = None
    scratch: Scratch | None = None
    _buffers: dict[str, npt.NDArray[np.int32]] = field(default_factory=dict, repr=False)

    def side_by_side(
        self, name: str, every: npt.NDArray[np.int32], rows: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.int32]:
        """Some rows of an array, where those of the last time were: memory that is new is slow."""
        width = every.shape[1]
        if name not in self._buffers or len(self._buffers[name]) < len(rows):
            most = max(self.rows or 0, len(rows))
            self._buffers[name] = Scratch().empty((most, width), np.int32)
        near = self._buffers[name][: len(rows)]
        for at in range(0, len(rows), _ROWS_PER_WALK):
            some = slice(at, at + _ROWS_PER_WALK)
            np.take(every, rows[some], axis=0, out=near[some], mode="clip")
            self.let_go()
        return near

    def let_go(self) -> None:
        """Nothing is needed right now of what lies in files."""
        if self.scratch is not None:
            self.scratch.let_go()


@dataclass(frozen=True)
class Stretch:
    """Some blocks of a rule, and the rows in them under numbers of their own.

    values, keys, source : as in `Encoded` and `Candidates`, of these rows
    blocks : of these rows
    rows : int32[n], the row of each, ascending; None where they are all rows
    """

    values: Values
    keys: npt.NDArray[np.int32]
    source: npt.NDArray[np.int32]
    blocks: Blocks
    rows: npt.NDArray[np.int32] | None = None

    def rows_of(self, own: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """int64[n], the rows of some numbers of its own."""
        return own if self.rows is None else self.rows[own].astype(np.int64)


def stretches(
    encoded: Encoded, candidates: Candidates, blocks: Blocks, room: Room
) -> Iterator[Stretch]:
    """Cut blocks of a rule into stretches of about `room.rows` rows, one block at the least.

    A stretch holds until the next one is asked for.
    """
    if room.rows is None or encoded.n_rows <= room.rows:
        yield Stretch(encoded.values, candidates.keys, encoded.source, blocks)
        return
    begin = 0
    while begin < len(blocks.hashes):
        most = blocks.starts[begin] + room.rows
        end = max(begin + 1, int(np.searchsorted(blocks.starts, most, side="right")) - 1)
        yield _gathered(encoded, candidates, blocks, begin, end, room)
        begin = end


def _gathered(
    encoded: Encoded, candidates: Candidates, blocks: Blocks, begin: int, end: int, room: Room
) -> Stretch:
    first = blocks.starts[begin]
    order = blocks.order[first : blocks.starts[end]]
    here = np.zeros(encoded.n_rows, np.bool_)
    here[order] = True
    rows = np.flatnonzero(here).astype(np.int32)
    place = np.cumsum(here, dtype=np.int32)
    place -= np.int32(1)
    own = Blocks(place[order], blocks.starts[begin : end + 1] - first, blocks.hashes[begin:end])
    del here, place
    values = encoded.values
    near = room.side_by_side("rows", values.rows, rows)
    keys = room.side_by_side("keys", candidates.keys, rows)
    return Stretch(values._replace(rows=near), keys, encoded.source[rows], own, rows)
