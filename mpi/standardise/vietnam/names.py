"""Names of people in Viet Nam: the rules of the locale, and their layout.

The standard form is that of the general locale: upper-case words with their marks, in the order of
the name. What is Vietnamese in it: letters of any encoding, the tone on the letter of the old
style (HÒA, THÚY), words run together parted, titles, notes and keystrokes undone; a newborn under
a parent's name and the words for an unknown person leave nothing. A letter lost to a question mark
stays ``?``, one for each letter, where it can be several letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.schema import Kind
from mpi.standardise.encode import Counts
from mpi.standardise.rules import Layout, Rule, Standardised
from mpi.standardise.vietnam.column import repair
from mpi.standardise.vietnam.detect import count_words, find_encoding
from mpi.standardise.vietnam.encodings import FONTS
from mpi.standardise.vietnam.population import vietnamese_share
from mpi.standardise.vietnam.reading import Style, read_name
from mpi.standardise.vietnam.words import REPAIRS, UNICODE, Reading

_SAMPLE = 4_000
_ODD = (
    "[\u0080-\u00bf\u00c4-\u00c7\u00cb\u00ce-\u00d1\u00d6-\u00d8\u00db-\u00df"
    "\u00e4-\u00e7\u00eb\u00ee-\u00f1\u00f6-\u00f8\u00fb-\u00ff]"
)
"""Western letters and signs that Vietnamese has not."""

_IN_PART = " in part"


def name_layout(texts: pa.Array, counts: Counts) -> Layout:
    """The encoding that a column of names was written in.

    Examples
    --------
    >>> layout = name_layout(pa.array(["NguyÔn ThÞ HuyÒn", "TrÇn V¨n Hïng"]), np.array([1, 1]))
    >>> layout.text, layout.message
    ('TCVN3', 'written in TCVN3, read as Unicode')
    """
    sample, n = _sample(texts, counts)
    if len(texts) > _SAMPLE:  # few old rows among many new ones are easily missed
        odd = np.flatnonzero(pc.match_substring_regex(texts, _ODD))[:_SAMPLE]
        sample += texts.take(pa.array(odd)).to_pylist()
        n += counts[odd].tolist()
    evidence = find_encoding(count_words(sample, n))
    reading = evidence.reading
    messages = []
    if reading.encoding:
        share = "" if reading.whole else "in part "
        messages.append(f"{share}written in {reading.encoding}, read as Unicode")
    if evidence.mojibake:
        messages.append("UTF-8 that was read as another encoding, repaired")
    text = reading.encoding + ("" if reading.whole or not reading.encoding else _IN_PART)
    return Layout(text, "; ".join(messages))


def reading_of(layout: str) -> Reading:
    """The reading that a layout's text stands for; Unicode where it says nothing of encodings.

    Examples
    --------
    >>> reading_of("VNI in part"), reading_of("family name first")
    (Reading(encoding='VNI', whole=False), Reading(encoding='', whole=True))
    """
    encoding = layout.removesuffix(_IN_PART)
    return Reading(encoding, encoding == layout) if encoding in FONTS else UNICODE


def standard_names(texts: pa.Array, layout: str, *, style: Style) -> Standardised:
    """Names in standard form.

    Parameters
    ----------
    texts : string[n], no nulls
    layout : as `name_layout` gives it

    Examples
    --------
    >>> names = pa.array(["Ông Nguyễn Văn  Đức", "Phạmthuý Hằng", "H’Hen Niê", "Vô danh"])
    >>> standard_names(names, "", style=Style()).values.to_pylist()
    ['NGUYỄN VĂN ĐỨC', 'PHẠM THÚY HẰNG', 'H HEN NIÊ', '']
    """
    repaired = repair(texts, reading_of(layout), style)
    found = repaired.found
    every = int(np.bitwise_or.reduce(found))
    masks = {
        name: (found & np.uint32(int(bit))) != 0 for bit, name in REPAIRS.items() if every & bit
    }
    return Standardised(repaired.values, masks)


def name_rule(style: Style) -> Rule:
    """The rule of a kind of name."""
    return Rule(partial(standard_names, style=style), layout=name_layout, bulk=True)


NAME_RULES: Mapping[Kind, Rule] = {
    Kind.FULL_NAME: name_rule(Style()),
    Kind.NAME: name_rule(Style(whole=False)),
    Kind.FAMILY_NAME: name_rule(Style(newborn=False, whole=False)),
    Kind.MIDDLE_NAME: name_rule(Style(newborn=False, titles=False, whole=False)),
    Kind.GIVEN_NAME: name_rule(Style(whole=False)),
    Kind.MOTHER_NAME: name_rule(Style(newborn=False)),
    Kind.FATHER_NAME: name_rule(Style(newborn=False)),
}
"""The rules of the locale for names."""


def looks_vietnamese(texts: pa.Array, counts: Counts) -> float:
    """How many of the records have a name that reads as Vietnamese, with its marks or without.

    A sample is looked at. Names without marks count as far as the distribution of Viet Nam's names
    explains them, see :func:`mpi.standardise.vietnam.population.vietnamese_share`.

    Parameters
    ----------
    texts : string[n], no nulls
    counts : int64[n], records of each

    Returns
    -------
    float, 0 to 1; 0 where there is no name

    Examples
    --------
    >>> names = pa.array(["Nguyen Van An", "TRẦN THỊ HOÀ", "John Smith", ""])
    >>> looks_vietnamese(names, np.array([1, 1, 2, 9]))
    0.5
    """
    sample, n = _sample(texts, counts)
    reading = find_encoding(count_words(sample, n)).reading
    reads = [read_name(text, reading) for text in sample]
    return vietnamese_share([read.words or read.parent for read in reads], n)


def _sample(texts: pa.Array, counts: Counts) -> tuple[list[str], list[int]]:
    """Up to 4,000 texts, evenly spread over the column."""
    n = len(texts)
    if n <= _SAMPLE:
        return texts.to_pylist(), [int(c) for c in counts]
    at = np.linspace(0, n - 1, _SAMPLE).astype(np.int64)
    return texts.take(pa.array(at)).to_pylist(), counts[at].tolist()
