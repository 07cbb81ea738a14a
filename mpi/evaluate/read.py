"""Read a crosswalk, truth, slices or pairs: Parquet, NDJSON, or CSV with everything as text."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.json as pajson
import pyarrow.parquet as pq

from mpi.errors import UnusableInputError, UsageError
from mpi.evaluate.calibration import pair_columns
from mpi.evaluate.columns import pick
from mpi.evaluate.slices import slice_columns

_HEAD = 1 << 16


def read_crosswalk(path: Path | str) -> pa.Table:
    """Read a crosswalk: record_id, the cluster and, where it is there, source.

    Returns
    -------
    pyarrow.Table with string columns (source,) record_id, enterprise_id

    Raises
    ------
    UsageError
        The file cannot be read, or has no record_id or no cluster column.
    """
    return pick(read_table(path), ["record_id", "enterprise_id"], ["source"], f"crosswalk {path}")


def read_truth(path: Path | str) -> pa.Table:
    """Read a truth file: record_id, the person and, where ids repeat across sources, source.

    Returns
    -------
    pyarrow.Table with string columns (source,) record_id, person_id

    Raises
    ------
    UsageError
        The file cannot be read, or has no record_id or no person column.
    """
    return pick(read_table(path), ["record_id", "person_id"], ["source"], f"truth {path}")


def read_slices(path: Path | str) -> pa.Table:
    """Read slices: record_id, perhaps source, and a column of true and false for each slice.

    Raises
    ------
    UsageError
        The file cannot be read, has no record_id or no slice, or a column is not true or false.
    """
    return slice_columns(read_table(path), f"slices {path}")


def read_pairs(path: Path | str, what: str) -> pa.Table:
    """Read links, or pairs for review: the two record keys and the probability.

    Parameters
    ----------
    what : "links" or "review", for messages

    Raises
    ------
    UsageError
        The file cannot be read, or lacks a column.
    """
    return pair_columns(read_table(path), f"{what} {path}")


def read_labels(path: Path | str) -> pa.Table:
    """Read labels: pairs (source_a, record_id_a, source_b, record_id_b, match) or persons (source,
    record_id, person_id), with everything as text.

    Raises
    ------
    UsageError
        The file cannot be read, or has neither set of columns.
    """
    table = read_table(path)
    names = set(table.column_names)
    if not (
        {"record_id_a", "record_id_b", "match"} <= names or {"record_id", "person_id"} <= names
    ):
        raise UsageError(
            f"labels {path} have the columns {', '.join(table.column_names) or 'none'}; wanted "
            "pairs (source_a, record_id_a, source_b, record_id_b, match) or persons (source, "
            "record_id, person_id)"
        )
    return table


def read_table(path: Path | str) -> pa.Table:
    """Read any table: Parquet, NDJSON, or CSV with everything as text.

    Raises
    ------
    UsageError
        The file cannot be read.
    UnusableInputError
        It is empty.
    """
    path = Path(path)
    if path.is_dir():
        raise UsageError(f"{path} is a folder; wanted one Parquet, CSV or NDJSON file")
    try:
        with path.open("rb") as file:
            magic = file.read(4)
        if magic == b"PAR1":
            return pq.read_table(path)
        if not magic:
            raise UnusableInputError(f"{path} is empty; wanted a Parquet, CSV or NDJSON file")
        if magic.startswith(b"{"):
            return pajson.read_json(path)
        return _read_csv(path)
    except OSError as error:
        why = error.strerror or str(error).splitlines()[0]
        raise UsageError(f"{path} cannot be read: {why}") from None
    except pa.ArrowException as error:
        kind = "NDJSON" if magic.startswith(b"{") else "CSV in UTF-8"
        kind = "Parquet" if magic == b"PAR1" else kind
        raise UsageError(f"{path} is no valid {kind} file: {str(error).splitlines()[0]}") from None


def _read_csv(path: Path) -> pa.Table:
    with pa.input_stream(str(path), compression="detect") as stream:
        head = stream.read(_HEAD)
    line = head.decode("utf-8-sig", errors="replace").splitlines()[0]
    delimiter = max(",;\t|", key=line.count)
    names = next(csv.reader([line], delimiter=delimiter), [])
    return pacsv.read_csv(
        str(path),
        parse_options=pacsv.ParseOptions(delimiter=delimiter),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        ),
    )
