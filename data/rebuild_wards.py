"""Rebuild the tables of wards: ``python data/rebuild_wards.py PACKAGE [FOLDER]``.

PACKAGE is the folder of `vietnamadminunits` 1.0.4 (MIT licence, by Tran Ngoc Minh Hieu), as its
wheel unpacks; only its data files are read, none of its code is run. FOLDER is where the tables
go, by default into this package.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path

TABLES = Path(__file__).parent.parent / "mpi" / "standardise" / "vietnam" / "tables"

# The islands had districts without wards; these stand for the district.
_WARDLESS = ("huyenbachlongvi", "huyenconco", "huyenhoangsa", "huyenlyson", "huyencondao")


def successors(package: Path) -> dict[str, set[str]]:
    """Key of an old ward (province_district_ward) -> keys of the new ones (province/ward)."""
    data = json.loads((package / "data" / "converter_2025.json").read_text("utf-8"))
    found: dict[str, set[str]] = defaultdict(set)
    for province, wards in data["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for new, olds in wards.items():
            for old in olds:
                found[old].add(f"{province}/{new}")
    for province, divided in data["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, news in divided.items():
            found[old] |= {f"{province}/{new['newWardKey']}" for new in news}
    return found


def write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """One table, sorted by its first column."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(sorted(rows))
    print(f"{path.name}: {len(rows):,} rows, {path.stat().st_size:,} bytes")


def rebuild(package: Path, folder: Path = TABLES) -> None:
    """Write both tables."""
    with sqlite3.connect(package / "data" / "dataset.db") as units:
        new = units.execute(
            "select wardCode, ward, provinceCode, provinceKey, wardKey from admin_units"
        ).fetchall()
        old = units.execute(
            "select wardCode, coalesce(ward, district), district, provinceCode, provinceKey, "
            "districtKey, coalesce(wardKey, '') from admin_units_legacy"
        ).fetchall()
    code_of = {f"{province}/{ward}": code for code, _, _, province, ward in new}
    after = successors(package)
    rows: list[tuple[str, ...]] = []
    lost: list[str] = []
    for code, name, district, province, *keys in old:
        if not code and keys[1] not in _WARDLESS:
            continue
        codes = sorted(code_of[key] for key in after.get("_".join(keys), ()))
        if not codes:
            lost.append(f"{name}, {district}")
        rows.append((code or "", name, district, province, " ".join(codes)))
    write(
        folder / "wards_2025.csv",
        ("code", "name", "province"),
        [(code, name, province) for code, name, province, *_ in new],
    )
    write(
        folder / "wards_before_2025.csv",
        ("code", "name", "district", "province", "successors"),
        rows,
    )
    if lost:
        print(f"without a successor: {len(lost)}: {'; '.join(lost[:20])}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    rebuild(Path(sys.argv[1]), *(Path(argument) for argument in sys.argv[2:3]))
