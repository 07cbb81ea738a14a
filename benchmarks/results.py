"""Results as files: figures, the day, and the kind of machine; never a path or a name."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"
_PACKAGES = (
    *("mpi", "numpy", "numba", "pyarrow"),
    *("jellyfish", "RapidFuzz", "recordlinkage", "duckdb", "splink"),
)


def machine() -> dict[str, Any]:
    """Facts that a figure depends on."""
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "processor": _processor(),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": packages,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def save(name: str, parameters: dict[str, Any], figures: dict[str, Any]) -> None:
    """Keep the result of a benchmark as the last of its name, and show it."""
    result = {
        "benchmark": name,
        "date": datetime.now(UTC).date().isoformat(),
        "parameters": parameters,
        "figures": figures,
        "machine": machine(),
    }
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(result, indent=2) + "\n"
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
    print(f"{name}: {', '.join(f'{k} {v}' for k, v in figures.items())}", flush=True)


def load(name: str) -> dict[str, Any] | None:
    """The last result of a benchmark; None when it was never run."""
    try:
        loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return loaded
