"""Photographs that come in bursts: a few frames of each scene, a step apart, as a camera or a video gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.boxes import area, xywh_to_xyxy, xyxy_to_xywh
from synscenes.made_once import made_once

if TYPE_CHECKING:
    from synscenes.detection.small import Prepared

FRAME = (304, 228)  # width, height of a frame, cut from scenes of 320 x 240
SEEN = 0.35  # an object of which less is left in the frame is dropped


def folder(scenes: int, frames: int, categories: Sequence[str], seed: int = 0) -> Path:
    """Return a dataset of ``scenes`` micro-COCO scenes with ``frames`` frames each, boxes of ``categories`` only.

    ``annotations/instances_train2017.json`` and ``train2017/``; frame f of scene s is ``s_f.jpg`` and its record
    names its ``scene``. Scenes without any of the categories are passed over.
    """
    from synscenes import micrococo

    usual = micrococo.default()
    named = "-".join(name.replace(" ", "_") for name in categories)
    name = f"{usual.name}-bursts-{scenes}-{frames}-{named}-{seed}"
    return made_once(name, lambda work: make(usual, work, scenes, frames, categories, seed))


def make(source: Path, target: Path, scenes: int, frames: int, categories: Sequence[str], seed: int) -> None:
    """Cut the frames and write the dataset below ``target``; see :func:`folder`."""
    from PIL import Image, ImageEnhance

    from synscenes import coco

    whole = json.loads((source / "annotations" / "instances_train2017.json").read_text(encoding="utf-8"))
    kept = [entry for entry in whole["categories"] if entry["name"] in categories]
    wanted = {entry["id"] for entry in kept}
    of_image: dict[int, list] = {}
    for entry in whole["annotations"]:
        if entry["category_id"] in wanted and not entry["iscrowd"]:
            of_image.setdefault(entry["image_id"], []).append(entry)
    chosen = [image for image in whole["images"] if image["id"] in of_image][:scenes]
    (target / "train2017").mkdir()
    rng = np.random.default_rng(seed)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for scene, image in enumerate(chosen):
        with Image.open(source / "train2017" / image["file_name"]) as opened:
            picture = opened.convert("RGB")
        for frame in range(frames):
            left, top = (int(rng.integers(0, 1 + side - cut)) for side, cut in zip(picture.size, FRAME))
            cut = picture.crop((left, top, left + FRAME[0], top + FRAME[1]))
            record = {"id": len(images) + 1, "file_name": f"{scene:03d}_{frame}.jpg", "scene": scene}
            images.append({**record, "width": FRAME[0], "height": FRAME[1]})
            bright = ImageEnhance.Brightness(cut).enhance(float(rng.uniform(0.85, 1.15)))
            bright.save(target / "train2017" / record["file_name"], quality=88)
            for entry in _moved(of_image[image["id"]], left, top):
                annotations.append({"id": len(annotations) + 1, "image_id": record["id"], **entry})
    document = {"images": images, "annotations": annotations, "categories": kept}
    coco.save(document, target / "annotations" / "instances_train2017.json")


def _moved(entries: Sequence[Mapping[str, Any]], left: int, top: int) -> list[dict[str, Any]]:
    """Return category and box of what is still in a frame, in the frame's own pixels."""
    boxes = xywh_to_xyxy([entry["bbox"] for entry in entries]) - [left, top, left, top]
    inside = np.clip(boxes, 0, [*FRAME, *FRAME])
    found = []
    for entry, box, share in zip(entries, inside, area(inside) / area(boxes)):
        if share >= SEEN:
            x, y, width, height = (round(float(value), 2) for value in xyxy_to_xywh(box))
            found.append({"category_id": entry["category_id"], "bbox": [x, y, width, height], "iscrowd": 0})
            found[-1]["area"] = round(width * height, 2)
    return found


def part(data: Prepared, rows: Sequence[int]) -> Prepared:
    """Return some of the images of prepared data, without looking at them again."""
    rows = np.asarray(rows, dtype=int)
    examples = [data.examples[row] for row in rows]
    return replace(data, examples=examples, maps=[level[rows] for level in data.maps], matches=data.matches[rows])
