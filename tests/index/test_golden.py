import numpy as np
import pyarrow as pa

from mpi.index.golden import golden_fields


def golden(values, person, age=None):
    n = len(values)
    columns = golden_fields(
        pa.table({"name": pa.array(values, pa.string())}),
        {"name": "name"},
        pa.array([f"a:{i}" for i in range(n)]),
        np.array(person),
        max(person) + 1,
        np.array(age or [0] * n),
    )
    return list(zip(*(column.to_pylist() for column in columns.values()), strict=True))


def test_most_records_win():
    assert golden(["An", "Ba", "Ba"], [0, 0, 0]) == [("Ba", "a:1")]


def test_spelling_counts_as_one_value():
    decomposed = "Lê".encode().decode().replace("ê", "e\u0302")
    assert golden(["An", "LÊ", decomposed, " lê "], [0] * 4) == [("LÊ", "a:1")]
    assert golden(["An", "Le  An", "LE AN"], [0] * 3) == [("Le  An", "a:1")]


def test_then_the_most_recent_record():
    assert golden(["An", "Ba"], [0, 0], [1, 0]) == [("Ba", "a:1")]
    assert golden(["An", "Ba", "Ba"], [0] * 3, [0, 2, 1]) == [("Ba", "a:2")]


def test_then_the_smallest_key():
    assert golden(["Ba", "An"], [0, 0]) == [("Ba", "a:0")]


def test_nothing_and_blanks_are_no_value():
    assert golden([None, " ", "An", None], [0, 0, 1, 2]) == [
        (None, None), ("An", "a:2"), (None, None)
    ]  # fmt: skip
    assert golden(["", "", "An"], [0, 0, 0]) == [("An", "a:2")]


def test_a_person_of_very_many_records():
    values = ["An"] * 40 + ["Ba"] * 60 + ["Vu"]
    assert golden(values, [0] * 100 + [1]) == [("Ba", "a:40"), ("Vu", "a:100")]
