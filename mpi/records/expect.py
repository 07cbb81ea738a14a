"""How many rows inputs are going to have, from a look at each file's end or beginning."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from mpi.records.inputs import find_inputs

_HEAD = 1 << 16
_PARQUET = b"PAR1"
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
_MARKUP = b"<"
_DELIMITERS = (b",", b";", b"\t", b"|")
_KEYS = 2


@dataclass(frozen=True)
class Expected:
    """What inputs hold, as far as it shows without reading them.

    rows : in all, none of packed files, claims and standard input, of which it does not show
    columns : of the file with the most, beside source and record id
    """

    rows: int
    columns: int


def expect_rows(inputs: str | Path | Sequence[str | Path]) -> Expected:
    """Estimate the rows of inputs without reading them.

    Raises
    ------
    UsageError
        As for `find_inputs`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "hue.csv")
    ...     _ = path.write_text("source,id,name\\n" + "hue,1,An\\n" * 10)
    ...     expect_rows(path)
    Expected(rows=10, columns=1)
    """
    found = [_expected(origin.path) for origin in find_inputs(inputs) if origin.path is not None]
    return Expected(sum(one.rows for one in found), max((one.columns for one in found), default=0))


def _expected(path: Path) -> Expected:
    nothing = Expected(0, 0)
    with suppress(OSError, pa.ArrowException):  # whoever reads it says what is wrong with it
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if head.startswith(_PARQUET):
            import pyarrow.parquet as pq

            metadata = pq.read_metadata(path)
            return Expected(metadata.num_rows, max(metadata.num_columns - _KEYS, 0))
        lines = head.count(b"\n")
        if head.startswith(_PACKED) or head.lstrip().startswith(_MARKUP) or lines < _KEYS:
            return nothing
        header, rest = head[: head.rindex(b"\n")].split(b"\n", 1)
        columns = max(header.count(delimiter) for delimiter in _DELIMITERS) + 1
        length = (len(rest) + 1) / (lines - 1)
        rows = round((path.stat().st_size - len(header) - 1) / length)
        return Expected(rows, max(columns - _KEYS, 0))
    return nothing
