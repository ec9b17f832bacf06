"""Real photographs for a captioner that has only seen drawings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

# Synsets below which a label is one of COCO's categories, for the labels that the photographs have.
SYNSETS = {
    "n02084071": "dog",
    "n01503061": "bird",
    "n02131653": "bear",
    "n02958343": "car",
    "n03001627": "chair",
    "n03046257": "clock",
    "n04530566": "boat",
    "n04070727": "refrigerator",
    "n03761084": "microwave",
    "n03790512": "motorcycle",
    "n03791053": "motorcycle",  # WordNet keeps motor scooters apart from motorcycles; COCO's annotators did not
    "n02691156": "airplane",
}


@dataclass(frozen=True)
class Photo:
    """A photograph with its ImageNet label in words, and the category of COCO that the label belongs to, or None."""

    image: Image.Image
    label: str
    category: str | None


def photos() -> list[Photo]:
    """Return the course's labelled photographs. Raises CourseError where they can't be had."""
    from synscenes import imagenet, wordnet

    tree, found = wordnet.load(), []
    for photo in imagenet.photos():
        above = {wnid for path in tree.hypernym_paths(photo.wnid) for wnid in path}
        categories = [name for wnid, name in SYNSETS.items() if wnid in above]
        found.append(Photo(photo.image, photo.name, categories[0] if categories else None))
    return found
