"""Planted annotation errors of known kinds, with a list that says where each one is."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from synscenes.micrococo.backdrop import HEIGHT, WIDTH
from synscenes.micrococo.categories import THING_ID, THING_NAME
from synscenes.micrococo.chance import between, pick
from synscenes.micrococo.dials import Dials

# What people mix up: a wrong label is one of its neighbours.
ALIKE = (
    ("car", "truck", "bus", "train"), ("bicycle", "motorcycle"), ("boat", "car"),
    ("dog", "cat", "sheep", "cow", "horse", "bear", "zebra", "giraffe", "elephant"),
    ("cup", "bowl", "wine glass", "bottle", "vase"), ("chair", "couch", "bench", "bed"),
    ("apple", "orange", "banana", "carrot", "broccoli"), ("pizza", "cake", "donut", "sandwich", "hot dog"),
    ("backpack", "handbag", "suitcase"), ("tv", "laptop", "cell phone", "book", "keyboard"),
    ("traffic light", "stop sign", "parking meter", "fire hydrant"), ("skateboard", "snowboard", "surfboard", "skis"),
    ("refrigerator", "oven", "microwave", "sink", "toilet"),
    ("kite", "umbrella", "frisbee", "sports ball", "bird", "airplane"),
    ("knife", "spoon", "scissors", "toothbrush", "remote", "mouse"), ("potted plant", "teddy bear", "clock"),
)  # fmt: skip
SWAPPED = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)


def plant(records: list[dict], seed: int, dials: Dials) -> dict[str, Any]:
    """Change the records of a split in place; return the list of what was done, for ``mistakes_train2017.json``.

    Each mistake names its ``kind``, ``image_id``, ``annotation_id`` (of the annotation that is wrong, or is gone)
    and the true record (``truth``; for a duplicate: the annotation that it repeats).
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 99])))
    planted: list[dict] = []
    for record in records:
        for row in list(record["instances"]):
            if row["iscrowd"] or rng.random() >= dials.mistakes:
                continue
            points = next((p for p in record["keypoints"] if p["id"] == row["id"]), None)
            kinds = [kind for kind in dials.kinds if _possible(kind, row, points)]
            if not kinds:
                continue
            kind = pick(rng, kinds)
            truth = copy.deepcopy(row if points is None else points)
            number = _KINDS[kind](record, row, points, rng)
            planted.append({"kind": kind, "image_id": row["image_id"], "annotation_id": number, "truth": truth})
    return {"kinds": list(dials.kinds), "share": dials.mistakes, "mistakes": planted}


def _possible(kind: str, row: dict, points: dict | None) -> bool:
    """Only persons with some keypoints can have them swapped; persons keep their label, as they have keypoints."""
    if kind == "swapped":
        return points is not None and points["num_keypoints"] >= 4
    return kind != "label" or row["category_id"] != THING_ID["person"]


def _missing(record: dict, row: dict, points: dict | None, rng: np.random.Generator) -> int:
    """The object is there, its annotation is not."""
    record["instances"].remove(row)
    if points is not None:
        record["keypoints"].remove(points)
    return row["id"]


def _label(record: dict, row: dict, points: dict | None, rng: np.random.Generator) -> int:
    """Another category than the true one: one that looks like it, where there is one."""
    name = THING_NAME[row["category_id"]]
    near = [other for group in ALIKE if name in group for other in group if other != name]
    row["category_id"] = THING_ID[pick(rng, near or [other for other in THING_ID if other not in (name, "person")])]
    return row["id"]


def _moved(row: dict, points: dict | None, box: list[int]) -> int:
    for one in (row, points):
        if one is not None:
            one["bbox"] = list(box)
    return row["id"]


def _shifted(record: dict, row: dict, points: dict | None, rng: np.random.Generator) -> int:
    """The box is moved by 20 to 45 % of its size, and stays inside the picture."""
    x, y, w, h = row["bbox"]
    dx, dy = (pick(rng, (-1, 1)) * max(int(between(rng, 0.2, 0.45) * size), 2) for size in (w, h))
    x, y = (
        c + d if c + d >= 0 and c + d + s <= end else c - d for c, d, s, end in ((x, dx, w, WIDTH), (y, dy, h, HEIGHT))
    )
    return _moved(row, points, [min(max(x, 0), WIDTH - w), min(max(y, 0), HEIGHT - h), w, h])


def _loose(record: dict, row: dict, points: dict | None, rng: np.random.Generator) -> int:
    """The box is far too large, by 25 to 60 % on each side, or as far as the picture goes."""
    x, y, w, h = row["bbox"]
    more = between(rng, 0.25, 0.6)
    x0, y0 = max(x - int(w * more) - 2, 0), max(y - int(h * more) - 2, 0)
    x1, y1 = min(x + w + int(w * more) + 2, WIDTH), min(y + h + int(h * more) + 2, HEIGHT)
    return _moved(row, points, [x0, y0, x1 - x0, y1 - y0])


def _duplicate(record: dict, row: dict, points: dict | None, rng: np.random.Generator) -> int:
    """The object is annotated twice, the second time a pixel or two off."""
    again = copy.deepcopy(row)
    again["id"] = row["id"] + 600  # ids of one image step by 2 below 800: see annotate.annotation_id
    x, y, w, h = row["bbox"]
    again["bbox"] = [
        max(x - 1, 0),
        max(y - 1, 0),
        min(w + 1, WIDTH - max(x - 1, 0)),
        min(h + 1, HEIGHT - max(y - 1, 0)),
    ]
    record["instances"].append(again)
    return again["id"]


def _swapped(record: dict, row: dict, points: dict, rng: np.random.Generator) -> int:
    """Left and right keypoints are exchanged."""
    flat = points["keypoints"]
    points["keypoints"] = [value for k in SWAPPED for value in flat[3 * k : 3 * k + 3]]
    return row["id"]


_KINDS = {
    "missing": _missing,
    "label": _label,
    "shifted": _shifted,
    "loose": _loose,
    "duplicate": _duplicate,
    "swapped": _swapped,
}
