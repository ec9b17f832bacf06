"""How far an AP can be trusted: the bootstrap over images, and two detectors on the same images.

Images are what is independent, so images are drawn, with replacement, each with all its objects and detections
(Efron 1979). Nothing is matched again: a match depends on its own image only. An image drawn twice weighs 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synscenes.errors import CourseError
from synscenes.metrics.detection.matching import HIT, IGNORED
from synscenes.metrics.detection.result import Result

# Weights of this many drawn sets are held at once.
_BLOCK = 100


def bootstrap(
    results: Result | Sequence[Result],
    rng: np.random.Generator,
    repeats: int = 1_000,
    iou: float | None = None,
    area: str = "all",
) -> np.ndarray:
    """Return AP on ``repeats`` resamples of the images: (repeats,), or (N, repeats) for a list of N results.

    All results of a list see the same drawn images, so that their differences are paired. ``iou``: one threshold
    in place of their mean. A category of which a resample has no object is left out of its mean, as in COCO. Raises
    CourseError when the results are about different images, categories or settings.
    """
    several = [results] if isinstance(results, Result) else list(results)
    _check_alike(several)
    if repeats < 1:
        raise CourseError(f"repeats must be at least 1, not {repeats}.")
    images = len(several[0].catalogue.image_ids)
    parts = []
    for start in range(0, repeats, _BLOCK):
        weights = rng.multinomial(images, np.full(images, 1 / images), size=min(_BLOCK, repeats - start))
        parts.append([weighted_ap(result, weights, iou, area) for result in several])
    values = np.concatenate(parts, axis=1)
    return values[0] if isinstance(results, Result) else values


def weighted_ap(result: Result, weights: np.ndarray, iou: float | None = None, area: str = "all") -> np.ndarray:
    """Return AP with image i counted weights[b, i] times, for each of B rows of weights: (B,).

    Equal to evaluating a data set in which the images were copied that often.
    """
    matching, settings = result.matching, result.settings
    found, truth, categories = matching.found, matching.truth, len(result.catalogue.category_ids)
    of_found, of_truth = found.category, truth.category
    if settings.class_agnostic:
        of_found, of_truth, categories = np.zeros_like(of_found), np.zeros_like(of_truth), 1
    counted = ~matching.ignore[:, list(settings.area_ranges).index(area)]
    thresholds = settings.iou_thresholds if iou is None else [iou]
    outcome = np.stack([result.outcome(threshold, area) for threshold in thresholds])
    inside = matching.rank < settings.max_dets[settings.headline_limit]
    order = np.lexsort((-found.score, of_found))
    order = order[inside[order]]
    ends = np.searchsorted(of_found[order], np.arange(categories + 1))
    values = np.full((categories, len(weights)), np.nan)
    for k in np.unique(of_truth[counted]):
        wanted = weights[:, truth.image[counted & (of_truth == k)]].sum(axis=1)
        mine = order[ends[k] : ends[k + 1]]
        weight = weights[:, found.image[mine]]
        aps = [_weighted(row[mine], weight, wanted, settings.recall_values) for row in outcome]
        values[k] = np.where(wanted > 0, np.mean(aps, axis=0), np.nan)
    defined = np.isfinite(values)
    return np.where(defined, values, 0).sum(axis=0) / np.maximum(1, defined.sum(axis=0))


def _weighted(outcome: np.ndarray, weight: np.ndarray, wanted: np.ndarray, recall_values: np.ndarray) -> np.ndarray:
    """Return AP for each row of weights (B, n); ``outcome``: (n,) by falling score.

    AP is a sum over hits: the best precision from there on, times the share of recall values newly reached.
    """
    hits = np.flatnonzero(outcome == HIT)
    answers = np.cumsum(weight * (outcome != IGNORED), axis=1)[:, hits]
    found = np.cumsum(weight[:, hits], axis=1)
    precision = np.divide(found, answers, out=np.zeros(found.shape), where=answers > 0)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    reached = np.searchsorted(recall_values, found / np.maximum(1, wanted)[:, None], side="right")
    return (best * np.diff(reached, axis=1, prepend=0)).sum(axis=1) / len(recall_values)


def _check_alike(results: Sequence[Result]) -> None:
    if not results:
        raise CourseError("no results: give at least one evaluation.")
    first = results[0]
    for other in results[1:]:
        same = all(
            np.array_equal(getattr(first.catalogue, name), getattr(other.catalogue, name))
            for name in ("image_ids", "category_ids")
        )
        if not same or first.settings.class_agnostic != other.settings.class_agnostic:
            raise CourseError("the results are about different images or categories: evaluate both on the same.")
