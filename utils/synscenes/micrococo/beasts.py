"""Animals as solids: horses, zebras and bears, from any side (most animals are sprites)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.colours import PALETTE, Colour, blend, near
from synscenes.micrococo.furniture import Made, Rng
from synscenes.micrococo.solids import Ball, Bar, Solid


def _zebra_coat(along: np.ndarray, across: np.ndarray, base: Colour) -> list[np.ndarray]:
    line = along * 7 + across * 0.5
    dark = (line - np.floor(line)) < 0.45
    return [np.where(dark, 36.0, channel) for channel in base]


def equine(coat: Colour, stride: float, saddle: bool = False, striped: bool = False) -> list[Solid]:
    """A horse or a zebra that looks along +z; its back is 1.45 m up."""
    mane = (40.0, 38.0, 38.0) if striped else tuple(channel * 0.45 for channel in coat)
    pattern = _zebra_coat if striped else None
    solids: list[Solid] = [
        Bar((0, 1.2, -0.55), (0, 1.18, 0.45), 0.3, 0.28, coat, pattern),
        Bar((0, 1.28, 0.55), (0, 1.85, 0.95), 0.19, 0.12, coat, pattern),
        Bar((0, 1.9, 0.95), (0, 1.68, 1.3), 0.125, 0.075, coat, pattern),
        Bar((0, 1.68, 1.3), (0, 1.65, 1.33), 0.078, 0.07, mane if striped else coat),
        Bar((0, 1.45, 0.5), (0, 1.98, 0.84), 0.09, 0.07, mane),
        Bar((0, 1.35, -0.82), (0, 0.8, -1.0), 0.06, 0.08, mane),
    ]
    if saddle:
        solids.append(Bar((0, 1.47, -0.22), (0, 1.47, 0.12), 0.17, 0.15, (92, 54, 34)))
    for hand in (-1, 1):
        solids += [
            Ball((hand * 0.06, 2.05, 0.93), (0.03, 0.07, 0.03), coat),
            Ball((hand * 0.1, 1.88, 1.02), (0.025, 0.025, 0.025), (24, 18, 14)),
        ]
        for z, swing in ((0.5, stride * hand), (-0.62, -stride * hand)):
            knee, hoof = (hand * 0.15, 0.62, z + swing * 0.55), (hand * 0.15, 0.08, z + swing)
            solids += [
                Bar((hand * 0.15, 1.1, z), knee, 0.12, 0.065, coat, pattern),
                Bar(knee, hoof, 0.055, 0.045, coat, pattern),
                Bar((hoof[0], 0.05, hoof[2]), (hoof[0], 0.05, hoof[2] + 0.05), 0.06, 0.055, mane),
            ]
    return solids


def zebra(rng: Rng, split: str) -> Made:
    """A zebra."""
    return equine(near(rng, (232, 228, 220), 8), between(rng, -0.3, 0.3), striped=True), None


def horse(rng: Rng, split: str) -> Made:
    """A horse without a rider."""
    name = pick(rng, ("brown", "black", "white", "gray") if split == "val" else ("brown", "brown", "black", "gray"))
    return equine(near(rng, (134, 84, 50) if name == "brown" else PALETTE[name], 12), between(rng, -0.35, 0.35)), name


def bear(rng: Rng, split: str) -> Made:
    """A bear on its four legs, seen from the side."""
    name = "brown" if split == "train" or chance(rng, 0.5) else "black"
    fur = near(rng, (112, 74, 46) if name == "brown" else (44, 40, 40), 10)
    muzzle = blend(fur, (220, 190, 150), 0.45)
    stride = between(rng, -0.14, 0.14)
    solids: list[Solid] = [
        Bar((-0.45, 0.78, 0), (0.35, 0.84, 0), 0.36, 0.34, fur),
        Bar((0.4, 0.95, 0), (0.72, 0.96, 0), 0.27, 0.23, fur),
        Bar((0.86, 0.9, 0), (1.0, 0.86, 0), 0.13, 0.09, muzzle),
        Ball((1.09, 0.88, 0), (0.04, 0.04, 0.05), (24, 20, 20)),
    ]
    for z in (-0.15, 0.15):
        solids += [
            Ball((0.66, 1.19, z), (0.07, 0.07, 0.05), fur),
            Ball((0.86, 1.0, z * 0.8), (0.025, 0.025, 0.025), (20, 16, 16)),
        ]
        step = stride if z > 0 else -stride
        for x in (-0.6, 0.4):
            solids.append(Bar((x, 0.7, z), (x + step, 0.1, z), 0.17, 0.12, fur))
            solids.append(Bar((x + step, 0.08, z), (x + step + 0.1, 0.08, z), 0.1, 0.08, fur))
    return solids, name


BEASTS: dict[str, Callable[[Rng, str], Made]] = {"zebra": zebra, "horse": horse, "bear": bear}
