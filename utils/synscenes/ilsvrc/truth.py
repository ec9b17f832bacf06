"""Where the truth of the validation images stands: a table, the development kit, or the XML files."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from synscenes import imagenet
from synscenes.errors import CourseError
from synscenes.ilsvrc.annotations import Box, read_annotation

GROUND_TRUTH = "ILSVRC2012_validation_ground_truth.txt"


@dataclass(frozen=True)
class Truth:
    """The wnid of each validation image by its name without extension, its boxes, and where that stands."""

    source: str
    wnids: dict[str, str]
    boxes: dict[str, tuple[Box, ...]]


def from_csv(path: Path) -> Truth:
    """Read ``LOC_val_solution.csv``: ``ImageId,PredictionString``, the string holding wnid x1 y1 x2 y2 per object.

    An image's label is the wnid of its first object (all objects of an image have the same one). Raises
    CourseError with the line for a row cut short, a box of other than four numbers, or a wnid not among the 1,000.
    """
    wnids: dict[str, str] = {}
    boxes: dict[str, tuple[Box, ...]] = {}
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        reader = csv.reader(file)
        head = next(reader, [])
        if head[:2] != ["ImageId", "PredictionString"]:
            raise CourseError(f"{path}, line 1: expected ImageId,PredictionString, found {','.join(head)!r}.")
        for row in reader:
            words = row[1].split() if len(row) > 1 else []
            where = f"{path}, line {reader.line_num}"
            if not words or len(words) % 5:
                raise CourseError(f"{where}: expected wnid and four numbers per object; the file may be cut off.")
            groups = [words[start : start + 5] for start in range(0, len(words), 5)]
            try:
                boxes[row[0]] = tuple(Box(group[0], tuple(map(float, group[1:]))) for group in groups)
            except ValueError:
                raise CourseError(f"{where}: a corner of a box is not a number.") from None
            wnids[row[0]] = known(words[0], where)
    return Truth(path.name, wnids, boxes)


def from_devkit(folder: Path) -> Truth:
    """Read the development kit's ``data`` folder: ids 1 to 1,000, one a line, and ``meta.mat`` that names them.

    The ids are the kit's own (``ILSVRC2012_ID``). They are **not** the label indices 0-999 plus one, whose
    order is that of the sorted wnids. Raises CourseError for a missing file or an id that ``meta.mat`` lacks.
    """
    names = _devkit_names(folder / "meta.mat")
    path = folder / GROUND_TRUTH
    wnids = {}
    for line, text in enumerate(path.read_text(encoding="ascii", errors="replace").split(), start=1):
        if not text.isdecimal() or len(text) > 9 or int(text) not in names:
            raise CourseError(f"{path}, line {line}: {text!r} is no class id of meta.mat.")
        wnids[f"ILSVRC2012_val_{line:08d}"] = names[int(text)]
    return Truth(path.name, wnids, {})


def _devkit_names(path: Path) -> dict[int, str]:
    """ILSVRC2012_ID -> wnid of the 1,000 classes (meta.mat also lists the 860 synsets above them)."""
    if not path.is_file():
        raise CourseError(
            f"{path} is missing: without it the numbers in {GROUND_TRUTH} mean nothing. "
            "Unpack ILSVRC2012_devkit_t12.tar.gz whole."
        )
    rows = _read_apart(path)
    return {number: known(wnid, str(path)) for number, wnid, children in rows if children == 0}


# Damaged files bring scipy's reader down, and Python with it (a segmentation fault): it gets a process of its own.
_READER = """
import json, sys
from scipy.io import loadmat
synsets = loadmat(sys.argv[1], squeeze_me=True)["synsets"]
print(json.dumps([(int(row["ILSVRC2012_ID"]), str(row["WNID"]), int(row["num_children"])) for row in synsets]))
"""


def _read_apart(path: Path) -> list[tuple[int, str, int]]:
    finished = subprocess.run([sys.executable, "-P", "-c", _READER, str(path)], capture_output=True, text=True)
    if finished.returncode:
        told = finished.stderr.strip().splitlines()
        reason = told[-1][:200] if told else "it brings scipy's reader down"
        raise CourseError(f"{path} can't be read ({reason}): unpack the development kit again.")
    return [tuple(row) for row in json.loads(finished.stdout)]


def from_annotations(folder: Path) -> Truth:
    """Read the label of each validation image from its XML file (slow: one file an image)."""
    wnids, boxes = {}, {}
    for path in sorted(folder.glob("*.xml")):
        annotation = read_annotation(path)
        if annotation.boxes:
            wnids[path.stem] = known(annotation.boxes[0].wnid, str(path))
            boxes[path.stem] = annotation.boxes
    return Truth(str(folder), wnids, boxes)


def known(wnid: str, where: str) -> str:
    """Return ``wnid``, or raise CourseError where it is none of the 1,000."""
    try:
        return imagenet.find(wnid).wnid
    except KeyError:
        raise CourseError(
            f"{where}: {wnid!r} is not one of ILSVRC's 1,000 classes (synscenes.imagenet.classes() lists them)."
        ) from None
