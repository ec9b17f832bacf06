"""Textures from whole-number noise: one tile, made once, looked up at world coordinates."""

from __future__ import annotations

import functools

import numpy as np

TILE = 256


@functools.lru_cache(maxsize=1)
def noise_tile() -> np.ndarray:
    """A (256, 256) uint8 tile of cloudy noise, mean about 128, that repeats without a seam."""
    rng = np.random.Generator(np.random.PCG64(20171122))
    total = np.zeros((TILE, TILE), np.int64)
    weight = 0
    for cells, share in ((4, 8), (8, 6), (16, 5), (32, 4), (64, 3), (128, 2)):
        grid = rng.integers(0, 256, (cells, cells))
        total += share * _stretched(grid, TILE // cells)
        weight += share
    total //= weight
    low, high = int(total.min()), int(total.max())
    return ((total - low) * 255 // (high - low)).astype(np.uint8)


def _stretched(grid: np.ndarray, step: int) -> np.ndarray:
    """Bilinear interpolation with wrap-around, in whole numbers."""
    where = np.arange(grid.shape[0] * step)
    cell, rest = where // step, where % step
    after = (cell + 1) % grid.shape[0]
    rows = (grid[cell] * (step - rest)[:, None] + grid[after] * rest[:, None]) // step
    return (rows[:, cell] * (step - rest) + rows[:, after] * rest) // step


@functools.lru_cache(maxsize=1)
def grain_tile() -> np.ndarray:
    """A (256, 256) int16 tile of fine grain: bell-shaped around 0, about +-40 at its widest."""
    rng = np.random.Generator(np.random.PCG64(1605))
    return (rng.integers(-20, 21, (4, TILE, TILE)).sum(axis=0) // 2).astype(np.int16)


@functools.lru_cache(maxsize=1)
def _flat_noise() -> np.ndarray:
    return noise_tile().ravel().astype(np.float32) * np.float32(1 / 127.5) - np.float32(1)


@functools.lru_cache(maxsize=1)
def _flat_grain() -> np.ndarray:
    return grain_tile().ravel().astype(np.float32) * np.float32(1 / 40)


def noise(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Cloudy noise from -1 to 1 at coordinates in cells of the tile (float arrays of one shape)."""
    return _flat_noise()[_cells(u, v)]


def grain(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Fine grain from about -1 to 1 at whole-number coordinates."""
    return _flat_grain()[_cells(u, v)]


def _cells(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return ((v.astype(np.int32) & (TILE - 1)) << 8) | (u.astype(np.int32) & (TILE - 1))


def wave(values: np.ndarray) -> np.ndarray:
    """A soft wave of period 1 between -1 and 1, made of parabolas (sines differ between machines)."""
    phase = values - np.floor(values)
    half = phase * 2
    rising = half < 1
    bump = np.where(rising, half * (1 - half), (half - 1) * (half - 2))
    return bump * np.float32(4)


def blurred(values: np.ndarray, radius: int) -> np.ndarray:
    """Box blur of a 2-D integer array, twice, with zeros beyond the edge (whole numbers throughout)."""
    for _ in range(2):
        for axis in (0, 1):
            pads = [(radius + 1, radius) if k == axis else (0, 0) for k in (0, 1)]
            summed = np.cumsum(np.pad(values.astype(np.int64), pads), axis=axis)
            n = values.shape[axis]
            upper, lower = (
                np.take(summed, range(2 * radius + 1, 2 * radius + 1 + n), axis),
                np.take(summed, range(n), axis),
            )
            values = (upper - lower) // (2 * radius + 1)
    return values
