"""What clerks, scanners and ears make of a value."""

from __future__ import annotations

import unicodedata

import numpy as np

Rng = np.random.Generator

_NEAR = dict(
    zip(
        "qwertyuiopasdfghjklzxcvbnm1234567890",
        "wqeryutiopsadghfkjlxzvbcnm2135468709",
        strict=True,
    )
)
_OCR = (("rn", "m"), ("0", "O"), ("1", "l"), ("5", "S"), ("cl", "d"), ("8", "B"), ("i", "l"))
_SOUND = (
    *(("ph", "f"), ("ck", "k"), ("y", "i"), ("ie", "y"), ("z", "s"), ("th", "t"), ("ee", "i")),
    *(("v", "w"), ("c", "k"), ("ou", "u"), ("ll", "l"), ("ss", "s"), ("nn", "n"), ("ai", "e")),
    *(("x", "ks"), ("j", "y"), ("é", "e"), ("ei", "ai"), ("h", ""), ("и", "й"), ("о", "а")),
)
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        (*"abvgdee", "zh", *"ziyklmnoprstuf", "kh", "ts", "ch", "sh", "shch", *"_y_e", "yu", "ya"),
        strict=True,
    )
)
_OTHER_SCHEME = {"kh": "h", "ts": "c", "yu": "iu", "ya": "ia", "zh": "j", "shch": "sch", "y": "j"}


def slip(text: str, rng: Rng) -> str:
    """One keystroke wrong: a letter left out, doubled, exchanged, or its neighbour's."""
    if len(text) < 2:
        return text
    at = int(rng.integers(0, len(text)))
    kind = rng.random()
    if kind < 0.3:
        return text[:at] + text[at + 1 :]
    if kind < 0.5:
        return text[:at] + text[at] + text[at:]
    if kind < 0.7 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    letter = text[at]
    wrong = _NEAR.get(letter.lower(), letter)
    return text[:at] + (wrong.upper() if letter.isupper() else wrong) + text[at + 1 :]


def _swapped(text: str, rng: Rng, table: tuple[tuple[str, str], ...]) -> str:
    # Letter by letter: some letters have lower case of two.
    low = "".join(c.lower()[:1] for c in text)
    fitting = [(a, b) for a, b in table if a in low[1:] or (a in low and len(a) == 1)]
    if not fitting:
        return slip(text, rng)
    a, b = fitting[int(rng.integers(0, len(fitting)))]
    at = low.rfind(a)
    return text[:at] + (b.upper() if text[at].isupper() else b) + text[at + len(a) :]


def misread(text: str, rng: Rng) -> str:
    """As a scanner reads it."""
    return _swapped(text, rng, _OCR)


def misheard(text: str, rng: Rng) -> str:
    """As an ear hears it."""
    return _swapped(text, rng, _SOUND)


def wrong(text: str, rng: Rng) -> str:
    """One error of any kind; now and then two."""
    for _ in range(2 if rng.random() < 0.1 else 1):
        kind = rng.random()
        text = (
            slip(text, rng)
            if kind < 0.6
            else misheard(text, rng)
            if kind < 0.85
            else misread(text, rng)
        )
    return text


def plain(text: str) -> str:
    """Without accents."""
    apart = unicodedata.normalize("NFD", text.replace("ł", "l").replace("Ł", "L"))
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("ı", "i")


def latin(text: str, *, other: bool) -> str:
    """Cyrillic letters in Latin ones, by one of two schemes."""
    out = []
    for letter in text:
        made = _CYRILLIC.get(letter.lower(), letter).replace("_", "")
        made = _OTHER_SCHEME.get(made, made) if other else made
        out.append(made.capitalize() if letter.isupper() else made)
    return "".join(out)


def wrong_number(text: str, rng: Rng) -> str:
    """One digit wrong, or two exchanged."""
    at = [i for i, c in enumerate(text) if c.isdigit()]
    if len(at) < 2:
        return text
    k = int(rng.integers(0, len(at)))
    letters = list(text)
    if rng.random() < 0.4 and k + 1 < len(at):
        letters[at[k]], letters[at[k + 1]] = letters[at[k + 1]], letters[at[k]]
    else:
        letters[at[k]] = str(int(rng.integers(0, 10)))
    return "".join(letters)
