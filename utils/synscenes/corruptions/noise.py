"""Noise: each pixel, and each of its three colours, is disturbed on its own."""

from __future__ import annotations

import numpy as np


def gaussian_noise(pixels: np.ndarray, scale: float, rng) -> np.ndarray:
    """Add normal noise: what a sensor does in low light. ``scale`` is its standard deviation."""
    return pixels + rng.normal(size=pixels.shape, scale=scale)


def shot_noise(pixels: np.ndarray, photons: float, rng) -> np.ndarray:
    """Count photons instead of measuring light: Poisson, with ``photons`` at full brightness."""
    return rng.poisson(pixels * photons) / photons


def impulse_noise(pixels: np.ndarray, amount: float, rng) -> np.ndarray:
    """Salt and pepper: a share ``amount`` of the values becomes 1 or 0."""
    hit = rng.random(pixels.shape) <= amount
    salt = rng.random(pixels.shape) <= 0.5
    return np.where(hit, salt, pixels)


def speckle_noise(pixels: np.ndarray, scale: float, rng) -> np.ndarray:
    """Noise that grows with the brightness under it."""
    return pixels + pixels * rng.normal(size=pixels.shape, scale=scale)
