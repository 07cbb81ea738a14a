"""A plan: tonight's snapshot, computed and not published.

It is a folder: the files that the index does not have yet, and ``plan.json`` with the snapshot's
manifest, the files' checksums, what would change, and what the plan was made of. It can be applied
as long as the index and the inputs are what they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from mpi.errors import LimitError, LockedError, UsageError
from mpi.index.base import Base
from mpi.index.draft import Draft, remove_tree
from mpi.index.effects import Effect, Effects, effects_of
from mpi.index.files import TEMPORARY
from mpi.index.limits import broken_limits
from mpi.index.manifest import File, Manifest, checksum, encode, moment_after
from mpi.index.rewrite import finish
from mpi.index.store import Store
from mpi.index.vault import Vault

if TYPE_CHECKING:
    from mpi.index.near import Near
    from mpi.index.nightly import Update
    from mpi.index.relink import Resolver
    from mpi.records.table import RecordTable
    from mpi.settings import Limits, Settings
    from mpi.stages import Stages

PLANS, PLAN = "plans", "plan.json"
_OWN = {PLAN, PLAN + TEMPORARY}
_UNFINISHED = b"unfinished\n"
_PIECE = 1 << 20


class Source(msgspec.Struct, frozen=True):
    """A file that was read for a plan; blake2b of its bytes, 32 hexadecimal digits."""

    path: str
    fingerprint: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What ``plan.json`` says.

    index : the index's folder
    base, base_checksum : the snapshot that it starts from, 0 and None for an empty index
    manifest : of the snapshot that it would publish
    files : those that are in the plan's folder
    inputs : files that must still be what they were
    broken : the limits that the night broke, in words
    refit : whether it has a new model
    sealed : the largest effects, which name records, where the index is encrypted
    """

    index: str
    base: int
    base_checksum: str | None
    made_at: str
    manifest: Manifest
    files: tuple[File, ...]
    inputs: tuple[Source, ...]
    effects: Effects
    broken: tuple[str, ...] = ()
    refit: bool = False
    sealed: str | UnsetType = UNSET

    def opened(self, vault: Vault) -> Plan:
        """The plan with what is sealed in it.

        Raises
        ------
        UsageError
            The key is missing, or another one.
        """
        if self.sealed is UNSET:
            return self
        vault.hear(self.manifest)
        largest = msgspec.json.decode(vault.unseal_text(self.sealed), type=tuple[Effect, ...])
        effects = msgspec.structs.replace(self.effects, largest=largest)
        return msgspec.structs.replace(self, effects=effects, sealed=UNSET)

    def closed(self, vault: Vault) -> Plan:
        """The plan as it may lie on the disk."""
        if not vault.shut:
            return self
        sealed = vault.seal_text(msgspec.json.encode(self.effects.largest))
        effects = msgspec.structs.replace(self.effects, largest=())
        return msgspec.structs.replace(self, effects=effects, sealed=sealed)


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    checksum: str
    plan: msgspec.Raw


@dataclass(frozen=True)
class Applied:
    """What applying did; `changed` is False where the plan had been applied before."""

    changed: bool
    sequence: int
    events: dict[str, int] = field(default_factory=dict)


def fingerprint(path: Path) -> str:
    """blake2b of a file's bytes, as the readers make it.

    Raises
    ------
    OSError
        It cannot be read.
    """
    made = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            made.update(piece)
    return made.hexdigest()


def sources_of(paths: Iterable[Path]) -> tuple[Source, ...]:
    """The files of a plan as they are now. Take them before they are read."""
    return tuple(Source(str(path.resolve()), fingerprint(path)) for path in paths)


def prepare_folder(folder: Path, store: Store) -> None:
    """Make a plan's folder; one that holds an earlier plan, or one that was cut short, is emptied.

    Raises
    ------
    UsageError
        It holds something else, or cannot be made.
    """
    try:
        if folder.is_dir():
            if {*store.files.names(folder)} - _OWN and not (folder / PLAN).is_file():
                raise UsageError(
                    f"{folder} is not empty and holds no plan; name a new or an empty folder"
                )
        elif folder.exists():
            raise UsageError(f"{folder} is a file; name a new or an empty folder")
        store.files.make_folder(folder)
        store.files.protect(folder)
        store.files.put(folder / PLAN, _UNFINISHED)
        store.files.sync_folder(folder)
        remove_tree(store.files, folder, {PLAN})
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}; name another folder"
        ) from None


def write_plan(
    draft: Draft,
    base: Base,
    folder: Path,
    *,
    inputs: tuple[Source, ...] = (),
    effects: Effects,
    broken: tuple[str, ...] = (),
    refit: bool = False,
) -> Plan:
    """Write ``plan.json`` of a draft whose new files lie in the plan's folder."""
    assert draft.drafted is not None
    plan = Plan(
        index=str(base.store.path.resolve()),
        base=0 if base.manifest is None else base.manifest.sequence,
        base_checksum=base.digest,
        made_at=moment_after(None),
        manifest=draft.drafted,
        files=draft.new_files(),
        inputs=inputs,
        effects=effects,
        broken=broken,
        refit=refit,
    )
    body = msgspec.json.encode(plan.closed(base.store.vault))
    draft.sync()
    content = b'{"checksum": "%s", "plan":\n%s}\n' % (checksum(body).encode(), body)
    draft.files.put(folder / PLAN, content)
    draft.files.sync_folder(folder)
    return plan


def read_plan(folder: Path) -> Plan:
    """Read a plan.

    Raises
    ------
    UsageError
        There is no plan in the folder.
    LockedError
        It is not finished, or was edited or damaged, so that it is not the plan that was made.
    """
    path = folder / PLAN
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"there is no plan at {folder} ({error.strerror}); make one with: mpi plan INPUT... "
            "--index DIR -o PLAN"
        ) from None
    if content == _UNFINISHED:
        raise LockedError(f"plan {folder} is not finished: its maker is at work, or died; {_AGAIN}")
    try:
        envelope = msgspec.json.decode(content, type=_Envelope)
        body = bytes(envelope.plan).strip()
        if envelope.checksum == checksum(body):
            return msgspec.json.decode(body, type=Plan)
    except msgspec.MsgspecError:
        pass
    raise LockedError(f"{path} was edited, or made by another version of mpi; {_AGAIN}")


_AGAIN = "make the plan again"


def apply_plan(base: Base, folder: Path, plan: Plan) -> Applied:
    """Publish a plan's snapshot. Call it with the lock held.

    Raises
    ------
    LockedError
        The plan is stale: the index moved on, an input changed, a file of the plan did.
    """
    store, new = base.store, plan.manifest
    finish(store)
    if base.manifest is not None and _same(base.manifest, new):
        return Applied(False, new.sequence)
    if base.digest != plan.base_checksum:
        now = 0 if base.manifest is None else base.manifest.sequence
        raise LockedError(
            f"plan {folder} is stale: it starts from snapshot {plan.base}, and index "
            f"{store.path} is at snapshot {now}"
            f"{' of another content' if now == plan.base else ''}; {_AGAIN}"
        )
    for source in plan.inputs:
        try:
            same = fingerprint(Path(source.path)) == source.fingerprint
        except OSError:
            same = False
        if not same:
            raise LockedError(
                f"plan {folder} is stale: its input {source.path} is gone or was changed; {_AGAIN}"
            )
    contents = {file.name: _staged(folder, file) for file in plan.files}
    with store.writing():
        for file in plan.files:
            part, name = file.name.rsplit("/", 1)
            end = name.rsplit(".", 1)[1]
            store.write_file(part, file.bucket, file.rows, contents.pop(file.name), end)
        store.check_files(new)
        store.publish(msgspec.structs.replace(new, created_at=moment_after(base.manifest)))
    return Applied(True, new.sequence, plan.effects.events)


def _same(one: Manifest, other: Manifest) -> bool:
    return encode(one) == encode(msgspec.structs.replace(other, created_at=one.created_at))


def _staged(folder: Path, file: File) -> bytes:
    try:
        content = (folder / file.name).read_bytes()
    except OSError:
        content = b""
    if checksum(content) != file.checksum:
        raise LockedError(f"plan {folder} was edited: {file.name} is not what it was; {_AGAIN}")
    return content


def sweep_plans(store: Store) -> None:
    """Remove the plans in the index's own folder that can no more be applied."""
    names = store.files.names(store.path / PLANS)
    if not names:
        return
    sequences = store.sequences()
    newest = store.manifest(sequences[-1])[1] if sequences else None
    for name in names:
        folder = store.path / PLANS / name
        try:
            stale = read_plan(folder).base_checksum != newest
        except (UsageError, LockedError):
            stale = True
        if stale:
            remove_tree(store.files, folder)
            store.files.sync_folder(folder.parent)


def make_plan(
    base: Base,
    records: RecordTable,
    settings: Settings,
    folder: Path,
    stages: Stages,
    resolver: Resolver | None,
    *,
    full: bool,
    refit: bool,
    inputs: tuple[Source, ...],
    known: Near | None = None,
) -> Plan | None:
    """Run a night into a plan's folder; None where nothing would change."""
    from mpi.index.incremental import run

    draft = Draft(base.store, folder)
    staged = Base(draft, base.manifest, base.digest)
    update = run(staged, records, settings, stages, resolver, refit=refit, known=known)
    if draft.drafted is None:
        base.store.files.remove(folder / PLAN)
        return None
    with stages.stage("planning"):
        effects = effects_of(base, Base(draft, draft.drafted, None))
        broken = broken_limits(settings.limits, effects, update.fates, full=full)
        with base.store.writing():
            return write_plan(
                draft,
                base,
                folder,
                inputs=inputs,
                effects=effects,
                broken=tuple(map(str, broken)),
                refit=refit,
            )


def run_within(
    base: Base,
    limits: Limits,
    night: Callable[[Base], Update],
    *,
    full: bool = False,
    inputs: tuple[Source, ...] = (),
) -> Update:
    """Run a night, and publish it unless it breaks a limit.

    Raises
    ------
    LimitError
        It does; what it would have published is left as a plan in the index's folder.
    """
    if not (limits.given or full):
        return night(base)
    draft = Draft(base.store)
    update = night(Base(draft, base.manifest, base.digest))
    if draft.drafted is None:
        return update
    effects = effects_of(base, Base(draft, draft.drafted, None))
    broken = tuple(map(str, broken_limits(limits, effects, update.fates, full=full)))
    with base.store.writing():
        if not broken:
            draft.release()
            return update
        folder = base.store.path / PLANS / f"{draft.drafted.sequence:08}"
        prepare_folder(folder, base.store)
        for file in draft.new_files():
            place = folder / file.name
            base.store.files.make_folder(place.parent)
            base.store.files.rename(base.store.path / file.name, place)
            base.store.files.sync_folder(place.parent)
        write_plan(draft, base, folder, inputs=inputs, effects=effects, broken=broken)
    raise LimitError(
        f"nothing was published: {'; '.join(broken)}. The night waits as a plan; look at it, then: "
        f"mpi apply {folder}; or mend the input and run again",
        folder,
    )
