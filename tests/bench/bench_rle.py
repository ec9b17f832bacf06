"""RLE of masks: encoding to COCO's compressed text and decoding, in numpy, against pycocotools (C)."""

from __future__ import annotations

import numpy as np
from harness import Measured, fresh, repeat, row

MASKS, HEIGHT, WIDTH = 200, 480, 640


def run(full: bool = False) -> list[dict]:
    """Measure four steps; ``full`` changes nothing."""
    rows = []
    for step in ("encode", "decode"):
        ours = fresh("bench_rle", "ours", step=step)
        peer = fresh("bench_rle", "pycocotools", step=step)
        what = f"RLE {step}, {MASKS} masks of {WIDTH} × {HEIGHT}"
        rows.append(row(what, ours, peer, "pycocotools", "within 10 times", ours.median_s < 10 * peer.median_s))
    return rows


def masks() -> np.ndarray:
    """Ellipses with rough borders, like those people draw: (MASKS, HEIGHT, WIDTH) bool."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    found = np.zeros((MASKS, HEIGHT, WIDTH), dtype=bool)
    for mask in found:
        y, x, high, wide = rng.uniform([100, 100, 10, 10], [380, 540, 150, 150])
        angle = np.arctan2(rows - y, columns - x)
        rough = 1 + 0.05 * np.sin(rng.integers(5, 30) * angle + rng.uniform(0, 6))
        mask[((rows - y) / high) ** 2 + ((columns - x) / wide) ** 2 < rough] = True
    return found


def ours(step: str) -> Measured:
    """The course's own, from mask to text or back."""
    from synscenes.coco import masks as rle

    def encode(mask: np.ndarray) -> dict:
        found = rle.encode(mask)
        return {"size": found["size"], "counts": rle.compress(found["counts"])}

    return _timed(step, list(masks()), encode, rle.decode)


def pycocotools(step: str) -> Measured:
    """The reference; its masks lie column by column in memory already, as it wants them."""
    from pycocotools import mask as rle

    return _timed(step, [np.asfortranarray(mask, dtype=np.uint8) for mask in masks()], rle.encode, rle.decode)


def _timed(step: str, shapes: list[np.ndarray], encode, decode) -> Measured:
    if step == "encode":
        return repeat(lambda: [encode(mask) for mask in shapes])
    texts = [encode(mask) for mask in shapes]
    return repeat(lambda: [decode(text) for text in texts])
