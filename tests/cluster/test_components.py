"""Connected components against sets and against networkx; the order of links is nothing."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import cluster as naive

from mpi.cluster import _kernels as kernels
from mpi.cluster.components import components


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    n = draw(st.integers(1, 14))
    node = st.integers(0, n - 1)
    return n, draw(st.lists(st.tuples(node, node), max_size=20))


def ends(links: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = np.array(links, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


@given(graphs(), st.randoms(use_true_random=False))
def test_components(graph: tuple[int, list[tuple[int, int]]], random: object) -> None:
    n, links = graph
    found = components(n, *ends(links)).tolist()
    assert found == naive.union_links(n, *(e.tolist() for e in ends(links)))
    other = [(b, a) for a, b in links]
    random.shuffle(other)  # type: ignore[attr-defined]
    assert components(n, *ends(other)).tolist() == found


@pytest.mark.parametrize(("n", "m", "seed"), [(2000, 900, 1), (2000, 1500, 2), (500, 5000, 3)])
def test_components_of_random_graphs_are_networkx(n: int, m: int, seed: int) -> None:
    graph = nx.gnm_random_graph(n, m, seed=seed)
    found = components(n, *ends(list(graph.edges)))
    expected = {min(c): c for c in nx.connected_components(graph)}
    assert {int(r): set(np.flatnonzero(found == r).tolist()) for r in np.unique(found)} == expected


def test_a_long_chain() -> None:
    n = 100_000
    rows = np.arange(n, dtype=np.int64)
    assert not components(n, rows[1:], rows[:-1]).any()
    assert not components(n, rows[:-1][::-1].copy(), rows[1:][::-1].copy()).any()


@given(graphs())
def test_find_root_halves_paths_and_changes_no_root(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    n, links = graph
    parent = np.arange(n, dtype=np.int64)
    for a, b in links:  # any forest whose parents are smaller
        if parent[max(a, b)] == max(a, b):
            parent[max(a, b)] = min(a, b)
    before = parent.tolist()
    for i in range(n):
        assert kernels.find_root(parent, i) == naive.find_root(before, i)
    for i in range(n):
        assert naive.find_root(parent.tolist(), i) == naive.find_root(before, i)


@given(graphs())
def test_is_linked(graph: tuple[int, list[tuple[int, int]]]) -> None:
    n, links = graph
    ordered = sorted({(min(a, b), max(a, b)) for a, b in links if a != b})
    left, right = ends(ordered)
    for i in range(n):
        for j in range(n):
            assert kernels.is_linked(left, right, i, j) == naive.is_linked(
                left.tolist(), right.tolist(), i, j
            )
