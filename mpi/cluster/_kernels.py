"""Union-find, and joining under constraints."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import njit
from mpi.compare._kernels import Values, identifier_level

FREE, CONFLICT, TOO_LARGE = 0, 2, 3


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
def rows_conflict(
    v: Values,
    trusted: npt.NDArray[np.int64],
    source: npt.NDArray[np.int32],
    across: bool,
    i: int,
    j: int,
    scratch: npt.NDArray[np.int64],
) -> bool:
    """Whether two rows cannot be one person.

    They hold two numbers of one kind and length that are no slip of each other, and agree in none
    of the trusted fields; or, `across`, they are of one source.

    trusted : int64[n_trusted], fields of identifiers given to one person
    """
    if across and source[i] == source[j]:
        return True
    conflict = False
    for k in range(len(trusted)):
        g, h = v.rows[i, trusted[k]], v.rows[j, trusted[k]]
        if g < 0 or h < 0:
            continue
        if g == h:
            return False
        if v.length[g] == v.length[h] and identifier_level(v, g, h, scratch) == 0:
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
    largest: int,
    parent: npt.NDArray[np.int64],
    following: npt.NDArray[np.int64],
    size: npt.NDArray[np.int64],
    refused: npt.NDArray[np.int8],
) -> None:
    """Join the ends of links, strongest first, unless two rows of the result conflict.

    left, right : int64[n_links], in the order in which they are to be tried
    largest : rows a cluster may reach
    parent, following, size : int64[n_rows], union-find with members in a list; changed in place
    refused : int8[n_links], FREE, CONFLICT or TOO_LARGE
    """
    scratch = np.empty(195, np.int64)
    for k in range(len(left)):
        a, b = find_root(parent, left[k]), find_root(parent, right[k])
        if a == b:
            continue
        if size[a] + size[b] > largest:
            refused[k] = TOO_LARGE
            continue
        conflict = False
        i = a
        while i >= 0 and not conflict:
            j = b
            while j >= 0 and not conflict:
                conflict = rows_conflict(v, trusted, source, across, i, j, scratch)
                j = following[j]
            i = following[i]
        if conflict:
            refused[k] = CONFLICT
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
