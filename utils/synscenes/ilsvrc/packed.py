"""ImageNet read out of its official tars, by an index that says where each image lies."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes import imagenet
from synscenes.errors import CourseError
from synscenes.ilsvrc import truth
from synscenes.ilsvrc.tree import Record, Tree
from synscenes.pictures import decoding_errors, to_rgb

if TYPE_CHECKING:
    from PIL import Image

INDEX, NOTES, POINTER = "index.npz", "packed.json", "tree.json"


@dataclass(frozen=True)
class PackedRecord(Record):
    """An image inside a tar: ``path`` is what it would be called, ``archive`` where it is, from ``offset`` on."""

    archive: Path = Path()
    offset: int = 0
    size: int = 0

    def read(self) -> bytes:
        """The bytes of the JPEG. Raises CourseError where the archive is gone or cut off."""
        try:
            with open(self.archive, "rb") as file:
                file.seek(self.offset)
                data = file.read(self.size)
        except OSError as error:
            raise CourseError(f"{self.archive} can't be read ({error.strerror}): is the disk with it there?") from None
        if len(data) != self.size:
            raise CourseError(f"{self.archive} is cut off: {self.path.name} ends in the middle.")
        return data

    @property
    def image(self) -> Image.Image:
        """The picture, decoded now: PIL, upright, RGB."""
        from PIL import Image, ImageOps

        try:
            with Image.open(io.BytesIO(self.read())) as file:
                file.load()
                return to_rgb(ImageOps.exif_transpose(file))
        except decoding_errors() as error:
            raise CourseError(f"{self.path.name} in {self.archive} can't be decoded ({error}).") from None


class PackedTree(Tree):
    """The same questions as to a tree of folders; made by :func:`synscenes.ilsvrc.load` where it finds an index."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, home, home / "Annotations", home / "ImageSets")
        try:
            self.archives: dict[str, dict[str, Any]] = json.loads((home / NOTES).read_text(encoding="utf-8"))
            self.archives["train"]["path"], self.archives["val"]["path"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise CourseError(f"{home / NOTES} is damaged: delete {home} and index the archives again.") from None

    def __repr__(self) -> str:
        return "<ILSVRC in its archives: train, val>"

    @cached_property
    def _index(self) -> dict[str, np.ndarray]:
        try:
            with np.load(self.home / INDEX, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise CourseError(f"{self.home / INDEX} can't be read ({error}): index the archives again.") from None

    def wnids(self) -> list[str]:
        """The classes with training images, sorted."""
        return sorted(imagenet.classes()[label].wnid for label in np.unique(self._index["train_label"]))

    def train(self, wnids: Iterable[str] | None = None) -> list[Record]:
        """The training images, by class and name; ``wnids`` keeps some classes. Raises CourseError."""
        archive, labels = self._archive("train"), self._index["train_label"]
        wanted = self.wnids()
        if wnids is not None:
            there, wanted = set(wanted), [truth.known(wnid, "train(wnids=…)") for wnid in wnids]
            for wnid in wanted:
                if wnid not in there:
                    raise CourseError(f"{archive} has no image of {wnid}.")
        columns = [self._index[f"train_{name}"] for name in ("number", "offset", "size")]
        records: list[Record] = []
        for wnid in wanted:
            label = imagenet.find(wnid).index
            rows = zip(*(column[labels == label].tolist() for column in columns))
            named = sorted((f"{wnid}_{number}", offset, size) for number, offset, size in rows)
            folder, drawer = self.images / "train" / wnid, self.annotations / "train" / wnid
            drawer = drawer if drawer.is_dir() else None
            records += [
                PackedRecord(
                    folder / f"{stem}.JPEG",
                    "train",
                    wnid,
                    label,
                    drawer and drawer / f"{stem}.xml",
                    (),
                    archive,
                    offset,
                    size,
                )
                for stem, offset, size in named
            ]
        return records

    def val(self) -> list[Record]:
        """The validation images, by name. Raises CourseError for an image without ground truth."""
        archive, folder, drawer = self._archive("val"), self.images / "val", self.annotations / "val"
        has_boxes = drawer.is_dir()
        rows = sorted(zip(*(self._index[f"val_{name}"].tolist() for name in ("number", "offset", "size"))))
        records: list[Record] = []
        for number, offset, size in rows:
            stem = f"ILSVRC2012_val_{number:08d}"
            wnid = self.truth.wnids.get(stem)
            if wnid is None:
                raise CourseError(f"{stem} in {archive} has no ground truth in {self.truth.source}.")
            annotation = drawer / f"{stem}.xml" if has_boxes else None
            label = imagenet.find(wnid).index
            records.append(
                PackedRecord(folder / f"{stem}.JPEG", "val", wnid, label, annotation, (), archive, offset, size)
            )
        return records

    def problems(self, decode: bool = False) -> list[str]:
        """What is wrong, one line each: an archive that is gone or changed; ``decode`` also decodes every image."""
        found = []
        for split in ("train", "val"):
            try:
                self._archive(split)
            except CourseError as error:
                found.append(str(error))
        if decode and not found:
            for record in [*self.train(), *self.val()]:
                try:
                    record.image  # noqa: B018
                except CourseError as error:
                    found.append(str(error))
        return found

    def _archive(self, split: str) -> Path:
        """The tar of a split. Raises CourseError where it isn't the one that was indexed."""
        notes = self.archives[split]
        path = Path(notes["path"])
        if not path.is_file():
            raise CourseError(f"{path} is gone, and the index speaks of it: put it back, or index it where it is now.")
        if path.stat().st_size != notes["size"]:
            raise CourseError(f"{path} has changed since it was indexed: index it again.")
        return path
