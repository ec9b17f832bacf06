"""Spoiling files: at random, but the same way for the same seed."""

from __future__ import annotations

import copy
import json
import random
import re
from typing import Any

# What JSON lets through and programs do not expect.
_VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 0.5, -0.0, 1e308, -1e308, float("nan"), float("inf"), 2**31, 2**63, 10**30, "", " ",
    "0", "é\u0000\ud7ff", "../../etc/passwd", "a" * 300, [], {}, [[]], [None], {"a": 1}, [[0, 0], [1]], "\n",
]  # fmt: skip
_WORDS = [
    b"-1",
    b"0",
    b"1e999",
    b"nan",
    b"99999999999999999999",
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xc3\x28",
    b"../x",
    b"\n\n",
]
DEEP = 3000


def spoiled(content: bytes, kind: str, rng: random.Random) -> bytes:
    """Return a damaged copy of a file. ``kind`` is "json", "text" or "bytes": how much of its structure survives."""
    if kind == "json" and rng.random() < 0.8:
        return spoiled_json(content, rng)
    if kind == "text" and rng.random() < 0.7:
        return spoiled_text(content, rng)
    return spoiled_bytes(content, rng)


def spoiled_json(content: bytes, rng: random.Random) -> bytes:
    """Change one to three places of a JSON document: other values, missing or doubled entries, other names."""
    document = json.loads(content)
    if rng.random() < 0.03:
        return b'{"a":' * DEEP + b"1" + b"}" * DEEP
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        document = _changed(document, rng)
    return json.dumps(document).encode()


def _changed(document: Any, rng: random.Random) -> Any:
    places = list(_places(document))
    if not places:
        return copy.deepcopy(rng.choice(_VALUES))
    holder, key = rng.choice(places)
    what = rng.random()
    if what < 0.6:
        holder[key] = copy.deepcopy(rng.choice(_VALUES))
    elif what < 0.75:
        del holder[key]
    elif isinstance(holder, list):
        holder.insert(rng.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
    else:
        holder[rng.choice([key + "s", key.upper(), "id", "image_id", "bbox"])] = holder.pop(key)
    return document


def _places(node: Any) -> Any:
    pairs = list(enumerate(node)) if isinstance(node, list) else list(node.items()) if isinstance(node, dict) else []
    for key, value in pairs:
        yield node, key
        yield from _places(value)


def spoiled_text(content: bytes, rng: random.Random) -> bytes:
    """Replace, drop, double or swap words of a text file."""
    words = re.split(rb"(\s+|[,;:=<>\"'\[\]{}()])", content)
    for _ in range(rng.choice([1, 1, 2, 4])):
        place = rng.randrange(len(words))
        what = rng.random()
        if what < 0.5:
            words[place] = rng.choice(_WORDS)
        elif what < 0.7:
            words[place] = b""
        elif what < 0.85:
            words.insert(place, words[rng.randrange(len(words))])
        else:
            other = rng.randrange(len(words))
            words[place], words[other] = words[other], words[place]
    return b"".join(words)


def spoiled_bytes(content: bytes, rng: random.Random) -> bytes:
    """Cut a file off, flip bits, drop or double a stretch, or put noise in its place."""
    data = bytearray(content)
    what = rng.random()
    if what < 0.25 or not data:
        return bytes(data[: rng.randrange(len(data) + 1)])
    start = rng.randrange(len(data))
    # Heads are where formats keep their sizes.
    start = rng.randrange(min(64, len(data))) if rng.random() < 0.4 else start
    end = min(len(data), start + rng.choice([1, 2, 4, 16, 300]))
    if what < 0.55:
        for _ in range(rng.choice([1, 2, 8])):
            data[rng.randrange(start, end)] ^= 1 << rng.randrange(8)
    elif what < 0.7:
        del data[start:end]
    elif what < 0.8:
        data[start:start] = data[start:end] * rng.choice([1, 50])
    elif what < 0.95:
        data[start:end] = rng.randbytes(end - start)
    else:
        return rng.randbytes(rng.choice([0, 1, 100, 5000]))
    return bytes(data)
