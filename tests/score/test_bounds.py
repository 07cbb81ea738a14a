"""What the loop drops by its bounds is what falls short when every pair is scored in full."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import score as naive
from naive.compare import compare_pair
from tables import encoded_table
from texts import SYLLABLES

from mpi.block.blocks import block_numbers, make_blocks
from mpi.block.candidates import Candidates
from mpi.compare._kernels_quick import ASK, date_level
from mpi.compare.patterns import unpack
from mpi.encode.rows import Encoded, aligned_rows
from mpi.schema import Kind
from mpi.score import _kernels as kernels
from mpi.score import _kernels_blocks as block_kernels
from mpi.score import _kernels_screen as screen_kernels
from mpi.score import _kernels_weight as weight_kernels
from mpi.score import walk
from mpi.score._kernels_blocks import Task
from mpi.score.learn import make_table
from mpi.score.losses import date_level_of
from mpi.score.model import ComparisonModel, Model
from mpi.score.walk import score_candidates

KINDS = (
    *(Kind.FAMILY_NAME, Kind.GIVEN_NAME, Kind.BIRTH_DATE, Kind.SEX),
    *(Kind.NATIONAL_ID, Kind.ADDRESS, Kind.NUMBER, Kind.MOTHER_NAME),
)
NOTHING = -1e9


@dataclass(frozen=True)
class Case:
    """Records, blocks of random rows, and a model of random weights."""

    records: list[tuple[str | None, ...]]
    encoded: Encoded
    candidates: Candidates
    table: weight_kernels.Table

    def at_least(self, least: float) -> weight_kernels.Table:
        """The table with another threshold, as `make_table` would have it."""
        lowest = int(np.floor((least - 0.01) * weight_kernels.PARTS))
        return self.table._replace(least=least, lowest=lowest)


def random_value(rng: np.random.Generator, kind: Kind) -> str | None:
    """Few different values and many near ones, so that every level is reached."""
    if rng.random() < 0.12:
        return None
    if kind == Kind.BIRTH_DATE:
        year, month, day = rng.integers(0, 3), rng.integers(0, 4), rng.integers(0, 4)
        return f"{(1990, 1991, 1909)[year]}-{(0, 5, 12, 11)[month]:02d}-{(0, 5, 12, 21)[day]:02d}"
    if kind == Kind.SEX:
        return "FMX"[rng.integers(3)]
    if kind == Kind.NATIONAL_ID:
        digits = f"00109{rng.integers(0, 4):01d}0123{rng.integers(0, 20):02d}"
        return digits[rng.integers(0, 3) :]
    if kind == Kind.NUMBER:
        return str((0, 1, 2, 2**32, 2**32 + 1, 77)[rng.integers(6)])
    words = rng.choice(SYLLABLES, rng.integers(1, 7 if kind == Kind.ADDRESS else 4))
    return " ".join(words.tolist())


def slipped(rng: np.random.Generator, value: str | None) -> str | None:
    """The value as another clerk has it, at times."""
    if value is None or rng.random() < 0.6:
        return value
    words = value.split(" ")
    if len(words) > 1 and rng.random() < 0.5:
        return " ".join(rng.permutation(words).tolist())
    at = int(rng.integers(len(value)))
    longer = value.isalpha() or len(words) > 1
    return (value[:at] + value[at + 1 :]).strip() or value if longer else value


def random_model(rng: np.random.Generator, encoded: Encoded, *, relative: float) -> Model:
    """Weights that need not rise with the level, and adjustments of both signs."""
    spread = rng.choice([0.1, 1.0, 4.0])
    comparisons = []
    for f, c in enumerate(encoded.comparisons):
        m, r, u, t = (np.exp2(spread * rng.standard_normal(c.n_levels)) for _ in range(4))
        if rng.random() < 0.5:  # as models are: m towards the top, u towards the bottom
            m, u = np.sort(m), np.sort(u)[::-1]
        values = encoded.columns[f].values.to_pylist()
        listed = {v: round(float(rng.uniform(-6, 5)), 3) for v in values if rng.random() < 0.5}
        comparisons.append(
            ComparisonModel(
                name=c.name,
                kind=c.kind,
                form=c.form,
                partner=c.partner,
                m=(m / m.sum()).tolist(),
                r=(r / r.sum()).tolist(),
                u=(u / u.sum()).tolist(),
                t=(t / t.sum()).tolist() if relative else [],
                term_frequency=listed,
                rare=float(rng.choice([0.0, -1.0, 3.0])),
                word_frequency={w: round(float(rng.uniform(-2, 5)), 3) for w in SYLLABLES[::3]},
                rare_word=float(rng.choice([0.0, 4.0])),
            )
        )
    return Model(
        comparisons=comparisons,
        prior=float(rng.choice([0.3, 0.01, 1e-7])),
        relative=relative,
        twin=relative / 3.0,
        link_at=0.9,
        review_at=0.5,
        largest=50,
        rules=[],
        narrowing=[],
        max_block=1000,
        placeholders={},
        locale="general",
        layouts={},
        kinds={},
    )


def random_case(
    seed: int, *, across: bool, relative: float, n: int = 50, locale: str = "general"
) -> Case:
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(KINDS), rng.integers(1, len(KINDS) + 1), replace=False)
    # Half of the cases have two names that clerks swap.
    kinds = [KINDS[k] for k in sorted({*chosen.tolist(), *((0, 1) if seed % 2 else ())})]
    records = [tuple(random_value(rng, kind) for kind in kinds) for _ in range(n)]
    records += [tuple(slipped(rng, value) for value in r) for r in records[::3]]
    if kinds[:2] == list(KINDS[:2]):  # each fifth has its names in each other's place
        records += [(r[1], r[0], *r[2:]) for r in records[::5]]
    records = list(dict.fromkeys(records))
    source = ["xy"[rng.integers(2)] for _ in records]
    columns = {(k.value, k): [r[f] for r in records] for f, k in enumerate(kinds)}
    partners = {"family_name": "given_name"} if kinds[:2] == list(KINDS[:2]) else None
    encoded = encoded_table(columns, source, across=across, partners=partners, locale=locale)
    assert encoded.n_rows == len(records)
    blocks, numbers = [], []
    for _ in range(int(rng.integers(1, 5))):
        groups = int(rng.choice([2, 5, 30]))
        hashes = rng.integers(0, groups, len(records)).astype(np.uint64) << np.uint64(58)
        hashes[rng.random(len(records)) < 0.2] = 0
        blocks.append(make_blocks(hashes))
        numbers.append(block_numbers(blocks[-1], hashes))
    keys = aligned_rows(numbers, len(records), 8)
    candidates = Candidates(keys, across, (), tuple(blocks))
    table = make_table(random_model(rng, encoded, relative=relative), encoded)
    return Case(records, encoded, candidates, table)


def every_pair(
    case: Case,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], npt.NDArray[np.uint64]]:
    """All candidate pairs with their weights and patterns, scored with no bound."""
    found = naive.candidate_pairs(case.candidates.keys, case.encoded.source, case.candidates.across)
    pairs = np.array(list(found), np.int64).reshape(-1, 2)
    weight, pattern = np.empty(len(pairs), np.float32), np.empty(len(pairs), np.uint64)
    table = case.at_least(NOTHING)
    kernels.score_pairs(case.encoded.values, table, pairs[:, 0], pairs[:, 1], weight, pattern)
    return pairs, weight, pattern


def nothing(_: int) -> None:
    """Nobody is told."""


@given(
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.sampled_from([0.0, 0.001]),
    st.sampled_from(["general", "vi"]),
)
@settings(max_examples=60)
def test_bounds_drop_nothing_that_counts(
    seed: int, across: bool, relative: float, locale: str
) -> None:
    """Same pairs, same patterns, same weights to the last bit, at any threshold: below all,
    at a weight that a pair has, a hair above one, and above all."""
    case = random_case(seed, across=across, relative=relative, locale=locale)
    pairs, weight, pattern = every_pair(case)
    shares = (0.0, 0.5, 0.9, 0.99, 1.0) if len(weight) else ()
    held = [float(np.quantile(weight, share, method="nearest")) for share in shares]
    for least in (NOTHING, 1e4, *held, *(float(np.nextafter(x, np.inf)) for x in held)):
        table = case.at_least(least)
        found = score_candidates(case.encoded, case.candidates, table, threads=1, advance=nothing)
        kept = weight.astype(np.float64) >= least
        assert found.compared == len(pairs)
        assert np.array_equal(np.stack([found.left, found.right], 1), pairs[kept])
        assert np.array_equal(found.weight.view(np.uint32), weight[kept].view(np.uint32))
        assert np.array_equal(found.pattern, pattern[kept])


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=15)
def test_patterns_are_the_twins(seed: int, across: bool) -> None:
    """What the loop says of each field is what the values say."""
    case = random_case(seed, across=across, relative=0.001, n=25)
    table = case.at_least(NOTHING)
    found = score_candidates(case.encoded, case.candidates, table, threads=1, advance=nothing)
    forms = [c.form.value for c in case.encoded.comparisons]
    partner = {0: 1} if case.encoded.values.partner[0] == 1 else {}
    for i, j, levels in zip(
        found.left.tolist(),
        found.right.tolist(),
        unpack(found.pattern, table.radix).tolist(),
        strict=True,
    ):
        assert levels == compare_pair(forms, partner, case.records[i], case.records[j])


@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([1, 7, 300]))
@settings(max_examples=20)
def test_threads_and_cuts_change_nothing(seed: int, across: bool, pairs_per_task: int) -> None:
    case = random_case(seed, across=across, relative=0.001)
    weight = every_pair(case)[1]
    least = float(np.median(weight)) if len(weight) else 0.0
    table = case.at_least(least)
    results = []
    with pytest.MonkeyPatch.context() as patch:
        for pairs, threads in ((400_000, 1), (pairs_per_task, 1), (pairs_per_task, 2)):
            patch.setattr(walk, "_PAIRS_PER_TASK", pairs)
            found = score_candidates(
                case.encoded, case.candidates, table, threads=threads, advance=nothing
            )
            columns = (found.left, found.right, found.weight, found.pattern)
            results.append((found.compared, *(column.tobytes() for column in columns)))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_is_above_every_weight(seed: int) -> None:
    """Whatever levels a pair has, its losses from the best outcome bound its weight."""
    case = random_case(seed, across=False, relative=0.0)
    pairs, weight, pattern = every_pair(case)
    table, fields = case.table, range(len(case.table.radix))
    rows = case.encoded.values.rows
    for (i, j), bits, levels in zip(
        pairs.tolist(), weight.tolist(), unpack(pattern, table.radix).tolist(), strict=True
    ):
        bound = by_rows = table.highest
        for f in fields:
            missing, equal = levels[f] < 0, rows[i, f] == rows[j, f]
            by_rows -= table.row_loss[0 if missing else 2 if equal else 1, f]
            bound -= table.row_loss[2, f] if equal and not missing else table.loss[f, levels[f] + 1]
        assert bits * weight_kernels.PARTS - 0.01 <= bound <= by_rows
        assert bound <= table.highest
    # An open level is short of the best outcome by no more than what may come of it.
    for f, comparison in enumerate(case.encoded.comparisons):
        unequal = comparison.n_levels - (comparison.form.value != "text")
        first = 0 if comparison.form.value == "identifier" else 1
        best = table.loss[f, first : unequal + 1].min()
        assert table.loss[f, weight_kernels.OPEN_COLUMN] == best == table.row_loss[1, f]
        if comparison.form.value in ("name", "text"):
            assert table.loss[f, weight_kernels.SIMILAR_COLUMN] == table.loss[f, 1:4].min()


def test_dates_have_a_level_of_their_case() -> None:
    """What the first look takes a pair of dates for is the level that they have."""
    years, parts = (1990, 1991, 1909, 9190, 2001), (0, 1, 5, 10, 11, 12, 21)
    dates = [int(f"{y}{m:02}{d:02}", 16) for y in years for m in parts for d in parts]
    seen = set()
    for x, y in combinations(dates, 2):
        one, two = np.uint64(x), np.uint64(y)
        level = date_level_of(int(screen_kernels.date_case(one, two)))
        assert level == date_level(one, two)
        seen.add(level)
    assert seen == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("room", [0, 1, 5, 64, 65, 10_000])
def test_pairs_that_do_not_fit_are_counted(room: int) -> None:
    """Those that fit are written, nothing behind them is."""
    case = random_case(3, across=False, relative=0.001)
    blocks = case.candidates.blocks[0]
    task = Task(
        case.candidates.keys,
        0,
        blocks.order,
        blocks.starts,
        0,
        len(blocks.pairs),
        case.encoded.source,
        False,
    )
    whole = None
    for size in (10_000, room):
        out = (
            np.full(size + 1, -7, np.int64),
            np.full(size + 1, -7, np.int64),
            np.full(size + 1, -7, np.float32),
            np.full(size + 1, 7, np.uint64),
        )
        table = case.at_least(NOTHING)
        n, compared = kernels.score_blocks(
            case.encoded.values, task, table, *(column[:size] for column in out)
        )
        assert n == compared == blocks.pairs.sum()
        whole = whole or [column[:n].copy() for column in out]
        for column, all_of_it in zip(out, whole, strict=True):
            assert column[: min(n, size)].tolist() == all_of_it[: min(n, size)].tolist()
            assert abs(int(column[-1])) == 7
    assert len(blocks.pairs) > 1


@given(st.integers(0, 2**32 - 1), st.integers(0, 64))
@settings(max_examples=20)
def test_finish_tile(seed: int, n: int) -> None:
    """Pairs of which nothing is known but that their values differ, as the loop leaves them."""
    case = random_case(seed, across=False, relative=0.001, n=30)
    rng = np.random.default_rng(seed)
    v = case.encoded.values
    first, second = rng.integers(0, case.encoded.n_rows, (2, 64))
    n_fields = len(v.form)
    levels = np.full((64, n_fields), 99, np.int8)
    bounds = np.full(64, case.table.highest, np.int64)
    for k in range(n):
        for f in range(n_fields):
            one, two = v.rows[first[k], f], v.rows[second[k], f]
            if one < 0 or two < 0:
                levels[k, f] = -1
                bounds[k] -= case.table.row_loss[0, f]
            elif one == two:
                levels[k, f] = case.table.top[f]
                bounds[k] -= case.table.row_loss[2, f]
            else:
                sure = case.encoded.comparisons[f].form.value in ("date", "category")
                place = (first[k], second[k], f)
                level = kernels.quick_level(v.rows, v.form, v.mark, *place) if sure else ASK
                levels[k, f] = level
                bounds[k] -= case.table.loss[f, weight_kernels.outcome_column(level)]
    weight, pattern = np.empty(n, np.float32), np.empty(n, np.uint64)
    kernels.score_pairs(v, case.at_least(NOTHING), first[:n], second[:n], weight, pattern)
    least = float(np.median(weight)) if n else 0.0
    kept = kernels.Kept(
        np.full(64, -1), np.full(64, -1), np.empty(64, np.float32), np.empty(64, np.uint64)
    )
    table = case.at_least(least)
    found = kernels.finish_tile(v, table, first, second, bounds, n, levels, kept, 0)
    expected = naive.finish_tile(
        [(k, k) for k in range(n)],
        lambda k, _: int(pattern[k]),
        lambda k, _: float(weight[k]),
        least,
    )
    assert found == len(expected)
    order = [k for k, _ in expected]
    assert kept.weight[:found].tobytes() == weight[order].tobytes()
    assert kept.pattern[:found].tobytes() == pattern[order].tobytes()
    assert kept.left[:found].tolist() == [min(first[k], second[k]) for k in order]
    assert kept.right[:found].tolist() == [max(first[k], second[k]) for k in order]
    assert (kept.left[found:] == -1).all()


@given(st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 3)), max_size=64))
def test_count_tile(vectors: list[tuple[int, int]]) -> None:
    radix = np.array([7, 5], np.uint64)
    levels = np.array(vectors, np.int8).reshape(-1, 2)
    patterns, counts = np.zeros(128, np.uint64), np.zeros(128, np.int64)
    half = len(vectors) // 2
    used = block_kernels.count_tile(levels, half, radix, patterns, counts, 0)
    used = block_kernels.count_tile(
        levels[half:], len(vectors) - half, radix, patterns, counts, used
    )
    held = dict(zip(patterns[counts > 0].tolist(), counts[counts > 0].tolist(), strict=True))
    assert held == naive.count_tile(vectors, [7, 5])
    assert used == len(held)
    small = np.zeros(4, np.uint64), np.zeros(4, np.int64)
    over = block_kernels.count_tile(levels, len(vectors), radix, *small, 0)
    assert over == (len(held) if len(held) <= 2 else -1)
