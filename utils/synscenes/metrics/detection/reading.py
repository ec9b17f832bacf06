"""Ground truth and results as columns, checked, in the order in which they are matched."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.metrics.detection.fields import Records
from synscenes.metrics.detection.settings import Settings
from synscenes.metrics.detection.shapes import derived_boxes, mask_areas, masks_of, masks_of_results


@dataclass(frozen=True)
class Catalogue:
    """The images and categories evaluated, sorted by id; every column elsewhere holds places in these."""

    image_ids: np.ndarray
    category_ids: np.ndarray
    category_names: list[str]
    sizes: dict[int, tuple[int, int]] = field(repr=False)  # image id -> (height, width), where the file has them


@dataclass(frozen=True)
class Things:
    """Columns over annotations or over results: n rows.

    ``row``: place in the file's list; ``image``, ``category``: places in the Catalogue; ``box``: (n, 4) xywh;
    ``area``: square pixels, the file's own for annotations; ``shape``: masks (a list) or joints (n, 3K), else None.
    """

    row: np.ndarray
    image: np.ndarray
    category: np.ndarray
    box: np.ndarray
    area: np.ndarray
    shape: Any
    identifier: np.ndarray | None = None  # annotations
    crowd: np.ndarray | None = None  # annotations: iscrowd
    ignore: np.ndarray | None = None  # annotations that no area range counts
    score: np.ndarray | None = None  # results

    def __len__(self) -> int:
        return len(self.row)

    def take(self, rows: np.ndarray) -> Things:
        """Return the rows chosen by places or by a mask, in that order."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows

        def chosen(column: Any) -> Any:
            if isinstance(column, list):
                return [column[row] for row in rows.tolist()]
            return None if column is None else column[rows]

        return Things(*(chosen(getattr(self, name)) for name in self.__dataclass_fields__))


def read_json(source: Any, what: str) -> tuple[Any, str]:
    """Return parsed JSON and the file's name ("" for JSON that was parsed already)."""
    if not isinstance(source, (str, os.PathLike)):
        return source, ""
    path = Path(source)
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file), path.name
    except OSError as error:
        raise CourseError(f"{path.name}: the {what} can't be read ({error.strerror}): check the path.") from None
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{path.name}: the {what} isn't valid JSON ({error}).") from None


def read_catalogue(gt: Any, file: str, images: Any, categories: Any) -> tuple[Catalogue, Catalogue]:
    """Return all images and categories of the ground truth, and those chosen by ``images`` and ``categories``."""
    if not isinstance(gt, dict):
        raise CourseError(f"{_start(file)}the ground truth must be COCO's JSON object, not a {type(gt).__name__}.")
    for key in ("images", "categories", "annotations"):
        if key not in gt:
            raise CourseError(f'{_start(file)}the ground truth has no "{key}": is it COCO\'s instances file?')
    image_records, category_records = Records(gt["images"], "image", file), Records(gt["categories"], "category", file)
    image_ids, category_ids = image_records.ids("id"), category_records.ids("id")
    if not len(image_ids) or not len(category_ids):
        raise CourseError(f"{_start(file)}the ground truth needs at least one image and one category.")
    names = dict(zip(category_ids.tolist(), (str(each.get("name", "")) for each in gt["categories"])))
    sizes = {
        identifier: (each["height"], each["width"])
        for identifier, each in zip(image_ids.tolist(), gt["images"])
        if "height" in each and "width" in each
    }
    whole = Catalogue(np.unique(image_ids), np.unique(category_ids), [names[i] for i in sorted(names)], sizes)
    kept = _chosen(categories, whole.category_ids, "categories")
    return whole, Catalogue(_chosen(images, whole.image_ids, "images"), kept, [names[i] for i in kept.tolist()], sizes)


def read_truth(gt: dict, file: str, whole: Catalogue, settings: Settings) -> Things:
    """Return every annotation. Raises CourseError for the first record that can't be evaluated."""
    records = Records(gt["annotations"], "annotation", file)
    identifier = records.ids("id")
    _check_ids(records, identifier)
    image = records.places("image_id", whole.image_ids, "images")
    category = records.places("category_id", whole.category_ids, "categories")
    crowd = np.array([bool(each.get("iscrowd", 0)) for each in records.items], dtype=bool)
    ignore = crowd.copy()  # As in pycocotools, a field "ignore" in the file is not asked.
    shape = None
    if settings.iou_type == "segm":
        shape = masks_of(records, whole.sizes)
    elif settings.iou_type == "keypoints":
        shape = records.numbers("keypoints", 3 * len(settings.sigmas))
        ignore |= records.numbers("num_keypoints") == 0
    # Mask evaluation never looks at the annotation's box, so it may be missing there.
    box = np.zeros((len(records), 4)) if settings.iou_type == "segm" else _boxes(records)
    area = records.numbers("area")
    return Things(np.arange(len(records)), image, category, box, area, shape, identifier, crowd, ignore)


def read_results(dt: Any, file: str, whole: Catalogue, settings: Settings) -> Things:
    """Return every result. Raises CourseError for the first one that can't be evaluated.

    Like pycocotools' loadRes, the first result decides where areas come from: its box if it has one, else its
    mask, else its joints.
    """
    if isinstance(dt, dict):
        hint = '; give its "annotations"' if "annotations" in dt else ""
        raise CourseError(f"{_start(file)}results must be a list of records, not one JSON object{hint}.")
    records = Records(dt, "result", file)
    image = records.places("image_id", whole.image_ids, "images")
    category = records.places("category_id", whole.category_ids, "categories")
    score = records.numbers("score")
    shape = None
    if settings.iou_type == "segm" and len(records):
        shape = masks_of_results(records, whole.sizes)
    elif settings.iou_type == "keypoints":
        shape = records.numbers("keypoints", 3 * len(settings.sigmas))
    if not len(records) or ("bbox" in records.items[0] and records.items[0]["bbox"] != []):
        box = _boxes(records)
        area = box[:, 2] * box[:, 3]
    elif settings.iou_type == "segm":
        box, area = np.zeros((len(records), 4)), mask_areas(shape)
    else:
        box, area = derived_boxes(records, whole.sizes)
    return Things(np.arange(len(records)), image, category, box, area, shape, score=score)


def restrict(things: Things, whole: Catalogue, kept: Catalogue) -> Things:
    """Keep what belongs to the images and categories evaluated, with places counted among those."""
    if len(whole.image_ids) == len(kept.image_ids) and len(whole.category_ids) == len(kept.category_ids):
        return things
    images = np.searchsorted(kept.image_ids, whole.image_ids)
    categories = np.searchsorted(kept.category_ids, whole.category_ids)
    inside = np.isin(whole.image_ids, kept.image_ids)[things.image]
    inside &= np.isin(whole.category_ids, kept.category_ids)[things.category]
    chosen = things.take(inside)
    chosen.image[:], chosen.category[:] = images[chosen.image], categories[chosen.category]
    return chosen


def _chosen(ids: Any, known: np.ndarray, name: str) -> np.ndarray:
    if ids is None:
        return known
    wanted = Records([{"id": each} for each in np.atleast_1d(np.asarray(ids)).tolist()], name).ids("id")
    unknown = np.setdiff1d(wanted, known)
    if len(unknown) or not len(wanted):
        what = f"{name} has {unknown[0]}, which the ground truth does not know" if len(unknown) else f"{name} is empty"
        raise CourseError(f"{what}: choose among its {len(known):,} {name}.")
    return np.unique(wanted)


def _check_ids(records: Records, identifier: np.ndarray) -> None:
    if (zero := np.flatnonzero(identifier == 0)).size:
        raise CourseError(
            f"{records.where(int(zero[0]))}: an annotation's id must not be 0, which pycocotools takes for "
            '"no match": number annotations from 1.'
        )
    values, counts = np.unique(identifier, return_counts=True)
    if (counts > 1).any():
        first, second = np.flatnonzero(identifier == values[counts > 1][0])[:2].tolist()
        raise CourseError(
            f"{records.where(second)} has the id of annotation {first}; pycocotools would use one of them twice: "
            "give every annotation an id of its own."
        )


def _boxes(records: Records) -> np.ndarray:
    boxes = records.numbers("bbox", 4)
    negative = np.flatnonzero((boxes[:, 2:] < 0).any(axis=1))
    if len(negative):
        row = int(negative[0])
        raise CourseError(
            f'{records.where(row)}: "bbox" {boxes[row].tolist()} has a negative width or height; '
            "COCO writes left, top, width, height."
        )
    return boxes


def _start(file: str) -> str:
    return f"{file}: " if file else ""
