"""Textbook twins of the kernels over Vietnamese names."""

import re


def find_words(data, offsets, blanks, table, begin, n_words, words, first, starts, lengths):
    """A dictionary of the words that a regular expression finds, with no need of a table."""
    numbers, found = {}, []
    stops = "".join(re.escape(chr(b)) for b in range(33) if int(blanks) >> b & 1).encode()
    for row in range(len(offsets) - 1):
        start, end = int(offsets[row]), int(offsets[row + 1])
        for match in re.finditer(b"[^" + stops + b"]+", bytes(data[start:end])):
            if match.group() not in numbers:
                starts[len(numbers)] = start + match.start()
                lengths[len(numbers)] = len(match.group())
                numbers[match.group()] = len(numbers)
            found.append(numbers[match.group()])
        first[row + 1] = len(found)
    words[: len(found)] = found
    return len(offsets) - 1, len(numbers)


def join_words(words, first, data, offsets, marks, at_head, at_end, out, out_offsets, out_marks):
    """Join the words that are left, and gather their marks."""
    texts = [bytes(data[offsets[i] : offsets[i + 1]]) for i in range(len(offsets) - 1)]
    whole = b""
    out_offsets[0] = 0
    for row in range(len(first) - 1):
        mine = [int(w) for w in words[first[row] : first[row + 1]]]
        left = [w for w in mine if texts[w]]
        whole += b" ".join(texts[w] for w in left)
        out_offsets[row + 1] = len(whole)
        found = 0
        for word in mine:
            found |= int(marks[word]) & ~(int(at_head) | int(at_end))
        if left:
            found |= int(marks[left[0]]) & int(at_head)
            found |= int(marks[left[-1]]) & int(at_end)
        out_marks[row] = found
    out[: len(whole)] = list(whole)
