"""The JSON files of a dataset, with the official sections, names and order of keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synscenes.draw import KEYPOINTS
from synscenes.files import write_atomic
from synscenes.micrococo.backdrop import HEIGHT, WIDTH
from synscenes.micrococo.categories import SKELETON, STUFF, THINGS, panoptic_categories

INFO = {
    "description": "micro-COCO: synthetic scenes in the format of COCO 2017",
    "url": "",
    "version": "1.0",
    "year": 2026,
    "contributor": "From Synsets to Scenes",
    "date_created": "2026/11/23",
}
LICENSES = [
    {
        "url": "http://creativecommons.org/licenses/by/4.0/",
        "id": 1,
        "name": "Attribution 4.0 International (synthetic pictures; drawings adapted from Twemoji, "
        "copyright Twitter, Inc. and other contributors)",
    }
]


def image_record(number: int) -> dict[str, Any]:
    """The official keys of an image; there is no address to fetch it from."""
    return {
        "license": 1,
        "file_name": f"{number:012d}.jpg",
        "coco_url": "",
        "height": HEIGHT,
        "width": WIDTH,
        "date_captured": "2026-11-23 00:00:00",
        "flickr_url": "",
        "id": number,
    }


def all_of(records: list[dict], split: str) -> Iterator[tuple[str, dict]]:
    """Yield (name, content) of each file of a split."""
    head = {"info": INFO, "licenses": LICENSES, "images": [image_record(r["image_id"]) for r in records]}
    person = {**THINGS[0], "keypoints": list(KEYPOINTS), "skeleton": [list(pair) for pair in SKELETON]}

    def gathered(name: str) -> list[dict]:
        return [row for record in records for row in record[name]]

    yield "instances", {**head, "annotations": gathered("instances"), "categories": THINGS}
    yield "person_keypoints", {**head, "annotations": gathered("keypoints"), "categories": [person]}
    yield "captions", {**head, "annotations": list(_captions(records, split))}
    panoptic = [
        {"segments_info": r["segments"], "file_name": f"{r['image_id']:012d}.png", "image_id": r["image_id"]}
        for r in records
    ]
    yield "panoptic", {**head, "annotations": panoptic, "categories": panoptic_categories()}
    yield "stuff", {**head, "annotations": gathered("stuff"), "categories": STUFF}
    yield "scenes", {**head, "scenes": [r["scene"] for r in records]}


def _captions(records: list[dict], split: str) -> Iterator[dict]:
    for index, record in enumerate(records):
        for k, text in enumerate(record["scene"]["captions"]):
            yield {"image_id": record["image_id"], "id": 2 * (index * 5 + k + 1) + (split == "train"), "caption": text}


def write(root: Path, name: str, split: str, content: Any) -> Path:
    """Write one annotation file: no spaces, ASCII, keys in the order given."""
    text = json.dumps(content, separators=(",", ":"))
    return write_atomic(root / "annotations" / f"{name}_{split}2017.json", text)
