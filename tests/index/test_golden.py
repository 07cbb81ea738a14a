import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from index.nights import crosswalk, decide, linker, night, update, withdraw

from mpi.errors import UsageError
from mpi.index import MasterIndex
from mpi.index.golden import People, golden_field, plain_hashes
from mpi.settings import Golden, Settings, read_settings

USUAL = ["frequent", "recent"]


def golden(values, person, age=None, rules=USUAL, sources=None, **more):
    n = len(values)
    people = People(
        pa.array([f"a:{i}" for i in range(n)]),
        pa.array(sources or ["a"] * n),
        np.array(person),
        max(person) + 1,
        np.array(age or [0] * n),
    )
    columns = golden_field(pa.array(values, pa.string()), people, rules, **more)
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


def test_most_records_win():
    assert golden(["An", "Ba", "Ba"], [0, 0, 0]) == [("Ba", "a:1", "frequent")]


def test_spelling_counts_as_one_value():
    decomposed = "Lê".encode().decode().replace("ê", "e\u0302")
    assert golden(["An", "LÊ", decomposed, " lê "], [0] * 4) == [("LÊ", "a:1", "frequent")]
    assert golden(["Le  An", "LE AN"], [0] * 2) == [("Le  An", "a:0", "only value")]


def test_then_the_most_recent_record():
    assert golden(["An", "Ba"], [0, 0], [1, 0]) == [("Ba", "a:1", "recent")]
    assert golden(["An", "Ba", "Ba"], [0] * 3, [0, 2, 1]) == [("Ba", "a:2", "frequent")]


def test_then_the_smallest_key():
    assert golden(["Ba", "An"], [0, 0]) == [("Ba", "a:0", "smallest key")]
    assert golden(["Ba", "An"], [0, 0], [1, 0], ["frequent"]) == [("Ba", "a:0", "smallest key")]


def test_nothing_and_blanks_are_no_value():
    assert golden([None, " ", "An", None], [0, 0, 1, 2]) == [
        (None, None, None), ("An", "a:2", "only value"), (None, None, None)
    ]  # fmt: skip
    assert golden(["", "", "An"], [0, 0, 0]) == [("An", "a:2", "only value")]


def test_a_person_of_very_many_records():
    values = ["An"] * 40 + ["Ba"] * 60 + ["Vu"]
    assert golden(values, [0] * 100 + [1]) == [
        ("Ba", "a:40", "frequent"), ("Vu", "a:100", "only value")
    ]  # fmt: skip


def test_a_trusted_source_comes_first():
    told = golden(
        ["An", "An", "Ba", "Bo"], [0] * 4, rules=["trusted", *USUAL], sources=["x", "y", "z", "z"],
        trusted=["z", "y"],
    )  # fmt: skip
    assert told == [("Ba", "a:2", "smallest key")]
    told = golden(["An", "Ba"], [0] * 2, rules=["trusted"], sources=["x", "z"], trusted=["z"])
    assert told == [("Ba", "a:1", "trusted")]


def test_the_most_complete_value():
    rules = ["complete"]
    assert golden(["Le An", "Le Van An", "Le"], [0] * 3, rules=rules) == [
        ("Le Van An", "a:1", "complete")
    ]
    assert golden(["Le An", "Lê An"], [0] * 2, rules=rules) == [("Lê An", "a:1", "complete")]


def test_valid_ones_come_first():
    def even(values):
        return np.array([int(v) % 2 == 0 for v in values.to_pylist()])

    rules = ["valid", *USUAL]
    assert golden(["1", "1", "2"], [0] * 3, rules=rules, valid=even) == [("2", "a:2", "valid")]
    assert golden(["1", "1", "3"], [0] * 3, rules=rules, valid=even) == [("1", "a:0", "frequent")]


ROWS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from([None, "a", "A", "bb", "c"]), st.integers(0, 2),
        st.sampled_from("xyz"),
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip
RULES = st.lists(
    st.sampled_from(["frequent", "recent", "trusted", "complete"]), unique=True, max_size=4
)


@given(ROWS, RULES)
def test_the_rules_word_for_word(rows, rules):
    person, values, age, sources = (list(column) for column in zip(*rows, strict=True))
    hashes = plain_hashes(pa.array(values, pa.string())).tolist()
    expected = []
    for one in range(max(person) + 1):
        left = [i for i, p in enumerate(person) if p == one and values[i] is not None]
        why = None if not left else "only value" if len({hashes[i] for i in left}) == 1 else ""
        for rule in rules if why == "" else []:
            same = [hashes[i] for i in left]
            liked = {
                "frequent": lambda i, same=same: -same.count(hashes[i]),
                "recent": lambda i: age[i],
                "trusted": lambda i: "zx".find(sources[i]) % 3,
                "complete": lambda i: -len(values[i]),
            }[rule]
            best = min(map(liked, left))
            left = [i for i in left if liked(i) == best]
            if why == "" and len({hashes[i] for i in left}) == 1:
                why = rule
        tied = why == ""
        row = min(left, key=lambda i: (0 if tied else age[i], i), default=None)
        found = (None, None) if row is None else (values[row], f"a:{row}")
        expected.append((*found, "smallest key" if tied else why))
    assert golden(values, person, age, rules, sources, trusted=["z", "x"]) == expected


# ------------------------------------------------------------------ in an index


@pytest.fixture
def index(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(
        index,
        night(
            {"key": "a:1", "full_name": "Le An", "phone": "1", "updated_at": "2024-01-03"},
            {"key": "a:2", "full_name": "Le Anh", "phone": "1", "updated_at": "2024-01-01"},
            {"key": "b:1", "full_name": "Le Anh", "phone": "1", "updated_at": "2024-01-02"},
            {"key": "b:2", "full_name": "Vu Ba", "phone": "2"},
        ),
    )
    return index


def name_of(index, key):
    person = crosswalk(index)[key]
    rows = {row["enterprise_id"]: row for row in index.table("persons").to_pylist()}
    return tuple(rows[person][f"full_name{end}"] for end in ("", "_record", "_rule"))


def test_settings_choose_the_rules(index, tmp_path):
    assert name_of(index, "a:1") == ("Le Anh", "b:1", "frequent")
    file = tmp_path / "settings.toml"
    file.write_text('[golden]\ntrusted = ["a"]\n[golden.fields]\nfull_name = ["recent"]\n')
    chosen = read_settings(file)
    assert chosen.golden == Golden(trusted=["a"], fields={"full_name": ["recent"]})
    more = night({"key": "c:1"})

    index.update(more, chosen, resolver=linker)
    assert name_of(index, "a:1") == ("Le An", "a:1", "recent")
    # A decision is taken under the settings of the last run.
    decide(index, "same", "b:2", "c:1")
    assert name_of(index, "a:1") == ("Le An", "a:1", "recent")
    update(index, night({"key": "c:2"}))
    assert name_of(index, "a:1") == ("Le Anh", "b:1", "frequent")
    assert index._base.stored.data.num_rows == 6
    file.write_text('[golden]\nrules = ["newest"]\n')
    with pytest.raises(UsageError, match="newest"):
        read_settings(file)
    assert Settings().golden == Golden()


def test_a_value_that_somebody_set_wins(index):
    ids = crosswalk(index)
    done = decide(index, "set", "full_name", "Lê Ánh", ids["a:1"])
    assert done.changed and done.events == {}
    assert name_of(index, "a:1") == ("Lê Ánh", None, "decision 1")
    update(index, night({"key": "a:1", "full_name": "Other", "phone": "1"}))
    assert name_of(index, "a:1") == ("Lê Ánh", None, "decision 1")
    # It follows the person, and the last one holds.
    decide(index, "pin", ids["b:2"])
    decide(index, "same", "a:1", "b:2")
    assert crosswalk(index)["a:1"] == ids["b:2"]
    assert name_of(index, "a:1")[0] == "Lê Ánh"
    decide(index, "set", "full_name", "Vũ Bá", ids["b:2"])
    assert name_of(index, "a:1") == ("Vũ Bá", None, "decision 4")
    withdraw(index, 4)
    assert name_of(index, "a:1")[2] == "decision 1"
    withdraw(index, 1)
    assert name_of(index, "a:1")[2] == "frequent"
    decide(index, "set", "full_name", "X", crosswalk(index)["a:1"])
    update(index, night({"key": "z:1"}, deleted=[{"key": k} for k in ("a:1", "a:2", "b:1", "b:2")]))
    assert [n for n in index.table("persons")["full_name"].to_pylist() if n] == []
