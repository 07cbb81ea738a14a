"""Textbook twins of the kernels of record keys."""

from itertools import pairwise


def _texts(offsets, text):
    return [text[a:b].tobytes() for a, b in pairwise(offsets)]


def ascend(group, offsets, text):
    """Compare each row with the one before it."""
    keys = list(zip(group.tolist(), _texts(offsets, text), strict=True))
    return next((row for row in range(1, len(keys)) if keys[row] < keys[row - 1]), len(keys))


def locate_texts(first, end, wanted_offsets, wanted_text, offsets, text, place, found):
    """Look at every row of the stretch."""
    wanted, texts = _texts(wanted_offsets, wanted_text), _texts(offsets, text)
    for k, asked in enumerate(wanted):
        place[k] = next((row for row in range(first[k], end[k]) if texts[row] >= asked), end[k])
        found[k] = place[k] < end[k] and texts[place[k]] == asked
