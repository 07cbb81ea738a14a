"""An encrypted index: nothing of a person is in its files, and it is all that a plain one is."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from index.faults import FaultyFiles
from index.nights import FIRST, SECOND, crosswalk, decide, files_of, linker, named_files, update
from index.test_vault import Service
from people import KINDS, people
from tables import record_table

from mpi.errors import IntegrityError, LimitError, MpiError, UsageError
from mpi.index import MasterIndex
from mpi.index.encryption import KeySource
from mpi.index.files import Files
from mpi.index.plan import PLANS
from mpi.index.store import Store
from mpi.index.vault import MAGIC
from mpi.index.verify import inspect
from mpi.records.table import Fates, Input, RecordTable
from mpi.schema import TABLES
from mpi.settings import Limits, Settings

KEY = "env:INDEX_KEY"
TIMES = {"decided_at", "withdrawn_at"}
Rows = dict[tuple[str, str], dict[str, str | None]]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INDEX_KEY", "1f" * 32)
    monkeypatch.setenv("OTHER_KEY", "2e" * 32)


def table(rows: Rows, gone: Iterable[tuple[str, str]] = ()) -> RecordTable:
    """An extract, and the keys of records that were deleted."""
    ordered = sorted(rows)
    columns = {(name, kind): [rows[k][name] for k in ordered] for name, kind in KINDS.items()}
    records = record_table(columns, [k[1] for k in ordered], [k[0] for k in ordered])
    ends = [pa.array([key[i] for key in sorted(gone)], pa.string()) for i in (0, 1)]
    deleted = pa.table(
        [*ends, pa.nulls(len(ends[0]), pa.string())], names=["source", "record_id", "updated_at"]
    )
    counts = {source: sum(key[0] == source for key in ordered) for source, _ in ordered}
    fates = {source: Fates(read=n, accepted=n) for source, n in counts.items()}
    inputs = tuple(Input(f"{source}.csv", source, n, "0" * 32) for source, n in counts.items())
    return RecordTable(records.data, records.fields, fates, deleted, inputs=inputs)


def drawn() -> Rows:
    made = people(150, seed=3)
    keyed = zip(made.source, made.record_id, made.rows, strict=True)
    return {(source, f"PATIENT{record_id}"): row for source, record_id, row in keyed}


def secrets(rows: Rows) -> set[bytes]:
    """What must not be told: names, numbers and ids, as they came and as they are compared."""
    words = {key[1] for key in rows}
    for row in rows.values():
        words |= {str(row[name]) for name in ("full_name", "national_id", "phone") if row[name]}
    return {form.encode() for word in words for form in (word, word.upper()) if len(word) >= 6}


def told(folder: Path, words: set[bytes]) -> list[str]:
    """Files below a folder that tell one of these words, packed or not."""
    found, any_word = [], re.compile(b"|".join(map(re.escape, sorted(words))))
    for name in files_of(folder):
        content = (folder / name).read_bytes()
        texts = [content]
        if name.endswith(".parquet") and content[:4] != MAGIC:
            columns = pq.read_table(pa.BufferReader(content)).columns
            texts += [str(column.to_pylist()).encode() for column in columns]
        if any(any_word.search(text) for text in texts):
            found.append(name)
    return found


def tables(index: MasterIndex) -> dict[str, Any]:
    """Every table but `runs`, without the times of decisions."""
    made = {name: index.table(name) for name in (*TABLES, "records") if name != "runs"}
    kept = {n: [c for c in t.column_names if c not in TIMES] for n, t in made.items()}
    return {name: made[name].select(kept[name]).to_pylist() for name in made}


def test_a_life_of_an_index_tells_nothing_and_gives_the_same_tables(tmp_path: Path) -> None:
    rows = drawn()
    ordered = sorted(rows)
    words, first = secrets(rows), {key: rows[key] for key in ordered[:-12]}
    keyed, plain = (tmp_path / name for name in ("keyed", "plain"))
    MasterIndex.create_or_open(keyed, key=KEY)
    MasterIndex.create_or_open(plain)

    def both(act: Any) -> list[Any]:
        done = [act(MasterIndex.open(folder)) for folder in (plain, keyed)]
        assert not told(keyed, words)
        one, other = (MasterIndex.open(folder) for folder in (plain, keyed))
        assert tables(one) == tables(other) and one.model() == other.model()
        assert all(
            (keyed / name).read_bytes()[:4] == MAGIC
            for name in files_of(keyed)
            if not name.endswith(".json")
        )
        return done

    MasterIndex.open(keyed, key=KEY).update(table(first))
    MasterIndex.open(plain).update(table(first))
    assert len(told(plain, words)) > 5
    a, b, c, d = ordered[:4]
    e, other = ordered[4], [key for key in ordered if rows[key]["sex"] != rows[ordered[4]]["sex"]]
    moved = {a: rows[a] | {"phone": "0900000001"}, e: rows[other[-1]]}
    night = table({key: rows[key] for key in ordered[-12:]} | moved, [b])
    updates = both(lambda index: index.update(night))
    assert MasterIndex.open(keyed).counts()["quarantine"] == 1  # e would be another person
    assert updates[1].resolution is not None and len(updates[1].resolution.records) < len(rows) / 2
    both(lambda index: index.decide("same", a, d, by="Lan"))
    person = crosswalk(MasterIndex.open(plain))[":".join(d)]
    words.add("Trịnh Bí Mật".encode())
    both(lambda index: index.decide("set", "full_name", "Trịnh Bí Mật", person, by="Lan"))
    both(lambda index: index.withdraw(1, by="Lan"))
    planned = [
        index.plan(
            table({c: rows[d]}), tmp_path / f"plan {index.path.name}", Settings(overlays="take")
        )
        for index in map(MasterIndex.open, (plain, keyed))
    ]
    assert not told(tmp_path / "plan keyed", words) and told(tmp_path / "plan plain", words)
    assert planned[0] is not None and planned[1] is not None
    assert planned[0].effects == planned[1].effects
    both(lambda index: index.apply(tmp_path / f"plan {index.path.name}"))
    both(lambda index: index.erase(c))
    both(lambda index: index.rollback(2))
    both(lambda index: index.update(table({key: rows[key] for key in ordered[5:9]}, ordered[:1])))
    both(lambda index: index.vacuum(keep=2))
    both(lambda index: index.verify())
    found = both(lambda index: index.search({"full_name": str(rows[d]["full_name"])}))
    assert found[0] == found[1]
    assert len(set(both(lambda index: str(index.explain(d, ordered[8]))))) == 1
    assert not told(keyed, {b"INDEX_KEY" * 2, b"1f" * 8})


@pytest.fixture
def small(tmp_path: Path) -> MasterIndex:
    """Two nights of a few records, encrypted."""
    index = MasterIndex.create_or_open(tmp_path / "index", key=KEY)
    update(index, FIRST)
    update(index, SECOND)
    return index


@pytest.fixture
def bare(tmp_path: Path) -> MasterIndex:
    """The same, not encrypted."""
    index = MasterIndex.create_or_open(tmp_path / "bare")
    update(index, FIRST)
    update(index, SECOND)
    return index


ASKING: dict[str, Any] = {
    "update": lambda index: update(index, FIRST),
    "plan": lambda index: index.plan(FIRST, index.path.with_name("plan"), resolver=linker),
    "decide": lambda index: decide(index, "same", "a:2", "b:3"),
    "erase": lambda index: index.erase(("a", "2"), resolver=linker),
    "rollback": lambda index: index.rollback(1),
    "encrypt": lambda index: index.encrypt("env:OTHER_KEY"),
    "lock": lambda index: index.locked().__enter__(),
    "table": lambda index: index.table("crosswalk"),
    "past": lambda index: index.as_of(1).table("persons"),
    "records": lambda index: index.records(),
    "model": lambda index: index.model(),
    "events": lambda index: index.events(),
    "nights": lambda index: index.nights(),
    "search": lambda index: index.search({"full_name": "Le An"}),
}


@pytest.mark.parametrize("what", ASKING)
def test_without_the_key_nothing_is_told_and_nothing_changes(
    what: str, small: MasterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: (small.path / name).read_bytes() for name in files_of(small.path)}
    monkeypatch.delenv("INDEX_KEY")
    missing = r"is encrypted, with key [0-9a-f]{16}: .*INDEX_KEY, which is not set.*--key env:NAME"
    with pytest.raises(UsageError, match=missing):
        ASKING[what](MasterIndex.open(small.path))
    wrong = r"encrypted with key [0-9a-f]{16}, and the key from env:OTHER_KEY is [0-9a-f]{16}; give"
    with pytest.raises(UsageError, match=wrong) as error:
        ASKING[what](MasterIndex.open(small.path, key="env:OTHER_KEY"))
    assert "1f1f" not in str(error.value) and "2e2e" not in str(error.value)
    assert before == {name: (small.path / name).read_bytes() for name in files_of(small.path)}


def test_some_things_need_no_key(small: MasterIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INDEX_KEY")
    index = MasterIndex.open(small.path)
    assert (index.snapshots(), index.counts()["records"]) == ([1, 2], 7)
    assert index.vacuum(keep=1).forgotten == (1,)
    assert not index.verify().looked_into
    monkeypatch.setenv("INDEX_KEY", "1f" * 32)
    assert MasterIndex.open(small.path).verify().looked_into


def test_damage_is_found_without_the_key(
    small: MasterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INDEX_KEY")
    path = small.path / small._base.manifest.tables["persons"][0].name  # type: ignore[union-attr]
    content = bytearray(path.read_bytes())
    content[50] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match="does not have the checksum"):
        MasterIndex.open(small.path).verify()


def test_a_key_may_move(
    small: MasterIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INDEX_KEY")
    (tmp_path / "key").write_text("1f" * 32)
    (tmp_path / "key").chmod(0o600)
    update(MasterIndex.open(small.path, key=f"file:{tmp_path / 'key'}"), FIRST)
    # It is looked for where it was last, also for earlier snapshots and to check them all.
    assert MasterIndex.open(small.path).as_of(1).table("crosswalk").num_rows == 6
    assert MasterIndex.open(small.path).verify().looked_into


def test_nothing_is_made_without_the_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="NO_SUCH_KEY, which is not set"):
        MasterIndex.create_or_open(tmp_path / "index", key="env:NO_SUCH_KEY")
    assert not (tmp_path / "index").exists()


def test_settings_name_the_key_of_a_new_index(tmp_path: Path) -> None:
    index = MasterIndex.create_or_open(tmp_path / "index")
    index.update(FIRST, Settings(encryption_key=KEY), resolver=linker)
    assert not told(index.path, {b"Ho Chi", b"LE AN"})
    update(MasterIndex.open(index.path), SECOND)
    assert not told(index.path, {b"Ho Chi", b"LE AN"})
    with pytest.raises(UsageError, match="the key itself does not belong into settings") as error:
        Settings(encryption_key="1f" * 32)
    assert "1f1f" not in str(error.value)


def test_a_plain_index_says_how_to_encrypt_it(bare: MasterIndex) -> None:
    before = files_of(bare.path)
    with pytest.raises(UsageError, match=r"is not encrypted, .* encrypt it with: mpi encrypt"):
        bare.update(FIRST, Settings(encryption_key=KEY), resolver=linker)
    with pytest.raises(UsageError, match=r"is not encrypted, .* encrypt it with: mpi encrypt"):
        MasterIndex.open(bare.path, key=KEY).rollback(1)
    assert files_of(bare.path) == before
    assert MasterIndex.open(bare.path, key=KEY).table("crosswalk").num_rows == 7


def test_a_plain_index_is_encrypted_with_all_of_its_past(bare: MasterIndex) -> None:
    words = {b"Le An", b"LE AN", b"Ho Chi", b"Do Tu", b"textbook"}
    past = [tables(bare.as_of(sequence)) for sequence in bare.snapshots()]
    assert told(bare.path, words)
    done = bare.encrypt(KEY)
    assert done.changed and done.snapshots == 2 and done.key.source == KEY
    assert not told(bare.path, words)
    assert named_files(bare) == files_of(bare.path)
    for index in (bare, MasterIndex.open(bare.path)):
        assert [tables(index.as_of(s)) for s in index.snapshots()] == past
        assert index.verify().looked_into
    assert not bare.encrypt(KEY).changed
    update(bare, FIRST)
    assert bare.rollback(1).changed and bare.verify().snapshots == 4


def test_another_key(small: MasterIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    past = [tables(small.as_of(sequence)) for sequence in small.snapshots()]
    assert small.encrypt("env:OTHER_KEY").changed
    monkeypatch.delenv("INDEX_KEY")
    index = MasterIndex.open(small.path)
    assert [tables(index.as_of(sequence)) for sequence in index.snapshots()] == past
    assert index.verify().looked_into
    with pytest.raises(UsageError, match="is empty; give the key to its first run"):
        MasterIndex.create_or_open(small.path.with_name("new")).encrypt("env:OTHER_KEY")


class Killed(BaseException):
    """What no code catches, as no code does anything after kill -9."""


class DyingFiles(FaultyFiles):
    """A file system whose process dies at one operation."""

    def _fail(self) -> None:
        raise Killed


@pytest.mark.parametrize("faulty", [FaultyFiles, DyingFiles], ids=["fails", "dies"])
def test_encrypting_that_is_cut_short_leaves_a_whole_index(
    faulty: type[FaultyFiles], bare: MasterIndex, tmp_path: Path
) -> None:
    past, counter = tables(bare), FaultyFiles(-1)
    copy = tmp_path / "counted"
    shutil.copytree(bare.path, copy)
    MasterIndex.open(copy, files=counter).encrypt(KEY)
    last = counter.done
    # The last operations put the new manifests in force, and remove what they do not name.
    for at in sorted({*range(1, last, last // 4), *range(last - 12, last + 1, 3)}):
        copy = tmp_path / f"failed {at}"
        shutil.copytree(bare.path, copy)
        with suppress(MpiError, Killed):
            MasterIndex.open(copy, files=faulty(at)).encrypt(KEY)
        index = MasterIndex.open(copy)
        assert tables(index) == past
        if not index.encrypt(KEY).changed:
            index.vacuum(keep=2)  # sweeps what was there before
        assert tables(index) == past and index.verify().looked_into
        assert not told(copy, {b"Le An", b"Ho Chi", b"textbook"})


def test_what_was_left_plain_is_told(bare: MasterIndex, tmp_path: Path) -> None:
    shutil.copytree(bare.path, tmp_path / "before")
    names = [name for name in files_of(bare.path) if "/persons/" in name]
    bare.encrypt(KEY)
    for name in names:
        shutil.copy(tmp_path / "before" / name, bare.path / name)
    with pytest.raises(IntegrityError, match=r"not encrypted, from before .*: remove it with: mpi"):
        bare.verify()
    bare.vacuum(keep=2)
    bare.verify()


def test_a_plan_that_waits_tells_nothing_without_the_key(
    small: MasterIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LimitError) as error:
        small.update(FIRST, Settings(limits=Limits(max_changed_persons=0.01)), resolver=linker)
    folder = small.path / PLANS / "00000003"
    plan = json.loads((folder / "plan.json").read_text())["plan"]
    assert error.value.plan == folder and plan["effects"]["largest"] == []
    largest = MasterIndex.open(small.path).waiting(folder).effects.largest
    assert any(effect.keys for effect in largest)
    monkeypatch.delenv("INDEX_KEY")
    with pytest.raises(UsageError, match="INDEX_KEY, which is not set"):
        MasterIndex.open(small.path).waiting(folder)
    monkeypatch.setenv("INDEX_KEY", "1f" * 32)
    assert MasterIndex.open(small.path).apply(folder).changed
    assert small.verify().looked_into


def test_a_key_service(tmp_path: Path) -> None:
    keys = KeySource("registry/2026", service=Service)
    index = MasterIndex.create_or_open(tmp_path / "index", key=keys)
    update(index, FIRST)
    update(MasterIndex.open(index.path, key=keys), SECOND)
    assert crosswalk(MasterIndex.open(index.path, key=keys))["c:1"]
    assert not told(index.path, {b"Le An", b"Ho Chi", b"textbook"})
    with pytest.raises(UsageError, match="key 'registry/2026' of a key service; open it from Py"):
        MasterIndex.open(index.path).table("crosswalk")
    with pytest.raises(UsageError, match="encrypted with key registry/2026, and the key from env"):
        MasterIndex.open(index.path, key=KEY).table("crosswalk")


def test_many_questions_put_nothing_on_a_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = MasterIndex.create_or_open(tmp_path / "index", key=KEY)
    rows = drawn()
    index.update(table(rows))
    monkeypatch.setattr("tempfile.TemporaryFile", lambda: pytest.fail("a file was made"))
    for key in sorted(rows)[:30]:
        query = {name: str(rows[key][name]) for name in ("full_name", "birth_date")}
        assert key in {hit.record for hit in index.search(query)} or index.search(query)


def test_only_the_owner_may_read_any_file(small: MasterIndex) -> None:
    decide(small, "same", "a:2", "b:3")
    small.plan(FIRST, small.path / PLANS / "mine", resolver=linker)
    for path in small.path.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_a_plain_index_says_nothing_of_keys(bare: MasterIndex) -> None:
    assert b'"key"' not in (bare.path / "snapshots" / "00000002.json").read_bytes()
    assert inspect(Store(bare.path, Files())).looked_into
    settings = bare.table("runs")["settings"].to_pylist()
    assert not any("encryption" in text for text in settings)
