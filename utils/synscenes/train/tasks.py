"""The two tasks of lesson 07, as arrays: traffic lights and small photographs of WordNet's branches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from synscenes.errors import CourseError
from synscenes.train import neighbours
from synscenes.train.data import Pictures

LIGHTS = ("red", "yellow", "green")
# Branches of WordNet with twenty or more of the small photographs. A memorial is a structure too: the first counts.
BRANCHES = {
    "memorial": "n03743902",
    "structure": "n04341686",
    "landform": "n09287968",
    "animal": "n00015388",
    "vehicle": "n03100490",
    "clothing": "n03051540",
    "device": "n03183080",
}


@dataclass(frozen=True)
class Lights:
    """The crops: ``pixels`` (n, side, side, 3) uint8, ``labels`` (n,) places in LIGHTS, ``given_test`` (n,) bool, the
    packager's own split, ``thumbs`` for near-duplicates, ``groups`` (n,) of them."""

    pixels: np.ndarray
    labels: np.ndarray
    given_test: np.ndarray
    thumbs: np.ndarray
    groups: np.ndarray


@cache
def traffic_lights(side: int = 64) -> Lights:
    """Return the 1,484 traffic lights, each squeezed into a square of ``side`` pixels. Raises CourseError without the
    asset."""
    from PIL import Image

    from synscenes import assets
    from synscenes.pictures import open_image

    root = Path(assets.path("traffic_lights"))
    paths = sorted(root.glob("t*/*/*.jpg"))
    if len(paths) != 1484:
        raise CourseError(f"{root} holds {len(paths)} of 1,484 crops: run `python -m synscenes assets verify`.")
    images = [open_image(path) for path in paths]
    pixels = np.stack([np.asarray(image.resize((side, side), Image.Resampling.BILINEAR)) for image in images])
    thumbs = neighbours.thumbnails(images)
    labels = np.array([LIGHTS.index(path.parent.name) for path in paths])
    test = np.array([path.parent.parent.name == "test" for path in paths])
    return Lights(pixels, labels, test, thumbs, neighbours.groups(thumbs))


@cache
def branch_photos(side: int = 64, most: int = 30) -> Pictures:
    """Return the small photographs that our review kept and that lie below one of BRANCHES, at most ``most`` of a
    class.

    One class, military uniform, has 91: without a limit the branch would be that class.
    """
    from PIL import Image

    from synscenes import audit, small_photos

    below = {name: audit.branch(top) for name, top in BRANCHES.items()}
    doubted, taken, pixels, labels = small_photos.our_review(), {}, [], []
    for photo in small_photos.load():
        found = [place for place, name in enumerate(below) if photo.wnid in below[name]]
        if not found or photo.key in doubted or taken.get(photo.wnid, 0) >= most:
            continue
        taken[photo.wnid] = taken.get(photo.wnid, 0) + 1
        image = photo.image if side == 64 else photo.image.resize((side, side), Image.Resampling.BICUBIC)
        pixels.append(np.asarray(image))
        labels.append(found[0])
    return Pictures(np.stack(pixels), labels, list(BRANCHES), shift=side // 12, mirror=True)


def traffic_lights_split(side: int, seed: int) -> tuple[Pictures, Pictures]:
    """Return (training, validation) traffic lights, near-duplicates on one side only: a fifth of each colour
    validates."""
    lights = traffic_lights(side)
    pictures = Pictures(lights.pixels, lights.labels, LIGHTS, shift=side // 12, mirror=True)
    train, test = neighbours.split(lights.groups, lights.labels, 0.2, np.random.default_rng(seed))
    return pictures.only(train), pictures.only(test).plain()


def branch_photos_split(side: int, seed: int) -> tuple[Pictures, Pictures]:
    """Return (training, validation) photographs of WordNet's branches: a fifth of each branch validates."""
    pictures = branch_photos(side)
    train, test = neighbours.split(np.arange(len(pictures)), pictures.labels, 0.2, np.random.default_rng(seed))
    return pictures.only(train), pictures.only(test).plain()
