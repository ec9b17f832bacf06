"""Checks of lesson 16, Your own dataset."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake, call, exercise


@exercise("16-corners")
def _corners(from_voc) -> str:
    for corners in ((4, 5, 13, 24), (1, 1, 1, 1), (10, 20, 64, 48), (1, 7, 320, 240)):
        xmin, ymin, xmax, ymax = corners
        right = [xmin - 1, ymin - 1, xmax - xmin + 1, ymax - ymin + 1]
        got = [float(value) for value in call(from_voc, *corners)]
        if got == right:
            continue
        if got == [xmin - 1, ymin - 1, xmax, ymax]:
            raise Mistake("corners", "The last two numbers are still a corner; COCO wants width and height.")
        if got == [xmin, ymin, xmax - xmin, ymax - ymin]:
            raise Mistake("from-zero", "VOC counts pixels from 1 and COCO from 0: the box is one pixel off.")
        if got == [xmin - 1, ymin - 1, xmax - xmin, ymax - ymin]:
            raise Mistake("one-short", "xmin to xmax, both included, are one pixel more than xmax - xmin.")
        raise Mistake("wrong", f"For the corners {corners} I expected {right}, got {got}.")
    return "Right: a box of the first pixel alone is [0, 0, 1, 1], one pixel wide."


@exercise("16-yolo")
def _yolo(to_yolo) -> str:
    for box, width, height in (([10, 20, 30, 40], 100, 200), ([0, 0, 320, 240], 320, 240), ([3.5, 8, 9, 2], 64, 48)):
        x, y, w, h = box
        right = np.array([(x + w / 2) / width, (y + h / 2) / height, w / width, h / height])
        got = np.asarray(call(to_yolo, box, width, height), dtype=float)
        if got.shape != (4,):
            raise Mistake("shape", f"I expected four numbers, got shape {got.shape}.")
        if np.allclose(got, right):
            continue
        if np.allclose(got, [x / width, y / height, w / width, h / height]):
            raise Mistake("corner", "The first two are still the corner; YOLO wants the middle of the box.")
        if np.allclose(got, right * [width, height, width, height]):
            raise Mistake("pixels", "Those are pixels; YOLO writes shares of the image, from 0 to 1.")
        swapped = [(x + w / 2) / height, (y + h / 2) / width, w / height, h / width]
        if np.allclose(got, swapped):
            raise Mistake("swapped", "You divided x by the height and y by the width.")
        raise Mistake("wrong", f"For {box} in {width} × {height} I expected {right.round(4)}, got {got.round(4)}.")
    return "Right: shares do not change when the image is resized, and that is why YOLO writes them."


@exercise("16-split")
def _split(fair_split) -> str:
    rng = np.random.default_rng(160)
    for groups in (np.repeat(np.arange(12), 5), rng.integers(0, 15, 90), np.arange(20)):
        drawn = [np.sort(np.asarray(call(fair_split, groups, 0.25, np.random.default_rng(seed)))) for seed in range(3)]
        for test in drawn:
            _sound(test, groups)
        if len({tuple(test) for test in drawn}) == 1:
            raise Mistake("no-chance", "Three generators gave the same split: draw the groups with rng.")
    return "Right: whole groups go to one side, and chance decides which."


def _sound(test: np.ndarray, groups: np.ndarray) -> None:
    if test.dtype == bool or test.ndim != 1 or not np.issubdtype(test.dtype, np.integer):
        raise Mistake("rows", "Return the rows of the test images: whole numbers, in one dimension.")
    if len(test) and (test.max() >= len(groups) or len(set(test.tolist())) < len(test)):
        raise Mistake("rows", "Return each test row once; rows run from 0 to the number of images less one.")
    here = set(groups[test].tolist())
    away = set(np.delete(groups, test).tolist())
    if here & away:
        raise Mistake("leak", f"Group {min(here & away)} stands on both sides: draw groups, not images.")
    if not len(test) or len(test) == len(groups):
        raise Mistake("one-sided", "All images ended on one side.")
    share = len(here) / len(here | away)
    if abs(share - 0.25) > 1 / len(here | away) + 1e-9:  # "about": one group more or fewer
        raise Mistake("share", f"I asked for a quarter of the groups and got {share:.0%}.")
