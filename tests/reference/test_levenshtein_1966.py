"""Published distances and similarities, through the public comparators.

V. I. Levenshtein (1966) and the textbook examples of R. A. Wagner and M. J. Fischer (1974);
L. Boytsov, "Indexing methods for approximate dictionary searching" (2011), for CA and ABC, where
the two kinds of swapping differ; W. E. Winkler (1990, 1994) for Jaro-Winkler.
"""

from __future__ import annotations

import pytest

from mpi import compare

DISTANCES = [
    ("kitten", "sitting", 3, 3, 3),
    ("saturday", "sunday", 3, 3, 3),
    ("CA", "ABC", 3, 3, 2),
    ("AB", "BA", 2, 1, 1),
    ("intention", "execution", 5, 5, 5),
]

WINKLER = [
    ("SHACKLEFORD", "SHACKELFORD", 0.982),
    ("DUNNINGHAM", "CUNNIGHAM", 0.896),
    ("NICHLESON", "NICHULSON", 0.956),
    ("JONES", "JOHNSON", 0.832),
    ("MARHTA", "MARTHA", 0.961),
    ("DWAYNE", "DUANE", 0.840),
    ("DIXON", "DICKSONX", 0.813),
]


@pytest.mark.parametrize(("a", "b", "edits", "aligned", "unrestricted"), DISTANCES)
def test_distances(a: str, b: str, edits: int, aligned: int, unrestricted: int) -> None:
    assert compare.levenshtein(a, b, distance=True) == edits
    assert compare.osa(a, b, distance=True) == aligned
    assert compare.damerau_levenshtein(a, b, distance=True) == unrestricted


@pytest.mark.parametrize(("a", "b", "published"), WINKLER)
def test_winkler(a: str, b: str, published: float) -> None:
    assert compare.jaro_winkler(a, b) == pytest.approx(published, abs=0.0006)
