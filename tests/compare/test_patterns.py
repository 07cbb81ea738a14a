"""Comparison vectors packed into one number and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import score as naive

from mpi.compare.patterns import radices, unpack
from mpi.encode.comparisons import Comparison
from mpi.errors import UsageError
from mpi.schema import Form, Kind

FORMS = st.lists(st.sampled_from(list(Form)), min_size=1, max_size=14)


def comparisons(forms: list[Form]) -> tuple[Comparison, ...]:
    return tuple(Comparison(f"f{i}", Kind.TEXT, form) for i, form in enumerate(forms))


@given(FORMS, st.data())
def test_round_trip(forms: list[Form], data: st.DataObject) -> None:
    made = comparisons(forms)
    radix = radices(made)
    levels = [data.draw(st.integers(-1, c.n_levels - 1)) for c in made]
    pattern = naive.pack_pattern(levels, radix.tolist())
    assert unpack(np.array([pattern], np.uint64), radix).tolist() == [levels]


def test_the_extremes_are_different_numbers() -> None:
    radix = radices(comparisons([Form.NAME] * 4 + [Form.CATEGORY]))
    every = np.arange(int(radix.prod()), dtype=np.uint64)
    levels = unpack(every, radix)
    assert len(np.unique(levels, axis=0)) == len(every)
    assert levels[0].tolist() == [-1] * 5
    assert levels[-1].tolist() == [11, 11, 11, 11, 1]


def test_too_many_fields() -> None:
    radices(comparisons([Form.NAME] * 17))
    with pytest.raises(UsageError, match="18 fields are too many to compare"):
        radices(comparisons([Form.NAME] * 18))
