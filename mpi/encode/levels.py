"""Comparison levels: the ordered outcomes of comparing two values of one form.

-1 is missing, 0 all other, higher is closer, as Splink numbers them. The kernels in
`_kernels.py` produce these numbers; `LEVELS` gives them words.
"""

from __future__ import annotations

from mpi.schema import Form

LEVELS: dict[Form, tuple[str, ...]] = {
    Form.NAME: (
        "different",
        "a word or the start in common",
        "similar",
        "one word is another",
        "first and last word the same",
        "one slip",
        "sounds the same",
        "same words in another order",
        "a word missing or abbreviated",
        "same but for accents",
        "same but for tone marks or spelling style",
        "identical",
    ),
    Form.DATE: (
        "different",
        "same year",
        "two of day, month, year agree",
        "agree as far as known",
        "one digit off, or day and month swapped",
        "identical",
    ),
    Form.IDENTIFIER: (
        "different",
        "two digits off",
        "one digit off, or zeros lost",
        "identical",
    ),
    Form.TEXT: (
        "different",
        "some words in common",
        "half of the words in common",
        "nearly the same",
        "identical",
    ),
    Form.NUMBER: ("different", "one apart", "identical"),
    Form.CATEGORY: ("different", "identical"),
}
"""Words for each level, from 0 upwards; the last is always "identical"."""

IN_COMMON, SIMILAR, ANOTHER_WORD, ENDS, SLIP, SOUNDS = 1, 2, 3, 4, 5, 6
ANOTHER_ORDER, WORD_MISSING, ACCENTS, TONES, SAME_NAME = 7, 8, 9, 10, 11
"""The levels of names; from `SLIP` on two values are one name."""

MISSING = "missing"

PRIOR_M: dict[Form, tuple[float, ...]] = {
    Form.NAME: (0.04, 0.012, 0.018, 0.01, 0.01, 0.045, 0.01, 0.02, 0.02, 0.055, 0.01, 0.75),
    Form.DATE: (0.02, 0.01, 0.02, 0.04, 0.06, 0.85),
    Form.IDENTIFIER: (0.08, 0.02, 0.05, 0.85),
    Form.TEXT: (0.20, 0.05, 0.10, 0.15, 0.50),
    Form.NUMBER: (0.10, 0.05, 0.85),
    Form.CATEGORY: (0.06, 0.94),
}
"""What a clerk's errors usually look like: m before any data was seen. Weighs as much as a few
dozen matching pairs, so it only decides where there are too few to learn from."""

PRIOR_U: dict[Form, tuple[float, ...]] = {
    Form.NAME: (
        *(0.94765, 0.045, 0.003, 0.0015, 0.0005, 0.0005),
        *(0.0002, 0.0001, 0.0004, 0.0001, 0.00005, 0.001),
    ),
    Form.DATE: (0.9749, 0.02, 0.004, 0.0005, 0.0005, 0.0001),
    Form.IDENTIFIER: (0.99988, 0.0001, 0.00001, 0.00001),
    Form.TEXT: (0.939, 0.05, 0.008, 0.002, 0.001),
    Form.NUMBER: (0.9, 0.05, 0.05),
    Form.CATEGORY: (0.6, 0.4),
}
"""How strangers usually compare: u before any data was seen. Weighs as much as a few pairs."""


def label(form: Form, level: int) -> str:
    """The level in words.

    Examples
    --------
    >>> label(Form.NUMBER, 1), label(Form.DATE, -1)
    ('one apart', 'missing')
    """
    return MISSING if level < 0 else LEVELS[form][level]
