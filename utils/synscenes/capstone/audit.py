"""Project C: find wrong labels in an annotation file, with a budget of looks, and say how many there are.

A ranking is a function ``suspicion(case)`` that returns one number for each annotation, high where somebody should look
first. It gets a ``Case``: crops seen by MobileNetV2, boxes, the labels as they are, and what YOLOv4-tiny found. It does
not get the planted mistakes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.boxes import xywh_to_xyxy
from synscenes.capstone import sealed
from synscenes.coco import Folder
from synscenes.detection.overlap import iou
from synscenes.errors import CourseError

SIDE, MARGIN = 96, 0.15  # crops are squares of 96 pixels that hold the box and 15 % more on each side


@dataclass(frozen=True)
class Case:
    """An annotation file under suspicion, one row an annotation.

    ``features`` (n, 1280): MobileNetV2's pooled features of the crops; ``labels`` (n,): places in ``names``; ``images``
    (n,): image ids; ``boxes`` (n, 4) xyxy; ``agrees`` and ``objects`` (n,): the best score of a YOLOv4-tiny detection
    that lies on the box (IoU of 0.5 or more) and names the same category, or another one.
    """

    features: np.ndarray
    labels: np.ndarray
    images: np.ndarray
    boxes: np.ndarray
    agrees: np.ndarray
    objects: np.ndarray
    names: list[str]
    ids: np.ndarray
    folder: Folder = field(repr=False)

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def files(self) -> dict[int, Path]:
        """Where each image lies."""
        document = json.loads(self.folder.instances("train").read_text(encoding="utf-8"))
        return {record["id"]: self.folder.image("train", record) for record in document["images"]}


def case(count: int, judging: bool = False, device: Any = "cpu") -> Case:
    """Return a case of ``count`` images: the one to practise on, or the sealed one (about 0.1 s an image)."""
    folder = sealed.audit(count, judging)
    document = json.loads(folder.instances("train").read_text(encoding="utf-8"))
    notes = [note for note in document["annotations"] if not note["iscrowd"]]
    categories = {entry["id"]: entry["name"] for entry in document["categories"]}
    used, labels = np.unique([note["category_id"] for note in notes], return_inverse=True)
    boxes = xywh_to_xyxy([note["bbox"] for note in notes])
    images = np.array([note["image_id"] for note in notes])
    paths = {record["id"]: folder.image("train", record) for record in document["images"]}
    agrees, objects = _second_opinion(paths, images, boxes, np.array([note["category_id"] for note in notes]), device)
    return Case(
        _crop_features(paths, images, boxes, device), labels, images, boxes, agrees, objects,
        [categories[number] for number in used], np.array([note["id"] for note in notes]), folder,
    )  # fmt: skip


def truth(case: Case) -> np.ndarray:
    """Return which labels were planted wrong: (n,) bool. For judges, and for your own tests on the practice case."""
    bad = {mistake["annotation_id"] for mistake in sealed.planted(case.folder)}
    return np.isin(case.ids, sorted(bad))


def crop(image: Any, box: Sequence[float]) -> Any:
    """Return the square around a box, with a margin, as a PIL image of ``SIDE`` pixels; black beyond the image."""
    left, top, right, bottom = box
    half = (0.5 + MARGIN) * max(right - left, bottom - top) + 1
    x, y = (left + right) / 2, (top + bottom) / 2
    return image.crop(tuple(round(v) for v in (x - half, y - half, x + half, y + half))).resize((SIDE, SIDE))


def detectors_doubt(case: Case) -> np.ndarray:
    """The starter, lesson 16's rule: how sure a detector is that this box holds something of another category: (n,)."""
    return case.objects


@dataclass(frozen=True)
class Found:
    """How good a ranking is: ``right`` (n,) in its order; the share of mistakes overall is what chance finds."""

    right: np.ndarray

    @property
    def average_precision(self) -> float:
        """Mean, over the mistakes, of the precision at the place where each one stands."""
        ranks = np.flatnonzero(self.right) + 1
        return float(np.mean(np.arange(1, len(ranks) + 1) / ranks)) if len(ranks) else 0.0

    def precision(self, looks: int) -> float:
        """The share of mistakes among the first ``looks`` annotations."""
        return float(self.right[:looks].mean())


def order_of(ranking: Callable[[Case], Any], case: Case) -> np.ndarray:
    """Return the annotations in the order of a ranking, most suspicious first: (n,) places.

    Raises CourseError, in one line, for a ranking that stops or does not return one finite number an annotation.
    """
    try:
        values = ranking(case)
    except Exception as error:
        raise CourseError(f"The ranking stopped with {type(error).__name__}: {error}.") from error
    if values is ...:
        raise CourseError("The ranking returns ...: write it first.")
    values = np.asarray(values, dtype=np.float64)
    if values.shape != (len(case),) or not np.isfinite(values).all():
        raise CourseError(f"The ranking must return {len(case)} finite numbers, got an array of shape {values.shape}.")
    # Ties in an order that tells nothing: the file's own order would follow the images.
    shuffled = np.random.default_rng(0).permutation(len(values))
    return shuffled[np.argsort(-values[shuffled], kind="stable")]


def judged(ranking: Callable[[Case], Any], case: Case) -> Found:
    """Return what a ranking finds, against the planted truth."""
    return Found(truth(case)[order_of(ranking, case)])


def gain(ranking: Callable, base: Callable, case: Case, rng: np.random.Generator, repeats: int = 300) -> np.ndarray:
    """Return the difference of two rankings' average precision on resamples of the images: (repeats,).

    Images are drawn with all their annotations: what one annotator does to an image is not independent.
    """
    wrong, groups = truth(case), [np.flatnonzero(case.images == image) for image in np.unique(case.images)]
    places = [np.argsort(order_of(each, case)) for each in (ranking, base)]  # the rank of each annotation
    draws = np.zeros(repeats)
    for repeat in range(repeats):
        rows = np.concatenate([groups[place] for place in rng.integers(0, len(groups), len(groups))])
        ours, theirs = (Found(wrong[rows][np.argsort(rank[rows], kind="stable")]) for rank in places)
        draws[repeat] = ours.average_precision - theirs.average_precision
    return draws


def sampled(wrong: np.ndarray, looks: int, rng: np.random.Generator) -> int:
    """Look at ``looks`` annotations drawn at random and return how many were wrong."""
    return int(np.asarray(wrong)[rng.choice(len(wrong), looks, replace=False)].sum())


def _crop_features(paths: dict[int, Path], images: np.ndarray, boxes: np.ndarray, device: Any) -> np.ndarray:
    import torch

    from synscenes import models
    from synscenes.pictures import open_image
    from synscenes.preprocessing import normalise

    network = models.load("mobilenet_v2").module.features.to(device)
    rows: list[np.ndarray] = []
    for image in dict.fromkeys(images.tolist()):
        picture = open_image(paths[image])
        crops = [crop(picture, box) for box in boxes[images == image]]
        batch = torch.stack([torch.from_numpy(normalise(each, *_STATISTICS)) for each in crops]).to(device)
        with torch.inference_mode():
            rows.append(network(batch).mean((2, 3)).cpu().numpy())
    return np.concatenate(rows)[np.argsort(np.concatenate([np.flatnonzero(images == i) for i in dict.fromkeys(images.tolist())]))]  # fmt: skip  # noqa: E501


_STATISTICS = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])  # what MobileNetV2 was trained with


def _second_opinion(
    paths: dict[int, Path], images: np.ndarray, boxes: np.ndarray, categories: np.ndarray, device: Any
) -> tuple[np.ndarray, np.ndarray]:
    """The best score of a detection on each box that agrees with its category, and of one that objects."""
    from synscenes import models
    from synscenes.pictures import open_image

    yolo = models.load("yolov4_tiny")
    yolo.module.to(device)
    agrees, objects = np.zeros(len(boxes)), np.zeros(len(boxes))
    each = dict.fromkeys(images.tolist())
    for image, items in zip(each, yolo.detect_all((open_image(paths[image]) for image in each), 0.02)):
        rows = np.flatnonzero(images == image)
        if not items:
            continue
        on = iou(boxes[rows], np.array([item.xyxy for item in items])) >= 0.5
        scores = on * np.array([item.score for item in items])
        same = categories[rows][:, None] == np.array([item.category_id for item in items])
        agrees[rows] = (scores * same).max(axis=1)
        objects[rows] = (scores * ~same).max(axis=1)
    return agrees, objects
