from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from mpi.errors import UsageError
from mpi.records import Field, recognise
from mpi.records.columns import sample_rows
from mpi.schema import SINGULAR, Kind
from mpi.settings import Settings

GIVEN = [
    "Anh",
    "Binh",
    "Chi",
    "Dung",
    "Giang",
    "Hoa",
    "Khanh",
    "Linh",
    "Minh",
    "Nga",
    "Oanh",
    "Phuc",
    "Quan",
    "Son",
    "Tam",
    "Uyen",
    "Viet",
    "Xuan",
]
FAMILY = ["Nguyen", "Tran", "Le", "Pham", "Hoang", "Vu", "Dang", "Bui", "Do", "Ho"]
MIDDLE = ["Thi", "Van", "Duc", "Ngoc", "Thi Thu", "Thanh"]
PLACES = ["An Khe", "Ba Don", "Cam Lam", "Dak Doa", "Ea Kar", "Phu Vang", "Quang Dien", "Sa Pa"]


def citizens(rows: int = 600) -> pa.Table:
    rng = np.random.default_rng(7)

    def pick(values: list[str]) -> list[str]:
        return [values[i] for i in rng.integers(0, len(values), rows)]

    full = [" ".join(p) for p in zip(pick(FAMILY), pick(MIDDLE), pick(GIVEN), strict=True)]
    born = [f"{y}-{m:02}-{d:02}" for y, m, d in _dates(rng, rows, 1930, 2020)]
    seen = [f"{d:02}/{m:02}/{y}" for y, m, d in _dates(rng, rows, 2023, 2025)]
    numbers = [
        f"{p:03}{c}{n:08}"
        for p, c, n in zip(
            rng.integers(1, 97, rows),
            rng.integers(0, 4, rows),
            rng.integers(0, 10**8, rows),
            strict=True,
        )
    ]
    roads = [
        f"so {n} duong {p}" for n, p in zip(rng.integers(1, 400, rows), pick(GIVEN), strict=True)
    ]
    return pa.table(
        {
            "record": [f"BN{i:06}" for i in range(rows)],
            "who": full,
            "born": born,
            "seen": seen,
            "kind": pick(["Nam", "Nữ"]),
            "citizen": numbers,
            "card": [f"DN4{n:012}" for n in rng.integers(0, 10**12, rows)],
            "call": [f"09{n:08}" for n in rng.integers(0, 10**8, rows)],
            "mail": [f"u{n}@x.vn" for n in rng.integers(0, 10**6, rows)],
            "where": roads,
            "place": pick(PLACES),
            "same": ["VN"] * rows,
            "none": pa.nulls(rows, pa.string()),
            "key": [f"{n:032x}" for n in rng.integers(0, 2**62, rows)],
            "words": ["one two three four five six seven eight nine ten " * 3] * (rows - 1) + ["x"],
        }
    )


def _dates(rng: np.random.Generator, rows: int, first: int, last: int) -> np.ndarray:
    return np.stack(
        [rng.integers(first, last, rows), rng.integers(1, 13, rows), rng.integers(1, 29, rows)], 1
    )


def by_column(fields: tuple[Field, ...]) -> dict[str, Kind]:
    return {f.column: f.kind for f in fields}


def anonymous(table: pa.Table) -> tuple[pa.Table, dict[str, str]]:
    names = [f"a{i}" for i in range(1, table.num_columns + 1)]
    return table.rename_columns(names), dict(zip(table.column_names, names, strict=True))


def test_content_alone() -> None:
    table, called = anonymous(citizens())
    kinds = by_column(recognise(table))
    found = {name: kinds[column] for name, column in called.items()}
    assert found == {
        "record": Kind.RECORD_ID,
        "who": Kind.FULL_NAME,
        "born": Kind.BIRTH_DATE,
        "seen": Kind.DATE,
        "kind": Kind.SEX,
        "citizen": Kind.NATIONAL_ID,
        "card": Kind.INSURANCE_ID,
        "call": Kind.PHONE,
        "mail": Kind.EMAIL,
        "where": Kind.ADDRESS,
        "place": Kind.CATEGORY,
        "same": Kind.IGNORED,
        "none": Kind.IGNORED,
        "key": Kind.IGNORED,
        "words": Kind.IGNORED,
    }


def test_names_are_unique_and_reasons_given() -> None:
    for table in (citizens(), anonymous(citizens())[0]):
        fields = recognise(table)
        names = [f.name for f in fields]
        assert len(set(names)) == len(names) == table.num_columns
        assert all(f.why for f in fields)
        for kind in SINGULAR:
            assert sum(f.kind is kind for f in fields) <= 1


@pytest.mark.parametrize("rows", [600, 12_000])
def test_the_order_of_rows_does_not_matter(rows: int) -> None:
    table, _ = anonymous(citizens(rows))
    shuffled = table.take(np.random.default_rng(1).permutation(rows))
    assert recognise(table) == recognise(shuffled)


def test_samples_are_the_same_rows_in_any_order_and_chunking() -> None:
    table = citizens(3_000)
    order = np.random.default_rng(1).permutation(3_000)
    shuffled = pa.concat_tables([table.take(order[:11]), table.take(order[11:])])
    by_key = [("record", "ascending")]
    first = sample_rows(table, 500).sort_by(by_key)
    assert first.num_rows == 500
    assert first.equals(sample_rows(shuffled, 500).sort_by(by_key))
    assert not first.equals(table.slice(0, 500))


def test_birth_in_three_columns() -> None:
    rng = np.random.default_rng(3)
    days = _dates(rng, 400, 1930, 2010)
    days[:, 2] = rng.integers(1, 32, 400)
    columns = [days[:, 0], days[:, 1], days[:, 2], rng.integers(10**8, 10**9, 400)]
    table = pa.table({f"a{i}": list(map(str, c)) for i, c in enumerate(columns)})
    kinds = by_column(recognise(table))
    assert kinds == {
        "a0": Kind.BIRTH_YEAR,
        "a1": Kind.BIRTH_MONTH,
        "a2": Kind.BIRTH_DAY,
        "a3": Kind.IDENTIFIER,
    }


def test_settings_known_names_content_in_this_order() -> None:
    table = pa.table({"dob": ["x", "y"], "sex": ["Le", "Vu"], "zip": ["1", "2"]})
    fields = recognise(
        table,
        settings=Settings(fields={"dob": Kind.FULL_NAME}),
        known={"dob": Kind.PHONE, "sex": Kind.GIVEN_NAME},
    )
    assert [(f.kind, f.why) for f in fields] == [
        (Kind.FULL_NAME, "settings"),
        (Kind.GIVEN_NAME, "known"),
        (Kind.POSTCODE, "column name"),
    ]


def test_settings_must_name_columns_that_are_there() -> None:
    table = pa.table({"ho_ten": ["Le An"]})
    with pytest.raises(UsageError, match="'ho_tem', which no input has; did you mean 'ho_ten'"):
        recognise(table, settings=Settings(fields={"ho_tem": Kind.FULL_NAME}))


def test_the_truth_never_leaks() -> None:
    table = pa.table({"name": ["Le An", "Vu Ba"], "cluster": ["1", "2"], "person_id": ["7", "8"]})
    kinds = by_column(recognise(table))
    assert kinds["cluster"] is kinds["person_id"] is Kind.IGNORED


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ({"ten": ["Le Van An", "Vu Ba"]}, {"ten": Kind.FULL_NAME}),
        ({"ho": ["Le"], "ten": ["An"]}, {"ho": Kind.FAMILY_NAME, "ten": Kind.GIVEN_NAME}),
        (
            {"name": ["An", "Ba"], "surname": ["Le", "Vu"]},
            {"name": Kind.GIVEN_NAME, "surname": Kind.FAMILY_NAME},
        ),
        (
            {"record_id": ["1", "2"], "patient_id": ["8", "9"], "stt": ["1", "2"]},
            {"record_id": Kind.RECORD_ID, "patient_id": Kind.IDENTIFIER, "stt": Kind.IGNORED},
        ),
        (
            {"dob": ["1990"], "birth_date": ["1990"]},
            {"dob": Kind.DATE, "birth_date": Kind.BIRTH_DATE},
        ),
        ({"id": ["1", "1", "1", "2"]}, {"id": Kind.IDENTIFIER}),
        (
            {"id": ["1", "1", "1", "2"], "updated_at": ["1", "2", "3", "4"]},
            {"id": Kind.RECORD_ID, "updated_at": Kind.UPDATED_AT},
        ),
    ],
)
def test_names_in_company(columns: dict[str, list[str]], wanted: dict[str, Kind]) -> None:
    assert by_column(recognise(pa.table(columns))) == wanted


def test_a_number_shared_by_sources_is_the_persons() -> None:
    numbers = [f"{n:09}" for n in np.random.default_rng(5).integers(0, 10**9, 300)]
    names = [GIVEN[i % len(GIVEN)] for i in range(300)]
    table = pa.table({"a1": numbers * 2, "a2": names * 2})
    origin = np.repeat(np.array([0, 1], np.int32), 300)
    assert by_column(recognise(table, origin=origin))["a1"] is Kind.IDENTIFIER


@pytest.mark.parametrize(
    "key", [lambda i: str(i), lambda i: f"rec-{i}-org", lambda i: f"{i * 7919 + 2**90:032x}"]
)
def test_row_keys_by_content(key: Callable[[int], str]) -> None:
    table = pa.table(
        {"a1": [GIVEN[i % 18] for i in range(200)], "a2": [key(i) for i in range(200)]}
    )
    assert by_column(recognise(table))["a2"] is Kind.RECORD_ID
