"""Textbook twins of the kernels that read Vietnamese numbers, dates and places."""

import re
from itertools import pairwise

import numpy as np
from naive.standardise import mix_bytes

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
            timed = _TIME.fullmatch(rest) and all(32 <= ord(c) < 128 for c in rest)
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


def action_of(keys, actions, key):
    """A dictionary of hashes."""
    pairs = zip(keys.tolist(), actions.tolist(), strict=True)
    return {known: action for known, action in pairs if known}.get(int(key), -1)


def _text(phrases, place):
    return bytes(phrases.texts[phrases.ends[place] : phrases.ends[place + 1]]).decode()


def _hash(word):
    raw = word.encode()
    return hash_text(raw, 0, len(raw))


def _number(word):
    bare = word.lstrip("0")
    return bare if bare[:1].isdigit() and bare[:1].isascii() else "0" * (word != bare) + bare


def judge_words(phrases, data, offsets, lexicon):
    """With regular expressions."""
    lexicon.ends[0] = 0
    for word in range(len(offsets) - 1):
        text = bytes(data[offsets[word] : offsets[word + 1]]).decode()
        key = mix_bytes(0, _hash(text))
        lexicon.hashes[word] = _hash(text)
        lexicon.actions[word] = action_of(phrases.keys, phrases.actions, key)
        letters, digits = re.fullmatch(r"([^0-9]*)(.*)", text).groups()
        form, lexicon.natures[word] = text, 0
        if digits and not letters:
            form, lexicon.natures[word] = _number(digits), 1
        elif digits:
            key = mix_bytes(0, _hash(letters))
            action = action_of(phrases.keys, phrases.actions, key)
            if action >= 0 and action & 32 and action & 8:
                form = _text(phrases, action >> 8) + _number(digits)
                lexicon.natures[word] = 2
        lexicon.keys[word] = _hash(form)
        at = lexicon.ends[word]
        lexicon.forms[at : at + len(form.encode())] = list(form.encode())
        lexicon.ends[word + 1] = at + len(form.encode())


def find_phrase(keys, actions, hashes, line, i, size):
    """The longest first."""
    ahead = line[i:size].tolist()
    ahead = ahead[: ahead.index(-1)] if -1 in ahead else ahead
    for n in range(min(4, len(ahead)), 0, -1):
        key = 0
        for word in ahead[:n]:
            key = mix_bytes(key, int(hashes[word]))
        action = action_of(keys, actions, key)
        if action >= 0 and action & 32:
            return n, action
    return 1, -1


def rename_end(names, out, begin, places, keys, n_words):
    """With a list of words."""
    stop = begin + int(places[n_words]) - 1
    words = bytes(out[begin:stop]).decode().split(" ")
    # A word whose key is 0 is no part of a name.
    whole = " ".join(w if k else "\0" for w, k in zip(words, keys[:n_words].tolist(), strict=True))
    known, changed = _renamed(names, whole.split(" "))
    kept = words[: len(known)]
    new = [w if w != "\0" else kept[i] for i, w in enumerate(known)]
    raw = " ".join(new).encode()
    out[begin : begin + len(raw)] = list(raw)
    return begin + len(raw), changed


def _renamed(names, words):
    changed = False
    for _ in range(4):
        for n in (4, 3, 2, 1):
            key = 0
            for word in reversed(words[-n:]):
                key = mix_bytes(key, _hash(word))
            action = action_of(names.keys, names.actions, key) if len(words) >= n else -1
            if action < 0 or not action & 32:
                continue
            new = _text(names, action >> 8)
            if not new and len(words) == n:
                continue
            break
        else:
            break
        if new == " ".join(words[-n:]):
            break
        changed |= bool(new)
        words = words[:-n] + new.split()
    return words, changed


def write_places(
    phrases, names, lexicon, words, begins, pieces, first, row, line, shorts, out, out_offsets,
    renamed,
):  # fmt: skip
    """With lists of words, read again until nothing changes; no line is too long."""
    for address in range(row, len(first) - 1):
        tokens = []
        for piece in pieces[first[address] : first[address + 1]]:
            tokens += [(int(w), -1) for w in words[begins[piece] : begins[piece + 1]]]
        short = _shortened(phrases, lexicon, tokens)
        while (shorter := _shortened(phrases, lexicon, short)) != short:
            short = shorter
        texts = [(_text(phrases, s) if s >= 0 else "") + _form(lexicon, w) for w, s in short]
        named, renamed[address] = _renamed(names, texts)
        raw = " ".join(named).encode()
        at = out_offsets[address]
        out[at : at + len(raw)] = list(raw)
        out_offsets[address + 1] = at + len(raw)
    return len(first) - 1


def _form(lexicon, word):
    return bytes(lexicon.forms[lexicon.ends[word] : lexicon.ends[word + 1]]).decode()


def _shortened(phrases, lexicon, tokens):
    """Words and the places of short forms before them, -1 where there is none; -1 is a comma."""
    line = np.array([-1 if short >= 0 else word for word, short in tokens], np.int32)
    out = []
    i, beginning = 0, True
    while i < len(tokens):
        word, short = tokens[i]
        if word < 0:
            beginning = True
            i += 1
            continue
        count, action = 1, -1
        if short < 0:
            count, action = find_phrase(
                phrases.keys, phrases.actions, lexicon.hashes, line, i, len(line)
            )
        following = i + count
        while following < len(tokens) and tokens[following][0] < 0:
            following += 1
        more = following < len(tokens)
        numbered = more and tokens[following][1] < 0 and lexicon.natures[line[following]] == 1
        taken = beginning or not action & 1
        if action >= 0 and more:
            if numbered and action & 4 and taken:
                i = following
                continue
            if numbered and action & 8:
                out.append((tokens[following][0], action >> 8))
                beginning = True
                i = following + 1
                continue
            if not numbered and action & 2 and taken:
                i = following
                continue
        out.append((word, short))
        beginning = bool(short >= 0 or lexicon.natures[word])
        i += 1
    return out
