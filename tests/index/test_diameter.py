"""Persons whom only a chain of records holds together."""

from __future__ import annotations

from dataclasses import replace

import networkx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import people

from mpi.index.diameter import FAR_BELOW, far_ends, find_chains, weigh
from mpi.linkage import resolve
from mpi.linkage.resolution import DECISION, Pairs, Resolution
from mpi.settings import Settings
from mpi.stages import Stages


def clusters(n: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    graph = networkx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(zip(left.tolist(), right.tolist(), strict=True))
    cluster = np.empty(n, np.int64)
    for part in networkx.connected_components(graph):
        cluster[list(part)] = min(part)
    return cluster


@given(st.data())
def test_the_ends_are_as_far_apart_as_a_double_sweep_finds(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 14))
    pairs = data.draw(st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=20))
    links = sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]})
    left, right = np.array(links, np.int64).reshape(-1, 2).T
    cluster = clusters(n, left, right)
    ends = far_ends(cluster, left, right)
    graph = networkx.Graph(links)
    for one, two, hops in zip(*(e.tolist() for e in ends), strict=True):
        assert cluster[one] == cluster[two]
        assert networkx.shortest_path_length(graph, one, two) == hops
        reach = networkx.single_source_shortest_path_length(graph, one)
        assert hops == max(reach.values())
        part = graph.subgraph(reach)
        longest = networkx.diameter(part)
        assert longest / 2 <= hops <= longest
        assert not networkx.is_tree(part) or hops == longest
    # Whoever is not told of has a record that is linked to all others.
    told = set(cluster[ends[0]].tolist())
    for part in networkx.connected_components(graph):
        if min(part) not in told:
            assert max(dict(graph.subgraph(part).degree).values()) == len(part) - 1


@pytest.fixture(scope="module")
def linked() -> Resolution:
    return resolve(people(300, seed=3).records(), Settings(seed=1), stages=Stages())


def chained(linked: Resolution, rows: list[int], **changes: object) -> Resolution:
    """These records as one person, each linked to the next."""
    n = len(linked.cluster)
    cluster = np.arange(n)
    cluster[rows] = min(rows)
    left, right = np.array(rows[:-1]), np.array(rows[1:])
    m, k = len(left), linked.links.levels.shape[1]
    none = np.zeros(m)
    links = Pairs(
        left,
        right,
        none.astype(np.float32),
        none,
        np.zeros((m, k), np.int8),
        np.zeros(m, np.uint64),
        np.zeros(m, np.int8),
    )
    return replace(linked, cluster=cluster, links=replace(links, **changes))


def strangers(linked: Resolution) -> list[int]:
    """Four records whose first and last are surely two persons."""
    singles = np.flatnonzero(np.bincount(linked.cluster, minlength=len(linked.cluster)) == 1)
    others = singles[1:200]
    weight = weigh(linked, np.full(len(others), singles[0]), others)
    return [int(singles[0]), *(int(r) for r in others[-3:-1]), int(others[np.argmin(weight)])]


def test_a_chain_between_strangers_is_told(linked: Resolution) -> None:
    rows = sorted(strangers(linked))
    assert weigh(linked, np.array(rows[:1]), np.array(rows[-1:]))[0] < FAR_BELOW
    resolution = chained(linked, rows)
    fresh = np.zeros(len(linked.cluster), np.bool_)
    assert find_chains(resolution, fresh) == ()
    fresh[rows[2]] = True
    (told,) = find_chains(resolution, fresh)
    data = linked.records.data.slice(rows[0], 1).to_pylist()[0]
    assert told.keys == (f"{data['source']}:{data['record_id']}",)
    assert str(told).startswith("1 person with records that only a chain of others joins")
    assert find_chains(chained(linked, rows[:3]), fresh) == ()  # two links are no chain


def test_what_somebody_decided_is_no_chain(linked: Resolution) -> None:
    rows = sorted(strangers(linked))
    made = np.array([0, 1 << len(linked.rules), 0], np.uint64)
    resolution = replace(chained(linked, rows, rules=made), rules=(*linked.rules, DECISION))
    assert find_chains(resolution, np.ones(len(linked.cluster), np.bool_)) == ()


def test_real_persons_are_left_alone(linked: Resolution) -> None:
    assert find_chains(linked, np.ones(len(linked.cluster), np.bool_)) == ()


def test_weights_are_those_of_the_links(linked: Resolution) -> None:
    links = linked.links
    assert weigh(linked, links.left, links.right) == pytest.approx(links.weight, abs=1e-3)
    same = np.array([5])
    assert weigh(linked, same, same)[0] > 0
    assert weigh(replace(linked, model=b"{}"), same, same)[0] == 0
    assert isinstance(linked.records.data, pa.Table)
