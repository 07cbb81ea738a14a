"""The fused loop against an enumeration of all pairs."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import score as naive
from naive.compare import compare_pair
from tables import encoded_table

from mpi.block.candidates import Candidates, make_candidates, make_keys
from mpi.block.rules import Rule
from mpi.compare.patterns import radices, unpack
from mpi.encode.rows import Encoded
from mpi.schema import FORM_OF, Kind
from mpi.score import _kernels as kernels
from mpi.score import walk
from mpi.score._kernels_blocks import Task
from mpi.score.learn import make_table
from mpi.score.model import ComparisonModel, Model
from mpi.score.stretches import Room
from mpi.score.walk import count_candidates, score_candidates

KINDS = (Kind.FAMILY_NAME, Kind.GIVEN_NAME, Kind.BIRTH_DATE, Kind.SEX)
FORMS = [FORM_OF[kind].value for kind in KINDS]
RULES = [
    Rule(("family_name",)),
    Rule(("given_name:initial", "sex")),
    Rule(("birth_date:year",)),
]
NAMES = ["ANH", "AN", "HOA", "HOAN", "BINH", "AN HOA", "HOA BINH AN", "VAN HOA"]
RECORDS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from(NAMES)),
        st.one_of(st.none(), st.sampled_from(NAMES)),
        st.one_of(st.none(), st.sampled_from(["1990-05-12", "1990-12-05", "1991-05-12"])),
        st.one_of(st.none(), st.sampled_from(["F", "M"])),
        st.sampled_from(["x", "y"]),
    ),
    min_size=1,
    max_size=25,
)
Records = list[tuple[str | None, ...]]


def prepared(
    records: Records, *, across: bool, max_block: int = 1000
) -> tuple[Encoded, Candidates]:
    columns = {(k.value, k): [r[f] for r in records] for f, k in enumerate(KINDS)}
    encoded = encoded_table(
        columns,
        [str(r[4]) for r in records],
        across=across,
        partners={"family_name": "given_name"},
    )
    candidates = make_candidates(
        encoded, make_keys(encoded), RULES, [], max_block=max_block, across=across
    )
    return encoded, candidates


def model_of(
    encoded: Encoded, *, relative: float = 0.001, twin: float = 0.0, review_at: float = 0.05
) -> Model:
    """Weights of no particular meaning, all different."""
    comparisons = []
    for f, c in enumerate(encoded.comparisons):
        n = c.n_levels
        m = np.arange(1.0, n + 1.0) ** (1.0 + 0.1 * f)
        r = np.ones(n) + 0.3 * np.arange(n) * (f % 2)
        t = np.ones(n) + 0.5 * np.arange(n)[::-1] * (f % 3)
        comparisons.append(
            ComparisonModel(
                name=c.name,
                kind=c.kind,
                form=c.form,
                partner=c.partner,
                m=(m / m.sum()).tolist(),
                r=(r / r.sum()).tolist(),
                u=(m[::-1] / m.sum()).tolist(),
                t=(t / t.sum()).tolist(),
                term_frequency={"ANH": -1.5, "F": -0.25},
                rare=0.5,
                word_frequency={"AN": -0.75, "HOA": 2.5},
                rare_word=1.25,
            )
        )
    return Model(
        comparisons=comparisons,
        prior=0.01,
        relative=relative,
        twin=twin,
        link_at=0.9,
        review_at=review_at,
        largest=50,
        rules=[list(r.keys) for r in RULES],
        narrowing=[],
        max_block=1000,
        placeholders={},
        locale="general",
        layouts={},
        kinds={},
    )


def rows_of(encoded: Encoded, records: Records) -> Records:
    return [records[i][:4] for i in encoded.first]


def vector(rows: Records, i: int, j: int) -> list[int]:
    return list(compare_pair(FORMS, {0: 1}, rows[i], rows[j]))


def nothing(_: int) -> None:
    """Nobody is told."""


@given(RECORDS, st.booleans())
@settings(max_examples=60)
def test_each_pair_is_counted_once(records: Records, across: bool) -> None:
    encoded, candidates = prepared(records, across=across)
    radix = radices(encoded.comparisons)
    patterns, counts = count_candidates(
        encoded, candidates, radix, most_pairs=1e9, threads=1, advance=nothing
    )
    rows = rows_of(encoded, records)
    expected = naive.count_patterns(
        candidates.keys, encoded.source, across, lambda i, j: vector(rows, i, j), radix
    )
    assert dict(zip(patterns.tolist(), counts.tolist(), strict=True)) == expected
    assert np.array_equal(patterns, np.sort(patterns))


@given(
    RECORDS,
    st.booleans(),
    st.sampled_from([(0.0, 0.0), (0.001, 0.0), (0.0, 0.002), (0.001, 0.0005)]),
    st.sampled_from([1e-6, 0.05, 0.6]),
)
@settings(max_examples=80)
def test_each_pair_is_scored_once(
    records: Records, across: bool, others: tuple[float, float], review_at: float
) -> None:
    relative, twin = others
    encoded, candidates = prepared(records, across=across)
    model = model_of(encoded, relative=relative, twin=twin, review_at=review_at)
    table = make_table(model, encoded)
    found = score_candidates(encoded, candidates, table, threads=1, advance=nothing)
    rows = rows_of(encoded, records)
    against = [
        (
            model.prior_bits,
            [np.log2(c.m) - np.log2(c.u) for c in model.comparisons],
            lambda c, value: c.term_frequency.get(value, c.rare),
            lambda c, word: c.word_frequency.get(word, c.rare_word),
        )
    ]
    if relative:
        against.append(
            (
                model.relative_bits,
                [np.log2(c.m) - np.log2(c.r) for c in model.comparisons],
                partial(shared_bits_of, "r"),
                lambda _comparison, _word: 0.0,
            )
        )
    if twin:
        against.append(
            (
                model.twin_bits,
                [np.log2(c.m) - np.log2(c.t) for c in model.comparisons],
                partial(shared_bits_of, "t"),
                lambda _comparison, _word: 0.0,
            )
        )

    forms = [c.form.value for c in model.comparisons]

    def weight(i: int, j: int) -> float:
        bits = [
            (prior, weights, *([partial(of, c) for c in model.comparisons] for of in more))
            for prior, weights, *more in against
        ]
        values = list(zip(rows[i], rows[j], strict=True))
        return float(naive.pair_weight(vector(rows, i, j), forms, values, bits))

    everything, compared = naive.score_blocks(
        candidates.keys,
        encoded.source,
        across,
        lambda i, j: vector(rows, i, j),
        weight,
        -np.inf,
    )
    assert found.compared == compared
    got = {
        (i, j): (w, levels)
        for i, j, w, levels in zip(
            found.left.tolist(),
            found.right.tolist(),
            found.weight.tolist(),
            unpack(found.pattern, table.radix).tolist(),
            strict=True,
        )
    }
    assert list(got) == sorted(got)
    for pair, (bits, levels) in everything.items():
        if bits > table.least + 1e-3:
            assert pair in got
        if pair in got:
            assert got[pair][0] == pytest.approx(bits, abs=1e-3)
            assert got[pair][1] == levels
            assert got[pair][0] >= np.float32(table.least)
    assert set(got) <= set(everything)


def shared_bits_of(other: str, c: ComparisonModel, value: str) -> float:
    """Bits of a value in common, against relatives or twins who share it or agree by chance."""
    u, r = c.u[-1], getattr(c, other)[-1]
    sharing = max(0.0, (r - u) / (1.0 - u))
    frequency = min(1.0, u * 2.0 ** -c.term_frequency.get(value, c.rare))
    return float(np.log2(r / (sharing + (1.0 - sharing) * frequency)))


def people(n: int, seed: int = 1) -> Records:
    rng = np.random.default_rng(seed)
    names = [f"{a}{b}" for a in NAMES[:5] for b in NAMES[:5]]
    return [
        (
            names[rng.integers(25)],
            names[rng.integers(25)],
            f"{rng.integers(1950, 2010)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}",
            "FM"[rng.integers(2)],
            "xy"[rng.integers(2)],
        )
        for _ in range(n)
    ]


@pytest.mark.parametrize("across", [False, True])
def test_threads_and_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch, across: bool) -> None:
    encoded, candidates = prepared(people(1500), across=across)
    table = make_table(model_of(encoded, review_at=1e-3), encoded)
    radix = radices(encoded.comparisons)
    results = []
    works = ((400_000, 1), (1000, 1), (1000, 2), (7, 2), (400_000, 2, 300), (1000, 1, 1))
    for pairs, threads, *rows in works:
        monkeypatch.setattr(walk, "_PAIRS_PER_TASK", pairs)
        room = Room(*rows)
        counted = count_candidates(
            encoded,
            candidates,
            radix,
            most_pairs=1e9,
            threads=threads,
            advance=nothing,
            room=room,
        )
        scored = score_candidates(
            encoded, candidates, table, threads=threads, advance=nothing, room=room
        )
        results.append((*counted, scored.left, scored.right, scored.weight, scored.pattern))
        assert scored.compared == counted[1].sum()
    for result in results[1:]:
        for one, other in zip(results[0], result, strict=True):
            assert one.tobytes() == other.tobytes()
    assert len(results[0][2]) > 100


def test_tables_of_patterns_and_of_links_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded, candidates = prepared(people(400), across=False)
    radix = radices(encoded.comparisons)

    def counted() -> dict[int, float]:
        found = count_candidates(
            encoded, candidates, radix, most_pairs=1e9, threads=1, advance=nothing
        )
        return dict(zip(found[0].tolist(), found[1].tolist(), strict=True))

    expected = counted()
    monkeypatch.setattr(walk, "_FIRST_TABLE", 4)
    assert counted() == expected
    assert len(expected) > 8


def test_a_sample_of_blocks_stands_for_all() -> None:
    """Whole blocks are taken by their key, and counted for those that are left."""
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 1500, 6000)
    records: Records = [
        (f"N{g}", NAMES[k % 5], f"19{k % 90 + 10}-05-12", None, "x")
        for k, g in enumerate(groups.tolist())
    ]
    encoded, _ = prepared(records, across=False)
    candidates = make_candidates(
        encoded, make_keys(encoded), RULES[:1], [], max_block=1000, across=False
    )
    radix = radices(encoded.comparisons)
    whole, part = (
        count_candidates(encoded, candidates, radix, most_pairs=most, threads=1, advance=nothing)
        for most in (1e9, 3000.0)
    )
    assert whole[1].sum() > 10_000
    assert part[1].sum() == pytest.approx(whole[1].sum(), rel=0.15)
    taken = part[1].min()  # what one pair stands for
    assert part[1].sum() / taken < 4000
    # Which blocks are taken is a matter of their keys, not of the order of the records.
    turned, _ = prepared(records[::-1], across=False)
    other = count_candidates(
        turned,
        make_candidates(turned, make_keys(turned), RULES[:1], [], max_block=1000, across=False),
        radix,
        most_pairs=3000.0,
        threads=2,
        advance=nothing,
    )
    for one, two in zip(part, other, strict=True):
        assert one.tobytes() == two.tobytes()


@given(RECORDS, st.booleans(), st.integers(0, 3))
@settings(max_examples=40)
def test_a_task_holds_every_new_pair_of_its_blocks(
    records: Records, across: bool, cut: int
) -> None:
    """Each pair of a rule's blocks that no rule before makes, whatever blocks a task has."""
    encoded, candidates = prepared(records, across=across)
    table = make_table(model_of(encoded), encoded)._replace(least=-1e9, lowest=-(10**12))
    for rule, blocks in enumerate(candidates.blocks):
        n_blocks = len(blocks.pairs)
        ends = [0, min(cut, n_blocks), n_blocks]
        found: list[tuple[int, int]] = []
        for begin, end in pairwise(ends):
            task = Task(
                candidates.keys,
                rule,
                blocks.order,
                blocks.starts,
                begin,
                end,
                encoded.source,
                across,
            )
            room = np.empty((2, 1000), np.int64)
            weight, pattern = np.empty(1000, np.float32), np.empty(1000, np.uint64)
            n, compared = kernels.score_blocks(
                encoded.values, task, table, room[0], room[1], weight, pattern
            )
            assert n == compared
            found += list(zip(*room[:, :n].tolist(), strict=True))
        members = [
            blocks.order[begin:end].tolist()
            for begin, end in zip(blocks.starts[:-1], blocks.starts[1:], strict=True)
        ]
        wanted = naive.new_pairs(candidates.keys, rule, encoded.source, across, members)
        assert sorted(found) == sorted(wanted)


def test_no_rules_no_pairs() -> None:
    encoded, _ = prepared(people(5), across=False)
    none = make_candidates(encoded, {}, [], [], max_block=10, across=False)
    table = make_table(model_of(encoded), encoded)
    found = score_candidates(encoded, none, table, threads=2, advance=nothing)
    assert (len(found.left), found.compared) == (0, 0)
    patterns, counts = count_candidates(
        encoded, none, table.radix, most_pairs=1e9, threads=2, advance=nothing
    )
    assert len(patterns) == len(counts) == 0
