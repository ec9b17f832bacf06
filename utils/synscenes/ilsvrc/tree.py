"""The tree of folders, as records: path, wnid, label, boxes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from synscenes import imagenet
from synscenes.errors import CourseError
from synscenes.ilsvrc import truth
from synscenes.ilsvrc.annotations import Box, read_annotation
from synscenes.pictures import open_image

if TYPE_CHECKING:
    from PIL import Image

SPLITS = ("train", "val", "test")
_SUFFIXES = (".jpeg", ".jpg")
_GET_IT = (
    "register at image-net.org and download the archives (`python -m synscenes data get imagenet` says how, and "
    "unpacks them), or name the folder that holds ILSVRC/"
)


@dataclass(frozen=True)
class Record:
    """One image: where it is, its class (None in test), and where its boxes stand, if anywhere.

    ``label`` is the index 0-999 of every ImageNet classifier. ``path`` may name a file that is not whole:
    ``image`` decodes it and raises CourseError if so.
    """

    path: Path
    split: str
    wnid: str | None
    label: int | None
    annotation: Path | None = None
    known_boxes: tuple[Box, ...] = ()

    @property
    def image(self) -> Image.Image:
        """The picture, decoded now: PIL, upright, RGB (CMYK and 16-bit files are converted)."""
        return open_image(self.path)

    def boxes(self) -> tuple[Box, ...]:
        """The boxes around objects of the class, from the XML file or the table; () where none are published."""
        if self.annotation is not None and self.annotation.is_file():
            return read_annotation(self.annotation).boxes
        return self.known_boxes


def load(root: str | Path) -> Tree:
    """Find the tree in ``root`` (the folder with ``ILSVRC/``, that folder itself, or torchvision's root).

    Cheap: no image is listed yet. Raises CourseError where there is no such tree, saying which folder was looked for.
    """
    root = Path(root).expanduser()
    if not root.is_dir():
        raise CourseError(f"No folder {root}: {_GET_IT}.")
    if (root / "packed.json").is_file():
        from synscenes.ilsvrc.packed import PackedTree

        return PackedTree(root)
    if (root / "tree.json").is_file():
        return load(_pointed(root / "tree.json"))
    for home in (root, root.parent) if root.name == "ILSVRC" else (root,):
        if (home / "ILSVRC" / "Data" / "CLS-LOC").is_dir():
            kaggle = home / "ILSVRC"
            return Tree(
                home, kaggle / "Data/CLS-LOC", kaggle / "Annotations/CLS-LOC", kaggle / "ImageSets/CLS-LOC"
            )
    if (root / "train").is_dir() or (root / "val").is_dir():
        return Tree(root, root, root / "Annotations", root / "ImageSets")
    raise CourseError(
        f"No ImageNet in {root}: it has neither ILSVRC/Data/CLS-LOC nor train/ or val/. To get it, {_GET_IT}."
    )


def _pointed(path: Path) -> str:
    """The folder that a pointer to a tree names. Raises CourseError for one that is damaged or points at a pointer."""
    try:
        folder = json.loads(path.read_text(encoding="utf-8"))["tree"]
        if isinstance(folder, str) and not (Path(folder) / path.name).is_file():
            return folder
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise CourseError(f"{path} names no tree: delete it, and run `python -m synscenes data get imagenet` again.")


class Tree:
    """An ILSVRC tree on disk; made by :func:`load`.

    ``home`` holds the tables, ``images`` the folders train, val and test.
    """

    def __init__(self, home: Path, images: Path, annotations: Path, lists: Path) -> None:
        self.home, self.images, self.annotations, self.lists = home, images, annotations, lists

    def __repr__(self) -> str:
        splits = [split for split in SPLITS if (self.images / split).is_dir()]
        return f"<ILSVRC tree: {', '.join(splits)}>"

    def wnids(self) -> list[str]:
        """The classes with training images, sorted. Raises CourseError for a folder that is none of the 1,000."""
        folder = self._split_folder("train")
        found = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
        for name in found:
            truth.known(name, f"The folder {folder / name}")
        return found

    def train(self, wnids: Iterable[str] | None = None) -> list[Record]:
        """The training images, by class and name; ``wnids`` keeps some classes (and reads no other folder).

        Raises CourseError for a missing train folder, a folder that is none of the 1,000, and a wanted class
        without a folder.
        """
        folder, found = self._split_folder("train"), self.wnids()
        wanted = found if wnids is None else list(wnids)
        for wnid in wanted:
            if truth.known(wnid, "train(wnids=…)") not in found:
                raise CourseError(
                    f"The folder {folder / wnid} is missing: unpack {wnid}.tar of ILSVRC2012_img_train.tar."
                )
        return [record for wnid in wanted for record in self._class_records("train", folder / wnid)]

    def val(self) -> list[Record]:
        """The validation images, by name. Raises CourseError for an image without ground truth."""
        folder = self._split_folder("val")
        below = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
        if below:  # torchvision sorts them into one folder a class
            records = [
                record
                for name in below
                for record in self._class_records(
                    "val", folder / truth.known(name, f"The folder {folder / name}")
                )
            ]
            return sorted(records, key=lambda record: record.path.name)
        return [self._val_record(path) for path in _images_in(folder)]

    def test(self) -> list[Record]:
        """The test images, by name. Their classes were never published: ``wnid`` and ``label`` are None."""
        return [Record(path, "test", None, None) for path in _images_in(self._split_folder("test"))]

    @cached_property
    def truth(self) -> truth.Truth:
        """The truth of the validation images: LOC_val_solution.csv, else the development kit, else the XML files."""
        table = self.home / "LOC_val_solution.csv"
        if table.is_file():
            return truth.from_csv(table)
        for kit in (self.home / "ILSVRC2012_devkit_t12" / "data", self.home / "data", self.home):
            if (kit / truth.GROUND_TRUTH).is_file():
                return truth.from_devkit(kit)
        if any((self.annotations / "val").glob("*.xml")):
            return truth.from_annotations(self.annotations / "val")
        raise CourseError(
            f"No ground truth for {self.images / 'val'}: put LOC_val_solution.csv, or ILSVRC2012_devkit_t12 unpacked, "
            f"into {self.home}."
        )

    def problems(self, decode: bool = False) -> list[str]:
        """Say all that is wrong with the tree, one line each; [] for a whole one. See ``problems.py``."""
        from synscenes.ilsvrc.problems import problems

        return problems(self, decode)

    def _split_folder(self, split: str) -> Path:
        folder = self.images / split
        if not folder.is_dir():
            raise CourseError(f"The folder {folder} is missing: unpack ILSVRC2012_img_{split}.tar there.")
        return folder

    def _class_records(self, split: str, folder: Path) -> Iterator[Record]:
        label = imagenet.find(folder.name).index
        drawers = (self.annotations / split / folder.name, self.annotations / split)
        drawer = next((place for place in drawers if place.is_dir()), None)
        for path in _images_in(folder):
            yield Record(path, split, folder.name, label, drawer and drawer / f"{path.stem}.xml")

    def _val_record(self, path: Path) -> Record:
        wnid = self.truth.wnids.get(path.stem)
        if wnid is None:
            raise CourseError(
                f"{path} has no ground truth in {self.truth.source}: is the image from another set, "
                f"or {self.truth.source} cut off?"
            )
        drawer = self.annotations / "val"
        annotation = drawer / f"{path.stem}.xml" if drawer.is_dir() else None
        boxes = self.truth.boxes.get(path.stem, ())
        return Record(path, "val", wnid, imagenet.find(wnid).index, annotation, boxes)


def _images_in(folder: Path) -> list[Path]:
    """The image files of a folder, by name. Hidden files (macOS leaves ``._*``) are none."""
    names = [
        entry.name
        for entry in os.scandir(folder)
        if entry.name.lower().endswith(_SUFFIXES) and not entry.name.startswith(".")
    ]
    return [folder / name for name in sorted(names)]
