"""Rebuild the sample registries of this folder: ``python data/rebuild.py [FOLDER]``.

The persons come from `mpi.synth`; this file only gives each kind of registry the layout in which
such a file is met: other column names, delimiters and file formats.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from mpi.synth import Synthetic, synthesise

PERSONS, SEED, PROVINCES = 1500, 2026, 3

VIETNAMESE = {
    "record_id": "ma_ho_so", "full_name": "ho_ten", "sex": "gioi_tinh", "birth_date": "ngay_sinh",
    "national_id": "so_cccd", "insurance_id": "ma_so_bhxh", "phone": "dien_thoai",
    "address": "dia_chi", "ward": "phuong_xa", "district": "quan_huyen", "province": "tinh",
    "mother_name": "ho_ten_me", "updated_at": "ngay_cap_nhat",
}  # fmt: skip
HOSPITAL = {
    "record_id": "MA_BN", "full_name": "HO_TEN", "sex": "GIOI_TINH", "birth_date": "NGAY_SINH",
    "national_id": "SO_CCCD", "insurance_id": "MA_THE_BHYT", "phone": "DIEN_THOAI",
    "address": "DIA_CHI", "mother_name": "HO_TEN_ME", "updated_at": "NGAY_CAP_NHAT",
}  # fmt: skip


def write_insurance(table: pa.Table, path: Path) -> Path:
    """CSV with semicolons and Vietnamese column names."""
    path = path.with_suffix(".csv")
    renamed = table.rename_columns([VIETNAMESE[c] for c in table.column_names])
    options = pacsv.WriteOptions(delimiter=";", quoting_style="needed")
    pacsv.write_csv(renamed, path, options)
    return path


def write_health(table: pa.Table, path: Path) -> Path:
    """CSV with commas and a byte order mark, as spreadsheets save it."""
    path = path.with_suffix(".csv")
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        pacsv.write_csv(table, file, pacsv.WriteOptions(quoting_style="needed"))
    return path


def write_hospital(table: pa.Table, path: Path) -> Path:
    """NDJSON with the column names of the hospitals' software; what is missing is left out."""
    path = path.with_suffix(".ndjson")
    rows = table.rename_columns([HOSPITAL[c] for c in table.column_names]).to_pylist()
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            known = {name: value for name, value in row.items() if value is not None}
            file.write(json.dumps(known, ensure_ascii=False) + "\n")
    return path


def write_employment(table: pa.Table, path: Path) -> Path:
    """Parquet."""
    path = path.with_suffix(".parquet")
    pq.write_table(table, path, compression="zstd")
    return path


WRITERS = {
    "insurance": write_insurance,
    "health": write_health,
    "hospital": write_hospital,
    "employment": write_employment,
}


def rebuild(folder: Path, citizens: Synthetic) -> list[Path]:
    """Write the registries, ``registries/<source>.*``, and ``truth.csv`` beside them."""
    registries = folder / "registries"
    registries.mkdir(parents=True, exist_ok=True)
    written = [
        WRITERS[source.rsplit("_", 1)[1]](table.drop_columns(["source"]), registries / source)
        for source, table in citizens.sources.items()
    ]
    truth = folder / "truth.csv"
    pacsv.write_csv(citizens.truth, truth, pacsv.WriteOptions(quoting_style="none"))
    return [*written, truth]


def main() -> None:
    """Rebuild into the folder named on the command line, or where the sample lies."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "vietnam"
    for path in rebuild(folder, synthesise(PERSONS, seed=SEED, provinces=PROVINCES)):
        print(path)


if __name__ == "__main__":
    main()
