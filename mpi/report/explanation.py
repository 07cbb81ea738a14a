"""Why two records are, or are not, one person: the evidence field by field."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mpi.report.page import Page, visible
from mpi.report.quantities import count, plural, probability

if TYPE_CHECKING:
    from mpi.score.explain import Explanation, Key

_SHOWN = 5


def explanation_dict(found: Explanation) -> dict[str, Any]:
    """The explanation as plain values for JSON; keys are "source:record_id"."""
    plain: dict[str, Any] = asdict(found)
    plain["short"] = found.short
    plain["chains"] = [
        {"bottleneck": chain.bottleneck.weight, "links": [asdict(link) for link in chain.links]}
        for chain in found.chains
    ]
    pairs = [plain, *plain["against"], *plain["between"]]
    for pair in (*pairs, *(link for chain in plain["chains"] for link in chain["links"])):
        pair["a"], pair["b"] = ":".join(pair["a"]), ":".join(pair["b"])
    return {k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()}


def render_explanation(page: Page, found: Explanation) -> None:
    """Write the evidence as a table that adds up to the probability, and what came of it."""
    a, b = _key(found.a), _key(found.b)
    page.heading(f"{a}  and  {b}")
    page.table(
        ("field", a, b, "how alike", "weight", "for rarity"),
        [
            (
                field.name,
                _value(field.raw_a, field.standard_a),
                _value(field.raw_b, field.standard_b),
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
    if found.relative < -0.005:
        parts.append(("less, for two of one family would look alike too", found.relative))
    page.table(
        ("", "bits"),
        [(text, f"{bits:+.2f}") for text, bits in parts],
        numbers=("bits",),
        total=("together", f"{found.total:+.2f}"),
    )
    page.line(f"Probability that they are one person: {probability(found.probability)}")
    page.line(
        f"Linked from {probability(found.link_at)} ({found.link_bits:+.2f} bits), looked at by a "
        f"person from {probability(found.review_at)} ({found.review_bits:+.2f} bits)."
    )
    if found.rules:
        page.line(f"Found because they share: {'; '.join(found.rules)}.")
    else:
        page.line("No search rule brings these two together; they were compared on request only.")
        _nearest(page, found)
    if found.short:
        _changes(page, found)
    _chains(page, found)
    _between(page, found)
    page.line(f"Verdict: {found.verdict}", style="bold")


def _nearest(page: Page, found: Explanation) -> None:
    if found.nearest is None:
        return
    why = [f"they differ in {_and(found.nearest.differ)}"] if found.nearest.differ else []
    if found.nearest.lacking:
        why.append(f"not both have {_and(found.nearest.lacking)}")
    page.line(f"The rule that came nearest is {found.nearest.rule}: {' and '.join(why)}.")


def _changes(page: Page, found: Explanation) -> None:
    page.line(f"The evidence is {found.short:.2f} bits short of a link.")
    enough = [change for change in found.changes if change.enough]
    if enough:
        first, *others = enough
        page.line(
            f"The smallest change that would be enough: both with one {first.field}, which is now "
            f"{first.label} ({first.gain:+.2f} bits)."
        )
        if others:
            page.line(f"So would be {_and([change.field for change in others], 'or')}.")
    elif found.changes:
        most = found.changes[0]
        page.line(
            f"No single field would be enough; most would add one {most.field} "
            f"({most.gain:+.2f} bits)."
        )


def _chains(page: Page, found: Explanation) -> None:
    for number, chain in enumerate(found.chains):
        weakest = chain.bottleneck
        page.heading(
            "The chain of links that joins them"
            if number == 0
            else "Another, without the weakest links of those before"
        )
        page.table(
            ("from", "to", "bits", "probability", ""),
            [
                (
                    _key(link.a),
                    _key(link.b),
                    f"{link.weight:+.2f}",
                    probability(link.probability),
                    "the weakest" if link == weakest else "",
                )
                for link in chain.links
            ],
            numbers=("bits", "probability"),
        )
    if len(found.chains) == 1:
        page.line("No other chain of links joins them without its weakest one.")


def _between(page: Page, found: Explanation) -> None:
    if found.against:
        page.heading("What the records of the two persons say against each other")
        for reason in dict.fromkeys(pair.reason for pair in found.against):
            pairs = [pair for pair in found.against if pair.reason == reason]
            page.table(
                ("record", "record", reason),
                [
                    (_key(pair.a), _key(pair.b), visible(pair.detail, longest=200))
                    for pair in pairs[:_SHOWN]
                ],
            )
            if len(pairs) > _SHOWN:
                page.line(f"and {plural(len(pairs) - _SHOWN, 'more pair')} of their records")
    if found.between:
        page.heading("Other pairs of the two persons that wait for review")
        page.table(
            ("record", "record", "bits", "probability", "why"),
            [
                (
                    _key(pair.a),
                    _key(pair.b),
                    f"{pair.weight:+.2f}",
                    probability(pair.probability),
                    pair.reason,
                )
                for pair in found.between[:_SHOWN]
            ],
            numbers=("bits", "probability"),
        )
        if len(found.between) > _SHOWN:
            page.line(f"and {count(len(found.between) - _SHOWN)} more")


def _key(key: Key) -> str:
    return visible(":".join(key))


def _value(raw: str | None, standard: str | None) -> str:
    """The value as it came, and as it was read where that differs by more than capitals."""
    if raw is None:
        return "-" if standard is None else visible(standard)
    if standard is None:
        return f"{visible(raw)} (taken as unknown)"
    if raw.casefold() == standard.casefold():
        return visible(raw)
    return f"{visible(raw)} → {visible(standard)}"


def _and(names: tuple[str, ...] | list[str], word: str = "and") -> str:
    """Names in a row.

    >>> _and(("phone", "ward", "sex")), _and(["phone"])
    ('phone, ward and sex', 'phone')
    """
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last
