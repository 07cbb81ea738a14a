"""How far comparing is: a run that was stopped goes on behind the last blocks that it kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from mpi.block.blocks import Blocks
from mpi.block.candidates import Candidates
from mpi.pieces import Piece, Pieces
from mpi.score.scored import Columns, Scored, joined

if TYPE_CHECKING:
    from mpi.score._kernels_blocks import Task


class Compared:
    """The scored pairs of the blocks that are done, in the order of the rules.

    Blocks are counted, not tasks: how they are cut into tasks depends on memory and threads, what
    comes of them does not.

    parts : of the stopped run, then of this one
    """

    def __init__(self, candidates: Candidates, pieces: Pieces) -> None:
        self.parts: list[Scored] = []
        self._candidates = candidates
        self._pieces = pieces
        self._done, self._pairs, self._number = 0, 0, 0
        while (piece := pieces.get(self._name)) is not None and piece.about["first"] == self._done:
            self.parts.append(_scored(piece))
            self._done, self._pairs = piece.about["end"], piece.about["pairs"]
            self._number += 1
        self._found = self._begun = self._done
        self._kept = len(self.parts)

    @property
    def _name(self) -> str:
        return f"compared {self._number}"

    def rest(self) -> Iterator[tuple[int, Blocks]]:
        """Each rule, with those of its blocks that are not done."""
        before = 0
        for rule, blocks in enumerate(self._candidates.blocks):
            skipped = min(max(self._found - before, 0), len(blocks.hashes))
            before += len(blocks.hashes)
            rest = Blocks(blocks.order, blocks.starts[skipped:], blocks.hashes[skipped:])
            yield rule, rest if skipped else blocks

    def add(self, part: Scored, task: Task) -> None:
        """What came of the next blocks."""
        self.parts.append(part)
        sizes = np.diff(task.starts[task.begin : task.end + 1])
        self._pairs += int((sizes * (sizes - 1) // 2).sum())
        self._done += task.end - task.begin
        if self._pieces.due():
            self._keep()

    def _keep(self) -> None:
        some = self.parts[self._kept :]
        about = {
            "first": self._begun,
            "end": self._done,
            "pairs": self._pairs,
            "compared": sum(part.compared for part in some),
        }
        every = sum(int(blocks.pairs.sum()) for blocks in self._candidates.blocks)
        where = f"comparing, {100 * self._pairs / max(every, 1):.0f} %"
        self._pieces.put(self._name, Piece(joined(some)._asdict(), about), where)
        self._number += 1
        self._begun, self._kept = self._done, len(self.parts)


def _scored(piece: Piece) -> Scored:
    columns = Columns(*(piece.arrays[name] for name in Columns._fields))
    return Scored(*columns, piece.about["compared"])
