"""Textbook twins of the scoring kernels: every pair of records, one after the other."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import log2


def pack_pattern(levels, radix):
    """Mixed-radix number of a comparison vector, in Python's unbounded integers."""
    number = 0
    for level, outcomes in zip(levels, radix, strict=True):
        number = number * int(outcomes) + level + 1
    return number


def makes_pair(keys, rule, i, j):
    """Whether two rows are in one block of a rule; -1 is none."""
    return keys[i][rule] >= 0 and keys[i][rule] == keys[j][rule]


def is_new_pair(keys, rule, source, across, i, j):
    """Whether no rule before this one makes the pair, and the pair may be made at all."""
    if across and source[i] == source[j]:
        return False
    return not any(makes_pair(keys, r, i, j) for r in range(rule))


def new_pairs(keys, rule, source, across, blocks):
    """Every pair of the rule's blocks that no rule before it makes, the smaller row first."""
    return [
        (i, j)
        for block in blocks
        for i, j in combinations(sorted(block), 2)
        if is_new_pair(keys, rule, source, across, i, j)
    ]


def candidate_pairs(keys, source, across):
    """Every pair of rows that shares a key under any rule, once."""
    n_rules = len(keys[0]) if len(keys) else 0
    for i, j in combinations(range(len(keys)), 2):
        if across and source[i] == source[j]:
            continue
        if any(makes_pair(keys, r, i, j) for r in range(n_rules)):
            yield i, j


def count_tile(vectors, radix):
    """Histogram of the patterns of some vectors."""
    return Counter(pack_pattern(levels, radix) for levels in vectors)


def count_patterns(keys, source, across, levels_of, radix):
    """Histogram of patterns over all candidate pairs; `levels_of(i, j)` is a vector."""
    pairs = candidate_pairs(keys, source, across)
    return count_tile([levels_of(i, j) for i, j in pairs], radix)


def telling_word(a, b, bits):
    """Bits of the most telling word that two names share; 0 where they share none.

    bits : word -> bits
    """
    return max((bits(word) for word in {*a} & {*b}), default=0.0)


def frequency_bits(level, form, a, b, adjust, word):
    """Bits for how rare a shared value is; of names a slip apart, the more usual one; of names
    less alike, the most telling word that they share.

    adjust, word : value -> bits, word -> bits
    """
    if level > 0 and (a == b or (form == "name" and level >= 5)):
        return min(adjust(a), adjust(b))
    if level > 0 and form == "name":
        return telling_word(a.split(), b.split(), word)
    return 0.0


def pair_weight(levels, forms, values, against):
    """log2 odds of one person: against strangers and against relatives, the inverses added.

    values : the two values of each field
    against : for either rival its (prior, weights, adjust, word), in bits; weights by level, a
        field each; adjust and word a field each, (value) -> bits
    """
    inverse = 0.0
    for prior, weights, adjust, word in against:
        total = prior
        for f, level in enumerate(levels):
            if level >= 0:
                total += weights[f][level]
            total += frequency_bits(level, forms[f], *values[f], adjust[f], word[f])
        inverse += 2.0**-total
    return -log2(inverse)


def score_pairs(pairs, levels_of, weight_of):
    """(left, right) -> (weight, vector) of listed pairs."""
    return {(i, j): (weight_of(i, j), levels_of(i, j)) for i, j in pairs}


def finish_tile(pairs, levels_of, weight_of, least):
    """The same of those pairs of at least `least` bits."""
    scored = score_pairs(pairs, levels_of, weight_of)
    return {pair: found for pair, found in scored.items() if found[0] >= least}


def score_blocks(keys, source, across, levels_of, weight_of, least):
    """The same of all candidate pairs, and how many there were."""
    pairs = list(candidate_pairs(keys, source, across))
    return finish_tile(pairs, levels_of, weight_of, least), len(pairs)


def order_pairs(pairs):
    """Different pairs in their order, each with the place where it first was."""
    first = {}
    for place, pair in enumerate(pairs):
        first.setdefault(pair, place)
    return sorted(first.items())
