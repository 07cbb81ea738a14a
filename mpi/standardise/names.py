"""Names: upper-case words, family and given names in the order of the column.

Accents are kept, as comparisons fold them where they want to. Digits are dropped, apostrophes
join (``O'Brien`` is OBRIEN), any other sign parts words (``Anne-Marie`` is ANNE MARIE). Notes in
brackets and leading titles are left out. A comma after the family name is resolved: "Smith, John"
becomes JOHN SMITH, except in columns whose names mostly begin with a Vietnamese family name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.alphabets import NAMES, Mark, fold, fold_one, put
from mpi.standardise.encode import Counts
from mpi.standardise.rules import Layout, Rule, Standardised, blanked, empty

GIVEN_FIRST, FAMILY_FIRST = "given name first", "family name first"

_TITLES = "MR|MRS|MS|MISS|MISTER|DR|PROF|PROFESSOR|SIR|DAME|MADAM|MME|MLLE"
_TITLES_BEFORE_THREE = "ÔNG|BÀ|BS|BÁC SĨ|THS|TS|GS|PGS"
"""These are names too: they are titles where three more words follow."""

_TITLE = re.compile(
    rf"^(?:(?:{_TITLES}) (?=\S)|(?:{_TITLES_BEFORE_THREE}) (?=\S+ \S+ \S))", re.UNICODE
)
_PERHAPS_TITLE = rf"^(?:{_TITLES}|{_TITLES_BEFORE_THREE}) "

NEWBORN = (
    r"^(?:"
    r"(?:BABY|NEWBORN|NEW BORN|INFANT)(?: (?:BOY|GIRL|OF|MALE|FEMALE|TWIN|ONE|TWO|A|B)(?: .*)?)?"
    r"|(?:CHÁU |CHAU |BÉ |BE )?CON (?:BÀ|BA|SẢN PHỤ|SAN PHU|CHỊ|MẸ)(?: .*)?"
    r"|CB \S+ \S.*|TSS(?: .*)?|TRẺ SƠ SINH.*|TRE SO SINH.*"
    r")$"
)
"""A child without a name yet, under a parent's name: no evidence of who it is."""

_SUFFIXES = frozenset({"JR", "SR", "II", "III", "IV", "MD", "PHD"})
_NOTE = re.compile(r"[\(\[\{][^\)\]\}]*[\)\]\}]?")
_BABY_OF = re.compile(r"^\s*[Bb]/[Oo]\b")
_VIETNAMESE_FAMILIES = (
    "NGUYỄN NGUYEN TRẦN TRAN LÊ LE PHẠM PHAM HOÀNG HOANG HUỲNH HUYNH VŨ VU VÕ VO ĐẶNG DANG BÙI BUI "
    "ĐỖ DO HỒ HO NGÔ NGO DƯƠNG DUONG LÝ LY"
)
_BEGINS_WITH_FAMILY = (
    r"(?i)^\s*(?:"
    + "|".join(
        dict.fromkeys(
            unicodedata.normalize(form, name)
            for form in ("NFC", "NFD")
            for name in _VIETNAMESE_FAMILIES.split()
        )
    )
    + r")[\s,]"
)
_SPECIAL = Mark.COMMA | Mark.BRACKET | Mark.SPLIT


def standard_names(texts: pa.Array, layout: str, *, newborn: bool, titles: bool) -> Standardised:
    """Names in standard form.

    Parameters
    ----------
    texts : string[n], no nulls
    layout : `FAMILY_FIRST` keeps the family name in front where a comma follows it
    newborn : names such as "Baby of Mary Smith" are taken as missing
    titles : leading titles are left out

    Examples
    --------
    >>> names = pa.array(["Dr. O'Brien, Anne-Marie", "ông Nguyễn Văn  Đức", "CON BÀ LÊ THỊ HOA"])
    >>> standard_names(names, GIVEN_FIRST, newborn=True, titles=True).values.to_pylist()
    ['ANNE MARIE OBRIEN', 'NGUYỄN VĂN ĐỨC', '']
    """
    folded = fold(texts, NAMES)
    values, repairs = folded.values, {}
    special = folded.having(_SPECIAL)
    if special.any():
        raw = texts.filter(pa.array(special)).to_pylist()
        new = [special_name(t, layout, newborn=newborn, titles=titles) for t in raw]
        values = put(values, special, [name for name, _ in new])
        for repair in sorted({r for _, done in new for r in done}):
            mask = np.zeros(len(texts), np.bool_)
            mask[special] = [repair in done for _, done in new]
            repairs[repair] = mask
    if titles:
        mask = np.asarray(pc.match_substring_regex(values, _PERHAPS_TITLE))
        if mask.any():
            before = values.filter(pa.array(mask)).to_pylist()
            after = [without_titles(name) for name in before]
            values = put(values, mask, after)
            mask[mask] = [a != b for a, b in zip(after, before, strict=True)]
            repairs["title left out"] = mask | repairs.get("title left out", np.False_)
    if newborn:
        mask = np.asarray(pc.match_substring_regex(values, NEWBORN))
        if mask.any():
            values = blanked(values, mask)
            repairs["newborn without a name, taken as missing"] = mask | repairs.get(
                "newborn without a name, taken as missing", np.False_
            )
    digits = folded.having(Mark.DIGIT)
    repairs["digits left out"] = digits & ~empty(values)
    repairs["no name in it, taken as missing"] = digits & empty(folded.values)
    return Standardised(values, {k: m for k, m in repairs.items() if m.any()})


def without_titles(name: str) -> str:
    """A folded name without its leading titles.

    Examples
    --------
    >>> without_titles("MR DR JOHN SMITH"), without_titles("ÔNG CAO THẮNG")
    ('JOHN SMITH', 'ÔNG CAO THẮNG')
    """
    while True:
        shorter = _TITLE.sub("", name)
        if shorter == name:
            return name
        name = shorter


def special_name(
    text: str, layout: str, *, newborn: bool, titles: bool
) -> tuple[str, tuple[str, ...]]:
    """A name with brackets, a comma or a slash in it, and what was done to it."""
    text = NAMES.normal(text)
    if newborn and _BABY_OF.search(text):
        return "", ("newborn without a name, taken as missing",)
    done: list[str] = []
    plain = _NOTE.sub(" ", text)
    if plain != text and fold_one(plain, NAMES):
        text = plain
        done.append("note in brackets left out")
    parts = [p for p in (fold_one(p, NAMES) for p in text.split(",")) if p]
    last = ""
    while len(parts) > 1 and parts[-1] in _SUFFIXES:
        last = f" {parts.pop()}{last}"
    if titles and len(parts) > 1:
        bare = [without_titles(p) for p in parts]
        if bare != parts:
            done.append("title left out")
        parts = bare
    if len(parts) == 2 and layout != FAMILY_FIRST:
        parts.reverse()
        done.append("family name before a comma moved to the end")
    return fold_one(" ".join(parts) + last, NAMES), tuple(done)


def name_layout(texts: pa.Array, counts: Counts) -> Layout:
    """Whether the names of a column begin with the family name, as Vietnamese ones do.

    Examples
    --------
    >>> name_layout(pa.array(["Smith, John"]), np.array([1])).text
    'given name first'
    """
    families = np.asarray(pc.match_substring_regex(texts, _BEGINS_WITH_FAMILY))
    rows = int(counts.sum())
    if rows and int(counts[families].sum()) >= 0.3 * rows:
        return Layout(FAMILY_FIRST)
    return Layout(GIVEN_FIRST)


def name_rule(*, newborn: bool, titles: bool = True) -> Rule:
    """The rule of a kind of name."""
    return Rule(
        partial(standard_names, newborn=newborn, titles=titles), layout=name_layout, bulk=True
    )
