"""Errors a user can meet, each with the exit code the command line gives it.

A message says what came, what was wanted and what to do.
"""

from __future__ import annotations

from pathlib import Path


class MpiError(Exception):
    """Base of every error that ``mpi`` raises on purpose."""

    exit_code = 2


class UsageError(MpiError):
    """A command, an argument or a settings file is wrong (exit code 2)."""


class UnusableInputError(MpiError):
    """The input holds nothing that can be linked (exit code 3)."""

    exit_code = 3


class LockedError(MpiError):
    """Another process is writing to the index, or a plan is stale (exit code 4)."""

    exit_code = 4


class IntegrityError(MpiError):
    """A file is missing, damaged or not what its manifest says (exit code 5)."""

    exit_code = 5


class LimitError(MpiError):
    """A night would break a limit; it is not published, and a plan of it waits (exit code 6)."""

    exit_code = 6

    def __init__(self, text: str, plan: Path) -> None:
        super().__init__(text)
        self.plan = plan
