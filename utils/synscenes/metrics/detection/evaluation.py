"""The evaluation in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synscenes.metrics.detection.curves import accumulate
from synscenes.metrics.detection.matching import match
from synscenes.metrics.detection.reading import (
    read_catalogue,
    read_json,
    read_results,
    read_truth,
    restrict,
)
from synscenes.metrics.detection.result import Result
from synscenes.metrics.detection.settings import make_settings


def evaluate(
    gt: Any,
    dt: Any,
    iou_type: str = "bbox",
    *,
    area_ranges: Mapping[str, Sequence[float]] | None = None,
    max_dets: Sequence[int] | None = None,
    iou_thresholds: Sequence[float] | None = None,
    class_agnostic: bool = False,
    images: Sequence[int] | None = None,
    categories: Sequence[int] | None = None,
    sigmas: Sequence[float] | None = None,
) -> Result:
    """Evaluate detections as COCO does: AP and AR of boxes, masks or joints.

    Equal to pycocotools (COCOeval with loadRes) to 1e-9 on whatever is accepted here. No argument is changed.

    ``gt``: COCO's instances or person_keypoints JSON, as a path or parsed; ``dt``: results, as a path or a list of
    {image_id, category_id, score} with bbox (xywh), segmentation (RLE or polygons) or keypoints. An empty list is a
    detector that found nothing.
    ``iou_type``: "bbox", "segm" or "keypoints"; ``area_ranges``: name -> (least, most) square pixels, "all" is added;
    ``max_dets``: how many detections count, an image and category, default 1, 10, 100 (20 for joints). AP is told at
    100 (20) if that is among them, else at the largest, the other numbers at the third, as in pycocotools;
    ``iou_thresholds``: default .50 to .95; ``class_agnostic``: leave categories aside; ``images``, ``categories``:
    evaluate these ids only; ``sigmas``: one a joint, default COCO's 17.

    Raises CourseError, in one line, for what pycocotools would answer with nonsense or an unclear error: unknown,
    textual or missing ids, annotation ids that are 0 or used twice, values that are missing or not finite, negative
    box sizes, masks of another size than their image.
    """
    settings = make_settings(iou_type, area_ranges, max_dets, iou_thresholds, class_agnostic, sigmas)
    gt, gt_file = read_json(gt, "ground truth")
    whole, catalogue = read_catalogue(gt, gt_file, images, categories)
    truth = restrict(read_truth(gt, gt_file, whole, settings), whole, catalogue)
    dt, dt_file = read_json(dt, "results")
    found = restrict(read_results(dt, dt_file, whole, settings), whole, catalogue)
    matching = match(found, truth, settings)
    curves = accumulate(matching, settings, 1 if class_agnostic else len(catalogue.category_ids))
    return Result(settings, catalogue, matching, curves)
