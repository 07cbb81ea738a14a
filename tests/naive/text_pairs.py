"""Textbook twins of the kernels behind `mpi.compare`'s text comparisons.

They take Python texts; the kernels take units in pools.
"""

from __future__ import annotations

import math
from collections import Counter


def jaro_lanes(a, b, boost=0.1):
    """Winkler (1990) over two texts, by lists of matched letters."""
    if not a or not b:
        return 1.0 if a == b else 0.0
    window = max(max(len(a), len(b)) // 2 - 1, 0)
    free = [True] * len(b)
    matched_a, matched_b = [], []
    for i, letter in enumerate(a):
        for j in range(max(0, i - window), min(len(b), i + window + 1)):
            if free[j] and letter == b[j]:
                free[j] = False
                matched_a.append(letter)
                matched_b.append(j)
                break
    m = len(matched_a)
    if m == 0:
        return 0.0
    in_order = [b[j] for j in sorted(matched_b)]
    crossed = sum(x != y for x, y in zip(matched_a, in_order, strict=True))
    jaro = (m / len(a) + m / len(b) + (m - crossed // 2) / m) / 3.0
    if jaro > 0.7:
        prefix = 0
        while prefix < min(4, len(a), len(b)) and a[prefix] == b[prefix]:
            prefix += 1
        jaro += prefix * boost * (1.0 - jaro)
    return jaro


def jaro_long(a, b, boost=0.1):
    return jaro_lanes(a, b, boost)


def edit_lanes(a, b, swaps=False):
    """The full table of distances; with `swaps` that of optimal string alignment."""
    d = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d[i][j] = min(
                d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if swaps and i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1)
    return d[-1][-1]


def edit_long(a, b, swaps=False):
    return edit_lanes(a, b, swaps)


def subsequence_lanes(a, b):
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for letter in a:
        above = row[:]
        for j, other in enumerate(b, 1):
            row[j] = above[j - 1] + 1 if letter == other else max(above[j], row[j - 1])
    return row[-1]


def subsequence_long(a, b):
    return subsequence_lanes(a, b)


def damerau_pairs(a, b):
    """Lowrance and Wagner (1975), the full table."""
    never = len(a) + len(b)
    d = [[never] * (len(b) + 2) for _ in range(len(a) + 2)]
    for i in range(len(a) + 1):
        d[i + 1][1] = i
    for j in range(len(b) + 1):
        d[1][j + 1] = j
    last = {}
    for i, letter in enumerate(a, 1):
        column = 0
        for j, other in enumerate(b, 1):
            up, back = last.get(other, 0), column
            cost = 1
            if letter == other:
                cost, column = 0, j
            d[i + 1][j + 1] = min(
                d[i][j] + cost,
                d[i + 1][j] + 1,
                d[i][j + 1] + 1,
                d[up][back] + (i - up - 1) + 1 + (j - back - 1),
            )
        last[letter] = i
    return d[-1][-1]


def hamming_pairs(a, b):
    """Positions that differ."""
    return sum(x != y for x, y in zip(a, b, strict=False)) + abs(len(a) - len(b))


def substring_pairs(a, b, shortest=1, repeated=False):
    """Every substring of a, the longest first, looked for in b."""
    total = 0
    while True:
        found = next(
            (
                (i, n, b.index(a[i : i + n]))
                for n in range(len(a), shortest - 1, -1)
                for i in range(len(a) - n + 1)
                if a[i : i + n] in b
            ),
            None,
        )
        if found is None:
            return total
        i, n, j = found
        total += n
        if not repeated:
            return total
        a, b = a[:i] + a[i + n :], b[:j] + b[j + n :]


def alignment_pairs(a, b, match=5.0, mismatch=-5.0, gap_start=-5.0, gap_continue=-1.0):
    """Smith and Waterman (1981) with a trace of the ways into each cell, after Christen (2012)."""
    score = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    ways = [[""] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            gap = gap_continue if "A" in ways[i - 1][j] else gap_start
            other_gap = gap_continue if "B" in ways[i][j - 1] else gap_start
            choices = {
                "D": score[i - 1][j - 1] + (match if a[i - 1] == b[j - 1] else mismatch),
                "A": score[i - 1][j] + gap,
                "B": score[i][j - 1] + other_gap,
            }
            best = max(choices.values())
            if best > 0:
                score[i][j] = best
                ways[i][j] = "".join(way for way, value in choices.items() if value == best)
    return max(map(max, score))


def read_grams(text, size, pad, unused="\0"):
    """Every run of `size` letters."""
    padded = unused * pad + text + unused * pad
    return sorted(padded[i : i + size] for i in range(len(padded) - size + 1))


def gram_pairs(a, b, size=2, pad=0, measure="dice"):
    """Similarity of two multisets; None where it is 0 / 0."""
    x, y = Counter(read_grams(a, size, pad)), Counter(read_grams(b, size, pad))
    shared, n_x, n_y = (x & y).total(), x.total(), y.total()
    if measure == "cosine":
        above = sum(x[g] * y[g] for g in x)
        below = math.sqrt(sum(v * v for v in x.values())) * math.sqrt(
            sum(v * v for v in y.values())
        )
    else:
        above, below = {
            "dice": (2 * shared, n_x + n_y),
            "jaccard": (shared, n_x + n_y - shared),
            "overlap": (shared, min(n_x, n_y)),
            "longer": (shared, max(n_x, n_y)),
        }[measure]
    return above / below if below else None


def compare_words(a, b):
    return (a > b) - (a < b)


def split_words(text, ordered=False):
    return sorted(set(text.split())) if ordered else text.split()


def sort_words(text):
    return " ".join(sorted(text.split()))


def word_differences(a, b):
    """Words of a only, words of b only, length of the words of both."""
    x, y = set(a.split()), set(b.split())
    return " ".join(sorted(x - y)), " ".join(sorted(y - x)), len(" ".join(sorted(x & y)))


def encode_units(texts):
    """Numbers in the order in which letters appear; none, the blank and the 0 come first."""
    known = ["", " ", "0"]
    out = []
    for text in texts:
        known += [letter for letter in dict.fromkeys(text) if letter not in known]
        out.append([known.index(letter) for letter in text])
    return out, known


def sort_by_width(pairs, widths):
    """Class of each pair: the first width that holds the longer text."""

    def width(pair):
        longer = max(map(len, pair))
        return next((c for c, w in enumerate(widths) if longer <= w), len(widths))

    return [width(pair) for pair in pairs]


def bag_texts(texts):
    """Places of the bits that the letters of each text are hashed to."""
    return [{ord(letter) % 64 for letter in text} for text in texts]


def least_apart(a, b):
    """Letters of the longer text without partner, as far as sets of letters can tell."""
    only_a, only_b = len(set(a) - set(b)), len(set(b) - set(a))
    return max(only_a + max(len(b) - len(a), 0), only_b + max(len(a) - len(b), 0))


def screen_jaro(a, b, cutoff, boost=0.1):
    """Could the texts reach the cutoff if every letter with a partner matched, in order?"""
    if not a and not b:
        return True
    m = max(len(a), len(b)) - least_apart(a, b)
    bound = (m / max(len(a), 1) + m / max(len(b), 1) + 1.0) / 3.0
    prefix = 0
    while prefix < min(4, len(a), len(b)) and a[prefix] == b[prefix]:
        prefix += 1
    return bound + prefix * boost * (1.0 - bound) >= cutoff - 1e-9


def screen_edits(a, b, cutoff, similar=True):
    """Could the texts reach the cutoff if only letters without partner had to be edited?"""
    least = least_apart(a, b)
    return 1.0 - least / max(len(a), len(b), 1) >= cutoff if similar else least <= cutoff


def identifier_pairs(a, b):
    """Every way of writing a with one slip."""
    if a == b:
        return 4
    short, long = sorted((a, b), key=len)
    if short and len(short) < len(long) and long == "0" * (len(long) - len(short)) + short:
        return 3
    if b in {a[:i] + a[i + 1] + a[i] + a[i + 2 :] for i in range(len(a) - 1)}:
        return 2
    return 1 if edit_lanes(a, b) == 1 else 0
