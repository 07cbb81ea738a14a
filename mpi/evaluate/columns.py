"""Which columns of a table are the record key, the cluster and the person."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import pyarrow as pa

from mpi.errors import UsageError

ROLES: dict[str, tuple[str, ...]] = {
    "source": ("source", "registry", "dataset", "source_id", "nguon"),
    "record_id": ("record_id", "rec_id", "recordid", "record", "id", "unique_id", "row_id"),
    "enterprise_id": ("enterprise_id", "cluster_id", "cluster", "person_id", "entity_id", "mpi_id"),
    "person_id": ("person_id", "person", "entity_id", "cluster_id", "cluster", "true_id", "truth",
                  "entity", "gold_id", "enterprise_id"),
}  # fmt: skip
"""Names under which each column is accepted, the contract's own first."""


def pick(table: pa.Table, roles: Sequence[str], optional: Sequence[str], what: str) -> pa.Table:
    """The columns of these roles as text, under the roles' names.

    The last of `roles` may have any name when it is the only column left.

    Parameters
    ----------
    roles : needed, `optional` : taken when present; keys of `ROLES`
    what : "crosswalk" or "truth", for the message

    Raises
    ------
    UsageError
        A column is missing, or is there twice.

    Examples
    --------
    >>> table = pa.table({"rec_id": ["1"], "cluster": ["x"]})
    >>> pick(table, ["record_id", "person_id"], ["source"], "truth").column_names
    ['record_id', 'person_id']
    """
    names = list(table.column_names)
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise UsageError(f"{what}: column '{twice[0]}' is there twice; rename or drop one of them")
    found = match_roles(names, (*optional, *roles))
    left = [n for n in names if n not in found.values()]
    if roles[-1] not in found and len(left) == 1 and all(r in found for r in roles[:-1]):
        found[roles[-1]] = left[0]
    for role in roles:
        if role not in found:
            raise UsageError(_missing(what, role, left, names))
    order = [r for r in (*optional, *roles) if r in found]
    return pa.table({r: _text(table.column(found[r]), what, found[r]) for r in order})


def match_roles(names: Sequence[str], roles: Sequence[str]) -> dict[str, str]:
    """The column of each role that has one, by its name alone; no column has two roles.

    Examples
    --------
    >>> match_roles(["rec_id", "twin"], ["source", "record_id"])
    {'record_id': 'rec_id'}
    """
    folded = {name.strip().casefold(): name for name in names}
    found: dict[str, str] = {}
    for role in roles:
        match = next((folded[n] for n in ROLES[role]
                      if n in folded and folded[n] not in found.values()), None)  # fmt: skip
        if match is not None:
            found[role] = match
    return found


def _missing(what: str, role: str, left: Sequence[str], names: Sequence[str]) -> str:
    close = difflib.get_close_matches(role, [n.casefold() for n in left], n=1, cutoff=0.5)
    hint = next((f"; did you mean '{n}'? rename it" for n in left if n.casefold() in close), "")
    return (
        f"{what} has no column '{role}'; its columns are {', '.join(names) or 'none'}{hint} "
        f"(accepted names: {', '.join(ROLES[role])})"
    )


def _text(column: pa.ChunkedArray, what: str, name: str) -> pa.ChunkedArray:
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise UsageError(
            f"{what}: column '{name}' is of type {column.type}, which cannot be read as text; "
            "wanted text or whole numbers"
        ) from None
