"""`mpi warmup`: what it compiles, what it says, and where it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mpi.compare
from mpi import _jit
from mpi.commands import warmup
from mpi.compare.warm import TEXTUAL

Ask = Callable[..., Any]

COMPARE = """
import pyarrow as pa
from mpi import compare
from mpi.compare.warm import TEXTUAL

names = ["An", "Nguyễn Thị Ánh", "Trần Lê Hoàng Phương Anh", "x" * 45, "y" * 63, "z" * 90]
plain = ["an", "nguyen thi anh", "tran le hoang phuong anh", "x" * 44, "y" * 62 + "b", "z" * 99]
large = [pa.array(texts, pa.large_string()) for texts in (names, plain, names[:1])]
for texts in (names, plain, names[:2], plain[:1], *large, ["漢" + n for n in names]):
    for name in TEXTUAL:
        getattr(compare, name)(texts, texts[::-1] if isinstance(texts, list) else texts)
    for metric in (compare.jaro_winkler, compare.levenshtein, compare.osa, compare.qgram):
        metric(texts[:2], texts, all_pairs=True)
        metric(texts, texts, cutoff=0.8)
        metric(texts[:2], texts, cutoff=0.8, all_pairs=True)
        metric(texts[0], texts, cutoff=0.5)
    compare.hamming(texts, texts, distance=True, cutoff=3.0)
    compare.damerau_levenshtein(texts[0], texts, distance=True, cutoff=1)
    compare.levenshtein("nguyen", texts)
compare.date(["2020-01-02"], ["2020-02-01"])
"""


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        [sys.executable, *map(str, command)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_goes_through_every_room(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpi.compare.warm.TEXTUAL", ("jaro_winkler",))  # the others take a minute
    answer = ask("warmup", "--json", "--quiet")
    assert (answer.code, answer.err) == (0, "")
    found = answer.json
    assert found["cache"] == str(_jit.wanted_cache_dir()) and found["bytes"] > 500_000
    assert found["complete_before"] == (found["compiled"] == 0)
    kept = {path.name.split(".")[0] for path in warmup.compiled(_jit.cache_dir())}
    assert {"_kernels", "_kernels_jaro", "_kernels_units", "_kernels_widths"} <= kept
    assert found["kept"] >= len(kept)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warmup, "compile_everything", lambda stages: None)


def test_it_tells_what_it_did(ask: Ask, hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = ask("warmup")
    assert nothing.code == 0
    assert "nothing was left to compile" in nothing.out
    assert str(_jit.cache_dir()) in nothing.out.replace("\n", "")
    quiet = ask("warmup", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    kept = warmup.compiled(_jit.cache_dir())
    calls = iter([kept[:-1], kept])
    monkeypatch.setattr(warmup, "compiled", lambda _folder: next(calls))
    assert "1 kernel compiled in" in ask("warmup").out


def test_a_cache_that_cannot_be_written_is_refused(
    ask: Ask, hasty: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MPI_CACHE_DIR", str(tmp_path / "file"))
    answer = ask("warmup")
    assert (answer.code, answer.out) == (2, "")
    assert str(tmp_path / "file") in answer.err and "MPI_CACHE_DIR" in answer.err


def test_a_full_disk_is_told(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_stages: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(warmup, "compile_everything", full)
    answer = ask("warmup", "--quiet")
    assert answer.code == 2 and "No space left on device" in answer.err


def test_without_a_compiler_there_is_nothing_to_do() -> None:
    answer = run("-m", "mpi.cli", "warmup", MPI_JIT="0")
    assert answer.returncode == 2
    assert "MPI_JIT=0" in answer.stderr


def test_every_comparator_with_kernels_is_warmed() -> None:
    without = {"date", "date_distance", "haversine", "numeric", "overlap"}
    functions = {name for name in mpi.compare.__all__ if name[0].islower()}
    assert set(TEXTUAL) == functions - without


@pytest.mark.long
def test_after_it_nothing_is_compiled(citizens: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    def kept() -> set[str]:
        return {str(path.relative_to(cache)) for path in cache.rglob("*.nb?")}

    cold = run("-m", "mpi.cli", "warmup", "--json", MPI_CACHE_DIR=str(cache))
    assert cold.returncode == 0, cold.stderr
    assert json.loads(cold.stdout)["compiled"] == len([n for n in kept() if n.endswith(".nbc")])
    warm = kept()
    again = run("-m", "mpi.cli", "warmup", "--json", "--quiet", MPI_CACHE_DIR=str(cache))
    found = json.loads(again.stdout)
    assert (found["compiled"], found["complete_before"], again.stderr) == (0, True, "")
    registries, index = citizens / "registries", tmp_path / "index"
    for command in (
        ("dedupe", registries, "-o", tmp_path / "a.csv"),
        ("link", registries, "-o", tmp_path / "b.csv"),
        ("run", registries, "--index", index),
        ("run", registries, "--index", index),
        ("evaluate", index, "--truth", citizens / "truth.csv"),
        ("synth", "--persons", "200", "-o", tmp_path / "citizens"),
    ):
        done = run("-m", "mpi.cli", *command, "--quiet", MPI_CACHE_DIR=str(cache))
        assert done.returncode == 0, done.stderr
        assert kept() == warm, command
    done = run("-c", COMPARE, MPI_CACHE_DIR=str(cache))
    assert done.returncode == 0, done.stderr
    assert kept() == warm
