"""An index of the official tars, so that images are read where they lie: 30 MB instead of 155 GB on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from synscenes import imagenet
from synscenes.coco.folders import COMPLETE
from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.ilsvrc.packed import INDEX, NOTES, POINTER
from synscenes.realdata import access
from synscenes.realdata.copies import Copy, Folders, Image, Kaggle
from synscenes.realdata.fetching import digest
from synscenes.realdata.installing import boxes, demand, verify, write_tables
from synscenes.realdata.ledger import Ledger
from synscenes.realdata.meter import Meter

_ABOUT = """An index of ILSVRC 2012, made by the course From Synsets to Scenes: the images stay in {folder}.
"""


def index(copy: Copy, root: Path, official: bool = True, shown: bool = True) -> Path:
    """Make ``root`` stand for a copy without unpacking it, and return ``root``.

    Of tars, the position of each image is written down; for an unpacked tree, where it is. Raises CourseError, for
    Kaggle's zip too, whose images are compressed.
    """
    if isinstance(copy, Kaggle):
        raise CourseError(f"{copy.path.name} has to be unpacked: do without --in-place.")
    if (root / "train").is_dir() or (root / "val").is_dir():
        raise CourseError(f"{root} holds an unpacked ImageNet: move it away, or name another --to.")
    if isinstance(copy, Folders):
        if copy.tree.home == root:
            raise CourseError(f"{root} is where the course looks already: there is nothing to do.")
        (root / NOTES).unlink(missing_ok=True)  # an earlier index of tars would be read first
        write_atomic(root / POINTER, json.dumps({"tree": str(copy.tree.home)}) + "\n")
        write_atomic(root / COMPLETE, _ABOUT.format(folder=copy.tree.home))
        return root
    if official:
        verify(copy, root.parent / f".{root.name}.part", shown)
    ledger = Ledger(root)
    wnids = write_tables(copy, root, ledger)
    val = list(copy.val())
    demand(len(val), access.VAL_IMAGES if official else len(wnids), "validation images", copy)
    train: list[tuple[int, Image]] = []
    with Meter("Indexing train", len(copy.classes), "classes", shown) as meter:
        for wnid in copy.classes:
            train += [(imagenet.find(wnid).index, image) for image in copy.train(wnid)]
            meter.add(1)
    if official:
        demand(len(train), access.TRAIN_IMAGES, "training images", copy)
    _write(root, ledger, train, val)
    for split in ("val", "train"):
        boxes(copy, split, ledger, shown)
    archives = {split: copy.path(archive) for split, archive in (("train", access.TRAIN), ("val", access.VAL))}
    notes = {split: {"path": str(path), **_stamp(path)} for split, path in archives.items()}
    write_atomic(root / NOTES, json.dumps(notes, indent=1) + "\n")
    write_atomic(root / COMPLETE, _ABOUT.format(folder=copy.folder))
    return root


def _write(root: Path, ledger: Ledger, train: list[tuple[int, Image]], val: list[Image]) -> None:
    """Numbers, labels, offsets and sizes: the names follow from them."""
    arrays = {
        "train_label": np.array([label for label, _ in train], np.uint16),
        "train_number": np.array([_number(image) for _, image in train], np.uint32),
        "train_offset": np.array([image.place for _, image in train], np.int64),
        "train_size": np.array([image.size for _, image in train], np.int64),
        "val_number": np.array([_number(image) for image in val], np.uint32),
        "val_offset": np.array([image.place for image in val], np.int64),
        "val_size": np.array([image.size for image in val], np.int64),
    }
    draft = root / f".{INDEX}.part"
    with open(draft, "wb") as file:
        np.savez(file, **arrays)
    ledger.add(INDEX, draft.stat().st_size, digest(draft), "made here")
    os.replace(draft, root / INDEX)


def _number(image: Image) -> int:
    """The last number of an image's name."""
    return int(image.name.rpartition("_")[2].partition(".")[0])


def _stamp(path: Path) -> dict[str, int]:
    return {"size": path.stat().st_size, "mtime_ns": path.stat().st_mtime_ns}
