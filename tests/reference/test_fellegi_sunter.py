"""Worked examples of match weights from the literature.

I. P. Fellegi and A. B. Sunter, "A Theory for Record Linkage", JASA 64 (1969): the weight of an
agreement is log2(m / u), of a disagreement log2((1 - m) / (1 - u)); weights add up.
"""

from __future__ import annotations

import numpy as np
import pytest

from mpi.schema import Form, Kind
from mpi.score.model import ComparisonModel, probability, weight_of


def weights(m: float, u: float) -> tuple[float, float]:
    """Bits of an agreement and of a disagreement."""
    made = ComparisonModel(
        name="field",
        kind=Kind.CATEGORY,
        form=Form.CATEGORY,
        partner=None,
        m=[1.0 - m, m],
        r=[1.0 - u, u],
        u=[1.0 - u, u],
        term_frequency={},
        rare=0.0,
    )
    missing, disagree, agree = made.weights().tolist()
    assert missing == 0.0
    return agree, disagree


@pytest.mark.parametrize(
    ("m", "u", "agree", "disagree"),
    [
        # Month of birth, right in 95 % of matches, equal by chance in one of twelve: the worked
        # example of the encyclopaedia's article on record linkage.
        (0.95, 1.0 / 12.0, 3.51, -4.20),
        # Street name, as a maker of geocoders explains it: log2(0.9 / 0.01).
        (0.9, 0.01, 6.49, -3.31),
        # A field that says nothing.
        (0.5, 0.5, 0.0, 0.0),
    ],
)
def test_published_weights(m: float, u: float, agree: float, disagree: float) -> None:
    assert weights(m, u) == pytest.approx((agree, disagree), abs=0.006)


def test_prior_and_weights_make_a_probability() -> None:
    """Two files of 1,000 with 500 in common: prior 1 in 2,000. Agreement on month of birth and
    street name leaves a doubt that agreement on a third such field removes."""
    prior = weight_of(500 / 1_000_000)
    assert prior == pytest.approx(-10.965, abs=0.001)
    month, street = weights(0.95, 1.0 / 12.0)[0], weights(0.9, 0.01)[0]
    two = prior + month + street
    # By hand: odds 1/1999 * 11.4 * 90 = 0.51326.
    assert 2.0**two == pytest.approx(0.51326, abs=1e-4)
    assert probability(np.array([two]))[0] == pytest.approx(0.33917, abs=1e-4)
    assert probability(np.array([two + street]))[0] == pytest.approx(0.97881, abs=1e-4)
