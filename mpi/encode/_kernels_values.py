"""What kernels know of records and values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import inlined

NAME, DATE, IDENTIFIER, TEXT, NUMBER, CATEGORY = 0, 1, 2, 3, 4, 5
# A text of many words, as addresses are: compared alike, with more of it in the row.
LONG = 6
# Columns of `Values.info`: what is known of one value, in one cache line.
FIRST, LENGTH, FOLD, SORTED, LETTERS, WORD, WORDS, NUMBERED = 0, 1, 2, 3, 4, 5, 6, 7

# Of a word that is a name of its own.
USUAL = 128


class Values(NamedTuple):
    """Everything the kernels know of records and values; `g` is a value's place in all fields.

    rows : int32[n_rows, 16 or more], g of each field's value, -1 missing, and behind these the
        marks of the values (see `_kernels_marks`); whole cache lines
    form : int8[n_fields], one of NAME ... LONG
    mark : int16[n_fields], where in a row the marks of the field's value begin
    partner : int8[n_fields], the field whose value may have been swapped with this one, or -1
    info : int64[g, 8], by column
        FIRST, LENGTH : the value's text in `units` (folded, without blanks)
        FOLD, SORTED : equal where the folded text (without blanks), the words in any order are
            equal; SORTED is -1 for the empty text
        LETTERS : the bag of letters in 64 bits, a bit for each of a letter's first occurrences
            (2 of a letter in words, 4 of a digit in identifiers); an edit changes 2 bits at most
        WORD, WORDS : first of the value's words in `words`, and how many
        NUMBERED : dates as yyyymmdd, numbers as they are, the kind of an identifier (numbers of
            two kinds are no two numbers of one), 0 where it is not known; of names the upper half
            is equal where they are but for tones, 0 where letters were lost, the lower half where
            they sound the same
    units : uint16[n_units]
    words : int64[n], word number << 24 | first unit << 8 | USUAL | length (at most 127)
    """

    rows: npt.NDArray[np.int32]
    form: npt.NDArray[np.int8]
    mark: npt.NDArray[np.int16]
    partner: npt.NDArray[np.int8]
    info: npt.NDArray[np.int64]
    units: npt.NDArray[np.uint16]
    words: npt.NDArray[np.int64]


class Texts(NamedTuple):
    """What comparing the text of two values reads: `info`, `units` and `words` of `Values`."""

    info: npt.NDArray[np.int64]
    units: npt.NDArray[np.uint16]
    words: npt.NDArray[np.int64]


@inlined
def texts_of(v: Values) -> Texts:
    """The text of all values: three arrays, as every further one costs a call some time."""
    return Texts(v.info, v.units, v.words)
