"""Settings: a TOML file, checked as it is read, with errors that say what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mpi.errors import UsageError
from mpi.schema import Kind
from mpi.settings import Settings, read_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "mpi.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_said_is_the_default(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, "")) == Settings()


def test_everything_said(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        rules = [["given_name:sound", "birth_date:year"], ["national_id"]]
        link_at = 0.9
        review_at = 0.1
        precision = 0.99
        max_block = 50
        seed = 7
        threads = 2
        memory = 4_000_000_000

        [fields]
        ho_ten = "full_name"
        ghi_chu = "ignored"

        [placeholders]
        birth_date = ["1900-01-01"]
        """,
    )
    settings = read_settings(path)
    assert settings.fields == {"ho_ten": Kind.FULL_NAME, "ghi_chu": Kind.IGNORED}
    assert settings.placeholders == {"birth_date": ["1900-01-01"]}
    assert settings.rules == [["given_name:sound", "birth_date:year"], ["national_id"]]
    assert (settings.link_at, settings.review_at, settings.precision) == (0.9, 0.1, 0.99)
    assert (settings.max_block, settings.seed, settings.threads) == (50, 7, 2)
    assert settings.memory == 4_000_000_000
    assert read_settings(str(path)) == settings


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("link_at = 1.0", "'link_at' is 1.0; it must lie between 0 and 1"),
        ("review_at = 0.0", "'review_at' is 0.0"),
        ("precision = -0.5", "'precision' is -0.5"),
        ("link_at = 0.5\nreview_at = 0.6", "it must be the lower one"),
        ("max_block = 1", "'max_block' is 1; it must be at least 2"),
        ("threads = -1", "'threads' is -1; 0 means every core"),
        ("link_att = 0.5", "link_att"),
        ("seed = 'one'", "seed"),
        ("[fields]\nho_ten = 'fullname'", "fullname"),
        ("rules = ['birth_date']", "rules"),
        ("seed = ", "is no valid TOML"),
    ],
)
def test_what_is_wrong_is_said_in_words(tmp_path: Path, said: str, complaint: str) -> None:
    with pytest.raises(UsageError) as error:
        read_settings(written(tmp_path, said))
    assert complaint in str(error.value)
    assert error.value.exit_code == 2


def test_the_file_and_the_known_settings_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_settings(written(tmp_path, "colour = 'red'"))
    assert "mpi.toml" in str(error.value)
    assert "link_at, review_at, precision" in str(error.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_settings(tmp_path / "nowhere.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_settings(tmp_path)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "mpi.toml"
    path.write_bytes(b"link_at = \xff\xfe")
    with pytest.raises(UsageError, match="is no UTF-8 text"):
        read_settings(path)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "mpi.toml"
    path.write_bytes(b"\xef\xbb\xbfseed = 3\r\n")
    assert read_settings(path).seed == 3


@pytest.mark.parametrize(
    "wrong", [{"link_at": 2.0}, {"max_block": 0}, {"threads": -2}, {"precision": 1.0}]
)
def test_settings_made_in_a_program_are_checked_too(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Settings(**wrong)


def test_review_may_begin_where_links_begin() -> None:
    assert Settings(link_at=0.5, review_at=0.5).review_at == 0.5
