"""The blocking rules of a model, and the keys that they ask for."""

from __future__ import annotations

from mpi.block.candidates import make_keys
from mpi.block.keys import Key
from mpi.block.rules import Rule
from mpi.encode.rows import Encoded
from mpi.score.model import Model
from mpi.scratch import Scratch


def rules_of(model: Model) -> list[Rule]:
    """The blocking rules of a model."""
    return [Rule(tuple(keys)) for keys in model.rules]


def model_keys(
    encoded: Encoded, model: Model, threads: int, scratch: Scratch | None = None
) -> dict[str, Key]:
    """The keys that a model's rules and its narrowing ask for."""
    wanted = [*model.narrowing, *(key for rule in model.rules for key in rule)]
    return make_keys(encoded, wanted, threads=threads, scratch=scratch)
