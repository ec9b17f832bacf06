"""Values as plain data: what crosses the wall between the checks and a submitted answer.

JSON with tags, and nothing else: no pickle, no class of the other side, no code. Whoever reads can be sent
wrong values, but neither objects that compare equal to everything nor anything that runs.
"""

from __future__ import annotations

import base64
import json
import math
import re
from pathlib import Path, PurePath
from typing import Any

DEEPEST = 40
_DTYPE = re.compile(r"[<>|=]?(?:[?b]1?|[iufc]\d{1,2}|[US]\d{1,4})")


class NotPlain(ValueError):
    """A message that does not follow the rules of this module."""


class Opaque:
    """Stands for a value of a type that does not cross the wall; it equals nothing and does nothing."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind, self.text = kind, text

    def __repr__(self) -> str:
        return self.text


def dumps(value: Any) -> bytes:
    """Return ``value`` as bytes. Numbers, strings, containers, numpy arrays and generators, ``...`` keep their type;
    tensors and tables become arrays, iterators a list of what they give; anything else becomes Opaque."""
    return json.dumps(_encode(value, 0), separators=(",", ":")).encode("utf-8")


def loads(data: bytes) -> Any:
    """Return the value that ``dumps`` wrote; raises NotPlain for anything else."""
    try:
        return _decode(json.loads(data), 0)
    except NotPlain:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError) as error:
        raise NotPlain(f"not a plain value: {type(error).__name__}") from None


def _encode(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise NotPlain(f"nested more than {DEEPEST} deep")
    if value is None or isinstance(value, bool):
        return value
    if value is ...:
        return {"t": "ellipsis"}
    if isinstance(value, int):
        return int(value) if abs(value) < 2**63 else {"t": "int", "v": hex(value)}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"t": "float", "v": repr(float(value))}
    if isinstance(value, str):
        return str(value)

    def items(values: Any) -> list[Any]:
        return [_encode(item, depth + 1) for item in values]

    if isinstance(value, complex):
        return {"t": "complex", "v": items([value.real, value.imag])}
    if isinstance(value, (bytes, bytearray)):
        return {"t": "bytes", "v": base64.b64encode(value).decode("ascii")}
    if isinstance(value, list):
        return items(value)
    if isinstance(value, dict):
        return {"t": "dict", "v": [items(pair) for pair in value.items()]}
    for kind, tag in ((tuple, "tuple"), (frozenset, "frozenset"), (set, "set"), (type({}.keys()), "keys")):
        if isinstance(value, kind):
            return {"t": tag, "v": items(value)}
    if isinstance(value, PurePath):
        return {"t": "path", "v": str(value)}
    if isinstance(value, range):
        return {"t": "range", "v": [value.start, value.stop, value.step]}
    return _encode_rarer(value, items)


def _encode_rarer(value: Any, items: Any) -> Any:
    import numbers

    import numpy as np

    if isinstance(value, np.random.Generator):
        state = value.bit_generator.state
        return {"t": "generator", "v": items([state])[0]} if state["bit_generator"] == "PCG64" else _opaque(value)
    if hasattr(value, "detach"):  # a tensor
        value = value.detach().cpu().numpy()
    elif not isinstance(value, (np.ndarray, np.generic)) and hasattr(value, "__array__"):
        value = np.asarray(value)  # a table's column
    if isinstance(value, (np.ndarray, np.generic)):
        if not _DTYPE.fullmatch(value.dtype.str):
            return items([value.tolist()])[0] if value.dtype == object else _opaque(value)
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")
        tag = "array" if isinstance(value, np.ndarray) else "scalar"
        return {"t": tag, "d": value.dtype.str, "s": list(value.shape), "v": data}
    if isinstance(value, numbers.Real):  # fractions and decimals
        return items([float(value)])[0]
    if hasattr(value, "__next__") or isinstance(value, type({}.values())):
        return {"t": "iterator", "v": items(value)}
    return _opaque(value)


def _opaque(value: Any) -> dict[str, Any]:
    return {"t": "opaque", "k": type(value).__name__[:80], "v": " ".join(repr(value).split())[:200]}


def _decode(content: Any, depth: int) -> Any:
    if depth > 3 * DEEPEST:
        raise NotPlain("nested too deep")
    if content is None or isinstance(content, (bool, int, float, str)):
        return content
    if isinstance(content, list):
        return [_decode(item, depth + 1) for item in content]
    tag, value = content["t"], content.get("v")
    if tag in _READERS:
        return _READERS[tag](value)
    if tag in ("array", "scalar"):
        return _array(tag, content)
    if tag == "opaque":
        return Opaque(str(content["k"])[:80], str(value)[:200])
    if tag == "generator":
        return _generator(_decode(value, depth + 1))
    inner = [_decode(item, depth + 1) for item in value]
    if tag == "dict":
        return dict(inner)
    return _CONTAINERS[tag](inner)


_READERS = {
    "ellipsis": lambda value: ...,
    "int": lambda value: int(value, 16),
    "float": lambda value: float(value),
    "bytes": lambda value: base64.b64decode(value, validate=True),
    "path": lambda value: Path(value),
    "range": lambda value: range(*(int(number) for number in value)),
}
_CONTAINERS = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "keys": lambda inner: dict.fromkeys(inner).keys(),
    "iterator": iter,
    "complex": lambda inner: complex(*inner),
}


def _array(tag: str, content: dict[str, Any]) -> Any:
    import numpy as np

    if not isinstance(content["d"], str) or not _DTYPE.fullmatch(content["d"]):
        raise NotPlain("an array of another type")
    flat = np.frombuffer(base64.b64decode(content["v"], validate=True), dtype=np.dtype(content["d"]))
    array = flat.reshape([int(side) for side in content["s"]]).copy()
    return array[()] if tag == "scalar" else array


def _generator(state: Any) -> Any:
    import numpy as np

    bits = np.random.PCG64()
    bits.state = state
    return np.random.Generator(bits)
