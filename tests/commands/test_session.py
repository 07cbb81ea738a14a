"""Options that commands share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.commands.session import Session, parse_size
from mpi.errors import UsageError


def test_the_command_line_outranks_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("seed = 5\nprecision = 0.9\nmax_block = 50\n")
    settings = Session(config=path, precision=0.99, memory="2GB").settings()
    assert (settings.seed, settings.precision, settings.max_block) == (5, 0.99, 50)
    assert settings.memory == 2_000_000_000


def test_an_option_out_of_range_is_told() -> None:
    with pytest.raises(UsageError, match=r"'precision' is 1\.5"):
        Session(precision=1.5).settings()


@pytest.mark.parametrize("text", ["", "much", "-1GB", "0", "4XB", "1.2.3GB", "GB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match="no size"):
        parse_size(text)


@given(st.integers(1, 10**15))
def test_plain_bytes(value: int) -> None:
    assert parse_size(str(value)) == value


def test_more_memory_than_asked_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    for memory, words in (("1MB", "more than the 1.0 MB"), ("900TB", "")):
        with Session(memory=memory).stages() as stages, stages.stage("reading"):
            pass
        assert words in capsys.readouterr().err
    with Session(memory="1MB", quiet=True).stages() as stages, stages.stage("reading"):
        pass
    assert capsys.readouterr().err == ""
