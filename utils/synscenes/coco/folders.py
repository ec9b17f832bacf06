"""Where a COCO dataset's files lie: one layout, three tiers, any folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError
from synscenes.paths import home

SPLITS = ("train", "val")
# What `data get` writes last.
COMPLETE = "ABOUT_THIS_COPY.txt"
_GET = "python -m synscenes data get coco"
KINDS = ("instances", "person_keypoints", "captions", "panoptic", "stuff")


@dataclass(frozen=True)
class Folder:
    """A dataset in COCO's official layout of 2017: ``annotations/instances_val2017.json``, ``val2017/*.jpg`` and so on.

    Each method returns the path of something that exists, or raises CourseError in one line. ``command`` is what
    gets missing files ("" where no command does).
    """

    root: Path
    command: str = field(default="", compare=False)

    def instances(self, split: str) -> Path:
        """The boxes and masks of the 80 categories; ``split`` is "train" or "val"."""
        return self.annotations("instances", split)

    def keypoints(self, split: str) -> Path:
        """The persons with their 17 joints."""
        return self.annotations("person_keypoints", split)

    def captions(self, split: str) -> Path:
        """The sentences."""
        return self.annotations("captions", split)

    def panoptic(self, split: str) -> Path:
        """The JSON that goes with the panoptic PNGs."""
        return self.annotations("panoptic", split)

    def stuff(self, split: str) -> Path:
        """Grass, sky, wall and the like, as RLE."""
        return self.annotations("stuff", split)

    def panoptic_pngs(self, split: str) -> Path:
        """The folder of the panoptic PNGs."""
        return self._existing(self.root / "annotations" / f"panoptic_{_known(split)}2017")

    def annotations(self, kind: str, split: str) -> Path:
        """The annotation file of a kind: one of ``KINDS``."""
        return self._existing(self._place(kind, split))

    def has(self, kind: str, split: str) -> bool:
        """Return True where the annotation file of this kind is there."""
        return self._place(kind, split).is_file()

    def images(self, split: str) -> Path:
        """The folder of the photographs."""
        return self._existing(self.root / f"{_known(split)}2017")

    def image(self, split: str, record: str | Mapping[str, Any]) -> Path:
        """The photograph of a record of ``images`` (a dict, or a row of a table), or of a file name."""
        name = record if isinstance(record, str) else record["file_name"]
        return self._existing(self.root / f"{_known(split)}2017" / name)

    def _place(self, kind: str, split: str) -> Path:
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
        return self.root / "annotations" / f"{kind}_{_known(split)}2017.json"

    def _existing(self, path: Path) -> Path:
        if not path.exists():
            place = path.relative_to(self.root).as_posix()
            advice = f"`{self.command}` gets it" if self.command else "put COCO's file there, or use another DATA"
            raise CourseError(f"No {place} in {self.root}: {advice}.")
        return path


def folder(data: str | Path) -> Folder:
    """Return the dataset of a tier ("micro", "sample" or "full"), or of a folder given by its path.

    "micro" is generated on first use. "sample" is ``coco-sample`` in the course's folder of files. "full" is
    the folder that the variable SYNSCENES_COCO names, or ``coco`` in the course's folder of files. Raises
    CourseError where there is no such folder, or only a part of what ``python -m synscenes data get`` began to get.
    """
    if data == "micro":
        from synscenes import micrococo

        return Folder(Path(micrococo.default()))
    named, command = os.environ.get("SYNSCENES_COCO"), ""
    if data == "full" and named:
        root, advice = Path(named).expanduser(), "SYNSCENES_COCO must name the folder that holds annotations/"
    elif data in ("full", "sample"):
        root, command = home() / ("coco" if data == "full" else "coco-sample"), f"{_GET} --tier {data}"
        advice = f"`{command}` gets it"
        if data == "full":
            advice += ", or name the folder of your copy in SYNSCENES_COCO"
    else:
        root, advice = Path(data).expanduser(), "give a folder that holds annotations/"
    if not (root / "annotations").is_dir():
        raise CourseError(f"No COCO dataset at {root}: {advice}.")
    if command and (root / "ledger.jsonl").is_file() and not (root / COMPLETE).is_file():
        raise CourseError(f"COCO is not complete at {root}: `{command}` goes on where it stopped.")
    return Folder(root, command)


def _known(split: str) -> str:
    if split not in SPLITS:
        raise ValueError(f'split must be "train" or "val", not {split!r}')
    return split
