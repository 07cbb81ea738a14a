"""Records by key: who shares a blocking key with somebody who is asked for.

A key is a hash of what it says, so that the key of a question, which is encoded alone, can be
looked up among those of the records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.block.keys import KeyType, every_key_type
from mpi.encode.distinct import mix
from mpi.encode.rows import Encoded
from mpi.schema import Form
from mpi.score.model import Model

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]

_START = np.uint64(7)


def wanted_keys(model: Model) -> list[tuple[str, ...]]:
    """What a question is looked up by: the model's rules, each field alone, the sound of names."""
    wanted = [tuple(keys) for keys in model.rules]
    wanted += [(c.name,) for c in model.comparisons if c.form != Form.CATEGORY]
    wanted += [(f"{c.name}:sound",) for c in model.comparisons if c.form == Form.NAME]
    return list(dict.fromkeys(wanted))


@dataclass(frozen=True)
class Posting:
    """The records of every value of a key, or of several keys together.

    keys : names of keys, as `Key.name`
    hashes : uint64[n], ascending; rows : int32[n], those of a hash ascending
    """

    keys: tuple[str, ...]
    hashes: Hashes
    rows: npt.NDArray[np.int32]

    def find(self, wanted: np.uint64) -> npt.NDArray[np.int32]:
        """The rows that hold a key, ascending."""
        low = int(np.searchsorted(self.hashes, wanted, side="left"))
        high = int(np.searchsorted(self.hashes, wanted, side="right"))
        return self.rows[low:high]


class KeyHashes:
    """Hashes of the keys of each value, made once where several keys ask for them."""

    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded
        self._made: dict[str, Hashes] = {}
        self._types: dict[str, tuple[int, KeyType]] = {}
        for f, comparison in enumerate(encoded.comparisons):
            for key_type in every_key_type(comparison):
                name = f"{comparison.name}:{key_type.name}".rstrip(":")
                self._types[name] = f, key_type

    def known(self, name: str) -> bool:
        """Whether a key can be made of the compared fields."""
        return name in self._types

    def of_field(self, name: str) -> Hashes:
        """uint64[n_values], the hash of a key of each value of its field, 0 where it has none."""
        if name not in self._made:
            self._made[name] = self._of_values(*self._types[name])
        return self._made[name]

    def of_rows(self, name: str) -> Hashes:
        """uint64[n_rows], the hash of a key of each row, 0 where it has none."""
        codes = self.encoded.codes[:, self._types[name][0]]
        return np.append(self.of_field(name), np.uint64(0))[codes]

    def of_values(self, names: tuple[str, ...], codes: Mapping[str, int]) -> np.uint64:
        """The hash of several keys of these values together, 0 where one of them is missing.

        codes : field -> number of its value
        """
        state = np.full(1, _START, np.uint64)
        for name in names:
            f, key_type = self._types.get(name, (-1, None))
            field = self.encoded.comparisons[f].name if key_type is not None else ""
            if key_type is None or field not in codes:
                return np.uint64(0)
            hashed = self.of_field(name)[codes[field] : codes[field] + 1]
            if hashed[0] == 0:
                return np.uint64(0)
            state = mix(state, hashed.view(np.int64))
        return np.uint64(state[0])

    def together(self, names: tuple[str, ...]) -> Hashes:
        """uint64[n_rows], the hash of several keys together, 0 where one of them is missing."""
        state = np.full(self.encoded.n_rows, _START, np.uint64)
        missing = np.zeros(len(state), np.bool_)
        for name in names:
            hashes = self.of_rows(name)
            missing |= hashes == 0
            state = mix(state, hashes.view(np.int64))
        state[missing] = 0
        return state

    def _of_values(self, f: int, key_type: KeyType) -> Hashes:
        encoded = self.encoded
        if encoded.base[f] == encoded.base[f + 1]:
            return np.zeros(0, np.uint64)
        codes = key_type.make(encoded, f)
        return np.where(codes == -1, np.uint64(0), codes.view(np.uint64) + np.uint64(1))


def make_posting(keys: tuple[str, ...], hashes: Callable[[tuple[str, ...]], Hashes]) -> Posting:
    """Sort the rows of every value of some keys."""
    made = hashes(keys)
    rows = np.flatnonzero(made)
    rows = rows[np.argsort(made[rows], kind="stable")]
    return Posting(keys, made[rows], rows.astype(np.int32))
