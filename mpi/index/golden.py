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
from mpi.records.text import text_buffers
from mpi.schema import TRUSTED_KINDS
from mpi.settings import Golden

Hashes = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]
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
    def grouped(self) -> tuple[Integers, Rows]:
        """int64[count + 1], int32[n_records]: where each person's rows begin, and the rows by
        person, the most recent first, then in the order of the keys."""
        from mpi.index._kernels_golden import group_rows

        starts, rows = np.empty(self.count + 1, np.int64), np.empty(len(self.person), np.int32)
        group_rows(self.person, self.age, starts, rows)
        return starts, rows


def plain_hashes(values: pa.Array | pa.ChunkedArray) -> Hashes:
    """uint64[n]: equal for values that differ only in case, blanks or Unicode form; 0 missing.

    Examples
    --------
    >>> hashes = plain_hashes(pa.array(["Le An", "LE  AN ", None, " ", "Vu"]))
    >>> bool(hashes[0] == hashes[1]), bool(hashes[0] == hashes[4]), hashes[2:4].tolist()
    (True, False, [0, 0])
    """
    from mpi.index._kernels_golden import BLANKS, MARKS, hash_plain

    texts = as_array(values)
    if texts.null_count:
        texts = texts.fill_null("")
    hashes, beyond = np.empty(len(texts), np.uint64), np.empty(len(texts), np.uint8)
    data, offsets = text_buffers(texts)
    hash_plain(offsets, data, hashes, beyond)
    rows = np.flatnonzero(beyond)
    if len(rows) == 0:
        return hashes
    plain = pc.utf8_trim_whitespace(pc.utf8_upper(texts.take(pa.array(rows))))
    # Both of these are slow, and few values need them.
    for kind, change in ((BLANKS, _single_blanks), (MARKS, _composed)):
        some = pa.array((beyond[rows] & kind) != 0)
        if some.true_count:
            plain = pc.replace_with_mask(plain, some, change(plain.filter(some)))
    own = np.full(len(plain), FIRST_HASH, dtype=np.uint64)
    hash_column(plain, own)
    own[pc.equal(pc.binary_length(plain), 0).to_numpy(zero_copy_only=False)] = 0
    hashes[rows] = own
    return hashes


def _single_blanks(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(texts, r"\s+", " ")


def _composed(texts: pa.Array) -> pa.Array:
    return pc.utf8_normalize(texts, form="NFC")


def newest_first(updated: npt.NDArray[np.float64]) -> Integers:
    """int64[n]: 0 for the most recent moment, then 1 ...; rows without a moment come last.

    Examples
    --------
    >>> newest_first(np.array([5.0, np.nan, 9.0, 5.0]))
    array([1, 2, 0, 1])
    """
    known = np.where(np.isnan(updated), -np.inf, updated)
    # There are few moments, as a rule: a dictionary is faster than sorting them all.
    coded = pa.array(known).dictionary_encode()
    moments = coded.dictionary.to_numpy()
    age = np.empty(len(moments), np.int64)
    age[np.argsort(-moments)] = np.arange(len(moments))
    return np.asarray(age[coded.indices.to_numpy()])


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
    from mpi.index._kernels_golden import MANY, agree, survive

    starts, rows = people.grouped
    chosen = np.empty(people.count, np.int64)
    bits = values.buffers()[0] if values.null_count else None
    bits = np.frombuffer(bits or b"", np.uint8)
    data, offsets = text_buffers(values)
    agree(starts, rows, offsets, data, bits, values.offset, chosen)
    rule = np.zeros(people.count, np.int64)
    differ = chosen == MANY
    if differ.any():
        sizes = np.diff(starts)
        rows = rows[np.repeat(differ, sizes)]
        own_ranks = _Ranks(values.take(pa.array(rows)), people, rows, trusted, valid)
        ranks = np.empty((len(rules), len(rows)), np.int64)
        frequent = np.array([name == "frequent" for name in rules], np.bool_)
        for k in np.flatnonzero(~frequent).tolist():
            ranks[k] = own_ranks.of(rules[k])
        own, why = np.empty((2, int(np.count_nonzero(differ))), np.int64)
        begins, hashes = np.append(0, np.cumsum(sizes[differ])), plain_hashes(own_ranks.texts)
        survive(begins, rows, hashes, ranks, frequent, own, why)
        chosen[differ] = np.append(rows, -1)[own]
        rule[differ] = why
    missing = chosen < 0
    taken = pa.array(chosen, mask=missing)
    words = pa.array([ONLY, *rules, FIRST_KEY], pa.string())
    return (
        values.take(taken),
        people.keys.take(taken),
        words.take(pa.array(rule, mask=missing)),
    )


class _Ranks:
    """What each rule makes of some rows: the smaller the better."""

    def __init__(
        self,
        texts: pa.Array,
        people: People,
        rows: Rows,
        trusted: Sequence[str],
        valid: Callable[[pa.Array], Mask] | None,
    ) -> None:
        self.texts, self.people, self.rows = texts, people, rows
        self.trusted, self.valid = trusted, valid

    def of(self, rule: str) -> Integers:
        """int64[n], the rank of each row by a rule other than frequent."""
        if rule == "recent":
            return self.people.age[self.rows]
        if rule == "trusted":
            place = pc.index_in(
                self.people.source.take(pa.array(self.rows)), pa.array(self.trusted, pa.string())
            )
            return np.asarray(place.fill_null(len(self.trusted)).to_numpy(), np.int64)
        if rule == "complete":
            plain = pc.utf8_trim_whitespace(self.texts.fill_null(""))
            letters, size = pc.utf8_length(plain), pc.binary_length(plain)
            # Of two of the same length the one with more marks.
            return np.asarray(-(letters.to_numpy().astype(np.int64) * 1000 + size.to_numpy()))
        if self.valid is None:
            return np.zeros(len(self.rows), np.int64)
        coded = self.texts.dictionary_encode()
        fits = np.append(self.valid(coded.dictionary), False)
        codes = coded.indices.fill_null(len(fits) - 1).to_numpy()
        return np.where(fits[codes], 0, 1).astype(np.int64)
