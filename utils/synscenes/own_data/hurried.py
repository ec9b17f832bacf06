"""Scenes annotated by somebody in a hurry: about one box in eight is wrong, and we know which."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synscenes.made_once import made_once

SHARE = 0.12
KINDS = ("missing", "label", "shifted", "loose", "duplicate")


def folder(images: int, seed: int = 0) -> Path:
    """Return a micro-COCO of so many training images in which each annotation was spoilt with a chance of ``SHARE``."""
    from synscenes import micrococo

    name = f"{micrococo.default().name}-hurried-{images}-{seed}"
    dials = micrococo.Dials(mistakes=SHARE, kinds=KINDS, crowds=0.0)
    return made_once(name, lambda work: micrococo.generate(work, images, 0, 7000 + seed, dials))


def planted(root: Path) -> list[dict[str, Any]]:
    """Return what was done: for each mistake its ``kind``, ``image_id``, ``annotation_id`` and the true record."""
    return json.loads((root / "annotations" / "mistakes_train2017.json").read_text(encoding="utf-8"))["mistakes"]


def with_form_errors(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy in which nine records also break the format's rules, in ways often seen in the wild.

    The document needs nine annotations or more.
    """
    broken = json.loads(json.dumps(document))
    first = broken["annotations"]
    x, y, width, height = first[0]["bbox"]
    first[0]["bbox"] = [x, y, x + width, y + height]  # corners where sizes belong
    first[1]["category_id"] = 12  # an id that COCO leaves out
    first[2]["image_id"] = 999_999_999
    first[3]["id"] = first[4]["id"]
    first[5]["bbox"] = [x, y, 0, height]
    first[6]["area"] = -1
    first[7]["segmentation"] = [[1.0, 1.0, 5.0, 5.0]]
    first[8]["bbox"] = [str(value) for value in first[8]["bbox"]]
    broken["images"][0]["width"] *= 2
    return broken
