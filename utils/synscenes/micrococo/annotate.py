"""From a picture's truth to COCO's records: instances, keypoints, panoptic segments, stuff, and the scene graph."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from synscenes.micrococo.backdrop import HEIGHT, WIDTH
from synscenes.micrococo.categories import MERGED_ID, STUFF_NAME, THING_ID, colour
from synscenes.micrococo.compose import Picture
from synscenes.micrococo.outlines import polygons
from synscenes.micrococo.scene import Stage, Thing

SMALLEST = 14  # pixels: what shows less of itself is left void, as too small to tell
SMALLEST_STUFF = 24
FEWEST = 4  # members that a crowd must show
OTHER = 183


@dataclass
class Truth:
    """All records of one image. ``numbers`` maps a thing's number to its annotation's id."""

    instances: list[dict] = field(default_factory=list)
    keypoints: list[dict] = field(default_factory=list)
    segments: list[dict] = field(default_factory=list)
    stuff: list[dict] = field(default_factory=list)
    panoptic: np.ndarray | None = None
    scene: dict[str, Any] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)


def annotation_id(split: str, index: int, k: int) -> int:
    """Ids that no two annotations of either split share, never 0."""
    return 2 * (index * 500 + k + 1) + (split == "train")


def crowd_id(image_id: int, category_id: int) -> int:
    """COCO's own way: 90, the category's two digits, the image's eight."""
    return 900_000_000_000 + category_id * 10**8 + image_id


def annotate(stage: Stage, picture: Picture, split: str, index: int, image_id: int) -> Truth:
    """Write down what is to be seen in the picture, and nothing else."""
    truth = Truth(panoptic=np.zeros((HEIGHT, WIDTH), np.int64))
    used: set[int] = set()
    leaders = _crowds(stage, picture)
    for thing in stage.things:
        if thing.group is not None and thing.number not in leaders:
            continue
        members = leaders.get(thing.number, [thing])
        mask = picture.owner == thing.number + 1
        for other in members[1:]:
            mask |= picture.owner == other.number + 1
        is_crowd = thing.group is not None
        if int(mask.sum()) < SMALLEST:
            continue
        _instance(truth, stage, picture, thing, members, mask, is_crowd, split, index, image_id, used)
    _stuff(truth, picture, split, index, image_id, used)
    truth.scene = _scene(truth, stage, image_id)
    return truth


def _crowds(stage: Stage, picture: Picture) -> dict[int, list[Thing]]:
    """The crowds by the number of their first member. Of too few who are seen each stands alone: they are no crowd."""
    shown = np.bincount(picture.owner.ravel(), minlength=len(stage.things) + 1)
    crowds: dict[str, list[Thing]] = {}  # one of a kind in a picture, as in COCO
    for thing in stage.things:
        if thing.group is not None:
            crowds.setdefault(thing.category, []).append(thing)
    for members in crowds.values():
        if members[0].category == "book":
            continue  # each shelf of books is drawn as one
        if sum(int(shown[thing.number + 1]) >= SMALLEST for thing in members) < FEWEST:
            for thing in members:
                thing.group = None
    return {members[0].number: members for members in crowds.values() if members[0].group is not None}


def box(mask: np.ndarray) -> list[int]:
    """COCO's [x, y, width, height] of a mask, tight."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return [int(columns[0]), int(rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)]


def run_lengths(mask: np.ndarray) -> dict[str, list[int]]:
    """COCO's uncompressed RLE: lengths of runs of 0, 1, 0, ... down the columns."""
    flat = mask.T.ravel()
    changes = np.flatnonzero(np.diff(flat)) + 1
    edges = [0, *changes.tolist(), flat.size]
    counts = [b - a for a, b in itertools.pairwise(edges)]
    return {"counts": [0, *counts] if flat[0] else counts, "size": [int(mask.shape[0]), int(mask.shape[1])]}


def _instance(
    truth: Truth, stage: Stage, picture: Picture, thing: Thing, members: list[Thing], mask: np.ndarray, is_crowd: bool,
    split: str, index: int, image_id: int, used: set[int],
) -> None:  # fmt: skip
    category = THING_ID[thing.category]
    number = crowd_id(image_id, category) if is_crowd else annotation_id(split, index, len(truth.instances))
    area, bbox = int(mask.sum()), box(mask)
    record = {
        "segmentation": run_lengths(mask) if is_crowd else polygons(mask),
        "area": area,
        "iscrowd": int(is_crowd),
        "image_id": image_id,
        "bbox": bbox,
        "category_id": category,
        "id": number,
    }
    truth.instances.append(record)
    if thing.category == "person":
        points = [0] * 51 if is_crowd else _keypoints(thing, picture.owner)
        count = sum(v > 0 for v in points[2::3])
        truth.keypoints.append({**record, "num_keypoints": count, "keypoints": points})
    segment = _segment(truth, mask, category, area, bbox, int(is_crowd), used)
    for member in members:
        truth.numbers[member.number] = number
    truth.scene.setdefault("objects", []).append(
        {
            "annotation_id": number,
            "segment_id": segment,
            "category": thing.category,
            "count": len(members),
            "depth": round(float(thing.z), 3),
            "order": round(float(thing.order), 4),
            "color": thing.colour,
            "bbox": bbox,
            "area": area,
            "attributes": {key: value for key, value in thing.traits.items() if key != "wide"},
        }
    )


def _keypoints(thing: Thing, owner: np.ndarray) -> list[int]:
    """51 numbers: x, y, v. v = 0 outside the picture, 1 behind something (or the own body), 2 in view."""
    flat: list[int] = []
    for x, y, hidden in thing.keypoints or []:
        column, row = int(x // 1), int(y // 1)
        if not (0 <= column < WIDTH and 0 <= row < HEIGHT):
            flat += [0, 0, 0]
            continue
        seen = not hidden and owner[row, column] == thing.number + 1
        flat += [column, row, 2 if seen else 1]
    return flat


def _segment(
    truth: Truth, mask: np.ndarray, category: int, area: int, bbox: list[int], crowd: int, used: set[int]
) -> int:
    red, green, blue = colour(category)
    number = red + 256 * green + 65536 * blue
    while number in used or number == 0:
        number = (number + 0x0B1D13) % 0x1000000
    used.add(number)
    truth.panoptic[mask] = number
    truth.segments.append({"id": number, "category_id": category, "area": area, "bbox": bbox, "iscrowd": crowd})
    return number


def _stuff(truth: Truth, picture: Picture, split: str, index: int, image_id: int, used: set[int]) -> None:
    from pycocotools import mask as coco_mask

    free = picture.owner == 0
    kinds = np.where(free, picture.stuff, 0)
    merged: dict[int, np.ndarray] = {}
    masks = []
    for kind in np.flatnonzero(np.bincount(kinds.ravel(), minlength=OTHER)).tolist():
        mask = kinds == kind
        if kind and int(mask.sum()) >= SMALLEST_STUFF:
            masks.append((kind, mask))
            target = MERGED_ID[kind]
            merged[target] = merged[target] | mask if target in merged else mask
    things = truth.panoptic > 0
    if things.any():
        masks.append((OTHER, things))
    for target in sorted(merged):
        mask = merged[target]
        _segment(truth, mask, target, int(mask.sum()), box(mask), 0, used)
    for k, (kind, mask) in enumerate(masks):
        code = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
        truth.stuff.append(
            {
                "segmentation": {"counts": code["counts"].decode("ascii"), "size": [HEIGHT, WIDTH]},
                "area": int(mask.sum()),
                "iscrowd": 0,
                "image_id": image_id,
                "bbox": box(mask),
                "category_id": kind,
                "id": annotation_id(split, index, 400 + k),
            }
        )


def _scene(truth: Truth, stage: Stage, image_id: int) -> dict[str, Any]:
    relations = []
    for thing in stage.things:
        for relation, other in thing.links:
            pair = truth.numbers.get(thing.number), truth.numbers.get(other)
            if None not in pair and pair[0] != pair[1]:
                relations.append({"subject": pair[0], "predicate": relation, "object": pair[1]})
    return {
        "image_id": image_id,
        "setting": stage.setting,
        "mood": stage.mood,
        "indoors": stage.indoors,
        "stuff": [STUFF_NAME[row["category_id"]] for row in truth.stuff if row["category_id"] != OTHER],
        "objects": truth.scene.get("objects", []),
        "relations": relations,
    }
