"""Mother and child are two persons, however much their records have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import claims
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import People, people
from tables import record_table, standard_table

from mpi.cluster.apart import NOBODY, Apart, make_apart
from mpi.encode.comparisons import Comparison
from mpi.index import MasterIndex
from mpi.linkage import REASONS, Resolution, dedupe, explain, link, resolve
from mpi.linkage.apart import encode_apart, known_apart
from mpi.records import RecordTable, read_records
from mpi.schema import FORM_OF, Kind

MOTHER = "one is the mother of the other"
Key = tuple[str, str]


def with_mothers(drawn: People, mother_of: dict[int, int]) -> RecordTable:
    """The records of these rows, some with the record id of their mother."""
    ids = [
        drawn.record_id[mother_of[i]] if i in mother_of else None for i in range(len(drawn.rows))
    ]
    kinds = ("full_name", "birth_date", "sex", "national_id", "phone", "address")
    columns: dict[tuple[str, Kind], Sequence[str | None]] = {
        (name, Kind(name)): [row[name] for row in drawn.rows] for name in kinds
    }
    columns["MA_LK_ME", Kind.IGNORED] = ids
    return record_table(columns, drawn.record_id, drawn.source)


def clusters(resolution: Resolution) -> dict[Key, int]:
    data = resolution.records.data
    keys = zip(data["source"].to_pylist(), data["record_id"].to_pylist(), strict=True)
    return dict(zip(keys, resolution.cluster.tolist(), strict=True))


def same_person(drawn: People) -> list[tuple[int, int]]:
    """Two rows each of persons with several, both of one source."""
    first: dict[tuple[int, str], int] = {}
    found = []
    for i, who in enumerate(zip(drawn.person, drawn.source, strict=True)):
        j = first.setdefault(who, i)
        if j != i:
            found.append((j, i))
    return found


def test_a_link_between_them_is_refused() -> None:
    drawn = people(300, seed=3)
    plain = clusters(resolve(with_mothers(drawn, {})))
    keys = list(zip(drawn.source, drawn.record_id, strict=True))
    joined = [(a, b) for a, b in same_person(drawn) if plain[keys[a]] == plain[keys[b]]]
    assert len(joined) > 20
    mother_of = {b: a for a, b in joined}
    records = with_mothers(drawn, mother_of)
    result = dedupe(records)
    found = clusters(result.resolution)
    assert not [(a, b) for a, b in joined if found[keys[a]] == found[keys[b]]]
    why = {
        ((r["source_a"], r["record_id_a"]), (r["source_b"], r["record_id_b"])): r["reason"]
        for r in result.review.to_pylist()
    }
    assert sum(why.get((keys[a], keys[b])) == MOTHER for a, b in joined) > 0.8 * len(joined)
    assert set(why.values()) <= set(REASONS[1:])
    told = explain(records, keys[joined[0][0]], keys[joined[0][1]], model=result.model)
    assert told.verdict == f"two persons: {MOTHER}"
    # Everybody else is as before.
    touched = {plain[keys[a]] for a, _ in joined}
    others = [k for k in keys if plain[k] not in touched]
    assert {k: found[k] for k in others} == {k: plain[k] for k in others}


def test_of_two_persons_nobody_would_take_for_one_nothing_is_asked() -> None:
    drawn = people(200, seed=4)
    strangers = {0: next(i for i in range(1, 200) if drawn.source[i] == drawn.source[0])}
    result = dedupe(with_mothers(drawn, strangers))
    assert MOTHER not in result.review["reason"].to_pylist()


@given(st.integers(0, 2**32 - 1), st.booleans(), st.data())
@settings(max_examples=12, deadline=None)
def test_no_related_pair_shares_a_person(seed: int, across: bool, data: st.DataObject) -> None:
    """Whatever the relations, also of equal records, in circles, and with `mpi link`."""
    drawn = people(25, seed=seed)
    rows = drawn.rows + drawn.rows[:10]
    twice = People(
        rows,
        drawn.source + drawn.source[:10],
        [f"{i:05d}" for i in range(len(rows))],
        drawn.person + drawn.person[:10],
    )
    number = st.integers(0, len(rows) - 1)
    mother_of = data.draw(st.dictionaries(number, number, max_size=30))
    likely = [(b, a) for a, b in same_person(twice)]
    mother_of |= dict(data.draw(st.lists(st.sampled_from(likely), unique=True)) if likely else [])
    records = with_mothers(twice, mother_of)
    resolution = resolve(records, across=across)
    related = known_apart(records)
    assert (resolution.cluster[related.left] != resolution.cluster[related.right]).all()
    # A person is held together by links that stand.
    links = resolution.links
    assert (resolution.cluster[links.left] == resolution.cluster[links.right]).all()
    again = resolve(records, model=resolution.model, across=across)
    assert again.cluster.tolist() == resolution.cluster.tolist()


@given(st.integers(0, 2**32 - 1), st.data())
@settings(max_examples=6, deadline=None)
def test_the_order_of_records_does_not_matter(seed: int, data: st.DataObject) -> None:
    drawn = people(25, seed=seed)
    mother_of = {b: a for a, b in same_person(drawn)}
    order = data.draw(st.permutations(range(len(drawn.rows))))
    place = {old: new for new, old in enumerate(order)}
    shuffled = People(
        *([values[i] for i in order] for values in (drawn.rows, drawn.source, drawn.record_id)),
        drawn.person,
    )
    one = resolve(with_mothers(drawn, mother_of))
    two = resolve(with_mothers(shuffled, {place[c]: place[m] for c, m in mother_of.items()}))
    assert clusters(one) == clusters(two)
    assert one.model == two.model


def apart_of(*pairs: tuple[int, int]) -> Apart:
    one, two = (np.array([p[k] for p in pairs], np.int64) for k in (0, 1))
    return make_apart(one, two, np.full(len(pairs), 5, np.int8))


@pytest.mark.parametrize("across", [False, True])
def test_equal_records_that_are_two_persons_are_two_rows(across: bool) -> None:
    source = ["x", "x", "x", "y", "y"]
    columns = {("full_name", Kind.FULL_NAME): ["AN"] * 5}
    standard = standard_table(columns, source)
    comparisons = (Comparison("full_name", Kind.FULL_NAME, FORM_OF[Kind.FULL_NAME]),)
    apart = apart_of((0, 2), (1, 2), (4, 2))
    encoded, rows = encode_apart(standard, comparisons, apart, across=across)
    assert encoded.row_of.tolist() == ([0, 0, 1, 2, 2] if across else [0, 0, 1, 0, 0])
    assert [standard.sources[s] for s in encoded.source] == [source[i] for i in encoded.first]
    ends = list(zip(rows.left.tolist(), rows.right.tolist(), strict=True))
    assert ends == ([(0, 1), (1, 2)] if across else [(0, 1)])
    encoded, rows = encode_apart(standard, comparisons, NOBODY, across=across)
    assert encoded.n_rows == (2 if across else 1)
    assert len(rows) == 0


def test_a_row_of_all_colours() -> None:
    standard = standard_table({("full_name", Kind.FULL_NAME): ["AN"] * 4})
    comparisons = (Comparison("full_name", Kind.FULL_NAME, FORM_OF[Kind.FULL_NAME]),)
    every = apart_of(*((a, b) for a in range(4) for b in range(a)))
    assert encode_apart(standard, comparisons, every)[0].row_of.tolist() == [0, 1, 2, 3]


def test_link_keeps_them_apart_too() -> None:
    """Mother and child are of one source; a third record of another cannot be both."""
    drawn = people(60, seed=8, copies=0.8)
    mother_of = {b: a for a, b in same_person(drawn)}
    assert mother_of
    records = with_mothers(drawn, mother_of)
    found = clusters(link(records).resolution)
    keys = list(zip(drawn.source, drawn.record_id, strict=True))
    assert all(found[keys[a]] != found[keys[b]] for b, a in mother_of.items())


CARD = "DN4010116149001"


def birth_of_a_namesake() -> str:
    """A certificate on which everything is the mother's, as a careless clerk fills it in."""
    return claims.births(
        {
            "HO_TEN_CON": "Trần Thị Hoa",
            "NGAY_SINH_CON": "199001010000",
            "GIOI_TINH_CON": "2",
            "MA_THE_TAM": CARD,
            "NOI_CU_TRU_NND": "Số 1 phố Huế & chợ Hôm",
        }
    )


@pytest.mark.parametrize("first", ["mother", "child", "together"])
def test_a_relation_outlives_the_night(tmp_path: Path, first: str) -> None:
    others, _ = claims.sample(5, 80)
    mother = claims.hoso(claims.part("XML1", claims.coded(claims.visit())))
    child = claims.hoso(claims.part("XML9", claims.coded(birth_of_a_namesake())))
    nights = {"mother": [mother, child], "child": [child, mother], "together": [mother + child]}
    index = MasterIndex.create_or_open(tmp_path / "index")
    for number, files in enumerate([others, *(claims.envelope(f) for f in nights[first]), others]):
        path = tmp_path / f"{number}.xml"
        path.write_text(files, encoding="utf-8")
        index.update(read_records(path, known=index.kinds()))
    keys = ("01001", "LK1"), ("01001", "LK1/con1")
    told = index.explain(*keys)
    assert told.probability > told.link_at, told
    table = index.table("crosswalk")
    ids = {r["record_id"]: r["enterprise_id"] for r in table.to_pylist() if r["source"] == "01001"}
    mine = [ids[k] for _, k in keys]
    assert mine[0] != mine[1]
    assert told.verdict == f"two persons, {mine[0]} and {mine[1]}: {MOTHER}"
    listed = [r for r in index.table("review").to_pylist() if r["record_id_b"] == "LK1/con1"]
    assert [r["reason"] for r in listed] == [MOTHER]
    # What holds them apart is the certificate alone.
    records = index.records()
    fields = tuple(f for f in records.fields if f.column != "MA_LK_ME")
    assert index.model() is not None
    plain = resolve(replace(records, fields=fields), model=index.model())
    found = clusters(plain)
    assert found[keys[0]] == found[keys[1]]
