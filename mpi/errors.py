"""Errors a user can meet, each with the exit code the command line gives it.

A message says what came, what was wanted and what to do.
"""

from __future__ import annotations


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
