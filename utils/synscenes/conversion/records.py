"""What the three formats share: looking COCO's records up, and building a document again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from synscenes.errors import CourseError
from synscenes.pictures import decoding_errors, upright_size

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


def by_image(document: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Return (image record, its annotations) for every image, in the file's order.

    Raises CourseError for an annotation whose image or category is not in the document, for a file name that is
    more than a name, and for two images that differ in nothing but their ending.
    """
    found: dict[Any, tuple[Mapping[str, Any], list]] = {image["id"]: (image, []) for image in document["images"]}
    stems: dict[str, str] = {}
    for image in document["images"]:
        name = plain_name(image["file_name"], f"image {image['id']}")
        stem = Path(name).stem.lower()
        if stem in stems:
            raise CourseError(f"{name} and {stems[stem]} would share one label file: rename one of them.")
        stems[stem] = name
    names = category_names(document)
    for entry in document["annotations"]:
        if entry["image_id"] not in found:
            raise CourseError(f"annotation {entry['id']}: no image has the id {entry['image_id']!r}; drop or mend it.")
        if entry["category_id"] not in names:
            raise CourseError(f"annotation {entry['id']}: no category {entry['category_id']!r}; drop or mend it.")
        found[entry["image_id"]][1].append(entry)
    return list(found.values())


def category_names(document: Mapping[str, Any]) -> dict[int, str]:
    """Return the categories' names by id, in the file's order."""
    return {entry["id"]: entry["name"] for entry in document["categories"]}


def plain_name(name: Any, where: str) -> str:
    """Return a file name after making sure that it's nothing but one: no folder, no drive, no ``..``."""
    if not isinstance(name, str) or name in ("", ".", "..") or name != plain_tail(name):
        raise CourseError(f"{where}: file name {name!r} must be a name without folders.")
    return name


def plain_tail(name: str) -> str:
    """Return the last part of a path, of either operating system."""
    return PurePosixPath(PureWindowsPath(name).name).name


def copy_pictures(document: Mapping[str, Any], source: Path | None, target: Path) -> None:
    """Copy the photographs of a document, with a bar when it takes long; does nothing without a source."""
    if source is None:
        return
    from tqdm import tqdm

    target.mkdir(parents=True, exist_ok=True)
    for image in tqdm(document["images"], "photographs", delay=2, leave=False):
        place = source / image["file_name"]
        if not place.is_file():
            raise CourseError(f"No photograph {place.name} in {source}: give the folder that holds the images.")
        shutil.copyfile(place, target / place.name)


def picture_sizes(folder: Path) -> dict[str, tuple[int, int]]:
    """Return (width, height) of every picture in a folder, by name, in the names' order."""
    from PIL import Image

    if not folder.is_dir():
        raise CourseError(f"No folder {folder}: the photographs are expected there.")
    sizes = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in PICTURES:
            try:
                with Image.open(path) as picture:
                    sizes[path.name] = upright_size(picture)
            except decoding_errors():
                raise CourseError(f"{path} can't be opened as an image: replace it, or take it out.") from None
    return sizes


class Builder:
    """Collects images and annotations into a COCO document, giving out ids."""

    def __init__(self, categories: Sequence[Mapping[str, Any]] | None, names: Iterable[str] = ()) -> None:
        self._given = categories is not None
        self.categories = [dict(entry) for entry in categories or ()]
        self._ids = {entry["name"]: entry["id"] for entry in self.categories}
        self.images: list[dict[str, Any]] = []
        self.annotations: list[dict[str, Any]] = []
        for name in names:
            self.category(name, "the list of names")

    def category(self, name: str, where: str) -> int:
        """Return the id of a category's name; a new name gets the next id unless the categories were given."""
        if name not in self._ids:
            if self._given:
                raise CourseError(f"{where}: no category is called {name!r}; known are {', '.join(self._ids)}.")
            self._ids[name] = len(self._ids) + 1
            self.categories.append({"id": self._ids[name], "name": name, "supercategory": "none"})
        return self._ids[name]

    def image(self, name: str, width: int, height: int) -> int:
        """Add an image and return its id."""
        self.images.append({"id": len(self.images) + 1, "file_name": name, "width": width, "height": height})
        return len(self.images)

    def annotation(self, image_id: int, category_id: int, bbox: list[float], **more: Any) -> None:
        """Add an annotation; ``area`` and ``iscrowd`` may be among ``more``."""
        record = {"id": len(self.annotations) + 1, "image_id": image_id, "category_id": category_id, "bbox": bbox}
        self.annotations.append(record | {"area": bbox[2] * bbox[3], "iscrowd": 0} | more)

    def document(self) -> dict[str, Any]:
        """Return the COCO document."""
        return {"images": self.images, "annotations": self.annotations, "categories": self.categories}


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON file's object; CourseError says where it breaks."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CourseError(f"{path} can't be read ({error.strerror}): check the path.") from None
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{path} is not JSON ({str(error).splitlines()[0]}): save it anew.") from None
    if not isinstance(content, dict):
        raise CourseError(f"{path} should hold one object, but holds a {type(content).__name__}.")
    return content
