"""Why two records are, or are not, one person: the evidence field by field."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mpi.report.page import Page, visible
from mpi.report.quantities import probability

if TYPE_CHECKING:
    from mpi.score.explain import Explanation


def explanation_dict(found: Explanation) -> dict[str, Any]:
    """The explanation as plain values for JSON; keys are "source:record_id"."""
    plain = asdict(found)
    plain["a"], plain["b"] = ":".join(found.a), ":".join(found.b)
    plain["fields"] = list(plain["fields"])
    plain["rules"] = list(plain["rules"])
    return plain


def render_explanation(page: Page, found: Explanation) -> None:
    """Write the evidence as a table that adds up to the probability."""
    a, b = visible(":".join(found.a)), visible(":".join(found.b))
    page.heading(f"{a}  and  {b}")
    page.table(
        ("field", a, b, "how alike", "weight", "for rarity"),
        [
            (
                field.name,
                _value(field.raw_a),
                _value(field.raw_b),
                field.label,
                f"{field.weight:+.2f}",
                f"{field.term_frequency:+.2f}" if field.term_frequency else "",
            )
            for field in found.fields
        ],
        numbers=("weight", "for rarity"),
    )
    evidence = found.total - found.prior - found.relative
    parts = [
        ("starting point: how few of all pairs are one person", found.prior),
        ("evidence of the fields", evidence),
    ]
    if found.relative:
        parts.append(("less, for two of one family would look alike too", found.relative))
    page.table(
        ("", "bits"),
        [(text, f"{bits:+.2f}") for text, bits in parts],
        numbers=("bits",),
        total=("together", f"{found.total:+.2f}"),
    )
    page.line(f"Probability that they are one person: {probability(found.probability)}")
    page.line(
        f"Linked from {probability(found.link_at)}, looked at by a person from "
        f"{probability(found.review_at)}."
    )
    if found.rules:
        page.line(f"Found because they share: {'; '.join(found.rules)}.")
    else:
        page.line("No search rule brings these two together; they were compared on request only.")
    page.line(f"Verdict: {found.verdict}", style="bold")


def _value(raw: str | None) -> str:
    return "-" if raw is None else visible(raw)
