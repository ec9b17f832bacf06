"""What the capstone's first picture shows: a scene with its objects, and an object with a planted wrong label."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from synscenes.boxes import xywh_to_xyxy
from synscenes.coco import Folder


def busy_scene(folder: Folder, among: int = 30) -> tuple[Any, np.ndarray]:
    """Return the picture with the most objects of the first validation images, and their boxes: (k, 4) xyxy."""
    from synscenes.pictures import open_image

    document = json.loads(folder.instances("val").read_text(encoding="utf-8"))
    boxes: dict[int, list] = {record["id"]: [] for record in document["images"][:among]}
    for note in document["annotations"]:
        if note["image_id"] in boxes and not note["iscrowd"]:
            boxes[note["image_id"]].append(note["bbox"])
    chosen = max(document["images"][:among], key=lambda record: len(boxes[record["id"]]))
    return open_image(folder.image("val", chosen)), xywh_to_xyxy(boxes[chosen["id"]])


def wrong_label(folder: Folder) -> tuple[Any, str, str]:
    """Return a wrongly labelled object of good size: its picture, the label it has, the label it should have."""
    from synscenes.capstone import audit, sealed
    from synscenes.pictures import open_image

    document = json.loads(folder.instances("train").read_text(encoding="utf-8"))
    names = {entry["id"]: entry["name"] for entry in document["categories"]}
    given = {note["id"]: note["category_id"] for note in document["annotations"]}
    size = lambda each: min(each["truth"]["bbox"][2:]) * (max(each["truth"]["bbox"][2:]) <= 100)  # noqa: E731
    mistake = max(sealed.planted(folder), key=size)
    record = next(each for each in document["images"] if each["id"] == mistake["image_id"])
    box = xywh_to_xyxy([mistake["truth"]["bbox"]])[0]
    picture = audit.crop(open_image(folder.image("train", record)), box)
    return picture, names[given[mistake["annotation_id"]]], names[mistake["truth"]["category_id"]]
