"""Textbook twins of the encoding kernels."""

from collections import Counter

from naive.compare import all_words_of, compared, joined, letters_of, unit_of, words_of

MASK = 2**64 - 1
CLASSES = 20
ODD = 1 << 31
RARE = 0xFFFF
LETTERS = {letter: k for k, letter in enumerate("ABCDEGHIKLMNOPRSTUVY")}
LIKE = {"F": "P", "J": "G", "Q": "K", "W": "V", "X": "S", "Z": "D"}


def hash_texts(offsets, data, hashes):
    """FNV-1a over each text's bytes and an end mark, in Python's unbounded integers."""
    for i in range(len(hashes)):
        value = int(hashes[i])
        for byte in [*data[offsets[i] : offsets[i + 1]].tolist(), 255]:
            value = ((value ^ byte) * 0x100000001B3) % 2**64
        hashes[i] = value


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


def exact_hash(word):
    state = 0x51ED270B9F2D3C4D
    for letter in word:
        state = mix_unit(state, ord(letter))
    return state


def number_names(toneless, sounds):
    """NUMBERED of a name, given the numbers of its words without tones and of their sounds."""
    without = spoken = 0x51ED270B9F2D3C4D
    for word in toneless:
        without = mix_unit(without, word % 2**64)
    for word in sounds:
        spoken = mix_unit(spoken, word)
    above = 0 if -1 in toneless else (without | 1) << 32 & MASK
    return above | spoken % 2**32


def encode_text(value, depth):
    """What is known of one value: units, hash, sorted hash, letters and words."""
    words = all_words_of(value)
    together = sum(mix_unit(0x51ED270B9F2D3C4D, hash_of(w)) for w in words) & MASK
    return {
        "units": [unit_of(c) for c in compared(value)],
        "fold": hash_of(joined(value)),
        "sorted": together if words else MASK,
        "letters": sum(1 << n for n in letters_of(value, depth)),
        "words": [(hash_of(w), unit_of(w[0]) << 8 | min(len(w), 127)) for w in words],
        "exact": [exact_hash(w) for w in value.split() if joined(w)],
    }


def class_of(unit):
    """One of 20 classes of a letter: its own, that of one of similar sound, or by its number."""
    letter = chr(unit)
    return LETTERS.get(LIKE.get(letter, letter), unit % CLASSES)


def mark_text(text, codes, room, is_name):
    """The first mark of a name or text, and the packed codes of its first and last four words.

    codes : word -> 1 to RARE
    room : words that fit
    """
    units = [unit_of(c) for c in compared(text)]
    words = words_of(text)
    if len(units) > 62 or not words or len(words) > room:
        return ODD, 0, 0
    first = sum(1 << k for k in {class_of(u) for u in units})
    first |= class_of(units[0]) << 20 | len(units) << 25
    own = [RARE if w in words[:k] else codes[w] for k, w in enumerate(words)]
    packed = sum(code << 16 * k for k, code in enumerate(own))
    if is_name and (len(set(words)) < len(words) or any(len(w) == 1 for w in words)):
        first |= ODD
    return first, packed % 2**64, packed >> 64


def mark_values(form, values, codes, numbered=()):
    """The marks of each value of a form whose texts stand one after the other.

    numbered : NUMBERED of each value, as far as its marks hold it
    """
    counted = [len(words_of(v)) for v in values]
    if form == "text" and counted and sum(counted) / len(counted) > 3.5:
        form = "long"
    out, first = [], 0
    for value, known in zip(values, numbered or [0] * len(values), strict=True):
        out.append(mark_value(form, value, codes, first, known))
        first += len(compared(value))
    return out


def mark_value(form, value, codes, first, known):
    if form == "date":
        return [int(value.replace("-", ""), 16)]
    if form == "number":
        return [round(float(value)) % 2**32]
    if form == "category":
        return []
    if form == "identifier":
        held = Counter(unit_of(c) % 10 for c in compared(value))
        bag = sum(((1 << min(n, 3)) - 1) << 3 * k for k, n in held.items())
        return [bag, len(compared(value)) | known << 8, first]
    room = {"name": 6, "text": 4, "long": 8}[form]
    own, low, high = mark_text(value, codes, room, form == "name")
    words = [p >> shift & 0xFFFFFFFF for p in (low, high) for shift in (0, 32)][: room // 2]
    if form != "name":
        return [own, *words, first]
    lost = 0 if known >> 32 & 0xFFFFFFFF else ODD
    return [own | lost, *words, first, known >> 32 & 0xFFFF | (known & 0xFFFF) << 16]


def fill_codes(rows, f, base, codes, records):
    """The code of each row's record, as a number among the values of all fields."""
    for i, record in enumerate(records.tolist()):
        code = int(codes[record])
        rows[i, f] = -1 if code < 0 else base + code


def fill_marks(values, marks):
    """The marks of each row's value, None where the row has none."""
    return [None if value is None else marks[value] for value in values]


def mix_codes(states, codes):
    """SplitMix64, in whole numbers."""
    out = []
    for state, code in zip(states, codes, strict=True):
        x = (state * 0x9E3779B97F4A7C15 + code) & MASK
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
        out.append(x ^ (x >> 31))
    return out
