"""The standard table as a whole: its shape, its reports and its laws."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpi.errors import UsageError
from mpi.records.table import Field, RecordTable
from mpi.schema import FORM_OF, Kind
from mpi.settings import Settings
from mpi.stages import Stages
from mpi.standardise import alphabets, encode, standardise
from mpi.standardise import columns as columns_module
from mpi.standardise import standard as standard_module


def records_of(source=None, **columns):
    """A record table of text columns, each named after its kind."""
    n = len(next(iter(columns.values())))
    data = {
        "source": pa.array(source or ["a"] * n, pa.string()),
        "record_id": pa.array([f"{i:07d}" for i in range(n)], pa.string()),
        **{name: pa.array(values, pa.string()) for name, values in columns.items()},
    }
    table = pa.table(data)
    fields = tuple(Field(name, Kind(name), name, "column name") for name in columns)
    return RecordTable(table, fields, {}, table.slice(0, 0))


def texts_of(table):
    """Field name -> standard texts a record, None where missing."""
    return {
        c.field.name: [None if i < 0 else c.values[i].as_py() for i in c.codes.tolist()]
        for c in table.columns
    }


def check(table):
    """What every standard table promises."""
    for column in table.columns:
        values = column.values.to_pylist()
        assert column.values.type == pa.string() and column.values.null_count == 0
        assert column.codes.dtype == np.int32 and column.counts.dtype == np.int64
        assert values == sorted(set(values), key=str.encode)
        assert "" not in values
        held = column.codes[column.codes >= 0]
        assert column.counts.tolist() == np.bincount(held, minlength=len(values)).tolist()
        assert all(column.counts > 0)
        assert column.form is FORM_OF[column.field.kind]
        assert all(n > 0 for n in column.repairs.values())


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=16)
likely = st.one_of(
    text,
    st.sampled_from(
        [
            *("0912345678", "+84 912345678", "12/05/1990", "19900512", "31/02/1990", "01/01/1900"),
            *("Nguyễn, Văn A", "UNKNOWN", "000000000", "1.2E+11", "12.0", "Nam", "2", "1", "0"),
            *("Mr John (x)", "a@b.c", "05/04/90", "33005", "+44 20 1234 5678", "Tỉnh Huế"),
        ]
    ),
    st.from_regex(r"[0-9]{1,9}([-/.][0-9]{1,4}){0,2}", fullmatch=True),
)
values = st.lists(st.none() | likely, min_size=1, max_size=12)


@settings(max_examples=250)
@given(kind=st.sampled_from(sorted(FORM_OF)), raw=values)
def test_any_text_of_any_kind(kind, raw):
    """It never raises, doing it again changes nothing, NFC and NFD are one, two rows will do."""
    records = records_of(**{kind.value: raw})
    table = standardise(records)
    check(table)
    wanted = texts_of(table)[kind.value]
    fixed = {"placeholders": by_field(table), "layouts": table.layouts}
    fixed["settings"] = Settings(locale=table.locale)

    again = standardise(records_of(**{kind.value: wanted}), **fixed)
    assert texts_of(again)[kind.value] == wanted
    for form in ("NFC", "NFD"):
        other = [None if v is None else unicodedata.normalize(form, v) for v in raw]
        assert texts_of(standardise(records_of(**{kind.value: other})))[kind.value] == wanted
    part = standardise(records_of(**{kind.value: raw[-2:]}), **fixed)
    assert texts_of(part)[kind.value] == wanted[-2:]
    backwards = standardise(records_of(**{kind.value: raw[::-1]}))
    assert texts_of(backwards)[kind.value] == wanted[::-1]
    assert backwards.layouts == table.layouts
    assert backwards.messages == table.messages


@settings(max_examples=150)
@given(kind=st.sampled_from(sorted(FORM_OF)), raw=values)
def test_the_kernels_and_the_short_way_agree(kind, raw):
    records = records_of(**{kind.value: raw})
    short = standardise(records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alphabets, "FEW", 0)
        patch.setattr(encode, "FEW", 0)
        patch.setattr(encode, "MANY", 1)
        encoded = standardise(records)
        patch.setattr(columns_module, "MANY_ROWS", 0)
        patch.setattr(columns_module, "_SAMPLE", len(raw))
        by_row = standardise(records)
    for table in (encoded, by_row):
        assert texts_of(table) == texts_of(short)
        assert table.layouts == short.layouts
        assert table.messages == short.messages
        assert table.placeholders == short.placeholders


def by_field(table):
    out = {}
    for placeholder in table.placeholders:
        out.setdefault(placeholder.field, []).append(placeholder.value)
    return out


def a_registry(n=3000, seed=1):
    """Records with everything in them that the data must give away."""
    rng = np.random.default_rng(seed)
    families = ["NGUYỄN", "TRẦN", "LÊ", "PHẠM", "VÕ", "HỒ", "LÝ"]
    syllables = ["AN", "BÌNH", "CHI", "DUNG", "ĐẠT", "GIANG", "HOA", "KHOA", "LAN", "MINH"]
    names = [
        " ".join([families[a], *(syllables[i] for i in row)])
        for a, row in zip(rng.integers(0, 7, n), rng.integers(0, 10, (n, 3)), strict=True)
    ]
    dates = [
        f"{d:02d}/{m:02d}/{y}"
        for d, m, y in zip(
            rng.integers(1, 29, n), rng.integers(1, 13, n), rng.integers(1930, 2020, n), strict=True
        )
    ]
    ids = [f"{i:012d}" for i in rng.integers(10**10, 9 * 10**10, n)]
    phones = [f"09{i:08d}" for i in rng.integers(10**7, 10**8, n)]
    for i in range(0, 400, 4):
        ids[i] = "001002003004"
        dates[i + 1] = "01/01/1950"
        phones[i + 2] = "0909 123 456"
        dates[i + 3] = "01/01/1900"
    for i in range(1000, 1040):  # one true person's many records
        names[i], dates[i], ids[i], phones[i] = names[1000], dates[1000], ids[1000], phones[1000]
    return records_of(full_name=names, birth_date=dates, national_id=ids, phone=phones)


def test_placeholders_are_found_by_list_and_by_the_data():
    table = standardise(a_registry(), Settings(locale="general"))
    check(table)
    found = {p.value: (p.field, p.rows) for p in table.placeholders}
    assert found == {
        "1950-01-01 -> 1950-00-00": ("birth_date", 100),
        "1900-01-01": ("birth_date", 100),
        "001002003004": ("national_id", 100),
        "909123456": ("phone", 100),
    }
    whys = {p.value: p.why for p in table.placeholders}
    assert whys["1900-01-01"] == "listed"
    assert whys["001002003004"].startswith("100 records with 100 different names")
    columns = texts_of(table)
    assert columns["national_id"][0] is None
    assert columns["national_id"][1000] is not None
    assert columns["phone"][2] is None and columns["phone"][1000] is not None
    assert columns["birth_date"][1] == "1950-00-00"
    assert columns["birth_date"][3] is None
    assert columns["full_name"][1000] is not None
    assert any("birth_date: in 100 records: 1 January" in m for m in table.messages)
    assert "national_id: 1 placeholder, taken as missing in 100 records" in table.messages


def test_a_fixed_model_gives_the_same():
    records = a_registry()
    table = standardise(records)
    again = standardise(records, placeholders=by_field(table), layouts=table.layouts)
    assert texts_of(again) == texts_of(table)
    assert [c.repairs for c in again.columns] == [c.repairs for c in table.columns]
    assert by_field(again) == by_field(table)
    assert again.layouts == table.layouts
    wanted = texts_of(table)
    for at in (0, 1, 2, 3, 999, 2998):
        two = RecordTable(records.data.slice(at, 2), records.fields, {}, records.deleted)
        part = standardise(two, placeholders=by_field(table), layouts=table.layouts)
        assert texts_of(part) == {name: v[at : at + 2] for name, v in wanted.items()}


def test_a_fixed_model_looks_for_nothing():
    table = standardise(a_registry(), placeholders={})
    assert {p.why for p in table.placeholders} == {"listed"}
    assert texts_of(table)["national_id"][0] == "001002003004"


def test_the_order_of_rows_does_not_matter():
    records = a_registry()
    order = np.random.default_rng(2).permutation(len(records))
    shuffled = RecordTable(records.data.take(order), records.fields, {}, records.deleted)
    table, other = standardise(records), standardise(shuffled)
    wanted = texts_of(table)
    assert texts_of(other) == {name: [v[i] for i in order] for name, v in wanted.items()}
    assert other.placeholders == table.placeholders
    assert other.messages == table.messages


def test_chunks_and_threads_do_not_matter(monkeypatch):
    records = a_registry()
    pieces = pa.concat_tables([records.data.slice(i, 700) for i in range(0, len(records), 700)])
    monkeypatch.setattr(standard_module, "MANY_ROWS", 100)
    monkeypatch.setattr(columns_module, "MANY_ROWS", 100)
    monkeypatch.setattr(columns_module, "_SAMPLE", 100)
    wanted = standardise(records, Settings(threads=1))
    cut = standardise(RecordTable(pieces, records.fields, {}, records.deleted), Settings(threads=3))
    assert texts_of(cut) == texts_of(wanted)
    assert cut.placeholders == wanted.placeholders


def test_the_settings_name_placeholders():
    records = records_of(national_id=["12-34", "5678"], birth_date=["01/02/1950", None])
    asked = {"national_id": ["1234"], "birth_date": ["1/2/1950"], "phone": ["1"]}
    table = standardise(records, Settings(placeholders=asked))
    assert texts_of(table) == {"national_id": [None, "5678"], "birth_date": [None, None]}
    assert [(p.value, p.rows, p.why) for p in table.placeholders] == [
        ("1234", 1, "settings"),
        ("1950-02-01", 1, "settings"),
    ]
    assert "placeholders are set for 'phone', which is no field of these records" in table.messages


def test_placeholders_of_the_settings_reach_a_fixed_model():
    asked = Settings(placeholders={"phone": ["0912 345 678"]})
    table = standardise(records_of(phone=["0987654322"]), asked)
    assert [(p.value, p.rows) for p in table.placeholders] == [("912345678", 0)]
    later = standardise(records_of(phone=["0912345678"]), placeholders=by_field(table))
    assert texts_of(later) == {"phone": [None]}


def test_a_birth_in_three_columns_is_one():
    records = records_of(
        birth_day=["12", "31", None, "5", "1"],
        given_name=["A", "B", "C", "D", "E"],
        birth_year=["1990", "85", "1970", None, "1900"],
        birth_month=["5", "Feb", None, "5", "1"],
    )
    table = standardise(records)
    check(table)
    assert [c.field.name for c in table.columns] == ["birth_date", "given_name"]
    birth = table.columns[0]
    assert birth.field.kind is Kind.BIRTH_DATE
    assert birth.field.column == "birth_year+birth_month+birth_day"
    assert texts_of(table)["birth_date"] == ["1990-05-12", "1985-02-00", "1970-00-00", None, None]
    assert birth.repairs == {
        "impossible day, kept as month only": 1,
        "day or month of birth without a year, taken as missing": 1,
    }
    assert [(p.field, p.value) for p in table.placeholders] == [("birth_date", "1900-01-01")]
    fixed = {"placeholders": by_field(table), "layouts": table.layouts}
    assert texts_of(standardise(records, **fixed)) == texts_of(table)


def test_parts_of_a_birth_beside_a_date_stay():
    records = records_of(
        birth_date=["1990-05-12"], birth_year=["1990"], birth_month=["5"], birth_day=["12"]
    )
    assert len(standardise(records).columns) == 4


def test_sources_are_coded():
    table = standardise(records_of(source=["b", "a", "b"], sex=["M", "F", None]))
    assert table.sources == ("a", "b")
    assert table.source.dtype == np.int32
    assert table.source.tolist() == [1, 0, 1]
    assert len(table) == 3


def test_no_records_and_no_values():
    table = standardise(records_of(full_name=[], birth_date=[], phone=[], sex=[]))
    assert len(table) == 0
    check(table)
    table = standardise(records_of(full_name=[None, None], birth_date=[None, " "]))
    check(table)
    assert texts_of(table) == {"full_name": [None, None], "birth_date": [None, None]}
    assert table.messages == ()


def test_dictionary_columns_are_read():
    records = records_of(sex=["Nam", "Nữ", None])
    data = records.data.set_column(
        2,
        "sex",
        records.data["sex"].dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
    )
    table = standardise(RecordTable(data, records.fields, {}, records.deleted))
    assert texts_of(table) == {"sex": ["M", "F", None]}


def test_fields_that_are_not_compared_have_no_column():
    records = records_of(updated_at=["2020-01-01"], sex=["M"])
    assert [c.field.name for c in standardise(records).columns] == ["sex"]


def test_an_unknown_locale_is_an_error():
    with pytest.raises(UsageError, match="setting 'locale' is 'xx'; the locales are: general"):
        standardise(records_of(sex=["M"]), Settings(locale="xx"))


def test_progress_adds_up():
    seen = []

    class Listener:
        def start(self, stage, total):
            seen.append(total)

        def advance(self, stage, amount):
            seen.append(-amount)

        def finish(self, stage):
            seen.append(stage)

    stages = Stages(Listener())
    standardise(records_of(sex=["M"] * 7, full_name=["A"] * 7, phone=["1"] * 7), stages=stages)
    assert seen[-1] == "standardising"
    assert sum(seen[:-1]) == 0
    assert stages.times[0].rows == 7


def test_messages_are_plain_words():
    records = records_of(birth_date=["31/02/1990", "30/02/1990", "5/4/1990"], sex=["1", "2", "9"])
    assert standardise(records).messages == (
        "birth_date: read as day/month/year",
        "sex: 1 read as male, 2 as female",
        "birth_date: in 2 records: impossible day, kept as month only",
        "sex: in 1 record: neither male nor female, taken as missing",
    )


def test_the_names_choose_the_locale():
    records = a_registry()
    table = standardise(records)
    assert table.locale == "vi"
    assert any("locale 'vi'" in m for m in table.messages)
    found = {p.value for p in table.placeholders}
    assert "1900-01-01" in found and not any(v.endswith("-00-00") for v in found)
    assert texts_of(table)["birth_date"][1] == "1950-00-00"
    forced = standardise(records, Settings(locale="general"))
    assert forced.locale == "general" and not any("locale" in m for m in forced.messages)


def test_an_unknown_locale_is_refused():
    with pytest.raises(UsageError, match="'xx'; the locales are: general, vi"):
        standardise(a_registry(), Settings(locale="xx"))
