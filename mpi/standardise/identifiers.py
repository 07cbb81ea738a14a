"""Identifiers: letters and digits, leading zeros kept; and e-mail addresses."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.alphabets import CODES, MAIL, Mark, fold, put
from mpi.standardise.rules import Standardised, blanked, empty, filled

SCIENTIFIC = r"^\s*[0-9]+(?:[.,][0-9]*)?[Ee]\+[0-9]+\s*$|^\s*[0-9]+[.,][0-9]+[Ee][0-9]+\s*$"
"""1.23457E+11: a spreadsheet has kept six digits of twelve."""

WHOLE = r"^\s*([0-9]+)\.0+\s*$"
"""123456.0: a whole number that was once stored as a fraction."""


def standard_identifiers(texts: pa.Array, layout: str = "") -> Standardised:
    """Identifiers in standard form.

    Examples
    --------
    >>> raw = pa.array([" 012.345-678 ab", "1.23457E+11", "4711.0"])
    >>> standard_identifiers(raw).values.to_pylist()
    ['012345678AB', '', '4711']
    """
    folded = fold(texts, CODES)
    values, repairs = folded.values, {}
    numeric = folded.having(Mark.POINT | Mark.PLUS | Mark.COMMA)
    if numeric.any():
        part = texts.filter(pa.array(numeric))
        values, whole = without_fraction(values, part, numeric)
        repairs["'.0' left out"] = whole
        lost = np.zeros(len(texts), np.bool_)
        lost[numeric] = np.asarray(pc.match_substring_regex(part, SCIENTIFIC))
        values = blanked(values, lost)
        repairs["digits lost to 1.2E+11 notation, taken as missing"] = lost
    repairs["no letter or digit, taken as missing"] = empty(folded.values) & filled(texts)
    return Standardised(values, {k: m for k, m in repairs.items() if m.any()})


def without_fraction(
    values: pa.Array, part: pa.Array, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[pa.Array, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The values with the masked texts `part` read as whole numbers where they end in ``.0``."""
    found = np.asarray(pc.match_substring_regex(part, WHOLE))
    whole = mask.copy()
    whole[mask] = found
    if found.any():
        digits = pc.replace_substring_regex(part.filter(pa.array(found)), WHOLE, r"\1")
        values = put(values, whole, digits)
    return values, whole


def standard_mail(texts: pa.Array, layout: str = "") -> Standardised:
    """E-mail addresses in standard form: lower case, without blanks.

    Examples
    --------
    >>> standard_mail(pa.array([" Ann.Lee@Example.ORG", "none"])).values.to_pylist()
    ['ann.lee@example.org', '']
    """
    values = fold(texts, MAIL).values
    wrong = ~np.asarray(pc.match_substring_regex(values, r"^.+@.+$"))
    wrong &= filled(texts)
    return Standardised(
        blanked(values, wrong),
        {"no e-mail address, taken as missing": wrong} if wrong.any() else {},
    )
