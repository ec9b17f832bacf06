"""Panoptic ↔ detection ↔ semantic, as COCO JSON; the first two like panopticapi's converters.

Detection format: one annotation with an RLE a segment, things and stuff alike. Semantic format: one annotation a
category and image. Semantic keeps no instances, so the way back needs the things' masks (``from_both``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.panoptic import segments as one
from synscenes.panoptic.ids import VOID, write_png
from synscenes.panoptic.sets import PanopticSet, check_size, load

Source = str | Path | Mapping[str, Any]


def to_detection(source: Source, folder: str | Path | None = None, things_only: bool = False) -> dict[str, Any]:
    """Return the segments of a panoptic set as a COCO instances file: one RLE annotation each, ids from 1.

    Raises CourseError where PNG and JSON disagree (as ``PanopticSet`` does).
    """
    panoptic = load(source, folder)
    kept = {number for number, each in panoptic.categories.items() if each.get("isthing", 1) or not things_only}
    annotations = []
    for image_id, ids, segments in _images(panoptic):
        for number, segment in segments.items():
            if segment["category_id"] in kept:
                fields = _annotation(ids == number, image_id, segment["category_id"], segment.get("iscrowd", 0))
                annotations.append({"id": len(annotations) + 1, **fields})
    return _file(panoptic, annotations, kept)


def to_semantic(source: Source, folder: str | Path | None = None) -> dict[str, Any]:
    """Return a panoptic set as a COCO stuff file: one RLE annotation for each category of an image.

    Crowds join their category: their pixels are its pixels. Raises CourseError as ``to_detection``.
    """
    panoptic = load(source, folder)
    annotations = []
    for image_id, ids, segments in _images(panoptic):
        categories = one.semantic_map(ids, segments.values(), void=-1)
        for category in np.unique(categories[categories >= 0]).tolist():
            fields = _annotation(categories == category, image_id, category, 0)
            annotations.append({"id": len(annotations) + 1, **fields})
    return _file(panoptic, annotations, set(panoptic.categories))


def from_detection(
    content: Mapping[str, Any],
    folder: str | Path,
    categories: list[dict[str, Any]] | None = None,
    name: str = "detection JSON",
) -> dict[str, Any]:
    """Paint a detection file's masks as panoptic PNGs in ``folder`` and return the panoptic JSON.

    ``categories`` (default: the file's own) should carry ``isthing``. Pixels of no mask become void. Raises
    CourseError, with image and annotation ids, for masks that overlap, masks of another size than their image, unknown
    categories, and masks without a pixel.
    """
    from synscenes.coco import masks

    categories = list(content["categories"]) if categories is None else categories
    known = {each["id"] for each in categories}
    by_image: dict[int, list[Mapping[str, Any]]] = {image["id"]: [] for image in content["images"]}
    for each in content["annotations"]:
        if each["image_id"] not in by_image:
            raise CourseError(f"{name}: annotation {each['id']} is of image {each['image_id']}, which isn't listed.")
        by_image[each["image_id"]].append(each)
    entries, written = [], set()
    for image in content["images"]:
        ids = np.zeros((image["height"], image["width"]), dtype=np.uint32)
        owners: dict[int, Mapping[str, Any]] = {}
        for each in by_image[image["id"]]:
            where = f"{name}, image {image['id']}, annotation {each['id']}"
            if each["category_id"] not in known:
                raise CourseError(f"{where}: category_id {each['category_id']} isn't among the categories: add it.")
            shape = each["segmentation"]
            if isinstance(shape, Mapping):
                check_size(tuple(shape["size"]), ids.shape, where, name, image["id"])
            _paint(ids, masks.to_mask(shape, *ids.shape), each, owners, where)
        segment_categories = {number: each["category_id"] for number, each in owners.items()}
        crowds = {number for number, each in owners.items() if each.get("iscrowd", 0)}
        file_name = f"{Path(image['file_name']).stem}.png"
        if file_name in written:
            raise CourseError(f"{name}, image {image['id']}: another image is written as {file_name} too: rename one.")
        written.add(file_name)
        write_png(Path(folder) / file_name, ids)
        entries.append(one.entry(image["id"], file_name, one.describe(ids, segment_categories, crowds)))
    return {**_head(content), "images": list(content["images"]), "annotations": entries, "categories": categories}


def from_both(
    things: Mapping[str, Any],
    semantic: Mapping[str, Any],
    folder: str | Path,
    categories: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return to panoptic from the things of a detection file and the stuff of a semantic file.

    ``categories`` say with ``isthing`` which are things. PNGs are written to ``folder``. Raises CourseError as
    ``from_detection``.
    """
    stuff = {each["id"] for each in categories if not each.get("isthing", 1)}
    both = [each for each in things["annotations"] if each["category_id"] not in stuff]
    both += [each for each in semantic["annotations"] if each["category_id"] in stuff]
    return from_detection({**things, "annotations": both}, folder, categories, "detection and semantic JSON")


def _images(panoptic: PanopticSet) -> Iterator[tuple[int, np.ndarray, dict[int, dict[str, Any]]]]:
    """Yield image id, segment ids (H, W) and segments by id, checked against each other."""
    for image_id in panoptic.annotations:
        segments, ids = panoptic.segments(image_id), panoptic.pixels(image_id)
        numbers, counts = np.unique(ids, return_counts=True)
        panoptic.check_segments(image_id, segments, dict(zip(numbers.tolist(), counts.tolist())), areas_too=True)
        yield image_id, ids, segments


def _annotation(mask: np.ndarray, image_id: int, category_id: int, iscrowd: int) -> dict[str, Any]:
    from pycocotools import mask as rle_tools

    rle = rle_tools.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {
        "image_id": image_id,
        "category_id": category_id,
        "segmentation": {"size": [int(side) for side in rle["size"]], "counts": rle["counts"].decode("ascii")},
        "area": int(mask.sum()),
        "bbox": [int(side) for side in rle_tools.toBbox(rle)],
        "iscrowd": int(iscrowd),
    }


def _paint(
    ids: np.ndarray, mask: np.ndarray, each: Mapping[str, Any], owners: dict[int, Mapping[str, Any]], where: str
) -> None:
    """Give the mask's pixels a new id; ``owners`` remembers whose it is."""
    if not mask.any():
        raise CourseError(f"{where}: the mask has no pixel: remove the annotation.")
    below = np.unique(ids[mask])
    if below[-1] != VOID:
        other, shared = owners[int(below[-1])]["id"], int((ids[mask] == below[-1]).sum())
        raise CourseError(
            f"{where}: it overlaps annotation {other} in {shared} pixels, and a panoptic pixel has one owner: "
            "cut one of the two, or decide by rule (synscenes.panoptic.fusion)."
        )
    same = sum(owner["category_id"] == each["category_id"] for owner in owners.values())
    number = one.segment_id(each["category_id"], same + 1)
    ids[mask] = number
    owners[number] = each


def _file(panoptic: PanopticSet, annotations: list[dict[str, Any]], kept: set[int]) -> dict[str, Any]:
    categories = [
        {name: value for name, value in each.items() if name not in ("isthing", "color")}
        for number, each in panoptic.categories.items()
        if number in kept
    ]
    return {
        **_head(panoptic.content),
        "images": list(panoptic.content.get("images", [])),
        "annotations": annotations,
        "categories": categories,
    }


def _head(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: content[name] for name in ("info", "licenses") if name in content}
