"""From matches to precision at 101 recall values, for every category, area and limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synscenes.metrics.detection.matching import HIT, IGNORED, Matching
from synscenes.metrics.detection.settings import RECALL_VALUES, Settings


@dataclass(frozen=True)
class Curves:
    """Arrays of pycocotools' shapes: T thresholds, R recall values, K categories, A areas, M limits.

    ``precision``, ``scores``: (T, R, K, A, M); ``recall``: (T, K, A, M). -1 where a category has no annotation that
    counts in an area: there is nothing to find, so nothing is defined.
    """

    precision: np.ndarray
    scores: np.ndarray
    recall: np.ndarray


def accumulate(matching: Matching, settings: Settings, categories: int) -> Curves:
    """Line up each category's detections by score over all images, and read its curves off."""
    sizes = len(settings.iou_thresholds), len(settings.recall_values), categories
    sizes += len(settings.area_ranges), len(settings.max_dets)
    precision, scores = np.full(sizes, -1.0), np.full(sizes, -1.0)
    recall = np.full((sizes[0], *sizes[2:]), -1.0)
    found, truth = matching.found, matching.truth
    if settings.class_agnostic:
        of_truth, of_found = np.zeros(len(truth), np.int64), np.zeros(len(found), np.int64)
    else:
        of_truth, of_found = truth.category, found.category

    order = np.lexsort((-found.score, of_found))  # equal scores stay in the order of images
    ends = np.searchsorted(of_found[order], np.arange(categories + 1))
    for a in range(sizes[3]):
        wanted = np.bincount(of_truth[~matching.ignore[:, a]], minlength=categories)
        outcome = np.stack([matching.outcomes(t, a)[order] for t in range(sizes[0])])
        for k in np.flatnonzero(wanted):
            part = slice(ends[k], ends[k + 1])
            score, rank = found.score[order[part]], matching.rank[order[part]]
            for m, limit in enumerate(settings.max_dets):
                kept = np.flatnonzero(rank < limit)
                precision[:, :, k, a, m], scores[:, :, k, a, m], recall[:, k, a, m] = _curve(
                    outcome[:, part][:, kept], score[kept], wanted[k], settings.recall_values
                )
    return Curves(precision, scores, recall)


def _curve(
    outcome: np.ndarray, score: np.ndarray, wanted: int, recall_values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return precision (T, R), score (T, R) and final recall (T,) of n detections, outcome (T, n) by falling score.

    Only hits are looked at. Recall rises at a hit and nowhere else, so the detection at which a recall value is
    reached is a hit; and between two hits precision only falls, so the best precision from there on is at a hit.
    """
    precision, reached_at = np.zeros((2, len(outcome), len(recall_values)))
    if not len(score):
        return precision, reached_at, np.zeros(len(outcome))
    threshold, place = np.nonzero(outcome == HIT)
    hits = np.bincount(threshold, minlength=len(outcome))
    number = np.arange(len(place)) - np.repeat(np.cumsum(hits) - hits, hits)  # 0 for a threshold's first hit
    answers = np.cumsum(outcome != IGNORED, axis=1)[threshold, place]
    table = np.zeros((len(outcome), wanted + 1))
    table[threshold, number] = (number + 1) / (answers + np.spacing(1))
    table = np.maximum.accumulate(table[:, ::-1], axis=1)[:, ::-1]
    when = np.zeros((len(outcome), wanted + 1), dtype=np.int64)
    when[threshold, number] = place

    needed = np.searchsorted(np.arange(1, wanted + 1) / wanted, recall_values)
    enough = needed[None] < hits[:, None]
    precision = np.where(enough, table[:, needed], 0.0)
    reached_at = np.where(enough, score[when[:, needed]], 0.0)
    # Recall 0 is reached before the first hit: by whatever detection comes first.
    precision[:, recall_values <= 0] = table[:, :1]
    reached_at[:, recall_values <= 0] = score[0]
    return precision, reached_at, hits / wanted


def average_precisions(outcome: np.ndarray, category: np.ndarray, score: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return AP of each category, NaN where nothing is wanted: (K,).

    ``outcome``: (D,) MISS, HIT or IGNORED, with ``category`` and ``score`` of each detection; ``wanted``: (K,) objects.
    """
    values = np.full(len(wanted), np.nan)
    order = np.lexsort((-score, category))
    ends = np.searchsorted(category[order], np.arange(len(wanted) + 1))
    for k in np.flatnonzero(wanted):
        mine = order[ends[k] : ends[k + 1]]
        values[k] = _curve(outcome[None, mine], score[mine], wanted[k], RECALL_VALUES)[0].mean()
    return values
