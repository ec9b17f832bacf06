"""Panoptic quality on 200 images of 640 × 480, about 20 segments each, against the per-segment loop.

Both read the same files (a PNG takes some milliseconds to decode, which neither can save). The loop is the one of the
tests, mask by mask; it compares only segments of one category.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from harness import Measured, fresh, repeat, row

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

IMAGES, HEIGHT, WIDTH = 200, 480, 640


def run(full: bool = False) -> list[dict]:
    """Measure both on files made for the purpose; ``full`` lets the loop do every image, else it does 40."""
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own, or its memory would be counted as the contenders'.
        fresh("bench_panoptic", "make_files", folder=folder)
        ours = fresh("bench_panoptic", "ours", folder=folder)
        peer = fresh("bench_panoptic", "per_segment_loop", folder=folder, images=IMAGES if full else 40)
    faster = ours.median_s * 4 < peer.median_s
    return [row("PQ, 200 images of 640 × 480", ours, peer, "per-segment loop", "4 times less", faster)]


def make_files(folder: str) -> Measured:
    """Write ground truth and predictions: ellipses over bands, then the same a little off."""
    return repeat(lambda: _make_files(folder), runs=1)


def _make_files(folder: str) -> None:
    import panoptic_toys as toys

    rng = np.random.default_rng(0)
    truth, found = [], []
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    for _ in range(IMAGES):
        ids = np.where(rows < rng.integers(100, 380), 11_000, 10_000).astype(np.uint32)
        for number in range(1, 19):
            y, x, high, wide = rng.uniform([0, 0, 15, 15], [HEIGHT, WIDTH, 90, 90])
            ids[((rows - y) / high) ** 2 + ((columns - x) / wide) ** 2 < 1] = 1000 * rng.integers(1, 3) + number
        truth.append((ids, _segments(ids)))
        moved = np.roll(ids, rng.integers(-6, 7, 2), axis=(0, 1))
        found.append((moved, _segments(moved)))
    toys.write(Path(folder), "gt", truth)
    toys.write(Path(folder), "dt", found)


def _segments(ids: np.ndarray) -> list[dict]:
    import panoptic_toys as toys

    return [toys.segment(number, number // 1000, ids) for number in np.unique(ids).tolist()]


def ours(folder: str) -> Measured:
    """From the files to the result."""
    from synscenes.metrics import panoptic

    root = Path(folder)
    files = (root / "gt.json", root / "gt", root / "dt.json", root / "dt")
    panoptic.evaluate(*files)
    return repeat(lambda: panoptic.evaluate(*files), runs=3)


def per_segment_loop(folder: str, images: int) -> Measured:
    """The same files, decoded by the same reader, one mask at a time."""
    import json

    import panoptic_toys as toys
    from synscenes.panoptic import read_png

    root = Path(folder)

    def work() -> None:
        sets = []
        for name in ("gt", "dt"):
            entries = json.loads((root / f"{name}.json").read_text())["annotations"][:images]
            sets.append([(read_png(root / name / each["file_name"]), each["segments_info"]) for each in entries])
        toys.straightforward(*sets)

    note = "" if images == IMAGES else f"extrapolated from {images} images"
    return repeat(work, runs=1 if images == IMAGES else 3, scale=IMAGES / images, note=note)
