"""The standard table: every compared field as codes into its unique standard values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.records.table import Field
from mpi.schema import Form


@dataclass(frozen=True)
class Placeholder:
    """A value that means "unknown" and is treated as missing.

    value : as it came
    rows : how many records hold it
    why : "listed", or the evidence in the data
    """

    field: str
    value: str
    rows: int
    why: str


@dataclass(frozen=True)
class StandardColumn:
    """One field in standard form.

    codes : int32[n_records], index into `values`, -1 where missing or a placeholder
    values : string[n_values], unique standard values in the byte order of their UTF-8
    counts : int64[n_values], records that hold each value
    repairs : kind of repair -> records it changed
    """

    field: Field
    form: Form
    codes: npt.NDArray[np.int32]
    values: pa.Array
    counts: npt.NDArray[np.int64]
    repairs: dict[str, int]


@dataclass(frozen=True)
class StandardTable:
    """The records of a `RecordTable`, in the same order, in standard form.

    source : int32[n_records], index into `sources`
    """

    columns: tuple[StandardColumn, ...]
    source: npt.NDArray[np.int32]
    sources: tuple[str, ...]
    placeholders: tuple[Placeholder, ...] = ()
    messages: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.source)
