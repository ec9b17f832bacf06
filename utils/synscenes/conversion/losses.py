"""What a format has no place for, counted in the document at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

# What each format keeps of a COCO document. "rounded": kept, but not to the last digit; "renumbered": kept in order.
KEPT = {
    "boxes": {"yolo": "kept", "voc": "rounded", "labelme": "kept"},  # where there is an outline: its extent
    "outlines": {"yolo": "lost", "voc": "lost", "labelme": "kept"},
    "outlines as runs (RLE)": {"yolo": "lost", "voc": "lost", "labelme": "traced"},
    "joints": {"yolo": "lost", "voc": "lost", "labelme": "kept"},
    "crowds": {"yolo": "lost", "voc": "kept", "labelme": "kept"},
    "mask areas": {"yolo": "lost", "voc": "lost", "labelme": "recomputed"},
    "image ids": {"yolo": "renumbered", "voc": "renumbered", "labelme": "renumbered"},
    "annotation ids": {"yolo": "renumbered", "voc": "renumbered", "labelme": "renumbered"},
    "category ids": {"yolo": "renumbered", "voc": "renumbered", "labelme": "renumbered"},
    "supercategories": {"yolo": "lost", "voc": "lost", "labelme": "lost"},
    "licences of images": {"yolo": "lost", "voc": "lost", "labelme": "lost"},
    "categories without objects": {"yolo": "kept", "voc": "lost", "labelme": "lost"},
}


def counts(document: Mapping[str, Any]) -> dict[str, int]:
    """Return how much of each thing a document holds; for boxes: those that are not whole pixels count apart."""
    entries, images, categories = document["annotations"], document["images"], document["categories"]
    used = {entry["category_id"] for entry in entries}
    return {
        "boxes": len(entries),
        "outlines": sum(bool(entry.get("segmentation")) for entry in entries),
        "outlines as runs (RLE)": sum(isinstance(entry.get("segmentation"), dict) for entry in entries),
        "joints": sum(int(np.count_nonzero(entry.get("keypoints", [])[2::3])) for entry in entries),
        "crowds": sum(bool(entry.get("iscrowd")) for entry in entries),
        "mask areas": sum("area" in entry and not _box_area(entry) for entry in entries),
        "image ids": _renumbered(images),
        "annotation ids": _renumbered(entries),
        "category ids": _renumbered(categories),
        "supercategories": sum(entry.get("supercategory", "none") != "none" for entry in categories),
        "licences of images": sum("license" in image for image in images),
        "categories without objects": sum(entry["id"] not in used for entry in categories),
    }


def losses(document: Mapping[str, Any], format: str) -> pd.DataFrame:
    """Return a table, one row for each thing the format does not keep as it is: what, how, and how many here.

    ``format``: "yolo", "voc" or "labelme". Things the document does not hold are left out. A crowd that is lost
    takes its box along.
    """
    import pandas as pd

    if format not in KEPT["boxes"]:
        raise ValueError(f"format must be one of {', '.join(KEPT['boxes'])}, not {format!r}")
    held = counts(document)
    if KEPT["boxes"][format] == "rounded":
        held["boxes"] = sum(any(side % 1 for side in entry["bbox"]) for entry in document["annotations"])
    rows = [
        (thing, fate[format], held[thing]) for thing, fate in KEPT.items() if fate[format] != "kept" and held[thing]
    ]
    return pd.DataFrame(rows, columns=["what", "becomes", "here"])


def _box_area(entry: Mapping[str, Any]) -> bool:
    return abs(entry["area"] - entry["bbox"][2] * entry["bbox"][3]) < 1e-6


def _renumbered(records: list[Mapping[str, Any]]) -> int:
    return sum(record["id"] != place for place, record in enumerate(records, start=1))
