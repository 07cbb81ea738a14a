"""Textbook twins of the cluster kernels: sets of rows instead of trees."""

from __future__ import annotations

from itertools import product

from naive.compare import compared, identifier_level

FREE, CONFLICT, TOO_LARGE, SAME_SOURCE = 0, 2, 3, 4


def find_root(parent, i):
    """Follow the parents up."""
    while parent[i] != i:
        i = parent[i]
    return i


def union_links(n, left, right):
    """The smallest row of each row's component, by merging sets."""
    sets = [{i} for i in range(n)]
    for a, b in zip(left, right, strict=True):
        joined = sets[a] | sets[b]
        for i in joined:
            sets[i] = joined
    return [min(s) for s in sets]


def pair_place(left, right, i, j):
    return sum(pair < (i, j) for pair in zip(left, right, strict=True))


def is_linked(left, right, i, j):
    return (min(i, j), max(i, j)) in set(zip(left, right, strict=True))


def rows_conflict(a, b):
    """Whether two rows' trusted numbers, None where missing, cannot be one person's."""
    both = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    if any(x == y for x, y in both):
        return False
    return any(
        len(compared(x)) == len(compared(y)) and identifier_level(x, y) == 0 for x, y in both
    )


def why_apart(apart, a, b):
    """The smallest reason between members of two sets, or FREE.

    apart : (smaller row, larger row) -> reason
    """
    both = [(min(i, j), max(i, j)) for i, j in product(a, b)]
    return min((apart[pair] for pair in both if pair in apart), default=FREE)


def join_guarded(numbers, source, across, left, right, order, largest, apart):
    """Clusters, and what became of each link.

    numbers : trusted numbers of each row
    apart : as in `why_apart`
    """
    sets = [{i} for i in range(len(numbers))]
    refused = [FREE] * len(left)
    for k in order:
        a, b = sets[left[k]], sets[right[k]]
        if a is b:
            continue
        refused[k] = why_apart(apart, a, b)
        if refused[k] != FREE:
            continue
        if len(a) + len(b) > largest:
            refused[k] = TOO_LARGE
            continue
        if across and any(source[i] == source[j] for i, j in product(a, b)):
            refused[k] = SAME_SOURCE
            continue
        if any(
            rows_conflict(numbers[i], numbers[j]) and not is_linked(left, right, i, j)
            for i, j in product(a, b)
        ):
            refused[k] = CONFLICT
            continue
        joined = a | b
        for i in joined:
            sets[i] = joined
    return [min(s) for s in sets], refused
