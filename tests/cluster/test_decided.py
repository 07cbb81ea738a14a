"""Decisions in the guard: links that a person made stand, pairs that a person parted never meet."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tables import encoded_table

from mpi.cluster._kernels import CONFLICT, TOO_LARGE
from mpi.cluster.apart import NOBODY, Apart, make_apart
from mpi.cluster.components import components
from mpi.cluster.decided import UNDECIDED, Decided, same_numbers
from mpi.cluster.guard import Clusters, cluster_rows
from mpi.encode.rows import Encoded
from mpi.schema import Kind

IDS = ("001090012345", "079185067890")
Pairs = list[tuple[int, int]]


def rows(national: list[str | None]) -> Encoded:
    columns = {
        ("national_id", Kind.NATIONAL_ID): national,
        ("own", Kind.IDENTIFIER): [f"{i:06d}" for i in range(len(national))],
    }
    return encoded_table(columns, [f"s{i}" for i in range(len(national))])


def joined(
    encoded: Encoded, links: Pairs, made: Pairs, *, largest: int = 50, apart: Apart = NOBODY
) -> Clusters:
    every = sorted({*links, *made})
    left, right = (np.array([pair[k] for pair in every], np.int64) for k in (0, 1))
    return cluster_rows(
        encoded,
        left,
        right,
        np.array([-5.0 if pair in made else 9.0 for pair in every], np.float32),
        largest=largest,
        single=None,
        apart=apart,
        decided=np.array([pair in made for pair in every], np.bool_),
    )


def two(*pairs: tuple[int, int], reason: int = 6) -> Apart:
    left, right = (np.array([pair[k] for pair in pairs], np.int64) for k in (0, 1))
    return make_apart(left, right, np.full(len(pairs), reason, np.int8))


def test_a_link_that_a_person_made_stands_against_numbers() -> None:
    encoded = rows([IDS[0], None, IDS[1]])
    assert joined(encoded, [(0, 1), (1, 2)], []).refused.tolist() == [0, CONFLICT]
    found = joined(encoded, [(0, 1)], [(1, 2)])
    assert found.cluster.tolist() == [0, 1, 1]  # it is the model's link that gives way
    found = joined(encoded, [(0, 1), (1, 2)], [(0, 2)])
    assert found.cluster.tolist() == [0, 0, 0] and not found.refused.any()


def test_both_numbers_of_a_person_bring_their_records() -> None:
    """0 and 3 were decided to be one person: 1 and 2 hold their numbers, and come with them."""
    encoded = rows([IDS[0], IDS[0], IDS[1], IDS[1]])
    found = joined(encoded, [(0, 1), (2, 3)], [(0, 3)])
    assert found.cluster.tolist() == [0, 0, 0, 0] and not found.refused.any()


def test_a_made_link_stands_however_large_the_person_gets() -> None:
    encoded = rows([None] * 6)
    found = joined(encoded, [(4, 5)], [(0, 1), (1, 2), (2, 3), (3, 4)], largest=3)
    assert found.cluster.tolist() == [0, 0, 0, 0, 0, 5]
    assert found.refused.tolist() == [0, 0, 0, 0, TOO_LARGE]


def test_who_was_parted_never_meets() -> None:
    encoded = rows([None] * 4)
    found = joined(encoded, [(0, 1), (1, 2), (2, 3)], [], apart=two((0, 3)))
    assert found.cluster.tolist() == [0, 0, 0, 3]
    found = joined(encoded, [(1, 2), (2, 3)], [(0, 1)], apart=two((0, 3)))
    assert found.cluster.tolist() == [0, 0, 0, 3]


def test_decisions_overrule_what_records_say_of_each_other() -> None:
    known = two((0, 1), (1, 2), (4, 5), reason=5)
    none = np.zeros(0, np.int64)
    assert UNDECIDED.overrule(known) is known
    made = Decided(np.array([0, 2]), np.array([3, 3]), two((4, 5)))
    found = made.overrule(two((0, 2), (1, 2), (4, 5), reason=5))
    told = zip(found.left.tolist(), found.right.tolist(), found.reason.tolist(), strict=True)
    assert list(told) == [(1, 2, 5), (4, 5, 6)]
    assert made.records.tolist() == [0, 2, 3, 4, 5] and len(made) == 3
    assert len(Decided(none, none, NOBODY).overrule(NOBODY)) == 0


NUMBERS = st.lists(st.integers(-1, 3), min_size=2, max_size=8)


@given(NUMBERS, st.data())
def test_numbers_of_one_person_are_one(numbers: list[int], data: st.DataObject) -> None:
    n = len(numbers)
    pair = st.sampled_from(list(combinations(range(n), 2)))
    links, made = data.draw(st.lists(pair)), data.draw(st.lists(pair, min_size=1))
    every = [*links, *made]
    ends = (np.array([p[k] for p in every], np.int64) for k in (0, 1))
    cluster = components(n, *ends)
    left, right = (np.array([p[k] for p in made], np.int64) for k in (0, 1))
    column = np.array(numbers, np.int32)[:, None]
    found = same_numbers(column, cluster, left, right)[:, 0].tolist()
    # The textbook: a graph over (component, number), with an edge for each two in one group.
    group = components(n, left, right)
    names = {
        (cluster[i], numbers[i]): (cluster[i], numbers[i]) for i in range(n) if numbers[i] >= 0
    }
    for i, j in combinations(range(n), 2):
        if group[i] == group[j] and min(numbers[i], numbers[j]) >= 0:
            old, new = names[cluster[i], numbers[i]], names[cluster[j], numbers[j]]
            names = {k: min(old, new) if v in (old, new) else v for k, v in names.items()}
    expected = [names[cluster[i], numbers[i]][1] if numbers[i] >= 0 else -1 for i in range(n)]
    assert found == expected


@st.composite
def cases(draw: st.DrawFn) -> tuple[Encoded, Pairs, Pairs, Apart, int]:
    n = draw(st.integers(2, 8))
    number = st.one_of(st.none(), st.sampled_from(IDS))
    encoded = rows(draw(st.lists(number, min_size=n, max_size=n)))
    pairs = st.lists(st.sampled_from(list(combinations(range(n), 2))), unique=True)
    links, made, parted = draw(pairs), draw(pairs), draw(pairs)
    ends = (np.array([p[k] for p in made], np.int64) for k in (0, 1))
    group = components(n, *ends)
    parted = [(i, j) for i, j in parted if group[i] != group[j]]
    return encoded, links, made, two(*parted) if parted else NOBODY, draw(st.integers(2, 8))


@given(cases())
def test_decisions_always_hold(case: tuple[Encoded, Pairs, Pairs, Apart, int]) -> None:
    """Law 5, in one clustering."""
    encoded, links, made, apart, largest = case
    found = joined(encoded, links, made, largest=largest, apart=apart)
    every = sorted({*links, *made})
    for pair, refused in zip(every, found.refused.tolist(), strict=True):
        assert (refused == 0) == (found.cluster[pair[0]] == found.cluster[pair[1]])
        assert refused == 0 or pair not in made
    assert (found.cluster[apart.left] != found.cluster[apart.right]).all()
    stand = [pair for pair, refused in zip(every, found.refused, strict=True) if refused == 0]
    ends = (np.array([p[k] for p in stand], np.int64) for k in (0, 1))
    assert np.array_equal(components(encoded.n_rows, *ends), found.cluster)
