"""The small detector's training data: any dataset in COCO's format, as boxes in the network's own pixels."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from synscenes.boxes import xywh_to_xyxy
from synscenes.errors import CourseError
from synscenes.models.placement import Placement, placed


@dataclass(frozen=True)
class Example:
    """One image: where it lies, and its objects as boxes (k, 4) xyxy in input pixels with labels (k,) 0, 1, 2 …

    A label of -1 is a crowd: neither object nor background. ``placement`` leads back to the image's own pixels.
    """

    image_id: int
    path: Path
    boxes: np.ndarray
    labels: np.ndarray
    placement: Placement
    flipped: bool = False


def read(annotations: Any, folder: Path | str, size: tuple[int, int], limit: int | None = None):
    """Return (examples, category ids, category names) of an instances file (path or parsed) and its image folder.

    ``size``: (height, width) of the network's input. ``limit``: only the first so many images. Raises CourseError for
    a file without images or categories, or an annotation whose image or category is unknown.
    """
    document = parsed(annotations)
    categories = sorted(document.get("categories", []), key=lambda entry: entry["id"])
    if not categories or not document.get("images"):
        raise CourseError("The annotations hold no images or no categories: is this an instances file?")
    ids = [entry["id"] for entry in categories]
    label_of = {category: label for label, category in enumerate(ids)}
    of_image: dict[int, list] = {record["id"]: [] for record in document["images"]}
    for note in document.get("annotations", []):
        if note["image_id"] not in of_image or note["category_id"] not in label_of:
            raise CourseError(
                f"Annotation {note.get('id')} has image_id {note['image_id']} and category_id {note['category_id']}: "
                "one of them isn't in the file."
            )
        of_image[note["image_id"]].append(note)
    found = []
    for record in document["images"][:limit]:
        notes = of_image[record["id"]]
        placement = placed((record["width"], record["height"]), size)
        boxes = torch.from_numpy(xywh_to_xyxy([note["bbox"] for note in notes])).float()
        labels = [-1 if note.get("iscrowd") else label_of[note["category_id"]] for note in notes]
        inside = placement.to_input(boxes).clamp(min=torch.zeros(4), max=torch.tensor([size[1], size[0]] * 2)).numpy()
        real = ((inside[:, 2:] - inside[:, :2]) > 1).all(axis=1)  # thinner than a pixel teaches nothing
        path = Path(folder) / record["file_name"]
        found.append(Example(record["id"], path, inside[real], np.array(labels, dtype=np.int64)[real], placement))
    return found, ids, [entry["name"] for entry in categories]


def mirrored(examples: Sequence[Example], width: int) -> list[Example]:
    """Return the examples seen in a mirror: a cheap way to twice the images, since most things have no handedness."""
    return [
        replace(each, boxes=each.boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [width, 0, width, 0], flipped=True)
        for each in examples
    ]


def parsed(annotations: Any) -> Mapping[str, Any]:
    """Return a COCO document: what is parsed already as it is, else the file at this path. Raises CourseError."""
    if isinstance(annotations, Mapping):
        return annotations
    path = Path(annotations)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"No annotations at {path}.") from None
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{path} isn't JSON ({error}): is the file whole?") from None
