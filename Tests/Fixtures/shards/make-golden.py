#!/usr/bin/env python3
"""Makes the golden shard directories beside this script, without the Swift code.

The frames come from the zstd program, the seek table and the hashes from the few lines below, so
that the tests compare two independent writers. Usage: make-golden.py (needs zstd on the PATH).
"""
import json
import pathlib
import struct
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from xxh64 import xxh64

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
        "checksum": "0" * 16, "format": "egg-token-shards", "version": 2, "tokenizer": "bytes", "vocabulary": 256,
        "splits": splits}
    text = (json.dumps(index, separators=(",", ":")) + "\n").encode()
    checksum = f'"checksum":"{xxh64(text):016x}"'.encode()
    sealed = text.replace(b'"checksum":"0000000000000000"', checksum, 1)
    (directory / "index.json").write_bytes(sealed)


# Frames too small to compress, which every version of zstd stores as the same bytes.
dataset("stored", b"Four hens laid nine brown eggs.\0One fox sat by.\n", b"No egg today.\n", 30, 8)
# Frames that are compressed, for reading.
dataset("compressed", b"A hen, an egg, a hen, an egg. " * 40, b"An egg, a hen, an egg. " * 20, 1000, 300)
