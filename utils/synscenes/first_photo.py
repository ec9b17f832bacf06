"""The photograph of lesson 00, with ImageNet's label and an annotation in COCO's format.

The label is ImageNet's. The annotation (``data/first_photo.json``) was traced and written by the course's
authors: COCO never saw this photograph. The file holds three documents, each laid out as the official file of
that name: ``instances``, ``person_keypoints``, ``captions``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synscenes.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

FILE_NAME = "imagenet_00_243.jpg"
LABEL = 243  # ImageNet's "bull mastiff"


@dataclass(frozen=True)
class FirstPhoto:
    """One photograph seen twice: ``label`` is ImageNet's view, the three documents are COCO's."""

    image: Image.Image
    path: Path
    label: int
    instances: dict[str, Any]
    person_keypoints: dict[str, Any]
    captions: dict[str, Any]

    @property
    def annotations(self) -> list[dict[str, Any]]:
        """The annotated objects: the dog, then the person."""
        return self.instances["annotations"]

    @property
    def person(self) -> dict[str, Any]:
        """The person's annotation with the 17 joints."""
        return self.person_keypoints["annotations"][0]

    @property
    def categories(self) -> dict[int, str]:
        """COCO's 80 category names by id."""
        return {entry["id"]: entry["name"] for entry in self.instances["categories"]}

    @property
    def sentences(self) -> list[str]:
        """The five captions."""
        return [entry["caption"] for entry in self.captions["annotations"]]

    def masks(self) -> np.ndarray:
        """Return the outlines as pixels: (objects, height, width) bool, rasterised as pycocotools does."""
        from synscenes.draw import mask_of

        return _stack(mask_of(entry, self.image.height, self.image.width) for entry in self.annotations)


@cache
def documents() -> dict[str, Any]:
    """Return the three documents of the annotation file; no photograph is needed for this."""
    return json.loads((Path(__file__).parent / "data" / "first_photo.json").read_text(encoding="utf-8"))


def load() -> FirstPhoto:
    """Return the photograph (fetched with the asset "photos_foolbox") and its annotation.

    Raises CourseError when the photograph can't be had.
    """
    from synscenes import imagenet

    for photo in imagenet.photos("photos_foolbox"):
        if photo.path.name == FILE_NAME:
            return FirstPhoto(photo.image, photo.path, photo.label, **documents())
    raise CourseError(
        f"{FILE_NAME} is missing from the photographs: run `python -m synscenes assets verify`."
    )


def _stack(masks: Any) -> np.ndarray:
    import numpy as np

    return np.stack(list(masks))
