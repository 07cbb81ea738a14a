"""Textbook twins of the index's kernels."""


def hash_texts(offsets, data, hashes):
    """FNV-1a over each text's bytes and an end mark, in Python's unbounded integers."""
    for i in range(len(hashes)):
        value = int(hashes[i])
        for byte in [*data[offsets[i] : offsets[i + 1]].tolist(), 255]:
            value = ((value ^ byte) * 0x100000001B3) % 2**64
        hashes[i] = value


def choose_rows(starts, rows, values, out):
    """Count each person's values in a dictionary; the first of the most frequent wins."""
    for person in range(len(out)):
        own = rows[starts[person] : starts[person + 1]].tolist()
        votes = {}
        for row in own:
            if values[row] != 0:
                votes.setdefault(int(values[row]), []).append(row)
        winner = max(votes.values(), key=len, default=[-1])
        out[person] = winner[0]
