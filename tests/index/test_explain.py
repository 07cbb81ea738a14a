"""Explanations out of an index: what the other records made of a pair."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import People, people

from mpi.errors import UsageError
from mpi.index import MasterIndex
from mpi.index.explain import strongest_chains
from mpi.score.explain import Key, PairFound
from mpi.settings import Settings

LINKS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda p: p[0] < p[1]),
    st.integers(1, 6).map(float),
    max_size=12,
)


def paths(edges: dict[tuple[int, int], float], a: int, b: int) -> Iterator[list[float]]:
    """The weights along every path without a turn back, by trying all."""

    def walk(at: int, seen: list[int], weights: list[float]) -> Iterator[list[float]]:
        if at == b:
            yield weights
        for (i, j), weight in edges.items():
            for one, two in ((i, j), (j, i)):
                if one == at and two not in seen and at != b:
                    yield from walk(two, [*seen, two], [*weights, weight])

    return walk(a, [a], [])


@given(LINKS)
def test_chains_are_the_strongest_there_are(edges: dict[tuple[int, int], float]) -> None:
    links = [PairFound(("s", str(i)), ("s", str(j)), w, 0.9) for (i, j), w in edges.items()]
    chains = strongest_chains(links, ("s", "0"), ("s", "5"))
    left = dict(edges)
    for chain in chains:
        assert chain.links[0].a == ("s", "0") and chain.links[-1].b == ("s", "5")
        assert all(one.b == two.a for one, two in pairwise(chain.links))
        every = list(paths(left, 0, 5))
        best = max(min(weights) for weights in every)
        assert chain.bottleneck.weight == best
        assert len(chain.links) == min(len(w) for w in every if min(w) == best)
        ends = (int(chain.bottleneck.a[1]), int(chain.bottleneck.b[1]))
        del left[min(ends), max(ends)]
    if len(chains) < 3:
        assert not list(paths(left, 0, 5))
    assert strongest_chains(links[::-1], ("s", "0"), ("s", "5")) == chains


def bridged() -> People:
    """People, and thirty times a record without a number between two whose numbers differ."""
    drawn = people(400, seed=5, copies=0.6)
    rows, person = list(drawn.rows), list(drawn.person)
    for k in range(30):
        one = dict(drawn.rows[drawn.person.index(k)], address=None)
        middle = dict(one, national_id=None, address=f"{k + 7} Đường Mới")
        name, birth = middle["full_name"] or "", middle["birth_date"] or ""
        number = one["national_id"] or "012345678901"
        other = dict(
            middle,
            phone=None,
            birth_date=f"{(int(birth[:2]) + 9) % 28 + 1:02d}{birth[2:]}",
            full_name=f"{name.split()[0]} {name.split()[-1]}",
            national_id="0" + "".join(str(9 - int(digit)) for digit in number[1:]),
        )
        rows += [one, middle, other]
        person += [k] * 3
    source = [*drawn.source, *["zz"] * 90]
    return People(rows, source, [f"r{i:05d}" for i in range(len(rows))], person)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> MasterIndex:
    made = MasterIndex.create_or_open(tmp_path_factory.mktemp("explained") / "index")
    made.update(bridged().records(), Settings(seed=1))
    return made


def keys(row: dict[str, str]) -> tuple[Key, Key]:
    return (row["source_a"], row["record_id_a"]), (row["source_b"], row["record_id_b"])


def persons(index: MasterIndex) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for row in index.table("crosswalk").to_pylist():
        found.setdefault(row["enterprise_id"], []).append((row["source"], row["record_id"]))
    return found


def test_a_link_is_linked_directly(index: MasterIndex) -> None:
    row = index.table("links").to_pylist()[3]
    found = index.explain(*keys(row))
    assert (found.outcome, found.chains, found.changes) == ("linked", (), ())
    assert found.verdict.endswith("linked directly")
    assert found.enterprise_ids is not None and found.enterprise_ids[0] == found.enterprise_ids[1]


def test_records_joined_by_others_show_the_chain(index: MasterIndex) -> None:
    links = {keys(row): row for row in index.table("links").to_pylist()}
    joined = [
        pair
        for members in persons(index).values()
        for pair in combinations(members, 2)
        if pair not in links
    ]
    assert joined
    for a, b in joined[:10]:
        found = index.explain(a, b)
        assert found.outcome == "joined" and "joined by other records" in found.verdict
        chain = found.chains[0]
        assert (chain.links[0].a, chain.links[-1].b) == (a, b)
        for link in chain.links:
            row = links.get((link.a, link.b)) or links[link.b, link.a]
            assert (link.weight, link.probability) == (
                row["match_weight"],
                row["match_probability"],
            )
        weights = [c.bottleneck.weight for c in found.chains]
        assert weights == sorted(weights, reverse=True)


def test_a_refused_link_tells_what_spoke_against_it(index: MasterIndex) -> None:
    rows = index.table("review").to_pylist()
    refused = [row for row in rows if "trusted" in row["reason"]]
    assert refused
    for row in refused[:5]:
        found = index.explain(*keys(row))
        assert found.outcome == "refused"
        assert row["reason"] in found.verdict
        assert row["reason"] in {pair.reason for pair in found.against}


def test_a_pair_for_review_is_short_of_a_link(index: MasterIndex) -> None:
    rows = [r for r in index.table("review").to_pylist() if "probability" in r["reason"]]
    assert rows
    for row in rows[:5]:
        found = index.explain(*keys(row))
        if found.enterprise_ids is None or found.enterprise_ids[0] == found.enterprise_ids[1]:
            continue
        assert found.outcome == "review" and found.short > 0.0
        assert keys(row) not in {(p.a, p.b) for p in found.between}
        mine = persons(index)
        one, two = (set(mine[i]) for i in found.enterprise_ids)
        wanted = {
            keys(r)
            for r in index.table("review").to_pylist()
            if r != row and len({*keys(r)} & one) == 1 and len({*keys(r)} & two) == 1
        }
        assert {(p.a, p.b) for p in found.between} == wanted


def test_a_block_too_large_is_named(tmp_path: Path) -> None:
    drawn = people(200, seed=5, copies=0.6)
    narrow = MasterIndex.create_or_open(tmp_path / "index")
    narrow.update(drawn.records(), Settings(seed=1, max_block=3))
    person = {k: e for e, members in persons(narrow).items() for k in members}
    all_keys = list(zip(drawn.source, drawn.record_id, strict=True))
    missed = [
        pair
        for pair, same in zip(pairwise(all_keys), pairwise(drawn.person), strict=True)
        if same[0] == same[1] and person[pair[0]] != person[pair[1]]
    ]
    found = [narrow.explain(*pair) for pair in missed[:20]]
    told = [f for f in found if f.outcome == "narrowed"]
    assert told
    for f in told:
        assert f.rules and f"too many records share {f.rules[0]}" in f.verdict


def test_strangers_were_never_compared(index: MasterIndex) -> None:
    mine = list(persons(index).values())
    found = [index.explain(mine[0][0], other[0]) for other in mine[1:40]]
    strangers = [f for f in found if f.outcome == "never_compared"]
    assert strangers
    for f in strangers:
        assert f.nearest is not None and "never compared" in f.verdict
        assert f.chains == ()


def test_an_empty_index_and_unknown_keys(index: MasterIndex, tmp_path: Path) -> None:
    empty = MasterIndex.create_or_open(tmp_path / "new")
    with pytest.raises(UsageError, match="is empty"):
        empty.explain(("a", "1"), ("a", "2"))
    known = next(iter(persons(index).values()))[0]
    with pytest.raises(UsageError, match="has no record nowhere:1"):
        index.explain(known, ("nowhere", "1"))
    with pytest.raises(UsageError, match="given twice"):
        index.explain(known, known)


def test_explain_says_that_a_decision_made_it_so(index: MasterIndex) -> None:
    held = persons(index)
    alone = [keys[0] for keys in held.values() if len(keys) == 1]
    pair = next(keys for keys in held.values() if len(keys) == 2)
    a, b, c, d = *alone[:2], *pair
    index.decide("same", a, b, by="Lan", why="seen both")
    index.decide("different", c, d, by="Ha")
    joined, parted = index.explain(a, b), index.explain(c, d)
    assert joined.decided.startswith("decision 1 by Lan") and "seen both" in joined.decided
    assert joined.outcome == "linked" and joined.decided in joined.verdict
    assert parted.outcome == "apart" and parted.decided in parted.verdict
    assert parted.against[0].detail == parted.decided
    index.withdraw(1, 2)
    assert index.explain(a, b).decided == index.explain(c, d).decided == ""
    assert persons(index) == held
