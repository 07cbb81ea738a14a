"""Which records are of a mother and of her child: two persons, however much they share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.claim_fields import RELATIONS
from mpi.records.table import RecordTable

_NAMES = ("source", "record_id", "relation", "relative_source", "relative_record_id")
_ROWS = ("child", "relative")


def relations(records: RecordTable) -> pa.Table:
    """Pairs of records of two persons of one family, as birth certificates tell them.

    Returns
    -------
    source, record_id, relation, relative_source, relative_record_id : string, sorted; of the
    child, then "mother", then of the mother's visit. Pairs of which a record is missing are left
    out.

    Examples
    --------
    >>> import tempfile, pathlib, mpi
    >>> birth = "<MA_LK>7</MA_LK><HO_TEN_NND>LE THI AN</HO_TEN_NND><HO_TEN_CON>VU BA</HO_TEN_CON>"
    >>> visit = "<MA_LK>7</MA_LK><HO_TEN>LE THI AN</HO_TEN>"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "v.xml")
    ...     _ = path.write_text(
    ...         "<GIAMDINHHS><HOSO><FILEHOSO><LOAIHOSO>XML1</LOAIHOSO><NOIDUNGFILE>"
    ...         f"<TONG_HOP>{visit}</TONG_HOP></NOIDUNGFILE></FILEHOSO><FILEHOSO>"
    ...         "<LOAIHOSO>XML9</LOAIHOSO><NOIDUNGFILE><DU_LIEU_GIAY_CHUNG_SINH>"
    ...         f"{birth}<SO>1</SO></DU_LIEU_GIAY_CHUNG_SINH></NOIDUNGFILE></FILEHOSO></HOSO>"
    ...         "</GIAMDINHHS>"
    ...     )
    ...     relations(mpi.read_records(path)).to_pylist()[0]["relative_record_id"]
    '7'
    """
    child, relative, relation = relation_rows(records)
    keys = records.data.select(["source", "record_id"])
    return (
        keys.take(pa.array(child))
        .append_column("relation", pa.array(relation, pa.string()))
        .append_column("relative_source", keys["source"].take(pa.array(relative)))
        .append_column("relative_record_id", keys["record_id"].take(pa.array(relative)))
        .sort_by([(name, "ascending") for name in _NAMES])
    )


def relation_rows(
    records: RecordTable,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[str]]:
    """The pairs of `relations` by their rows, in the order of the child's row.

    A record that names itself tells nothing.

    Returns
    -------
    child, relative : int64[n], rows; and what the relative's person is
    """
    data = records.data
    children, relatives, words = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], list[str]()
    for field in records.fields:
        if field.column not in RELATIONS:
            continue
        told = np.flatnonzero(np.asarray(pc.is_valid(data[field.name])))
        wanted = data.select(["source", field.name]).take(pa.array(told))
        wanted = wanted.rename_columns(["source", "record_id"])
        pairs = wanted.append_column("child", pa.array(told)).join(
            data.select(["source", "record_id"]).append_column(
                "relative", pa.array(np.arange(len(records)))
            ),
            ["source", "record_id"],
            join_type="inner",
        )
        child, relative = (pairs[name].to_numpy().astype(np.int64) for name in _ROWS)
        order = np.argsort(child, kind="stable")
        order = order[child[order] != relative[order]]
        children.append(child[order])
        relatives.append(relative[order])
        words += [RELATIONS[field.column]] * len(order)
    return np.concatenate(children), np.concatenate(relatives), words
