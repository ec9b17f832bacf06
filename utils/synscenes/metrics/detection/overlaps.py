"""How much a detection and an annotation overlap, for many pairs at once: boxes, masks, joints.

All follow pycocotools to the last bit: a rounding difference could move a pair across a threshold.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from synscenes.metrics.detection.reading import Things
from synscenes.metrics.detection.settings import Settings
from synscenes.metrics.detection.shapes import mask_areas, mask_boxes

# Pairs computed at once: about 200 MB at most.
_CHUNK = 1_000_000


def box_overlaps(found: np.ndarray, truth: np.ndarray, crowd: np.ndarray) -> np.ndarray:
    """Return the IoU of n pairs of boxes: two (n, 4) arrays, xywh; (n,).

    Where ``crowd`` is true the intersection is divided by the detection's area: a part of a crowd is all right.
    """
    right = np.minimum(found[:, 0] + found[:, 2], truth[:, 0] + truth[:, 2])
    width = np.maximum(right - np.maximum(found[:, 0], truth[:, 0]), 0)
    bottom = np.minimum(found[:, 1] + found[:, 3], truth[:, 1] + truth[:, 3])
    height = np.maximum(bottom - np.maximum(found[:, 1], truth[:, 1]), 0)
    shared, own = width * height, found[:, 2] * found[:, 3]
    whole = np.where(crowd, own, own + truth[:, 2] * truth[:, 3] - shared)
    return np.divide(shared, whole, out=np.zeros(len(shared)), where=shared > 0)


def joint_overlaps(
    found: np.ndarray, truth: np.ndarray, box: np.ndarray, area: np.ndarray, sigmas: np.ndarray
) -> np.ndarray:
    """Return the object keypoint similarity (OKS) of n pairs: joints (n, 3K), the annotation's box and area; (n,).

    Each labelled joint counts exp(-d² / (2 s² (2σ)²)) with d its distance and s² the annotation's area. An annotation
    without labelled joints is a region: joints inside twice its box have distance 0.
    """
    x, y = found[:, 0::3], found[:, 1::3]
    labelled = truth[:, 2::3] > 0
    dx, dy = x - truth[:, 0::3], y - truth[:, 1::3]
    none = ~labelled.any(axis=1)
    if none.any():
        dx[none] = _outside(x[none], box[none, 0] - box[none, 2], box[none, 0] + box[none, 2] * 2)
        dy[none] = _outside(y[none], box[none, 1] - box[none, 3], box[none, 1] + box[none, 3] * 2)
        labelled[none] = True
    exponent = (dx**2 + dy**2) / (sigmas * 2) ** 2 / (area[:, None] + np.spacing(1)) / 2
    similarity = np.zeros(len(found))
    numbers = labelled.sum(axis=1)
    for number in np.unique(numbers):  # Equal numbers of joints: a plain table, summed as pycocotools does.
        rows = numbers == number
        kept = exponent[rows][labelled[rows]].reshape(-1, number)
        similarity[rows] = np.exp(-kept).sum(axis=1) / number
    return similarity


def mask_overlaps(found: Things, truth: Things, d: np.ndarray, g: np.ndarray, least: float) -> np.ndarray:
    """Return the IoU of the masks of pairs (d, g); 0 for pairs that can't reach ``least``.

    Two masks share no more than their boxes do, and no more than the smaller mask. That rules out most pairs
    without looking at a pixel.
    """
    from pycocotools import mask

    values = np.zeros(len(d))
    if not len(d):
        return values
    most, crowd = _most_overlap(found, truth, d, g), truth.crowd[g]
    likely = np.flatnonzero(most >= least)
    group = truth.image[g] * (truth.category.max() + 1) + truth.category[g]
    likely = likely[np.argsort(group[likely], kind="stable")]
    breaks = np.flatnonzero(np.diff(group[likely])) + 1
    for pairs in np.split(likely, breaks) if len(likely) else ():
        rows, row_of = np.unique(d[pairs], return_inverse=True)
        columns, first, column_of = np.unique(g[pairs], return_index=True, return_inverse=True)
        table = mask.iou(
            [found.shape[row] for row in rows.tolist()],
            [truth.shape[column] for column in columns.tolist()],
            crowd[pairs[first]].tolist(),
        )
        values[pairs] = table[row_of, column_of]
    return values


def candidate_pairs(
    found: Things, truth: Things, settings: Settings, least: float, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pairs (detection, annotation, overlap) with an overlap of at least ``least``.

    Detection i is compared with annotations first[i] to last[i] - 1.
    """
    parts = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))]
    for d, g in _pairs(first, last):
        overlap = overlaps(found, truth, settings, d, g, least)
        enough = overlap >= least
        parts.append((d[enough], g[enough], overlap[enough]))
    d, g, overlap = (np.concatenate(column) for column in zip(*parts))
    return d, g, overlap


def overlaps(
    found: Things, truth: Things, settings: Settings, d: np.ndarray, g: np.ndarray, least: float = 0.0
) -> np.ndarray:
    """Return the overlap of pairs (d, g) by the settings' IoU type; those below ``least`` may come out as 0."""
    if settings.iou_type == "bbox":
        return box_overlaps(found.box[d], truth.box[g], truth.crowd[g])
    if settings.iou_type == "segm":
        return mask_overlaps(found, truth, d, g, least)
    return joint_overlaps(found.shape[d], truth.shape[g], truth.box[g], truth.area[g], settings.sigmas)


def _pairs(first: np.ndarray, last: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    counts = last - first
    busy = np.flatnonzero(counts)
    ends = np.cumsum(counts[busy])
    if not len(busy):
        return
    cuts = np.searchsorted(ends, np.arange(0, ends[-1], _CHUNK)[1:], side="right")
    for rows in np.split(busy, np.unique(cuts)):
        if len(rows):
            d = np.repeat(rows, counts[rows])
            step = np.arange(len(d)) - np.repeat(np.cumsum(counts[rows]) - counts[rows], counts[rows])
            yield d, first[d] + step


def _most_overlap(found: Things, truth: Things, d: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return an upper bound of each pair's mask IoU, from the masks' areas and bounding boxes alone."""
    own, own_box = _measures(found.shape, d)
    other, other_box = _measures(truth.shape, g)
    shared = np.minimum(np.minimum(own, other), _shared_area(own_box, other_box))
    whole = np.where(truth.crowd[g], own, np.maximum(own, other))
    # A little is added: the bound must not lose a pair to rounding.
    return np.divide(shared, whole, out=np.zeros(len(d)), where=whole > 0) + 1e-9


def _measures(codes: list[dict], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    used, where = np.unique(rows, return_inverse=True)
    chosen = [codes[row] for row in used.tolist()]
    return mask_areas(chosen)[where], mask_boxes(chosen)[where]


def _shared_area(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    near, far = np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, :2] + a[:, 2:], b[:, :2] + b[:, 2:])
    return np.clip(far - near, 0, None).prod(axis=1)


def _outside(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.maximum(0, low[:, None] - values) + np.maximum(0, values - high[:, None])
