"""What a form of values is made by: the seam between the room and its locales."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.schema import Kind
from mpi.standardise.encode import Counts
from mpi.standardise.table import StandardColumn

if TYPE_CHECKING:
    from mpi.standardise.findings import Describe

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


def spoken_english(words: Sequence[str]) -> list[str]:
    """What words sound like to an English ear; words without a sound stand for themselves."""
    import jellyfish

    return [jellyfish.metaphone(word) or word for word in words]


def no_names(words: Sequence[str]) -> Mask:
    """bool[n], not one: what is usual is not known."""
    return np.zeros(len(words), np.bool_)


@dataclass(frozen=True)
class Locale:
    """What is known of a country's records.

    rules : how values are brought to standard form, by kind of field
    toneless : (words of names) -> each without what tone marks and spelling style add to it
    sounds : (words of names) -> what each sounds like, equal where clerks hear no difference
    usual : (folded words) -> bool[n], whether each is a name of its own that many bear, so that two
        of them a letter apart are two names and no slip
    number_kinds : by kind of field, (standard values) -> int8[n], which kind of number each is, 0
        where that is not known. A person has a number of each kind, so that numbers of two kinds
        do not contradict each other
    describe : what can be told of a column of a kind, for people
    across : (columns, records as they came) -> columns; what the fields of a record say about each
        other, every record on its own
    telling : kinds of fields without any of which `across` changes nothing
    """

    name: str
    rules: Mapping[Kind, Rule]
    toneless: Callable[[Sequence[str]], list[str]] = list
    sounds: Callable[[Sequence[str]], list[str]] = spoken_english
    usual: Callable[[Sequence[str]], Mask] = no_names
    number_kinds: Mapping[Kind, Callable[[pa.Array], npt.NDArray[np.int8]]] = field(
        default_factory=dict
    )
    describe: Mapping[Kind, Describe] = field(default_factory=dict)
    across: Callable[[tuple[StandardColumn, ...], pa.Table], tuple[StandardColumn, ...]] | None = (
        None
    )
    telling: frozenset[Kind] = frozenset()


def filled(texts: pa.Array) -> Mask:
    """bool[n], texts with anything but blanks in them."""
    import pyarrow.compute as pc

    return np.asarray(pc.not_equal(pc.utf8_trim_whitespace(texts), ""))


def filled_where(texts: pa.Array, mask: Mask) -> Mask:
    """bool[n], texts of the mask with anything but blanks in them."""
    found = mask.copy()
    if mask.any():
        found[mask] = filled(texts.filter(pa.array(mask)))
    return found


def empty(values: pa.Array) -> Mask:
    """bool[n], values with nothing in them."""
    import pyarrow.compute as pc

    return np.asarray(pc.equal(pc.binary_length(values), 0))


def blanked(values: pa.Array, mask: Mask) -> pa.Array:
    """The values, empty where the mask is set."""
    import pyarrow.compute as pc

    return pc.if_else(pa.array(mask), "", values) if mask.any() else values
