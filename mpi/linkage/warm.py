"""Compile every kernel of the matching core once, on a table that is made up for it."""

from __future__ import annotations

import pyarrow as pa

from mpi.encode.comparisons import Comparison
from mpi.encode.levels import PRIOR_M, PRIOR_U
from mpi.records.table import Field, RecordTable
from mpi.schema import FORM_OF, Kind
from mpi.score.model import ComparisonModel, Model

# Above a few hundred different texts standardising leaves its short path for its kernels.
_ROWS = 1200
_KINDS = (Kind.FULL_NAME, Kind.BIRTH_DATE, Kind.NATIONAL_ID, Kind.ADDRESS, Kind.SEX, Kind.NUMBER)


_MORE = (Kind.INSURANCE_ID, Kind.PHONE, Kind.PROVINCE, Kind.DISTRICT, Kind.WARD, Kind.EMAIL)


def warm_table(*, every_kind: bool = False) -> RecordTable:
    """A table with a field of every form, each of many values; nobody's data.

    every_kind : with further fields, whose values are brought to standard form in other ways
    """
    numbers = [i * 7919 % 100_003 for i in range(_ROWS)]
    columns = {
        "source": [f"warm_{i % 2}" for i in range(_ROWS)],
        "record_id": [f"{i:06}" for i in range(_ROWS)],
        Kind.FULL_NAME: [f"{_word(n)} {_word(n // 7)} Đ{_word(n // 31)}" for n in numbers],
        Kind.BIRTH_DATE: [f"{1930 + n % 80}-{1 + n % 12:02}-{1 + n % 28:02}" for n in numbers],
        Kind.NATIONAL_ID: [f"{n * 99_991 % 10**12:012}" for n in numbers],
        Kind.ADDRESS: [f"{n % 97} {_word(n)} {_word(n // 3)}" for n in numbers],
        Kind.SEX: ["F" if n % 2 else "M" for n in numbers],
        Kind.NUMBER: [str(n % 1000) for n in numbers],
    }
    kinds: tuple[Kind, ...] = _KINDS
    if every_kind:
        kinds += _MORE
        columns |= {
            Kind.INSURANCE_ID: [f"GD4{n % 89 + 10}{n * 7 % 10**10:010}" for n in numbers],
            Kind.PHONE: [f"0{900_000_000 + n * 31}" for n in numbers],
            Kind.PROVINCE: [f"Tỉnh {_word(n)}" for n in numbers],
            Kind.DISTRICT: [f"Quận {n % 97} {_word(n)}" for n in numbers],
            Kind.WARD: [f"Phường {n % 83} {_word(n // 3)}" for n in numbers],
            Kind.EMAIL: [f"{_word(n)}@example.org" for n in numbers],
        }
    assert {FORM_OF[kind] for kind in _KINDS} == set(FORM_OF.values())
    fields = tuple(Field(kind, kind, kind, "made up") for kind in kinds)
    empty = pa.table({"source": pa.array([], pa.string()), "record_id": pa.array([], pa.string())})
    data = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return RecordTable(data, fields, {}, empty)


def usual_model(comparisons: tuple[Comparison, ...]) -> Model:
    """The usual errors and chances, with nothing learnt; its rules compare `warm_table`."""
    return Model(
        comparisons=[
            ComparisonModel(
                name=c.name,
                kind=c.kind,
                form=c.form,
                partner=c.partner,
                m=list(PRIOR_M[c.form]),
                r=list(PRIOR_U[c.form]),
                u=list(PRIOR_U[c.form]),
                term_frequency={},
                rare=0.0,
            )
            for c in comparisons
        ],
        prior=0.3,
        relative=0.1,
        link_at=0.5,
        review_at=0.01,
        largest=50,
        rules=[[Kind.BIRTH_DATE], [Kind.ADDRESS], [Kind.NUMBER, Kind.SEX]],
        narrowing=[],
        max_block=1000,
        placeholders={},
        layouts={},
        kinds={},
    )


def _word(number: int) -> str:
    letters = "ANTHOGIUEMLQ"
    return "".join(letters[number // 12**k % 12] for k in range(4))
