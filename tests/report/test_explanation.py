"""An explanation on a page, as JSON and as a picture."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from mpi.report.explanation import explanation_dict, render_explanation
from mpi.report.page import Page
from mpi.report.waterfall import draw_waterfall
from mpi.score.explain import (
    Against,
    Chain,
    Change,
    ExplainedField,
    Explanation,
    NearestRule,
    PairFound,
)

SVG = "{http://www.w3.org/2000/svg}"
A, B, C = ("hn", "1"), ("hue", "2"), ("hue", "3")
PAIR = Explanation(
    A,
    B,
    (
        ExplainedField("full_name", "an\x1b[2J", "AN", "AN", "AN", 11, "identical", 8.0, -1.5),
        ExplainedField("phone", "0", "091", None, "91", -1, "missing", 0.0, 0.0),
        ExplainedField("sex", "nam", "F", "M", "F", 0, "different", -4.0, 0.0),
    ),
    -6.0,
    -0.5,
    -4.0,
    0.0588,
    0.5,
    0.05,
    (),
    "never compared",
    0.0,
    -4.25,
    "never_compared",
    nearest=NearestRule("phone + sex", ("sex",), ("phone",)),
    changes=(Change("sex", 0, "different", 5.0, 1.0, True),),
)


def shown(found: Explanation) -> str:
    stream = io.StringIO()
    render_explanation(Page(stream), found)
    return stream.getvalue()


def test_the_page_says_why_not() -> None:
    text = shown(PAIR)
    for words in (
        "phone + sex: they differ in sex and not both have phone",
        "4.00 bits short of a link",
        "both with one sex, which is now different (+5.00 bits)",
        "0 (taken as unknown)",
        "nam → M",
        "0.500 (+0.00 bits)",
    ):
        assert words in text
    assert "\x1b" not in text


def test_the_page_says_when_nothing_alone_is_enough() -> None:
    text = shown(replace(PAIR, changes=(Change("sex", 0, "different", 2.0, -2.0, False),)))
    assert "No single field would be enough; most would add one sex (+2.00 bits)" in text


def test_the_page_shows_chains_and_what_speaks_against() -> None:
    chain = Chain((PairFound(A, C, 9.0, 0.99), PairFound(C, B, 2.5, 0.85)))
    joined = shown(replace(PAIR, chains=(chain,), outcome="joined"))
    assert "hue:3" in joined and "the weakest" in joined and "No other chain" in joined
    apart = shown(
        replace(
            PAIR,
            against=tuple(Against(A, B, "numbers", f"national_id {i} and 9") for i in range(7)),
            between=(PairFound(A, C, 1.5, 0.7, "numbers"),),
        )
    )
    for words in ("national_id 0 and 9", "and 2 more pairs", "+1.50"):
        assert words in apart


def test_json_is_complete() -> None:
    chain = Chain((PairFound(A, C, 9.0, 0.99), PairFound(C, B, 2.5, 0.85)))
    found = replace(
        PAIR,
        chains=(chain,),
        against=(Against(A, B, "r", "d"),),
        between=(PairFound(A, C, 1.5, 0.7, "r"),),
        enterprise_ids=("P", "Q"),
    )
    plain = json.loads(json.dumps(explanation_dict(found)))
    assert (plain["a"], plain["b"], plain["short"]) == ("hn:1", "hue:2", 4.0)
    assert plain["chains"][0]["bottleneck"] == 2.5
    assert plain["chains"][0]["links"][1]["a"] == "hue:3"
    assert plain["against"][0]["b"] == "hue:2" and plain["between"][0]["b"] == "hue:3"
    assert plain["nearest"] == {"rule": "phone + sex", "differ": ["sex"], "lacking": ["phone"]}
    assert plain["changes"][0]["enough"] is True
    assert plain["fields"][0]["standard_a"] == "AN"
    assert {"link_bits", "review_bits", "outcome", "enterprise_ids"} <= plain.keys()


def test_the_bars_end_at_the_sum() -> None:
    tree = ElementTree.fromstring(draw_waterfall(PAIR))
    bars = [r for r in tree.findall(f"{SVG}rect") if r.get("x")]
    link = [x for x in tree.findall(f"{SVG}line") if x.get("stroke-dasharray")][-1]
    zero = float(link.attrib["x1"])  # a link needs 0 bits here
    *_, relative, together = bars
    assert float(together.attrib["x"]) == pytest.approx(float(relative.attrib["x"]), abs=0.02)
    end = float(together.attrib["x"]) + float(together.attrib["width"])
    assert end == pytest.approx(zero, abs=0.02)
    scale = float(together.attrib["width"]) / 4.0
    first = bars[0]
    assert float(first.attrib["width"]) / scale == pytest.approx(6.0, abs=0.01)
    assert "\x1b" not in draw_waterfall(PAIR)
