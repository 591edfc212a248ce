#!/usr/bin/env python3
"""Makes the golden journals beside this script, without the Swift code.

Each holds three steps; the second has a digest of the weights. The tests read them, and write the same
bytes from the same values. Usage: make-golden.py
"""
import pathlib
import struct
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from xxh64 import xxh64

HEADER = {"seed": 7, "config": 0x1111, "data": 0x2222, "weights": 0x3333}


def signs(values):
    padded = values + [0] * (-len(values) % 5)
    groups = [padded[i:i + 5] for i in range(0, len(padded), 5)]
    return bytes(sum((v % 3) * 3**i for i, v in enumerate(group)) for group in groups)


def nibbles(values):
    padded = values + [0] * (-len(values) % 2)
    return bytes((a & 15) | (b & 15) << 4 for a, b in zip(padded[::2], padded[1::2]))


def octets(values):
    return bytes(v & 255 for v in values)


def journal(name, code, pairs, bodies, first_step=0):
    header = b"EGGJRNL\n" + struct.pack(
        "<2I6Q", 1, code, pairs, first_step, HEADER["seed"], HEADER["config"], HEADER["data"],
        HEADER["weights"])
    chain = xxh64(header)
    data = header + struct.pack("<Q", chain)
    for number, body in enumerate(bodies):
        digest = struct.pack("<Q", 0x4444) if number == 1 else b""
        size = 16 + len(body) + len(digest) + 8
        step = first_step + number + 1
        record = struct.pack("<2IQ", size, 1 if digest else 0, step) + body + digest
        chain = xxh64(record, chain)
        data += record + struct.pack("<Q", chain)
    (pathlib.Path(__file__).parent / f"{name}.egg").write_bytes(data)


SIGNS = [[1, -1, 0, 0, 1, -1, -1], [0] * 7, [-1] * 7]
journal("sign", 1, 7, [signs(v) for v in SIGNS])
journal("magnitude4", 2, 3, [nibbles(v) for v in [[7, -7, 0], [1, -1, 2], [0, 0, -7]]])
journal("magnitude8", 3, 3, [octets(v) for v in [[127, -127, 0], [1, -1, 2], [0, 0, -127]]])
journal("votes", 0, 0, [struct.pack("<Q", v) for v in [5, 6, 7]], first_step=100)
