"""Compile the comparators' kernels once, for every width and the usual kinds of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

import pyarrow as pa

TEXTUAL = (
    "jaro",
    "jaro_winkler",
    "levenshtein",
    "osa",
    "damerau_levenshtein",
    "hamming",
    "lcs_subsequence",
    "lcs_substring",
    "qgram",
    "smith_waterman",
    "monge_elkan",
    "token_set",
    "token_sort",
    "identifier",
)
"""The comparators that read texts letter by letter; the others have no kernels."""

# A length for each class of widths, and one beyond them.
_LENGTHS = (4, 14, 20, 28, 40, 60, 80)
_LETTERS = "abcdefghij"
_RARE = ["".join(map(chr, range(first, first + 16))) for first in range(0x4E00, 0x4F80, 16)]


def warm_comparators() -> None:
    """Compare a few texts with every textual comparator.

    Texts of at most 256 different letters are read as bytes, from Arrow's `string` and from the
    `large_string` that pandas and Polars give; texts of more letters as 16-bit units.
    """
    import mpi.compare

    for longest in (16, 32, _LENGTHS[-1]):
        for one, two in _kinds([length for length in _LENGTHS if length <= longest]):
            for name in TEXTUAL:
                compare = getattr(mpi.compare, name)
                for options in _options(compare):
                    compare(one, two, **options)


def _kinds(lengths: list[int]) -> Iterator[tuple[pa.Array, pa.Array]]:
    left = [(_LETTERS * 8)[:length] for length in lengths]
    right = [f"{text[1:-2]} k" for text in left]
    for kind in (pa.string(), pa.large_string()):
        yield pa.array(left, kind), pa.array(right, kind)
        for more in (["Đ"], _RARE):
            yield pa.array([*left, *more], kind), pa.array([*right, *more[::-1]], kind)


def _options(compare: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """Options that lead a comparator to different kernels: none, and a cutoff of each kind."""
    known = signature(compare).parameters
    yield {}
    if "cutoff" in known:
        yield {"cutoff": 0.9, "all_pairs": True}
    if "distance" in known:
        yield {"cutoff": 2, "distance": True}
