"""Textbook twins of the kernels over Vietnamese names."""

import re

import numpy as np


def mix_bytes(state, piece):
    """The same steps on Python's unbounded integers."""
    whole = 2**64 - 1
    x = (int(state) ^ int(piece)) * 0xBF58476D1CE4E5B9 & whole
    x ^= x >> 29
    x = x * 0x94D049BB133111EB & whole
    return x ^ x >> 32


def larger_table(table):
    """Entries in their order, each at the first free place from its hash on."""
    slots = 2 * len(table)
    larger = np.zeros((slots, 2), np.uint64)
    for mixed, entry in table.tolist():
        if entry:
            slot = mixed % slots
            while larger[slot, 1]:
                slot = (slot + 1) % slots
            larger[slot] = mixed, entry
    return larger


def find_words(data, offsets, words, first):
    """A dictionary of the words that a regular expression finds."""
    numbers, starts, lengths, found = {}, [], [], []
    first[0] = 0
    for row in range(len(offsets) - 1):
        begin, end = int(offsets[row]), int(offsets[row + 1])
        for match in re.finditer(rb"[^ \t\n\r]+", bytes(data[begin:end])):
            if match.group() not in numbers:
                numbers[match.group()] = len(numbers)
                starts.append(begin + match.start())
                lengths.append(len(match.group()))
            found.append(numbers[match.group()])
        first[row + 1] = len(found)
    words[: len(found)] = found
    return np.array(starts, np.int64), np.array(lengths, np.int32)


def join_words(words, first, data, offsets, marks, at_head, at_end, out, out_offsets, out_marks):
    """Join the words that are left, and gather their marks."""
    texts = [bytes(data[offsets[i] : offsets[i + 1]]) for i in range(len(offsets) - 1)]
    whole = b""
    out_offsets[0] = 0
    for row in range(len(first) - 1):
        mine = [int(w) for w in words[first[row] : first[row + 1]]]
        left = [w for w in mine if texts[w]]
        whole += b" ".join(texts[w] for w in left)
        out_offsets[row + 1] = len(whole)
        found = 0
        for word in mine:
            found |= int(marks[word]) & ~(int(at_head) | int(at_end))
        if left:
            found |= int(marks[left[0]]) & int(at_head)
            found |= int(marks[left[-1]]) & int(at_end)
        out_marks[row] = found
    out[: len(whole)] = list(whole)
