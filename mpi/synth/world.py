"""Everything about the persons of one block that registries write down."""

from __future__ import annotations

from dataclasses import dataclass

from mpi.synth.names import Names
from mpi.synth.numbers import Numbers
from mpi.synth.places import Addresses
from mpi.synth.population import People
from mpi.synth.reference import Province


@dataclass(frozen=True)
class World:
    """Everything about the persons of one block."""

    provinces: tuple[Province, ...]
    people: People
    names: Names
    numbers: Numbers
    now: Addresses
    before: Addresses
