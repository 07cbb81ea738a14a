"""The model on paper: JSON there and back, versions, weights in bits."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.errors import UsageError
from mpi.schema import Form, Kind
from mpi.score.explain import pair_outcome, pair_verdict
from mpi.score.model import ComparisonModel, Model, probability, read_model, weight_of

SEX = ComparisonModel(
    name="sex",
    kind=Kind.SEX,
    form=Form.CATEGORY,
    partner=None,
    m=[0.05, 0.95],
    r=[0.5, 0.5],
    u=[0.5, 0.5],
    term_frequency={"Ồ": -0.125, "F": 1.5},
    rare=0.25,
)
MODEL = Model(
    comparisons=[SEX],
    prior=1e-4,
    relative=2e-4,
    link_at=0.9,
    review_at=0.05,
    largest=50,
    rules=[["sex", "birth_date:year"]],
    narrowing=["sex"],
    max_block=1000,
    placeholders={"birth_date": ["1900-01-01"]},
    locale="general",
    layouts={"birth_date": "day first"},
    kinds={"gioi_tinh": Kind.SEX},
)


def test_round_trip() -> None:
    written = MODEL.to_json()
    assert read_model(written) == MODEL
    assert read_model(written).to_json() == written


def test_the_order_of_dictionaries_is_nothing() -> None:
    turned = msgspec.structs.replace(SEX, term_frequency={"F": 1.5, "Ồ": -0.125})
    assert msgspec.structs.replace(MODEL, comparisons=[turned]).to_json() == MODEL.to_json()


def test_the_summary_leaves_term_frequencies_out() -> None:
    short = json.loads(MODEL.summary())
    assert short["comparisons"][0]["term_frequency"] == {}
    assert short["comparisons"][0]["m"] == [0.05, 0.95]


def test_another_version_is_refused() -> None:
    other = msgspec.structs.replace(MODEL, version=999).to_json()
    with pytest.raises(UsageError, match="version 999, this program reads 1, 2, 3; fit"):
        read_model(other)


def test_the_first_version_had_no_locale() -> None:
    old = json.loads(MODEL.to_json())
    del old["locale"]
    old["version"] = 1
    read = read_model(json.dumps(old).encode())
    assert read.locale == "general"
    assert msgspec.structs.replace(read, version=MODEL.version) == MODEL


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff\xfe", MODEL.to_json()[:-1]])
def test_no_model(data: bytes) -> None:
    with pytest.raises(UsageError, match="this is not a model file"):
        read_model(data)


def test_weights_in_bits() -> None:
    assert SEX.weights().tolist() == pytest.approx([0.0, np.log2(0.1), np.log2(1.9)])
    assert SEX.weights("r").tolist() == pytest.approx([0.0, np.log2(0.1), np.log2(1.9)])
    assert MODEL.prior_bits == pytest.approx(np.log2(1e-4 / 0.9997))
    assert MODEL.relative_bits == pytest.approx(-1.0)
    assert msgspec.structs.replace(MODEL, relative=0.0).relative_bits == float("inf")


@given(st.floats(1e-9, 1.0 - 1e-9))
def test_weights_and_probabilities_are_one_scale(share: float) -> None:
    assert probability(np.array([weight_of(share)]))[0] == pytest.approx(share, rel=1e-6)


def test_extreme_weights_stay_probabilities() -> None:
    got = probability(np.array([-np.inf, -5000.0, 5000.0, np.inf], np.float32))
    assert got.tolist() == [0.0, 0.0, 1.0, 1.0] or (0.0 <= got[0] < 1e-300 and got[3] == 1.0)


@pytest.mark.parametrize(
    ("chance", "rules", "begins"),
    [
        (0.95, 1, "linked"),
        (0.9, 2, "linked"),
        (0.5, 1, "for review"),
        (0.01, 1, "not linked"),
        (0.99, 0, "never compared"),
    ],
)
def test_verdicts(chance: float, rules: int, begins: str) -> None:
    outcome = pair_outcome(chance, 0.9, 0.05, rules)
    assert pair_verdict(outcome).startswith(begins)


def test_a_version_is_told_before_anything_else_is_read() -> None:
    """A newer model may hold what this program cannot read at all."""
    with pytest.raises(UsageError, match="version 999"):
        read_model(b'{"version": 999, "something": "new"}')


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"m": [0.0, 1.0]}, "m for 'sex' is 0.0"),
        ({"u": [1.5, 0.5]}, "u for 'sex'"),
        ({"r": [0.5, 0.25, 0.25]}, "3 levels of r for 'sex', this program compares"),
    ],
)
def test_shares_that_give_no_finite_weight_are_refused(
    change: dict[str, list[float]], words: str
) -> None:
    wrong = msgspec.structs.replace(
        MODEL, comparisons=[msgspec.structs.replace(SEX, **change)]
    ).to_json()
    with pytest.raises(UsageError, match=words):
        read_model(wrong)


@pytest.mark.parametrize(
    "change",
    [{"prior": 0.0}, {"prior": 1.0}, {"relative": 1.0}, {"link_at": 1.0}, {"review_at": 0.0}],
    ids=str,
)
def test_shares_that_are_none_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="must lie between 0 and 1"):
        read_model(msgspec.structs.replace(MODEL, **change).to_json())


@pytest.mark.parametrize("calibration", [(0.0, 0.0), (0.0, -1.0)], ids=str)
def test_a_calibration_that_turns_the_order_is_refused(calibration: tuple[float, float]) -> None:
    with pytest.raises(UsageError, match="calibration"):
        read_model(msgspec.structs.replace(MODEL, calibration=calibration).to_json())


def test_calibrated_chances_and_back() -> None:
    model = msgspec.structs.replace(MODEL, calibration=(-1.5, 0.5))
    assert read_model(model.to_json()) == model
    for share in (0.05, 0.5, 0.999):
        assert model.chance(np.array([model.weight_at(share)]))[0] == pytest.approx(share)
        assert MODEL.weight_at(share) == weight_of(share)
    assert model.chance(np.array([3.0])) == pytest.approx(probability(np.array([0.0])))
