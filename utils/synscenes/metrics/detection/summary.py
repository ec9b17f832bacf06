"""COCO's twelve numbers (ten for joints) out of the arrays, and the table it prints."""

from __future__ import annotations

import numpy as np

from synscenes.metrics.detection.curves import Curves
from synscenes.metrics.detection.settings import AREA_RANGES, Settings

_SHORT = {"small": "s", "medium": "m", "large": "l"}


def stats_of(curves: Curves, settings: Settings) -> dict[str, float]:
    """Return the numbers by COCO's names; -1.0 where undefined."""
    return {name: _mean(curves, settings, *where) for name, where in _lines(settings).items()}


def summary_of(stats: dict[str, float], settings: Settings) -> str:
    """Return the table as pycocotools prints it."""
    ends = settings.iou_thresholds[[0, -1]]
    lines = []
    for name, (kind, iou, area, limit) in _lines(settings).items():
        title = "Average Precision  (AP)" if kind == "AP" else "Average Recall     (AR)"
        ious = f"{ends[0]:.2f}:{ends[1]:.2f}" if iou is None else f"{iou:.2f}"
        most = settings.max_dets[limit]
        lines.append(f" {title} @[ IoU={ious:<9} | area={area:>6s} | maxDets={most:>3d} ] = {stats[name]:0.3f}")
    return "\n".join(lines)


def _lines(settings: Settings) -> dict[str, tuple[str, float | None, str, int]]:
    """Return name -> (AP or AR, one IoU threshold or None for all, area, place in max_dets)."""
    main, detail = settings.headline_limit, settings.detail_limit
    joints = settings.iou_type == "keypoints"
    sizes = [name for name in _SHORT if not (joints and name == "small")]
    lines = {"AP": ("AP", None, "all", main)}
    lines |= {"AP50": ("AP", 0.5, "all", detail), "AP75": ("AP", 0.75, "all", detail)}
    lines |= {f"AP{_SHORT[name]}": ("AP", None, name, detail) for name in sizes}
    if joints:
        lines |= {"AR": ("AR", None, "all", main)}
        lines |= {"AR50": ("AR", 0.5, "all", main), "AR75": ("AR", 0.75, "all", main)}
    else:
        lines |= {f"AR{limit}": ("AR", None, "all", m) for m, limit in enumerate(settings.max_dets)}
    lines |= {f"AR{_SHORT[name]}": ("AR", None, name, detail) for name in sizes}
    for name in settings.area_ranges:
        if name not in AREA_RANGES or (joints and name == "small"):
            lines |= {f"AP_{name}": ("AP", None, name, detail), f"AR_{name}": ("AR", None, name, detail)}
    return lines


def _mean(curves: Curves, settings: Settings, kind: str, iou: float | None, area: str, limit: int) -> float:
    """Return the mean over whatever is defined (above -1)."""
    if area not in settings.area_ranges:
        return -1.0
    values = curves.precision if kind == "AP" else curves.recall
    values = values[..., list(settings.area_ranges).index(area), limit]
    if iou is not None:
        values = values[np.isclose(settings.iou_thresholds, iou, rtol=0, atol=1e-9)]
    values = values[values > -1]
    return float(values.mean()) if values.size else -1.0
