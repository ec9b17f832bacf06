"""A copy of ImageNet that the learner holds, in whichever form: official tars, Kaggle's zip, or a tree of folders.

All forms answer the same questions: which training images has a class, which validation images are there, what is their
truth, which boxes are there. Every file is known by its own name; folders inside an archive are never believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Self

from synscenes import ilsvrc
from synscenes.errors import CourseError
from synscenes.ilsvrc import truth
from synscenes.ilsvrc.packed import PackedTree
from synscenes.realdata import access, tars
from synscenes.realdata.zips import Zip

TRAIN_IMAGE = re.compile(r"(n[0-9]{8})_[0-9]{1,9}\.JPEG")
VAL_IMAGE = re.compile(r"(ILSVRC2012_val_[0-9]{8})\.JPEG")
TRAIN_BOX = re.compile(r"(n[0-9]{8})_[0-9]{1,9}\.xml")
VAL_BOX = re.compile(r"ILSVRC2012_val_[0-9]{8}\.xml")
DEVKIT_FILES = ("meta.mat", truth.GROUND_TRUTH)
TABLES = ("LOC_synset_mapping.txt", "LOC_val_solution.csv")
_MOST_XML, _MOST_DEVKIT = 1_000_000, 50_000_000


@dataclass(frozen=True)
class Image:
    """An image of a copy: its file name, its length, and where its bytes are: ``read()`` gets them."""

    name: str
    size: int
    file: IO[bytes] | Zip | Path
    place: int | str = 0

    def read(self) -> bytes:
        """The file's bytes. Raises CourseError where there are fewer than there should be."""
        if isinstance(self.file, Path):
            return self.file.read_bytes()
        if isinstance(self.file, Zip):
            return self.file.read(str(self.place))
        self.file.seek(int(self.place))
        data = self.file.read(self.size)
        if len(data) != self.size:
            raise CourseError(f"{self.name} ends in the middle: its archive is cut off.")
        return data


class _Held:
    """Holds files open until its ``with`` ends."""

    def __init__(self) -> None:
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._files.close()


class Tars(_Held):
    """The official archives in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self._open: dict[str, IO[bytes]] = {}

    def path(self, archive: access.Official) -> Path:
        """Where an archive should be."""
        return self.folder / archive.name

    def has(self, archive: access.Official) -> bool:
        """Whether an archive is there."""
        return self.path(archive).is_file()

    @cached_property
    def classes(self) -> dict[str, tars.Entry]:
        """The tar of each class inside the training tar, by wnid. Raises CourseError."""
        found = {}
        for entry in tars.walk(self._file(access.TRAIN), access.TRAIN.name):
            wnid, _, suffix = entry.name.partition(".")
            if suffix != "tar" or wnid in found:
                raise tars.refusal(access.TRAIN.name, f"{entry.name!r} is there, where each class has one tar")
            found[truth.known(wnid, f"{access.TRAIN.name}, {entry.name}")] = entry
        return found

    def train(self, wnid: str) -> Iterator[Image]:
        """The training images of a class, in the order of the archive."""
        entry, label = self.classes[wnid], f"{wnid}.tar in {access.TRAIN.name}"
        for found in tars.walk(self._file(access.TRAIN), label, entry.offset, entry.size):
            match = TRAIN_IMAGE.fullmatch(found.name)
            if not match or match[1] != wnid:
                raise tars.refusal(label, f"{found.name!r} is no image of this class")
            yield Image(found.name, found.size, self._file(access.TRAIN), found.offset)

    def val(self) -> Iterator[Image]:
        """The validation images, in the order of the archive."""
        for found in tars.walk(self._file(access.VAL), access.VAL.name):
            if not VAL_IMAGE.fullmatch(found.name):
                raise tars.refusal(access.VAL.name, f"{found.name!r} is no validation image")
            yield Image(found.name, found.size, self._file(access.VAL), found.offset)

    def boxes(self, split: str) -> Iterator[tuple[str, bytes]]:
        """Name and content of each XML file of a split; nothing where its archive isn't there."""
        archive, pattern = {"train": (access.TRAIN_BOXES, TRAIN_BOX), "val": (access.VAL_BOXES, VAL_BOX)}[split]
        if self.has(archive):
            for entry, content in tars.unzipped(self.path(archive), _MOST_XML):
                if pattern.fullmatch(entry.name):
                    yield entry.name, content

    def tables(self) -> dict[str, bytes]:
        """The files that say what the validation images show, by their place in the tree."""
        path = self.path(access.DEVKIT)
        found = {
            f"ILSVRC2012_devkit_t12/data/{entry.name}": content
            for entry, content in tars.unzipped(path, _MOST_DEVKIT)
            if entry.name in DEVKIT_FILES
        }
        missing = [name for name in DEVKIT_FILES if f"ILSVRC2012_devkit_t12/data/{name}" not in found]
        if missing:
            raise CourseError(f"{path.name} lacks {missing[0]}: is it the official archive?")
        return found

    def _file(self, archive: access.Official) -> IO[bytes]:
        if archive.name not in self._open:
            self._open[archive.name] = self._files.enter_context(open(self.path(archive), "rb"))  # noqa: SIM115 (__exit__ closes it)
        return self._open[archive.name]


class Kaggle(_Held):
    """The archive of Kaggle's competition."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._zip = Zip(self._files.enter_context(open(path, "rb")), path.name)  # noqa: SIM115 (as above)

    @cached_property
    def classes(self) -> dict[str, list[str]]:
        """The members that are training images, by wnid."""
        found: dict[str, list[str]] = {}
        for member in self._zip.in_order():
            match = TRAIN_IMAGE.fullmatch(_base(member))
            if match and "/train/" in member:
                found.setdefault(truth.known(match[1], f"{self.path.name}, {member}"), []).append(member)
        return found

    def train(self, wnid: str) -> Iterator[Image]:
        """The training images of a class, in the order of the archive."""
        for member in self.classes[wnid]:
            yield Image(_base(member), self._zip.size(member), self._zip, member)

    def val(self) -> Iterator[Image]:
        """The validation images, in the order of the archive."""
        for member in self._zip.in_order():
            if VAL_IMAGE.fullmatch(_base(member)):
                yield Image(_base(member), self._zip.size(member), self._zip, member)

    def boxes(self, split: str) -> Iterator[tuple[str, bytes]]:
        """Name and content of each XML file of a split."""
        pattern = TRAIN_BOX if split == "train" else VAL_BOX
        for member in self._zip.in_order():
            if pattern.fullmatch(_base(member)) and self._zip.size(member) <= _MOST_XML:
                yield _base(member), self._zip.read(member)

    def tables(self) -> dict[str, bytes]:
        """The files that say what the validation images show, by their place in the tree."""
        return {_base(name): self._zip.read(name) for name in self._zip.in_order() if _base(name) in TABLES}


class Folders(_Held):
    """A tree that :func:`synscenes.ilsvrc.load` reads."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.tree = ilsvrc.load(folder)

    @cached_property
    def classes(self) -> dict[str, Path]:
        """The folder of each class, by wnid. Raises CourseError where there is no ``train``."""
        return {wnid: self.tree.images / "train" / wnid for wnid in self.tree.wnids()}

    def train(self, wnid: str) -> Iterator[Image]:
        """The training images of a class, by name."""
        for record in self.tree.train([wnid]):
            yield Image(record.path.name, record.path.stat().st_size, record.path)

    def val(self) -> Iterator[Image]:
        """The validation images, by name."""
        for record in self.tree.val():
            yield Image(record.path.name, record.path.stat().st_size, record.path)

    def boxes(self, split: str) -> Iterator[tuple[str, bytes]]:
        """Name and content of each XML file of a split."""
        for record in self.tree.train() if split == "train" else self.tree.val():
            if record.annotation is not None and record.annotation.is_file():
                yield record.annotation.name, record.annotation.read_bytes()

    def tables(self) -> dict[str, bytes]:
        """The files that say what the validation images show, by their place in the tree."""
        places = [*TABLES, *(f"ILSVRC2012_devkit_t12/data/{name}" for name in DEVKIT_FILES)]
        return {place: (self.tree.home / place).read_bytes() for place in places if (self.tree.home / place).is_file()}


Copy = Tars | Kaggle | Folders


def find(folder: Path) -> Copy:
    """Return the copy in a folder. Raises CourseError that names what was looked for."""
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        raise CourseError(f"No folder {folder}: --from names the folder that holds your copy of ImageNet.")
    if (folder / access.KAGGLE).is_file():
        return Kaggle(folder / access.KAGGLE)
    copy = Tars(folder)
    needed = (access.TRAIN, access.VAL, access.DEVKIT)
    if any(copy.has(archive) for archive in needed):
        missing = [archive.name for archive in needed if not copy.has(archive)]
        if missing:
            raise CourseError(f"{folder} lacks {', '.join(missing)}: put the official archives into one folder.")
        return copy
    try:
        copy = Folders(folder)
        if isinstance(copy.tree, PackedTree):  # an index of archives that lie elsewhere
            return find(Path(copy.tree.archives["train"]["path"]).parent)
        return copy
    except CourseError:
        raise CourseError(
            f"No ImageNet in {folder}: it holds neither {', '.join(archive.name for archive in needed)}, nor "
            f"{access.KAGGLE}, nor an unpacked tree."
        ) from None


def _base(member: str) -> str:
    return member.rpartition("/")[2]
