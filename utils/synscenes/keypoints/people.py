"""The annotated persons of a COCO keypoint file, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.keypoints.checking import joints_of


@dataclass(frozen=True)
class People:
    """N persons with at least one labelled joint, in the file's order.

    ``joints``: (N, 17, 3) x, y, v in pixels; ``boxes``: (N, 4) xywh; ``areas``: (N,) of the outlines, square pixels;
    ``ids`` and ``image_ids``: (N,). ``files`` maps an image's id to its file name. ``document``: the ground truth of
    just these images, as ``evaluate`` takes it; persons without joints and crowds are in it, and are ignored there.
    """

    joints: np.ndarray
    boxes: np.ndarray
    areas: np.ndarray
    ids: np.ndarray
    image_ids: np.ndarray
    files: dict[int, str]
    document: dict[str, Any]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Any) -> People:
        """Return some of the persons; ``document`` stays that of the whole."""
        names = ("joints", "boxes", "areas", "ids", "image_ids")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def read(path: str | Path, limit: int | None = None, rng: np.random.Generator | None = None) -> People:
    """Read and check a person_keypoints file.

    ``limit`` keeps images, drawn by ``rng`` (without one: the file's first), until they hold that many persons. Raises
    CourseError, naming file and annotation, for joints that can't be right or a file without persons.
    """
    from synscenes import coco

    path = Path(path)
    document = coco.load(path).document
    images = {image["id"]: image for image in document["images"]}
    by_image: dict[int, list[dict]] = {}
    for record in document["annotations"]:
        if record["image_id"] not in images:
            raise CourseError(f"{path.name}: annotation {record['id']}: no image has id {record['image_id']}.")
        by_image.setdefault(record["image_id"], []).append(record)
    chosen, joints = _choose(by_image, images, path.name, limit, rng)
    if not chosen:
        raise CourseError(f"{path.name}: no person has a labelled joint; is it a person_keypoints file?")
    kept = {record["image_id"]: None for record in chosen}
    return People(
        np.stack(joints),
        np.array([record["bbox"] for record in chosen], dtype=np.float64),
        np.array([record["area"] for record in chosen], dtype=np.float64),
        np.array([record["id"] for record in chosen]),
        np.array([record["image_id"] for record in chosen]),
        {identifier: images[identifier]["file_name"] for identifier in kept},
        {
            "images": [images[identifier] for identifier in kept],
            "annotations": [record for identifier in kept for record in by_image[identifier]],
            "categories": document["categories"],
        },
    )


def _choose(by_image: dict, images: dict, file: str, limit: int | None, rng: Any) -> tuple[list, list]:
    order = list(by_image)
    if rng is not None:
        rng.shuffle(order)
    chosen, joints = [], []
    for identifier in order:
        if limit is not None and len(chosen) >= limit:
            break
        for record in by_image[identifier]:
            found = joints_of(record, images[identifier], file)
            if (found[:, 2] > 0).any() and not record.get("iscrowd", 0):
                chosen.append(record)
                joints.append(found)
    return chosen, joints
