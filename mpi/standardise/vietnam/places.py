"""Addresses, wards and districts: the words that name a place, without those that say what it is.

``Số 12, đường Trần Phú, P.03, Q.5, TP.HCM`` and ``12 TRẦN PHÚ PHƯỜNG 3 QUẬN 5 THÀNH PHỐ HỒ CHÍ
MINH`` become one text. What a place is (xã, phường, thị trấn, huyện) changed for thousands of them
in 2025, and clerks leave it out as they like; before a number it is kept short (P3, Q5, KP2, TO7),
as the number alone would name too many places. A province at the end gets its name of today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.text import text_buffers
from mpi.standardise.alphabets import WORDS, Alphabet, fold, fold_one
from mpi.standardise.categories import plain
from mpi.standardise.rules import Rule, Standardised
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.provinces import find_province
from mpi.standardise.vietnam.vocabulary import words_of

if TYPE_CHECKING:
    from mpi.standardise.vietnam._kernels_places import Lexicon, Phrases

RENAMED = "province at the end of an address, given its name of today"
_COUNTRY = ("VIỆT NAM", "VIET NAM", "VIETNAM", "VN")
_SHORTEST_ALIAS = 3
_GROWTH = 64
_LINE = 256


class _Lines(Alphabet):
    """Words, and commas between the parts of an address."""

    def target(self, char: str) -> str:
        return "," if char in ",;\n" else super().target(char)


LINES = _Lines()


def phrase_table(phrases: Mapping[tuple[str, ...], int], texts: Sequence[str]) -> Phrases:
    """Phrases by the hashes of their words, for the kernel.

    phrases : words -> what is done with them
    texts : those that take the place of others
    """
    from mpi.standardise._kernels_codes import mix_bytes
    from mpi.standardise.vietnam import _kernels_places as kernels

    actions: dict[int, int] = {}
    for words, action in phrases.items():
        key = np.uint64(0)
        for word in words:
            actions[int(key)] = actions.get(int(key), 0) | kernels.BEGINS
            raw = np.frombuffer(word.encode(), np.uint8)
            key = np.uint64(mix_bytes(key, np.uint64(kernels.hash_text(raw, 0, len(raw)))))
        actions[int(key)] = actions.get(int(key), 0) | action
    actions.pop(0, None)  # all of them begin with nothing
    size = 64
    while size < 4 * len(actions):
        size *= 2
    keys, places = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    for key_of, action in actions.items():
        slot = key_of % size
        while keys[slot]:
            slot = (slot + 1) % size
        keys[slot], places[slot] = key_of, action
    whole = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, whole)]).astype(np.int32)
    return kernels.Phrases(keys, places, np.frombuffer(b"".join(whole) + b"\0", np.uint8), ends)


@cache
def kinds_of_places() -> Phrases:
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
    return phrase_table({tuple(text.split()): action for text, action in entries.items()}, shorts)


@cache
def names_of_provinces() -> Phrases:
    """The spellings of provinces that an address can end on, and their names of today."""
    from mpi.standardise.vietnam import _kernels_places as kernels

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
    backwards = {tuple(reversed(form.split())): unit for form, unit in entries.items()}
    known = {
        words: kernels.KNOWN | unit << 8
        for words, unit in backwards.items()
        if len(words) <= kernels.LONGEST_NAME
    }
    return phrase_table(known, [*units, ""])


@cache
def no_names() -> Phrases:
    """For places that are no whole address, and may share their name with a province."""
    return phrase_table({}, [""])


def shortened(texts: pa.Array, names: Phrases) -> Standardised:
    """Places by the words that name them.

    Pieces between blanks are folded once each; they hold few different words.
    """
    from mpi.standardise.vietnam import _kernels_places as kernels

    pieces = words_of(texts, " ")
    folded = fold(pieces.different, LINES).values
    words = words_of(pc.replace_substring(folded, ",", " , "), " ")
    comma = words.different.index(",").as_py()
    numbers = np.where(words.numbers == comma, -1, words.numbers) if comma >= 0 else words.numbers
    n = len(texts)
    size = int(np.diff(text_buffers(texts)[1]).sum(dtype=np.int64)) + _GROWTH * n + 8
    grown = np.diff(text_buffers(folded)[1]) - np.diff(text_buffers(pieces.different)[1])
    if (grown > 0).any():
        size += int(np.maximum(grown, 0)[pieces.numbers].sum(dtype=np.int64))
    out, out_offsets = np.empty(size, np.uint8), np.zeros(n + 1, np.int32)
    renamed, lexicon = np.zeros(n, np.bool_), lexicon_of(words.different)
    row, room = 0, _LINE
    while row < n:
        line, shorts = np.empty(room, np.int32), np.empty(room, np.int32)
        row = kernels.write_places(
            kinds_of_places(), names, lexicon, numbers, words.first, pieces.numbers, pieces.first,
            row, line, shorts, out, out_offsets, renamed,
        )  # fmt: skip
        room *= 2
    values = pa.StringArray.from_buffers(n, pa.py_buffer(out_offsets), pa.py_buffer(out))
    return Standardised(values, {RENAMED: renamed} if renamed.any() else {})


def lexicon_of(words: pa.Array) -> Lexicon:
    """What is known of the words of addresses, for the kernel."""
    from mpi.standardise.vietnam import _kernels_places as kernels

    data, offsets = text_buffers(words)
    n = len(words)
    lexicon = kernels.Lexicon(
        np.empty(n, np.int32),
        np.empty(n, np.int32),
        np.empty(n, np.uint64),
        np.empty(n, np.uint64),
        np.empty(int(offsets[-1]) + 8, np.uint8),
        np.empty(n + 1, np.int32),
    )
    kernels.judge_words(kinds_of_places(), data, offsets, lexicon)
    return lexicon


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
