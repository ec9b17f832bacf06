"""Polygons into pixels and back, exactly as COCO does it.

``polygons_to_mask`` follows rleFrPoly of pycocotools' maskApi.c (Dollár and Lin, 2014) step by step, so that every
pixel agrees. ``mask_to_polygons`` is its inverse: the outline along pixel edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

FINER = 5  # maskApi.c draws the outline on a grid five times as fine.
_FAR = 2e7  # A corner farther out cannot be followed on that grid with 32-bit whole numbers.


def polygons_to_mask(polygons: Sequence[Sequence[float]], height: int, width: int) -> np.ndarray:
    """Fill polygons (each [x0, y0, x1, y1, …] in pixels) and return their union: (H, W) bool.

    A polygon that covers itself twice is not filled there (odd-even rule). Raises ValueError for odd numbers of
    coordinates and for corners more than 20 million pixels away.
    """
    mask = np.zeros((height, width), dtype=bool)
    for numbers in polygons:
        corners = np.asarray(numbers, dtype=np.float64)
        if corners.size % 2 or not np.isfinite(corners).all() or np.abs(corners).max(initial=0) > _FAR:
            raise ValueError("polygon: expected pairs x, y of numbers within 20 million pixels")
        if corners.size and mask.size:
            mask |= _fill(corners.reshape(-1, 2), height, width)
    return mask


def _fill(corners: np.ndarray, height: int, width: int) -> np.ndarray:
    u, v = _outline(corners)
    # Only where the outline steps to another fine column can it cross the middle of a pixel's column.
    steps = np.flatnonzero(u[1:] != u[:-1])
    left, upper = np.minimum(u[steps], u[steps + 1]), np.minimum(v[steps], v[steps + 1])
    column, row = (left + 0.5) / FINER - 0.5, (upper + 0.5) / FINER - 0.5
    middle = (np.floor(column) == column) & (column >= 0) & (column <= width - 1)
    crossing = column[middle].astype(np.int64) * height + np.ceil(np.clip(row[middle], 0, height)).astype(np.int64)
    # Read down the columns, the pixels between one crossing and the next are all inside or all outside.
    runs = np.diff(np.concatenate([[0], np.sort(crossing), [height * width]]))
    inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return inside.reshape((height, width), order="F")


def _outline(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of the fine grid along the outline, edge by edge, as whole numbers u and v."""
    fine = np.trunc(FINER * corners + 0.5).astype(np.int64)  # C casts to int by cutting off, for negatives too.
    start, end = fine, np.roll(fine, -1, axis=0)
    span = np.abs(end - start)
    wide = span[:, 0] >= span[:, 1]
    # An edge is drawn from its lower coordinate up, whichever way it runs: that decides the rounding.
    flip = np.where(wide, start[:, 0] > end[:, 0], start[:, 1] > end[:, 1])
    first, last = np.where(flip[:, None], end, start), np.where(flip[:, None], start, end)
    length = span.max(axis=1)
    across = np.where(wide, last[:, 1] - first[:, 1], last[:, 0] - first[:, 0])
    slope = across / np.maximum(length, 1)
    edge = np.repeat(np.arange(len(fine)), length + 1)
    place = np.arange(len(edge)) - np.repeat(np.cumsum(length + 1) - (length + 1), length + 1)
    t = np.where(flip[edge], length[edge] - place, place)
    along = t + np.where(wide, first[:, 0], first[:, 1])[edge]
    beside = np.trunc(np.where(wide, first[:, 1], first[:, 0])[edge] + slope[edge] * t + 0.5).astype(np.int64)
    return np.where(wide[edge], along, beside), np.where(wide[edge], beside, along)


def mask_to_polygons(mask: Any) -> list[list[float]]:
    """Return polygons along the pixel edges of an (H, W) mask: one for each part, empty for an empty mask.

    Filling them gives the same mask back, pixel for pixel. Parts that touch at a corner only are two polygons. A
    hole is reached by a cut: the outline goes to it, around it, and back the same way.
    """
    outer, holes = [], []
    for ring in _rings(np.pad(np.asarray(mask, dtype=bool), 1)):
        (outer if _signed_area(ring) > 0 else holes).append(ring)
    cuts: dict[int, list[np.ndarray]] = {}
    for hole in holes:
        # The pixel above the hole's first corner belongs to the part that has the hole.
        around = [place for place, ring in enumerate(outer) if _contains(ring, hole[0] + (0.5, -0.5))]
        cuts.setdefault(min(around, key=lambda place: _signed_area(outer[place])), []).append(hole)
    return [_joined(ring, cuts.get(place, [])).ravel().tolist() for place, ring in enumerate(outer)]


def _rings(padded: np.ndarray) -> list[np.ndarray]:
    """Return closed outlines as (n, 2) corners x, y: clockwise around parts, the other way around holes."""
    above_left, above_right = padded[:-1, :-1], padded[:-1, 1:]
    below_left, below_right = padded[1:, :-1], padded[1:, 1:]
    odd = above_left ^ above_right ^ below_left ^ below_right
    falling = above_left & below_right & ~above_right & ~below_left
    rising = above_right & below_left & ~above_left & ~below_right
    # Where two parts touch at a corner, both turn there: the corner counts twice.
    rows, columns = np.nonzero(odd | falling | rising)
    twice = ~odd[rows, columns]
    y, x = np.repeat(rows, 1 + twice), np.repeat(columns, 1 + twice)
    copy = np.arange(len(y)) - np.searchsorted(y * odd.shape[1] + x, y * odd.shape[1] + x)
    # On a line the corners pair up: 1-2, 3-4 and so on are edges. In a rising pair the upper part is the right one.
    by_row = np.lexsort((copy, x, y)).reshape(-1, 2)
    by_column = np.lexsort((np.where(rising[y, x], 1 - copy, copy), y, x)).reshape(-1, 2)
    beyond = np.empty(len(y), dtype=int)
    beyond[by_column[:, 0]], beyond[by_column[:, 1]] = by_column[:, 1], by_column[:, 0]
    # A horizontal edge runs to the right where the part is below it: then the part is always on the right hand.
    down = padded[y[by_row[:, 0]] + 1, x[by_row[:, 0]] + 1]
    start, end = np.where(down, by_row[:, 0], by_row[:, 1]), np.where(down, by_row[:, 1], by_row[:, 0])
    following = dict(zip(start.tolist(), zip(end.tolist(), beyond[end].tolist())))
    rings = []
    for first in start.tolist():
        ring, corner = [], first
        while corner in following:
            end_corner, next_corner = following.pop(corner)
            ring += [corner, end_corner]
            corner = next_corner
        if ring:
            rings.append(np.column_stack([x[ring], y[ring]]).astype(float))
    return rings


def _signed_area(ring: np.ndarray) -> float:
    x, y = ring.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _contains(ring: np.ndarray, point: np.ndarray) -> bool:
    """Return True where a ray to the right crosses an odd number of the ring's vertical edges."""
    (x, y), (_, later) = ring.T, np.roll(ring, -1, axis=0).T
    crossed = (x > point[0]) & ((y > point[1]) != (later > point[1]))
    return bool(crossed.sum() % 2)


def _joined(ring: np.ndarray, holes: list[np.ndarray]) -> np.ndarray:
    """Cut from the ring's corner nearest to each hole to the hole's nearest corner, go around it, and return."""
    for hole in holes:
        distance = ((ring[:, None] - hole[None]) ** 2).sum(axis=2)
        here, there = np.unravel_index(distance.argmin(), distance.shape)
        around = np.roll(hole, -there, axis=0)
        ring = np.concatenate([ring[: here + 1], around, around[:1], ring[here:]])
    return ring
