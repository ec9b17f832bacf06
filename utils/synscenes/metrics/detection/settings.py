"""What is evaluated: IoU thresholds, recall values, area ranges, how many detections count, joint sigmas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from synscenes.errors import CourseError

IOU_TYPES = ("bbox", "segm", "keypoints")

# COCO's definitions ("Detection Evaluation", cocodataset.org; the same numbers stand in pycocotools' Params).
IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALL_VALUES = np.linspace(0.0, 1.0, 101)
AREA_RANGES = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
# How far a joint may be off: the deviation between annotators, relative to the person's size, as COCO measured it.
COCO_SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 100 / 10
# CrowdPose's 14 joints, from its evaluation code (Li et al. 2019, "CrowdPose").
CROWDPOSE_SIGMAS = np.array([79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89, 79, 79]) / 100 / 10


@dataclass(frozen=True)
class Settings:
    """The axes of the result: T thresholds, R recall values, A area ranges, M limits (detections an image)."""

    iou_type: str
    iou_thresholds: np.ndarray
    area_ranges: dict[str, tuple[float, float]]
    max_dets: tuple[int, ...]
    class_agnostic: bool = False
    sigmas: np.ndarray = field(default_factory=lambda: COCO_SIGMAS)
    recall_values: np.ndarray = field(default_factory=lambda: RECALL_VALUES)

    @property
    def area_bounds(self) -> np.ndarray:
        """The ranges as an array: (A, 2); both ends belong to a range."""
        return np.array(list(self.area_ranges.values()), dtype=np.float64)

    @property
    def headline_limit(self) -> int:
        """The place in ``max_dets`` at which AP is told: COCO's 100 (20 for joints), or else the largest."""
        usual = 20 if self.iou_type == "keypoints" else 100
        return self.max_dets.index(usual) if usual in self.max_dets else len(self.max_dets) - 1

    @property
    def detail_limit(self) -> int:
        """The place in ``max_dets`` for AP50, APs and so on: pycocotools takes the third, where there are three."""
        if self.iou_type == "keypoints":
            return self.headline_limit
        return 2 if len(self.max_dets) >= 3 else len(self.max_dets) - 1


def make_settings(
    iou_type: str,
    area_ranges: Mapping[str, Sequence[float]] | None,
    max_dets: Sequence[int] | None,
    iou_thresholds: Sequence[float] | None,
    class_agnostic: bool,
    sigmas: Sequence[float] | None,
) -> Settings:
    """Fill in COCO's defaults and check what was given. Raises CourseError for what makes no sense."""
    if iou_type not in IOU_TYPES:
        raise CourseError(f'iou_type is {iou_type!r}: choose "bbox", "segm" or "keypoints".')
    joints = iou_type == "keypoints"
    if joints and class_agnostic:
        raise CourseError("class_agnostic works for bbox and segm: joints of different categories don't compare.")
    ranges = _area_ranges(area_ranges, joints)
    thresholds = IOU_THRESHOLDS if iou_thresholds is None else np.atleast_1d(np.asarray(iou_thresholds, np.float64))
    if thresholds.ndim != 1 or not len(thresholds) or not ((thresholds > 0) & (thresholds <= 1)).all():
        raise CourseError(f"iou_thresholds must be numbers above 0 and up to 1, not {iou_thresholds!r}.")
    if (np.diff(thresholds) <= 0).any():
        raise CourseError(f"iou_thresholds must rise, not {iou_thresholds!r}: sort them.")
    limits = tuple(max_dets) if max_dets is not None else ((20,) if joints else (1, 10, 100))
    if not limits or any(isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1 for n in limits):
        raise CourseError(f"max_dets must be whole numbers of at least 1, not {max_dets!r}.")
    spread = COCO_SIGMAS if sigmas is None else np.asarray(sigmas, dtype=np.float64)
    if spread.ndim != 1 or not len(spread) or not (np.isfinite(spread) & (spread > 0)).all():
        raise CourseError("sigmas must be numbers above 0, one for each joint.")
    return Settings(iou_type, thresholds, ranges, tuple(sorted({int(n) for n in limits})), class_agnostic, spread)


def _area_ranges(given: Mapping[str, Sequence[float]] | None, joints: bool) -> dict[str, tuple[float, float]]:
    if given is None:  # COCO annotates no joints on small persons.
        return {name: ends for name, ends in AREA_RANGES.items() if not (joints and name == "small")}
    ranges = {"all": AREA_RANGES["all"]}
    for name, ends in given.items():
        if len(tuple(ends)) != 2 or not ends[0] <= ends[1]:
            raise CourseError(f"area_ranges[{name!r}] must be two numbers (least, most), not {ends!r}.")
        ranges[str(name)] = (float(ends[0]), float(ends[1]))
    return ranges
