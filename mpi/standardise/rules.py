"""What a form of values is made by: the seam between the room and its locales."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.schema import Kind
from mpi.standardise.encode import Counts

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Standardised:
    """Texts in standard form.

    values : string[n], empty where missing
    repairs : what was done -> bool[n], the texts it was done to
    """

    values: pa.Array
    repairs: dict[str, Mask] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """What was decided for a column as a whole.

    text : the decision, enough to read another table's values in the same way
    message : the same for a person to read; empty where there is nothing to say
    """

    text: str
    message: str = ""


@dataclass(frozen=True)
class Rule:
    """How the values of one kind are brought to standard form.

    standard : (texts, layout) -> Standardised; every text on its own, given the layout
    layout : (texts, records of each) -> Layout, for kinds whose columns have to be understood
        as a whole first
    bulk : `standard` works in kernels, so that equal texts need not be brought together first
    """

    standard: Callable[[pa.Array, str], Standardised]
    layout: Callable[[pa.Array, Counts], Layout] | None = None
    bulk: bool = False


@dataclass(frozen=True)
class Locale:
    """The rules of a country, by kind of field."""

    name: str
    rules: Mapping[Kind, Rule]


def filled(texts: pa.Array) -> Mask:
    """bool[n], texts with anything but blanks in them."""
    import pyarrow.compute as pc

    return np.asarray(pc.not_equal(pc.utf8_trim_whitespace(texts), ""))


def empty(values: pa.Array) -> Mask:
    """bool[n], values with nothing in them."""
    import pyarrow.compute as pc

    return np.asarray(pc.equal(pc.binary_length(values), 0))


def blanked(values: pa.Array, mask: Mask) -> pa.Array:
    """The values, empty where the mask is set."""
    import pyarrow.compute as pc

    return pc.if_else(pa.array(mask), "", values) if mask.any() else values
