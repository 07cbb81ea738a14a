"""Golden fields: for each person and field one value, the record it came from, and the rule.

Values are told apart by what they say, not by how they are written. Where a person's records hold
several, rules are asked one after the other: each keeps the records it likes best. The value is
that of the record that is left, the first by its key of several; the rule is the one after which a
single value was left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.encode.hashes import FIRST_HASH, hash_column
from mpi.records.keys import as_array
from mpi.records.table import Field
from mpi.schema import TRUSTED_KINDS
from mpi.settings import Golden

Hashes = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

ONLY, FIRST_KEY = "only value", "smallest key"


@dataclass(frozen=True)
class People:
    """Records by person.

    keys : string[n_records], ``source:record_id``
    source : string[n_records]
    person : int64[n_records], 0 to count - 1
    age : int64[n_records], 0 is the most recent
    """

    keys: pa.Array
    source: pa.Array
    person: Integers
    count: int
    age: Integers

    @cached_property
    def rows(self) -> Integers:
        """int64[n_records], by person, the most recent first, then in the order of the keys."""
        if self.age.any():
            return np.lexsort((self.age, self.person))
        return np.argsort(self.person, kind="stable")

    @cached_property
    def starts(self) -> Integers:
        """int64[count + 1], where each person's records begin in `rows`."""
        return np.append(0, np.cumsum(np.bincount(self.person, minlength=self.count)))


def plain_hashes(values: pa.Array | pa.ChunkedArray) -> Hashes:
    """uint64[n]: equal for values that differ only in case, blanks or Unicode form; 0 missing.

    Hashes of every row are three times faster than codes of unique values: a column of names has
    nearly as many values as rows, and only values of one person are compared.

    Examples
    --------
    >>> hashes = plain_hashes(pa.array(["Le An", "LE  AN ", None, " ", "Vu"]))
    >>> bool(hashes[0] == hashes[1]), bool(hashes[0] == hashes[4]), hashes[2:4].tolist()
    (True, False, [0, 0])
    """
    plain = pc.utf8_trim_whitespace(pc.utf8_upper(as_array(values)))
    # Both of these are slow, and most columns need neither.
    if pc.any(pc.match_substring_regex(plain, r"\s\s|[\t\n\r]")).as_py():
        plain = pc.replace_substring_regex(plain, r"\s+", " ")
    if pc.any(pc.match_substring_regex(plain, r"[\x{300}-\x{36f}]")).as_py():
        plain = pc.utf8_normalize(plain, form="NFC")
    hashes = np.full(len(plain), FIRST_HASH, dtype=np.uint64)
    hash_column(plain, hashes)
    empty = pc.equal(pc.binary_length(plain), 0).fill_null(True)
    hashes[empty.to_numpy(zero_copy_only=False)] = 0
    return hashes


def newest_first(updated: npt.NDArray[np.float64]) -> Integers:
    """int64[n]: 0 for the most recent moment, then 1 ...; rows without a moment come last.

    Examples
    --------
    >>> newest_first(np.array([5.0, np.nan, 9.0, 5.0]))
    array([1, 2, 0, 1])
    """
    known = np.where(np.isnan(updated), -np.inf, updated)
    unique, codes = np.unique(known, return_inverse=True)
    return np.asarray(len(unique) - 1 - codes, dtype=np.int64)


def rules_for(field: Field, golden: Golden) -> list[str]:
    """The rules of a field: as set for it, as set for all, or the usual ones.

    Examples
    --------
    >>> from mpi.schema import Kind
    >>> field = Field("national_id", Kind.NATIONAL_ID, "cccd", "column name")
    >>> rules_for(field, Golden()), rules_for(field, Golden(fields={"national_id": ["recent"]}))
    (['valid', 'frequent', 'recent'], ['recent'])
    """
    if field.name in golden.fields:
        return list(golden.fields[field.name])
    if golden.rules is not None:
        return list(golden.rules)
    trusted = ["trusted"] if golden.trusted else []
    return [*trusted, *(["valid"] if field.kind in TRUSTED_KINDS else []), "frequent", "recent"]


def golden_field(
    values: pa.Array,
    people: People,
    rules: Sequence[str],
    trusted: Sequence[str] = (),
    valid: Callable[[pa.Array], Mask] | None = None,
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Each person's value of a field, the record it came from and the rule that chose it.

    Parameters
    ----------
    values : string[n_records], as they came
    rules : of trusted, valid, frequent, recent, complete; the first one decides first
    trusted : sources, the most trusted first; the others come behind them
    valid : tells of some values which are valid

    Returns
    -------
    value, record, rule : string[n_persons] each, null where the person has no value
    """
    from mpi.index._kernels import choose_rows

    person, age, rows = people.person, people.age, people.rows
    chosen = np.empty(people.count, dtype=np.int64)
    hashes = plain_hashes(values)
    # Of one value this gives the most recent record; of several, rules have the word.
    choose_rows(people.starts, rows, hashes, chosen)
    rule = np.zeros(people.count, np.int64)
    rows = rows[hashes[rows] != 0]
    several = _several(person[rows], hashes[rows], people.count)
    rows = rows[several[person[rows]]]
    if len(rows):
        ranks = _Ranks(values, people, hashes, trusted, valid)
        owner = person[rows]
        for number, name in enumerate(rules, 1):
            rank = ranks.of(name, rows)
            begins = np.flatnonzero(np.diff(owner, prepend=-1))
            best = np.minimum.reduceat(rank, begins)
            rows = rows[rank == np.repeat(best, np.diff(begins, append=len(owner)))]
            owner = person[rows]
            still = _several(owner, hashes[rows], people.count)
            rule[several & ~still & (rule == 0)] = number
        tied = several & (rule == 0)
        rule[tied] = len(rules) + 1
        # Of several values the one with the smallest key, of one value the most recent record.
        order = np.lexsort((rows, np.where(tied[owner], 0, age[rows]), owner))
        rows, owner = rows[order], owner[order]
        first = np.flatnonzero(np.diff(owner, prepend=-1))
        chosen[owner[first]] = rows[first]
    taken = pa.array(chosen, mask=chosen < 0)
    words = pa.array([ONLY, *rules, FIRST_KEY], pa.string())
    return (
        values.take(taken),
        people.keys.take(taken),
        words.take(pa.array(rule, mask=chosen < 0)),
    )


def _several(person: Integers, hashes: Hashes, count: int) -> Mask:
    """bool[count], persons whose rows hold more than one value; rows are grouped by person."""
    several = np.zeros(count, np.bool_)
    differs = (hashes[1:] != hashes[:-1]) & (person[1:] == person[:-1])
    several[person[1:][differs]] = True
    return several


class _Ranks:
    """What each rule makes of some rows: the smaller the better."""

    def __init__(
        self,
        values: pa.Array,
        people: People,
        hashes: Hashes,
        trusted: Sequence[str],
        valid: Callable[[pa.Array], Mask] | None,
    ) -> None:
        self.values, self.people, self.hashes = values, people, hashes
        self.trusted, self.valid = trusted, valid

    def of(self, rule: str, rows: Integers) -> Integers:
        """int64[n], the rank of each row by a rule."""
        if rule == "recent":
            return self.people.age[rows]
        if rule == "frequent":
            # Rows that a rule before it passed over have no vote.
            owner, hashes = self.people.person[rows], self.hashes[rows]
            order = np.lexsort((hashes, owner))
            owner, hashes = owner[order], hashes[order]
            begins = np.ones(len(rows), np.bool_)
            begins[1:] = (owner[1:] != owner[:-1]) | (hashes[1:] != hashes[:-1])
            votes = np.bincount(np.cumsum(begins) - 1)[np.cumsum(begins) - 1]
            ranks = np.empty(len(rows), np.int64)
            ranks[order] = -votes
            return ranks
        if rule == "trusted":
            place = pc.index_in(
                self.people.source.take(pa.array(rows)), pa.array(self.trusted, pa.string())
            )
            return np.asarray(place.fill_null(len(self.trusted)).to_numpy(), np.int64)
        texts = self.values.take(pa.array(rows))
        if rule == "complete":
            plain = pc.utf8_trim_whitespace(texts)
            letters, size = pc.utf8_length(plain), pc.binary_length(plain)
            # Of two of the same length the one with more marks.
            return np.asarray(-(letters.to_numpy().astype(np.int64) * 1000 + size.to_numpy()))
        coded = texts.dictionary_encode()
        fits = np.ones(len(coded.dictionary), np.bool_)
        if self.valid is not None:
            fits = self.valid(coded.dictionary)
        return np.where(fits[coded.indices.to_numpy()], 0, 1).astype(np.int64)
