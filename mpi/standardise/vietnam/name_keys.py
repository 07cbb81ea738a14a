"""Keys of names, word by word: with marks, without tones, without marks, and by sound.

K0 is the standard form. K1 leaves out the tone (NGUYÊN), K2 all marks (NGUYEN); both write an open
y as i (LÝ and LÍ are LI). K3 is how a word sounds to somebody who merges what some region merges:
ch and tr, s and x, d, gi, r and v, l and n, final n, ng and nh, final t, c and ch, the tones hỏi
and ngã. Two clerks who write one name by ear differ in K2 and agree in K3.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.standardise.alphabets import FEW
from mpi.standardise.vietnam.column import join
from mpi.standardise.vietnam.inventory import name_words, regional_class
from mpi.standardise.vietnam.syllables import Syllable, parse, parse_loose, to_ascii
from mpi.standardise.vietnam.tones import Tone
from mpi.standardise.vietnam.vocabulary import BLANKS, words_of

# Per cent of the bearers of any part of a name.
_USUAL = 0.05


class Key(IntEnum):
    """How much of a word a key keeps."""

    K0 = 0  # everything: HÒA
    K1 = 1  # letters with their quality, no tone: HOA, but HÔ and HƠ differ
    K2 = 2  # ASCII
    K3 = 3  # the sound, what regions merge merged


_ONSETS = {
    "l": "L", "n": "L", "ch": "C", "tr": "C", "s": "S", "x": "S", "d": "Z", "gi": "Z", "r": "Z",
    "v": "Z", "c": "K", "k": "K", "qu": "K", "g": "G", "gh": "G", "ng": "NG", "ngh": "NG",
}  # fmt: skip
_CODAS = {"n": "N", "ng": "N", "nh": "N", "t": "T", "c": "T", "ch": "T", "m": "M", "p": "P"}
_DIPHTHONGS = {
    "iê": "I",
    "ia": "I",
    "yê": "I",
    "ya": "I",
    "uô": "U",
    "ua": "U",
    "ươ": "Ư",
    "ưa": "Ư",
}
_SHORT = {"ă": "a", "â": "a"}


@lru_cache(maxsize=1 << 17)
def word_key(word: str, key: Key) -> str:
    """The key of one word in standard form.

    Examples
    --------
    >>> [word_key("QUÝ", k) for k in Key]
    ['QUÝ', 'QUI', 'QUI', 'KWi1']
    >>> word_key("TRÍ", Key.K3) == word_key("CHÍ", Key.K3), word_key("SMITH", Key.K3)
    (True, 'SMITH')
    """
    if key is Key.K0:
        return word
    syllable = parse(word) or parse_loose(word)
    if key is Key.K3:
        return _sound(syllable) if syllable is not None else to_ascii(word)
    text = word if syllable is None else _open_i(syllable).upper()
    return to_ascii(text) if key is Key.K2 else text


def _open_i(syllable: Syllable) -> str:
    """The letters without the tone, an open y as i."""
    if syllable.rime == "y" and syllable.onset:
        return syllable.onset + "i"
    return syllable.toneless


def _sound(syllable: Syllable) -> str:
    onset, rime, coda = syllable.onset, syllable.rime, syllable.coda
    vowels = rime[: len(rime) - len(coda)]
    glide = "W" if onset == "qu" else ""
    if len(vowels) > 1 and vowels[:2] in ("oa", "oă", "oe", "uâ", "uê", "uy", "uơ"):
        glide, vowels = "W", vowels[1:]
    off = ""
    if not coda and len(vowels) > 1 and vowels not in _DIPHTHONGS and vowels[-1] in "iyuo":
        vowels, off = vowels[:-1], vowels[-1]
    nucleus = _DIPHTHONGS.get(vowels, "i" if vowels == "y" else vowels)
    # iêm, iêu, ươu and uôi lose their second vowel in the South.
    if (nucleus == "I" and (coda in ("m", "p") or off == "u")) or (nucleus, off) in (
        ("Ư", "u"),
        ("U", "i"),
    ):
        nucleus = nucleus.lower()
    if coda:
        nucleus = _SHORT.get(nucleus, nucleus)
    tone = Tone.ASKING if syllable.tone is Tone.TUMBLING else syllable.tone
    head = _ONSETS.get(onset, onset.upper())
    return f"{head}{glide}{nucleus}{off}{_CODAS.get(coda, '')}{int(tone)}"


def name_keys(values: pa.Array, key: Key) -> pa.Array:
    """The key of every word of every name, words in order and parted by blanks.

    Parameters
    ----------
    values : string[n], in standard form

    Examples
    --------
    >>> names = pa.array(["NGUYỄN THỊ HÒA", "NGUYỂN THI HOA"])
    >>> name_keys(names, Key.K2).to_pylist()
    ['NGUYEN THI HOA', 'NGUYEN THI HOA']
    >>> name_keys(names, Key.K3).to_pylist()
    ['NGWIN3 THi5 HWa2', 'NGWIN3 THi0 HWa0']
    """
    if key is Key.K0:
        return values
    if len(values) <= FEW:
        texts = [" ".join(word_key(w, key) for w in v.split(" ") if w) for v in values.to_pylist()]
        return pa.array(texts, pa.string())
    words = words_of(values, BLANKS)
    keys = [word_key(word, key) for word in words.different.to_pylist()]
    return join(words.numbers, words.first, keys, [0] * len(keys)).values


def usual_names(words: Sequence[str]) -> npt.NDArray[np.bool_]:
    """bool[n], folded words that are names of their own.

    Examples
    --------
    >>> usual_names(["KIET", "KIEN", "KIEM", "SMITH"]).tolist()
    [True, True, False, False]
    """
    names = name_words()
    return np.array([names.get(word, 0.0) >= _USUAL for word in words], np.bool_)


def toneless_words(words: Sequence[str]) -> list[str]:
    """Words without their tone, an open y read as i: what is left where spelling styles differ.

    Examples
    --------
    >>> toneless_words(["QUÝ", "QUÍ", "HỒ", "HỔ", "HO"])
    ['QUI', 'QUI', 'HÔ', 'HÔ', 'HO']
    """
    return [word_key(word, Key.K1) for word in words]


def spoken_words(words: Sequence[str]) -> list[str]:
    """The sound of words; regional forms of one name (Hoàng, Huỳnh) have one.

    Examples
    --------
    >>> hoang, huynh, tri, chi, van = spoken_words(["HOÀNG", "HUỲNH", "TRÍ", "CHÍ", "VĂN"])
    >>> hoang == huynh, tri == chi, van == hoang
    (True, True, False)
    """
    regional = regional_class()
    return [word_key(regional.get(word, word), Key.K3) for word in words]
