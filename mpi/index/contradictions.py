"""Chains of decisions: which of them make two records one person, or two, and which contradict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mpi.errors import UsageError
from mpi.index.decisions import DIFFERENT, Decision, Key, joins


def check_contradictions(decisions: Sequence[Decision]) -> None:
    """See that no chain of `same` leads from one end of a `different` to the other.

    Raises
    ------
    UsageError
        Tells the chain.
    """
    parent: dict[Key, Key] = {}

    def root(key: Key) -> Key:
        while (up := parent.setdefault(key, key)) != key:
            parent[key] = key = parent[up]
        return key

    for one, two, _ in joins(decisions):
        parent[root(one)] = root(two)
    for made in decisions:
        apart = made.kind == DIFFERENT and made.a is not None and made.b is not None
        if apart and root(made.keys[0]) == root(made.keys[1]):
            raise UsageError(_chain_told(made, decisions))


def find_chain(decisions: Iterable[Decision], a: Key, b: Key) -> list[tuple[Key, Key, Decision]]:
    """The fewest decisions that make two keys one person, in their order; [] where none do."""
    came = _reached(decisions, a)
    steps = []
    while b in came:
        before, made = came[b]
        steps.append((before, b, made))
        b = before
    return steps[::-1]


def _reached(decisions: Iterable[Decision], a: Key) -> dict[Key, tuple[Key, Decision]]:
    """The keys that decisions make one person with `a`, each with the key before it."""
    next_to: dict[Key, list[tuple[Key, Decision]]] = {}
    for one, two, made in joins(decisions):
        next_to.setdefault(one, []).append((two, made))
        next_to.setdefault(two, []).append((one, made))
    came: dict[Key, tuple[Key, Decision]] = {}
    queue = [a]
    for key in queue:
        for other, made in next_to.get(key, []):
            if other != a and other not in came:
                came[other] = key, made
                queue.append(other)
    return came


def named(made: Decision) -> str:
    """A decision's number and maker, in words."""
    return f"decision {made.number} by {made.by}" if made.number else "new"


def _chain_told(apart: Decision, decisions: Sequence[Decision]) -> str:
    assert apart.a is not None and apart.b is not None
    steps = find_chain(decisions, apart.a, apart.b)
    said = "; ".join(f"{':'.join(x)} is {':'.join(y)} ({named(made)})" for x, y, made in steps)
    return (
        f"the decisions contradict each other: {':'.join(apart.a)} and {':'.join(apart.b)} are two "
        f"persons ({named(apart)}), but {said}; nothing was published: leave one of them out, or "
        "withdraw one with: mpi decide INDEX withdraw NUMBER"
    )


def speaking(made: Decision) -> str:
    """A decision, who made it, when and why, in words.

    Examples
    --------
    >>> speaking(Decision("pin", person="NR2SEW49BP", by="Lan", at="2026-01-02", number=3))
    'decision 3 by Lan, 2026-01-02: pin NR2SEW49BP'
    """
    why = f" ({made.why})" if made.why else ""
    return f"{named(made)}, {(made.at or '')[:10]}: {made.words}{why}"


def why_decided(decisions: Sequence[Decision], a: Key, b: Key) -> str:
    """The decisions that make two records one person, or two, in words; "" where none do."""
    steps = find_chain(decisions, a, b)
    if steps:
        return "; ".join(speaking(made) for made in dict.fromkeys(made for *_, made in steps))
    near = {key: {key, *_reached(decisions, key)} for key in (a, b)}
    for made in decisions:
        if made.kind != DIFFERENT or made.a is None or made.b is None:
            continue
        for one, two in ((made.a, made.b), (made.b, made.a)):
            if one in near[a] and two in near[b]:
                steps = [*find_chain(decisions, a, one), *find_chain(decisions, b, two)]
                used = [made, *(m for *_, m in steps)]
                return "; ".join(map(speaking, dict.fromkeys(used)))
    return ""
