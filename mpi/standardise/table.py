"""The standard table: every compared field as codes into its unique standard values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.records.keys import as_array
from mpi.records.table import Field
from mpi.schema import Form
from mpi.scratch import Scratch


@dataclass(frozen=True)
class Placeholder:
    """A value that means "unknown" and is treated as missing.

    value : in standard form; "1950-01-01 -> 1950-00-00" where it is not taken as missing but
        replaced. `standardise` takes these back as `placeholders`
    rows : how many records hold it
    why : "listed", "settings", "model", or the evidence in the data
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

    def moved(self, scratch: Scratch) -> StandardColumn:
        """The same column, in files if it is large."""
        return replace(
            self,
            codes=scratch.copy(self.codes),
            values=as_array(scratch.column(pa.chunked_array([self.values]))),
            counts=scratch.copy(self.counts),
        )


@dataclass(frozen=True)
class StandardTable:
    """The records of a `RecordTable`, in the same order, in standard form.

    source : int32[n_records], index into `sources`
    layouts : field name -> what was decided about the column as a whole, such as "day first";
        `standardise` takes these back, to read other records in the same way
    locale : name of the locale whose rules were followed
    messages : what the user should know, in plain words
    """

    columns: tuple[StandardColumn, ...]
    source: npt.NDArray[np.int32]
    sources: tuple[str, ...]
    placeholders: tuple[Placeholder, ...] = ()
    messages: tuple[str, ...] = ()
    layouts: dict[str, str] = field(default_factory=dict)
    locale: str = "general"

    def __len__(self) -> int:
        return len(self.source)
