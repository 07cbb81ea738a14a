"""Why two records of an index are, or are not, one person: the pair alone, and what the other
records of their persons made of it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.index.base import RECORDS, Base
from mpi.index.contradictions import speaking, why_decided
from mpi.index.decisions import DIFFERENT, Decision, in_force, joins, read_decisions
from mpi.index.keys import PAIR
from mpi.index.merge import find_rows
from mpi.records.keys import KEY
from mpi.records.table import RecordTable
from mpi.score.explain import Against, Chain, Explanation, Key, PairFound, index_verdict

_CHAINS = 3
_SCORES = ("match_weight", "match_probability")
_TOO_LARGE = "the person would be far larger than usual"


def explain_pair(base: Base, a: Key, b: Key) -> Explanation:
    """Why two records of a snapshot are, or are not, one person.

    The pair is looked up in its buckets. Only what the other records made of it, a chain of links
    or the evidence between two persons, takes a walk through the crosswalk and the pairs.

    Raises
    ------
    UsageError
        The index is empty, or has no such record.
    """
    from mpi import linkage

    model = base.model()
    if model is None or base.manifest is None:
        raise UsageError(f"index {base.store.path} is empty; run the nightly job first")
    two = _records(base, list(dict.fromkeys((a, b))))
    found = linkage.explain(two, a, b, model=model)
    one, other = (_row(base, "crosswalk", key)["enterprise_id"][0].as_py() for key in (a, b))
    decisions = in_force(read_decisions(base))
    found = replace(found, enterprise_ids=(one, other), decided=why_decided(decisions, a, b))
    pair = tuple(part for key in sorted((a, b), key=_bytes) for part in key)
    if one == other:
        return _together(base, found, pair, decisions)
    reason = found.decided or linkage.why_apart(two)
    waiting = base.find("review", *pair)
    outcome = found.outcome
    if reason:
        outcome = "apart"
    elif waiting.num_rows:
        reason = waiting["reason"][0].as_py()
        outcome = "refused" if found.probability >= found.link_at else "review"
    elif outcome in ("linked", "review"):
        outcome = "narrowed"
    found = replace(found, outcome=outcome, verdict=index_verdict(found, outcome, reason))
    return _apart(base, found, pair, model, decisions)


def _together(
    base: Base, found: Explanation, pair: tuple[str, ...], decisions: list[Decision]
) -> Explanation:
    """Two records of one person: linked, or joined by a chain of links."""
    direct = base.find("links", *pair).num_rows > 0
    outcome = "linked" if direct else "joined"
    found = replace(found, outcome=outcome, verdict=index_verdict(found, outcome))
    if direct or found.enterprise_ids is None:
        return found
    members = _members(base, found.enterprise_ids[:1])[0]
    links = _pairs_among(base, "links", members, members)
    chains = strongest_chains(links, found.a, found.b)
    made = {frozenset((a, b)): d for a, b, d in joins(decisions)}
    steps = [frozenset((link.a, link.b)) for link in chains[0].links] if chains else []
    used = dict.fromkeys(speaking(made[step]) for step in steps if step in made)
    if used and not found.decided:
        found = replace(found, verdict=f"{found.verdict}; {'; '.join(used)}")
    return replace(found, chains=chains)


def _apart(
    base: Base,
    found: Explanation,
    pair: tuple[str, ...],
    model: bytes,
    decisions: list[Decision],
) -> Explanation:
    """Two persons: what their records say against being of one, and what else lies between."""
    from mpi import linkage
    from mpi.score.model import read_model

    assert found.enterprise_ids is not None
    one, two = _members(base, found.enterprise_ids)
    between = [p for p in _pairs_among(base, "review", one, two) if (*p.a, *p.b) != pair]
    # The two records in question first, then the others in the order of their keys.
    one, two = ([k, *(m for m in ms if m != k)] for k, ms in ((found.a, one), (found.b, two)))
    records = _records(base, [*one, *two])
    at = {key: row for row, key in enumerate(_keys_of(records.data))}
    rows = (np.array([at[key] for key in keys], np.int64) for keys in (one, two))
    against = linkage.evidence_against(records, *rows, model=model)
    against = (*_decided_against(decisions, one, two), *against)
    if any(p.reason == _TOO_LARGE for p in between) or _TOO_LARGE in found.verdict:
        largest = read_model(model).largest
        detail = f"{len(one)} and {len(two)} records; more than {largest} need a look"
        against = (*against, Against(found.a, found.b, _TOO_LARGE, detail))
    return replace(found, against=against, between=tuple(between))


def _decided_against(
    decisions: list[Decision], one: list[Key], two: list[Key]
) -> tuple[Against, ...]:
    """Decisions that records of two persons are two."""
    from mpi.linkage.resolution import DECIDED, REASONS

    found = []
    for made in decisions:
        if made.kind == DIFFERENT and made.a is not None and made.b is not None:
            for a, b in ((made.a, made.b), (made.b, made.a)):
                if a in one and b in two:
                    found.append(Against(a, b, REASONS[DECIDED], speaking(made)))
    return tuple(found)


def strongest_chains(links: list[PairFound], a: Key, b: Key) -> tuple[Chain, ...]:
    """Up to three chains of links from `a` to `b`, the strongest weakest link first.

    Each of the later ones does without the weakest link of those before it: where there is only
    one, the person hangs on that link. Of equally strong chains the shortest is taken.

    Examples
    --------
    >>> def link(one, two, weight):
    ...     return PairFound(("s", one), ("s", two), weight, 0.9)
    >>> links = [link("1", "2", 9.0), link("2", "3", 2.0), link("1", "4", 5.0), link("3", "4", 4.0)]
    >>> found = strongest_chains(links, ("s", "1"), ("s", "3"))
    >>> [[round(step.weight) for step in chain.links] for chain in found]
    [[5, 4], [9, 2]]
    """
    left = sorted(links, key=lambda link: (-link.weight, link.a, link.b))
    chains: list[Chain] = []
    while len(chains) < _CHAINS:
        weight = _widest(left, a, b)
        if weight is None:
            break
        chain = _shortest([link for link in left if link.weight >= weight], a, b)
        chains.append(chain)
        left.remove(_as_kept(chain.bottleneck, left))
    return tuple(chains)


def _widest(links: list[PairFound], a: Key, b: Key) -> float | None:
    """The weight of the link that brings `a` and `b` together, strongest links joined first."""
    parent: dict[Key, Key] = {}

    def root(key: Key) -> Key:
        while (up := parent.setdefault(key, key)) != key:
            parent[key] = key = parent[up]
        return key

    for link in links:
        parent[root(link.a)] = root(link.b)
        if root(a) == root(b):
            return link.weight
    return None


def _shortest(links: list[PairFound], a: Key, b: Key) -> Chain:
    """The chain with the fewest links, each turned so that it goes on where the last one ended."""
    next_to: dict[Key, list[PairFound]] = {}
    for link in links:
        next_to.setdefault(link.a, []).append(link)
        next_to.setdefault(link.b, []).append(replace(link, a=link.b, b=link.a))
    came: dict[Key, PairFound] = {}
    queue = deque([a])
    while b not in came:
        for link in next_to[queue.popleft()]:
            if link.b != a and link.b not in came:
                came[link.b] = link
                queue.append(link.b)
    steps = [came[b]]
    while steps[-1].a != a:
        steps.append(came[steps[-1].a])
    return Chain(tuple(reversed(steps)))


def _as_kept(link: PairFound, links: list[PairFound]) -> PairFound:
    return link if link in links else replace(link, a=link.b, b=link.a)


# -------------------------------------------------------------------- reading


def _row(base: Base, table: str, key: Key) -> pa.Table:
    """The row of a record, read from its bucket alone."""
    rows = base.find(table, *key)
    if not rows.num_rows:
        raise UsageError(
            f"index {base.store.path} has no record {key[0]}:{key[1]}; a key is source:record_id, "
            "as in the crosswalk"
        )
    return rows


def _records(base: Base, keys: list[Key]) -> RecordTable:
    """These records as they came, in the order of the keys, which differ."""
    assert base.manifest is not None
    if len(keys) <= 2:
        data = pa.concat_tables([_row(base, RECORDS, key) for key in keys])
    else:
        wanted = pa.table(list(zip(*keys, strict=True)), names=list(KEY))
        data = base.having(RECORDS, wanted)
        data = data.take(pa.array(find_rows(wanted, data, KEY)))
    return RecordTable(data, base.manifest.fields, {}, data.slice(0, 0))


def _members(base: Base, ids: tuple[str, ...]) -> list[list[Key]]:
    """The records of each of these persons, in the order of their keys."""
    found: list[list[Key]] = [[] for _ in ids]
    for rows in base.buckets("crosswalk", [*KEY, "enterprise_id"]):
        rows = rows.filter(pc.is_in(rows["enterprise_id"], pa.array(ids)))
        for key, person in zip(_keys_of(rows), rows["enterprise_id"].to_pylist(), strict=True):
            found[ids.index(person)].append(key)
    return [sorted(keys, key=_bytes) for keys in found]


def _pairs_among(base: Base, table: str, one: list[Key], two: list[Key]) -> list[PairFound]:
    """Pairs of `links` or `review` with an end in each list, strongest first."""
    sides = [set(one), set(two)]
    ids = pa.array(sorted({record_id for _, record_id in (*one, *two)}), pa.string())
    names = [*PAIR, *_SCORES, *(["reason"] if table == "review" else [])]
    found = []
    for rows in base.buckets(table, names):
        near = pc.and_(pc.is_in(rows["record_id_a"], ids), pc.is_in(rows["record_id_b"], ids))
        for row in rows.filter(near).to_pylist():
            a, b = (row["source_a"], row["record_id_a"]), (row["source_b"], row["record_id_b"])
            if (a in sides[0] and b in sides[1]) or (a in sides[1] and b in sides[0]):
                weight, probability = (row[name] for name in _SCORES)
                found.append(PairFound(a, b, weight, probability, row.get("reason", "")))
    return sorted(found, key=lambda p: (-p.weight, _bytes(p.a), _bytes(p.b)))


def _keys_of(table: pa.Table) -> list[Key]:
    return list(zip(*(table[name].to_pylist() for name in KEY), strict=True))


def _bytes(key: Key) -> list[bytes]:
    return [part.encode() for part in key]
