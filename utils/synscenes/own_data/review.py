"""Which annotations should somebody look at again? Those on which a detector and the file disagree.

The same idea as lesson 03's confident learning, for boxes. The detector must not have been trained on the images it is
asked about: it would have learned their mistakes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.boxes import xywh_to_xyxy
from synscenes.detection.overlap import iou

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("kind", "image_id", "annotation_id", "doubt", "bbox", "category_id")


def doubles(document: Mapping[str, Any], overlap: float = 0.8) -> list[int]:
    """Return the ids of annotations that overlap an earlier one of the same image and category by ``overlap``."""
    found = []
    for entries in _by_image(document["annotations"]).values():
        boxes = _xyxy(entries)
        shared = iou(boxes, boxes)
        for later in range(1, len(entries)):
            earlier = [n for n in range(later) if entries[n]["category_id"] == entries[later]["category_id"]]
            if shared[later, earlier].max(initial=0) >= overlap:
                found.append(entries[later]["id"])
    return found


def suspects(document: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return what to look at again, most doubtful first: columns ``COLUMNS``.

    ``results`` are a detector's, as a COCO results file. A sure detection where the file has nothing is "missing"; one
    that lies on an object of another category is "label"; one that overlaps an object of its category, but badly, is
    "place". ``doubt`` is the detection's score (times how badly it overlaps, for "place"). For "missing",
    ``annotation_id`` is 0 and box and category are the detection's. Crowds are no objects to compare with; a detection
    that lies mostly in a crowd of its category says nothing, as in COCO's scores.
    """
    import pandas as pd

    single = _by_image([entry for entry in document["annotations"] if not entry.get("iscrowd", 0)])
    crowds = _by_image([entry for entry in document["annotations"] if entry.get("iscrowd", 0)])
    rows: list[tuple] = []
    for image_id, found in _by_image(results).items():
        entries = single.get(image_id, [])
        found = [each for each in found if not _in_crowd(each, crowds.get(image_id, []))]
        if not found:
            continue
        shared = iou(_xyxy(found), _xyxy(entries)) if entries else np.zeros((len(found), 1))
        for detection, overlaps in zip(found, shared):
            rows += _doubts(detection, entries, overlaps)
    table = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("doubt", ascending=False, kind="stable")
    # One look at an annotation is enough, however many detections doubt it.
    again = (table["annotation_id"] > 0) & table.duplicated(["annotation_id"])
    return table[~again].reset_index(drop=True)


def _in_crowd(detection: Mapping[str, Any], crowds: Sequence[Mapping[str, Any]]) -> bool:
    """Whether more than half of a detection's box lies in the box of a crowd of its category."""
    left, top, width, height = detection["bbox"]
    for x, y, wide, high in (each["bbox"] for each in crowds if each["category_id"] == detection["category_id"]):
        across = min(left + width, x + wide) - max(left, x)
        down = min(top + height, y + high) - max(top, y)
        if across > 0 and down > 0 and across * down > width * height / 2:
            return True
    return False


def _doubts(detection: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], overlaps: np.ndarray) -> list[tuple]:
    score, category = detection["score"], detection["category_id"]
    if not entries or overlaps.max() < 0.2:
        return [("missing", detection["image_id"], 0, score, detection["bbox"], category)]
    same = np.array([entry["category_id"] == category for entry in entries])
    near = np.where(same, overlaps, 0)
    if near.max() >= 0.2:
        entry, best = entries[int(near.argmax())], near.max()
        if best > 0.75:
            return []
        return [("place", entry["image_id"], entry["id"], score * (1 - best), entry["bbox"], entry["category_id"])]
    if overlaps.max() < 0.6:
        return []
    entry = entries[int(overlaps.argmax())]
    return [("label", entry["image_id"], entry["id"], score, entry["bbox"], entry["category_id"])]


def judged(table: pd.DataFrame, planted: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return for each row whether it points at a planted mistake: (n,) bool.

    A row with an annotation is right if that one was spoilt; a "missing" row if its box overlaps one that was taken
    out of its image by half.
    """
    spoilt = {mistake["annotation_id"] for mistake in planted if mistake["kind"] != "missing"}
    gone = _by_image([{**mistake["truth"]} for mistake in planted if mistake["kind"] == "missing"])
    right = []
    for row in table.itertuples():
        if row.annotation_id:
            right.append(row.annotation_id in spoilt)
        else:
            away = gone.get(row.image_id, [])
            right.append(bool(away) and iou(xywh_to_xyxy([row.bbox]), _xyxy(away)).max() >= 0.5)
    return np.array(right, dtype=bool)


def _by_image(entries: Sequence[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list] = {}
    for entry in entries:
        found.setdefault(entry["image_id"], []).append(entry)
    return found


def _xyxy(entries: Sequence[Mapping[str, Any]]) -> np.ndarray:
    return xywh_to_xyxy([entry["bbox"] for entry in entries])
