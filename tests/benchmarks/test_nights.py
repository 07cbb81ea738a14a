"""Nights drawn from registries, and who kept the id."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import nights_drawn
from benchmarks.nights_kept import kept
from benchmarks.records import size, sizes
from mpi.synth import synthesise, write

NIGHTS = 3


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    data, out = (tmp_path_factory.mktemp(name) for name in ("data", "nights"))
    write(synthesise(1500, seed=4), data)
    nights_drawn.draw(data, out, NIGHTS, 4)
    return data, out


def keys(table: pa.Table) -> list[tuple[str, str]]:
    columns = (table[name].to_pylist() for name in ("source", "record_id"))
    return list(zip(*columns, strict=True))


def by_key(file: Path) -> dict[tuple[str, str], dict[str, str | None]]:
    table = pq.read_table(file)
    return dict(zip(keys(table), table.to_pylist(), strict=True))


def test_base_and_nights_make_up_the_registries(drawn: tuple[Path, Path]) -> None:
    data, out = drawn
    touched: set[tuple[str, str]] = set()
    total = {"new": 0, "changed": 0, "deleted": 0}
    every = 0
    for file in sorted((data / "registries").glob("*.parquet")):
        whole, base = by_key(file), by_key(out / "base" / file.name)
        came: set[tuple[str, str]] = set()
        every += len(whole)
        for night in range(1, NIGHTS + 1):
            for key, row in by_key(out / f"night_{night:02}" / file.name).items():
                assert key not in touched and row["updated_at"] > whole[key]["updated_at"]
                touched.add(key)
                differ = {n for n in whole[key] if row[n] != whole[key][n]} - {"updated_at"}
                if row["deleted"]:
                    assert key in base and not differ
                    total["deleted"] += 1
                elif key in base:
                    assert (
                        differ <= {"full_name"}
                        or differ <= {"phone"}
                        or differ <= {"address", "ward", "district"}
                    )
                    total["changed"] += 1
                else:
                    assert not differ
                    came.add(key)
                    total["new"] += 1
        assert set(whole) == {*base, *came}
        assert all(base[key] == whole[key] for key in base)
    for kind, share in zip(total, (0.004, 0.005, 0.001), strict=True):
        assert total[kind] == pytest.approx(NIGHTS * share * every, abs=NIGHTS * 8)


def test_questions_are_about_records_that_stay(drawn: tuple[Path, Path]) -> None:
    data, out = drawn
    questions = json.loads((out / "questions.json").read_text())
    touched = {
        key
        for night in range(1, NIGHTS + 1)
        for file in (out / f"night_{night:02}").iterdir()
        for key in keys(pq.read_table(file))
    }
    assert {q["kind"] for q in questions} == {"identifier", "name"}
    assert all(
        len([q for q in questions if q["kind"] == kind]) >= 100 for kind in ("identifier", "name")
    )
    assert not {tuple(q["key"]) for q in questions} & touched
    again = out.parent / "again"
    nights_drawn.draw(data, again, NIGHTS, 4)
    assert json.loads((again / "questions.json").read_text()) == questions


def test_a_slip_changes_a_name() -> None:
    rng = random.Random(1)
    slips = {nights_drawn.slip("Nguyễn Thị Anh", rng) for _ in range(200)}
    assert len(slips) > 20
    assert nights_drawn.slip(None, rng) is None and nights_drawn.slip("Le", rng) == "Le"


def crosswalk(**persons: str) -> pa.Table:
    """Id -> its records, a letter each."""
    rows = [(letter, id_) for id_, letters in persons.items() for letter in letters]
    return pa.table(
        {
            "source": ["s"] * len(rows),
            "record_id": [letter for letter, _ in rows],
            "enterprise_id": [id_ for _, id_ in rows],
        }
    )


def test_who_kept_the_id() -> None:
    before = crosswalk(A="ab", B="c", C="de", D="fg", E="h", F="ij")
    # A and B stay, C loses a record, D becomes X, E gains one, F is split.
    after = crosswalk(A="ab", B="c", C="d", X="fg", E="hz", F="i", G="j")
    assert kept(before, after) == {"unchanged": 3, "kept": 2}
    assert kept(before, before) == {"unchanged": 6, "kept": 6}
    assert kept(before, crosswalk(A="abcdefghij")) == {"unchanged": 0, "kept": 0}
    # Two that exchange their ids are nobody's loss of records, and keep none.
    assert kept(crosswalk(A="a", B="b"), crosswalk(A="b", B="a")) == {"unchanged": 2, "kept": 0}


def test_who_kept_the_id_of_many() -> None:
    """Against a loop over sets."""
    rng = random.Random(5)

    def draw() -> dict[str, str]:
        return {f"k{i}": f"P{rng.randrange(60)}" for i in range(150) if rng.random() < 0.95}

    def table(owner: dict[str, str]) -> pa.Table:
        return pa.table(
            {
                "source": ["s"] * len(owner),
                "record_id": list(owner),
                "enterprise_id": list(owner.values()),
            }
        )

    def groups(owner: dict[str, str]) -> dict[frozenset[str], str]:
        found: dict[str, set[str]] = {}
        for key, person in owner.items():
            found.setdefault(person, set()).add(key)
        return {frozenset(members): person for person, members in found.items()}

    for _ in range(20):
        one = draw()
        other = {k: p if rng.random() < 0.9 else f"P{rng.randrange(60)}" for k, p in one.items()}
        was, is_ = groups(one), groups(other)
        same = was.keys() & is_.keys()
        want = {"unchanged": len(same), "kept": sum(was[g] == is_[g] for g in same)}
        assert kept(table(one), table(other)) == want


def test_sizes_are_written_short() -> None:
    assert size("1e6") == 1_000_000 and sizes("1e5,20000") == [100_000, 20_000]
