"""ReaL: the second look at ImageNet's 50,000 validation images (Beyer et al. 2020), as timm carries it."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from pathlib import Path

from synscenes.errors import CourseError


@cache
def real_labels() -> tuple[tuple[int, ...], ...]:
    """Return every validation image's labels (0-999), by file name; () where none held up.

    Source: Beyer et al. 2020, "Are we done with ImageNet?", read from timm's ``data/_info`` without importing
    timm. Raises CourseError when timm isn't installed or the file is missing or not what it should be.
    """
    spec = importlib.util.find_spec("timm")
    if spec is None or not spec.origin:
        raise CourseError("timm isn't installed, and the ReaL labels come with it: pip install timm")
    path = Path(spec.origin).parent / "data" / "_info" / "imagenet_real_labels.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise CourseError(f"This timm has no readable ReaL labels at {path}: install timm>=1.0.12.") from None
    labels = tuple(tuple(row) for row in rows)
    if len(labels) != 50_000 or not all(0 <= label < 1000 for row in labels for label in row):
        raise CourseError(f"{path} does not hold 50,000 lists of labels 0-999: install timm>=1.0.12.")
    return labels


def label_pairs(labels: Sequence[Sequence[int]]) -> Counter:
    """Count how many images carry both of two classes: Counter of (low, high) class indices."""
    return Counter(pair for row in labels for pair in combinations(sorted(set(row)), 2))


def one_guess_ceiling(labels: Sequence[Sequence[int]]) -> float:
    """Return the top-1 of somebody who knows each image's set and must guess which one is on file, by lot.

    The mean of 1 / (number of labels) over images that have any: what is left if the file's label is one of
    the set, each as likely as another. Raises ValueError where no image has a label.
    """
    shares = [1 / len(row) for row in labels if len(row)]
    if not shares:
        raise ValueError("no image has a label")
    return sum(shares) / len(shares)
