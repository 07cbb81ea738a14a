"""Compile the comparators' kernels once, for every width and the usual kinds of text."""

from __future__ import annotations

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


def warm_comparators() -> None:
    """Compare a few texts with every textual comparator.

    Texts of at most 256 different letters are read as bytes, from Arrow's `string` and from the
    `large_string` that pandas and Polars give; texts of more letters as 16-bit units.
    """
    import mpi.compare

    left = [(_LETTERS * 8)[:length] for length in _LENGTHS]
    right = [f"{text[1:]} k" for text in left]
    many = "".join(map(chr, range(0x4E00, 0x4F00)))
    kinds = (
        (pa.array(left), pa.array(right)),
        (pa.array(left, pa.large_string()), pa.array(right, pa.large_string())),
        (pa.array([*(f"{text}漢" for text in left), many]), pa.array([*right, "字"])),
    )
    for one, two in kinds:
        for name in TEXTUAL:
            compare = getattr(mpi.compare, name)
            compare(one, two)
        mpi.compare.jaro_winkler(one, two, all_pairs=True)
