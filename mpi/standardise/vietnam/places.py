"""Addresses, wards and districts: the words that name a place, without those that say what it is.

``Số 12, đường Trần Phú, P.03, Q.5, TP.HCM`` and ``12 TRẦN PHÚ PHƯỜNG 3 QUẬN 5 THÀNH PHỐ HỒ CHÍ
MINH`` become one text. What a place is (xã, phường, thị trấn, huyện) changed for thousands of them
in 2025, and clerks leave it out as they like; before a number it is kept short (P3, Q5, KP2, TO7),
as the number alone would name too many places. A province at the end gets its name of today.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mpi.standardise.alphabets import WORDS, Alphabet, fold, fold_one, text_buffers
from mpi.standardise.categories import plain
from mpi.standardise.rules import Rule, Standardised
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.provinces import find_province

if TYPE_CHECKING:
    from mpi.standardise.vietnam._kernels_places import Words

RENAMED = "province at the end of an address, given its name of today"
_COUNTRY = ("VIỆT NAM", "VIET NAM", "VIETNAM", "VN")
_SHORTEST_ALIAS = 3
_GROWTH = 64


class _Lines(Alphabet):
    """Words, and commas between the parts of an address."""

    def target(self, char: str) -> str:
        return "," if char in ",;\n" else super().target(char)


LINES = _Lines()


def word_table(entries: dict[str, int], texts: Sequence[str]) -> Words:
    """Texts by their hash, for the kernel.

    entries : text -> what is done with it
    texts : those that take the place of others
    """
    from mpi.standardise.vietnam import _kernels_places as kernels

    size = 64
    while size < 4 * len(entries):
        size *= 2
    keys, actions = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    for text, action in entries.items():
        data = np.frombuffer(text.encode(), np.uint8)
        value = int(kernels.hash_text(data, 0, len(data)))
        slot = value % size
        while keys[slot] and int(keys[slot]) != value:
            slot = (slot + 1) % size
        keys[slot], actions[slot] = value, action
    raw = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, raw)]).astype(np.int32)
    return kernels.Words(keys, actions, np.frombuffer(b"".join(raw) + b"\0", np.uint8), ends)


@cache
def kinds_of_places() -> Words:
    """The words that say what a place is, with and without accents."""
    from mpi.standardise.vietnam import _kernels_places as kernels

    rows = reference.rows("place_words")
    shorts = sorted({row["number"] for row in rows} - {"drop", "keep"})
    entries: dict[str, int] = {}
    for row in rows:
        action = kernels.DROP_NAME if row["name"] == "drop" else 0
        if row["number"] == "drop":
            action |= kernels.DROP_NUMBER
        elif row["number"] != "keep":
            action |= kernels.JOIN_NUMBER | shorts.index(row["number"]) << 8
        action |= kernels.AT_START if row["where"] == "start" else 0
        entries[row["words"]] = action | kernels.KNOWN
    for row in rows:
        bare = plain(row["words"])
        entries.setdefault(bare, entries[row["words"]] | kernels.AT_START)
    for short in shorts:  # what was written is read back as itself
        action = kernels.KNOWN | kernels.JOIN_NUMBER | shorts.index(short) << 8
        entries.setdefault(short, action | kernels.AT_START)
    for phrase in [p for p in entries if " " in p]:
        first = phrase.partition(" ")[0]
        entries[first] = entries.get(first, 0) | kernels.BEGINS
    return word_table(entries, shorts)


@cache
def names_of_provinces() -> Words:
    """The spellings of provinces that an address can end on, and their names of today."""
    units = sorted({fold_one(p.successor, WORDS) for p in reference.provinces()})
    place = {unit: i for i, unit in enumerate(units)}
    spelled = [(p.name, p.name) for p in reference.provinces()]
    spelled += [(p.successor, p.successor) for p in reference.provinces()]
    spelled += [
        (row["alias"], row["province"])
        for row in reference.rows("province_aliases")
        if row["confidence"] == "good" and len(plain(row["alias"])) >= _SHORTEST_ALIAS
    ]
    spelled += [(alias, alias) for alias in ("HCM", "TP HCM", "TPHCM", "BRVT", "TTH")]
    entries: dict[str, int] = {}
    for spelling, name in spelled:
        found = find_province(name)
        unit = place[fold_one(found[1], WORDS)] if found else 0
        text = fold_one(spelling, WORDS)
        for form in (text, plain(text), plain(text).replace(" ", "")):
            entries.setdefault(form, unit)
    entries |= dict.fromkeys(_COUNTRY, len(units))
    return word_table(entries, [*units, ""])


@cache
def no_names() -> Words:
    """For places that are no whole address, and may share their name with a province."""
    return word_table({}, [""])


def shortened(texts: pa.Array, names: Words) -> Standardised:
    """Places by the words that name them."""
    from mpi.standardise.vietnam import _kernels_places as kernels

    data, offsets = text_buffers(fold(texts, LINES).values)
    n = len(texts)
    out = np.empty(int(offsets[-1]) - int(offsets[0]) + _GROWTH * n + 1, np.uint8)
    out_offsets, renamed = np.zeros(n + 1, np.int32), np.zeros(n, np.bool_)
    kernels.shorten_places(kinds_of_places(), names, data, offsets, out, out_offsets, renamed)
    values = pa.StringArray.from_buffers(n, pa.py_buffer(out_offsets), pa.py_buffer(out))
    return Standardised(values, {RENAMED: renamed} if renamed.any() else {})


def standard_addresses(texts: pa.Array, layout: str = "") -> Standardised:
    """Addresses in standard form.

    Examples
    --------
    >>> raw = pa.array(["Số 12, đường Trần Phú, P.03, Q.5, TP.HCM", "tổ 7 ấp Bình Hòa, xã An Phú"])
    >>> standard_addresses(raw).values.to_pylist()
    ['12 TRẦN PHÚ P3 Q5 HỒ CHÍ MINH', 'TO7 BÌNH HÒA AN PHÚ']
    """
    return shortened(texts, names_of_provinces())


def standard_places(texts: pa.Array, layout: str = "") -> Standardised:
    """Wards and districts in standard form.

    Examples
    --------
    >>> raw = pa.array(["Phường 03", "P. Bến Nghé", "Q.Bình Thạnh", "TX Dĩ An", "TP Bến Tre"])
    >>> standard_places(raw).values.to_pylist()
    ['P3', 'BẾN NGHÉ', 'BÌNH THẠNH', 'DĨ AN', 'BẾN TRE']
    """
    return shortened(texts, no_names())


ADDRESS = Rule(standard_addresses, bulk=True)
PLACE = Rule(standard_places, bulk=True)
