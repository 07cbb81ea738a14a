"""Union-find, and joining under constraints."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import njit
from mpi.compare._kernels import identifier_level
from mpi.encode._kernels_values import FIRST, LENGTH, Values

FREE, CONFLICT, TOO_LARGE, SAME_SOURCE = 0, 2, 3, 4
NEVER = 127


@njit
def find_root(parent: npt.NDArray[np.int64], i: int) -> int:
    """Root of `i`, halving the path on the way (Tarjan and van Leeuwen 1984)."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit
def union_links(
    parent: npt.NDArray[np.int64], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> None:
    """Join the ends of every link; the smaller root stays, so that the roots do not depend on
    the order of the links.

    parent : int64[n], its own index where nothing is joined yet
    """
    for k in range(len(left)):
        a, b = find_root(parent, left[k]), find_root(parent, right[k])
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    for i in range(len(parent)):
        parent[i] = find_root(parent, i)


@njit
def pair_place(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], i: int, j: int) -> int:
    """Place of the first pair that is not before (i, j); pairs are sorted by (left, right)."""
    low, high = 0, len(left)
    while low < high:
        middle = (low + high) // 2
        if left[middle] < i or (left[middle] == i and right[middle] < j):
            low = middle + 1
        else:
            high = middle
    return low


@njit
def is_linked(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], i: int, j: int) -> bool:
    """Whether rows `i` and `j` are a link; links are sorted by (left, right), left < right."""
    if i > j:
        i, j = j, i
    k = pair_place(left, right, i, j)
    return k < len(left) and left[k] == i and right[k] == j


@njit
def why_apart(
    held: npt.NDArray[np.int64],
    other: npt.NDArray[np.int64],
    why: npt.NDArray[np.int8],
    parent: npt.NDArray[np.int64],
    following: npt.NDArray[np.int64],
    size: npt.NDArray[np.int64],
    a: int,
    b: int,
) -> int:
    """The smallest reason for which members of clusters `a` and `b` must be two persons, or FREE.

    Looks up the members of the smaller cluster. One with more partners than the larger cluster has
    members is looked up with each of these, so that nobody's many partners cost more than that.

    held, other : int64[n_pairs], why : int8[n_pairs], each pair both ways, sorted by (held, other)
    a, b : roots
    """
    if size[a] > size[b]:
        a, b = b, a
    found = NEVER
    i = a
    while i >= 0:
        k, end = pair_place(held, other, i, 0), pair_place(held, other, i + 1, 0)
        if end - k <= size[b]:
            while k < end:
                if why[k] < found and find_root(parent, other[k]) == b:
                    found = why[k]
                k += 1
        else:
            j = b
            while j >= 0:
                k = pair_place(held, other, i, j)
                if k < end and other[k] == j and why[k] < found:
                    found = why[k]
                j = following[j]
        i = following[i]
    return FREE if found == NEVER else found


@njit
def rows_conflict(
    v: Values,
    trusted: npt.NDArray[np.int64],
    i: int,
    j: int,
) -> bool:
    """Whether two rows hold two trusted numbers of one kind and length that are no slip of each
    other, and agree in no trusted field.

    trusted : int64[n_trusted], fields of identifiers given to one person
    """
    conflict = False
    for k in range(len(trusted)):
        g, h = v.rows[i, trusted[k]], v.rows[j, trusted[k]]
        if g < 0 or h < 0:
            continue
        if g == h:
            return False
        a, b, length = v.info[g, FIRST], v.info[h, FIRST], v.info[g, LENGTH]
        if length == v.info[h, LENGTH] and identifier_level(v.units, a, length, b, length) == 0:
            conflict = True
    return conflict


@njit
def join_guarded(
    v: Values,
    trusted: npt.NDArray[np.int64],
    source: npt.NDArray[np.int32],
    across: bool,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    order: npt.NDArray[np.int64],
    largest: int,
    held: npt.NDArray[np.int64],
    other: npt.NDArray[np.int64],
    why: npt.NDArray[np.int8],
    parent: npt.NDArray[np.int64],
    following: npt.NDArray[np.int64],
    size: npt.NDArray[np.int64],
    refused: npt.NDArray[np.int8],
) -> None:
    """Join the ends of links, strongest first, unless two rows of the result conflict.

    Two rows that are a link themselves do not conflict by their numbers: that they differ was
    weighed with everything else when the link was made. Rows that only a chain brings together do.
    Rows that are known to be two persons never come together, whatever links them.

    left, right : int64[n_links], sorted by (left, right)
    order : int64[n_links], the order in which links are tried
    largest : rows a cluster may reach
    held, other, why : rows that are known to be two persons, as in `why_apart`
    parent, following, size : int64[n_rows], union-find with members in a list; changed in place
    refused : int8[n_links], FREE, a reason of `why`, else TOO_LARGE, SAME_SOURCE or CONFLICT
    """
    for k in order:
        a, b = find_root(parent, left[k]), find_root(parent, right[k])
        if a == b:
            continue
        if len(held) > 0:
            refused[k] = why_apart(held, other, why, parent, following, size, a, b)
            if refused[k] != FREE:
                continue
        if size[a] + size[b] > largest:
            refused[k] = TOO_LARGE
            continue
        reason = FREE
        i = a
        while i >= 0 and reason != SAME_SOURCE:
            j = b
            while j >= 0 and reason != SAME_SOURCE:
                if across and source[i] == source[j]:
                    reason = SAME_SOURCE
                elif reason == FREE and rows_conflict(v, trusted, i, j):
                    reason = FREE if is_linked(left, right, i, j) else CONFLICT
                j = following[j]
            i = following[i]
            if reason == CONFLICT and not across:
                break
        if reason != FREE:
            refused[k] = reason
            continue
        if b < a:
            a, b = b, a
        parent[b] = a
        size[a] += size[b]
        last = a
        while following[last] >= 0:
            last = following[last]
        following[last] = b
    for i in range(len(parent)):
        parent[i] = find_root(parent, i)
