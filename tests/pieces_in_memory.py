"""Pieces of a job that are kept in memory, and a process that dies."""

from __future__ import annotations

import json

import numpy as np

from mpi.pieces import Piece, Pieces


class StoppedError(Exception):
    """The process dies."""


class Kept(Pieces):
    """Pieces in memory, as they come back from a disk.

    stop : die instead of keeping piece number `stop`
    """

    def __init__(self, stop=None):
        self.pieces, self.where, self.asked, self.stop = {}, [], [], stop

    def due(self):
        return True

    def get(self, name):
        self.asked.append(name)
        return self.pieces.get(name)

    def put(self, name, piece, where):
        if len(self.pieces) == self.stop:
            raise StoppedError
        arrays = {key: np.frombuffer(v.tobytes(), v.dtype) for key, v in piece.arrays.items()}
        self.pieces[name] = Piece(arrays, json.loads(json.dumps(piece.about)))
        self.where.append(where)
