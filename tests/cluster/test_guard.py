"""The guard: what cannot be one person stays apart, whatever chain leads there."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import cluster as naive
from tables import encoded_table

from mpi.cluster import _kernels as kernels
from mpi.cluster.apart import NOBODY, Apart, make_apart
from mpi.cluster.components import components
from mpi.cluster.guard import Clusters, cluster_rows, usual_largest
from mpi.encode.rows import Encoded
from mpi.schema import Kind

IDS = ("001090012345", "079185067890", "001090012346", "1090012345")
"""Two people's numbers, the first with a slip, and the first with its zeros lost."""

Link = tuple[int, int, float]


def rows(
    national: list[str | None],
    insurance: list[str | None] | None = None,
    source: list[str] | None = None,
) -> Encoded:
    n = len(national)
    columns = {
        ("national_id", Kind.NATIONAL_ID): national,
        ("insurance_id", Kind.INSURANCE_ID): insurance or [None] * n,
        # A trusted number is not the only one; this one tells equal rows apart.
        ("own", Kind.IDENTIFIER): [f"{i:06d}" for i in range(n)],
    }
    return encoded_table(columns, source or [f"s{i}" for i in range(n)])


def joined(
    encoded: Encoded,
    links: list[Link],
    *,
    largest: int = 50,
    across: bool = False,
    apart: Apart = NOBODY,
) -> Clusters:
    links = sorted(links)
    left = np.array([a for a, _, _ in links], np.int64)
    right = np.array([b for _, b, _ in links], np.int64)
    weight = np.array([w for _, _, w in links], np.float32)
    return cluster_rows(
        encoded, left, right, weight, largest=largest, single=np.full(99, across), apart=apart
    )


def two_persons(*pairs: tuple[int, int, int]) -> Apart:
    one, two, why = (np.array([p[k] for p in pairs], np.int64) for k in range(3))
    return make_apart(one, two, why.astype(np.int8))


def test_a_chain_between_two_trusted_numbers_is_split_at_its_weakest_link() -> None:
    encoded = rows([IDS[0], None, IDS[1]])
    found = joined(encoded, [(0, 1, 20.0), (1, 2, 10.0)])
    assert found.cluster.tolist() == [0, 0, 2]
    assert found.refused.tolist() == [0, kernels.CONFLICT]
    found = joined(encoded, [(0, 1, 10.0), (1, 2, 20.0)])
    assert found.cluster.tolist() == [0, 1, 1]
    assert found.refused.tolist() == [kernels.CONFLICT, 0]


def test_equal_links_fall_in_the_order_of_their_rows() -> None:
    found = joined(rows([IDS[0], None, IDS[1]]), [(0, 1, 10.0), (1, 2, 10.0)])
    assert found.cluster.tolist() == [0, 0, 2]


def test_a_direct_link_stands() -> None:
    """That the numbers differ was weighed when the link was made."""
    encoded = rows([IDS[0], None, IDS[1]])
    found = joined(encoded, [(0, 1, 20.0), (0, 2, 15.0), (1, 2, 10.0)])
    assert found.cluster.tolist() == [0, 0, 0]
    assert found.refused.tolist() == [0, 0, 0]
    assert joined(rows([IDS[0], IDS[1]]), [(0, 1, 1.0)]).cluster.tolist() == [0, 0]


@pytest.mark.parametrize("other", [IDS[2], IDS[3], None])
def test_a_slip_is_no_other_person(other: str | None) -> None:
    found = joined(rows([IDS[0], None, other]), [(0, 1, 20.0), (1, 2, 10.0)])
    assert found.cluster.tolist() == [0, 0, 0]


def test_one_number_in_common_outweighs_another_that_differs() -> None:
    encoded = rows([IDS[0], None, IDS[1]], ["HN4012345678901", None, "HN4012345678901"])
    found = joined(encoded, [(0, 1, 20.0), (1, 2, 10.0)])
    assert found.cluster.tolist() == [0, 0, 0]


def test_a_number_that_is_not_trusted_splits_nothing() -> None:
    columns = {
        ("phone", Kind.PHONE): ["0912345678", None, "0387654321"],
        ("own", Kind.IDENTIFIER): ["000001", "000002", "000003"],
    }
    found = joined(encoded_table(columns), [(0, 1, 20.0), (1, 2, 10.0)])
    assert found.cluster.tolist() == [0, 0, 0]


def test_what_stronger_links_joined_decides_over_weaker_ones() -> None:
    """Row 3 went to the person of row 2, so its weaker link to row 1 is refused with theirs."""
    encoded = rows([IDS[0], None, IDS[1], None])
    links = [(0, 1, 30.0), (1, 2, 20.0), (2, 3, 25.0), (1, 3, 10.0)]
    found = joined(encoded, links)
    assert found.cluster.tolist() == [0, 0, 2, 2]
    refused = dict(zip(sorted((a, b) for a, b, _ in links), found.refused.tolist(), strict=True))
    assert refused == {(0, 1): 0, (1, 2): kernels.CONFLICT, (1, 3): kernels.CONFLICT, (2, 3): 0}


def test_too_large_a_cluster_is_not_made() -> None:
    n = 12
    found = joined(rows([None] * n), [(i, i + 1, 10.0) for i in range(n - 1)], largest=5)
    assert np.bincount(found.cluster).max() == 5
    assert (found.refused == kernels.TOO_LARGE).sum() == 2
    whole = joined(rows([None] * n), [(i, i + 1, 10.0) for i in range(n - 1)], largest=n)
    assert not whole.cluster.any()
    assert not whole.refused.any()


def test_across_sources_a_person_has_one_record_of_each() -> None:
    source = ["x", "x", "y", "y", "z"]
    encoded = rows([None] * 5, source=source)
    links = [(0, 2, 9.0), (1, 2, 8.0), (1, 3, 7.0), (2, 4, 6.0), (3, 4, 5.0)]
    found = joined(encoded, links, across=True)
    assert found.cluster.tolist() == [0, 1, 0, 1, 0]
    assert found.refused.tolist() == [0, kernels.SAME_SOURCE, 0, 0, kernels.SAME_SOURCE]
    assert not joined(encoded, links).cluster.any()


def test_what_is_known_to_be_two_persons_stays_two() -> None:
    encoded = rows([IDS[0], IDS[0], IDS[0]])
    links = [(0, 1, 20.0), (0, 2, 30.0), (1, 2, 10.0)]
    found = joined(encoded, links, apart=two_persons((1, 0, 5)))
    assert found.cluster.tolist() == [0, 1, 0]
    assert found.refused.tolist() == [5, 0, 5]
    # One number in common outweighs another that differs, but not what is known.
    assert joined(encoded, links).cluster.tolist() == [0, 0, 0]
    assert joined(encoded, links, apart=two_persons((1, 0, 5)), across=True).refused[0] == 5


def test_a_chain_between_two_persons_is_split_at_its_weakest_link() -> None:
    encoded = rows([None] * 5)
    links = [(0, 1, 9.0), (1, 2, 7.0), (2, 3, 8.0), (3, 4, 9.0)]
    found = joined(encoded, links, apart=two_persons((0, 4, 5)))
    assert found.cluster.tolist() == [0, 0, 2, 2, 2]
    assert found.refused.tolist() == [0, 5, 0, 0]
    assert not joined(encoded, links).cluster.any()


def test_of_several_reasons_the_first_is_told() -> None:
    found = joined(rows([None] * 4), [(0, 1, 9.0), (1, 2, 8.0), (2, 3, 9.0)],
                   apart=two_persons((0, 2, 7), (1, 3, 6)))  # fmt: skip
    assert found.refused.tolist() == [0, 6, 0]
    assert two_persons((3, 1, 7), (1, 3, 6)).reason.tolist() == [6]


def test_a_component_is_left_alone_where_nobody_in_it_is_known_to_be_two() -> None:
    encoded = rows([IDS[0], None, IDS[0], None])
    apart = two_persons((0, 3, 5), (1, 3, 5))
    found = joined(encoded, [(0, 1, 9.0), (1, 2, 8.0)], apart=apart)
    assert found.cluster.tolist() == [0, 0, 0, 3]
    assert not found.refused.any()


def test_thousands_of_partners_cost_little() -> None:
    """A broken file may name one record as the mother of all the others."""
    n = 4000
    apart = two_persons(*((0, i, 5) for i in range(1, n)))
    links = [(0, i, 1.0) for i in range(1, n)] + [(i, i + 1, 2.0) for i in range(1, n - 1)]
    found = joined(rows([None] * n), links, apart=apart, largest=1000)
    assert found.cluster[0] == 0
    assert (found.cluster[1:] > 0).all()
    assert np.bincount(found.cluster).max() == 1000
    assert (found.refused == 5).sum() == n - 1


def test_reasons_of_pairs() -> None:
    apart = two_persons((4, 1, 5), (2, 9, 6))
    left, right = np.array([1, 1, 2, 2, 0, 9]), np.array([4, 9, 4, 9, 3, 10])
    assert apart.reason_of(left, right).tolist() == [5, 0, 0, 6, 0, 0]
    assert NOBODY.reason_of(left, right).tolist() == [0] * 6


def test_no_links() -> None:
    found = joined(rows([None] * 3), [])
    assert found.cluster.tolist() == [0, 1, 2]
    assert found.refused.tolist() == []


def test_the_usual_size() -> None:
    none = np.zeros(0, np.int64)
    assert usual_largest(10, none, none) == 50
    pairs = np.arange(0, 20_000, 2)
    assert usual_largest(20_000, pairs, pairs + 1) == 50
    tens = np.array([i for i in range(20_000) if i % 10], np.int64)
    assert usual_largest(20_000, tens - 1, tens) == 100
    # One heap of 1,000 rows among 20,000 that are linked in pairs is not the usual.
    everybody = np.arange(1, 5000)
    assert usual_largest(5000, everybody - 1, everybody) == 1000


Case = tuple[Encoded, list[Link], int, bool, Apart]


@st.composite
def linked_rows(draw: st.DrawFn) -> Case:
    n = draw(st.integers(2, 9))
    number = st.one_of(st.none(), st.sampled_from(IDS))
    national = draw(st.lists(number, min_size=n, max_size=n))
    insurance = draw(st.lists(number, min_size=n, max_size=n))
    source = draw(st.lists(st.sampled_from(["x", "y", "z"]), min_size=n, max_size=n))
    every = st.lists(st.sampled_from(list(combinations(range(n), 2))), unique=True)
    pairs = draw(every)
    known = [(i, j, draw(st.integers(5, 7))) for i, j in draw(every)]
    links = [(i, j, float(draw(st.integers(1, 4)))) for i, j in pairs]
    across = draw(st.booleans())
    if across:
        links = [(i, j, w) for i, j, w in links if source[i] != source[j]]
    encoded = rows(national, insurance, source)
    apart = two_persons(*known) if known else NOBODY
    return encoded, links, draw(st.integers(2, 9)), across, apart


def known_pairs(apart: Apart) -> dict[tuple[int, int], int]:
    ends = zip(apart.left.tolist(), apart.right.tolist(), strict=True)
    return dict(zip(ends, apart.reason.tolist(), strict=True))


def trusted_numbers(encoded: Encoded) -> list[list[str | None]]:
    values = [column.values.to_pylist() for column in encoded.columns[:2]]
    return [
        [None if c < 0 else values[f][c] for f, c in enumerate(codes[:2])]
        for codes in encoded.codes.tolist()
    ]


@given(linked_rows())
def test_join_guarded_is_its_twin(case: Case) -> None:
    encoded, links, largest, across, apart = case
    links = sorted(links)
    left, right = (np.array([link[k] for link in links], np.int64) for k in (0, 1))
    order = np.argsort(np.array([-w for _, _, w in links]), kind="stable").astype(np.int64)
    n = encoded.n_rows
    parent, refused = np.arange(n, dtype=np.int64), np.zeros(len(links), np.int8)
    kernels.join_guarded(
        encoded.values,
        np.array([0, 1], np.int64),
        encoded.source,
        across,
        left,
        right,
        order,
        largest,
        *apart.both_ways(),
        parent,
        np.full(n, -1, np.int64),
        np.ones(n, np.int64),
        refused,
    )
    expected = naive.join_guarded(
        trusted_numbers(encoded),
        encoded.source.tolist(),
        across,
        left.tolist(),
        right.tolist(),
        order.tolist(),
        largest,
        known_pairs(apart),
    )
    assert (parent.tolist(), refused.tolist()) == expected


@given(linked_rows())
def test_the_guard_only_splits_and_says_so(case: Case) -> None:
    encoded, links, largest, across, apart = case
    found = joined(encoded, links, largest=largest, across=across, apart=apart)
    links = sorted(links)
    left, right = (np.array([link[k] for link in links], np.int64) for k in (0, 1))
    whole = components(encoded.n_rows, left, right)
    # Clusters lie inside components, carry their smallest row, and are held by links that stand.
    assert np.array_equal(whole[found.cluster], whole)
    stand = found.refused == 0
    assert np.array_equal(components(encoded.n_rows, left[stand], right[stand]), found.cluster)
    assert np.array_equal(found.cluster[left] != found.cluster[right], ~stand)
    sizes = np.bincount(found.cluster)
    assert sizes.max() <= max(largest, 1)
    numbers, direct = trusted_numbers(encoded), set(zip(left.tolist(), right.tolist(), strict=True))
    for i, j in combinations(range(encoded.n_rows), 2):
        if found.cluster[i] == found.cluster[j]:
            assert (i, j) not in known_pairs(apart)
            assert not (across and encoded.source[i] == encoded.source[j])
            assert (i, j) in direct or not naive.rows_conflict(numbers[i], numbers[j])


@given(linked_rows())
def test_rows_conflict(case: Case) -> None:
    encoded = case[0]
    numbers = trusted_numbers(encoded)
    for i, j in combinations(range(encoded.n_rows), 2):
        got = kernels.rows_conflict(encoded.values, np.array([0, 1], np.int64), i, j)
        assert got == naive.rows_conflict(numbers[i], numbers[j])


@given(linked_rows(), st.data())
def test_why_apart(case: Case, data: st.DataObject) -> None:
    encoded, apart = case[0], case[4]
    n = encoded.n_rows
    ends = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    clusters = [[i for i in range(n) if ends[i] == c] for c in range(2)]
    parent, following = np.arange(n), np.full(n, -1)
    size = np.ones(n, np.int64)
    for members in clusters:
        parent[members] = members[:1] * len(members)
        following[members[:-1]] = members[1:]
        size[members[:1]] = len(members)
    if all(clusters):
        roots = clusters[0][0], clusters[1][0]
        for a, b in (roots, roots[::-1]):
            got = kernels.why_apart(*apart.both_ways(), parent, following, size, a, b)
            assert got == naive.why_apart(known_pairs(apart), *clusters)


@given(linked_rows(), st.integers(0, 9), st.integers(0, 9))
def test_pair_place(case: Case, i: int, j: int) -> None:
    ends = sorted((a, b) for a, b, _ in case[1])
    left, right = (np.array([e[k] for e in ends], np.int64) for k in (0, 1))
    assert kernels.pair_place(left, right, i, j) == naive.pair_place(left, right, i, j)
