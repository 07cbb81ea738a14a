"""A snapshot in the making that is not published, and may lie in a folder of its own."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from mpi.index.files import Files
from mpi.index.manifest import File, Manifest
from mpi.index.store import Store


class Draft(Store):
    """An index's folder in which a snapshot is prepared.

    Parameters
    ----------
    store : the index's own
    stage : where files go that the index does not have; the index's folder if not given
    """

    def __init__(self, store: Store, stage: Path | None = None) -> None:
        super().__init__(store.path, store.files, store.vault)
        self.check_lock = store.check_lock
        self.stage = stage
        self.drafted: Manifest | None = None

    def place(self, name: str) -> Path:
        """Where a file lies, or has to be written."""
        path = super().place(name)
        if self.stage is None or self.files.size(path) is not None:
            return path
        return self.stage / name

    def publish(self, manifest: Manifest) -> None:
        """Keep the manifest for later."""
        self.drafted = manifest

    def release(self) -> None:
        """Publish what was drafted; its files lie in the index's folder."""
        assert self.drafted is not None and self.stage is None
        super().publish(self.drafted)

    def new_files(self) -> tuple[File, ...]:
        """The draft's files that no published snapshot has."""
        assert self.drafted is not None
        known = {f.name for s in self.sequences() for f in self.manifest(s)[0].files()}
        every = {f.name: f for f in self.drafted.files() if f.name not in known}
        return tuple(every[name] for name in sorted(every))


def remove_tree(files: Files, folder: Path, kept: Collection[str] = ()) -> None:
    """Remove a folder with all that is in it; the folder stays for names in it that are kept."""
    for name in files.names(folder):
        path = folder / name
        if name in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            remove_tree(files, path)
        else:
            files.remove(path)
    if not kept:
        files.remove_folder(folder)
