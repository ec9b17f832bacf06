"""What the tests of the corruptions and the script that made their fixture share: one picture, one stream of chance."""

from __future__ import annotations

import numpy as np

SIDE = 96
SEED = 20190327


class Legacy:
    """numpy's old RandomState behind the few methods that our corruptions call.

    The reference draws from ``numpy.random``; given the same seed, this object gives ours the same numbers.
    The reference's impulse noise draws from a new-style Generator inside scikit-image, so ``random`` does too.
    """

    def __init__(self, seed: int) -> None:
        self._state = np.random.RandomState(seed)
        self._generator = np.random.default_rng(seed)
        self.normal, self.poisson, self.uniform = self._state.normal, self._state.poisson, self._state.uniform
        self.integers, self.random = self._state.randint, self._generator.random


def picture(side: int = SIDE) -> np.ndarray:
    """A synthetic picture (side, side, 3), uint8: slopes, discs, stripes and a little grain, the same everywhere."""
    rng = np.random.RandomState(SEED)
    y, x = np.mgrid[:side, :side] / side
    base = np.stack([0.2 + 0.6 * x, 0.7 - 0.5 * y, 0.3 + 0.4 * x * y], axis=2)
    for _ in range(7):
        cx, cy, radius = rng.uniform(0, 1, 3)
        base[(x - cx) ** 2 + (y - cy) ** 2 < (0.05 + 0.15 * radius) ** 2] = rng.uniform(0, 1, 3)
    base[(y > 0.6) & (y < 0.8) & ((20 * x).astype(int) % 2 == 0)] = (0.9, 0.9, 0.1)
    base[y > 0.9] = 0.5  # grey: no hue, no saturation
    return (
        np.clip(base + rng.normal(size=base.shape, scale=0.02) * (y[:, :, None] <= 0.9), 0, 1) * 255
    ).astype(np.uint8)
