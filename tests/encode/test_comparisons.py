"""Which columns are compared, and what is said of those that are not."""

from __future__ import annotations

from tables import standard_table

from mpi.compare.patterns import radices
from mpi.encode.comparisons import choose_comparisons
from mpi.encode.levels import LEVELS, PRIOR_M, label
from mpi.schema import Form, Kind


def test_what_says_nothing_is_left_out_aloud() -> None:
    n = 1000
    columns = {
        ("given_name", Kind.GIVEN_NAME): [f"N{i}" for i in range(n)],
        ("age", Kind.AGE): [str(i % 90) for i in range(n)],
        ("province", Kind.PROVINCE): ["HUE"] * n,
        ("sex", Kind.SEX): [None] * n,
        ("phone", Kind.PHONE): ["0912345678", *[None] * (n - 2), "0912345679"],
        ("email", Kind.EMAIL): ["A", *[None] * (n - 1)],
        ("note", Kind.TEXT): ["A", "B", *[None] * (n - 2)],
    }
    chosen, messages = choose_comparisons(standard_table(columns))
    assert [c.name for c in chosen] == ["given_name", "phone", "note"]
    assert [m.split(":")[0] for m in messages] == ["age", "province", "sex", "email"]
    assert all("left out of the comparison" in m for m in messages)


def test_of_too_many_columns_those_that_tell_most_are_compared() -> None:
    """A comparison vector has room for 17 names; a flag of two values tells less than any."""
    n = 50
    columns = {(f"name{k}", Kind.NAME): [f"N{i}" for i in range(n)] for k in range(16)}
    flags = {(f"flag{k}", Kind.CATEGORY): [str(i % 2) for i in range(n)] for k in range(9)}
    chosen, messages = choose_comparisons(standard_table({**flags, **columns}))
    assert [c.name for c in chosen] == [*(f"flag{k}" for k in range(2)), *(k[0] for k in columns)]
    assert [m.split(":")[0] for m in messages] == [f"flag{k}" for k in range(2, 9)]
    radices(chosen)


def test_names_that_clerks_swap_are_partners() -> None:
    columns = {
        ("family_name", Kind.FAMILY_NAME): ["A", "B"],
        ("given_name", Kind.GIVEN_NAME): ["C", "D"],
        ("mother_name", Kind.MOTHER_NAME): ["E", "F"],
    }
    chosen, _ = choose_comparisons(standard_table(columns))
    assert [c.partner for c in chosen] == ["given_name", "family_name", None]


def test_two_names_of_unknown_position_are_partners() -> None:
    columns = {("a1", Kind.NAME): ["A", "B"], ("a2", Kind.NAME): ["C", "D"]}
    chosen, _ = choose_comparisons(standard_table(columns))
    assert [(c.name, c.partner) for c in chosen] == [("a1", "a2"), ("a2", "a1")]


def test_a_lone_name_has_no_partner() -> None:
    chosen, _ = choose_comparisons(standard_table({("name", Kind.NAME): ["A", "B"]}))
    assert [c.partner for c in chosen] == [None]


def test_every_form_has_levels_and_a_default() -> None:
    assert set(LEVELS) == set(PRIOR_M) == set(Form)
    for form in Form:
        assert len(LEVELS[form]) == len(PRIOR_M[form])
        assert abs(sum(PRIOR_M[form]) - 1.0) < 1e-12
        assert min(PRIOR_M[form]) > 0.0
        assert label(form, len(LEVELS[form]) - 1) == "identical"
        assert label(form, -1) == "missing"
