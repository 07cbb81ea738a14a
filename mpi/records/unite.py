"""Files with different columns as one table: what means the same stands in one column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mpi.records.batch import Batch
from mpi.records.columns import Profile, sample_rows
from mpi.records.kinds import kind_of_name, squash
from mpi.records.recognise import reads_as_full_name
from mpi.schema import Kind

_APART = frozenset(
    {Kind.NAME, Kind.DATE, Kind.NUMBER, Kind.CATEGORY, Kind.TEXT, Kind.IDENTIFIER, Kind.IGNORED}
)
"""Kinds that say too little to take two columns for one."""


def unite(
    batches: Sequence[Batch], kinds: Mapping[str, Kind]
) -> tuple[tuple[Batch, ...], dict[str, str]]:
    """Rename columns so that files which call one thing differently share a column.

    Two columns become one where their names mean the same kind and no file has both.

    Parameters
    ----------
    kinds : column name -> kind, said by the user or known from an earlier run

    Returns
    -------
    the batches with their columns renamed, and column -> the column it was taken together with
    """
    where: dict[str, set[int]] = {}
    for number, batch in enumerate(batches):
        for name in batch.table.column_names:
            where.setdefault(name, set()).add(number)
    meanings: dict[str, list[tuple[int, str]]] = {}
    for name in where:
        rank, meaning = _meaning(name, kinds, [batches[n] for n in sorted(where[name])])
        meanings.setdefault(meaning, []).append((rank, name))
    aliases: dict[str, str] = {}
    for claims in meanings.values():
        homes: list[tuple[str, set[int]]] = []
        for _, name in sorted(claims):
            for home, files in homes:
                if not files & where[name]:
                    aliases[name] = home
                    files |= where[name]
                    break
            else:
                homes.append((name, set(where[name])))
    if not aliases:
        return tuple(batches), {}
    return tuple(_renamed(batch, aliases) for batch in batches), aliases


def _meaning(name: str, kinds: Mapping[str, Kind], holders: Sequence[Batch]) -> tuple[int, str]:
    if name in kinds:
        return -1, kinds[name].value if kinds[name] not in _APART else squash(name)
    named = kind_of_name(name)
    if named is None or named.kind in _APART:
        return 1000, squash(name) or name
    if named.kind is Kind.GIVEN_NAME and all(_whole_name(name, b) for b in holders):
        return 1000 + named.rank, Kind.FULL_NAME.value
    return named.rank, named.kind.value


def _whole_name(name: str, batch: Batch) -> bool:
    """Whether a column called given name is the only name of its file and holds whole ones."""
    for other in batch.table.column_names:
        named = kind_of_name(other)
        if named is not None and named.kind in (Kind.FULL_NAME, Kind.FAMILY_NAME):
            return False
    sample = sample_rows(batch.table, 2_000)
    return reads_as_full_name(Profile.of(name, sample.column(name)))


def _renamed(batch: Batch, aliases: Mapping[str, str]) -> Batch:
    names = [aliases.get(name, name) for name in batch.table.column_names]
    return replace(batch, table=batch.table.rename_columns(names))
