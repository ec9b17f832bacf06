"""Published accuracies on the test sets that came after ImageNet's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas

# Column of the table: (the set, what its pictures are).
SETS = {
    "real": ("ReaL", "the same photographs, labelled anew"),
    "v2": ("ImageNet-V2", "new photographs, collected the old way"),
    "sketch": ("ImageNet-Sketch", "drawings in black and white"),
    "r": ("ImageNet-R", "art, toys, cartoons: 200 classes"),
    "a": ("ImageNet-A", "photographs a ResNet-50 got wrong: 200 classes"),
}


def results() -> pandas.DataFrame:
    """Return top-1 accuracy, in per cent, of 21 models: one row each, worst on ImageNet first.

    Columns: model (timm's name), name, trained_on ("ImageNet-1K", "ImageNet-21K" or "web": the most it ever
    saw), imagenet, real, v2, sketch, r, a, and r_classes and a_classes: accuracy on the *ordinary* photographs of
    the 200 classes of R and of A. Source: timm's result tables; see the head of ``data/timm_results.csv``.
    """
    import pandas

    return pandas.read_csv(Path(__file__).parent / "data" / "timm_results.csv", comment="#")


def line(x, y) -> tuple[float, float]:
    """Return (slope, intercept) of the straight line with the least squared error from ``x`` to ``y``.

    Raises ValueError for fewer than two points, or points above one another.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 2 or np.ptp(x) == 0:
        raise ValueError(
            f"x and y must be two rows of one length with different x, got {x.shape} and {y.shape}"
        )
    slope, intercept = np.polyfit(x, y, 1)
    return float(slope), float(intercept)
