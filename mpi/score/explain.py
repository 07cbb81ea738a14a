"""Why two records are, or are not, one person: what each field says, in bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ExplainedField:
    """What one field says.

    raw_a, raw_b : the values as they came; standard_a, standard_b : in standard form
    level : -1 missing, 0 all other, higher is closer; label : the level in words
    weight : bits, log2 m/u of the level; term_frequency : bits added for this very value
    """

    name: str
    raw_a: str | None
    raw_b: str | None
    standard_a: str | None
    standard_b: str | None
    level: int
    label: str
    weight: float
    term_frequency: float


@dataclass(frozen=True)
class Explanation:
    """The evidence for and against two records being one person.

    prior, relative, total : bits; total is the prior, the weights, the term frequencies and
        `relative` together; `relative`, at most 0, is what the evidence loses because two
        relatives would look alike too
    probability, link_at, review_at : match probabilities, 0 to 1
    rules : blocking rules that make the pair
    """

    a: tuple[str, str]
    b: tuple[str, str]
    fields: tuple[ExplainedField, ...]
    prior: float
    relative: float
    total: float
    probability: float
    link_at: float
    review_at: float
    rules: tuple[str, ...]
    verdict: str


def pair_verdict(probability: float, link_at: float, review_at: float, rules: int) -> str:
    """The outcome of a pair in words, by its own evidence alone."""
    if rules == 0:
        return "never compared: no blocking rule brings these two records together"
    if probability >= link_at:
        return "linked: the evidence is at least what a link needs"
    if probability >= review_at:
        return "for review: too little to link, too much to dismiss"
    return "not linked: the evidence is below what is worth a look"


def index_verdict(found: Explanation, ids: Sequence[str], waiting: str | None) -> str:
    """What an index made of a pair, in words.

    ids : enterprise ids of the two records
    waiting : why the pair waits for review, if it does
    """
    enough = found.probability >= found.link_at and bool(found.rules)
    if ids[0] == ids[1]:
        how = (
            "linked directly" if enough else "joined by other records; this pair alone is too weak"
        )
        return f"one person, {ids[0]}: {how}"
    apart = f"two persons, {ids[0]} and {ids[1]}"
    if waiting:
        return f"{apart}; the pair waits for review: {waiting}"
    if enough:
        return f"{apart}, although the pair alone is strong enough: other records speak against it"
    return f"{apart}: {found.verdict}"
