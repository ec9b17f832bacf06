"""COCO's detection metrics in plain numpy: AP and AR for boxes, masks and joints, equal to pycocotools.

::

    result = evaluate("instances_val2017.json", "results.json")
    print(result)                # COCO's table
    result.stats["AP50"]
    result.per_category          # what pycocotools doesn't print

``evaluation`` reads (``reading``, ``fields``, ``shapes``), matches (``overlaps``, ``matching``) and sums up
(``curves``, ``summary``, ``result``). ``byhand`` has the same ideas for one image and one category, small enough to
follow with a pencil. ``tide`` says what kinds of errors cost how much, ``resampling`` how far a number can be trusted,
``simulated`` makes detections with known errors.
"""

from __future__ import annotations

from synscenes.metrics.detection.evaluation import evaluate
from synscenes.metrics.detection.result import Result
from synscenes.metrics.detection.settings import (
    AREA_RANGES,
    COCO_SIGMAS,
    CROWDPOSE_SIGMAS,
    IOU_THRESHOLDS,
    RECALL_VALUES,
)

__all__ = [
    "AREA_RANGES",
    "COCO_SIGMAS",
    "CROWDPOSE_SIGMAS",
    "IOU_THRESHOLDS",
    "RECALL_VALUES",
    "Result",
    "evaluate",
]
