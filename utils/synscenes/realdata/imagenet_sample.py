"""The sample tier of ImageNet: a few images of twenty classes, out of the learner's own copy."""

from __future__ import annotations

import os
import shutil
from itertools import islice
from pathlib import Path

from synscenes import imagenet
from synscenes.coco.folders import COMPLETE
from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.realdata.copies import Copy, Image
from synscenes.realdata.installing import folder_of_boxes, reveal, source_of, write_image, write_meta, write_tables
from synscenes.realdata.ledger import Ledger, problems
from synscenes.realdata.meter import Meter

STEP, TRAIN, VAL = 50, 10, 5
_ABOUT = """A sample of ILSVRC 2012 from {source}, made by the course From Synsets to Scenes: of every {step}th class
the first {train} training images and the first {val} validation images, by name.

For non-commercial research and education only; not to be passed on.
"""


def get(copy: Copy, root: Path, shown: bool = True) -> Path:
    """Make the sample at ``root`` and return it; it appears all at once. Raises CourseError."""
    complete = (root / COMPLETE).is_file()
    if complete and not problems(root, read=False):
        return root
    if not complete and root.is_dir() and any(root.iterdir()):
        raise CourseError(f"{root} holds something that this command did not make: move it away, or name another --to.")
    tree = root.parent / f".{root.name}.part" / "tree"
    shutil.rmtree(tree, ignore_errors=True)  # it takes a minute, and is made in one go
    ledger = Ledger(tree)
    wnids = write_tables(copy, tree, ledger)
    wanted = [entry.wnid for entry in imagenet.classes()[::STEP] if entry.wnid in copy.classes]
    val = {wnid: sorted(name for name, its in wnids.items() if its == wnid)[:VAL] for wnid in wanted}
    if not wanted:
        raise CourseError(f"{source_of(copy)} holds none of the twenty classes of the sample.")
    lists: dict[str, list[str]] = {"train": [], "val": []}
    with Meter("Taking images", len(wanted), "classes", shown) as meter:
        for wnid in wanted:
            images = list(islice(sorted(copy.train(wnid), key=lambda image: image.name), TRAIN))
            lists["train"] += [f"{wnid}/{_stem(image)}" for image in images]
            _folder(f"train/{wnid}", images, ledger, copy)
            meter.add(1)
    chosen = {name: wnid for wnid, names in val.items() for name in names}
    of_class: dict[str, list[Image]] = {}
    for image in copy.val():
        if _stem(image) in chosen:
            of_class.setdefault(chosen[_stem(image)], []).append(image)
            lists["val"].append(_stem(image))
    for wnid, images in of_class.items():
        _folder(f"val/{wnid}", images, ledger, copy)
    found = [(name, content) for name, content in copy.boxes("val") if name.partition(".")[0] in chosen]
    folder_of_boxes("Annotations/val", found, ledger, copy)
    write_meta(wnids, tree, ledger)
    for split, file in (("train", "train_cls.txt"), ("val", "val.txt")):
        lines = "".join(f"{name} {number}\n" for number, name in enumerate(sorted(lists[split]), start=1))
        write_atomic(tree / "ImageSets" / file, lines)
    write_atomic(tree / COMPLETE, _ABOUT.format(source=source_of(copy), step=STEP, train=TRAIN, val=VAL))
    root.parent.mkdir(parents=True, exist_ok=True)
    if complete:  # it lost files, so all of it comes back
        shutil.rmtree(root)
    elif root.is_dir():
        root.rmdir()
    os.replace(tree, root)
    shutil.rmtree(tree.parent, ignore_errors=True)
    return root


def _folder(place: str, images: list[Image], ledger: Ledger, copy: Copy) -> None:
    draft = ledger.folder / ".draft"
    reveal(draft, place, {image.name: write_image(image, draft) for image in images}, ledger, copy)


def _stem(image: Image) -> str:
    return image.name.partition(".")[0]
