"""Dates: what each writing means, and how a column shows its layout."""

import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.standardise import dates
from mpi.standardise.dates import (
    IMPOSSIBLE,
    NO_DAY,
    NO_MONTH,
    OTHER_RUN,
    SWAPPED,
    UNREADABLE,
    date_layout,
    standard_dates,
)
from mpi.standardise.layouts import EIGHT, SIX, DateLayout


def read(raw, layout=""):
    return standard_dates(pa.array([raw]), layout).values[0].as_py()


def layout_of(*raw):
    return DateLayout.read(date_layout(pa.array(raw), np.ones(len(raw), np.int64)).text)


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        ("1990-05-12", "1990-05-12"),
        ("12/05/1990", "1990-05-12"),
        ("12.5.1990", "1990-05-12"),
        (" 12-05-1990 ", "1990-05-12"),
        ("1990/5/12", "1990-05-12"),
        ("19900512", "1990-05-12"),
        ("199005120830", "1990-05-12"),
        ("19900512083059", "1990-05-12"),
        ("1990-05-12T08:30:00Z", "1990-05-12"),
        ("1990-05-12 00:00:00.000", "1990-05-12"),
        ("12/05/1990 08:30 AM", "1990-05-12"),
        ("1990", "1990-00-00"),
        ("1990.0", "1990-00-00"),
        ("19900512.0", "1990-05-12"),
        ("195000000000", "1950-00-00"),
        ("19500000", "1950-00-00"),
        ("1950-00-00", "1950-00-00"),
        ("00/00/1950", "1950-00-00"),
        ("--/--/1950", "1950-00-00"),
        ("XX/XX/1950", "1950-00-00"),
        ("05/1990", "1990-05-00"),
        ("1990-05", "1990-05-00"),
        ("199005", "1990-05-00"),
        ("12 May 1990", "1990-05-12"),
        ("May 12, 1990", "1990-05-12"),
        ("12-Sept-90", "1990-09-12"),
        ("12th of May, 1990", "1990-05-12"),
        ("1990 May 12", "1990-05-12"),
        ("12 août 1990", "1990-08-12"),
        ("ngày 12 tháng 5 năm 1990", "1990-05-12"),
        ("12/05/90", "1990-05-12"),
        ("12/05/26", "2026-05-12"),
        ("12/05/27", "1927-05-12"),
        ("90/05/12", "1990-05-12"),
        ("29/02/2000", "2000-02-29"),
        ("١٢/٠٥/١٩٩٠", "1990-05-12"),
        ("", ""),
        ("?", ""),
        ("unknown", ""),
        ("12", ""),
        ("May 12", ""),
        ("5/5", ""),
        ("9999-12-31", ""),
        ("0001-01-01", ""),
        ("፩/፪/1990", ""),
        ("9" * 5000, ""),
        ("1/" * 4000, ""),
    ],
)
def test_one_date(raw, date):
    assert read(raw) == date


@pytest.mark.parametrize(
    ("raw", "date", "repair"),
    [
        ("31/02/1990", "1990-02-00", NO_DAY),
        ("1900-02-29", "1900-02-00", NO_DAY),
        ("19901332", "1990-00-00", NO_MONTH),
        ("05/13/1990", "1990-05-13", SWAPPED),
        ("1990-13-05", "1990-05-13", SWAPPED),
        ("25121990", "1990-12-25", OTHER_RUN),
        ("12/05/1790", "", IMPOSSIBLE),
        ("1234567", "", IMPOSSIBLE),
        ("n/a", "", UNREADABLE),
    ],
)
def test_repairs_are_counted(raw, date, repair):
    taken = standard_dates(pa.array([raw, "1990-05-12"]), "")
    assert taken.values[0].as_py() == date
    assert {name: mask.tolist() for name, mask in taken.repairs.items()} == {repair: [True, False]}


def test_the_day_or_the_month_comes_first():
    assert layout_of("25/12/1990", "05/04/1990").month_first is False
    assert layout_of("12/25/1990", "05/04/1990").month_first is True
    assert layout_of("05/04/1990").month_first is False
    assert read("05/04/1990", "month first") == "1990-05-04"


def test_one_slip_does_not_turn_the_column():
    assert layout_of(*["25/12/1990"] * 3, "12/25/1990").month_first is False


def test_nothing_that_tells_is_said():
    message = date_layout(pa.array(["05/04/1990"]), np.array([1])).message
    assert message == "read as day/month/year, as no value tells day from month"


def test_digits_run_as_most_of_them_can():
    assert layout_of("25121990", "05041990").eight == "ddmmyyyy"
    assert layout_of("12251990", "05041990").eight == "mmddyyyy"
    assert layout_of("19901225", "05041990").eight == "yyyymmdd"
    assert read("5041990", "ddmmyyyy") == "1990-04-05"
    assert layout_of("251290", "050490").six == "ddmmyy"
    assert layout_of("901225", "900405").six == "yymmdd"
    assert read("251290", "ddmmyy") == "1990-12-25"


def test_spreadsheet_days():
    layout = layout_of("33005", "33006", "1990-05-12")
    assert layout.serials
    assert read("33005", str(layout)) == "1990-05-12"
    assert read("33005.25", str(layout)) == "1990-05-12"
    assert not layout_of("33005", "1990-05-12", "1990-05-12").serials
    assert read("33005") == ""


def test_two_digits_never_mean_a_year_after_the_columns_last():
    layout = layout_of("12/05/99", "12/05/1998")
    assert layout.latest == 1998
    assert read("12/05/99", str(layout)) == "1899-05-12"
    assert read("12/05/98", str(layout)) == "1998-05-12"


@given(
    st.builds(
        DateLayout,
        st.booleans(),
        st.sampled_from(EIGHT),
        st.sampled_from(SIX),
        st.booleans(),
        st.integers(1850, 2035),
    )
)
def test_a_layout_is_read_as_it_was_written(layout):
    assert DateLayout.read(str(layout)) == layout


@given(
    st.dates(datetime.date(1000, 1, 1)),
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y 10:30", "%Y%m%d", "%d %B %Y", "%Y%m%d1030"]),
)
def test_every_date_of_the_range_comes_back(date, writing):
    taken = read(date.strftime(writing))
    assert taken == (date.isoformat() if 1850 <= date.year <= 2035 else "")


@given(st.lists(st.text("0123456789/-. :TMay?", max_size=20), min_size=1, max_size=10))
def test_many_dates_are_read_as_few(raw):
    texts = pa.array(raw, pa.string())
    few = standard_dates(texts, "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dates, "_MANY", 0)
        many = standard_dates(texts, "")
    assert many.values.to_pylist() == few.values.to_pylist()
