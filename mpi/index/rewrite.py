"""Many manifests changed at once: a file that holds all of them takes effect with its name.

From then on every reader sees the new manifests, in that file or in their own; a writer that died
between the two is finished by the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from mpi.errors import IntegrityError
from mpi.index.manifest import Manifest, checksum, encode

if TYPE_CHECKING:
    from mpi.index.store import Store

REWRITE = "rewrite.json"


class _Rewrite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: manifests as their own files will have them, and a checksum over all."""

    checksum: str
    manifests: dict[int, str]


def _sum(manifests: dict[int, str]) -> str:
    return checksum("".join(f"{s}:{manifests[s]}" for s in sorted(manifests)).encode())


def pending(store: Store) -> dict[int, bytes]:
    """Manifests that take the place of those in their files, by sequence; mostly none.

    Raises
    ------
    IntegrityError
        The file is damaged.
    """
    path = store.path / REWRITE
    if store.files.size(path) is None:
        return {}
    try:
        content = store.files.read(path)
    except FileNotFoundError:  # finished in this moment
        return {}
    try:
        rewrite = msgspec.json.decode(content, type=_Rewrite)
    except msgspec.MsgspecError:
        rewrite = _Rewrite("", {})
    if rewrite.checksum != _sum(rewrite.manifests):
        raise IntegrityError(f"{path} is damaged; put back the file from a backup")
    return {sequence: text.encode() for sequence, text in rewrite.manifests.items()}


def commit(store: Store, manifests: Sequence[Manifest]) -> None:
    """Put these manifests in force, all at once, then into their own files.

    Their files have been written; call it with the lock held.
    """
    store.sync()
    store.files.make_folder(store.path / "snapshots")
    store.check_lock()
    texts = {manifest.sequence: encode(manifest)[0].decode() for manifest in manifests}
    content = msgspec.json.encode(_Rewrite(_sum(texts), texts))
    store.files.put(store.path / REWRITE, content)
    store.files.sync_folder(store.path)
    finish(store)


def finish(store: Store) -> bool:
    """Put a rewrite that is in force into the manifests' own files; False if there is none."""
    manifests = pending(store)
    if not manifests:
        return False
    for sequence in sorted(manifests):
        store.files.put(store.manifest_path(sequence), manifests[sequence])
    store.files.sync_folder(store.path / "snapshots")
    store.files.remove(store.path / REWRITE)
    store.files.sync_folder(store.path)
    return True
