"""How alike two records are, field by field.

The comparators are a library of their own: ``mpi.compare.jaro_winkler(left, right)`` takes text
from Arrow, NumPy, lists, pandas or Polars and gives a float64 array, NaN where a side is missing.
Texts are compared by the code points of their NFC form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mpi.compare.edit import damerau_levenshtein, hamming, levenshtein, osa
    from mpi.compare.overlaps import lcs_subsequence, lcs_substring, qgram, smith_waterman
    from mpi.compare.similarity import jaro, jaro_winkler
    from mpi.compare.tokens import monge_elkan, token_set, token_sort
    from mpi.compare.values import (
        DateMatch,
        IdentifierMatch,
        date,
        date_distance,
        haversine,
        identifier,
        numeric,
        overlap,
    )

__all__ = [
    "DateMatch",
    "IdentifierMatch",
    "damerau_levenshtein",
    "date",
    "date_distance",
    "hamming",
    "haversine",
    "identifier",
    "jaro",
    "jaro_winkler",
    "lcs_subsequence",
    "lcs_substring",
    "levenshtein",
    "monge_elkan",
    "numeric",
    "osa",
    "overlap",
    "qgram",
    "smith_waterman",
    "token_set",
    "token_sort",
]

_HOME = {
    **dict.fromkeys(("damerau_levenshtein", "hamming", "levenshtein", "osa"), "edit"),
    **dict.fromkeys(("lcs_subsequence", "lcs_substring", "qgram", "smith_waterman"), "overlaps"),
    **dict.fromkeys(("jaro", "jaro_winkler"), "similarity"),
    **dict.fromkeys(("monge_elkan", "token_set", "token_sort"), "tokens"),
    **dict.fromkeys(
        (
            *("DateMatch", "IdentifierMatch", "date", "date_distance", "haversine"),
            *("identifier", "numeric", "overlap"),
        ),
        "values",
    ),
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOME:
        return getattr(import_module(f"mpi.compare.{_HOME[name]}"), name)
    raise AttributeError(f"module 'mpi.compare' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
