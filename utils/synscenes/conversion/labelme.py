"""LabelMe's annotations: one JSON file an image, a list of shapes with labels, corners in pixels.

A shape is a polygon, a rectangle (two corners) or a point; shapes with one ``group_id`` belong to one object. That is
how an outline of several parts, or a person's joints, hang together here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.boxes import xywh_to_xyxy, xyxy_to_xywh
from synscenes.conversion.records import Builder, by_image, category_names, copy_pictures, plain_tail, read_json
from synscenes.draw import KEYPOINTS, SKELETON
from synscenes.errors import CourseError
from synscenes.files import write_atomic

_CORNERS = {"rectangle": (2, 2), "polygon": (3, math.inf), "point": (1, 1)}


def write(document: Mapping[str, Any], folder: Path, images: Path | None) -> Path:
    """See ``synscenes.conversion.write``. RLE masks are traced into polygons along the pixels' edges."""
    names = category_names(document)
    for image, entries in by_image(document):
        shapes = []
        for group, entry in enumerate(entries, start=1):
            shapes += _shapes(entry, names[entry["category_id"]], group, image)
        content = {
            "version": "5.0.0",
            "flags": {},
            "shapes": shapes,
            "imagePath": image["file_name"],
            "imageData": None,
            "imageHeight": image["height"],
            "imageWidth": image["width"],
        }
        name = f"{Path(image['file_name']).stem}.json"
        write_atomic(folder / name, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    copy_pictures(document, images, folder)
    return folder


def _shapes(entry: Mapping[str, Any], label: str, group: int, image: Mapping[str, Any]) -> list[dict[str, Any]]:
    flags = {"iscrowd": True} if entry.get("iscrowd") else {}
    outline = entry.get("segmentation")
    if isinstance(outline, dict):
        from synscenes.coco import masks

        outline = masks.mask_to_polygons(masks.to_mask(outline, image["height"], image["width"]))
    parts = [np.reshape(part, (-1, 2)).tolist() for part in outline or ()]
    if parts:
        shapes = [_shape("polygon", label, part, group, flags) for part in parts]
    else:
        left, top, right, bottom = xywh_to_xyxy(entry["bbox"]).reshape(4).tolist()
        shapes = [_shape("rectangle", label, [[left, top], [right, bottom]], group, flags)]
    for name, (x, y, visible) in zip(KEYPOINTS, np.reshape(entry.get("keypoints") or [], (-1, 3)).tolist()):
        if visible:
            shapes.append(_shape("point", name, [[x, y]], group, {"hidden": True} if visible == 1 else {}))
    return shapes


def _shape(kind: str, label: str, points: list, group: int, flags: dict[str, bool]) -> dict[str, Any]:
    return {"label": label, "points": points, "group_id": group, "shape_type": kind, "flags": flags}


def read(folder: Path, categories: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """See ``synscenes.conversion.read``. Points must bear the names of COCO's 17 joints."""
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise CourseError(f"No JSON file in {folder}: LabelMe writes one beside each photograph.")
    builder = Builder(categories)
    for path in paths:
        content = read_json(path)
        width, height = (_whole(content, field, path) for field in ("imageWidth", "imageHeight"))
        name = plain_tail(str(content.get("imagePath") or f"{path.stem}.jpg"))
        image_id = builder.image(name, width, height)
        for shapes in _grouped(content, path):
            _add(builder, image_id, shapes, (width, height))
    document = builder.document()
    for entry in document["categories"]:
        if any("keypoints" in found and found["category_id"] == entry["id"] for found in document["annotations"]):
            entry.setdefault("keypoints", list(KEYPOINTS))
            entry.setdefault("skeleton", [[start + 1, end + 1] for start, end in SKELETON])
    return document


def _grouped(content: Mapping[str, Any], path: Path) -> list[list[tuple[Mapping[str, Any], np.ndarray, str]]]:
    """Return the objects of a file: lists of (shape, its points, where it stands)."""
    if not isinstance(content.get("shapes"), list):
        raise CourseError(f"{path}: `shapes` should be a list; is this LabelMe's file?")
    groups: dict[Any, list] = {}
    for place, shape in enumerate(content["shapes"]):
        where = f"{path}, shapes[{place}]"
        if not isinstance(shape, dict) or not isinstance(shape.get("label"), str):
            raise CourseError(f"{where}: no label; say what the shape is.")
        if not isinstance(shape.get("flags") or {}, dict):
            raise CourseError(f"{where}: flags should be an object, not {shape['flags']!r}.")
        group = shape.get("group_id")
        if isinstance(group, (dict, list)):
            raise CourseError(f"{where}: group_id should be a number, not a {type(group).__name__}.")
        key = ("alone", place) if group is None else ("group", group)
        groups.setdefault(key, []).append((shape, _points(shape, where), where))
    return list(groups.values())


def _points(shape: Mapping[str, Any], where: str) -> np.ndarray:
    kind = shape.get("shape_type", "polygon")
    if not isinstance(kind, str) or kind not in _CORNERS:
        raise CourseError(f"{where}: shape_type {kind!r} is not read; use {', '.join(_CORNERS)}.")
    least, most = _CORNERS[kind]
    try:
        points = np.asarray(shape.get("points"), dtype=float)
    except (TypeError, ValueError):
        points = np.empty(0)
    # NaN is not below anything, and no photograph is a million pixels wide.
    near = points.ndim == 2 and (np.abs(points) <= 1e6).all()
    if not near or points.shape[1] != 2 or not least <= len(points) <= most:
        raise CourseError(f"{where}: a {kind} needs {least}{' or more' * (most > least)} points [x, y] of numbers.")
    return points


def _add(builder: Builder, image_id: int, shapes: list, size: tuple[int, int]) -> None:
    outlines = [one for one in shapes if one[0].get("shape_type", "polygon") != "point"]
    joints = [one for one in shapes if one[0].get("shape_type") == "point"]
    if not outlines:
        raise CourseError(f"{joints[0][2]}: joints without a box or an outline; give them the group_id of a person's.")
    labels = {shape["label"] for shape, _, _ in outlines}
    first, _, where = outlines[0]
    if len(labels) > 1:
        raise CourseError(f"{where}: one group_id, but the labels {' and '.join(sorted(labels))}; give each its own.")
    category = builder.category(first["label"], where)
    more: dict[str, Any] = {"iscrowd": int(bool((first.get("flags") or {}).get("iscrowd")))}
    corners = np.concatenate([part for _, part, _ in outlines])
    polygons = [part.ravel().tolist() for shape, part, _ in outlines if shape.get("shape_type") != "rectangle"]
    if polygons:
        from synscenes.coco import masks

        more["segmentation"] = polygons
        more["area"] = int(masks.polygons_to_mask(polygons, size[1], size[0]).sum())
    if joints:
        more |= _keypoints(joints)
    box = xyxy_to_xywh(np.concatenate([corners.min(axis=0), corners.max(axis=0)])).reshape(4).tolist()
    builder.annotation(image_id, category, box, **more)


def _keypoints(joints: list) -> dict[str, Any]:
    found = [[0.0, 0.0, 0] for _ in KEYPOINTS]
    for shape, points, where in joints:
        if shape["label"] not in KEYPOINTS:
            raise CourseError(f"{where}: no joint is called {shape['label']!r}; use COCO's names, such as left_wrist.")
        hidden = bool((shape.get("flags") or {}).get("hidden"))
        found[KEYPOINTS.index(shape["label"])] = [*points[0].tolist(), 1 if hidden else 2]
    labelled = sum(seen > 0 for *_, seen in found)  # not len(joints): somebody may have drawn two noses
    return {"keypoints": [value for joint in found for value in joint], "num_keypoints": labelled}


def _whole(content: Mapping[str, Any], field: str, path: Path) -> int:
    value = content.get(field)
    if type(value) is not int or value < 1:
        raise CourseError(f"{path}: {field} should be a whole number of pixels, is {value!r}.")
    return value
