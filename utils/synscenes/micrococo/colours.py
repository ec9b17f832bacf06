"""Colours that have a name: a caption may say "a red car" because the paint came out of this table."""

from __future__ import annotations

import numpy as np

Colour = tuple[float, float, float]

PALETTE: dict[str, Colour] = {
    "red": (204, 48, 44),
    "orange": (236, 132, 40),
    "yellow": (242, 204, 60),
    "green": (64, 146, 74),
    "blue": (52, 100, 190),
    "purple": (126, 78, 166),
    "pink": (236, 138, 170),
    "brown": (128, 84, 52),
    "black": (42, 42, 46),
    "gray": (138, 140, 144),
    "white": (238, 238, 234),
}


def near(rng: np.random.Generator, colour: Colour, by: float) -> Colour:
    """A colour close to the given one: lighter or darker, and a little off in each channel."""
    level = (2 * rng.random() - 1) * by
    return tuple(min(max(c + level + (2 * rng.random() - 1) * by * 0.5, 0.0), 255.0) for c in colour)


def blend(a: Colour, b: Colour, share: float) -> Colour:
    """The colour that lies ``share`` of the way from a to b."""
    return tuple(x + (y - x) * share for x, y in zip(a, b))
