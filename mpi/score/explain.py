"""Why two records are, or are not, one person: what each field says, in bits."""

from __future__ import annotations

from dataclasses import dataclass

Key = tuple[str, str]


@dataclass(frozen=True)
class ExplainedField:
    """What one field says.

    raw_a, raw_b : the values as they came; standard_a, standard_b : in standard form
    level : -1 missing, 0 all other, higher is closer; label : the level in words
    weight : bits, log2 m/u of the level; term_frequency : bits added for this very value, or for
        the most telling word that two different names share
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
class Change:
    """What the evidence would be if both records held one value of a field.

    level, label : what they hold now
    gain : bits that this adds; of the two values the one that adds less
    total : bits then; enough : whether that would link the pair
    """

    field: str
    level: int
    label: str
    gain: float
    total: float
    enough: bool


@dataclass(frozen=True)
class NearestRule:
    """The blocking rule that came nearest to bringing two records together.

    differ : its keys of which the records have two different ones
    lacking : its keys that one of them, or both, do not have
    """

    rule: str
    differ: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class PairFound:
    """A pair of records as the index keeps it; `reason` is why it waits for review, "" if not."""

    a: Key
    b: Key
    weight: float
    probability: float
    reason: str = ""


@dataclass(frozen=True)
class Chain:
    """Links that lead from one record to another, in order."""

    links: tuple[PairFound, ...]

    @property
    def bottleneck(self) -> PairFound:
        """The weakest of the links, the first of equal ones."""
        return min(self.links, key=lambda link: link.weight)


@dataclass(frozen=True)
class Against:
    """Two records that speak against their persons being one, and what they say."""

    a: Key
    b: Key
    reason: str
    detail: str


@dataclass(frozen=True)
class Explanation:
    """The evidence for and against two records being one person.

    prior, relative, total : bits; total is the prior, the weights, the term frequencies and
        `relative` together; `relative`, at most 0, is what the evidence loses because two
        relatives would look alike too
    probability, link_at, review_at : match probabilities, 0 to 1
    link_bits, review_bits : the same two thresholds, bits
    rules : blocking rules that make the pair
    outcome : linked, review, below (too little evidence), never_compared or apart (known to be two
        persons); of an index also joined (by other records), refused (enough evidence, but other
        records speak against it) and narrowed (in a block too large to compare every pair)
    nearest : of a pair that no rule makes
    changes : of a pair below `link_at`: those that would be enough first, the smallest first; then
        the others, the largest first
    enterprise_ids : of an index, the persons of the two records
    chains : of two records of one person that are not linked themselves, up to three, the one with
        the strongest weakest link first; each of the others does without the weakest links of
        those before it
    against : of two persons, what keeps them apart
    between : of two persons, other pairs of their records that wait for review, strongest first
    decided : of an index, the decisions that make the two records one person, or two; "" for none
    """

    a: Key
    b: Key
    fields: tuple[ExplainedField, ...]
    prior: float
    relative: float
    total: float
    probability: float
    link_at: float
    review_at: float
    rules: tuple[str, ...]
    verdict: str
    link_bits: float
    review_bits: float
    outcome: str
    nearest: NearestRule | None = None
    changes: tuple[Change, ...] = ()
    enterprise_ids: tuple[str, str] | None = None
    chains: tuple[Chain, ...] = ()
    against: tuple[Against, ...] = ()
    between: tuple[PairFound, ...] = ()
    decided: str = ""

    @property
    def short(self) -> float:
        """Bits that the pair lacks to be linked, 0 where it does not."""
        return max(0.0, self.link_bits - self.total)


def pair_outcome(probability: float, link_at: float, review_at: float, rules: int) -> str:
    """The outcome of a pair by its own evidence alone.

    Examples
    --------
    >>> [pair_outcome(p, 0.9, 0.1, 1) for p in (0.95, 0.5, 0.01)], pair_outcome(1.0, 0.9, 0.1, 0)
    (['linked', 'review', 'below'], 'never_compared')
    """
    if rules == 0:
        return "never_compared"
    if probability >= link_at:
        return "linked"
    return "review" if probability >= review_at else "below"


_PAIR_VERDICTS = {
    "never_compared": "never compared: no blocking rule brings these two records together",
    "linked": "linked: the evidence is at least what a link needs",
    "review": "for review: too little to link, too much to dismiss",
    "below": "not linked: the evidence is below what is worth a look",
}


def pair_verdict(outcome: str) -> str:
    """The outcome of a pair in words, by its own evidence alone."""
    return _PAIR_VERDICTS[outcome]


def index_verdict(found: Explanation, outcome: str, reason: str = "") -> str:
    """What an index made of a pair, in words.

    outcome : as `Explanation.outcome`; reason : why the pair waits for review, or is known to be
        of two persons
    """
    one, two = found.enterprise_ids or ("", "")
    if found.decided:
        persons = f"one person, {one}" if one == two else f"two persons, {one} and {two}"
        return f"{persons}: {found.decided}"
    if one == two:
        how = "linked directly" if outcome == "linked" else "joined by other records"
        if outcome == "joined":
            how += (
                "; the pair alone is strong enough too, but of records alike in every compared "
                "field only one is listed with its links"
                if found.rules and found.probability >= found.link_at
                else "; this pair alone is too weak"
            )
        return f"one person, {one}: {how}"
    apart = f"two persons, {one} and {two}"
    if outcome == "apart":
        return f"{apart}: {reason}"
    if outcome == "review":
        return f"{apart}; the pair waits for review: {reason}"
    if outcome == "refused":
        return f"{apart}, although the pair alone is strong enough; it waits for review: {reason}"
    if outcome == "narrowed":
        return (
            f"{apart}: never compared; too many records share {found.rules[0]}, so not all of "
            "their pairs were looked at"
        )
    return f"{apart}: {pair_verdict(outcome)}"
