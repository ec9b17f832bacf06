"""Blur: a pixel takes colour from its neighbours, and each blur has its own idea of a neighbour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def gaussian(pixels: np.ndarray, sigma: float) -> np.ndarray:
    """Blur rows and columns of (H, W) or (H, W, 3) with a bell of ``sigma`` pixels; edges are repeated."""
    from scipy.ndimage import gaussian_filter1d

    for axis in (0, 1):
        pixels = gaussian_filter1d(pixels, sigma, axis=axis, mode="nearest")
    return pixels


def gaussian_blur(pixels: np.ndarray, sigma: float, rng) -> np.ndarray:
    """A soft blur; nothing random in it."""
    return gaussian(pixels, sigma)


def defocus_blur(pixels: np.ndarray, lens: tuple[int, float], rng) -> np.ndarray:
    """A lens out of focus: a point becomes a disc of ``radius`` pixels, its rim softened by ``soft``."""
    from scipy.ndimage import correlate1d
    from scipy.signal import oaconvolve

    radius, soft = lens
    reach = max(radius, 8)
    line = np.arange(-reach, reach + 1)
    disc = (line[:, None] ** 2 + line**2 <= radius**2).astype(float)
    taps = np.arange(3) - 1 if radius <= 8 else np.arange(5) - 2
    bell = np.exp(-(taps**2) / (2 * soft**2))
    disc /= disc.sum()
    for axis in (0, 1):
        disc = correlate1d(disc, bell / bell.sum(), axis=axis, mode="mirror")
    wide = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    return oaconvolve(wide, disc[:, :, None], mode="valid", axes=(0, 1))


def glass_blur(pixels: np.ndarray, glass: tuple[float, int, int], rng) -> np.ndarray:
    """Frosted glass: each pixel takes its colour from a random one nearby.

    The original code means to *swap* two pixels. But numpy hands out views, so the second half of its swap
    writes back what the first half wrote: it copies. ImageNet-C was made that way, so we copy too. One
    pixel follows another, so this is a loop; it runs over plain integers, which is quick enough.
    """
    sigma, reach, rounds = glass
    pixels = np.floor(gaussian(pixels, sigma) * 255) / 255
    height, width = pixels.shape[:2]
    rows, columns = np.arange(height - reach, reach, -1), np.arange(width - reach, reach, -1)
    visited = (rows[:, None] * width + columns).ravel().tolist()
    source = list(range(height * width))
    for _ in range(rounds):
        steps = rng.integers(-reach, reach, size=(len(visited), 2))
        for place, step in zip(visited, (steps[:, 1] * width + steps[:, 0]).tolist()):
            source[place] = source[place + step]
    return gaussian(pixels.reshape(-1, 3)[source].reshape(pixels.shape), sigma)


def motion_blur(pixels: np.ndarray, motion: tuple[int, float], rng) -> np.ndarray:
    """The camera moves, up to 45° off the horizontal, while the shutter is open."""
    return smear(pixels, *motion, angle=rng.uniform(-45, 45))


def smear(pixels: np.ndarray, radius: int, sigma: float, angle: float) -> np.ndarray:
    """Add up copies of (H, W, ...) shifted ever further along ``angle`` (degrees), each weaker than the last."""
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-(steps**2) / (2 * sigma**2))
    down = -np.ceil(steps * np.sin(np.deg2rad(angle)) - 0.5).astype(int)
    right = -np.ceil(steps * np.cos(np.deg2rad(angle)) - 0.5).astype(int)
    height, width = pixels.shape[:2]
    total = np.zeros_like(pixels, dtype=float)
    for weight, dy, dx in zip(weights / weights.sum(), down, right):
        # A pixel that comes from outside the picture is the nearest one inside.
        moved = pixels.take(np.clip(np.arange(height) - dy, 0, height - 1), axis=0)
        total += weight * moved.take(np.clip(np.arange(width) - dx, 0, width - 1), axis=1)
    return total


def zoom_blur(pixels: np.ndarray, factors: Sequence[float], rng) -> np.ndarray:
    """The lens zooms in while the shutter is open: the average of the picture at each zoom."""
    height, width = pixels.shape[:2]
    total = pixels + sum(enlarge(pixels, factor)[:height, :width] for factor in factors)
    return total / (len(factors) + 1)


def enlarge(pixels: np.ndarray, factor: float) -> np.ndarray:
    """Cut the middle 1 / ``factor`` of (H, W, ...) and stretch it back, linearly; a row may be left over."""
    for axis in (0, 1):
        full = pixels.shape[axis]
        kept = int(np.ceil(full / factor))
        first = (full - kept) // 2
        size = round(kept * factor)
        at = first + np.linspace(0, kept - 1, size)
        low = np.minimum(at.astype(int), first + max(kept - 2, 0))
        share = (at - low).reshape([-1 if place == axis else 1 for place in range(pixels.ndim)])
        below, above = pixels.take(low, axis=axis), pixels.take(np.minimum(low + 1, full - 1), axis=axis)
        pixels = below + share * (above - below)
    return pixels
