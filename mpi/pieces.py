"""Results of finished parts of a long job, so that it goes on where it was if it is stopped.

Rooms ask for a part before they work on it, and offer what took them long. Whoever runs the job
decides whether anything is kept, where, and whether what is there belongs to this very job.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Piece:
    """The result of one part.

    about : plain values for JSON, which come back as they were: no tuples, finite numbers
    """

    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)


class Pieces:
    """Those of one job. This one keeps none.

    Examples
    --------
    >>> pieces = Pieces()
    >>> pieces.put("model", Piece(about={"prior": 0.1}), "learning")
    >>> pieces.due(), pieces.get("model")
    (False, None)
    """

    def due(self) -> bool:
        """Whether so much was done since the last piece that the next one is worth its writing."""
        return False

    def get(self, name: str) -> Piece | None:
        """What an earlier run of the same job kept under this name."""
        return None

    def put(self, name: str, piece: Piece, where: str) -> None:
        """Offer the result of a part: it is kept when one is due, a small one with the next.

        where : how far the job is with it, for people: "comparing, 60 %"
        """


def narrow(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Whole numbers in the smallest type that holds them all; anything else as it is.

    Examples
    --------
    >>> narrow(np.array([0, 70_000])).dtype, narrow(np.array([-1, 9])).dtype
    (dtype('uint32'), dtype('int8'))
    """
    if values.dtype.kind not in "iu" or not values.size:
        return values
    least, most = int(values.min()), int(values.max())
    kinds = (np.int8, np.int16, np.int32) if least < 0 else (np.uint8, np.uint16, np.uint32)
    for kind in kinds:
        bounds = np.iinfo(kind)
        if bounds.min <= least and most <= bounds.max:
            return values.astype(kind) if values.dtype.itemsize > bounds.bits // 8 else values
    return values
