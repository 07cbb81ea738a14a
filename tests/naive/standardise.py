"""Textbook twins of the standardising room's kernels."""

import numpy as np


def fold_text(data, offsets, targets, marks, out, out_offsets, out_marks):
    """Character by character, in Python's own strings."""
    at = 0
    out_offsets[0] = 0
    for row in range(len(offsets) - 1):
        text = bytes(data[offsets[row] : offsets[row + 1]]).decode()
        found, kept = 0, []
        for char in text:
            if ord(char) > 0xFFFF:
                found |= 1
                break
            found |= int(marks[ord(char)])
            target = int(targets[ord(char)])
            if target < 0:
                found |= 1
                break
            if target:
                kept.append(chr(target))
        folded = b"" if found & 1 else " ".join("".join(kept).split(" ")).encode()
        folded = b" ".join(folded.split())
        out[at : at + len(folded)] = list(folded)
        at += len(folded)
        out_offsets[row + 1] = at
        out_marks[row] = found


def word_at(data, start, stop):
    """Eight bytes, big end first, with zeros after the text's end."""
    piece = bytes(data[start:stop])[:8] if start < stop else b""
    return int.from_bytes(piece.ljust(8, b"\0"), "big")


def compare_text(data, a, a_stop, b, b_stop):
    """Python's order of bytes."""
    left, right = bytes(data[a:a_stop]), bytes(data[b:b_stop])
    return (left > right) - (left < right)


def sort_text(data, offsets, order, same):
    """Python's sort."""
    texts = [bytes(data[offsets[i] : offsets[i + 1]]) for i in range(len(offsets) - 1)]
    order[:] = sorted(range(len(texts)), key=lambda i: texts[i])
    ranked = sorted(texts)
    same[:] = [i > 0 and ranked[i] == ranked[i - 1] for i in range(len(texts))]


def sort_few(data, offsets, order, same, words, low, high, depth):
    """Python's sort of a part of the order."""
    rows = sorted(
        order[low : high + 1].tolist(), key=lambda i: bytes(data[offsets[i] : offsets[i + 1]])
    )
    order[low : high + 1] = rows
    for k in range(low + 1, high + 1):
        a, b = order[k - 1], order[k]
        same[k] = bytes(data[offsets[a] : offsets[a + 1]]) == bytes(
            data[offsets[b] : offsets[b + 1]]
        )


def mix_bytes(state, piece):
    """The same steps on Python's unbounded integers."""
    whole = 2**64 - 1
    x = (int(state) ^ int(piece)) * 0xBF58476D1CE4E5B9 & whole
    x ^= x >> 29
    x = x * 0x94D049BB133111EB & whole
    return x ^ x >> 32


def move_entries(table, larger):
    """Entries in their order, each at the first free place from its hash on."""
    for entry in table.tolist():
        if entry[1]:
            slot = entry[0] % len(larger)
            while larger[slot, 1]:
                slot = (slot + 1) % len(larger)
            larger[slot] = entry


def number_texts(data, offsets, present, table, begin, n_values, codes, rows):
    """A dictionary, with no need of a table."""
    numbers = {}
    for row in range(len(offsets) - 1):
        text = bytes(data[offsets[row] : offsets[row + 1]])
        if present[row] and text not in numbers:
            rows[len(numbers)] = row
            numbers[text] = len(numbers)
        codes[row] = numbers[text] if present[row] else -1
    return len(offsets) - 1, len(numbers)


def pack_texts(data, offsets, keys):
    """The digits of each text in a number system of as many digits as there are letters."""
    texts = [bytes(data[offsets[i] : offsets[i + 1]]) for i in range(len(offsets) - 1)]
    longest = max((len(t) for t in texts), default=0)
    letters = [sorted({t[k] for t in texts if len(t) > k}) for k in range(longest)]
    size = int(np.prod([len(found) + 1 for found in letters], dtype=object))
    if longest > 24 or size >= 2**62.9:
        return 0
    for i, text in enumerate(texts):
        key = 0
        for k in range(longest):
            key = key * (len(letters[k]) + 1)
            key += letters[k].index(text[k]) + 1 if len(text) > k else 0
        keys[i] = key
    return (size - 1).bit_length()


def sort_keys(keys, bits, order, more_keys, more_order):
    """Python's sort, which leaves equal ones in their order."""
    order[:] = sorted(range(len(keys)), key=lambda i: keys[i])
    keys[:] = sorted(keys)


def rank_keys(keys, order, codes, rows):
    """The place of each number among the different ones."""
    different = sorted(set(keys.tolist()) - {0})
    rank = {key: i for i, key in enumerate(different)}
    for i, key in reversed(list(enumerate(keys.tolist()))):
        codes[order[i]] = rank.get(key, -1)
        if key:
            rows[rank[key]] = order[i]
    return len(different)
