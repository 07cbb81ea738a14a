"""What was known before the run was stopped: records in standard form, and the model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.pieces import Piece, Pieces
from mpi.records.table import Field
from mpi.schema import Form
from mpi.score.model import Model, read_model
from mpi.standardise.table import Placeholder, StandardColumn, StandardTable

_STANDARD, _MODEL = "standard", "model"


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
    piece = pieces.get(_MODEL)
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
    pieces.put(_MODEL, Piece(about=about), "learning")


def keep_standard(pieces: Pieces, standard: StandardTable) -> None:
    """Have records in standard form kept, if that took long."""
    if not pieces.due():
        return
    arrays: dict[str, npt.NDArray[Any]] = {"source": standard.source}
    for number, column in enumerate(standard.columns):
        arrays[f"{number} codes"], arrays[f"{number} counts"] = column.codes, column.counts
        arrays[f"{number} ends"], arrays[f"{number} texts"] = _parts(column.values)
    about = {
        "columns": [
            {"field": asdict(c.field), "form": c.form, "repairs": c.repairs}
            for c in standard.columns
        ],
        "sources": standard.sources,
        "placeholders": [asdict(one) for one in standard.placeholders],
        "messages": standard.messages,
        "layouts": standard.layouts,
        "locale": standard.locale,
    }
    pieces.put(_STANDARD, Piece(arrays, about), "standardising")


def known_standard(pieces: Pieces) -> StandardTable | None:
    """The records as the stopped run had brought them to standard form, if it had."""
    piece = pieces.get(_STANDARD)
    if piece is None:
        return None
    arrays, about = piece.arrays, piece.about
    columns = tuple(
        StandardColumn(
            msgspec.convert(told["field"], Field),
            Form(told["form"]),
            arrays[f"{number} codes"],
            _texts(arrays[f"{number} ends"], arrays[f"{number} texts"]),
            arrays[f"{number} counts"],
            told["repairs"],
        )
        for number, told in enumerate(about["columns"])
    )
    return StandardTable(
        columns,
        arrays["source"],
        tuple(about["sources"]),
        msgspec.convert(about["placeholders"], tuple[Placeholder, ...]),
        tuple(about["messages"]),
        about["layouts"],
        about["locale"],
    )


def _parts(values: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Where each text ends, and all of them in a row."""
    if not len(values):
        return np.zeros(1, np.int32), np.zeros(0, np.uint8)
    _, ends, data = values.buffers()
    offsets = np.frombuffer(ends, np.int32)[values.offset : values.offset + len(values) + 1]
    texts = np.frombuffer(data or b"", np.uint8)[offsets[0] : offsets[-1]]
    return offsets - offsets[0] if offsets[0] else offsets, texts


def _texts(ends: npt.NDArray[np.int32], texts: npt.NDArray[np.uint8]) -> pa.Array:
    buffers = [pa.py_buffer(np.ascontiguousarray(ends)), pa.py_buffer(texts)]
    return pa.StringArray.from_buffers(len(ends) - 1, *buffers)
