"""Textbook twins of the blocking kernels: lists and dictionaries of rows."""

from __future__ import annotations

from collections import Counter

MASK = 2**64 - 1


def mixed(state, code):
    """One step of SplitMix64 (Steele, Lea and Flood 2014), in whole numbers."""
    x = (state * 0x9E3779B97F4A7C15 + code) & MASK
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    return x ^ x >> 31


def extend_hashes(hashes, codes):
    """Hashes with a further key mixed in; 0 is no key, and a key is never 0."""
    return [
        0 if state == 0 or code < 0 else max(1, mixed(state, code))
        for state, code in zip(hashes, codes, strict=True)
    ]


def sort_bucket(keys, rows):
    """Both lists, sorted by key alone."""
    pairs = sorted(zip(keys, rows, strict=True), key=lambda pair: pair[0])
    return [key for key, _ in pairs], [row for _, row in pairs]


def group_rows(hashes):
    """The rows of each hash that two rows or more share, hashes and rows ascending."""
    rows = {}
    for row, key in enumerate(hashes):
        if key != 0:
            rows.setdefault(key, []).append(row)
    return {key: rows[key] for key in sorted(rows) if len(rows[key]) > 1}


def number_blocks(blocks, n_rows):
    """The block of each row, -1 where it is in none."""
    of_row = {i: b for b, rows in enumerate(blocks) for i in rows}
    return [of_row.get(i, -1) for i in range(n_rows)]


def count_pairs(hashes):
    """Pairs of rows that share a hash; 0 is none."""
    return sum(n * (n - 1) // 2 for key, n in Counter(hashes).items() if key != 0)
