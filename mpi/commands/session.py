"""What every command shares: its settings, where it speaks, and how its stages are told."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from mpi.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from mpi.index import MasterIndex
    from mpi.index.relink import Resolver
    from mpi.report.forecast import Forecast
    from mpi.report.page import Page
    from mpi.scratch import Scratch
    from mpi.settings import Settings
    from mpi.stages import Stages

_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


@dataclass(frozen=True)
class Session:
    """The options that commands have in common.

    json : results for machines
    quiet : no progress and no messages; errors and results only
    key : where the key of the index is, None for where it was
    within : a duration that a run should take at most
    """

    json: bool = False
    quiet: bool = False
    config: Path | None = None
    seed: int | None = None
    threads: int | None = None
    memory: str | None = None
    precision: float | None = None
    locale: str | None = None
    labels_file: Path | None = None
    review_pairs: int | None = None
    key: str | None = None
    within: str | None = None

    def open(self, folder: Path | str) -> MasterIndex:
        """The index in a folder.

        Raises
        ------
        UsageError
            The folder is not an index.
        """
        from mpi.index import MasterIndex

        return MasterIndex.open(folder, key=self.key)

    def settings(self) -> Settings:
        """The settings of the file, with the command line's put over them.

        Raises
        ------
        UsageError
            The file or an option is wrong.
        """
        import msgspec

        from mpi.settings import Settings, read_settings

        settings = Settings() if self.config is None else read_settings(self.config)
        given = {
            "seed": self.seed,
            "threads": self.threads,
            "memory": None if self.memory is None else parse_size(self.memory),
            "precision": self.precision,
            "locale": self.locale,
            "review_pairs": self.review_pairs,
            "encryption_key": self.key,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        return msgspec.structs.replace(settings, **changes)

    def labels(self) -> pa.Table | None:
        """What people decided before, if a file of it was named.

        Raises
        ------
        UsageError
            The file cannot be read, or holds no labels.
        """
        if self.labels_file is None:
            return None
        from mpi.evaluate import read_labels

        return read_labels(self.labels_file)

    def resolver(self) -> Resolver | None:
        """What decides which records of an index are one person: with labels, if there are any."""
        labels = self.labels()
        if labels is None:
            return None
        from functools import partial

        from mpi.linkage import resolve

        return partial(resolve, labels=labels, keep=True)

    def check_memory(self, inputs: Sequence[str], scratch: Scratch) -> int:
        """Turn inputs away that are too many for the memory and disk at hand, before they are read.

        Returns
        -------
        int
            The rows that they are expected to have.

        Raises
        ------
        UsageError
            They are; it says what they would need.
        """
        from mpi.linkage.memory import check_memory
        from mpi.records.expect import expect_rows

        expected = expect_rows(inputs)
        check_memory(expected.rows, expected.columns, self.settings(), scratch)
        return expected.rows

    def most_seconds(self) -> float | None:
        """What a run should take at most.

        Raises
        ------
        UsageError
            It is no duration.
        """
        from mpi.commands.durations import parse_duration

        return None if self.within is None else parse_duration(self.within, "--within")

    def forecast(self, stages: Stages, rows: int, stored: int) -> Forecast:
        """What predicts how long a night takes, from now on told of its stages.

        Parameters
        ----------
        rows, stored : records that are expected, and those that are there
        """
        from mpi.report.forecast import Forecast
        from mpi.report.progress import Progress

        made = Forecast(stages.listener, within=self.most_seconds())
        if isinstance(stages.listener, Progress):
            stages.listener.ahead = made.told
        stages.listener = made
        made.expect(rows, stored)
        return made

    @contextmanager
    def stages(self, scratch: Scratch | None = None) -> Iterator[Stages]:
        """The stages of a job, told on standard error unless quiet."""
        from mpi.report.progress import Progress
        from mpi.scratch import Scratch
        from mpi.stages import Stages

        scratch = scratch or Scratch()
        scratch.limit = self.settings().memory
        if self.quiet:
            yield Stages(scratch=scratch)
            return
        progress = Progress(sys.stderr)
        stages = Stages(progress, scratch=scratch)
        try:
            yield stages
        finally:
            progress.close()
        self._compare_memory(stages)

    def _compare_memory(self, stages: Stages) -> None:
        from mpi.report.quantities import size

        wanted = self.settings().memory
        peak = max((stage.peak_memory for stage in stages.times), default=0)
        if wanted is not None and peak > wanted:
            self.say(
                f"this run needed {size(peak)}, more than the {size(wanted)} of --memory; "
                "give it smaller inputs or a larger machine"
            )

    def say(self, text: str) -> None:
        """A message, on standard error unless quiet."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def page(self, *, results_taken: bool = False) -> Page:
        """Where a readable result goes.

        results_taken : standard output carries a table already, so speak on standard error
        """
        from mpi.report.page import Page

        return Page(sys.stderr if results_taken else sys.stdout)

    def print_json(self, value: Any) -> None:
        """A result for machines, on standard output."""
        json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
        sys.stdout.flush()


def command_name() -> str:
    """How this command line was called, so that advice can be copied: ``mpi`` or its path."""
    called = Path(sys.argv[0])
    if called.name != "mpi" or not called.exists():
        return "mpi"
    found = shutil.which("mpi")
    if found is not None and called.samefile(found):
        return "mpi"
    here = Path.cwd()
    return quote(str(called.relative_to(here) if called.is_relative_to(here) else called))


def parse_size(text: str) -> int:
    """Bytes of a size such as 4GB, 512M or 1.5 gb.

    Raises
    ------
    UsageError
        It is no size.

    Examples
    --------
    >>> parse_size("4GB"), parse_size("512 MB"), parse_size("1.5gib"), parse_size("1000000")
    (4000000000, 512000000, 1610612736, 1000000)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", text, re.IGNORECASE)
    size = 0
    if match:
        base = 1024 if match[3] else 1000
        size = int(float(match[1]) * base ** _POWERS[match[2].lower()])
    if size < 1:
        raise UsageError(f"--memory {text!r} is no size; write it as 4GB or 800MB")
    return size
