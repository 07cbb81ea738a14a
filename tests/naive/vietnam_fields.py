"""Textbook twins of the kernels that read Vietnamese numbers, dates and places."""

import re
from itertools import pairwise

_PARTS = re.compile(r"([0-9]{1,4})[-/. ]([0-9]{1,4})[-/. ]([0-9]{1,4})")
_TIME = re.compile(r"[T ] *[0-9]{1,2}:[0-9]{2}[^/]{0,40}")


def texts_of(data, offsets):
    """The texts of a column, a character a byte."""
    return [bytes(data[a:b]).decode("latin-1") for a, b in pairwise(offsets)]


def read_codes(data, offsets, heads, numbers, lengths):
    """With a regular expression."""
    for row, text in enumerate(texts_of(data, offsets)):
        bare = re.sub(r"[ \-'.\t]", "", text)
        found = re.fullmatch(r"([A-Za-z]{0,2}|\+)([0-9]{0,18})", bare)
        lengths[row] = -1
        if found is not None and text.count(".") != 1:
            letters, digits = found.groups()
            head = 0
            for letter in letters.upper():
                head = 31 if letter == "+" else head * 32 + ord(letter) - 64
            heads[row], numbers[row], lengths[row] = head, int(digits or "0"), len(digits)


def write_codes(heads, numbers, lengths, out, out_offsets):
    """With Python's own strings."""
    at = 0
    out_offsets[0] = 0
    for row in range(len(numbers)):
        text = ""
        if lengths[row] > 0:
            letters = [p for p in divmod(int(heads[row]), 32) if p]
            text = "".join(chr(64 + p) for p in letters) + str(int(numbers[row])).zfill(
                lengths[row]
            )
        out[at : at + len(text)] = list(text.encode())
        at += len(text)
        out_offsets[row + 1] = at


def read_date_parts(data, offsets, keys):
    """With regular expressions."""
    for row, text in enumerate(texts_of(data, offsets)):
        text = text.strip(" ")
        keys[row] = -1
        digits = re.fullmatch(r"[0-9]+", text)
        if digits is not None and (len(text) <= 8 or len(text) in (10, 12, 14)):
            keys[row] = (1 << 62) | (int(text[:8]) * 16 + len(text[:8]))
        found = _PARTS.match(text)
        if found is not None:
            rest = text[found.end() :]
            timed = _TIME.fullmatch(rest) and rest.isascii() and rest.isprintable()
            if not rest or timed:
                key = 0
                for part in found.groups():
                    key = key << 17 | (int(part) * 8 + len(part))
                keys[row] = key


def hash_text(data, start, stop):
    """FNV-1a in Python's integers."""
    value = 14695981039346656037
    for byte in bytes(data[start:stop]):
        value = (value ^ byte) * 1099511628211 % (1 << 64)
    return value


def table_of(words):
    """A hash table of texts as a dictionary of hashes."""
    pairs = zip(words.keys.tolist(), words.actions.tolist(), strict=True)
    return {key: action for key, action in pairs if key}


def action_of(table, text):
    """What a table does with a text; -1 where it does not know it."""
    raw = text.encode()
    return table.get(hash_text(raw, 0, len(raw)), -1)


def shorten_places(words, names, data, offsets, out, out_offsets, renamed):
    """With lists of words and dictionaries."""
    at = 0
    out_offsets[0] = 0
    kinds, units = table_of(words), table_of(names)
    for row in range(len(offsets) - 1):
        text = bytes(data[offsets[row] : offsets[row + 1]]).decode()
        short = _shortened(words, kinds, text)
        while (shorter := _shortened(words, kinds, " ".join(short))) != short:
            short = shorter
        named, renamed[row] = _renamed(names, units, short)
        raw = " ".join(named).encode()
        out[at : at + len(raw)] = list(raw)
        at += len(raw)
        out_offsets[row + 1] = at


def _short(words, action):
    place = action >> 8
    return bytes(words.texts[words.ends[place] : words.ends[place + 1]]).decode()


def _number(word):
    bare = word.lstrip("0")
    return bare if bare[:1].isdigit() and bare[:1].isascii() else "0" * (word != bare) + bare


def _digit(word):
    return "0" <= word[:1] <= "9"


def _shortened(words, table, text):
    # A comma is a token of its own here.
    tokens = re.findall(r"[^ ,]+|,", text)
    starts = [m.start() for m in re.finditer(r"[^ ,]+|,", text)]
    out = []
    i, beginning = 0, True
    while i < len(tokens):
        if tokens[i] == ",":
            beginning = True
            i += 1
            continue
        best, action = i + 1, -1
        for n in (1, 2, 3):
            phrase = tokens[i : i + n]
            if len(phrase) < n or "," in phrase:
                break
            end = starts[i + n - 1] + len(tokens[i + n - 1])
            if text[starts[i] : end] != " ".join(phrase):
                break
            known = action_of(table, " ".join(phrase))
            if n == 1 and (known < 0 or not known & 16):
                best, action = i + 1, known if known >= 0 and known & 32 else -1
                break
            if known >= 0 and known & 32:
                best, action = i + n, known
        following = best
        while following < len(tokens) and tokens[following] == ",":
            following += 1
        more = following < len(tokens)
        numbered = more and _digit(tokens[following])
        taken = beginning or not action & 1
        if action >= 0 and more:
            if numbered and action & 4 and taken:
                i = following
                continue
            if numbered and action & 8:
                out.append(_short(words, action) + _number(tokens[following]))
                beginning = True
                i = following + 1
                continue
            if not numbered and action & 2 and taken:
                i = following
                continue
        word = tokens[i]
        beginning = _digit(word)
        letters = re.match(r"[^0-9]*", word).group()
        joined = action_of(table, letters) if letters != word else -1
        if _digit(word):
            out.append(_number(word))
        elif joined >= 0 and joined & 32 and joined & 8:
            out.append(_short(words, joined) + _number(word[len(letters) :]))
            beginning = True
        else:
            out.append(word)
        i += 1
        if i < len(tokens) and tokens[i] == ",":
            beginning = True
    return out


def _renamed(names, table, words):
    changed = False
    for _ in range(4):
        for n in (4, 3, 2, 1):
            end = " ".join(words[-n:])
            place = action_of(table, end) if len(words) >= n else -1
            if place < 0:
                continue
            new = bytes(names.texts[names.ends[place] : names.ends[place + 1]]).decode()
            if not new and len(words) == n:
                continue
            break
        else:
            break
        if new == end:
            break
        changed |= bool(new)
        words = words[:-n] + new.split()
    return words, changed
