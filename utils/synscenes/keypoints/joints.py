"""COCO's 17 joints: their names, pairs, groups and tolerances. Left and right are the person's own."""

from __future__ import annotations

import numpy as np

from synscenes.draw import KEYPOINTS as NAMES
from synscenes.draw import SKELETON
from synscenes.metrics.detection.settings import COCO_SIGMAS as SIGMAS

__all__ = ["GROUPS", "NAMES", "PAIRS", "PARTNER", "SIGMAS", "SKELETON", "index"]

# The left and the right of each pair; the nose has no partner.
PAIRS = tuple((place, place + 1) for place in range(1, len(NAMES), 2))
# PARTNER[j] is the joint that j becomes in a mirror.
PARTNER = np.array([0, *(place for left, right in PAIRS for place in (right, left))])
# Both sides together, for tables that have room for a few lines only.
GROUPS = {"head": (0, 1, 2, 3, 4)} | {NAMES[left].removeprefix("left_"): (left, right) for left, right in PAIRS[2:]}


def index(name: str) -> int:
    """Return the place of a joint among the 17, from 0. Raises ValueError for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"joint must be one of {', '.join(NAMES)}, not {name!r}")
    return NAMES.index(name)
