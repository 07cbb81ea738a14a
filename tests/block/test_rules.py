"""Rules chosen from the data: the same each time, within their budget, finding what they should."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from tables import encoded_table

from mpi.block.candidates import make_keys
from mpi.block.keys import Key
from mpi.block.rules import Rule, choose_rules
from mpi.encode.rows import Encoded
from mpi.schema import Kind


def people(n: int, seed: int = 1) -> Encoded:
    """Unrelated people with a name, a date of birth, a number and a province."""
    rng = np.random.default_rng(seed)
    syllables = ["AN", "BAO", "CHI", "DUNG", "GIANG", "HOA", "KHANH", "LAN", "MINH", "NAM"]
    family = [f"{syllables[i % 10]}{i // 10}" for i in rng.integers(0, 60, n)]
    given = [syllables[i] + syllables[j] for i, j in rng.integers(0, 10, (n, 2))]
    year, month, day = (
        rng.integers(1930, 2020, n),
        rng.integers(1, 13, n),
        rng.integers(1, 29, n),
    )
    born = [f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(year, month, day, strict=True)]
    number = [f"{k:012d}" for k in rng.integers(0, 10**12, n)]
    return encoded_table(
        {
            ("family_name", Kind.FAMILY_NAME): family,
            ("given_name", Kind.GIVEN_NAME): given,
            ("birth_date", Kind.BIRTH_DATE): [b if k % 9 else None for k, b in enumerate(born)],
            ("national_id", Kind.NATIONAL_ID): [b if k % 4 else None for k, b in enumerate(number)],
            ("province", Kind.PROVINCE): [f"P{k}" for k in rng.integers(0, 5, n)],
        }
    )


def pairs_of(rule: Rule, keys: dict[str, Key]) -> int:
    """Pairs that a rule makes, by counting joint keys one record after the other."""
    seen: dict[tuple[int, ...], int] = {}
    for joint in zip(*(keys[name].codes.tolist() for name in rule.keys), strict=True):
        if min(joint) >= 0:
            seen[joint] = seen.get(joint, 0) + 1
    return sum(k * (k - 1) // 2 for k in seen.values())


@pytest.mark.parametrize("budget", [0.5, 5.0, 30.0])
def test_the_budget_is_kept(budget: float) -> None:
    encoded = people(3000)
    keys = make_keys(encoded)
    rules = choose_rules(list(keys.values()), encoded.n_rows, seed=1, pairs_per_row=budget)
    assert rules
    costs = [pairs_of(rule, keys) / encoded.n_rows for rule in rules]
    assert sum(costs) <= budget
    assert max(costs) <= budget / 4.0


def test_more_budget_finds_no_less() -> None:
    encoded = people(3000)
    keys = make_keys(encoded)
    few, many = (
        choose_rules(list(keys.values()), encoded.n_rows, seed=1, pairs_per_row=budget)
        for budget in (0.5, 30.0)
    )
    assert sum(pairs_of(r, keys) for r in few) < sum(pairs_of(r, keys) for r in many)


def test_the_same_rules_every_time_and_in_any_order_of_records() -> None:
    first = people(2000)
    chosen = [
        choose_rules(list(make_keys(first).values()), 2000, seed=1, pairs_per_row=20.0)
        for _ in range(2)
    ]
    assert chosen[0] == chosen[1]
    assert len(set(chosen[0])) == len(chosen[0])


def test_rules_are_of_different_fields_and_one_to_three_keys() -> None:
    keys = make_keys(people(3000))
    rules = choose_rules(list(keys.values()), 3000, seed=1, pairs_per_row=20.0)
    for rule in rules:
        fields = [keys[name].field for name in rule.keys]
        assert 1 <= len(fields) <= 3
        assert len(set(fields)) == len(fields)


def test_no_error_in_one_field_alone_hides_a_pair() -> None:
    """Whichever field is missing or wholly wrong, some rule does without it."""
    keys = make_keys(people(3000))
    rules = choose_rules(list(keys.values()), 3000, seed=1, pairs_per_row=20.0)
    for field in ("family_name", "given_name", "birth_date", "national_id", "province"):
        assert any(field not in {keys[k].field for k in rule.keys} for rule in rules)
    both = {"national_id", "birth_date"}
    assert any(both.isdisjoint(keys[k].field for k in rule.keys) for rule in rules)


def test_a_large_table_is_judged_by_a_sample() -> None:
    """What a sample of rows promises holds for all of them within a few per cent."""
    encoded = people(40_000)
    keys = make_keys(encoded)
    rules = choose_rules(list(keys.values()), encoded.n_rows, seed=1, pairs_per_row=20.0)
    assert sum(pairs_of(rule, keys) for rule in rules) <= 1.1 * 20.0 * encoded.n_rows


def test_no_rules_without_keys_or_records() -> None:
    keys = list(make_keys(people(10)).values())
    assert choose_rules([], 10, seed=1, pairs_per_row=20.0) == ()
    assert choose_rules(keys, 1, seed=1, pairs_per_row=20.0) == ()


def test_names_of_rules() -> None:
    assert (
        Rule(("given_name:sound", "birth_date:year")).name == "given_name:sound + birth_date:year"
    )
    names = [r.name for r in (Rule(("a",)), Rule(("a", "b")), Rule(("b",)))]
    assert all(a != b for a, b in combinations(names, 2))
