"""The folder of an index: immutable Parquet files, a manifest for each snapshot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from mpi.errors import IntegrityError, MpiError, UsageError
from mpi.index.encoding import ROW_GROUP, parquet_bytes
from mpi.index.files import TEMPORARY, Content, Files, in_memory
from mpi.index.manifest import FORMAT, File, Manifest, check_format, decode, encode, measure
from mpi.index.rewrite import finish, pending
from mpi.index.stray import stray_files
from mpi.index.vault import Vault
from mpi.index.workers import in_order

MARKER = "mpi-index.json"
TABLE_FOLDER, CHANGE_FOLDER, STATE_FOLDER = "tables", "changes", "state"
TABLE = "parquet"
"""How the name of a file ends that is a table, or sealed."""
_SNAPSHOT = re.compile(r"(\d{8,})\.json")


class _Marker(msgspec.Struct, frozen=True):
    format: int
    what: str = "master patient index"


class Store:
    """Files in, files out; knows nothing of persons.

    Parameters
    ----------
    path : the index's folder
    files : the file system
    vault : how files are written and read; plain, or as the manifests say, if not given
    """

    def __init__(self, path: Path, files: Files, vault: Vault | None = None) -> None:
        self.path = path
        self.files = files
        self.vault = vault or Vault(path)
        self.check_lock: Callable[[], None] = _nobody
        self.starts: dict[str, npt.NDArray[np.int64]] = {}
        """Where each bucket begins in files of changes that were opened before."""
        self._unsynced: set[Path] = set()

    # ---------------------------------------------------------------- the folder

    def check(self) -> None:
        """See that the folder is an index that this version reads.

        Raises
        ------
        UsageError
            It is not, or it has a newer format.
        IntegrityError
            Its marker is damaged.
        """
        how = "make one with: mpi run INPUT... --index FOLDER"
        if not self.path.exists():
            raise UsageError(f"there is no index at {self.path}; {how}")
        if not self.path.is_dir():
            raise UsageError(f"{self.path} is a file, not the folder of an index; {how}")
        marker = self.path / MARKER
        if self.files.size(marker) is None:
            found = ", ".join(self.files.names(self.path)[:3]) or "nothing"
            raise UsageError(
                f"{self.path} is not an index: it has no {MARKER} (found: {found}); {how}"
            )
        try:
            version = msgspec.json.decode(self._read(marker), type=_Marker).format
        except msgspec.MsgspecError:
            raise IntegrityError(f"{marker} is damaged; put back the file from a backup") from None
        check_format(f"index {self.path}", version)

    def create(self) -> None:
        """Make the folder an empty index; one that exists already stays as it is.

        Raises
        ------
        UsageError
            The folder holds something else, or cannot be written.
        """
        marker = self.path / MARKER
        try:
            if self.files.size(marker) is None:
                foreign = [n for n in self.files.names(self.path) if n != MARKER + TEMPORARY]
                if foreign:
                    raise UsageError(
                        f"{self.path} is not an index and is not empty (found: "
                        f"{', '.join(foreign[:3])}); name a new or an empty folder"
                    )
                self.files.make_folder(self.path)
                self.files.protect(self.path)
                self.files.put(marker, msgspec.json.encode(_Marker(FORMAT)) + b"\n")
                self.files.sync_folder(self.path)
        except OSError as error:
            raise UsageError(
                f"index {self.path} cannot be made: {error.strerror or error}; name a folder "
                "that this user may write to, on a disk with free space"
            ) from None
        with self.reading():
            self.check()

    # ---------------------------------------------------------------- reading

    def sequences(self) -> list[int]:
        """Sequence numbers of the published snapshots, oldest first."""
        matches = (_SNAPSHOT.fullmatch(n) for n in self.files.names(self.path / "snapshots"))
        return sorted({*(int(match[1]) for match in matches if match), *pending(self)})

    def manifest_path(self, sequence: int) -> Path:
        """Where the manifest of a snapshot lies."""
        return self.path / "snapshots" / f"{sequence:08}.json"

    def manifest(self, sequence: int) -> tuple[Manifest, str]:
        """A snapshot's manifest and its checksum.

        Raises
        ------
        UsageError
            There is no such snapshot.
        IntegrityError
            The manifest is damaged.
        """
        known = self.sequences()
        if sequence not in known:
            have = f"it has {known[0]} to {known[-1]}" if known else "it has none yet"
            raise UsageError(f"index {self.path} has no snapshot {sequence}; {have}")
        path = self.manifest_path(sequence)
        rewritten = pending(self).get(sequence)
        content = self._read(path) if rewritten is None else rewritten
        manifest, digest = decode(content, path)
        if manifest.sequence != sequence:
            raise IntegrityError(
                f"manifest {path} says that it is snapshot {manifest.sequence}; "
                "put back the file from a backup"
            )
        self.vault.hear(manifest)
        return manifest, digest

    def newest(self) -> tuple[Manifest, str] | None:
        """The newest manifest, with all of its files in place; None before the first run."""
        known = self.sequences()
        if not known:
            return None
        manifest, digest = self.manifest(known[-1])
        self.check_files(manifest)
        return manifest, digest

    def place(self, name: str) -> Path:
        """Where a file lies, or has to be written."""
        return self.path / name

    def check_files(self, manifest: Manifest) -> None:
        """See that every file of a snapshot is in its place.

        Raises
        ------
        IntegrityError
            One is missing or has another size.
        """
        for file in manifest.files():
            size = self.files.size(self.path / file.name)
            if size != file.bytes:
                found = "is missing" if size is None else f"has {size} bytes, not {file.bytes}"
                raise IntegrityError(
                    f"{self.path / file.name}, a file of snapshot {manifest.sequence}, {found}; "
                    "put back the file from a backup"
                )

    def read(self, file: File) -> bytes:
        """A file's bytes, checked.

        Raises
        ------
        IntegrityError
            The file is missing or is not what its manifest says.
        """
        path = self.place(file.name)
        try:
            content = self._read(path)
        except IntegrityError:
            self.explain_missing(file)
            raise
        if measure(content)[0] != file.checksum:
            raise IntegrityError(
                f"{path} does not have the checksum that its manifest states: it was changed or "
                "damaged; put back the file from a backup"
            )
        return content

    def explain_missing(self, file: File) -> None:
        """A file that no snapshot names any more was removed on purpose, under a reader's hands.

        Raises
        ------
        UsageError
            No snapshot names it.
        """
        for sequence in self.sequences():
            if any(f.name == file.name for f in self.manifest(sequence)[0].files()):
                return
        raise UsageError(
            f"index {self.path}: the snapshot in sight is no longer kept; it was vacuumed, or "
            "rewritten by an erasure, while it was read; open the index again"
        ) from None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn a failure of the file system into an error that says what to do."""
        try:
            yield
        except OSError as error:
            raise UsageError(
                f"index {self.path} cannot be read: {error.strerror or error}; see to the rights "
                "of the folder, or to the disk"
            ) from None

    def _read(self, path: Path) -> bytes:
        with self.reading():
            try:
                return self.files.read(path)
            except FileNotFoundError:
                text = f"{path} is missing; put back the file from a backup"
                raise IntegrityError(text) from None

    def read_files(self, files: Sequence[File], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of some files of one table, one after the other."""
        return pa.concat_tables(in_order(lambda file: self.read_rows(file, columns), files))

    def read_rows(self, file: File, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a file, some of their columns."""
        reader = self.vault.reader(self.read(file))
        rows = reader.read(columns=None if columns is None else list(columns))
        if rows.num_rows != file.rows:
            raise IntegrityError(
                f"{self.path / file.name} has {rows.num_rows} rows, its manifest says "
                f"{file.rows}; put back the file from a backup"
            )
        return rows

    def read_whole(self, file: File) -> pa.Buffer:
        """The content of a file that is no table, checked."""
        content = self.read(file)
        return self.vault.unseal(content) if file.name.endswith(TABLE) else pa.py_buffer(content)

    def read_where(self, file: File, wanted: dict[str, str]) -> pa.Table:
        """The rows of a file in which each of these columns has this value."""
        filters = [(name, "=", value) for name, value in wanted.items()]
        decryption = self.vault.decrypting()
        source = pa.BufferReader(self.read(file))
        return pq.read_table(source, filters=filters, decryption_properties=decryption)

    # ---------------------------------------------------------------- writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turn a failure of the file system into an error that says where the index stands."""
        before: list[int] | None = None
        try:
            before = self.sequences()
            yield
        except OSError as error:
            stands = "is as it was before the run"
            with suppress(OSError, MpiError):
                if before is not None and self.sequences() != before:
                    stands = "has the new snapshot, which the disk did not confirm"
                self.sweep()
            raise UsageError(
                f"index {self.path} could not be written: {error.strerror or error}; the index "
                f"{stands}; free space or mend the disk, then run again"
            ) from None

    def sweep(self) -> list[str]:
        """Remove what a run that died has left: files that no manifest names.

        A rewrite that was cut short is ended first. Call it with the lock held. Returns the names
        removed, sorted.
        """
        from mpi.index.plan import sweep_plans
        from mpi.index.unfinished import kept_files, leave_folder

        finish(self)
        sweep_plans(self)
        named = {f"snapshots/{self.manifest_path(s).name}" for s in self.sequences()}
        digest = None
        for sequence in self.sequences():
            manifest, digest = self.manifest(sequence)
            named |= {file.name for file in manifest.files()}
        named |= kept_files(self, digest)
        removed = stray_files(self, named)
        for name in removed:
            self.files.remove(self.path / name)
        # A file that was removed comes back when the power fails, unless the disk was waited for.
        for folder in sorted({name.rpartition("/")[0] for name in removed}):
            self.files.sync_folder(self.path / folder)
        leave_folder(self)
        return removed

    def write_file(self, folder: str, bucket: int, rows: int, content: Content, end: str) -> File:
        """Write a file named by its content, unless a snapshot has it already."""
        digest, size = measure(content)
        name = f"{folder}/{bucket:04}-{digest[:32]}.{end}"
        path = self.place(name)
        if self.files.size(path) != size:
            self.files.make_folder(path.parent)
            self.files.put(path, content)
            self._unsynced.add(path.parent)
        return File(name, bucket, rows, size, digest)

    def write_whole(self, folder: str, bucket: int, rows: int, content: Content, end: str) -> File:
        """Write a file that is no table, sealed where the index is encrypted."""
        if not self.vault.shut:
            return self.write_file(folder, bucket, rows, content, end)
        return self.write_file(folder, bucket, rows, self.vault.seal(in_memory(content)), TABLE)

    def write_part(
        self,
        name: str,
        bucket: int,
        table: pa.Table,
        key: Sequence[str] = (),
        *,
        folder: str = TABLE_FOLDER,
    ) -> File:
        """Write one file of a table: a bucket, or the rows that a snapshot appends or changes."""
        # Of a file of changes a bucket has few rows.
        group = ROW_GROUP if folder == TABLE_FOLDER else ROW_GROUP // 8
        encryption = self.vault.encrypting()
        content = parquet_bytes(table, key, row_group=group, encryption=encryption)
        return self.write_file(f"{folder}/{name}", bucket, table.num_rows, content, TABLE)

    def make_folder_of(self, name: str) -> None:
        """Make a table's folder, before several threads want to write into it."""
        self.files.make_folder(self.place(f"{TABLE_FOLDER}/{name}/new").parent)

    def write_parts(
        self,
        name: str,
        parts: Sequence[int],
        table_of: Callable[[int], pa.Table],
        key: Sequence[str],
    ) -> tuple[File | None, ...]:
        """Write buckets of a table, several at a time.

        An empty bucket has no file, but the first one always has: it keeps the columns.

        Parameters
        ----------
        parts : numbers of the buckets
        table_of : gives a bucket's rows, sorted by the key; threads call it
        """
        self.make_folder_of(name)

        def write(bucket: int) -> File | None:
            table = table_of(bucket)
            if not table.num_rows and bucket:
                return None
            return self.write_part(name, bucket, table, key)

        return tuple(in_order(write, parts))

    def publish(self, manifest: Manifest) -> None:
        """Make a snapshot the newest one, whose files have been written: one atomic step."""
        path = self.manifest_path(manifest.sequence)
        self.sync()
        self.files.make_folder(path.parent)
        self.check_lock()
        temporary = path.with_name(path.name + TEMPORARY)
        self.files.write(temporary, encode(manifest)[0])
        if not self.files.name(temporary, path):
            self.files.remove(temporary)
            raise IntegrityError(
                f"{path} exists already: something else writes to this folder without the lock; "
                "find it before the next run"
            )
        self.files.sync_folder(path.parent)

    def sync(self) -> None:
        """Wait until the disk has the names of all files written."""
        for folder in sorted(self._unsynced):
            self.files.sync_folder(folder)
        self._unsynced.clear()


def _nobody() -> None:
    """No lock, nobody to ask."""
