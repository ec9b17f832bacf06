"""Panoptic quality: PQ = SQ × RQ, by the rules of panopticapi's evaluation.

Kirillov, He, Girshick, Rother, Dollár 2019, "Panoptic Segmentation", section 4; cocodataset/panopticapi,
evaluation.py. Equal to it to 1e-9, quirks included where they change a number, except that a set without stuff
(or without things) gives NaN there instead of dividing by zero, and that files which disagree are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.panoptic.ids import VOID
from synscenes.panoptic.sets import PanopticSet, Segments, check_size, load

Source = str | Path | Mapping[str, Any]


@dataclass
class ClassQuality:
    """What one category got: its counts, and the quality that follows from them.

    ``PQ = iou_sum / (TP + FP/2 + FN/2)``, ``SQ = iou_sum / TP``, ``RQ = TP / (TP + FP/2 + FN/2)``. A category
    that no segment has (``present`` False) takes part in no average; its three numbers are 0, as panopticapi's.
    """

    category_id: int
    name: str = ""
    isthing: bool = True
    TP: int = 0
    FP: int = 0
    FN: int = 0
    iou_sum: float = 0.0

    @property
    def present(self) -> bool:
        """Whether any segment, true or predicted, counted for this category."""
        return self.TP + self.FP + self.FN > 0

    @property
    def PQ(self) -> float:
        return self.iou_sum / (self.TP + 0.5 * self.FP + 0.5 * self.FN) if self.present else 0.0

    @property
    def SQ(self) -> float:
        return self.iou_sum / self.TP if self.TP else 0.0

    @property
    def RQ(self) -> float:
        return self.TP / (self.TP + 0.5 * self.FP + 0.5 * self.FN) if self.present else 0.0


@dataclass(frozen=True)
class Quality:
    """Means over the ``n`` categories that are present; NaN when ``n`` is 0 (``note`` says so)."""

    PQ: float
    SQ: float
    RQ: float
    n: int
    note: str = ""

    def as_dict(self) -> dict[str, float]:
        """Return {"PQ", "SQ", "RQ", "n"}."""
        return {"PQ": self.PQ, "SQ": self.SQ, "RQ": self.RQ, "n": self.n}


@dataclass(frozen=True)
class Result:
    """Panoptic quality of a set: ``All``, ``Things``, ``Stuff``, and ``per_class`` by category id.

    ``stats`` holds the three means as nested dicts: ``stats["All"]["PQ"]``.
    """

    per_class: dict[int, ClassQuality]
    All: Quality = field(init=False)
    Things: Quality = field(init=False)
    Stuff: Quality = field(init=False)

    def __post_init__(self) -> None:
        every = list(self.per_class.values())
        object.__setattr__(self, "All", _mean(every, "segment"))
        object.__setattr__(self, "Things", _mean([each for each in every if each.isthing], "thing"))
        object.__setattr__(self, "Stuff", _mean([each for each in every if not each.isthing], "stuff segment"))

    @property
    def stats(self) -> dict[str, dict[str, float]]:
        return {name: getattr(self, name).as_dict() for name in ("All", "Things", "Stuff")}

    def __getitem__(self, name: str) -> dict[str, float]:
        return self.stats[name]

    def __str__(self) -> str:
        lines = [f"{'':8}{'PQ':>7}{'SQ':>7}{'RQ':>7}{'classes':>9}"]
        for name in ("All", "Things", "Stuff"):
            each = getattr(self, name)
            numbers = f"{100 * each.PQ:7.1f}{100 * each.SQ:7.1f}{100 * each.RQ:7.1f}{each.n:9d}"
            lines.append(f"{name:8}{each.note or numbers}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Matches:
    """The segments of one image, sorted out.

    ``matched``: (true id, predicted id, IoU) of the true positives. ``missed``: true ids without a partner (FN).
    ``invented``: predicted ids without one (FP). ``ignored``: predicted ids that don't count, because more than half
    of their pixels lie on void or on a crowd of their category. Crowds are in none of the lists.
    """

    matched: list[tuple[int, int, float]]
    missed: list[int]
    invented: list[int]
    ignored: list[int]


def evaluate(gt_json: Source, gt_folder: str | Path | None, dt_json: Source, dt_folder: str | Path | None) -> Result:
    """Return the panoptic quality of predictions.

    ``gt_json``, ``dt_json``: panoptic JSON files, or their parsed content; ``gt_folder``, ``dt_folder``: the
    folders of their PNGs (None: the JSON's path without ``.json``). The categories are the ground truth's. Predictions
    for further images are ignored. Raises CourseError in one line, with file and id, for an image without
    prediction, a PNG of another size or mode, an id that only PNG or only JSON has, an unknown category, a true
    segment whose area isn't its number of pixels.
    """
    truth = load(gt_json, gt_folder, "the ground truth's JSON")
    found = load(dt_json, dt_folder, "the predictions' JSON")
    if not truth.categories:
        raise CourseError(f"{truth.name}: it has no categories, so nothing says what is a thing: add them.")
    totals = {
        number: ClassQuality(number, category.get("name", ""), bool(category.get("isthing", 1)))
        for number, category in truth.categories.items()
    }
    for image_id in truth.annotations:
        if image_id not in found.annotations:
            raise CourseError(f"{found.name}: no prediction for image {image_id}: predict every image of {truth.name}.")
        matches, gt_segments, dt_segments = match_image(truth, found, image_id)
        _add(totals, matches, gt_segments, dt_segments)
    return Result(totals)


def match_image(truth: PanopticSet, found: PanopticSet, image_id: int) -> tuple[Matches, Segments, Segments]:
    """Read one image of both sets, check them against each other, and match their segments."""
    gt_segments = truth.segments(image_id)
    dt_segments = found.segments(image_id, truth.categories)
    gt_ids, dt_ids = truth.pixels(image_id), found.pixels(image_id)
    png = f"{found.folder.name}/{found.annotations[image_id]['file_name']}"
    check_size(dt_ids.shape, gt_ids.shape, png, truth.name, image_id)
    pairs = overlaps(gt_ids, dt_ids)
    truth.check_segments(image_id, gt_segments, _areas(pairs, 0), areas_too=True)
    # A predicted area isn't used, and many programs write none or a rough one.
    found.check_segments(image_id, dt_segments, _areas(pairs, 1), areas_too=False)
    return match(pairs, gt_segments, dt_segments), gt_segments, dt_segments


def overlaps(gt_ids: np.ndarray, dt_ids: np.ndarray) -> dict[tuple[int, int], int]:
    """Return how many pixels each pair (true id, predicted id) shares; ids are (H, W), 0 to 2^32 - 1.

    Neighbouring pixels mostly belong to the same pair, so runs are found first and only runs are sorted.
    """
    combined = (gt_ids.astype(np.uint64) << np.uint64(32) | dt_ids.astype(np.uint64)).ravel()
    starts = np.flatnonzero(np.concatenate([[combined.size > 0], combined[1:] != combined[:-1]]))
    lengths = np.diff(starts, append=combined.size)
    values, place = np.unique(combined[starts], return_inverse=True)
    counts = np.bincount(place, weights=lengths, minlength=len(values)).astype(np.int64)
    low = np.uint64(2**32 - 1)
    return dict(zip(zip((values >> np.uint64(32)).tolist(), (values & low).tolist()), counts.tolist()))


def match(pairs: dict[tuple[int, int], int], gt_segments: Segments, dt_segments: Segments) -> Matches:
    """Match the segments of one image, given the pixels that each pair shares (see ``overlaps``).

    Two segments of one category match when their IoU is above 0.5, so each has at most one partner. Predicted pixels
    on void are left out of the union.
    """
    gt_area, dt_area = _areas(pairs, 0), _areas(pairs, 1)
    matched = []
    for (gt, dt), shared in pairs.items():
        if gt == VOID or dt == VOID or gt_segments[gt].get("iscrowd", 0):
            continue
        if gt_segments[gt]["category_id"] != dt_segments[dt]["category_id"]:
            continue
        iou = shared / (gt_area[gt] + dt_area[dt] - shared - pairs.get((VOID, dt), 0))
        if iou > 0.5:
            matched.append((gt, dt, iou))
    taken_gt, taken_dt = {gt for gt, _, _ in matched}, {dt for _, dt, _ in matched}
    crowds = {each["category_id"]: number for number, each in gt_segments.items() if each.get("iscrowd", 0)}
    missed = [gt for gt, each in gt_segments.items() if gt not in taken_gt and not each.get("iscrowd", 0)]
    invented, ignored = [], []
    for dt, each in dt_segments.items():
        if dt not in taken_dt:
            # Where an image has two crowds of a category, the later one counts, as in panopticapi.
            crowd = crowds.get(each["category_id"], VOID)
            excused = pairs.get((VOID, dt), 0) + (pairs.get((crowd, dt), 0) if crowd != VOID else 0)
            (ignored if excused / dt_area[dt] > 0.5 else invented).append(dt)
    return Matches(matched, missed, invented, ignored)


def _areas(pairs: dict[tuple[int, int], int], side: int) -> dict[int, int]:
    areas: dict[int, int] = {}
    for pair, shared in pairs.items():
        areas[pair[side]] = areas.get(pair[side], 0) + shared
    return areas


def _add(totals: dict[int, ClassQuality], matches: Matches, gt_segments: Segments, dt_segments: Segments) -> None:
    for gt, _, iou in matches.matched:
        total = totals[gt_segments[gt]["category_id"]]
        total.TP += 1
        total.iou_sum += iou
    for gt in matches.missed:
        totals[gt_segments[gt]["category_id"]].FN += 1
    for dt in matches.invented:
        totals[dt_segments[dt]["category_id"]].FP += 1


def _mean(classes: list[ClassQuality], what: str) -> Quality:
    present = [each for each in classes if each.present]
    if not present:
        nan = float("nan")
        return Quality(nan, nan, nan, 0, f"undefined: there is no {what} to average over")
    means = (float(np.mean([getattr(each, name) for each in present])) for name in ("PQ", "SQ", "RQ"))
    return Quality(*means, len(present))
