#!/usr/bin/env python3
"""Makes the golden shard directories beside this script, without the Swift code.

The frames come from the zstd program, the seek table and the hashes from the few lines below, so
that the tests compare two independent writers. Usage: make-golden.py (needs zstd on the PATH).
"""
import json
import pathlib
import struct
import subprocess

MASK = (1 << 64) - 1
P1, P2, P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P4, P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def rotate(value, count):
    return ((value << count) | (value >> (64 - count))) & MASK


def step(lane, word):
    return rotate((lane + word * P2) & MASK, 31) * P1 & MASK


def xxh64(data):
    place = 0
    if len(data) >= 32:
        lanes = [P1 + P2 & MASK, P2, 0, -P1 & MASK]
        while place + 32 <= len(data):
            words = struct.unpack_from("<4Q", data, place)
            lanes = [step(lane, word) for lane, word in zip(lanes, words)]
            place += 32
        value = sum(rotate(lane, n) for lane, n in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            value = ((value ^ step(0, lane)) * P1 + P4) & MASK
    else:
        value = P5
    value = value + len(data) & MASK
    while place + 8 <= len(data):
        word = struct.unpack_from("<Q", data, place)[0]
        value = (rotate(value ^ step(0, word), 27) * P1 + P4) & MASK
        place += 8
    if place + 4 <= len(data):
        word = struct.unpack_from("<I", data, place)[0]
        value = (rotate(value ^ word * P1 & MASK, 23) * P2 + P3) & MASK
        place += 4
    for byte in data[place:]:
        value = rotate(value ^ byte * P5 & MASK, 11) * P1 & MASK
    value = (value ^ value >> 33) * P2 & MASK
    value = (value ^ value >> 29) * P3 & MASK
    return value ^ value >> 32


assert xxh64(b"") == 0xEF46DB3751D8E999


def compress(tokens):
    size = f"--stream-size={len(tokens)}"
    command = ["zstd", "-3", "--check", size, "-q", "-c"]
    return subprocess.run(command, input=tokens, stdout=subprocess.PIPE, check=True).stdout


def shard(tokens, frame_tokens):
    frames, entries = b"", b""
    for start in range(0, len(tokens), frame_tokens):
        part = tokens[start:start + frame_tokens]
        frame = compress(part)
        frames += frame
        entries += struct.pack("<3I", len(frame), len(part), xxh64(part) & 0xFFFFFFFF)
    footer = struct.pack("<IBI", len(entries) // 12, 0x80, 0x8F92EAB1)
    return frames + struct.pack("<2I", 0x184D2A5E, len(entries) + 9) + entries + footer


def split(directory, name, tokens, shard_tokens, frame_tokens):
    shards = []
    for number, start in enumerate(range(0, len(tokens), shard_tokens)):
        part = tokens[start:start + shard_tokens]
        data = shard(part, frame_tokens)
        file = f"{name}-{number:05}.tokens.zst"
        (directory / file).write_bytes(data)
        shards.append({
            "name": file, "tokens": len(part), "bytes": len(data),
            "hash": f"{xxh64(data):016x}", "frameTokens": frame_tokens})
    return {"tokens": len(tokens), "documents": tokens.count(0), "shards": shards}


def dataset(name, text, other, shard_tokens, frame_tokens):
    directory = pathlib.Path(__file__).parent / name
    directory.mkdir(exist_ok=True)
    (directory / "text.txt").write_bytes(text)
    (directory / "other.txt").write_bytes(other)
    splits = {
        "train": split(directory, "train", b"\0" + text, shard_tokens, frame_tokens),
        "validation": split(directory, "validation", b"\0" + other, shard_tokens, frame_tokens)}
    index = {
        "format": "egg-token-shards", "version": 1, "tokenizer": "bytes", "vocabulary": 256,
        "splits": splits}
    (directory / "index.json").write_text(json.dumps(index, separators=(",", ":")) + "\n")


# Frames too small to compress, which every version of zstd stores as the same bytes.
dataset("stored", b"Four hens laid nine brown eggs.\0One fox sat by.\n", b"No egg today.\n", 30, 8)
# Frames that are compressed, for reading.
dataset("compressed", b"A hen, an egg, a hen, an egg. " * 40, b"An egg, a hen, an egg. " * 20, 1000, 300)
