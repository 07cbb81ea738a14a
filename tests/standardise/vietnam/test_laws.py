"""Laws of the Vietnamese rules: nothing raises, and what is standard stays as it is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mpi.schema import Kind
from mpi.standardise.vietnam.fields import FIELD_RULES

KINDS = sorted(FIELD_RULES)
WORDS = (
    "Phường P. 3 03 Quận Q1 TP HCM Bến Tre Huế Thừa Thiên tỉnh đường Kiệt , số 12/5 KP2 Bà Rịa - "
    "Vũng Tàu Quảng Nam Đà Nẵng Việt VN tổ dân phố ngày tháng Năm năm 1990 5 SN"
)
anything = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.binary(max_size=24).map(lambda raw: raw.decode("utf-8", "replace")),
)
digits = st.text("0123456789", min_size=6, max_size=16)
heads = st.sampled_from(["GD4", "DN", "B", "O", "+84", "CMND ", "84", "00"])
likely = st.one_of(
    digits,
    st.tuples(st.sampled_from(["GD4", "DN", "B", "O", "+84", "CMND ", "84", "00"]), digits).map(
        "".join
    ),
    st.lists(digits, min_size=2, max_size=3).map("; ".join),
    st.text("0123456789OIl .-/;,:E+()", max_size=24),
    st.lists(st.sampled_from(WORDS.split()), max_size=9).map(" ".join),
    st.dates().map(lambda date: date.strftime("%d/%m/%Y")),
)


def standard(kind: Kind, texts: list[str]) -> tuple[list[str], dict[str, list[bool]]]:
    """Standard values of a column on its own, and its repairs."""
    rule, column = FIELD_RULES[kind], pa.array(texts, pa.string())
    layout = rule.layout(column, np.ones(len(texts), np.int64)).text if rule.layout else ""
    done = rule.standard(column, layout)
    return done.values.to_pylist(), {name: mask.tolist() for name, mask in done.repairs.items()}


@pytest.mark.parametrize("kind", KINDS)
@given(texts=st.lists(anything, max_size=6))
def test_no_input_raises(kind: Kind, texts: list[str]) -> None:
    values, repairs = standard(kind, texts)
    assert len(values) == len(texts)
    assert all(len(mask) == len(texts) for mask in repairs.values())
    assert all(any(mask) for mask in repairs.values())


@pytest.mark.parametrize("kind", KINDS)
@given(texts=st.lists(st.one_of(anything, likely), max_size=6))
@example(texts=["010700000000", "GD4010700000000"])  # a card whose end is taken for a telephone
def test_standardising_twice_changes_nothing(kind: Kind, texts: list[str]) -> None:
    once, _ = standard(kind, texts)
    assert standard(kind, once)[0] == once


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30)
@given(text=st.one_of(anything, likely))
def test_a_value_does_not_depend_on_its_neighbours(kind: Kind, text: str) -> None:
    """Given the layout: kernels and plain Python agree, and rows do not touch each other."""
    rule = FIELD_RULES[kind]
    alone = rule.standard(pa.array([text], pa.string()), "").values[0].as_py()
    among = rule.standard(pa.array(["1/5/1990", text, "x"] * 250, pa.string()), "").values
    assert among[1].as_py() == alone
    assert among[748].as_py() == alone


@pytest.mark.parametrize("kind", KINDS)
def test_missing_stays_missing(kind: Kind) -> None:
    assert standard(kind, ["", "  ", "\t"]) == ([""] * 3, {})
