"""Keystrokes that no keyboard driver turned into letters: Nguyeexn, Nguye64n, DDawngj.

Telex writes marks with letters, VNI with digits. A word is undone only where it is no syllable as
it stands and what its keys stand for is one.
"""

from __future__ import annotations

from functools import lru_cache

from mpi.standardise.vietnam.syllables import is_marked, is_vietnamese, parse
from mpi.standardise.vietnam.tones import VOWELS, Tone

_TELEX_TONES = {
    "s": Tone.RISING,
    "f": Tone.FALLING,
    "r": Tone.ASKING,
    "x": Tone.TUMBLING,
    "j": Tone.HEAVY,
}
_MARK = dict(zip(Tone, ("", *"\u0301\u0300\u0309\u0303\u0323"), strict=True))
_ROOF = {"a": "â", "e": "ê", "o": "ô"}
_LONGEST = 16


@lru_cache(maxsize=1 << 16)
def undo_keystrokes(word: str) -> str | None:
    """The syllable that the keys of a word stand for, in upper case; None where there is none.

    Examples
    --------
    >>> [undo_keystrokes(w) for w in ("Nguyeexn", "Nguye64n", "DDawngj", "Thij", "Truwowng")]
    ['NGUYỄN', 'NGUYỄN', 'ĐẶNG', 'THỊ', 'TRƯƠNG']
    >>> [undo_keystrokes(w) for w in ("Nguyen", "Wilson", "Ross", "2024")]
    [None, None, None, None]
    """
    if not word.isascii() or not 2 <= len(word) <= _LONGEST or not word.isalnum():
        return None
    keys = word.lower()
    if any(c.isdigit() for c in keys):
        typed = _vni(keys)
    else:
        typed = None if is_vietnamese(keys) else _telex(keys)
    if typed is None:
        return None
    syllable = parse(typed)
    return syllable.text.upper() if syllable is not None and is_marked(typed) else None


def has_tone_key(word: str) -> bool:
    """Whether the keys name a tone or one of the letters â ă ơ ư đ: more than Lee or Moon has.

    Examples
    --------
    >>> has_tone_key("Lee"), has_tone_key("Thij"), has_tone_key("Vawn")
    (False, True, True)
    """
    keys = word.lower()
    return (
        any(c.isdigit() for c in keys)
        or "w" in keys
        or "dd" in keys
        or "aa" in keys
        or keys[-1] in "sfrxj"
    )


def _telex(keys: str) -> str | None:
    letters: list[str] = []
    tone = Tone.LEVEL
    for key in keys:
        vowel = any(c in VOWELS for c in letters)
        if vowel and key in _TELEX_TONES:
            if tone:  # the key pressed twice takes the tone away again
                return None
            tone = _TELEX_TONES[key]
        elif key == "w":
            if not _horn(letters):
                letters.append("ư")
        elif key == "d" and letters[:1] == ["d"] and (vowel or len(letters) == 1):
            letters[0] = "đ"
        elif key in _ROOF and key in letters and _roof(letters, key):
            pass
        else:
            letters.append(key)
    return _marked(letters, tone)


def _vni(keys: str) -> str | None:
    letters: list[str] = []
    tone = Tone.LEVEL
    for key in keys:
        if key in "12345":
            if tone or not any(c in VOWELS for c in letters):
                return None
            tone = Tone(int(key))
        elif key == "6":
            if not any(_roof(letters, c) for c in "eao"):
                return None
        elif key == "7":
            if not any(c in "uo" for c in letters) or not _horn(letters):
                return None
        elif key == "8":
            if "a" not in letters:
                return None
            letters[letters.index("a")] = "ă"
        elif key == "9":
            if "d" not in letters:
                return None
            letters[letters.index("d")] = "đ"
        elif key == "0":
            return None
        else:
            letters.append(key)
    return _marked(letters, tone)


def _marked(letters: list[str], tone: Tone) -> str:
    """The letters with the tone on their last vowel; where it belongs is found later."""
    at = max((i for i, c in enumerate(letters) if c in VOWELS), default=len(letters) - 1)
    return "".join((*letters[: at + 1], _MARK[tone], *letters[at + 1 :]))


def _roof(letters: list[str], key: str) -> bool:
    """Put a circumflex on the last `key`, unless another vowel follows it."""
    if key not in letters:
        return False
    at = len(letters) - 1 - letters[::-1].index(key)
    if any(c in VOWELS for c in letters[at + 1 :]) and letters[at + 1 :] not in (
        ["i"],
        ["u"],
        ["y"],
    ):
        return False
    letters[at] = _ROOF[key]
    return True


def _horn(letters: list[str]) -> bool:
    """What the key for a horn or a breve does: ươ, ưa, ă, ơ, ư."""
    text = "".join(letters)
    for pair, new in (("uo", "ươ"), ("ưo", "ươ"), ("ua", "ưa"), ("uu", "ưu")):
        at = text.rfind(pair)
        if at >= 0 and not (pair == "ua" and text[:at].endswith("q")):
            letters[at : at + 2] = list(new)
            return True
    for plain, new in (("a", "ă"), ("o", "ơ"), ("u", "ư")):
        at = text.rfind(plain)
        if at >= 0:
            letters[at] = new
            return True
    return False
