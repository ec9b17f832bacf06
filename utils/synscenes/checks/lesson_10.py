"""The hidden cases of lesson 10's exercises."""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.checks import Mistake, call, exercise, shorten


def _close(got: Any, wanted: float) -> bool:
    return np.ndim(got) == 0 and bool(np.isclose(float(got), wanted, rtol=1e-6, atol=1e-9))


# (a, b, IoU): overlapping, one in the other, apart to the right, apart diagonally, touching, equal
_PAIRS = [
    ([0, 0, 4, 4], [2, 2, 6, 6], 4 / 28),
    ([0, 0, 10, 10], [2, 3, 4, 8], 0.1),
    ([0, 0, 4, 4], [6, 0, 8, 4], 0.0),
    ([0, 0, 4, 4], [6, 7, 9, 9], 0.0),
    ([0, 0, 4, 4], [4, 0, 8, 4], 0.0),
    ([1.5, 2, 3, 5.5], [1.5, 2, 3, 5.5], 1.0),
]


def _sides(box: Any, more: float = 0) -> float:
    return (box[2] - box[0] + more) * (box[3] - box[1] + more)


@exercise("10-iou")
def _iou(one_iou: Any) -> str:
    for a, b, wanted in _PAIRS:
        got = call(one_iou, a, b)
        if _close(got, wanted):
            continue
        across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        both, areas = max(0, across) * max(0, down), _sides(a) + _sides(b)
        if _close(got, both / areas):
            message = "You divided by the sum of both areas. The common part is in it twice: subtract it once."
            raise Mistake("counted-twice", message)
        wider = max(0, across + 1) * max(0, down + 1)
        if _close(got, wider / (_sides(a, 1) + _sides(b, 1) - wider)):
            raise Mistake(
                "plus-one",
                "You added 1 to every side, as if the numbers counted pixels. Ours are edges: width is right - left.",
            )
        if (across < 0 or down < 0) and _close(got, across * down / (areas - across * down)):
            raise Mistake(
                "no-clip",
                f"{a} and {b} miss each other, but you got {shorten(got)}: a negative width must count as 0 "
                "before you multiply.",
            )
        if _close(got, both):
            raise Mistake("no-division", "That is the common area. Divide it by the area that at least one box covers.")
        raise Mistake("wrong", f"For {a} and {b} I expected {wanted:.4f}, got {shorten(got)}.")
    return "Right: also for boxes that touch, miss each other, or are the same."


_OVERLAPS = [
    (np.array([[0.6, 0.1], [0.5, 0.3], [0.0, 0.2]]), 0.5, 0.5),
    (np.array([[0.9, 0.0, 0.1, 0.5], [0.8, 0.2, 0.0, 0.1]]), 0.5, 0.5),
    (np.array([[0.4, 0.1, 0.7], [0.1, 0.2, 0.3], [0.3, 0.35, 0.1], [0.0, 0.1, 0.2]]), 0.35, 1.0),
    (np.array([[0.2, 0.3], [0.1, 0.4]]), 0.5, 0.0),
]


@exercise("10-coverage")
def _coverage(coverage: Any) -> str:
    for overlaps, threshold, wanted in _OVERLAPS:
        got = call(coverage, overlaps.copy(), threshold)
        if _close(got, wanted):
            continue
        if _close(got, (overlaps.max(axis=1) >= threshold).mean()):
            raise Mistake(
                "share-of-anchors",
                "That is the share of anchors that reach an object. I asked for the share of objects: the other axis.",
            )
        if _close(got, overlaps.max(axis=0).mean()):
            message = "You averaged the best overlaps. Compare each with the threshold first, then average."
            raise Mistake("mean-overlap", message)
        if _close(got, (overlaps >= threshold).mean()):
            raise Mistake(
                "all-pairs",
                "That is the share of all pairs. One good anchor is enough for an object: take each column's best.",
            )
        if _close(got, (overlaps.max(axis=0) > threshold).mean()):
            raise Mistake("strictly-more", "An overlap of exactly the threshold counts: use >=.")
        raise Mistake("wrong", f"For {overlaps.tolist()} and {threshold} I expected {wanted}, got {shorten(got)}.")
    return "Right: one good anchor is enough for an object, and an object without one will hardly be learned."


def _symmetric(upper: list[list[float]]) -> np.ndarray:
    """A table of overlaps from its upper triangle."""
    size = len(upper) + 1
    table = np.eye(size)
    for row, values in enumerate(upper):
        table[row, row + 1 :] = values
    return np.maximum(table, table.T)


# (overlaps, scores, threshold, kept)
_SUPPRESS = [
    (_symmetric([[0.6, 0.0], [0.6]]), [0.9, 0.8, 0.7], 0.5, [0, 2]),
    (_symmetric([[0.7, 0.1], [0.2]]), [0.3, 0.9, 0.5], 0.5, [1, 2]),
    (_symmetric([[0.8, 0.6, 0.0], [0.6, 0.0], [0.55]]), [0.5, 0.6, 0.7, 0.65], 0.5, [2]),
    (_symmetric([[0.2, 0.1], [0.3]]), [0.1, 0.2, 0.9], 0.5, [2, 1, 0]),
    (_symmetric([[0.5]]), [0.4, 0.6], 0.5, [1, 0]),
]


@exercise("10-nms")
def _nms(suppress: Any) -> str:
    for overlaps, scores, threshold, wanted in _SUPPRESS:
        got = call(suppress, overlaps.copy(), np.array(scores), threshold)
        try:
            got = list(got)
            flags = bool(got) and all(isinstance(index, (bool, np.bool_)) for index in got)
            got = [int(index) for index in got]
        except (TypeError, ValueError):
            message = f"Return a list of indices, best first. I got {shorten(got)}."
            raise Mistake("not-a-list", message) from None
        if got == wanted:
            continue
        if flags:
            raise Mistake("mask", f"You return True or False for each box. Return the indices, best first: {wanted}.")
        if sorted(got) == sorted(wanted):
            raise Mistake("order", f"The right boxes, but best first, please: {wanted}, not {got}.")
        order = [int(index) for index in np.argsort(-np.array(scores), kind="stable")]
        if got == [i for n, i in enumerate(order) if all(overlaps[i][j] <= threshold for j in order[:n])]:
            raise Mistake(
                "dead-boxes",
                "A box that was dropped itself must not drop others. Compare only with the boxes that stay.",
            )
        if got == _greedy(range(len(scores)), overlaps <= threshold):
            raise Mistake("file-order", "You took the boxes as they lie in the array. Begin with the best score.")
        if got == _greedy(order, overlaps >= threshold):
            raise Mistake("keeps-doubles", "The comparison is the wrong way round: you keep what overlaps much.")
        if got == _greedy(order, overlaps < threshold):
            raise Mistake("strictly-less", "An overlap of exactly the threshold may stay: drop only what is above it.")
        raise Mistake("wrong", f"For scores {scores} I expected {wanted}, got {got}.")
    return "Right: best first, and only those that stay may drop others."


def _greedy(order: Any, tolerates: Any) -> list[int]:
    kept: list[int] = []
    for index in order:
        if all(tolerates[index, other] for other in kept):
            kept.append(index)
    return kept
