"""Where ImageNet lies: one call for each tier."""

from __future__ import annotations

import os
from pathlib import Path

from synscenes.coco.folders import COMPLETE
from synscenes.errors import CourseError
from synscenes.ilsvrc.tree import Tree, load
from synscenes.paths import home

_GET = "python -m synscenes data get imagenet"


def find(data: str | Path) -> Tree:
    """Return the ImageNet of a tier ("micro", "sample" or "full"), or of a folder given by its path.

    "micro" is the course's 70 photographs, written on first use. "sample" is ``imagenet-sample`` in the course's folder
    of files. "full" is the folder that the variable SYNSCENES_IMAGENET names, or ``imagenet`` in the course's folder of
    files. Raises CourseError where there is no such folder, with the command that makes it.
    """
    if data == "micro":
        from synscenes.ilsvrc.micro import write_micro
        from synscenes.made_once import made_once

        return load(made_once("imagenet-micro", write_micro, "the small tree of ImageNet photographs"))
    named = os.environ.get("SYNSCENES_IMAGENET")
    if data == "full" and named:
        return load(named)
    if data not in ("sample", "full"):
        return load(data)
    root = home() / ("imagenet" if data == "full" else "imagenet-sample")
    command = f"{_GET} --tier {data}"
    if not root.is_dir():
        raise CourseError(f"No ImageNet at {root}: `{command}` says how to get it, and brings your copy there.")
    if (root / "ledger.jsonl").is_file() and not (root / COMPLETE).is_file():
        raise CourseError(f"ImageNet is not complete at {root}: `{command} --from FOLDER` goes on where it stopped.")
    return load(root)
