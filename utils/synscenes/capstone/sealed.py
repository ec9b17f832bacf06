"""Data that judge: made from seeds of their own, on first use, and not looked at while a solution is built.

Nothing but good manners hides them: they lie in the course's cache like all the rest. What keeps a learner honest is
that each question to them is counted (``synscenes.capstone.looks``) and stands in the report.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from synscenes.coco import Folder

SCENES_SEED, AUDIT_SEED, PRACTICE_SEED = 41_018, 9_118, 9_018
WRONG_LABELS = 0.08  # the chance of an annotation of the audit's sets to get a wrong category; persons keep theirs


def scenes(count: int) -> Folder:
    """Return a micro-COCO of ``count`` validation images that no lesson uses, made on first use."""
    return _made("sealed", 0, count, SCENES_SEED)


def audit(count: int, sealed: bool = False) -> Folder:
    """Return ``count`` training images in which about one object in twelve (persons aside) has a wrong label."""
    from synscenes import micrococo

    seed = AUDIT_SEED if sealed else PRACTICE_SEED
    dials = micrococo.Dials(mistakes=WRONG_LABELS, kinds=("label",), crowds=0.0)
    return _made("audit", count, 0, seed, dials)


def scene_graphs(folder: Folder, count: int | None = None, split: str = "val") -> list[dict[str, Any]]:
    """Return the scene graphs of a micro-COCO folder, with their five captions each."""
    path = folder.root / "annotations" / f"scenes_{split}2017.json"
    return json.loads(path.read_text(encoding="utf-8"))["scenes"][:count]


def planted(folder: Folder) -> list[dict[str, Any]]:
    """Return the planted mistakes of an ``audit`` folder: ``annotation_id``, ``image_id`` and the true record."""
    path = folder.root / "annotations" / "mistakes_train2017.json"
    return json.loads(path.read_text(encoding="utf-8"))["mistakes"]


def _made(kind: str, train: int, val: int, seed: int, dials: Any = None) -> Folder:
    from synscenes import micrococo
    from synscenes.made_once import made_once

    name = f"{micrococo.default().name}-{kind}-{train + val}-{seed}"  # the default's name has the generator's version

    def make(work: Path) -> None:
        micrococo.generate(work, train, val, seed, dials, progress=False)

    return Folder(made_once(name, make, f"{train + val} more scenes"))
