"""Real persons, on photographs that the course may use: annotated by its authors in COCO's format, not by COCO."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.keypoints.checking import joints_of

if TYPE_CHECKING:
    from PIL import Image

FILE = Path(__file__).parents[1] / "data" / "real_people.json"
_ASSET = "photos_rvb"
_NAMES = ("gymnast", "workman", "dog walker")


@dataclass(frozen=True)
class Person:
    """One person of one photograph; ``record`` is the annotation as COCO's files have it."""

    name: str
    image: Image.Image
    record: dict[str, Any]

    @property
    def joints(self) -> np.ndarray:
        """The joints as an array: (17, 3)."""
        return joints_of(self.record, {"width": self.image.width, "height": self.image.height}, FILE.name)

    @property
    def area(self) -> float:
        """The outline's area in square pixels: OKS's s²."""
        return float(self.record["area"])

    def closeup(self, margin: int = 15) -> Person:
        """Return the same person on the part of the photograph around the box; outlines and joints move with it."""
        left, top, width, height = self.record["bbox"]
        box = np.array([left - margin, top - margin, left + width + margin, top + height + margin])
        x1, y1, x2, y2 = np.clip(box, 0, [*self.image.size] * 2).astype(int).tolist()
        shift = np.array([x1, y1, 0])
        joints = self.joints - shift
        joints[joints[:, 2] == 0] = 0
        outline = [(np.reshape(part, (-1, 2)) - shift[:2]).ravel().tolist() for part in self.record["segmentation"]]
        moved = {"bbox": [left - x1, top - y1, width, height], "keypoints": joints.ravel().tolist()}
        record = {**self.record, **moved, "segmentation": outline}
        return Person(self.name, self.image.crop((x1, y1, x2, y2)), record)


@cache
def document() -> dict[str, Any]:
    """Return the annotation file of the first two; no photograph is needed for this."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def people() -> list[Person]:
    """Return a gymnast and a workman, each whole, and the legs of the dog walker of lesson 00.

    Raises CourseError when the photographs can't be had.
    """
    from synscenes import first_photo, imagenet

    photos = {photo.path.name: photo.image for photo in imagenet.photos(_ASSET)}
    found = []
    for name, image, record in zip(_NAMES, document()["images"], document()["annotations"]):
        if image["file_name"] not in photos:
            raise CourseError(
                f"{image['file_name']} is missing from the photographs: run `python -m synscenes assets verify`."
            )
        found.append(Person(name, photos[image["file_name"]], record))
    first = first_photo.load()
    return [*found, Person(_NAMES[-1], first.image, first.person)]
