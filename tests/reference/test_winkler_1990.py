"""Published Jaro-Winkler similarities.

W. E. Winkler, "String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model
of Record Linkage" (1990) and "Advanced Methods for Record Linkage" (1994), table of string
comparator values for pairs of last and first names, to three decimals. Values of the variants that
also count similar characters are not of the plain measure and are left out.
"""

from __future__ import annotations

import numpy as np
import pytest
from naive.compare import jaro_winkler as naive_jaro_winkler

from mpi.compare._kernels import jaro_winkler

PUBLISHED = [
    ("SHACKLEFORD", "SHACKELFORD", 0.982),
    ("DUNNINGHAM", "CUNNIGHAM", 0.896),
    ("NICHLESON", "NICHULSON", 0.956),
    ("JONES", "JOHNSON", 0.832),
    ("MASSEY", "MASSIE", 0.933),
    ("ABROMS", "ABRAMS", 0.922),
    ("JERALDINE", "GERALDINE", 0.926),
    ("MARHTA", "MARTHA", 0.961),
    ("MICHELLE", "MICHAEL", 0.921),
    ("JULIES", "JULIUS", 0.933),
    ("TANYA", "TONYA", 0.880),
    ("DWAYNE", "DUANE", 0.840),
    ("SEAN", "SUSAN", 0.805),
    ("JON", "JOHN", 0.933),
    ("DIXON", "DICKSONX", 0.813),
]


@pytest.mark.parametrize(("a", "b", "published"), PUBLISHED)
def test_published_values(a: str, b: str, published: float) -> None:
    # Kernels read 64 units from where a text begins.
    units = np.array([ord(c) for c in a + b] + [0] * 64, np.uint16)
    got = jaro_winkler(units, 0, len(a), len(a), len(b))
    assert got == pytest.approx(published, abs=0.0006)
    assert got == naive_jaro_winkler(a, b)
