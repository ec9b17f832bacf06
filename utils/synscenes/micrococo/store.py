"""The default dataset: made once in the course's cache folder, whoever asks first."""

from __future__ import annotations

from pathlib import Path

from synscenes.made_once import made_once
from synscenes.paths import found_or_own

VERSION = "3"  # part of the folder's name: a new look is a new dataset, and old ones are left alone
NAME = f"micro-coco-{VERSION}"
TRAIN, VAL, SEED = 1000, 250, 2017


def is_made() -> bool:
    """Whether the default dataset is there; a folder of that name is always whole."""
    return found_or_own(NAME).is_dir()


def default(progress: bool = True) -> Path:
    """Return the folder of the default dataset (1,000 train and 250 val images), making it first where needed.

    One process makes it, others wait. Raises CourseError when its sprites cannot be fetched or the disk refuses.
    """

    def make(work: Path) -> None:
        from synscenes import assets
        from synscenes.micrococo.writer import generate

        assets.fetch(["twemoji"], progress=progress)
        generate(work, TRAIN, VAL, SEED, progress=progress)

    return made_once(NAME, make, "micro-COCO")
