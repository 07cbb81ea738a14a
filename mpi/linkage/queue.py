"""The review queue: as many pairs as people can look at, the most useful ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi.settings import Settings

_SHARE, _LEAST = 10, 100


def room_of(settings: Settings, n_records: int, refused: int = 0) -> int | None:
    """Pairs that the queue may hold; None for all of them.

    As set; without a setting one for every ten records, 100 at the least, beside the refused ones,
    unless `review_at` is set, which then decides alone.

    Parameters
    ----------
    refused : pairs likely enough to link that something speaks against

    Examples
    --------
    >>> room_of(Settings(), 5000, 3), room_of(Settings(review_pairs=7), 5000, 3)
    (503, 7)
    >>> room_of(Settings(review_at=0.3), 5000) is None
    True
    """
    if settings.review_pairs is not None:
        return settings.review_pairs
    if settings.review_at is not None:
        return None
    return max(_LEAST, n_records // _SHARE) + refused


def most_useful(
    weight: npt.NDArray[np.float32], reason: npt.NDArray[np.int8], room: int | None
) -> npt.NDArray[np.bool_]:
    """bool[n_pairs], the pairs that the queue holds.

    First those that are likely enough to link and were refused, then the likeliest of the others:
    each look finds one more link, or one fewer wrong one, for the fewest looks.

    Parameters
    ----------
    weight : float32[n_pairs], bits; pairs sorted by (left, right), which breaks ties
    reason : int8[n_pairs], index into `REASONS`, 1 for pairs below `link_at`

    Examples
    --------
    >>> most_useful(np.array([1, 9, 2], np.float32), np.array([1, 2, 1], np.int8), 2).tolist()
    [False, True, True]
    """
    kept = np.ones(len(weight), bool)
    if room is not None and len(weight) > room:
        order = np.lexsort((np.arange(len(weight)), -weight, reason == 1))
        kept[order[room:]] = False
    return kept
