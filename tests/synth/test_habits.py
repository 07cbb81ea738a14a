"""Notes in names, phones for numbers, two cards, landlines, the provinces of 2025, fashions."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mpi.synth import reference, synthesise
from mpi.synth.difficulty import Rates
from mpi.synth.names import syllables

PERSONS = 30_000
RATES = Rates()


@pytest.fixture(scope="module")
def citizens():
    return synthesise(PERSONS, seed=21)


@pytest.fixture(scope="module")
def tables(citizens):
    kinds = ("insurance", "health", "hospital", "employment")
    return {
        kind: pa.concat_tables([t for n, t in citizens.sources.items() if n.endswith(kind)])
        for kind in kinds
    }


def share(column, pattern):
    """Share of the values there are that a regular expression is found in."""
    return pc.mean(pc.match_substring_regex(column.drop_null(), pattern).cast(pa.int8())).as_py()


@pytest.mark.parametrize("kind", ["insurance", "health", "hospital", "employment"])
def test_notes_in_names(tables, kind):
    names = tables[kind]["full_name"]
    noted = share(names, r" \(?(19|20)\d\d\)?$")
    assert noted == pytest.approx(RATES.name_noted, abs=0.002)
    titled = share(names, r"^(?i)(ông|bà|anh|chị) \pL+ \pL+ \pL+")
    assert 0.3 * RATES.name_titled < titled < 2 * RATES.name_titled


def test_the_year_behind_a_name_is_that_of_birth(tables):
    table = tables["health"]
    rows = table.filter(pc.match_substring_regex(table["full_name"], r"\d{4}\)?$"))
    same = [
        re.search(r"\d{4}", r["full_name"]).group() == r["birth_date"][:4]
        for r in rows.to_pylist()
        if r["birth_date"]
    ]
    assert len(same) > 10
    assert np.mean(same) > 0.85


def test_a_phone_stands_for_an_identity_number(tables):
    table = tables["insurance"]
    same = pc.equal(table["national_id"], table["phone"])
    got = pc.mean(same.cast(pa.int8())).as_py()
    assert 0.3 * RATES.number_phone < got < 2.5 * RATES.number_phone


def test_cards_pile_up_in_hospitals(tables):
    cards = tables["hospital"]["insurance_id"].drop_null()
    two = cards.filter(pc.match_substring(cards, ";")).to_pylist()
    assert 0.002 < len(two) / len(cards) < 2 * RATES.card_two
    for pair in two:
        first, second = pair.split(";")
        assert first[3:] == second[3:]
    for kind in ("insurance", "health", "employment"):
        assert share(tables[kind]["insurance_id"], ";") == 0


def test_numbers_of_a_spreadsheet(tables):
    assert share(tables["employment"]["national_id"], r"^\d\.\d{4}E\+\d\d$") > 0
    assert share(tables["hospital"]["national_id"], r"E\+") == 0


def test_landlines_change_their_area_code(tables):
    pages = [t.select(["source", "phone", "updated_at"]) for t in tables.values()]
    table = pa.concat_tables(pages)
    hanoi = table.filter(pc.match_substring_regex(table["source"], "^ha_noi"))
    old = hanoi.filter(pc.less(hanoi["updated_at"], "2017-06-17"))
    new = hanoi.filter(pc.greater(hanoi["updated_at"], "2017-06-17"))
    assert share(old["phone"], r"^04\d{8}$") > 0.01
    assert share(new["phone"], r"^04\d{8}$") < 0.0005
    assert share(new["phone"], r"^024\d{8}$") > 0.003
    assert share(old["phone"], r"^024\d{8}$") < 0.0005
    recent = table.filter(pc.greater(table["updated_at"], "2021-01-01"))
    assert share(recent["phone"], r"^02\d{9}$") == 0


def test_provinces_of_2025_are_written_from_that_day(tables):
    merged = {p.name: p.name_2025 for p in reference.provinces(4) if p.name != p.name_2025}
    assert merged
    table = tables["insurance"]
    table = table.filter(pc.is_in(table["province"], pa.array([*merged, *merged.values()])))
    old_names = pc.is_in(table["province"], pa.array(list(merged)))
    late = pc.greater_equal(table["updated_at"], "2025-07-01")
    early = old_names.filter(pc.invert(late))
    assert pc.all(early).as_py()
    kept = pc.mean(old_names.filter(late).cast(pa.int8())).as_py()
    assert kept == pytest.approx(1 - RATES.place_new, abs=0.12)
    after = table.filter(pc.and_(late, pc.invert(old_names)))
    assert after["district"].null_count == after.num_rows


def test_given_names_follow_their_time():
    new, young = reference.given("F", "new"), reference.given("F", "young")
    assert new.values == young.values
    weights = dict(zip(young.values, np.diff(young.cumulative, prepend=0.0), strict=True))
    for name, percent in reference.YOUNG["F"].items():
        assert weights[name] * 100 == pytest.approx(percent)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert syllables().code("Vy") >= 0


def test_young_women_are_called_as_is_the_fashion(tables):
    table = tables["health"]
    table = table.filter(pc.equal(table["sex"], "F"))
    women = table.select(["full_name", "birth_date"]).drop_null()

    def called(name, low, high):
        rows = women.filter(
            pc.and_(pc.greater_equal(women["birth_date"], low), pc.less(women["birth_date"], high))
        )
        return share(rows["full_name"], f" {name}$")

    assert called("Vy", "2006", "2020") > 1.3 * called("Vy", "1965", "1985")


def test_garbled_records_are_marked(citizens, tables):
    flagged = citizens.slices.filter(pc.field("garbled")).select(["source", "record_id"])
    assert 0.001 < flagged.num_rows / citizens.records < 0.01
    table = tables["hospital"]
    rows = table.join(flagged, ["source", "record_id"], join_type="inner")
    odd = r"[\x{80}-\x{BF}ÑÅÄÖÆØÞÐßÿæøþ?]|[\x01-\x1F]"
    marked = share(rows["full_name"], odd)
    assert marked > 0.5
    rest = table.join(flagged, ["source", "record_id"], join_type="left anti")
    assert share(rest["full_name"], r"[\x{80}-\x{9F}?§¦¬]") == 0
    kinds = {n.rsplit("_", 1)[1] for n in pc.unique(flagged["source"]).to_pylist()}
    assert {"hospital", "insurance"} <= kinds


def test_difficulty_scales_what_goes_bad():
    def garbled(level):
        slices = synthesise(12_000, seed=2, difficulty=level).slices
        return pc.sum(slices["garbled"].cast(pa.int64())).as_py()

    assert garbled("easy") < garbled("medium") < garbled("hard")


def test_at_hard_employment_registries_are_in_fonts_throughout():
    citizens = synthesise(3_000, seed=8, difficulty="hard")
    odd = {"ha_noi": "[§-þ]", "ho_chi_minh": "[ñÑöÖøïõùûâêàáåãäéèúüë]"}
    for province, letters in odd.items():
        names = citizens.sources[f"{province}_employment"]["full_name"]
        assert share(names, r"[\x{1E00}-\x{1EFF}]") == 0  # Vietnamese letters of Unicode
        assert share(names, letters) > 0.8
    marked = citizens.slices.filter(pc.match_substring(citizens.slices["source"], "employment"))
    assert pc.mean(marked["garbled"].cast(pa.int8())).as_py() > 0.8
