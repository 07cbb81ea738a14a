"""The text of all fields' values, taken apart once: units, letters and numbered words."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.schema import Form
from mpi.scratch import Scratch
from mpi.standardise.fold import fold, folding_table
from mpi.standardise.rules import Locale
from mpi.standardise.table import StandardColumn

_REACH = 72
"""Units behind the last value: kernels read 66 from where one begins."""
_FIRST_SLOTS = 1 << 13
_SHORT = 1 << 16
_FEW = 512
"""Texts and words that are numbered one by one: Arrow takes longer to begin."""
_BLANK = 32


class Taken(NamedTuple):
    """What is known of the values of all fields, as `Values` has it, and the words by number.

    info : int64[g, 8]
    units : uint16[n_units]
    words : int64[n]
    vocabulary : string[n_words], folded
    """

    info: npt.NDArray[np.int64]
    units: npt.NDArray[np.uint16]
    words: npt.NDArray[np.int64]
    vocabulary: pa.Array


def take_apart(
    columns: tuple[StandardColumn, ...],
    locale: Locale,
    pool: Executor | None = None,
    scratch: Scratch | None = None,
) -> Taken:
    """Take the values of all fields apart, each field's into its part of `info`.

    locale : says what words of names are without tones, sound like, and which are usual
    pool : identifiers, which hold no words to be numbered, are taken apart beside the others
    scratch : where all of it goes
    """
    from mpi.encode._kernels import MOST_WORDS, encode_text, make_dictionary, widen
    from mpi.encode._kernels_marks import number_names
    from mpi.encode._kernels_values import USUAL

    scratch = scratch or Scratch()
    texts = [f for f, c in enumerate(columns) if _is_text(c)]
    worded = [f for f in texts if columns[f].form != Form.IDENTIFIER]
    base = np.concatenate([[0], np.cumsum([len(c.values) for c in columns])]).astype(np.int64)
    info = scratch.zeros((int(base[-1]), 8), np.int64)
    for f, column in enumerate(columns):
        if f not in texts:
            info[base[f] : base[f + 1], 3] = -1
            info[base[f] : base[f + 1], 7] = _numbers(column)
        elif column.field.kind in locale.number_kinds:
            info[base[f] : base[f + 1], 7] = locale.number_kinds[column.field.kind](column.values)

    if not texts:
        words = np.zeros(MOST_WORDS, np.int64)
        return Taken(info, np.zeros(_REACH, np.uint16), words, pa.array([], pa.string()))

    def read(fields: list[int]) -> _Read:
        """Take some fields apart; words are numbered as they are met in one after the other."""
        if not fields:
            return _Read({}, np.zeros(MOST_WORDS, np.int64), np.zeros(0, np.int64), [], [])
        n_words = sum(_most_words(columns[f].values) for f in fields if f in worded)
        words = np.zeros(n_words + MOST_WORDS, np.int64)
        spelt = np.zeros(len(words), np.int64)
        # Of a few texts, to clear large ones would take longer than all else.
        slots = min(_FIRST_SLOTS, 1 << (2 * n_words + 64).bit_length())
        dictionary, spellings = make_dictionary(slots), make_dictionary(slots)
        units: dict[int, npt.NDArray[np.uint16]] = {}
        spelled: list[str] = []
        exact: list[str] = []
        done = np.zeros(5, np.int64)
        for f in fields:
            own = info[base[f] : base[f + 1]]
            named = spelt if columns[f].form == Form.NAME else spelt[:0]
            raw, offsets = text_bytes(columns[f].values)
            done[:2] = 0
            units[f] = np.zeros(len(raw), np.uint16)
            while done[0] < len(own):
                v = int(done[0])
                room = int(offsets[v + 1] - offsets[v]) // 2 + 1
                dictionary = widen(dictionary, int(done[3]), room)
                spellings = widen(spellings, int(done[4]), room)
                depth = 2 if f in worded else 4
                text = raw, offsets, folding_table(), depth, f in worded
                encode_text(*text, own, units[f], words, dictionary, named, spellings, done)
            units[f] = units[f][: done[1]].copy()
            scratch.let_go()
            spelled += _spellings(raw, dictionary.places[len(spelled) : done[3]])
            exact += _spellings(raw, spellings.places[len(exact) : done[4]])
        return _Read(units, words[: done[2] + MOST_WORDS], spelt, spelled, exact)

    others = [f for f in texts if f not in worded]
    folding_table()
    waiting = pool.submit(read, others) if pool else None
    units, words, spelt, spelled, exact = read(worded)
    units |= (waiting.result() if waiting else read(others)).units
    first = 0
    for f in texts:
        info[base[f] : base[f + 1], 0] += first
        first += len(units[f])
    vocabulary = pa.array([], pa.string())
    if worded:
        made = locale.toneless(exact), locale.sounds(exact)
        toneless, sounds = (_numbered(own) for own in made)
        toneless[np.array(["?" in word for word in exact], np.bool_)] = -1
        for f in worded:
            if columns[f].form == Form.NAME:
                number_names(info[base[f] : base[f + 1]], spelt, toneless, sounds)
        vocabulary = fold(pa.array(spelled, pa.string()))
        usual = np.append(locale.usual(vocabulary.to_pylist()), False)
        words |= np.where(usual, USUAL, 0)[words >> 24]
    # Behind the last value are zeros, as kernels that read beyond it want them.
    words[len(words) - MOST_WORDS :] = 0
    every = scratch.zeros(first + _REACH, np.uint16)
    np.concatenate([units[f] for f in texts], out=every[:first])
    return Taken(info, every, scratch.copy(words), vocabulary)


class _Read(NamedTuple):
    """Some fields taken apart: the units of each, and the words of all of them."""

    units: dict[int, npt.NDArray[np.uint16]]
    words: npt.NDArray[np.int64]
    spelt: npt.NDArray[np.int64]
    spelled: list[str]
    exact: list[str]


def _numbered(texts: list[str]) -> npt.NDArray[np.int64]:
    """int64[n], equal where the texts are."""
    if len(texts) <= _FEW:
        number: dict[str, int] = {}
        return np.array([number.setdefault(text, len(number)) for text in texts], np.int64)
    return np.asarray(pa.array(texts, pa.string()).dictionary_encode().indices).astype(np.int64)


def _is_text(column: StandardColumn) -> bool:
    texts = (Form.NAME, Form.TEXT, Form.IDENTIFIER)
    return column.form in texts and len(column.values) > 0


def text_bytes(text: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """UTF-8 bytes of all values, and where each begins; one byte more than there are."""
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    data = text.buffers()[2]
    raw = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return np.append(raw[: offsets[-1]], np.uint8(_BLANK)), offsets.astype(np.int64)


def _most_words(texts: pa.Array) -> int:
    """Words that there can be: one more than blanks in each value."""
    blanks = pc.sum(pc.count_substring(texts, " ")).as_py() or 0
    return int(blanks) + len(texts) + 1


def _spellings(raw: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]) -> list[str]:
    """The text of words, by their places."""
    if len(raw) <= _SHORT:
        whole = raw.tobytes()
        return [
            whole[p >> 16 : (p >> 16) + (p & 0xFFFF)].decode(errors="ignore")
            for p in places.tolist()
        ]
    return [
        raw[p >> 16 : (p >> 16) + (p & 0xFFFF)].tobytes().decode(errors="ignore")
        for p in places.tolist()
    ]


def _numbers(column: StandardColumn) -> npt.NDArray[np.int64] | int:
    """Dates as yyyymmdd and numbers rounded; 0 for every other form."""
    if column.form == Form.DATE and len(column.values) <= _FEW:
        dates = [int(text.replace("-", "")) for text in column.values.to_pylist()]
        return np.array(dates, np.int64)
    if column.form == Form.DATE:
        digits = pc.replace_substring(column.values, pattern="-", replacement="")
        return np.asarray(pc.cast(digits, pa.int64()), dtype=np.int64)
    if column.form == Form.NUMBER:
        whole = pc.cast(column.values, pa.float64())
        rounded: npt.NDArray[np.float64] = np.rint(np.asarray(whole, dtype=np.float64))
        return np.clip(rounded, -(2.0**52), 2.0**52).astype(np.int64)
    return 0
