"""What a person decided outranks the model, whatever the model is."""

from __future__ import annotations

import numpy as np
import pytest
from people import People, people

from mpi.cluster.apart import make_apart
from mpi.cluster.decided import UNDECIDED, Decided
from mpi.linkage.resolution import DECIDED, DECISION, Resolution, pair_table
from mpi.linkage.resolve import resolve
from mpi.records.table import RecordTable
from mpi.settings import Settings

SETTINGS = Settings(seed=1, threads=1)
Pairs = list[tuple[int, int]]


def decided(same: Pairs, different: Pairs) -> Decided:
    def ends(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
        table = np.sort(np.array(pairs, np.int64).reshape(-1, 2), axis=1)
        return table[:, 0], table[:, 1]

    one, two = ends(different)
    return Decided(*ends(same), make_apart(one, two, np.full(len(one), DECIDED, np.int8)))


@pytest.fixture(scope="module")
def drawn() -> RecordTable:
    """People, three records without anything, alike in every field, and two exact copies."""
    some = people(300, seed=11, copies=0.6)
    copy = dict(some.rows[0])
    rows = [*some.rows, *({**copy, **dict.fromkeys(copy)} for _ in range(3)), copy, copy]
    source = [*some.source, *["zz"] * 5]
    return People(rows, source, [f"r{i:05d}" for i in range(len(rows))], [0] * len(rows)).records()


@pytest.fixture(scope="module")
def plain(drawn: RecordTable) -> Resolution:
    return resolve(drawn, SETTINGS)


def strangers(plain: Resolution, n: int) -> Pairs:
    """Pairs of records that nothing links."""
    alone = np.flatnonzero(np.bincount(plain.cluster, minlength=len(plain.cluster)) == 1)
    return [(int(a), int(b)) for a, b in zip(alone[:n], alone[n : 2 * n], strict=True)]


@pytest.mark.parametrize("fixed", [True, False], ids=["fixed model", "refit"])
def test_decisions_outrank_the_model(drawn: RecordTable, plain: Resolution, fixed: bool) -> None:
    linked = [(int(a), int(b)) for a, b in zip(plain.links.left, plain.links.right, strict=True)]
    same, different = strangers(plain, 5), linked[:20:4]
    made = decided(same, different)
    found = resolve(drawn, SETTINGS, model=plain.model if fixed else None, decided=made)
    assert all(found.cluster[a] == found.cluster[b] for a, b in same)
    assert all(found.cluster[a] != found.cluster[b] for a, b in different)
    links = pair_table(found, "links").to_pylist()
    shown = [p for p in links if DECISION in p["blocking_rules"]]
    assert len(shown) == len(same)
    assert all(p["match_probability"] < 0.5 for p in shown)  # as the model weighs them
    asked = set(zip(found.review.left.tolist(), found.review.right.tolist(), strict=True))
    assert not asked & {*same, *different}
    if fixed:
        # Nobody else is another one for it.
        near = np.isin(plain.cluster, plain.cluster[np.ravel([*same, *different])])
        assert np.array_equal(found.cluster[~near], plain.cluster[~near])
        again = resolve(drawn, SETTINGS, model=plain.model, decided=UNDECIDED)
        assert np.array_equal(again.cluster, plain.cluster)
        assert again.links.left.tolist() == plain.links.left.tolist()


def test_copies_are_joined_and_parted_one_by_one(drawn: RecordTable, plain: Resolution) -> None:
    n = len(drawn)
    key = drawn.data.column("record_id").to_pylist()
    empty, copies = ([key.index(f"r{n - k:05d}") for k in ks] for ks in ((5, 4, 3), (2, 1)))
    assert len({plain.cluster[r] for r in empty}) == 3  # they hold nothing that tells who it is
    assert plain.cluster[copies[0]] == plain.cluster[copies[1]]
    made = decided([(empty[0], empty[1])], [(copies[0], copies[1])])
    found = resolve(drawn, SETTINGS, model=plain.model, decided=made)
    assert found.cluster[empty[0]] == found.cluster[empty[1]] != found.cluster[empty[2]]
    assert found.cluster[copies[0]] != found.cluster[copies[1]]


def test_two_numbers_of_one_person_keep_none_of_his_records_away() -> None:
    some = people(200, seed=4, copies=0.0)
    one = dict(some.rows[0], national_id="001090012340")
    other = dict(one, national_id="079185067890", phone=None)
    rows = [*some.rows[2:], one, one | {"phone": None}, other, other | {"address": None}]
    ids = [f"r{i:05d}" for i in range(len(rows))]
    records = People(rows, ["hn"] * len(rows), ids, [0] * len(rows)).records()
    first = len(rows) - 4
    model = resolve(records, SETTINGS).model
    apart = resolve(records, SETTINGS, model=model).cluster[first:]
    made = decided([(first, first + 2)], [])
    joined = resolve(records, SETTINGS, model=model, decided=made).cluster[first:]
    assert len(set(joined.tolist())) == 1 < len(set(apart.tolist()))
