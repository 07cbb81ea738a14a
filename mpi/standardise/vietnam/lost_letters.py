"""Letters lost to a question mark: what an export to a narrower encoding leaves of a name."""

from __future__ import annotations

import re
from functools import cache

from mpi.standardise.alphabets import NAMES, fold_one
from mpi.standardise.vietnam.inventory import name_words
from mpi.standardise.vietnam.syllables import spellings, to_ascii
from mpi.standardise.vietnam.words import UNICODE, Found, Reading, repair_word

LOST = re.compile(r"[?\ufffd]")
_DIGITS = re.compile(r"\d+")
_RUN = re.compile(r"\?{2,3}")
_USUAL, _SURE = 0.5, 0.99


def read_lost(raw: str, reading: Reading = UNICODE) -> tuple[list[str], int]:
    """A word with letters lost to '?': one '?' stands for one letter that nobody knows.

    Where all syllables it can be are the same without marks, or nearly all that names have, the
    bare letter is put; where it can be none, the '?' is a sign like any other.

    Examples
    --------
    >>> read_lost("NGUY?N")[0], read_lost("TH?")[0], read_lost("Lan?")[0]
    (['NGUYEN'], ['TH?'], ['LAN'])
    """
    letters = fold_one(_DIGITS.sub("", raw.replace("\ufffd", "?")).replace("?", "ￊ"), NAMES)
    word = letters.replace(fold_one("ￊ", NAMES), "?")
    found = 0
    words: list[str] = []
    for part in word.split():
        for shape in (part, _RUN.sub("?", part)):
            plain = _lost_letters().get(shape)
            if plain is not None:
                break
        if "?" not in part or plain is None:
            words += repair_word(part.replace("?", " ").strip(), reading).text.split()
        else:
            words.append(plain or shape)
            found = int(Found.UNKNOWN)
    return words, found


@cache
def _lost_letters() -> dict[str, str]:
    """A syllable without its lost letters -> its ASCII form, empty where there are several.

    One form is enough where it has 99 of 100 persons whose names are written so.
    """
    found: dict[str, dict[str, float]] = {}
    for syllable in spellings():
        word = syllable.text.upper()
        share = name_words().get(word, 0.0)
        narrow = "".join(c if c.isascii() else "?" for c in word)
        for shape in {narrow, word.encode("cp1252", "replace").decode("cp1252")}:
            if "?" in shape and shape.strip("?"):
                forms = found.setdefault(shape, {})
                plain = to_ascii(word)
                forms[plain] = forms.get(plain, 0.0) + share
    return {shape: _one_form(forms) for shape, forms in found.items()}


def _one_form(forms: dict[str, float]) -> str:
    total, best = sum(forms.values()), max(forms, key=lambda f: (forms[f], f))
    sure = len(forms) == 1 or (total >= _USUAL and forms[best] >= _SURE * total)
    return best if sure else ""
