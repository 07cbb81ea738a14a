"""Blocks that grow are told, against what was usual."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from index.nights import night

from mpi.index import MasterIndex
from mpi.index.base import Base
from mpi.index.block_drift import BlockDrift, find_block_drift
from mpi.settings import Settings

RULE = "phone"


def past(monkeypatch: pytest.MonkeyPatch, *shares: float | None) -> Base:
    """A snapshot whose runs had these shares of a thousand records in crowded blocks."""
    rows = []
    for snapshot, share in enumerate(shares, 1):
        blocks: dict[str, Any] = {} if share is None else {"blocks": {}}
        if share:
            blocks["blocks"] = {RULE: {"blocks": 1, "records": round(share * 1000), "largest": 1}}
        counts = msgspec.json.encode({"records": 1000}).decode()
        quality = msgspec.json.encode(blocks).decode()
        rows.append({"snapshot": snapshot, "counts": counts, "quality": quality})
    table = pa.Table.from_pylist(rows)
    base = Base(None, object(), None)  # type: ignore[arg-type]
    monkeypatch.setattr(Base, "table", lambda self, name, columns=None: table)
    return base


def tonight(share: float) -> dict[str, Any]:
    return {"blocks": {RULE: {"blocks": 2, "records": round(share * 1000), "largest": 40}}}


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ((0.0, 0.0, 0.0), 0.006, True),
        ((0.0,), 0.004, False),
        ((0.1, 0.1, 0.1), 0.15, False),
        ((0.1, 0.1, 0.1), 0.2, True),
        ((0.2, 0.1, 0.1, 0.1), 0.2, True),  # one odd night is not what is usual
        ((None, None), 0.5, False),  # nights that tell nothing of blocks
    ],
)
def test_a_share_that_doubled_is_told(
    monkeypatch: pytest.MonkeyPatch, before: tuple[float | None, ...], now: float, told: bool
) -> None:
    found = find_block_drift(past(monkeypatch, *before), tonight(now), 1000)
    assert bool(found) is told
    if told:
        assert (found[0].rule, found[0].now, found[0].largest) == (RULE, now, 40)


def test_the_first_night_has_nothing_to_compare_with() -> None:
    assert find_block_drift(Base(None, None, None), tonight(0.9), 1000) == ()  # type: ignore[arg-type]


def test_it_says_what_to_do() -> None:
    said = str(BlockDrift(RULE, 0.01, 0.25, 1234))
    assert "rule 'phone': 25.0% of the records" in said and "1,234 records" in said


def test_a_telephone_that_everybody_has_is_noticed(tmp_path: Path) -> None:
    fields = ("full_name", "birth_date", "phone")

    def rows(start: int, n: int, **changes: Any) -> list[dict[str, Any]]:
        return [
            {
                "key": f"a:{i}",
                "full_name": f"{'ABCDEFGHIJ'[i % 10]}{'KLMNOPQRST'[i // 10 % 10]}AN {i % 97} BO",
                "birth_date": f"19{40 + i % 60}-{i % 12 + 1:02}-{i % 28 + 1:02}",
                "phone": f"09{10_000_000 + 7919 * i % 89_999_999:08}",
            }
            | changes
            for i in range(start, start + n)
        ]

    settings = Settings(seed=1, max_block=20, rules=[["phone"], ["full_name"]])
    index = MasterIndex.create_or_open(tmp_path / "index")
    index.update(night(*rows(0, 600), fields=fields), settings)
    assert index.update(night(*rows(600, 20), fields=fields), settings).drift == ()
    one = rows(700, 40, phone="0911111111")
    done = index.update(night(*one, fields=fields), settings)
    blocks = [d for d in done.drift if isinstance(d, BlockDrift)]
    assert [(d.rule, d.largest) for d in blocks] == [("phone", 40)]
    assert any("blocking rule 'phone'" in message for message in done.messages)
    told = [
        run["blocks"]
        for run in map(msgspec.json.decode, index.table("runs")["quality"].to_pylist())
    ]
    assert told[0] == {} and told[-1] == {"phone": {"blocks": 1, "records": 40, "largest": 40}}
