"""Ways in which a tree on disk goes wrong, to be tried on a copy: ``DAMAGES[name](root)`` harms it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

_DATA, _BOXES = "ILSVRC/Data/CLS-LOC", "ILSVRC/Annotations/CLS-LOC"
_BOMB = '<!DOCTYPE a [<!ENTITY lol "lol"><!ENTITY lots "&lol;&lol;&lol;&lol;&lol;&lol;">]>\n'


def no_train(root: Path) -> None:
    """The training archive was never unpacked."""
    shutil.rmtree(root / _DATA / "train")


def no_truth(root: Path) -> None:
    """Neither table nor annotations."""
    (root / "LOC_val_solution.csv").unlink()
    shutil.rmtree(root / _BOXES / "val")


def short_truth(root: Path) -> None:
    """The table ends in the middle of a line."""
    _cut(root / "LOC_val_solution.csv", 0.5)


def strange_folder(root: Path) -> None:
    """A folder of a synset that is none of the 1,000."""
    (root / _DATA / "train" / "n02084071").mkdir()  # dog


def stray_image(root: Path) -> None:
    """An image in val/ that no table knows."""
    folder = root / _DATA / "val"
    shutil.copy(min(folder.iterdir()), folder / "ILSVRC2012_val_00000099.JPEG")


def lost_image(root: Path) -> None:
    """An image that the lists name is missing."""
    min((root / _DATA / "val").iterdir()).unlink()


def half_image(root: Path) -> None:
    """An image that ends in the middle."""
    _cut(min((root / _DATA / "val").iterdir()), 0.5)


def empty_image(root: Path) -> None:
    """An image of no bytes, as a full disk leaves it."""
    _cut(min((root / _DATA / "val").iterdir()), 0.0)


def misfiled(root: Path) -> None:
    """A training image in the folder of another class."""
    folders = sorted((root / _DATA / "train").iterdir())
    image = min(folders[0].iterdir())
    shutil.move(image, folders[1] / image.name)


def half_boxes(root: Path) -> None:
    """An annotation that ends in the middle."""
    _cut(min((root / _BOXES / "val").iterdir()), 0.5)


def hostile_boxes(root: Path) -> None:
    """An annotation that brings entities of its own."""
    path = min((root / _BOXES / "val").iterdir())
    path.write_text(_BOMB + path.read_text(encoding="utf-8"), encoding="utf-8")


def _cut(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


DAMAGES: dict[str, Callable[[Path], None]] = {
    function.__name__.replace("_", " "): function
    for function in (
        no_train, no_truth, short_truth, strange_folder, stray_image, lost_image, half_image, empty_image, misfiled,
        half_boxes, hostile_boxes,
    )
}  # fmt: skip
