"""COCO files: loading one of 18 MB into tables, against pycocotools.COCO, and checking it.

``--full`` checks one of 500 MB, whose bar is twice its size in memory.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
from harness import Measured, fresh, repeat, row

IMAGES, ANNOTATIONS, CATEGORIES = 5_000, 36_800, 80


def run(full: bool = False) -> list[dict]:
    """Measure loading (both read the same seeded file of the size of instances_val2017.json), then checking."""
    with tempfile.TemporaryDirectory() as folder:
        path = make(Path(folder) / "instances.json")
        ours = fresh("bench_coco", "ours_load", path=str(path))
        peer = fresh("bench_coco", "peer_load", path=str(path))
        less = ours.peak_mb < peer.peak_mb
        what = f"COCO file of {_megabytes(path):.1f} MB: load, three tables"
        faster = ours.median_s * 2 <= peer.median_s
        loading = row(what, ours, peer, "pycocotools", "2 times faster, less memory", faster and less)
        if full:
            path = make(path, 26 * ANNOTATIONS)
        checked = fresh("bench_coco", "ours_validate", path=str(path))
        # The interpreter and numpy take some 100 MB whatever the file: the bar is for large ones.
        met = checked.peak_mb < max(2 * _megabytes(path), 200)
        what = f"COCO file of {_megabytes(path):.0f} MB: validate"
        return [loading, row(what, checked, None, "", "memory within twice the file, or 200 MB", met)]


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def make(path: Path, annotations: int = ANNOTATIONS) -> Path:
    """Write a file of random outlines with COCO's spread of corners: half below 36 numbers, some of hundreds."""
    rng = np.random.default_rng(0)
    images = [
        {"license": 1, "file_name": f"{i:012}.jpg", "coco_url": f"http://images.example/val2017/{i:012}.jpg",
         "height": 480, "width": 640, "date_captured": "2013-11-14 17:02:52", "id": i}
        for i in range(1, IMAGES + 1)
    ]  # fmt: skip
    records = [_record(rng, identifier) for identifier in range(1, annotations + 1)]
    categories = [{"supercategory": f"s{i % 12}", "id": i, "name": f"c{i}"} for i in range(1, CATEGORIES + 1)]
    document = {"info": {}, "licenses": [], "images": images, "annotations": records, "categories": categories}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _record(rng: np.random.Generator, identifier: int) -> dict:
    """Return an annotation whose outline is a star around a point, with its own box and area."""
    corners = max(3, int(rng.lognormal(2.87, 0.75)))
    angles = np.sort(rng.random(corners)) * 2 * np.pi
    reach = rng.uniform(3, 100) * rng.uniform(0.6, 1, corners)
    x, y = (np.round(centre + reach * way(angles), 2) for centre, way in ((320, np.cos), (240, np.sin)))
    area = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
    box = np.round([x.min(), y.min(), np.ptp(x), np.ptp(y)], 2).tolist()
    return {
        "segmentation": [np.column_stack([x, y]).ravel().tolist()], "area": round(area, 4), "iscrowd": 0,
        "image_id": int(rng.integers(1, IMAGES + 1)), "bbox": box,
        "category_id": int(rng.integers(1, CATEGORIES + 1)), "id": identifier,
    }  # fmt: skip


def ours_load(path: str) -> Measured:
    """Read the file and build the three tables (imports apart)."""
    import pandas  # noqa: F401

    from synscenes import coco

    def work() -> None:
        dataset = coco.load(path)
        len(dataset.images), len(dataset.annotations), len(dataset.categories)

    return repeat(work)


def ours_validate(path: str) -> Measured:
    """Check a good file once."""
    from synscenes import coco

    def work() -> None:
        assert coco.validate(path) == []

    return repeat(work, runs=1)


def peer_load(path: str) -> Measured:
    """Read the file and build pycocotools' indexes; pandas is imported here too, so that memory compares."""
    import contextlib
    import io

    import pandas  # noqa: F401
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        return repeat(lambda: COCO(path))
