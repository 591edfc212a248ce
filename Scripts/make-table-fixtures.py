#!/usr/bin/env python3
"""Writes Tests/Fixtures/tables.json: the tables of FixedPoint from arbitrary-precision reals (mpmath)."""
import json
import pathlib

import mpmath as mp

mp.mp.dps = 80
two = mp.mpf(2)


def tail(x):
    return mp.erfc(x / mp.sqrt(2)) / 2


def nearest(x):
    return int(mp.nint(x))


def quantile(numerator, denominator):
    half = mp.mpf(numerator) / denominator / 2
    j = 0
    while j < 128 and half <= tail(mp.mpf(j + 1) / 16):
        j += 1
    return j


steps = [0, 1, 2, 10, 67, 100, 667, 1000, 6000, 66667, 10**6, 10**8]
table = {
    "exp2": [int(mp.floor(16 * two ** (mp.mpf(i) / 16))) for i in range(256)],
    "mantissas": [int(mp.floor(two ** (19 + mp.mpf(r) / 16))) for r in range(16)],
    "fineMantissas": [int(mp.floor(two ** (32 + mp.mpf(r) / 16))) for r in range(16)],
    "log2": [[v, int(mp.floor(16 * mp.log(mp.mpf(v) / 16, 2)))]
             for v in sorted({16, 17, 4095, 4096, 4097, 65535, 65536, 99999, 2**28}
                             | {int(mp.ceil(two ** (mp.mpf(k) / 16))) + d
                                for k in range(200, 448, 7) for d in (-1, 0, 1)})],
    "fineLog2": [nearest(4096 * mp.log((mp.mpf(2 * i + 8193)) / 8192, 2)) for i in range(4096)],
    "tail": [int(mp.floor(tail(mp.mpf(s) / 32) * two**60)) for s in range(257)],
    "quantile": [[t, quantile(1000, 15 * t + 1000)] for t in steps],
    "sigmoid": [nearest(254 / (1 + mp.e ** (-mp.mpf(i) / 16)) - 127) for i in range(-128, 128)],
}
path = pathlib.Path(__file__).parent.parent / "Tests/Fixtures/tables.json"
path.write_text("{\n" + ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in table.items()) + "\n}\n")
