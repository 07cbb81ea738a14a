"""The summary: its figures are those of its parts, and no name in it can do harm."""

from __future__ import annotations

import io
import json
import tomllib

import msgspec
import pyarrow as pa

from mpi.cluster.census import count_persons
from mpi.linkage.quality import Trust
from mpi.records.account import ColumnUse
from mpi.records.table import Fates, Field, Input, RecordTable
from mpi.report.config import settings_toml
from mpi.report.page import Page
from mpi.report.summary import render_night, render_summary, summarise
from mpi.schema import TABLES, Kind
from mpi.score.model import Model
from mpi.settings import Settings
from mpi.stages import StageTime
from mpi.standardise.table import Placeholder

SOURCES = [f"source {n:02d}" for n in range(45)] + ["bad\x1b[2J\u202e"]
MODEL = Model(
    comparisons=[],
    prior=0.001,
    relative=0.0,
    link_at=0.9,
    review_at=0.1,
    largest=9,
    rules=[["full_name"], ["birth_date:year", "phone"]],
    narrowing=[],
    max_block=1000,
    placeholders={},
    locale="general",
    layouts={},
    kinds={},
)

RANGE = {"estimate": 0.98, "low": 0.9, "high": 1.0}
COUNT = {"estimate": 12.4, "low": 3.0, "high": 1234.0}
QUALITY = {
    "interval": "95 %, estimated without labels",
    "pairs_in_persons": 1,
    **dict.fromkeys(("precision", "recall", "blocking_recall"), RANGE),
    **dict.fromkeys(("false_links", "missed_candidates"), COUNT),
}


def records() -> RecordTable:
    n = len(SOURCES)
    quarantine = pa.Table.from_pylist(
        [
            {"source": "s", "file": "f.csv", "row": i, "values": "{}", "reason": reason}
            for i, reason in enumerate(["too short", "too long", "too short"])
        ],
        schema=TABLES["quarantine"].schema,
    )
    data = pa.table({"source": SOURCES, "record_id": ["1"] * n, "full_name": ["An"] * n})
    return RecordTable(
        data=data,
        fields=(Field("full_name", Kind.FULL_NAME, 'ho "ten"\x7f', "column\nname"),),
        fates={s: Fates(read=2, accepted=1, quarantined=1) for s in SOURCES},
        deleted=data.slice(0, 0),
        quarantine=quarantine,
        inputs=(Input("f.csv", "s", 2, "0" * 32),),
        messages=("said twice", "said twice"),
    )


def crosswalk() -> pa.Table:
    n = len(SOURCES)
    columns = [SOURCES, ["1"] * n, ["P1", "P1", *(f"Q{i}" for i in range(n - 2))], [1] * n]
    return pa.table([pa.array(c) for c in columns], schema=TABLES["crosswalk"].schema)


def summary() -> dict[str, object]:
    times = [StageTime("reading", 1.0, 2.0, 10**9), StageTime("comparing", 3.0, 4.0, 2 * 10**9)]
    unknown = [Placeholder("full_name", "KHÔNG RÕ", 12, "listed")]
    return summarise(
        records(),
        count_persons(crosswalk()),
        links=1,
        review=2,
        stages=times,
        messages=["said twice", "and this"],
        model=MODEL.to_json(),
        placeholders=unknown,
        quality=QUALITY,
        trust=Trust(("too \x1b[2Jfew",), {"steps": 3}),
        columns=[ColumnUse("HO_TEN", "full name", "compared", "column name")],
        left_out=1234,
    )


def shown(night: dict[str, object] | None = None) -> str:
    stream = io.StringIO()
    if night is None:
        render_summary(Page(stream), summary())
    else:
        render_night(Page(stream), {**summary(), "index": night})
    return stream.getvalue()


def test_figures_are_those_of_the_parts() -> None:
    plain = json.loads(json.dumps(summary()))
    n = len(SOURCES)
    rows = {"read": 2 * n, "accepted": n, "replaced": 0, "deleted": 0, "quarantined": n}
    assert plain["rows"] == rows
    assert (plain["records"], plain["persons"]) == (n, n - 1)
    assert (plain["persons_in_several_sources"], plain["largest_person"]) == (1, 2)
    assert plain["quarantine_reasons"] == {"too short": 2, "too long": 1}
    assert plain["messages"] == ["columns used: HO_TEN as full name", "said twice", "and this"]
    assert plain["model"]["link_at"] == 0.9


def test_the_page_says_it_in_words() -> None:
    text = shown()
    for words in (
        *("2 x too short", "46 records are 45 persons", "1 persons (2.2 %)", "2 pairs wait"),
        *(
            "98.0 % (90.0 % to 100 %) are expected to be right",
            "blocking makes 98.0 % (90.0 % to 100 %)",
            "Expected false links: 12 (3 to 1,234)",
            "columns used: HO_TEN as full name",
            "1,234 more probable pairs had no room",
            "probability of 0.900",
            "KHÔNG RÕ",
            "6 more sources",
            "4.0 s",
            "2.0 GB",
        ),
    ):
        assert words in text


def test_what_cannot_be_trusted_is_the_last_line() -> None:
    """Of a run, of a night, and of a night that changed nothing."""
    night = {"folder": "i", "changed": True, "snapshot": 8, "changes": {}, "events": {}}
    for text in (shown(), shown(night), shown({**night, "changed": False})):
        assert text.rstrip().splitlines()[-1].startswith("This result cannot be trusted: too ")
    assert summary()["trust"] == {
        "trusted": False,
        "reasons": ["too \x1b[2Jfew"],
        "learning": {"steps": 3},
    }
    stream = io.StringIO()
    render_summary(Page(stream), {**summary(), "trust": Trust().to_dict()})
    assert "trusted" not in stream.getvalue()


def test_no_name_reaches_the_terminal_as_a_command() -> None:
    assert not {"\x1b", "\u202e", "\x7f"} & set(shown())


def test_a_night_without_a_change_is_one_line() -> None:
    night = {"folder": "i", "changed": False, "snapshot": 7, "changes": {}, "events": {}}
    text = shown(night)
    assert "Nothing changed" in text and "snapshot 7" in text
    assert "Time and memory" not in text


def test_a_night_says_what_it_changed() -> None:
    night = {
        "folder": "i",
        "changed": True,
        "snapshot": 8,
        "changes": {"new": 1200, "older": 3},
        "events": {"created": 5},
    }
    text = shown(night)
    for words in ("1,200 new", "3 older than what is stored", "5 created", "Snapshot 8"):
        assert words in text


FOUND = [
    Placeholder("full_name", 'A "B"\x7f\n', 9, "9 records\nwith 5 names"),
    Placeholder("full_name", "1950-01-01 -> 1950-00-00", 9, "too many"),
    Placeholder("full_name", "KHÔNG RÕ", 2, "listed"),
]


def test_settings_survive_odd_names() -> None:
    settings = tomllib.loads(settings_toml(records(), MODEL, FOUND, Settings(precision=0.95)))
    assert settings == {
        "locale": "general",
        "precision": 0.95,
        "fields": {'ho "ten"\x7f': "full_name"},
        "placeholders": {"full_name": ['A "B"\x7f\n']},
    }


def test_settings_that_were_made_stay_made() -> None:
    made = Settings(rules=[["full_name"]], link_at=0.9, review_at=0.1, max_block=77, seed=5)
    model = msgspec.structs.replace(MODEL, rules=[["full_name"]], max_block=77, locale="vi")
    settings = tomllib.loads(settings_toml(records(), model, (), made))
    for name in ("rules", "link_at", "review_at", "max_block", "seed"):
        assert settings[name] == getattr(made, name)
    assert settings["locale"] == "vi" and "precision" not in settings
