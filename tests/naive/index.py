"""Textbook twins of the index's kernels."""

import hashlib
import re

import numpy as np
from naive.encode import hash_texts


def group_rows(person, age, starts, rows):
    """Sort by person, age and row."""
    for one in range(len(starts)):
        starts[one] = sum(p < one for p in person.tolist())
    rows[:] = sorted(range(len(person)), key=lambda row: (person[row], age[row], row))


def agree(starts, rows, offsets, text, valid, shift, out):
    """Look at each person's values as bytes."""
    blank = {*range(33), 0xC2, 0xE1, 0xE2, 0xE3}
    for person in range(len(out)):
        held = {}
        for row in rows[starts[person] : starts[person + 1]].tolist():
            bit = row + shift
            null = len(valid) and not int(valid[bit // 8]) >> bit % 8 & 1
            value = b"" if null else text[offsets[row] : offsets[row + 1]].tobytes()
            if value:
                held.setdefault(value, row)
        unsure = len(held) > 1 or any(value[0] in blank for value in held)
        out[person] = -2 if unsure else next(iter(held.values()), -1)


def hash_plain(offsets, text, hashes, beyond):
    """Put each text right by regular expressions; those beyond ASCII only get their marks."""
    for row in range(len(hashes)):
        value = text[offsets[row] : offsets[row + 1]].tobytes()
        beyond[row] = 0
        if max(value, default=0) >= 128:
            blanks = re.search(rb"  |[\t\n\f\r]", value)
            marks = re.search(rb"[\xcc\xcd]", value)
            beyond[row] = 4 + (2 if marks else 0) + (1 if blanks else 0)
            continue
        plain = value.strip(bytes([*range(9, 14), *range(28, 33)]))
        plain = re.sub(rb"[ \t\n\f\r]+", b" ", plain).upper()
        if not plain:
            hashes[row] = 0
            continue
        hashes[row] = 0xCBF29CE484222325
        own = hashes[row : row + 1]
        hash_texts(np.array([0, len(plain)]), np.frombuffer(plain, np.uint8), own)


def survive(starts, rows, hashes, ranks, frequent, chosen, rule):
    """Ask one rule after the other."""
    for person in range(len(chosen)):
        left = [i for i in range(starts[person], starts[person + 1]) if hashes[i] != 0]
        rule[person] = 0
        if len({int(hashes[i]) for i in left}) > 1:
            for k, counts in enumerate(frequent.tolist()):
                held = [int(hashes[i]) for i in left]
                own = {i: -held.count(int(hashes[i])) if counts else int(ranks[k, i]) for i in left}
                left = [i for i in left if own[i] == min(own.values())]
                if rule[person] == 0 and len({int(hashes[i]) for i in left}) == 1:
                    rule[person] = k + 1
            if rule[person] == 0:
                rule[person] = len(frequent) + 1
                left = sorted(left, key=lambda i: int(rows[i]))
        chosen[person] = left[0] if left else -1


def chain_rows(offsets, content, before, out):
    """Ask the library, row by row."""
    last = before.tobytes()
    for row in range(len(out)):
        own = content[offsets[row] : offsets[row + 1]].tobytes()
        last = hashlib.blake2b(last + own, digest_size=16).digest()
        out[row] = np.frombuffer(last, np.uint8)
