"""Files to a crosswalk, settings, and invented citizens."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mpi.schema import TABLES
from mpi.settings import read_settings

Ask = Callable[..., Any]
MPI = [sys.executable, "-m", "mpi.cli"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_dedupe_writes_tables_and_tells_what_it_found(
    ask: Ask, citizens: Path, tmp_path: Path
) -> None:
    files = {name: tmp_path / f"{name}.parquet" for name in ("crosswalk", "links", "review")}
    answer = ask(
        *("dedupe", citizens / "registries", "-o", files["crosswalk"], "--json", "-q"),
        *("--links", files["links"], "--review", files["review"]),
    )
    assert (answer.code, answer.err) == (0, "")
    assert names(tmp_path) == sorted(path.name for path in files.values())
    crosswalk = pq.read_table(files["crosswalk"])
    assert crosswalk.schema.equals(TABLES["crosswalk"].schema)
    summary = answer.json
    fates = summary["rows"]
    assert fates["read"] == sum(fates[k] for k in fates if k != "read")
    assert fates["read"] == sum(len(rows_of(p)) for p in (citizens / "registries").iterdir())
    assert summary["records"] == crosswalk.num_rows == fates["accepted"]
    assert summary["persons"] == len(crosswalk["enterprise_id"].unique())
    assert summary["links"] == pq.read_table(files["links"]).num_rows > 0
    assert summary["review"] == pq.read_table(files["review"]).num_rows
    assert sum(s["duplicates"] for s in summary["sources"]) > 0
    assert {s["name"] for s in summary["stages"]} >= {"reading", "standardising", "writing"}
    assert str(tmp_path) not in answer.out


def test_the_summary_speaks_to_a_registrar(ask: Ask, citizens: Path, tmp_path: Path) -> None:
    answer = ask("dedupe", citizens / "registries", "-o", tmp_path / "crosswalk.csv")
    assert answer.code == 0
    for words in (
        *("Rows read", "accepted", "set aside", "Persons", "duplicates", "also known elsewhere"),
        *("wait for a person", "Columns", "read as", "Time and memory", "ha_noi_hospital"),
    ):
        assert words in answer.out
    assert "\x1b" not in answer.out


def test_without_a_file_the_crosswalk_is_on_standard_output(ask: Ask, citizens: Path) -> None:
    answer = ask("dedupe", citizens / "registries")
    rows = list(csv.DictReader(answer.out.splitlines()))
    assert list(rows[0]) == ["source", "record_id", "enterprise_id", "since"]
    assert "Rows read" in answer.err
    same = ask("dedupe", citizens / "registries", "-o", "-", "--json", "--quiet")
    assert [json.loads(line) | {"since": "1"} for line in same.out.splitlines()] == rows
    assert same.err == ""


def test_standard_input(citizens: Path) -> None:
    content = (citizens / "registries" / "ha_noi_insurance.csv").read_bytes()
    done = subprocess.run(
        [*MPI, "dedupe", "-", "--quiet"], input=content, capture_output=True, check=True
    )
    assert done.stdout.count(b"\n") == content.count(b"\n")


def test_link_gives_a_person_one_record_of_a_source(
    ask: Ask, citizens: Path, tmp_path: Path
) -> None:
    path = tmp_path / "crosswalk.parquet"
    files = sorted((citizens / "registries").iterdir())[:2]
    assert ask("link", *files, "-o", path).code == 0
    crosswalk = pq.read_table(path)
    pairs = crosswalk.group_by(["source", "enterprise_id"]).aggregate([([], "count_all")])
    assert pairs.num_rows == crosswalk.num_rows
    alone = ask("link", files[0], "-o", path)
    assert alone.code == 2 and "only one" in alone.err


def test_the_same_input_gives_the_same_bytes(ask: Ask, citizens: Path, tmp_path: Path) -> None:
    files = sorted((citizens / "registries").iterdir())
    for name, inputs, threads in (("a", files, "1"), ("b", files[::-1], "2")):
        assert (
            ask("dedupe", *inputs, "-o", tmp_path / f"{name}.csv", "--threads", threads).code == 0
        )
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_profile_hides_values_unless_asked(ask: Ask, citizens: Path) -> None:
    path = citizens / "registries" / "ha_noi_insurance.csv"
    name = rows_of(path)[0]["full_name"]
    hidden = ask("profile", path)
    assert hidden.code == 0 and "full name" in hidden.out and name not in hidden.out
    profile = ask("profile", path, "--json", "--show-values").json
    column = {c["column"]: c for c in profile["columns"]}["full_name"]
    assert column["kind"] == "full_name"
    assert len(column["examples"]) == 3
    assert column["filled"] <= column["rows"] == len(rows_of(path))


def test_profile_says_what_vietnamese_columns_hold(ask: Ask, citizens: Path) -> None:
    profile = ask("profile", citizens / "registries", "--json").json
    assert profile["locale"] == "vi"
    columns = {c["column"]: c["findings"] for c in profile["columns"]}
    about = {name: {f["about"] for f in found} for name, found in columns.items()}
    assert about["full_name"] >= {"encoding", "marks", "tone marks", "writing", "shape"}
    assert about["birth_date"] == {"format", "precision"}
    assert about["national_id"] >= {"kind", "doubts", "CCCD says"}
    assert about["insurance_id"] >= {"kind", "validity"}
    assert about["phone"] >= {"kind", "prefixes"}
    assert "province" in about["province"]


@pytest.mark.parametrize("locale", [None, "general"])
def test_profile_writes_settings_that_can_be_used(
    ask: Ask, citizens: Path, tmp_path: Path, locale: str | None
) -> None:
    """Settings as written, and with all that was chosen made fast, change no result."""
    config, registries = tmp_path / "settings.toml", citizens / "registries"
    forced = ["--locale", locale] if locale else []
    assert ask("profile", registries, "--write-config", config, *forced).code == 0
    written = read_settings(config)
    assert written.fields["full_name"] == "full_name"
    assert written.locale == (locale or "vi")
    lines = config.read_text(encoding="utf-8").splitlines()
    chosen = ("# rules", "#     [", "# ]", "# link_at", "# review_at", "# max_block")
    fixed = "\n".join(line[2:] if line.startswith(chosen) else line for line in lines)
    assert {"rules", "link_at", "review_at", "max_block"} <= set(tomllib.loads(fixed))
    path = tmp_path / "fixed.toml"
    path.write_text(fixed, encoding="utf-8")
    assert ask("dedupe", registries, "-o", tmp_path / "without.csv", *forced).code == 0
    for settings in (config, path):
        assert (
            ask("dedupe", registries, "-o", tmp_path / "with.csv", "--config", settings).code == 0
        )
        assert (tmp_path / "with.csv").read_bytes() == (tmp_path / "without.csv").read_bytes()


def test_an_unknown_setting_names_the_known(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("link_att = 0.9\n")
    answer = ask("dedupe", "x.csv", "--config", path)
    assert answer.code == 2 and "link_att" in answer.err and "review_at" in answer.err


def test_synth_is_the_same_for_one_seed(ask: Ask, citizens: Path, tmp_path: Path) -> None:
    options = ("--persons", "300", "--provinces", "1", "--format", "csv", "--seed", "3")
    answer = ask("synth", *options, "-o", tmp_path / "again", "--json", "--quiet")
    assert answer.json["persons"] == 300
    for path in sorted(citizens.rglob("*.csv")):
        again = tmp_path / "again" / path.relative_to(citizens)
        assert again.read_bytes() == path.read_bytes()


def test_demo_shows_the_whole_job(ask: Ask, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    answer = ask("demo", "--persons", "400", "-o", folder, "--quiet")
    assert answer.code == 0
    for words in ("registries", "Persons", "Quality", "A pair that was linked", "mpi explain"):
        assert words in answer.out
    assert ask("evaluate", folder / "index", "--truth", folder / "citizens/truth.csv").code == 0
    assert ask("demo", "--persons", "400", "-o", folder, "--quiet").code == 0  # once more


def test_demo_touches_no_folder_but_its_own(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "mine.txt").write_text("mine")
    answer = ask("demo", "-o", tmp_path)
    assert answer.code == 2 and "not made by mpi demo" in answer.err
    assert (tmp_path / "index" / "mine.txt").read_text() == "mine"
