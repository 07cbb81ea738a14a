"""Textbook twins of the encoding kernels."""

from naive.compare import all_words_of, compared, joined, letters_of, unit_of

MASK = 2**64 - 1


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
