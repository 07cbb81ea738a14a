"""Law 7, and what law 3 stands on: with a fixed model a result depends on the records alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from people import KINDS, People, people

from mpi.linkage import Resolution, pair_table, resolve
from mpi.settings import Settings

Key = tuple[str, str]


def partition(resolution: Resolution, of: set[Key]) -> set[frozenset[Key]]:
    """Persons as sets of record keys, those of other keys left out."""
    data = resolution.records.data
    persons: dict[int, set[Key]] = {}
    keys = zip(data["source"].to_pylist(), data["record_id"].to_pylist(), strict=True)
    for key, cluster in zip(keys, resolution.cluster.tolist(), strict=True):
        if key in of:
            persons.setdefault(cluster, set()).add(key)
    return {frozenset(p) for p in persons.values()}


def keys_of(drawn: People) -> set[Key]:
    return set(zip(drawn.source, drawn.record_id, strict=True))


def pairs(resolution: Resolution, of: set[Key]) -> list[tuple[object, ...]]:
    """Links and review with both ends among these keys."""
    out = []
    for name in ("links", "review"):
        for row in pair_table(resolution, name).to_pylist():
            ends = (row["source_a"], row["record_id_a"]), (row["source_b"], row["record_id_b"])
            if ends[0] in of and ends[1] in of:
                out.append((name, *row.items()))
    return [tuple(map(str, p)) for p in out]


def strangers(n: int) -> People:
    """Records that share no value with those of `people`."""
    rows = [
        {
            "full_name": f"Zyx{i}q Wvu{i}k",
            "birth_date": f"{i % 28 + 1:02d}/{i % 12 + 1:02d}/{1901 + i % 30}",
            "sex": None,
            "national_id": f"99{i:010d}",
            "phone": f"0170{i:06d}",
            "address": f"{1000 + i} Kirchweg",
        }
        for i in range(n)
    ]
    return People(rows, ["zz"] * n, [f"z{i:05d}" for i in range(n)], list(range(n)))


def together(*drawn: People) -> People:
    return People(
        [row for d in drawn for row in d.rows],
        [s for d in drawn for s in d.source],
        [r for d in drawn for r in d.record_id],
        [p for d in drawn for p in d.person],
    )


SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.booleans())
@settings(max_examples=5)
def test_its_own_model_gives_the_same_again(seed: int, across: bool) -> None:
    drawn = people(60, seed=seed)
    records, keys = drawn.records(), keys_of(drawn)
    first = resolve(records, across=across)
    again = resolve(records, model=first.model, across=across)
    assert partition(again, keys) == partition(first, keys)
    assert pairs(again, keys) == pairs(first, keys)
    assert again.model == first.model


@given(SEEDS)
@settings(max_examples=5)
def test_settings_do_not_reach_past_a_fixed_model(seed: int) -> None:
    drawn = people(60, seed=seed)
    records, keys = drawn.records(), keys_of(drawn)
    first = resolve(records)
    other = Settings(link_at=0.999, rules=[["sex"]], seed=99, max_block=5)
    assert pairs(resolve(records, other, model=first.model), keys) == pairs(first, keys)


@given(SEEDS, st.integers(1, 40))
@settings(max_examples=6)
def test_unrelated_records_change_nobody(seed: int, n: int) -> None:
    drawn = people(60, seed=seed)
    keys = keys_of(drawn)
    first = resolve(drawn.records())
    more = resolve(together(drawn, strangers(n)).records(), model=first.model)
    assert partition(more, keys) == partition(first, keys)
    assert pairs(more, keys) == pairs(first, keys)
    data = more.records.data["source"].to_pylist()
    for row, cluster in enumerate(more.cluster.tolist()):
        assert (data[row] == "zz") == (data[cluster] == "zz")


@given(SEEDS)
@settings(max_examples=5)
def test_a_part_of_the_records_is_judged_as_in_the_whole(seed: int) -> None:
    """A pair that both list is the same in both; copies of a record are listed by one of them."""
    drawn = people(60, seed=seed)
    whole = resolve(drawn.records())
    half = People(drawn.rows[::2], drawn.source[::2], drawn.record_id[::2], drawn.person[::2])
    keys = keys_of(half)
    part = resolve(half.records(), model=whole.model)
    one, other = ({p[1:5]: p for p in pairs(r, keys)} for r in (part, whole))
    common = set(one) & set(other)
    assert common
    assert all(one[p] == other[p] for p in common)


def test_a_night_without_some_columns() -> None:
    """A file that lacks columns of the model is judged by what it has."""
    drawn = people(60, seed=5)
    model = resolve(drawn.records()).model
    for lacking in ("phone", "full_name", "birth_date"):
        poor = People(
            [{**row, lacking: None} for row in drawn.rows],
            drawn.source,
            drawn.record_id,
            drawn.person,
        ).records()
        without = poor.data.drop_columns([lacking])
        fields = tuple(f for f in poor.fields if f.name != lacking)
        thinner = type(poor)(without, fields, poor.fates, poor.deleted)
        keys = keys_of(drawn)
        assert partition(resolve(thinner, model=model), keys) == partition(
            resolve(poor, model=model), keys
        )
    assert set(KINDS) > {"phone", "full_name", "birth_date"}
