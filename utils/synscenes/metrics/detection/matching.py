"""Who found what: COCO's greedy matching, for all images, categories, thresholds and areas at once.

The rule (pycocotools, cocoeval.py): in each image and category the detections are taken by falling score. Each
takes, of the annotations that are still free and overlap enough, the one it overlaps most; an annotation that is
to be ignored only where no other will do. A crowd is never used up.

The rule is sequential inside one image and category, and nowhere else. So all groups go in lock-step: first
every group's first detection, then every group's second, and so on. A step is a few array operations over all
groups, all T thresholds and all A areas. There are at most as many steps as detections in the busiest group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synscenes.metrics.detection.overlaps import candidate_pairs
from synscenes.metrics.detection.reading import Things
from synscenes.metrics.detection.settings import Settings

MISS, HIT, IGNORED = 0, 1, 2


@dataclass(frozen=True)
class Matching:
    """What :func:`match` found; D detections and G annotations in the order of ``found`` and ``truth``.

    ``found``: the detections that count, by group and falling score; ``rank``: (D,) the place of each in its group;
    ``truth``: the annotations by group; ``ignore``: (G, A) bool. ``candidates``: (C,) the detections that overlap
    any annotation enough; ``taken``: (C, T, A) which annotation each of them took, or -1; ``overlap``: (C, T, A).
    """

    found: Things
    rank: np.ndarray
    truth: Things
    ignore: np.ndarray
    out_of_range: np.ndarray
    candidates: np.ndarray
    taken: np.ndarray
    overlap: np.ndarray

    def outcomes(self, threshold: int, area: int) -> np.ndarray:
        """Return each detection's outcome at one threshold and area: MISS, HIT or IGNORED; (D,) int8."""
        result = np.where(self.out_of_range[:, area], np.int8(IGNORED), np.int8(MISS))
        took = self.taken[:, threshold, area]
        matched = took >= 0
        ignored = self.ignore[took[matched], area]
        result[self.candidates[matched]] = np.where(ignored, np.int8(IGNORED), np.int8(HIT))
        return result


def match(found: Things, truth: Things, settings: Settings) -> Matching:
    """Match detections with annotations at every threshold and in every area range."""
    group_of = _groups(found, truth, settings)
    # Equal scores keep the file's order; without categories, pycocotools first lines categories up.
    order = np.lexsort((found.category, -found.score, group_of(found)))
    groups = group_of(found)[order]
    rank = np.arange(len(order)) - np.searchsorted(groups, groups, side="left")
    counted = rank < settings.max_dets[-1]
    found, rank, groups = found.take(order[counted]), rank[counted], groups[counted]
    truth = truth.take(np.lexsort((truth.category, group_of(truth))))

    truth_groups = group_of(truth)
    thresholds = np.minimum(settings.iou_thresholds, 1 - 1e-10)
    first, last = (np.searchsorted(truth_groups, groups, side=side) for side in ("left", "right"))
    d, g, overlap = candidate_pairs(found, truth, settings, thresholds[0], first, last)
    low, high = settings.area_bounds.T
    ignore = truth.ignore[:, None] | (truth.area[:, None] < low) | (truth.area[:, None] > high)
    out_of_range = (found.area[:, None] < low) | (found.area[:, None] > high)
    candidates, taken, best = _lock_step(d, g, overlap, groups, ignore, truth.crowd, thresholds)
    return Matching(found, rank, truth, ignore, out_of_range, candidates, taken, best)


def _groups(found: Things, truth: Things, settings: Settings):
    """Return the function that gives each thing its group: its image, or its image and category."""
    if settings.class_agnostic:
        return lambda things: things.image
    most = max((int(things.category.max()) + 1 for things in (found, truth) if len(things)), default=1)
    return lambda things: things.image * most + things.category


def _lock_step(
    d: np.ndarray,
    g: np.ndarray,
    overlap: np.ndarray,
    groups: np.ndarray,
    ignore: np.ndarray,
    crowd: np.ndarray,
    thresholds: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return candidates (C,), what each took (C, T, A) and at which overlap (C, T, A)."""
    # Inside a detection the best pair comes last; of equals the later annotation, as in pycocotools.
    order = np.lexsort((g, overlap, d))
    d, g, overlap = d[order], g[order], overlap[order]
    candidates, place = np.unique(d, return_inverse=True)
    turn = np.arange(len(candidates)) - np.searchsorted(groups[candidates], groups[candidates], side="left")
    shape = (len(candidates), len(thresholds), ignore.shape[1])
    taken = np.full(shape, -1, dtype=np.int32)
    best_overlap = np.zeros(shape)
    used = np.zeros((len(ignore), *shape[1:]), dtype=bool)

    by_turn = np.argsort(turn[place], kind="stable")
    ends = np.cumsum(np.bincount(turn[place])) if len(place) else []
    for start, end in zip([0, *ends[:-1]], ends):
        pairs = by_turn[start:end]
        who, annotation = place[pairs], g[pairs]
        free = ~used[annotation] | crowd[annotation, None, None]
        allowed = free & (overlap[pairs, None] >= thresholds)[:, :, None]
        # A pair's worth is its place in the order above; one that counts outranks all that are ignored.
        worth = np.arange(len(pairs))[:, None, None] + len(pairs) * ~ignore[annotation][:, None, :]
        heads = np.flatnonzero(np.diff(who, prepend=-1))
        best = np.maximum.reduceat(np.where(allowed, worth, -1), heads, axis=0)
        matched = best >= 0
        choice = best % len(pairs)
        chosen = annotation[choice]
        taken[who[heads]] = np.where(matched, chosen, -1)
        best_overlap[who[heads]] = np.where(matched, overlap[pairs][choice], 0)
        _, threshold, area = np.nonzero(matched)
        used[chosen[matched], threshold, area] = True
    return candidates, taken, best_overlap
