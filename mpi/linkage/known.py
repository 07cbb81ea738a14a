"""A model that was learnt before the run was stopped: it is not learnt again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mpi.pieces import Piece, Pieces
from mpi.score.model import Model, read_model

_NAME = "model"


@dataclass(frozen=True)
class KnownModel:
    """What learning gave.

    expected, learning : as in `Prepared`
    messages : what learning said, in plain words
    """

    model: Model
    expected: dict[str, float]
    learning: dict[str, Any]
    messages: list[str]


def known_model(pieces: Pieces) -> KnownModel | None:
    """The model that the stopped run had learnt, if it had."""
    piece = pieces.get(_NAME)
    if piece is None:
        return None
    about = piece.about
    model = read_model(about["model"].encode())
    return KnownModel(model, about["expected"], about["learning"], about["messages"])


def keep_model(pieces: Pieces, known: KnownModel) -> None:
    """Have it kept, for the case that the run is stopped later."""
    about = {
        "model": known.model.to_json().decode(),
        "expected": known.expected,
        "learning": known.learning,
        "messages": known.messages,
    }
    pieces.put(_NAME, Piece(about=about), "learning")
