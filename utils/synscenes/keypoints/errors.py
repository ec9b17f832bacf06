"""What kind of mistake a joint is.

After Ronchi & Perona 2017, "Benchmarking and Error Diagnosis in Multi-Instance Pose Estimation".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.keypoints.joints import PARTNER, SIGMAS
from synscenes.keypoints.oks import joint_similarities
from synscenes.keypoints.people import People

KINDS = ("good", "jitter", "inversion", "swap", "miss")
GOOD, NEAR = 0.85, 0.5


def kinds(found: Any, people: People) -> np.ndarray:
    """Return what each found joint (N, 17, 2 or 3) is: (N, 17) of places in ``KINDS``; -1 where none is labelled.

    "good": its own similarity is at least 0.85; "jitter": at least 0.5. Else "inversion": at least 0.5 with the
    other side's joint of the same person; "swap": with that joint, or its partner, of another person in the image;
    "miss": with none of these. Similarities use the size of the person who is being looked for.
    """
    found = np.asarray(found, dtype=np.float64)[..., :2]
    own = joint_similarities(found, people.joints, people.areas)
    other_side = joint_similarities(found, people.joints[:, PARTNER], people.areas, SIGMAS)
    result = np.full(own.shape, KINDS.index("miss"))
    result[_others(found, people) >= NEAR] = KINDS.index("swap")
    result[(np.nan_to_num(other_side) >= NEAR) & (np.arange(len(PARTNER)) != PARTNER)] = KINDS.index("inversion")
    result[np.nan_to_num(own) >= NEAR] = KINDS.index("jitter")
    result[np.nan_to_num(own) >= GOOD] = KINDS.index("good")
    return np.where(people.joints[..., 2] > 0, result, -1)


def shares(kinds_found: np.ndarray) -> dict[str, float]:
    """Return the share of each kind among the labelled joints."""
    labelled = kinds_found[kinds_found >= 0]
    return {name: float((labelled == place).mean()) for place, name in enumerate(KINDS)}


def _others(found: np.ndarray, people: People) -> np.ndarray:
    """The best similarity of each joint with the same joint, or its partner, of anybody else in the image."""
    best = np.zeros(found.shape[:2])
    for identifier in np.unique(people.image_ids):
        rows = np.flatnonzero(people.image_ids == identifier)
        for row in rows:
            for other in rows[rows != row]:
                for joints in (people.joints[other], people.joints[other][PARTNER]):
                    similarity = joint_similarities(found[row], joints, people.areas[row])
                    best[row] = np.fmax(best[row], similarity)
    return best
