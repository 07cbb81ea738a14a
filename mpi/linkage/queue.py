"""The review queue: as many pairs as people can look at, the most useful ones."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class LeftOut:
    """Probable pairs that the queue had no room for, and that nobody looked at again.

    pairs : how many at the most
    refused : whether one of them is likely enough to link
    weight : of the most useful of them, bits
    """

    pairs: int = 0
    refused: bool = False
    weight: float = 0.0

    def __or__(self, other: LeftOut) -> LeftOut:
        if not (self.pairs and other.pairs):
            return self if self.pairs else other
        best = max((self.refused, self.weight), (other.refused, other.weight))
        return LeftOut(self.pairs + other.pairs, *best)


NONE_LEFT_OUT = LeftOut()


def left_out(
    weight: npt.NDArray[np.float32], reason: npt.NDArray[np.int8], useful: npt.NDArray[np.bool_]
) -> LeftOut:
    """The pairs that `most_useful` did not take.

    Examples
    --------
    >>> left_out(*(np.array(v) for v in ([1, 9, 2], [1, 2, 1], [False, True, True])))
    LeftOut(pairs=1, refused=False, weight=1.0)
    """
    out, strong = ~useful, reason != 1
    if not out.any():
        return NONE_LEFT_OUT
    refused = bool((out & strong).any())
    return LeftOut(int(out.sum()), refused, float(weight[out & (strong == refused)].max()))


def places_for(
    waiting: LeftOut,
    weight: npt.NDArray[np.float32],
    reason: npt.NDArray[np.int8],
    room: int | None,
) -> int:
    """How many places of a queue may belong to pairs that it had no room for before.

    Parameters
    ----------
    weight, reason : of the pairs in the queue, as in `most_useful`

    Examples
    --------
    >>> queue = np.array([5, 3], np.float32), np.ones(2, np.int8)
    >>> [places_for(LeftOut(7, False, best), *queue, room=2) for best in (2.0, 4.0, 6.0)]
    [0, 1, 2]
    """
    strong = reason != 1
    ahead = (strong & (not waiting.refused)) | (
        (strong == waiting.refused) & (weight >= waiting.weight)
    )
    free = waiting.pairs if room is None else room - int(ahead.sum())
    return max(0, min(waiting.pairs, free))
