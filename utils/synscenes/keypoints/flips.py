"""Mirroring. In a mirror a left hand is a right hand: the joints must swap their names."""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.keypoints.joints import PARTNER


def flip_joints(joints: Any, width: float) -> np.ndarray:
    """Return joints (..., 17, 2 or 3) as they are in the mirrored picture of this width.

    x becomes width - x (pixel 0 covers 0 to 1, so the picture's right edge is at ``width``), and left and right change
    names. Where v says that a joint isn't labelled, it stays 0, 0, 0. Doing it twice gives back the joints.
    """
    joints = np.array(joints, dtype=np.float64)[..., PARTNER, :]
    joints[..., 0] = width - joints[..., 0]
    if joints.shape[-1] > 2:
        joints[joints[..., 2] == 0] = 0
    return joints


def flip_maps(maps: Any, swap: bool = True) -> np.ndarray:
    """Return the heatmaps (..., 17, H, W) of a mirrored picture as those of the picture itself, or the reverse.

    ``swap=False`` forgets to exchange left and right: the mistake this course shows.
    """
    maps = np.asarray(maps)[..., ::-1]
    return maps[..., PARTNER, :, :] if swap else maps
