"""The syllables of Vietnamese: onset, rime and tone, and every one that can be written.

Foreign words and the names of minorities are often none; a word is repaired only where the result
is one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from mpi.standardise.vietnam.tones import QUALITIES, VOWELS, Tone, read_letters, tone_place
from mpi.standardise.vietnam.tones import write_tone as _write

ONSETS = ("ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr",
          "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x",
          "")  # fmt: skip
"""The longest first."""

_ONSETS = frozenset(ONSETS)

_RIMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm
    iên iêng iêp iêt iêu o oc oi om on ong ooc oong op ot oa oac oach oai oam oan oang
    oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet ô ôc ôi ôm ôn ông ôp ôt ơ
    ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uêt uôc uôi
    uôm uôn uông uôt uơ uy uya uych uynh uyn uyp uyt uyu uyên uyêt ư ưa ưc ưi ưng ưt ưu
    ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu
    """.split()  # noqa: SIM905
)
_AFTER_QU = frozenset(
    """
    a ac ach ai an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt ân âng ât ây e en eng eo et
    ê êch ên ênh êt i ich in inh it iên iêt ô ôc ôn ơ ơi ơn ơt y ych yn ynh yt yên yêt
    yêu
    """.split()  # noqa: SIM905
)
_AFTER_GI = _RIMES - {r for r in _RIMES if r[0] in "iy"}
_STOPS = ("c", "ch", "p", "t")


class Syllable(NamedTuple):
    """A syllable of Vietnamese.

    onset : as it is written: ngh, qu, gi; empty before a vowel
    rime : vowels and coda, with their quality, without the tone
    tone : LEVEL also where it was left out
    """

    onset: str
    rime: str
    tone: Tone

    @property
    def toneless(self) -> str:
        """Letters with their quality: nguyên."""
        return self.onset + self.rime

    @property
    def text(self) -> str:
        """The syllable in lower case, its tone in the old style: hòa, quý, giường."""
        return self.onset + _write(self.rime, _PLACE[self.rime], self.tone)

    @property
    def coda(self) -> str:
        """Final consonants: c ch m n ng nh p t, or nothing."""
        return self.rime.lstrip(VOWELS)

    @property
    def complete(self) -> bool:
        """Whether it can be a whole word: a syllable that ends in a stop has a tone."""
        return self.tone in (Tone.RISING, Tone.HEAVY) or self.coda not in _STOPS


_PLACE = {rime: tone_place(rime) for rime in _RIMES | _AFTER_QU}


def _fits(onset: str, rime: str) -> bool:
    """Whether spelling allows this rime behind the onset."""
    if onset == "qu":
        return rime in _AFTER_QU
    if onset == "gi":
        return rime in _AFTER_GI
    if rime not in _RIMES:
        return False
    first = rime[0]
    if onset in ("k", "gh", "ngh"):
        return first in "eêiy"
    if onset in ("c", "ng"):
        return first not in "eêiy"
    if onset == "g":
        return first not in "eêy"
    if rime[0] == "y" and len(rime) > 1:
        return onset == ""
    return True


@lru_cache(maxsize=1 << 17)
def parse(word: str) -> Syllable | None:
    """Read a word as one syllable, wherever its tone mark stands; None where it is none.

    Examples
    --------
    >>> parse("Qúy"), parse("NGUYỄN").text, parse("hoà").text
    (Syllable(onset='qu', rime='y', tone=<Tone.RISING: 1>), 'nguyễn', 'hòa')
    >>> parse("Smith") is None, parse("tháo").tone.name, parse("giêng").rime
    (True, 'RISING', 'iêng')
    """
    letters = read_letters(word)
    if letters is None:
        return None
    syllable = _read(*letters)
    if syllable is None and ("ưo" in letters.text or "uơ" in letters.text):  # half of ươ
        syllable = _read(letters.text.replace("ưo", "ươ").replace("uơ", "ươ"), letters.tone)
    # A stop takes two tones only; none at all is a tone not typed.
    return syllable if syllable is None or syllable.complete or not syllable.tone else None


def _read(text: str, tone: Tone) -> Syllable | None:
    for length in (3, 2, 1, 0):
        onset, rime = text[:length], text[length:]
        if onset in _ONSETS and _fits(onset, rime):
            return Syllable(onset, rime, tone)
    return None


def parse_loose(word: str) -> Syllable | None:
    """The same, where the onset is spelt against the rules: Ngĩa, Kường, Gê.

    Examples
    --------
    >>> parse("Ngĩa") is None, parse_loose("Ngĩa").toneless
    (True, 'ngia')
    """
    letters = read_letters(word)
    if letters is None:
        return None
    for length in (3, 2, 1):
        onset, rime = letters.text[:length], letters.text[length:]
        if onset in _ONSETS and rime in (_AFTER_QU if onset == "qu" else _RIMES):
            return Syllable(onset, rime, letters.tone)
    return None


def spellings() -> Iterator[Syllable]:
    """Every syllable that can be a whole word, some 17,000."""
    for onset in ONSETS:
        for rime in sorted(_RIMES | _AFTER_QU):
            plain = parse(onset + rime)
            if plain is None or (plain.onset, plain.rime) != (onset, rime):
                continue  # no syllable, or one that is read with a longer onset
            yield from (s for tone in Tone if (s := Syllable(onset, rime, tone)).complete)


@cache
def standard_spellings() -> frozenset[str]:
    """Every syllable as the standard form has it, upper case: its marks are where they belong.

    Examples
    --------
    >>> "HÒA" in standard_spellings(), "HOÀ" in standard_spellings()
    (True, False)
    """
    return frozenset(s.text.upper() for s in spellings())


@cache
def toneless_ascii() -> frozenset[str]:
    """The syllables as they are typed without any mark, in lower case: nguyen, dang.

    Examples
    --------
    >>> "nguyen" in toneless_ascii(), "smith" in toneless_ascii()
    (True, False)
    """
    return frozenset(to_ascii(text) for text in {s.toneless for s in spellings()})


_ASCII = str.maketrans("đĐ", "dD")


def to_ascii(text: str) -> str:
    """Text without marks; other letters stay.

    Examples
    --------
    >>> to_ascii("Đặng")
    'Dang'
    """
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFD", text.translate(_ASCII))
    return "".join(c for c in plain if not unicodedata.combining(c))


def is_vietnamese(word: str) -> bool:
    """Whether a word is a syllable, with its marks or typed without any.

    Examples
    --------
    >>> [is_vietnamese(w) for w in ("Nguyễn", "nguyen", "dang", "Wilson")]
    [True, True, True, False]
    """
    return word.lower() in toneless_ascii() if word.isascii() else parse(word) is not None


def is_marked(word: str) -> bool:
    """Whether a word is a syllable with a tone or a quality in it: more than any ASCII word."""
    syllable = parse(word)
    if syllable is None or not syllable.complete:
        return False
    return syllable.tone > 0 or any(c in QUALITIES for c in syllable.toneless)
