"""Kernels that choose golden values: whose records agree, and the rules where they do not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, inner, njit, prefetch

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]

FEW = 32
"""Up to here looking at all pairs of a person's records is faster than sorting them."""
ONE, MANY = -1, -2

BLANKS, MARKS, LETTERS = np.uint8(1), np.uint8(2), np.uint8(4)
"""What a value beyond ASCII may hold: blanks to be put right, combining marks, letters."""

_AHEAD = 16
_PRIME = np.uint64(0x100000001B3)
_BASIS = np.uint64(0xCBF29CE484222325)
_END = np.uint64(255)


@allocating
def group_rows(person: Integers, age: Integers, starts: Integers, rows: Rows) -> None:
    """Rows by person, the youngest first, those of one age in their order.

    person : int64[n_records], 0 to n_persons - 1
    age : int64[n_records]
    starts : int64[n_persons + 1], filled: where each person's rows begin
    rows : int32[n_records], filled
    """
    starts[:] = 0
    for row in range(len(person)):
        starts[person[row] + 1] += 1
    for one in range(1, len(starts)):
        starts[one] += starts[one - 1]
    place = starts[:-1].copy()
    for row in range(len(person)):
        at = place[person[row]]
        rows[at] = row
        place[person[row]] = at + 1
    for one in range(len(starts) - 1):
        first, end = starts[one], starts[one + 1]
        if end - first > FEW:
            own = rows[first:end].copy()
            order = np.argsort(age[own], kind="mergesort")
            for i in range(len(own)):
                rows[first + i] = own[order[i]]
            continue
        for i in range(first + 1, end):
            row, j = rows[i], i
            while j > first and age[rows[j - 1]] > age[row]:
                rows[j] = rows[j - 1]
                j -= 1
            rows[j] = row


@njit
def agree(
    starts: Integers,
    rows: Rows,
    offsets: Offsets,
    text: Bytes,
    valid: Bytes,
    shift: int,
    out: Integers,
) -> None:
    """For each person the first row with a value, if all of the person's values are the same bytes.

    starts, rows : as `group_rows` leaves them
    offsets, text : int32[n_records + 1], uint8[n_bytes], the values
    valid, shift : Arrow's bits of the rows that are not null, from bit `shift` on; empty where all
        are valid
    out : int64[n_persons], filled: a row; -1 without a value; -2 where values differ or one begins
        with what may be a blank
    """
    last = len(rows) - 1
    for person in range(len(out)):
        best = np.int64(-1)
        for i in range(starts[person], starts[person + 1]):
            far = rows[min(i + 2 * _AHEAD, last)]
            prefetch(offsets, far)
            prefetch(text, offsets[rows[min(i + _AHEAD, last)]])
            row = np.int64(rows[i])
            if len(valid) > 0:
                bit = row + shift
                if (valid[bit >> 3] >> np.uint8(bit & 7)) & np.uint8(1) == 0:
                    continue
            begin, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
            if begin == end:
                continue
            lead = text[begin]
            # The first bytes of blanks: ASCII, U+0085, U+00A0, U+1680, U+2000 and on, U+3000.
            if lead <= 32 or lead == 0xC2 or 0xE1 <= lead <= 0xE3:
                best = np.int64(MANY)
                break
            if best == ONE:
                best = row
                continue
            at = np.int64(offsets[best])
            same = np.int64(offsets[best + 1]) - at == end - begin
            while same and begin < end:
                same = text[at] == text[begin]
                at += 1
                begin += 1
            if not same:
                best = np.int64(MANY)
                break
        out[person] = best


@njit
def hash_plain(offsets: Offsets, text: Bytes, hashes: Hashes, beyond: Bytes) -> None:
    """Hashes of texts in capitals with single blanks, and no blanks around; 0 for an empty one.

    offsets, text : int32[n + 1], uint8[n_bytes]
    hashes : uint64[n], filled for texts in ASCII
    beyond : uint8[n], filled: 0 for texts in ASCII, else what others may hold
    """
    for row in range(len(hashes)):
        value = _BASIS
        waiting = False
        begun = False
        kinds = np.uint8(0)
        before = np.uint8(0)
        for i in range(offsets[row], offsets[row + 1]):
            byte = text[i]
            if byte >= 128:
                kinds |= LETTERS
                if byte == 0xCC or byte == 0xCD:
                    kinds |= MARKS
            blank = byte == 32 or byte == 9 or byte == 10 or byte == 12 or byte == 13
            if blank and (byte != 32 or before == 32):
                kinds |= BLANKS
            before = byte
            # Around a text more bytes are blank than inside: vertical tabs and separators.
            edge = blank or byte == 11 or 28 <= byte <= 31
            if edge and not begun:
                continue
            if blank:
                waiting = True
                continue
            if edge:
                # Blank if nothing but blanks follows.
                j = i + 1
                while j < offsets[row + 1] and (9 <= text[j] <= 13 or 28 <= text[j] <= 32):
                    j += 1
                if j == offsets[row + 1]:
                    continue
            begun = True
            if waiting:
                value = (value ^ np.uint64(32)) * _PRIME
                waiting = False
            if 97 <= byte <= 122:
                byte -= np.uint8(32)
            value = (value ^ np.uint64(byte)) * _PRIME
        hashes[row] = (value ^ _END) * _PRIME if begun else np.uint64(0)
        beyond[row] = kinds if kinds & LETTERS else np.uint8(0)


@inner
def _votes(hashes: Hashes, alive: Rows, count: int, ranks: Integers) -> None:
    """The votes for each row's value, less than zero: of few rows."""
    for i in range(count):
        votes = 0
        for j in range(count):
            if hashes[alive[j]] == hashes[alive[i]]:
                votes += 1
        ranks[i] = -votes


@allocating
def _sorted_votes(hashes: Hashes, alive: Rows, count: int, ranks: Integers) -> None:
    """The same of many."""
    own = hashes[alive[:count]]
    order = np.argsort(own, kind="mergesort")
    i = 0
    while i < count:
        j = i
        while j < count and own[order[j]] == own[order[i]]:
            j += 1
        for k in range(i, j):
            ranks[order[k]] = i - j
        i = j


@allocating
def survive(
    starts: Integers,
    rows: Rows,
    hashes: Hashes,
    ranks: npt.NDArray[np.int64],
    frequent: npt.NDArray[np.bool_],
    chosen: Integers,
    rule: Integers,
) -> None:
    """For each person the place of the record whose value survives, and the rule that chose it.

    starts : int64[n_persons + 1], where each person's records begin, the youngest first
    rows : int32[n], the records, which settle ties: the smallest wins
    hashes : uint64[n], of their values, 0 missing
    ranks : int64[n_rules, n], the rank of each record by each rule, the smallest wins
    frequent : bool[n_rules], rules that count the votes for a value in place of ranks
    chosen : int64[n_persons], filled: 0 to n - 1, -1 where the person has no value
    rule : int64[n_persons], filled: 0 where there is a single value, k where rule k - 1 left a
        single one, n_rules + 1 where none did
    """
    largest = 0
    for person in range(len(chosen)):
        largest = max(largest, starts[person + 1] - starts[person])
    alive = np.empty(largest, np.int32)
    own = np.empty(largest, np.int64)
    for person in range(len(chosen)):
        count = 0
        several = False
        for i in range(starts[person], starts[person + 1]):
            if hashes[i] != np.uint64(0):
                alive[count] = i
                several |= hashes[i] != hashes[alive[0]]
                count += 1
        chosen[person] = alive[0] if count else ONE
        rule[person] = 0
        if not several:
            continue
        for k in range(len(ranks)):
            if not frequent[k]:
                for i in range(count):
                    own[i] = ranks[k, alive[i]]
            elif count <= FEW:
                _votes(hashes, alive, count, own)
            else:
                _sorted_votes(hashes, alive, count, own)
            best = own[0]
            for i in range(1, count):
                best = min(best, own[i])
            left = 0
            same = True
            for i in range(count):
                if own[i] == best:
                    alive[left] = alive[i]
                    same &= hashes[alive[left]] == hashes[alive[0]]
                    left += 1
            count = left
            if same and rule[person] == 0:
                rule[person] = k + 1
        if rule[person] == 0:
            rule[person] = len(ranks) + 1
            for i in range(1, count):
                if rows[alive[i]] < rows[alive[0]]:
                    alive[0] = alive[i]
        chosen[person] = alive[0]
