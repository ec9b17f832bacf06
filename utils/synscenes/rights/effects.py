"""What hiding heads does to a detector: the same persons, the same photographs, one thing changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from synscenes.boxes import xywh_to_xyxy
from synscenes.errors import CourseError
from synscenes.rights import heads

if TYPE_CHECKING:
    from PIL import Image

PERSON = 1  # COCO's category id


class Shot(NamedTuple):
    """A photograph with those persons on it whose head can be found: records of a person_keypoints file."""

    image: Image.Image
    persons: list[dict[str, Any]]


def shots(path: str | Path, images: str | Path, count: int, rng: np.random.Generator) -> list[Shot]:
    """Return ``count`` photographs, drawn at random, on which at least one person's head can be found.

    ``path``: a person_keypoints file; ``images``: the folder of its photographs (those that are not there are passed
    over). Raises CourseError where there are none.
    """
    from synscenes.pictures import open_image

    document = json.loads(Path(path).read_text(encoding="utf-8"))
    of_image: dict[int, list[dict]] = {}
    for person in document["annotations"]:
        if not person["iscrowd"] and heads.boxes([person]):
            of_image.setdefault(person["image_id"], []).append(person)
    usable = [
        image
        for image in document["images"]
        if image["id"] in of_image and (Path(images) / image["file_name"]).is_file()
    ]
    if not usable:
        raise CourseError(f"{path}: no photograph in {images} shows a person with a labelled face: take another split.")
    drawn = rng.permutation(len(usable))[:count]
    return [
        Shot(open_image(Path(images) / usable[row]["file_name"]), of_image[usable[row]["id"]]) for row in sorted(drawn)
    ]


def found(persons: Sequence[Mapping[str, Any]], detections: Iterable[Any]) -> np.ndarray:
    """Return for each person whether a detection of category person overlaps its box by an IoU of 0.5: (n,) bool.

    Detections (with ``.category_id``, ``.xywh``, ``.score``) are taken in the order of their scores, and each finds
    one person at most.
    """
    from synscenes.detection import iou

    boxes = xywh_to_xyxy([person["bbox"] for person in persons])
    seen = sorted((each for each in detections if each.category_id == PERSON), key=lambda each: -each.score)
    hits = np.zeros(len(persons), dtype=bool)
    for each in seen:
        overlaps = np.where(hits, 0, iou(boxes, xywh_to_xyxy([each.xywh]))[:, 0])
        best = int(overlaps.argmax())
        if overlaps[best] >= 0.5:
            hits[best] = True
    return hits


def hits(
    model: Any, taken: Sequence[Shot], way: str | None = None, where: str = "head", threshold: float = 0.25
) -> np.ndarray:
    """Return which of all the shots' persons a detector finds: (persons,) bool, in a fixed order.

    ``way``: one of ``heads.WAYS``, or None for untouched photographs; ``where``: "head", or "torso" as a control.
    """
    answers = []
    for image, persons in taken:
        picture = heads.hide(image, heads.boxes(persons, where), way) if way else image
        answers.append(found(persons, model.detect(picture, score_threshold=threshold)))
    return np.concatenate(answers)


def other_takes(pictures: Sequence[Image.Image], rng: np.random.Generator) -> list[Image.Image]:
    """Return each picture as another copy of it might look: its edge cut off by up to a tenth, brighter or darker."""
    from PIL import ImageEnhance

    found = []
    for picture in pictures:
        left, top = (int(rng.uniform(0, 0.1) * side) for side in picture.size)
        right, bottom = (side - int(rng.uniform(0, 0.1) * side) for side in picture.size)
        cut = picture.crop((left, top, right, bottom)).resize(picture.size)
        found.append(ImageEnhance.Brightness(cut).enhance(float(rng.uniform(0.8, 1.2))))
    return found


def guesses(hidden: Sequence[Image.Image], gallery: Sequence[Image.Image], way: str) -> np.ndarray:
    """Guess which picture of a gallery each hidden picture is: (n,) places in the gallery.

    Whoever knows how a picture was hidden hides the whole gallery in the same way, and takes the most similar
    (correlation of 16 × 16 pixels). No network is trained, so a determined attacker does better.
    """

    def numbers(pictures: Sequence[Image.Image]) -> np.ndarray:
        small = np.stack([np.asarray(each.convert("RGB").resize((16, 16)), dtype=float).ravel() for each in pictures])
        centred = small - small.mean(axis=1, keepdims=True)
        return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)

    return (numbers(hidden) @ numbers([heads.WAYS[way](each) for each in gallery]).T).argmax(axis=1)
