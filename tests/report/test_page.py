"""Text for people is safe for any value, and complete when it is piped."""

from __future__ import annotations

import io
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mpi.report.page import Page, visible


@given(st.text())
def test_no_control_character_gets_through(value: str) -> None:
    shown = visible(value)
    assert len(shown) <= 60
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Zl", "Zp", "Cs"}


@given(st.text(st.characters(categories=["L", "N"]), max_size=60))
def test_plain_values_are_shown_as_they_are(value: str) -> None:
    assert visible(value) == value


def test_a_piped_table_has_no_colours_and_loses_nothing() -> None:
    stream = io.StringIO()
    page = Page(stream)
    page.heading("[bold]Rows[/bold]")
    page.table(
        ("source", "rows"),
        [("hà nội [x]", "12"), ("y" * 60, "3")],
        numbers=("rows",),
        total=("", "15"),
    )
    text = stream.getvalue()
    assert "\x1b" not in text
    for part in ("[bold]Rows[/bold]", "hà nội [x]", "y" * 60, "15"):
        assert part in text
