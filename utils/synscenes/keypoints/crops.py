"""Cutting a person out of a photograph, all to one size, and finding the way back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import Image

from synscenes.keypoints.people import People

SIZE = (96, 128)  # width, height
PADDING = 1.25
_GREY = (124, 116, 104)  # ImageNet's mean colour: zero after normalisation


def frames(boxes: Any, size: tuple[int, int] = SIZE, padding: float = PADDING) -> np.ndarray:
    """Return the parts of the picture to cut out: (N, 4) xyxy, around (N, 4) xywh boxes.

    A frame has the proportions of ``size`` (width, height), so that nobody is stretched, contains the box, and is
    ``padding`` times as large as that needs; it may stick out of the picture.
    """
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    centre, extent = boxes[:, :2] + boxes[:, 2:] / 2, np.maximum(boxes[:, 2:], 1)
    height = np.maximum(extent[:, 1], extent[:, 0] * size[1] / size[0]) * padding
    half = np.stack([height * size[0] / size[1], height], axis=1) / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def cut(image: Image.Image, frame: Any, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return what lies in a frame, resized with smoothing to ``size``; grey where the frame leaves the picture."""
    left, top = np.floor(frame[:2]).astype(int).tolist()
    right, bottom = np.ceil(frame[2:]).astype(int).tolist()
    ground = Image.new("RGB", (right - left, bottom - top), _GREY)
    ground.paste(image.convert("RGB"), (-left, -top))
    inside = (frame[0] - left, frame[1] - top, frame[2] - left, frame[3] - top)
    return ground.resize(size, Image.Resampling.BILINEAR, box=inside)


def into(points: Any, frame: Any, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Take points (..., 17, 2 or 3) from the photograph's pixels to the crop's; ``frame``: (..., 4). v is kept."""
    points, frame = np.array(points, dtype=np.float64), np.asarray(frame, dtype=np.float64)[..., None, :]
    points[..., :2] = (points[..., :2] - frame[..., :2]) / (frame[..., 2:] - frame[..., :2]) * size
    return points


def back(points: Any, frame: Any, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Undo ``into``: from the crop's pixels to the photograph's."""
    points, frame = np.array(points, dtype=np.float64), np.asarray(frame, dtype=np.float64)[..., None, :]
    points[..., :2] = points[..., :2] / size * (frame[..., 2:] - frame[..., :2]) + frame[..., :2]
    return points


def cut_all(folder: Any, split: str, people: People, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Cut every person out: crops (N, H, W, 3) uint8 and frames (N, 4).

    ``folder``: a ``synscenes.coco.Folder``. Each photograph is opened once.
    """
    from tqdm.auto import tqdm

    places = frames(people.boxes, size)
    crops = np.empty((len(people), size[1], size[0], 3), dtype=np.uint8)
    groups: Iterable = people.files.items()
    for identifier, name in tqdm(groups, desc=f"cutting {split}", total=len(people.files), leave=False):
        rows = np.flatnonzero(people.image_ids == identifier)
        if len(rows):
            with Image.open(folder.image(split, name)) as image:
                picture = image.convert("RGB")
            for row in rows:
                crops[row] = cut(picture, places[row], size)
    return crops, places
