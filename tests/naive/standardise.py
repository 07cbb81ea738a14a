"""Textbook twins of the standardising room's kernels."""


def fold_text(data, offsets, targets, marks, out, out_offsets, out_marks):
    """Character by character, in Python's own strings."""
    at = 0
    out_offsets[0] = 0
    for row in range(len(offsets) - 1):
        text = bytes(data[offsets[row] : offsets[row + 1]]).decode()
        found, kept = 0, []
        for char in text:
            if ord(char) > 0xFFFF:
                found |= 1
                break
            found |= int(marks[ord(char)])
            target = int(targets[ord(char)])
            if target < 0:
                found |= 1
                break
            if target:
                kept.append(chr(target))
        folded = b"" if found & 1 else " ".join("".join(kept).split(" ")).encode()
        folded = b" ".join(folded.split())
        out[at : at + len(folded)] = list(folded)
        at += len(folded)
        out_offsets[row + 1] = at
        out_marks[row] = found


def word_at(data, start, stop):
    """Eight bytes, big end first, with zeros after the text's end."""
    piece = bytes(data[start:stop])[:8] if start < stop else b""
    return int.from_bytes(piece.ljust(8, b"\0"), "big")


def compare_text(data, a, a_stop, b, b_stop):
    """Python's order of bytes."""
    left, right = bytes(data[a:a_stop]), bytes(data[b:b_stop])
    return (left > right) - (left < right)


def sort_text(data, offsets, order, same):
    """Python's sort."""
    texts = [bytes(data[offsets[i] : offsets[i + 1]]) for i in range(len(offsets) - 1)]
    order[:] = sorted(range(len(texts)), key=lambda i: texts[i])
    ranked = sorted(texts)
    same[:] = [i > 0 and ranked[i] == ranked[i - 1] for i in range(len(texts))]


def sort_few(data, offsets, order, same, words, low, high, depth):
    """Python's sort of a part of the order."""
    rows = sorted(
        order[low : high + 1].tolist(), key=lambda i: bytes(data[offsets[i] : offsets[i + 1]])
    )
    order[low : high + 1] = rows
    for k in range(low + 1, high + 1):
        a, b = order[k - 1], order[k]
        same[k] = bytes(data[offsets[a] : offsets[a + 1]]) == bytes(
            data[offsets[b] : offsets[b + 1]]
        )
