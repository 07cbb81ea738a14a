"""What the values of a column look like, from a sample that no order of rows can change."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.gather import take_table
from mpi.scratch import Scratch

SAMPLE = 10_000
STROKES = str.maketrans("đłøıħ", "dloih")
"""Letters that no normal form takes apart."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


def sample_rows(table: pa.Table, size: int = SAMPLE, scratch: Scratch | None = None) -> pa.Table:
    """At most `size` rows, the same ones whatever the order of the rows.

    Each row gets a number from its values' lengths, first and last bytes; the rows with the
    smallest numbers are the sample. Columns are added to the number until no tie crosses the
    edge of the sample: three or four are enough, at 70 ms a million rows each.

    scratch : where the table lies
    """
    if table.num_rows <= size:
        return table
    number, edge = np.zeros(table.num_rows, np.uint64), np.uint64(0)
    for position, column in enumerate(table.columns):
        at = 0
        for chunk in column.chunks:
            number[at : at + len(chunk)] = mixed(number[at : at + len(chunk)], chunk)
            at += len(chunk)
        if scratch is not None:
            scratch.let_go()
        if position >= 2 or position == table.num_columns - 1:
            edge = np.partition(number, size - 1)[size - 1]
            if int((number <= edge).sum()) == size:
                break
    chosen = np.flatnonzero(number <= edge)
    if len(chosen) > size:  # ties that no column settles: rows that are alike
        chosen = np.sort(np.argpartition(number, size)[:size])
    return take_table(table, chosen, scratch)


def mixed(number: npt.NDArray[np.uint64], chunk: pa.Array) -> npt.NDArray[np.uint64]:
    """uint64[n], a number of each row and its value: of the same two always the same.

    The length, the first and the last 8 bytes of a value count; what is missing counts as
    anything.
    """
    _, raw_offsets, raw_data = chunk.buffers()
    data = np.frombuffer(raw_data, np.uint8) if raw_data is not None else np.zeros(0, np.uint8)
    if len(data) < 8:
        data = np.concatenate([data, np.zeros(8, np.uint8)])
    offsets = np.frombuffer(raw_offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    lengths = np.diff(offsets)
    words: npt.NDArray[np.uint64] = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
    top = len(data) - 8
    starts = np.minimum(offsets[:-1], top)
    # a value shorter than 8 bytes must not depend on what its neighbour holds
    short = np.minimum(lengths, 8).astype(np.uint64)
    keep = np.where(
        short == 8, np.uint64(2**64 - 1), (np.uint64(1) << (short * np.uint64(8))) - np.uint64(1)
    )
    ahead = (offsets[:-1] - starts).astype(np.uint64) * np.uint64(8)
    first = (words[starts] >> np.minimum(ahead, np.uint64(63))) & keep
    last = np.where(lengths >= 8, words[np.maximum(offsets[1:] - 8, 0)], first)
    with np.errstate(over="ignore"):
        mixed = (number ^ first) * _MIX
        mixed = (mixed ^ (mixed >> np.uint64(29)) ^ last) * _MIX
        mixed = (mixed ^ (mixed >> np.uint64(32)) ^ lengths.astype(np.uint64)) * _MIX
        mixed ^= mixed >> np.uint64(31)
    return np.asarray(mixed, np.uint64)


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text.casefold().translate(STROKES))
    return "".join(c for c in parts if not unicodedata.combining(c))


@dataclass(frozen=True)
class Profile:
    """The values of one column in the sample.

    values : the unique ones, sorted; counts : int64, how often each comes
    rows : rows of the sample, missing values included
    """

    name: str
    values: pa.Array
    counts: npt.NDArray[np.int64]
    rows: int
    _shares: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, name: str, column: pa.ChunkedArray) -> Profile:
        """Profile of a sampled column."""
        counted = column.drop_null().value_counts()
        if isinstance(counted, pa.ChunkedArray):
            counted = counted.combine_chunks()
        values, counts = counted.field("values"), counted.field("counts")
        order = pc.sort_indices(values)
        return cls(name, values.take(order), counts.take(order).to_numpy(), len(column))

    @cached_property
    def filled(self) -> int:
        """Rows with a value."""
        return int(self.counts.sum())

    @property
    def distinct(self) -> int:
        """Unique values."""
        return len(self.values)

    @cached_property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Characters of each unique value."""
        return np.asarray(pc.utf8_length(self.values).to_numpy(), np.int64)

    @cached_property
    def usual_length(self) -> tuple[int, float]:
        """The most frequent length and its share."""
        totals = np.bincount(self.lengths, weights=self.counts)
        return int(totals.argmax()), float(totals.max() / self.filled)

    @cached_property
    def mean_length(self) -> float:
        """Characters of a value."""
        return float((self.lengths * self.counts).sum() / self.filled)

    def share(self, pattern: str) -> float:
        """Share of the values that a regular expression (RE2, whole value) fits."""
        if pattern not in self._shares:
            hits = pc.match_substring_regex(self.values, rf"^(?:{pattern})$").to_numpy(False)
            self._shares[pattern] = float(self.counts[hits].sum() / self.filled)
        return self._shares[pattern]

    @cached_property
    def numbers(self) -> npt.NDArray[np.int64]:
        """The values that are short whole numbers, one entry a unique value."""
        hits = pc.match_substring_regex(self.values, r"^\d{1,18}$")
        return np.asarray(self.values.filter(hits).cast(pa.int64()).to_numpy(), np.int64)

    @cached_property
    def words(self) -> list[tuple[str, ...]]:
        """Words of each unique value, in lower case and without accents."""
        split = re.compile(r"[\s,./-]+").split
        return [tuple(w for w in split(_plain(v)) if w) for v in self.values.to_pylist()]

    def word_share(self, known: frozenset[str], *, phrases: bool = False) -> float:
        """Share of the values that hold (or, as `phrases`, are) one of the known words."""
        if not self.filled:
            return 0.0
        hits = (
            (" ".join(words) in known) if phrases else any(w in known for w in words)
            for words in self.words
        )
        return float(self.counts[np.fromiter(hits, bool, self.distinct)].sum() / self.filled)

    @cached_property
    def word_counts(self) -> npt.NDArray[np.int64]:
        """Words of each unique value."""
        return np.fromiter((len(w) for w in self.words), np.int64, self.distinct)

    def share_of_words(self, least: int, most: int = 1 << 30) -> float:
        """Share of the values with so many words."""
        fits = (self.word_counts >= least) & (self.word_counts <= most)
        return float(self.counts[fits].sum() / self.filled)

    def share_of_usual(self, most: int) -> float:
        """Share of the values that are among the so many most frequent ones."""
        return float(np.sort(self.counts)[::-1][:most].sum() / self.filled)
