"""Blocks: every pair that shares a key is in one, and crowded ones stay bounded."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from naive import score as naive
from tables import encoded_table

from mpi.block.blocks import (
    ALONE,
    Blocks,
    crowded,
    make_blocks,
    narrow,
    narrow_known,
    rule_key,
    rule_keys,
)
from mpi.block.candidates import Candidates, make_candidates, make_keys, narrowing_order
from mpi.block.rules import Rule
from mpi.encode.rows import Encoded
from mpi.schema import Kind

SMALL = st.one_of(st.none(), st.sampled_from(["A", "B", "C"]))
RECORDS = st.lists(st.tuples(SMALL, SMALL, SMALL, st.sampled_from(["x", "y"])), min_size=1)
COLUMNS = (("f", Kind.CATEGORY), ("g", Kind.CATEGORY), ("h", Kind.CATEGORY))


def encoded_of(records: list[tuple[str | None, ...]], *, across: bool = False) -> Encoded:
    # A number of its own keeps equal records apart.
    columns = {key: [r[k] for r in records] for k, key in enumerate(COLUMNS)}
    columns[("own", Kind.IDENTIFIER)] = [f"{i:06d}" for i in range(len(records))]
    return encoded_table(columns, [str(r[3]) for r in records], across=across)


def candidates_of(
    encoded: Encoded, rules: list[Rule], *, max_block: int, across: bool = False
) -> Candidates:
    keys = make_keys(encoded)
    keys = {name: key for name, key in keys.items() if key.field != "own"}
    order = narrowing_order(list(keys.values()))
    return make_candidates(encoded, keys, rules, order, max_block=max_block, across=across)


def pairs_of_blocks(candidates: Candidates) -> set[tuple[int, int]]:
    found = set()
    for rule, blocks in enumerate(candidates.blocks):
        numbers = np.full(len(candidates.keys), -1)
        for b, members in enumerate(members_of(blocks)):
            assert len(members) > 1
            assert members == sorted(members)
            numbers[members] = b
            found |= set(combinations(members, 2))
        held = candidates.keys[:, rule]
        assert np.maximum(held, -1).tolist() == numbers.tolist()
        assert set(held[held < 0].tolist()) <= {-1, ALONE}
        assert blocks.hashes.tolist() == sorted(set(blocks.hashes.tolist()))
        assert len(blocks.hashes) == len(blocks.pairs)
    assert (candidates.keys[:, len(candidates.blocks) :] == -1).all()
    return found


def members_of(blocks: Blocks) -> list[list[int]]:
    ends = zip(blocks.starts[:-1], blocks.starts[1:], strict=True)
    return [blocks.order[begin:end].tolist() for begin, end in ends]


@given(RECORDS)
def test_pairs_that_share_a_key_are_in_a_block(records: list[tuple[str | None, ...]]) -> None:
    rules = [Rule(("f",)), Rule(("g", "h"))]
    encoded = encoded_of(records)
    candidates = candidates_of(encoded, rules, max_block=1000)
    wanted = {
        (i, j)
        for (i, a), (j, b) in combinations(enumerate(records), 2)
        if (a[0] is not None and a[0] == b[0])
        or (a[1] is not None and a[1] == b[1] and a[2] is not None and a[2] == b[2])
    }
    assert pairs_of_blocks(candidates) == wanted
    assert candidates.narrowed == ()


@given(RECORDS, st.integers(2, 4))
def test_narrowing_bounds_blocks_and_adds_up(
    records: list[tuple[str | None, ...]], limit: int
) -> None:
    encoded = encoded_of(records)
    candidates = candidates_of(encoded, [Rule(("f",))], max_block=limit)
    blocks = candidates.blocks[0]
    assert np.diff(blocks.starts).max(initial=0) <= limit
    held = [r[0] for r in records]
    many = [i for i, v in enumerate(held) if v is not None and held.count(v) > limit]
    if not many:
        assert candidates.narrowed == ()
        return
    (report,) = candidates.narrowed
    assert report.rule == "f"
    assert report.rows == len(many)
    assert set(report.by) <= {"g", "h"}
    before = rule_keys(Rule(("f",)), make_keys(encoded))
    keys = {name: key for name, key in make_keys(encoded).items() if key.field != "own"}
    extra = [keys[name] for name in narrowing_order(list(keys.values()))]
    rule = Rule(("f",))
    after, packed, again = narrow(rule, before, np.array(many, np.int64), extra, limit)
    assert np.array_equal(packed, candidates.crowded[0])
    assert np.array_equal(narrow_known(rule, before, extra, packed), after)
    assert again == report
    assert np.array_equal(make_blocks(after).order, blocks.order)
    keyless = [i for i in many if after[i] == 0]
    assert keyless == [i for i in many if candidates.keys[i, 0] == -1]
    assert report.left == len(keyless)
    # What narrowing keeps is a part of what the rule makes.
    every = {(i, j) for i, j in combinations(range(len(records)), 2) if held[i] == held[j]}
    assert pairs_of_blocks(candidates) <= every
    # Rows of small blocks are not touched.
    small = [i for i in range(len(records)) if held[i] is not None and i not in many]
    assert np.array_equal(after[small], before[small])
    for members in members_of(make_blocks(before)):
        if len(members) <= limit:
            assert members in members_of(blocks)


@given(RECORDS, st.integers(2, 50))
def test_across_sources_only(records: list[tuple[str | None, ...]], limit: int) -> None:
    encoded = encoded_of(records, across=True)
    rules = [Rule(("f",))]
    candidates = candidates_of(encoded, rules, max_block=limit, across=True)
    assert candidates.across
    made = set(naive.candidate_pairs(candidates.keys, encoded.source, True))
    assert made == {
        (i, j) for i, j in pairs_of_blocks(candidates) if records[i][3] != records[j][3]
    }


def test_a_column_of_one_value_is_bounded_work() -> None:
    """50,000 people of one province: neither 1.2 billion pairs nor none."""
    n, limit = 50_000, 100
    names = [f"N{i % 5000}" for i in range(n)]
    encoded = encoded_table(
        {
            ("province", Kind.PROVINCE): ["HUE"] * n,
            ("name", Kind.NAME): names,
            ("own", Kind.IDENTIFIER): [f"{i:08d}" for i in range(n)],
        }
    )
    keys = make_keys(encoded)
    candidates = make_candidates(
        encoded, keys, [Rule(("province",))], ["name"], max_block=limit, across=False
    )
    blocks = candidates.blocks[0]
    assert int(blocks.pairs.sum()) == 5000 * 45
    (report,) = candidates.narrowed
    assert (report.rows, report.by, report.left) == (n, ("name",), 0)
    alone = make_candidates(encoded, keys, [Rule(("province",))], [], max_block=limit, across=False)
    assert alone.blocks[0].pairs.sum() == 0
    assert alone.narrowed[0].left == n


def test_rows_that_lack_a_narrowing_key_stay_together() -> None:
    """Newborns have no number yet: they are told apart by the next key, not lost."""
    n = 40
    encoded = encoded_table(
        {
            ("f", Kind.CATEGORY): ["A"] * n,
            ("g", Kind.CATEGORY): [None] * (n - 4) + ["X"] * 4,
            ("h", Kind.CATEGORY): [str(i // 6) for i in range(n)],
            ("own", Kind.IDENTIFIER): [f"{i:08d}" for i in range(n)],
        }
    )
    candidates = make_candidates(
        encoded, make_keys(encoded), [Rule(("f",))], ["g", "h"], max_block=10, across=False
    )
    assert candidates.narrowed[0].by == ("g", "h")
    assert candidates.narrowed[0].left == 0
    blocks = [list(range(6 * k, 6 * k + 6)) for k in range(6)]
    assert sorted(members_of(candidates.blocks[0])) == [*blocks, [36, 37, 38, 39]]


@given(RECORDS, st.integers(2, 5), st.data())
def test_a_block_does_not_depend_on_other_blocks(
    records: list[tuple[str | None, ...]], limit: int, data: st.DataObject
) -> None:
    """Records of other blocks come and go: what becomes of a block stays, as do its hashes."""
    some = data.draw(st.sampled_from(["A", "B", "C"]))
    apart = [r for r in records if r[0] == some]

    def made(records: list[tuple[str | None, ...]]) -> dict[int, int]:
        encoded = encoded_of(records)
        keys = {n: k for n, k in make_keys(encoded).items() if k.field != "own"}
        found = make_candidates(
            encoded, keys, [Rule(("f",))], ["h", "g"], max_block=limit, across=False
        )
        blocks = found.blocks[0]
        mine = [i for i, r in enumerate(records) if r[0] == some]
        held = found.keys[:, 0]
        return {
            k: int(blocks.hashes[held[i]]) if held[i] >= 0 else int(held[i])
            for k, i in enumerate(mine)
        }

    assert made(records) == made(apart)


def test_rows_of_one_content_count_once() -> None:
    """A record that somebody decided about gets a row of its own; that makes no block larger."""
    blocks = make_blocks(np.array([7, 7, 7, 7, 9, 9, 9], np.uint64))
    content = np.array([0, 0, 0, 1, 2, 3, 4])
    assert sorted(crowded(blocks, 2)) == list(range(7))
    assert crowded(blocks, 2, content).tolist() == [4, 5, 6]
    assert crowded(blocks, 1, content).tolist() == list(range(7))


def test_no_rules_make_no_pairs() -> None:
    encoded = encoded_of([("A", "A", "A", "x")] * 3)
    candidates = candidates_of(encoded, [], max_block=10)
    assert candidates.keys.shape == (3, 0)
    assert pairs_of_blocks(candidates) == set()


@given(RECORDS, st.data())
def test_some_of_the_blocks(records: list[tuple[str | None, ...]], data: st.DataObject) -> None:
    encoded = encoded_of(records)
    blocks = make_blocks(rule_keys(Rule(("f",)), make_keys(encoded)))
    n = len(blocks.pairs)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool)
    taken = blocks.take(chosen)
    kept = [m for m, c in zip(members_of(blocks), chosen, strict=True) if c]
    assert members_of(taken) == kept
    assert taken.hashes.tolist() == blocks.hashes[chosen].tolist()
    assert taken.pairs.tolist() == [len(m) * (len(m) - 1) // 2 for m in kept]


def test_the_key_of_one_row_is_that_of_a_row_among_others() -> None:
    columns = {("f", Kind.SEX): ["A", "B", None], ("g", Kind.POSTCODE): ["1", "2", "3"]}
    keys = make_keys(encoded_table(columns))
    hashes = rule_keys(Rule(("g", "f")), keys).tolist()
    codes = zip(keys["g"].codes.tolist(), keys["f"].codes.tolist(), strict=True)
    assert [rule_key(own) if min(own) >= 0 else 0 for own in codes] == hashes
