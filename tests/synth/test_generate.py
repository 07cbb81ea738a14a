"""Registries and truth: complete, repeatable, with the stated rates, and without a leak."""

import re
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mpi.errors import UsageError
from mpi.synth import SLICES, generate, stream, synthesise
from mpi.synth.difficulty import MISSING, Rates
from mpi.synth.registries import COLUMNS

PERSONS = 6_000


@pytest.fixture(scope="module")
def citizens():
    return synthesise(PERSONS, seed=11)


def kind_table(synthetic, kind):
    return pa.concat_tables([t for n, t in synthetic.sources.items() if n.endswith(kind)])


def readable(synthetic, table):
    """The rows whose text is in no wrong code."""
    garbled = synthetic.slices.filter(pc.field("garbled")).select(["source", "record_id"])
    return table.join(garbled, ["source", "record_id"], join_type="left anti")


def with_person(synthetic, table):
    return table.join(synthetic.truth, ["source", "record_id"], join_type="inner")


def test_same_seed_same_registries(citizens):
    again = synthesise(PERSONS, seed=11)
    assert again.truth.equals(citizens.truth)
    assert again.slices.equals(citizens.slices)
    assert all(again.sources[n].equals(t) for n, t in citizens.sources.items())
    other = synthesise(PERSONS, seed=12)
    assert not other.truth.equals(citizens.truth)


def test_truth_has_every_record_once(citizens):
    keys = pa.concat_tables([t.select(["source", "record_id"]) for t in citizens.sources.values()])
    for table in (citizens.truth, citizens.slices):
        assert table.select(["source", "record_id"]).equals(
            keys.combine_chunks().sort_by([("source", "ascending"), ("record_id", "ascending")])
        )
    for name, table in citizens.sources.items():
        assert pc.all(pc.equal(table["source"], name)).as_py()
        assert len(pc.unique(table["record_id"])) == table.num_rows
    assert citizens.truth["person_id"].null_count == 0
    assert len(pc.unique(citizens.truth["person_id"])) == PERSONS


def test_records_of_a_person(citizens):
    assert 2.0 <= citizens.records / PERSONS <= 2.3
    counts = citizens.truth.group_by("person_id").aggregate([("record_id", "count")])
    sizes = counts["record_id_count"].to_numpy()
    assert (sizes == 1).mean() > 0.15
    assert (sizes >= 5).mean() > 0.01
    inside = citizens.truth.group_by(["source", "person_id"]).aggregate([("record_id", "count")])
    assert pc.sum(pc.greater(inside["record_id_count"], 1)).as_py() > PERSONS * 0.05


@pytest.mark.parametrize("kind", COLUMNS)
def test_columns_and_missing_values(citizens, kind):
    table = kind_table(citizens, kind)
    assert table.column_names == ["source", "record_id", *COLUMNS[kind], "updated_at"]
    assert all(field.type == pa.string() for field in table.schema)
    assert table["full_name"].null_count == table["updated_at"].null_count == 0
    for field in ("sex", "birth_date", "phone", "address"):
        share = table[field].null_count / table.num_rows
        assert share == pytest.approx(MISSING[kind][field], abs=0.03)


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("insurance", r"\d\d/\d\d/\d{4}|\d{4}"),
        ("health", r"\d{4}-\d\d-\d\d|\d{4}"),
        ("hospital", r"\d{8}|\d{4}"),
        ("employment", r"\d\d-\d\d-\d{4}|\d{4}"),
    ],
)
def test_layout_of_dates(citizens, kind, pattern):
    dates = kind_table(citizens, kind)["birth_date"].drop_null().to_pylist()
    assert all(re.fullmatch(pattern, d) for d in dates)


def test_identity_numbers_are_built_as_real_ones(citizens):
    table = kind_table(citizens, "health")
    rows = table.filter(pc.match_substring_regex(table["national_id"], r"^\d{12}$"))
    number = rows["national_id"].to_pylist()
    placeholders = {"000000000000", "123456789012"}
    right = []
    for value, sex, born in zip(
        number, rows["sex"].to_pylist(), rows["birth_date"].to_pylist(), strict=True
    ):
        if value in placeholders or sex is None or born is None or born == "1900-01-01":
            continue
        century = (2 if int(born[:4]) >= 2000 else 0) + (sex == "F")
        right.append(value[3] == str(century) and value[4:6] == born[2:4])
    assert len(right) > 500
    assert 0.9 < np.mean(right) < 1.0  # a mother's number, a wrong digit, a wrong year
    assert all(int(v[:3]) <= 96 for v in number[:50] if v not in placeholders)
    cards = table["insurance_id"].drop_null().to_pylist()
    card = re.compile(r"[A-Z]{2}[1-5]\d{12}|\d{9,10}|\d{11,12}|[A-Z]{2}[1-5][\dO]+|[\dO]+")
    assert all(card.fullmatch(c) for c in cards)
    assert np.mean([bool(re.fullmatch(r"[A-Z]{2}[1-5]\d{12}", c)) for c in cards]) > 0.4


def test_a_number_belongs_to_one_person(monkeypatch):
    monkeypatch.setattr(generate, "BLOCK", 900)
    citizens = synthesise(4000, seed=5, difficulty="easy")
    table = with_person(citizens, kind_table(citizens, "insurance"))
    flags = citizens.slices.filter(pc.field("shared_number") | pc.field("placeholder"))
    table = table.join(flags.select(["source", "record_id"]), ["source", "record_id"],
                       join_type="left anti")  # fmt: skip
    for field in ("national_id", "insurance_id"):
        holders = (
            table.filter(table[field].is_valid())
            .group_by(field)
            .aggregate([("person_id", "count_distinct")])
        )
        assert pc.sum(pc.greater(holders["person_id_count_distinct"], 1)).as_py() <= 2
        assert holders.num_rows > 1000


def test_blocks_are_the_same_streamed(monkeypatch):
    monkeypatch.setattr(generate, "BLOCK", 700)
    whole = synthesise(2000, seed=3)
    parts = list(stream(2000, seed=3))
    assert [p.persons for p in parts] == [700, 700, 600]
    key = [("source", "ascending"), ("record_id", "ascending")]
    truth = pa.concat_tables([p.truth for p in parts]).combine_chunks().sort_by(key)
    assert truth.equals(whole.truth.combine_chunks())
    assert len(pc.unique(whole.truth["person_id"])) == 2000
    for table in whole.sources.values():
        assert len(pc.unique(table["record_id"])) == table.num_rows


def test_slices_are_there(citizens):
    shares = {n: pc.mean(citizens.slices[n].cast(pa.int8())).as_py() for n in SLICES}
    expected = {"twin": (0.003, 0.03), "newborn": (0.01, 0.05), "mover": (0.02, 0.12),
                "cmnd_to_cccd": (0.1, 0.45), "shared_number": (0.1, 0.35),
                "placeholder": (0.005, 0.05), "minority": (0.01, 0.15)}  # fmt: skip
    for name, (low, high) in expected.items():
        assert low < shares[name] < high, name


def test_newborns_carry_the_mothers_name(citizens):
    newborn = citizens.slices.filter(pc.field("newborn")).select(["source", "record_id"])
    rows = kind_table(citizens, "hospital").join(
        newborn, ["source", "record_id"], join_type="inner"
    )
    rows = readable(citizens, rows)
    named = pc.match_substring_regex(rows["full_name"], r"^(CON BÀ|CB|CON|BÉ|TSS) ")
    assert pc.mean(named.cast(pa.int8())).as_py() > 0.99
    assert rows.num_rows > 50


def test_rates_of_errors(citizens):
    rates = Rates()
    names = kind_table(citizens, "insurance")["full_name"].to_pylist()
    ascii_only = np.mean([name.isascii() for name in names])
    assert ascii_only == pytest.approx(rates.name_ascii, abs=0.015)
    hospital = readable(citizens, kind_table(citizens, "hospital"))
    assert all(name == name.upper() for name in hospital["full_name"].to_pylist())
    number = hospital["national_id"].drop_null().to_pylist()
    short = [n for n in number if re.fullmatch(r"\d{10,11}|\d{8}", n)]
    assert len(short) / len(number) == pytest.approx(rates.number_lost_zero_hospital, abs=0.05)
    dates = hospital["birth_date"].drop_null().to_pylist()
    assert np.mean([d == "19000101" for d in dates]) < 0.012


def test_difficulty_orders_the_errors():
    def dirt(level):
        table = kind_table(synthesise(3000, seed=2, difficulty=level), "insurance")
        plain = np.mean([n.isascii() for n in table["full_name"].to_pylist()])
        return plain + table["national_id"].null_count / table.num_rows

    easy, medium, hard = map(dirt, ("easy", "medium", "hard"))
    assert easy < medium < hard


def test_ids_and_order_say_nothing_about_the_person(citizens):
    truth = {(r["source"], r["record_id"]): r["person_id"] for r in citizens.truth.to_pylist()}
    family = []
    for name, table in citizens.sources.items():
        ids = table["record_id"].to_pylist()
        assert ids == sorted(ids)
        persons = [truth[name, i] for i in ids]
        numbers = np.array([int(p[1:]) for p in persons], float)
        if len(ids) > 500:
            assert abs(np.corrcoef(np.arange(len(ids)), numbers)[0, 1]) < 0.12
        together = sum(a == b for a, b in pairwise(persons))
        assert together <= 3
        phones = table["phone"].to_pylist()
        family += [a == b for a, b in pairwise(phones) if a is not None]
    assert np.mean(family) < 0.005
    assert not any(p[1:] in i for (_, i), p in truth.items())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"persons": 0}, "'persons' is 0; it must lie between 1"),
        ({"persons": 10, "provinces": 64}, "between 1 and 63"),
        ({"persons": 10, "difficulty": "brutal"}, "one of easy, medium, hard"),
        ({"persons": 10, "seed": -1}, "'seed' is -1"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    with pytest.raises(UsageError, match=message):
        synthesise(**arguments)


@pytest.mark.parametrize("persons", [1, 2, 17])
def test_few_persons(persons):
    citizens = synthesise(persons, seed=1, provinces=63)
    assert len(pc.unique(citizens.truth["person_id"])) == persons
