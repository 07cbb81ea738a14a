"""Which records are of a mother and of her child: two persons, however much they share."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.claim_fields import RELATIONS
from mpi.records.table import RecordTable


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
    names = ("source", "record_id", "relation", "relative_source", "relative_record_id")
    found = [pa.schema([(name, pa.string()) for name in names]).empty_table()]
    data = records.data
    keys = data.select(["source", "record_id"])
    for field in records.fields:
        if field.column in RELATIONS:
            told = data.filter(pc.is_valid(data[field.name]))
            pairs = pa.table(
                {
                    "source": told["source"],
                    "record_id": told["record_id"],
                    "relation": pa.array([RELATIONS[field.column]] * told.num_rows, pa.string()),
                    "relative_source": told["source"],
                    "relative_record_id": told[field.name],
                }
            )
            found.append(
                pairs.join(
                    keys,
                    ["relative_source", "relative_record_id"],
                    ["source", "record_id"],
                    join_type="left semi",
                ).select(list(names))
            )
    return pa.concat_tables(found).sort_by([(name, "ascending") for name in names])
