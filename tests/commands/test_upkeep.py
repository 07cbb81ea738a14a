"""Commands that look after an index: verify, plan, apply, rollback, vacuum, erase, limits."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

Ask = Callable[..., Any]


@pytest.fixture
def folder(index: Path, tmp_path: Path) -> Path:
    """An index of its own."""
    copied = tmp_path / "index"
    shutil.copytree(index, copied)
    return copied


@pytest.fixture
def extract(citizens: Path, tmp_path: Path) -> Path:
    """A change file: somebody new, and somebody who is another person now."""
    with (citizens / "registries" / "ha_noi_insurance.csv").open(encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    path = tmp_path / "ha_noi_insurance.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row | {"record_id": "NEW1", "updated_at": "2026-01-01"})
    return path


def test_verify(ask: Ask, folder: Path) -> None:
    answer = ask("verify", folder)
    assert answer.code == 0 and "checksums, chains and laws hold" in answer.out
    told = ask("verify", folder, "--rebuild", "--json", "--quiet").json
    assert told["right"] and told["snapshots"] == 1 and told["problems"] == []
    assert told["rebuild"]["differ"] == 0 and told["rebuild"]["persons"] > 100
    victim = next((folder / "tables" / "links").iterdir())
    victim.write_bytes(victim.read_bytes()[:-5])
    other = next((folder / "tables" / "events").iterdir())
    other.unlink()
    answer = ask("verify", folder)
    assert answer.code == 5
    assert victim.name in answer.out and other.name in answer.out
    told = ask("verify", folder, "--json")
    assert told.code == 5 and len(told.json["problems"]) == 2 and not told.json["right"]
    assert ask("verify", folder / "nowhere").code == 2


def test_plan_apply_and_a_stale_plan(ask: Ask, folder: Path, extract: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    readable = ask("plan", extract, "--index", folder, "-o", plan)
    assert readable.code == 0
    assert "What snapshot 2 would change" in readable.out and f"apply {plan}" in readable.out
    told = ask("plan", extract, "--index", folder, "-o", plan, "--json").json
    assert told["effects"]["counts_after"]["records"] == 601 and told["snapshot"] == 2
    assert ask("verify", folder, "--json").json["snapshots"] == 1
    content = extract.read_bytes()
    extract.write_bytes(content + b"\n")
    stale = ask("apply", plan)
    assert stale.code == 4 and "stale" in stale.err and extract.name in stale.err
    extract.write_bytes(content)
    done = ask("apply", plan)
    assert done.code == 0 and "Snapshot 2 is published" in done.out
    assert ask("apply", plan, "--json").json["changed"] is False
    assert ask("plan", extract, "--index", folder, "-o", plan, "--json").json["changed"] is False
    assert ask("apply", tmp_path / "none").code == 2
    assert ask("plan", extract, "--index", folder, "-o", folder).code == 2


def test_a_limit_is_exit_6_and_leaves_a_plan(
    ask: Ask, folder: Path, extract: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("[limits]\nmax_quarantined = 0\nmax_changed_persons = '0.1 %'\n")
    with extract.open("a", encoding="utf-8") as file:
        file.write("only,two\n")
    answer = ask("run", extract, "--index", folder, "--config", settings)
    assert answer.code == 6
    assert "max_quarantined" in answer.err and "mpi apply" in answer.err
    assert "What snapshot 2 would change" in answer.out
    assert ask("verify", folder, "--json").json["snapshots"] == 1
    (plan,) = (folder / "plans").iterdir()
    assert ask("apply", plan).code == 0
    assert ask("verify", folder, "--json").json["snapshots"] == 2
    assert not plan.exists()


def test_a_refit_is_a_plan_first(ask: Ask, folder: Path, extract: Path) -> None:
    model = next((folder / "models").iterdir()).name
    answer = ask("run", extract, "--index", folder, "--refit")
    assert answer.code == 0 and "The model is a new one" in answer.out
    assert [p.name for p in (folder / "models").iterdir()] == [model]
    (plan,) = (folder / "plans").iterdir()
    assert ask("apply", plan).code == 0
    assert ask("verify", folder, "--rebuild", "--json", "--quiet").json["right"]


def test_full_extracts(ask: Ask, folder: Path, citizens: Path, tmp_path: Path) -> None:
    whole = citizens / "registries" / "ha_noi_hospital.csv"
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    part = tmp_path / whole.name
    part.write_text("".join(lines[:-7]), encoding="utf-8")
    assert ask("run", part, "--index", folder, "--json").json["index"]["changed"] is False
    told = ask("run", part, "--index", folder, "--full", "--json").json
    assert told["index"]["changes"]["deleted"] == 7
    part.write_text("".join(lines[:3]), encoding="utf-8")
    stopped = ask("run", part, "--index", folder, "--full")
    assert stopped.code == 6 and "ha_noi_hospital would lose" in stopped.err


def test_rollback_and_vacuum(ask: Ask, folder: Path, extract: Path) -> None:
    assert ask("run", extract, "--index", folder, "--quiet").code == 0
    before = ask("export", folder, "crosswalk", "--as-of", "1").out
    done = ask("rollback", folder, "1")
    assert done.code == 0 and "Snapshot 3 is published" in done.out
    assert ask("export", folder, "crosswalk").out == before
    assert ask("rollback", folder, "1", "--json").json["changed"] is False
    assert ask("rollback", folder, "9").code == 2
    kept = ask("vacuum", folder)
    assert kept.code == 0 and "No snapshot is older than 30 days" in kept.out
    told = ask("vacuum", folder, "--keep", "1", "--json").json
    assert told["forgotten"] == [1, 2] and told["kept"] == [3]
    assert ask("vacuum", folder, "--keep", "1", "--older-than", "3").code == 2
    assert ask("export", folder, "crosswalk", "--as-of", "1").code == 2
    assert ask("verify", folder).code == 0


def test_erase(ask: Ask, folder: Path, extract: Path) -> None:
    assert ask("run", extract, "--index", folder, "--quiet").code == 0
    done = ask("erase", folder, "ha_noi_insurance:NEW1")
    assert done.code == 0 and "Erased from 1 snapshot" in done.out
    for path in (folder / "tables").rglob("*.parquet"):
        assert "NEW1" not in str(pq.read_table(path).to_pylist())
    again = ask("erase", folder, "ha_noi_insurance:NEW1")
    assert again.code == 0 and "erased before" in again.out
    missing = ask("erase", folder, "ha_noi_insurance:NEVER")
    assert missing.code == 2 and "no snapshot" in missing.err
    assert ask("erase", folder, "no-colon").code == 2
    assert ask("verify", folder, "--rebuild", "--quiet").code == 0


def test_every_read_takes_a_past_snapshot(
    ask: Ask, folder: Path, extract: Path, citizens: Path
) -> None:
    truth = citizens / "truth.csv"
    measured = ask("evaluate", folder, "--truth", truth, "--json").json
    assert ask("run", extract, "--index", folder, "--quiet").code == 0
    past = ask("evaluate", folder, "--truth", truth, "--json", "--as-of", "1").json
    assert past == measured
    row = next(csv.reader(ask("export", folder, "crosswalk").out.splitlines()[1:]))
    new, other = "ha_noi_insurance:NEW1", f"{row[0]}:{row[1]}"
    assert ask("explain", folder, new, other).code == 0
    answer = ask("explain", folder, new, other, "--as-of", "1")
    assert answer.code == 2 and "no record" in answer.err
    assert ask("evaluate", truth, "--truth", truth, "--as-of", "1").code == 2


def test_a_clinic_that_sends_a_placeholder_is_named(
    ask: Ask, folder: Path, citizens: Path, tmp_path: Path
) -> None:
    with (citizens / "registries" / "ha_noi_hospital.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    dated = next(name for name in rows[0] if "birth" in name or "sinh" in name)
    sick = [row | {"record_id": f"N{i}", dated: "1900-01-01"} for i, row in enumerate(rows[:60])]
    extract = tmp_path / "ha_noi_hospital.csv"
    with extract.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(sick)
    plain = tmp_path / "other"
    shutil.copytree(folder, plain)
    found = ask("run", extract, "--index", folder, "--json").json["drift"]
    (drift,) = [d for d in found if d["what"] == "value" and d["field"] == "birth_date"]
    assert (drift["source"], drift["value"]) == ("ha_noi_hospital", "1900-01-01")
    readable = ask("run", extract, "--index", plain).out
    assert "Worth a look" in readable
    assert "source ha_noi_hospital: birth_date is '1900-01-01'" in readable


def test_no_value_of_a_person_is_told(ask: Ask, tmp_path: Path) -> None:
    secrets = ("Secretive", "079000000017", "0912345678", "Hidden", "1977-07-17")
    rows = ["record_id,full_name,birth_date,sex,national_id,phone,updated_at"]
    rows += [f"{i},Person {i},19{i % 80 + 10}-01-02,M,,09{i:08},2024-01-01" for i in range(40)]
    rows += ["x,Secretive One,1977-07-17,F,079000000017,0912345678,2024-01-01"]
    rows += ["y,Secretive Uno,1977-07-17,F,079000000017,0912345678,2024-01-01"]
    rows += ["z,Secretive,Hidden,too,many,columns,in,this,row"]
    extract, folder, plan = tmp_path / "e.csv", tmp_path / "index", tmp_path / "plan"
    extract.write_text("\n".join(rows) + "\n", encoding="utf-8")
    answers = [ask("run", extract, "--index", folder), ask("run", extract, "--index", folder)]
    rows[1] = "0,Hidden Woman,1977-07-17,F,079000000017,0912345678,2025-01-01"  # an overlay
    rows[-3] = "x,Secretive Two,1977-07-17,F,,0912345678,2025-01-01"
    extract.write_text("\n".join(rows) + "\n", encoding="utf-8")
    answers += [
        ask("plan", extract, "--index", folder, "-o", plan),
        ask("plan", extract, "--index", folder, "-o", plan, "--json"),
        ask("apply", plan),
        ask("run", extract, "--index", folder, "--json"),
        ask("verify", folder, "--rebuild"),
        ask("rollback", folder, "1"),
        ask("vacuum", folder, "--keep", "1"),
        ask("erase", folder, "e:y"),
    ]
    assert [answer.code for answer in answers] == [0] * len(answers)
    assert any("would turn a record into another person" in a.out + a.err for a in answers)
    told = "".join(answer.out + answer.err for answer in answers)
    assert not [word for word in secrets if word in told]
    for name in ("lock", "mpi-index.json", *(f"snapshots/{s:08}.json" for s in (3, 4))):
        text = (folder / name).read_text(encoding="utf-8")
        assert not [word for word in secrets if word in text]
