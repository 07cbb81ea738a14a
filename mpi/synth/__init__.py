"""Synthetic citizens with truth: persons who do not exist, in registries that look as if."""

from mpi.synth.generate import BLOCK, SLICES, Synthetic, stream, synthesise
from mpi.synth.write import write

__all__ = ["BLOCK", "SLICES", "Synthetic", "stream", "synthesise", "write"]
