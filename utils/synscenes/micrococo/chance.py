"""Small numbers that must come out the same everywhere: angles, random draws, seeds.

numpy's elementwise + - * / and sqrt are exactly rounded on every machine; sums, sin, exp and matrix products
are not. So pictures are made of the former, and the few angles are rounded after ``math`` gave them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")
SPLITS = ("train", "val")


def cos(angle: float) -> float:
    """Cosine of an angle in radians, rounded to nine digits."""
    return round(math.cos(angle), 9)


def sin(angle: float) -> float:
    """Sine of an angle in radians, rounded to nine digits."""
    return round(math.sin(angle), 9)


def image_rng(seed: int, split: str, index: int, purpose: int = 0) -> np.random.Generator:
    """Return the generator of one image: it depends on nothing but these numbers, so order does not matter."""
    sequence = np.random.SeedSequence([seed, SPLITS.index(split), index, purpose])
    return np.random.Generator(np.random.PCG64(sequence))


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A float evenly drawn from [low, high)."""
    return low + (high - low) * rng.random()


def pick(rng: np.random.Generator, items: Sequence[T]) -> T:
    """One item, each as likely as the others."""
    return items[int(rng.random() * len(items))]


def weighted(rng: np.random.Generator, items: Sequence[tuple[T, float]]) -> T:
    """One item of (item, weight) pairs."""
    rest = rng.random() * math.fsum(weight for _, weight in items)
    for item, weight in items:
        rest -= weight
        if rest < 0:
            return item
    return items[-1][0]


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with the given probability."""
    return rng.random() < probability


def shuffled(rng: np.random.Generator, items: Sequence[T]) -> list[T]:
    """The items in a random order."""
    keys = [rng.random() for _ in items]
    return [items[k] for k in sorted(range(len(items)), key=keys.__getitem__)]
