"""Text without accents: the form in which a careless clerk types it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

# Letters that Unicode does not decompose, in upper case as the standard form is.
_LETTERS = (("Đ", "D"), ("Ø", "O"), ("Æ", "AE"), ("Œ", "OE"), ("Ł", "L"), ("Þ", "TH"), ("ẞ", "SS"))


def fold(values: pa.Array) -> pa.Array:
    """Fold upper-case text to its base letters.

    Parameters
    ----------
    values : string[n]

    Returns
    -------
    string[n]
        Without combining marks; letters of other scripts stay.

    Examples
    --------
    >>> fold(pa.array(["NGUYỄN ĐẠT", "MÜLLER", None])).to_pylist()
    ['NGUYEN DAT', 'MULLER', None]
    """
    if len(values) == 0 or pc.all(pc.string_is_ascii(values)).as_py() in (True, None):
        return values
    folded = pc.replace_substring_regex(
        pc.utf8_normalize(values, "NFKD"), pattern=r"\p{Mn}+", replacement=""
    )
    for letter, base in _LETTERS:
        folded = pc.replace_substring(folded, pattern=letter, replacement=base)
    return folded
