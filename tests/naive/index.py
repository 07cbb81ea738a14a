"""Textbook twins of the index's kernels."""


def hash_texts(offsets, data, hashes):
    """FNV-1a over each text's bytes and an end mark, in Python's unbounded integers."""
    for i in range(len(hashes)):
        value = int(hashes[i])
        for byte in [*data[offsets[i] : offsets[i + 1]].tolist(), 255]:
            value = ((value ^ byte) * 0x100000001B3) % 2**64
        hashes[i] = value
