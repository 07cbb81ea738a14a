"""Textbook twins of the encoding kernels."""

from collections import Counter

from naive.compare import all_words_of, compared, joined, letters_of, unit_of, words_of

MASK = 2**64 - 1
CLASSES = 20
ODD = 1 << 31
RARE, MANY, SET_BITS = 0xFFFE, 0xFFFF, 43
LETTERS = {letter: k for k, letter in enumerate("ABCDEGHIKLMNOPRSTUVY")}
LIKE = {"F": "P", "J": "G", "Q": "K", "W": "V", "X": "S", "Z": "D"}


def mix_unit(state, unit):
    """One step of the hash, in whole numbers."""
    x = (state ^ unit) * 0xBF58476D1CE4E5B9 & MASK
    x ^= x >> 29
    x = x * 0x94D049BB133111EB & MASK
    return x ^ (x >> 32)


def hash_of(text):
    state = 0x51ED270B9F2D3C4D
    for letter in text:
        state = mix_unit(state, unit_of(letter))
    return state


def encode_text(value, depth):
    """What is known of one value: units, hash, sorted hash, letters and words."""
    words = all_words_of(value)
    together = sum(mix_unit(0x51ED270B9F2D3C4D, hash_of(w)) for w in words) & MASK
    return {
        "units": [unit_of(c) for c in compared(value)],
        "fold": hash_of(joined(value)),
        "sorted": together if words else MASK,
        "letters": sum(1 << n for n in letters_of(value, depth)),
        "words": [(hash_of(w), unit_of(w[0]) << 8 | min(len(w), 255)) for w in words],
    }


def class_of(unit):
    """One of 20 classes of a letter: its own, that of one of similar sound, or by its number."""
    letter = chr(unit)
    return LETTERS.get(LIKE.get(letter, letter), unit % CLASSES)


def mark_text(text, codes, is_name):
    """The first mark of a name or text, and the packed codes of its words.

    codes : word -> 1 to RARE
    """
    units = [unit_of(c) for c in compared(text)]
    words = words_of(text)
    first = sum(1 << k for k in {class_of(u) for u in units})
    if len(units) > 62 or not words:
        return ODD, 0
    first |= class_of(units[0]) << 20 | len(units) << 25
    own = [codes[w] for w in words]
    if len(own) <= 4:
        packed = sum(code << 16 * k for k, code in enumerate(own))
        odd = len(set(own)) < len(own)
    else:
        members = {code % SET_BITS for code in own}
        packed = sum(1 << k for k in members) | len(own) << SET_BITS | MANY << 48
        odd = False
    odd = odd or RARE in own or (is_name and any(len(w) == 1 for w in words))
    return first | (ODD if odd else 0), packed


def mark_values(form, values, codes):
    """The marks of each value of a form whose texts stand one after the other."""
    out, first = [], 0
    for value in values:
        out.append(mark_value(form, value, codes, first))
        first += len(compared(value))
    return out


def mark_value(form, value, codes, first):
    if form == "date":
        return [int(value.replace("-", ""), 16)]
    if form == "number":
        return [round(float(value)) % 2**32]
    if form == "category":
        return []
    if form == "identifier":
        held = Counter(unit_of(c) % 10 for c in compared(value))
        bag = sum(((1 << min(n, 3)) - 1) << 3 * k for k, n in held.items())
        return [bag, len(compared(value)), first]
    own, packed = mark_text(value, codes, form == "name")
    return [own, packed & 0xFFFFFFFF, packed >> 32, first]


def fill_marks(values, marks):
    """The marks of each row's value, None where the row has none."""
    return [None if value is None else marks[value] for value in values]
