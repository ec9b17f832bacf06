"""Joints as heatmaps: a small hill around each joint, and the way from a hill back to a point.

Coordinates are those of the map, and its pixel (column i, row j) covers i to i + 1 and j to j + 1: the middle of the
first pixel is (0.5, 0.5).
"""

from __future__ import annotations

from typing import Any

import numpy as np

METHODS = ("argmax", "quarter", "taylor", "soft")


def encode(points: Any, size: tuple[int, int], sigma: float = 1.0) -> np.ndarray:
    """Return one map for each point, (..., height, width) float32: exp(-d² / 2σ²) of the pixel's distance.

    ``points``: (..., 2 or more), x and y first. ``size``: width, height. The hill is 1 high where the point is,
    not at the nearest pixel, so the map says where between the pixels it lies.
    """
    points = np.asarray(points, dtype=np.float64)
    width, height = size
    across = np.exp(-((np.arange(width) + 0.5 - points[..., :1]) ** 2) / (2 * sigma**2))
    down = np.exp(-((np.arange(height) + 0.5 - points[..., 1:2]) ** 2) / (2 * sigma**2))
    return (down[..., :, None] * across[..., None, :]).astype(np.float32)


def decode(maps: Any, method: str = "quarter", sharpness: float = 20.0) -> tuple[np.ndarray, np.ndarray]:
    """Return the points (..., 2) of maps (..., height, width), and the highest value of each: (...).

    ``method``: "argmax", the middle of the highest pixel. "quarter": from there a quarter of a pixel towards the higher
    neighbour, in each direction (Newell et al. 2016). "taylor": the top of the parabola through the logarithms of
    pixel and neighbours (DARK, Zhang et al. 2020, without its smoothing of the map). "soft": the mean place
    weighted by softmax(sharpness × map) (integral regression, Sun et al. 2018). Raises ValueError for another method.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    maps = np.asarray(maps, dtype=np.float64)
    shape, (height, width) = maps.shape[:-2], maps.shape[-2:]
    flat = maps.reshape(-1, height, width)
    highest = flat.reshape(len(flat), -1).argmax(axis=1)
    row, column = np.divmod(highest, width)
    points = np.stack([column, row], axis=1) + 0.5
    if method == "soft":
        points = _mean_place(flat, sharpness)
    elif method != "argmax":
        points += {"quarter": _quarter, "taylor": _taylor}[method](flat, row, column)
    values = flat.reshape(len(flat), -1).max(axis=1)
    return points.reshape(*shape, 2), values.reshape(shape)


def _quarter(maps: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    left, right, up, down = _neighbours(maps, row, column)
    return 0.25 * np.stack([np.sign(right - left), np.sign(down - up)], axis=1)


def _taylor(maps: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The logarithm of a Gaussian is a parabola: its top follows from slope and curvature, exactly.

    Along the axes only: for a round hill the mixed derivative is zero.
    """
    logs = np.log(np.maximum(maps, 1e-10))
    middle = logs[np.arange(len(maps)), row, column]
    left, right, up, down = _neighbours(logs, row, column)
    slopes = np.stack([right - left, down - up], axis=1) / 2
    curves = np.stack([right + left, down + up], axis=1) - 2 * middle[:, None]
    steps = np.divide(-slopes, curves, out=np.zeros_like(slopes), where=curves < -1e-10)
    return np.clip(steps, -0.5, 0.5)  # Farther than half a pixel, another pixel would be the highest.


def _neighbours(maps: np.ndarray, row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, ...]:
    """Left, right, upper and lower neighbour; at an edge both become the pixel itself, so nothing moves."""
    height, width = maps.shape[1:]
    one = np.arange(len(maps))
    sideways, upright = (column > 0) & (column < width - 1), (row > 0) & (row < height - 1)
    return (
        maps[one, row, column - sideways],
        maps[one, row, column + sideways],
        maps[one, row - upright, column],
        maps[one, row + upright, column],
    )


def _mean_place(maps: np.ndarray, sharpness: float) -> np.ndarray:
    height, width = maps.shape[1:]
    weights = np.exp(sharpness * (maps - maps.max(axis=(1, 2), keepdims=True)))
    weights /= weights.sum(axis=(1, 2), keepdims=True)
    x = (weights.sum(axis=1) * (np.arange(width) + 0.5)).sum(axis=1)
    y = (weights.sum(axis=2) * (np.arange(height) + 0.5)).sum(axis=1)
    return np.stack([x, y], axis=1)
