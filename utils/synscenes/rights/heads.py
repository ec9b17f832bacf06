"""Heads of persons: found from the joints, then blurred, cut into tiles or blackened. Not the same as anonymous."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

FACE = (0, 1, 2, 3, 4)  # nose, eyes, ears among COCO's 17 joints
SHOULDERS, HIPS = (5, 6), (11, 12)
TILES = 4  # tiles across a head


def box(joints: np.ndarray, area: float) -> tuple[int, int, int, int] | None:
    """Return a box (x1, y1, x2, y2 in pixels) round a person's head, or None where no joint of the face is labelled.

    ``joints``: (17, 3) x, y, v; ``area``: of the person's outline, square pixels. The half side is the largest of
    0.9 × the spread of the face's joints, 0.45 × the shoulders' width, and 0.1 × the square root of the area, so
    that a face of which one joint is labelled is not a point. A guess that covers too much rather than too little.
    """
    face = joints[list(FACE)]
    face = face[face[:, 2] > 0, :2]
    if not len(face):
        return None
    shoulders = joints[list(SHOULDERS)]
    across = np.ptp(shoulders[:, :2], axis=0).max() if (shoulders[:, 2] > 0).all() else 0.0
    half = max(0.9 * np.ptp(face, axis=0).max(), 0.45 * across, 0.1 * np.sqrt(area))
    x, y = (face.min(axis=0) + face.max(axis=0)) / 2
    return int(x - half), int(y - 1.1 * half), int(np.ceil(x + half)), int(np.ceil(y + 1.1 * half))


def torso(joints: np.ndarray, head: Sequence[int]) -> tuple[int, int, int, int] | None:
    """Return a box of the head's size in the middle of the trunk, or None without a labelled shoulder and hip."""
    upper, lower = (joints[list(pair)][joints[list(pair)][:, 2] > 0, :2] for pair in (SHOULDERS, HIPS))
    if not len(upper) or not len(lower):
        return None
    x, y = (upper.mean(axis=0) + lower.mean(axis=0)) / 2
    half_width, half_height = (head[2] - head[0]) / 2, (head[3] - head[1]) / 2
    return int(x - half_width), int(y - half_height), int(x + half_width), int(y + half_height)


def boxes(persons: Sequence[Mapping[str, Any]], where: str = "head") -> list[tuple[int, int, int, int]]:
    """Return the boxes of all persons of one image; ``persons``: records of a person_keypoints file.

    ``where``: "head", or "torso" for boxes of the same size elsewhere on the same persons. Crowds have no joints and
    get no box. Raises ValueError for another word.
    """
    if where not in ("head", "torso"):
        raise ValueError(f'where must be "head" or "torso", not {where!r}')
    found = []
    for person in persons:
        joints = np.reshape(person["keypoints"], (-1, 3)).astype(float)
        head = box(joints, float(person["area"]))
        place = torso(joints, head) if head and where == "torso" else head
        if place:
            found.append(place)
    return found


def blurred(patch: Image.Image) -> Image.Image:
    """Return the patch behind ground glass: a Gaussian blur of an eighth of its width."""
    return patch.filter(ImageFilter.GaussianBlur(max(patch.width / 8, 1)))


def tiled(patch: Image.Image) -> Image.Image:
    """Return the patch as a mosaic of ``TILES`` tiles across, each of its mean colour."""
    across = max(min(TILES, patch.width), 1)
    down = max(round(across * patch.height / patch.width), 1)
    return patch.resize((across, down), Image.Resampling.BOX).resize(patch.size, Image.Resampling.NEAREST)


def blackened(patch: Image.Image) -> Image.Image:
    """Return a black patch of the same size."""
    return Image.new(patch.mode, patch.size)


WAYS: dict[str, Callable[[Image.Image], Image.Image]] = {"blurred": blurred, "tiled": tiled, "blackened": blackened}


def hide(image: Image.Image, places: Sequence[Sequence[int]], way: str) -> Image.Image:
    """Return a copy of an RGB image whose ``places`` (boxes, cut to the image) went through one of ``WAYS``.

    Each box is hidden whole, corners too. Raises ValueError for another way.
    """
    if way not in WAYS:
        raise ValueError(f"way must be one of {', '.join(WAYS)}, not {way!r}")
    hidden = image.copy()
    for x1, y1, x2, y2 in places:
        x1, y1, x2, y2 = max(x1, 0), max(y1, 0), min(x2, image.width), min(y2, image.height)
        if x2 > x1 and y2 > y1:
            hidden.paste(WAYS[way](image.crop((x1, y1, x2, y2))), (x1, y1))
    return hidden
