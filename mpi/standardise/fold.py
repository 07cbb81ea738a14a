"""Text without accents: the form in which a careless clerk types it."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

# Letters that Unicode does not decompose, in upper case as the standard form is.
_LETTERS = (("Đ", "D"), ("Ø", "O"), ("Æ", "AE"), ("Œ", "OE"), ("Ł", "L"), ("Þ", "TH"), ("ẞ", "SS"))
_FEW = 512
_FOLDED: dict[str, str] = {}
"""Letters that were folded before."""


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
    if len(values) <= _FEW:
        return _fold_few(values)
    if pc.all(pc.string_is_ascii(values)).as_py() in (True, None):
        return values
    return _fold_many(values)


def _fold_many(values: pa.Array) -> pa.Array:
    folded = pc.replace_substring_regex(
        pc.utf8_normalize(values, "NFKD"), pattern=r"\p{Mn}+", replacement=""
    )
    for letter, base in _LETTERS:
        folded = pc.replace_substring(folded, pattern=letter, replacement=base)
    return folded


def _fold_few(values: pa.Array) -> pa.Array:
    """The same letter by letter: making the pattern of all marks ready takes a millisecond, most
    of what searching for a person takes."""
    texts = values.to_pylist()
    if all(text is None or text.isascii() for text in texts):
        return values
    new = sorted({letter for text in texts if text for letter in text} - _FOLDED.keys())
    if new:
        _FOLDED.update(zip(new, _fold_many(pa.array(new, pa.string())).to_pylist(), strict=True))
    folded = [text and "".join(map(_FOLDED.__getitem__, text)) for text in texts]
    return pa.array(folded, values.type)


@cache
def folding_table() -> npt.NDArray[np.uint32]:
    """What `fold` makes of each letter of the basic plane.

    Returns
    -------
    uint32[65536]
        Base letter | second base letter << 16; 0 for combining marks; a letter that would become
        more than two stays as it is.
    """
    surrogates = range(0xD800, 0xE000)
    letters = pa.array(["" if c in surrogates else chr(c) for c in range(65536)], pa.string())
    table = np.arange(65536, dtype=np.uint32)
    for code, folded in enumerate(fold(letters).to_pylist()):
        if len(folded) <= 2 and all(ord(c) < 65536 for c in folded):
            table[code] = sum(ord(c) << 16 * k for k, c in enumerate(folded))
    return table
