"""What is wrong with a tree on disk: what is missing, what is misplaced, what cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from synscenes import imagenet
from synscenes.errors import CourseError

if TYPE_CHECKING:
    from synscenes.ilsvrc.tree import Record, Tree

_LISTS = {"train": "train_cls.txt", "val": "val.txt", "test": "test.txt"}
# Russakovsky et al. 2015, table 2; asked for only where the tree brings no list of its own.
_OFFICIAL = {"train": 1_281_167, "val": 50_000, "test": 100_000}
_MOST_NAMED = 5


def problems(tree: Tree, decode: bool = False) -> list[str]:
    """Compare a tree with its own lists (``ImageSets``), and read all its boxes.

    One line for each problem, with the path: a missing folder or image, an image that no list has, an empty
    file, a file in the wrong class's folder, an annotation that cannot be read. ``decode`` also decodes every
    image (hours for all of ImageNet) and names boxes that leave theirs. Without ImageSets, the number of images
    is compared with the official one.
    """
    return list(_synset_mapping(tree)) + [
        line for split in ("train", "val") for line in _split(tree, split, decode)
    ]


def _synset_mapping(tree: Tree) -> Iterator[str]:
    path = tree.home / "LOC_synset_mapping.txt"
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, (line, entry) in enumerate(zip(lines, imagenet.classes()), start=1):
        if line.split(" ")[0] != entry.wnid:
            yield f"{path}, line {number}: expected {entry.wnid}, found {line.split(' ')[0]!r}"
            return
    if len(lines) != len(imagenet.classes()):
        yield f"{path} has {len(lines):,} lines, expected 1,000: is it cut off?"


def _split(tree: Tree, split: str, decode: bool) -> Iterator[str]:
    try:
        records: list[Record] = getattr(tree, split)()
    except CourseError as error:
        yield str(error)
        return
    yield from _against_the_list(tree, split, records)
    for record in records:
        if record.path.stat().st_size == 0:
            yield f"{record.path} is empty"
            continue
        if split == "train" and not record.path.name.startswith(f"{record.wnid}_"):
            yield f"{record.path} is in the folder of another class"
        size = None
        if decode:
            try:
                size = record.image.size
            except CourseError as error:
                yield str(error)
        yield from _boxes(record, size)


def _against_the_list(tree: Tree, split: str, records: list[Record]) -> Iterator[str]:
    path = tree.lists / _LISTS[split]
    if not path.is_file():
        if len(records) != _OFFICIAL[split]:
            yield (
                f"{tree.images / split} holds {len(records):,} images, the official set {_OFFICIAL[split]:,}, "
                f"and there is no {path} to say which are meant"
            )
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    listed = {line.split()[0].rpartition("/")[2] for line in lines if line.strip()}
    there = {record.path.stem for record in records}
    yield from _named(sorted(listed - there), f"listed in {path} but missing from {tree.images / split}")
    yield from _named(sorted(there - listed), f"in {tree.images / split} but not listed in {path}")


def _named(names: list[str], what: str) -> Iterator[str]:
    if names:
        more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
        yield f"{len(names):,} {what}: {', '.join(names[:_MOST_NAMED])}{more}"


def _boxes(record: Record, size: tuple[int, int] | None) -> Iterator[str]:
    try:
        boxes = record.boxes()
    except CourseError as error:
        yield str(error)
        return
    for box in boxes:
        if box.wnid != record.wnid:
            yield f"{record.path}: a box says {box.wnid}, the image's class is {record.wnid}"
        if size and (box.xyxy[2] > size[0] or box.xyxy[3] > size[1]):
            yield f"{record.path}: the box {box.xyxy} leaves the image, which is {size[0]} × {size[1]}"
