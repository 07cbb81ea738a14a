"""Law 3: what a change touches is decided as a linkage of all records decides it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import record_table

from mpi.cluster.apart import make_apart
from mpi.cluster.decided import UNDECIDED, Decided
from mpi.linkage import resolve
from mpi.linkage.change import Change, resolve_change
from mpi.linkage.resolution import DECIDED, Resolution, pair_table
from mpi.linkage.state import State
from mpi.linkage.touched import Decisions
from mpi.records.keys import KEY, find_keys
from mpi.records.table import RecordTable
from mpi.schema import Kind
from mpi.score.model import read_model
from mpi.settings import Settings
from mpi.stages import Stages

Key = tuple[str, str]
Person = tuple[str | None, ...]
World = dict[Key, Person]
Pairs = Sequence[tuple[Key, Key]]

KINDS = (Kind.FULL_NAME, Kind.BIRTH_DATE, Kind.NATIONAL_ID, Kind.SEX, Kind.PHONE)
COLUMNS = tuple((kind.value, kind) for kind in KINDS)
NAMES = ("Nguyễn Thị Ánh", "Nguyen Thi Anh", "Trần Văn Bình", "Tran Binh", "Lê Hoa", "Le Thi Hoa")
DATES = ("1990-05-12", "1990-12-05", "1985-03-01", "1985-03-02", None)
NUMBERS = ("001090000012", "001090000021", "079085000001", "079085000007", None, None)
PHONES = ("0912345678", "0912345679", "0987654321", None)
PEOPLE = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(DATES),
    st.sampled_from(NUMBERS),
    st.sampled_from(["F", "M", None]),
    st.sampled_from(PHONES),
)
KEYS = st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 25).map(lambda i: f"{i:02}"))
NIGHTS = st.lists(
    st.dictionaries(KEYS, st.one_of(PEOPLE, PEOPLE, st.none()), max_size=12), min_size=1, max_size=4
)
CROWD = st.integers(2, 6)


def table(world: Mapping[Key, Person]) -> RecordTable:
    keys = sorted(world)
    columns = {c: [world[key][i] for key in keys] for i, c in enumerate(COLUMNS)}
    return record_table(columns, [k[1] for k in keys], [k[0] for k in keys])


def key_table(keys: list[Key]) -> pa.Table:
    columns = [pa.array([key[i] for key in keys], pa.string()) for i in (0, 1)]
    return pa.table(columns, ["source", "record_id"])


@pytest.fixture(scope="module")
def model() -> bytes:
    """Learnt from a crowd that shares the values of the worlds."""
    draw = random.Random(1)
    crowd = {}
    for i in range(400):
        person = [draw.choice(v) for v in (NAMES, DATES, NUMBERS, ("F", "M"), PHONES)]
        for source in ("a", "b"):
            if draw.random() < 0.2:
                person[draw.randrange(5)] = None
            crowd[source, f"{i:04}"] = tuple(person)
    learnt = read_model(resolve(table(crowd), Settings(locale="vi")).model)
    rules = [["national_id"], ["full_name", "birth_date:year"], ["phone", "sex"]]
    return msgspec.structs.replace(
        learnt,
        rules=rules,
        narrowing=["birth_date", "sex", "phone"],
        prior=0.05,
        relative=0.01,
        twin=0.001,
        link_at=0.6,
        review_at=0.05,
        largest=8,
        duplicate_free=[],
    ).to_json()


def crowded(model: bytes, most: int, free: list[str]) -> bytes:
    fitted = read_model(model)
    return msgspec.structs.replace(fitted, max_block=most, duplicate_free=free).to_json()


def keys_of(records: RecordTable) -> list[Key]:
    data = records.data
    return list(zip(data["source"].to_pylist(), data["record_id"].to_pylist(), strict=True))


def persons(resolution: Resolution) -> dict[Key, Key]:
    keys = keys_of(resolution.records)
    return {key: keys[c] for key, c in zip(keys, resolution.cluster.tolist(), strict=True)}


def partition(of: Mapping[Key, Key]) -> set[frozenset[Key]]:
    groups: dict[Key, set[Key]] = {}
    for key, person in of.items():
        groups.setdefault(person, set()).add(key)
    return {frozenset(group) for group in groups.values()}


def pairs(table: pa.Table) -> dict[tuple[Key, Key], tuple[float, str]]:
    return {
        ((r["source_a"], r["record_id_a"]), (r["source_b"], r["record_id_b"])): (
            r["match_weight"],
            r.get("reason", ""),
        )
        for r in table.to_pylist()
    }


class Index:
    """A linkage that is changed night by night; what it does not decide again stays."""

    def __init__(self, model: bytes, world: World) -> None:
        self.model, self.world = model, world
        whole = self.whole(UNDECIDED)
        assert whole.state is not None
        self.state: State = whole.state
        self.person = persons(whole)
        self.links = pairs(pair_table(whole, "links"))
        self.review = pairs(pair_table(whole, "review"))
        self.different: Pairs = ()

    def whole(self, decided: Decided) -> Resolution:
        every = Settings(review_pairs=10**6)
        return resolve(table(self.world), every, model=self.model, decided=decided, keep=True)

    def empties(self, changes: Mapping[Key, Person | None]) -> bool:
        """Whether nobody would be left: an index without records has no state."""
        return not any((self.world | {**changes}).values())

    def night(
        self,
        changes: Mapping[Key, Person | None],
        same: Pairs = (),
        different: Pairs = (),
        asked: Pairs = (),
    ) -> None:
        """Records that came or left, what holds from now on, and what held before."""
        fresh = {k: v for k, v in changes.items() if v is not None and self.world.get(k) != v}
        gone = [k for k in changes if k in self.world and (k in fresh or changes[k] is None)]
        for key in gone:
            del self.world[key]
        self.world |= fresh
        decisions = self.decide(same, different)
        spoken = sorted({k for pair in (*same, *different, *asked) for k in pair})
        if fresh:
            changed = resolve_change(
                self.state,
                Change(table(fresh), key_table(gone), key_table(spoken), decisions),
                Settings(),
                model=self.model,
                stages=Stages(),
            )
        else:
            nobody = table({("a", "00"): PERSON})
            nobody = RecordTable(nobody.data.slice(0, 0), nobody.fields, {}, nobody.deleted)
            change = Change(nobody, key_table(gone), key_table(spoken), decisions)
            changed = resolve_change(
                self.state, change, Settings(), model=self.model, stages=Stages()
            )
        for key in gone:
            del self.person[key]
        again = set(keys_of(changed.resolution.records))
        listed = {*gone, *zip(*(changed.listed[n].to_pylist() for n in KEY), strict=True)}
        for name in ("links", "review"):
            held = getattr(self, name)
            stays = {
                (a, b): told
                for (a, b), told in held.items()
                if not ({a, b} & listed or {a, b} <= again)
            }
            stays |= pairs(pair_table(changed.resolution, name))
            if name == "review":
                stays |= pairs(changed.outside)
            setattr(self, name, stays)
        self.person |= persons(changed.resolution)
        self.state = changed.state

    def decide(self, same: Pairs, different: Pairs) -> Decisions:
        """Decisions about the records that exist."""
        here = sorted({k for pair in (*same, *different) for k in pair} & self.world.keys())
        row = {key: i for i, key in enumerate(here)}

        def ends(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
            rows = sorted(
                {(min(row[a], row[b]), max(row[a], row[b])) for a, b in pairs if {a, b} <= {*row}}
            )
            both = np.array(rows, np.int64).reshape(-1, 2)
            return both[:, 0], both[:, 1]

        left, right = ends(same)
        one, two = ends(different)
        apart = make_apart(one, two, np.full(len(one), DECIDED, np.int8))
        decisions = Decisions(key_table(here), Decided(left, right, apart))
        self.decided = decisions
        return decisions

    def check(self) -> None:
        keys = key_table(sorted(self.world))
        rows = find_keys(self.decided.keys, keys)
        known = self.decided.decided
        whole = self.whole(
            Decided(
                rows[known.left],
                rows[known.right],
                make_apart(rows[known.apart.left], rows[known.apart.right], known.apart.reason),
            )
        )
        assert partition(self.person) == partition(persons(whole))
        assert self.links == pairs(pair_table(whole, "links"))
        assert self.review == pairs(pair_table(whole, "review"))
        assert whole.state is not None
        for mine, others in zip(self.state.crowded, whole.state.crowded, strict=True):
            assert mine.tolist() == others.tolist()
        assert self.state.records == len(self.world)


PERSON = (NAMES[0], DATES[0], NUMBERS[0], "F", PHONES[0])


@given(NIGHTS, CROWD, st.booleans())
@settings(max_examples=30)
def test_nights_are_a_linkage_of_all(
    model: bytes, nights: list[dict[Key, Person | None]], most: int, free: bool
) -> None:
    first = {key: person for key, person in nights[0].items() if person is not None}
    if not first:
        return
    index = Index(crowded(model, most, ["b"] if free else []), first)
    for night in nights[1:]:
        if not index.empties(night):
            index.night(night)
            index.check()


SOME = st.lists(st.tuples(KEYS, KEYS).filter(lambda pair: pair[0] != pair[1]), max_size=2)


@given(NIGHTS, CROWD, st.data())
@settings(max_examples=20)
def test_decisions_are_kept_apart_and_together(
    model: bytes, nights: list[dict[Key, Person | None]], most: int, data: st.DataObject
) -> None:
    """Decisions come and go between the nights; no chain of the first contradicts the second."""
    first = {key: person for key, person in nights[0].items() if person is not None}
    if not first:
        return
    index = Index(crowded(model, most, []), first)
    same: list[tuple[Key, Key]] = []
    for night in [*nights[1:], {}]:
        if index.empties(night):
            continue
        told = data.draw(SOME)
        before, same = same, data.draw(st.sampled_from([same, told]))
        groups = [{a, b} for a, b in same]
        for group in groups:
            for other in groups:
                if group & other:
                    group |= other
        different = [
            pair
            for pair in data.draw(SOME)
            if not any({pair[0], pair[1]} & group for group in groups)
        ]
        index.night(night, same, different, asked=[*before, *index.different])
        index.different = different
        index.check()


def test_a_record_changes_when_it_is_decided_about(model: bytes) -> None:
    """What holds of it holds of what it is now; others that are equal to that are asked about."""
    name, plain, other = "Nguyễn Thị Ánh", "Nguyen Thi Anh", NUMBERS[1]
    old: Person = (plain, DATES[1], NUMBERS[0], "M", PHONES[1])
    kin: Person = (name, DATES[0], NUMBERS[0], "M", PHONES[1])
    new: Person = (name, DATES[0], other, "M", PHONES[1])
    index = Index(crowded(model, 5, []), {("a", "01"): kin, ("a", "02"): old, ("a", "03"): old})
    changes = {("a", "03"): new, ("a", "07"): new, ("b", "07"): new}
    index.night(changes, different=[(("a", "03"), ("a", "07"))])
    assert (("a", "01"), ("b", "07")) in index.review
    index.check()
