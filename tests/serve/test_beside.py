"""A question beside its candidates: weighed as the linkage weighs records."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from people import people

from mpi.compare.patterns import unpack
from mpi.encode.rows import encode
from mpi.index import MasterIndex
from mpi.linkage.explain import rarity_bits
from mpi.score._kernels import score_pairs
from mpi.score.learn import make_table
from mpi.serve.beside import Scales
from mpi.serve.hits import told_hits
from mpi.serve.question import Question
from mpi.serve.search import Searcher
from mpi.settings import Settings


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    made = MasterIndex.create_or_open(tmp_path_factory.mktemp("beside") / "index")
    made.update(people(500, seed=5, copies=0.7).records(), Settings(seed=1))
    return Searcher(made._base)


def columns_of(searcher: Searcher, rows: int) -> dict[str, list[bytes | None]]:
    """Records in standard form, by field."""
    return {
        column.field.name: [
            column.values[code].as_py().encode() if code >= 0 else None
            for code in column.codes[:rows].tolist()
        ]
        for column in searcher.state.segments[0].standard.columns
    }


@pytest.mark.parametrize("names", [("national_id",), ("full_name", "birth_date"), ()])
def test_weights_levels_and_rarity_are_those_of_the_linkage(
    searcher: Searcher, names: tuple[str, ...]
) -> None:
    """A record asked for with all or some of its fields, against a table of those fields alone."""
    model = searcher.model
    every = columns_of(searcher, 120)
    fields = [c.name for c in model.comparisons if not names or c.name in names]
    compared = [c for c in model.comparisons if c.name in fields]
    some = msgspec.structs.replace(model, comparisons=compared)
    standard = searcher.state.standard(np.arange(120))
    comparisons = tuple(c.comparison for c in compared)
    records = encode(standard, comparisons)
    table = make_table(some, records)._replace(least=-np.inf)
    for row in range(0, 120, 17):
        values = {name: every[name][row] for name in fields}
        asked = {name: value and value.decode() for name, value in values.items()}
        weighed = Scales(model).weigh(Question({}, asked, 5), {n: every[n] for n in fields})
        left, right = np.full(120, records.row_of[row]), records.row_of
        weight, pattern = np.empty(120, np.float32), np.empty(120, np.uint64)
        score_pairs(records.values, table, left, right, weight, pattern)
        levels = unpack(pattern, table.radix)
        assert weighed.weight.tolist() == weight.tolist()
        assert weighed.levels.tolist() == levels.tolist()
        for k in range(0, 120, 13):
            for f, told in enumerate(weighed.evidence(Question({}, asked, 5), k, {})):
                g, h = (int(records.codes[r, f]) for r in (left[k], right[k]))
                level = int(levels[k, f])
                assert told.weight == float(table.weight[0, f, level + 1])
                assert told.term_frequency == rarity_bits(records, table, f, g, h, level)


def test_equal_weights_are_told_by_key_and_a_person_once(searcher: Searcher) -> None:
    every = columns_of(searcher, 1)
    value = every["full_name"][0]
    assert value is not None
    question = Question({}, {"full_name": value.decode()}, 3)
    weighed = searcher.scales.weigh(question, {"full_name": [value, b"X Y", value, value, value]})
    keys = [(b"b", b"2"), (b"a", b"0"), (b"b", b"10"), (b"a", b"\xc4\x90"), (b"a", b"Z")]
    persons = {("a", "Z"): "P1", ("a", "Đ"): "P2", ("b", "10"): "P1", ("b", "2"): "P3"}
    read = []

    def key(k: int) -> tuple[bytes, ...]:
        read.append(k)
        return keys[k]

    hits = told_hits(question, weighed, key, searcher.model, persons.__getitem__, lambda *_: {})
    assert [(hit.enterprise_id, hit.record) for hit in hits] == [
        ("P1", ("a", "Z")),
        ("P2", ("a", "Đ")),
        ("P3", ("b", "2")),
    ]
    assert sorted(read) == [0, 2, 3, 4]
