"""Furniture and appliances as solids. Each builder draws sizes and shapes anew; train and val get different kinds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.colours import PALETTE, Colour, blend, near
from synscenes.micrococo.solids import Ball, Bar, Box, Cone, Solid

Rng = np.random.Generator
Made = tuple[list[Solid], str | None]  # the solids, and the colour's name where a caption may use it

WOODS = ((150, 104, 62), (184, 138, 88), (112, 72, 44), (206, 170, 122), (86, 58, 42))
CLOTHS = ("red", "blue", "green", "gray", "brown", "orange", "purple", "white")


def wood(u: np.ndarray, v: np.ndarray, colour: Colour) -> list[np.ndarray]:
    """Stripes of grain along v."""
    line = u * 5 + v * 0.3
    share = (np.abs(line - np.floor(line) - 0.5) - 0.25) * 0.16
    return [channel * (1 + share) for channel in colour]


def _legs(half_x: float, half_z: float, height: float, thick: float, colour: Colour) -> list[Solid]:
    return [
        Box((x * half_x, height / 2, z * half_z), (thick, height / 2, thick), colour) for x in (-1, 1) for z in (-1, 1)
    ]


def table(rng: Rng, split: str) -> Made:
    """A dining table: rectangular on legs, round on a foot (train), or on trestles (val)."""
    colour = near(rng, pick(rng, WOODS), 10)
    height, half_x, half_z = between(rng, 0.7, 0.78), between(rng, 0.6, 0.95), between(rng, 0.38, 0.5)
    cloth = near(rng, PALETTE["white"], 10) if chance(rng, 0.2) else None
    top = cloth or colour
    kind = pick(rng, ("legs", "round" if split == "train" else "trestle", "legs"))
    if kind == "round":
        radius = between(rng, 0.5, 0.65)
        return [
            Cone((0, 0, 0), 0.06, 0.28, 0.22, colour),
            Bar((0, 0.05, 0), (0, height - 0.05, 0), 0.05, 0.05, colour),
            Cone((0, height - 0.05, 0), 0.05, radius, radius, blend(top, (0, 0, 0), 0.1), top),
        ], None
    slab = Box((0, height - 0.025, 0), (half_x, 0.025, half_z), top, decals={} if cloth else {"top": wood})
    if kind == "trestle":
        sides: list[Solid] = []
        for x in (-0.75, 0.75):
            for z in (-1, 1):
                sides.append(Bar((x * half_x, 0, z * half_z * 0.8), (x * half_x, height, 0), 0.03, 0.03, colour))
        return [*sides, slab], None
    return [*_legs(half_x - 0.06, half_z - 0.06, height - 0.05, 0.03, blend(colour, (0, 0, 0), 0.15)), slab], None


def chair(rng: Rng, split: str) -> Made:
    """A chair: slats or a whole back, four legs, or one foot on castors."""
    painted = chance(rng, 0.45)
    name = pick(rng, CLOTHS) if painted else None
    colour = near(rng, PALETTE[name] if name else pick(rng, WOODS), 10)
    seat, half = between(rng, 0.43, 0.48), between(rng, 0.2, 0.24)
    tall = seat + between(rng, 0.38, 0.52)
    solids: list[Solid] = [Box((0, seat - 0.025, 0), (half, 0.028, half), colour)]
    kind = pick(rng, ("slats", "whole", "office") if split == "train" else ("bars", "whole", "office"))
    dark = blend(colour, (0, 0, 0), 0.2)
    if kind == "office":
        metal = (70, 72, 78)
        solids += [Bar((0, 0.1, 0), (0, seat - 0.03, 0), 0.03, 0.03, metal)]
        for x, z in ((0.25, 0.0), (-0.25, 0.0), (0.13, 0.22), (-0.13, 0.22), (0.13, -0.22), (-0.13, -0.22)):
            solids += [
                Bar((0, 0.1, 0), (x, 0.05, z), 0.025, 0.02, metal),
                Ball((x, 0.035, z), (0.035,) * 3, (30, 30, 34)),
            ]
    else:
        solids += _legs(half - 0.025, half - 0.025, seat - 0.05, 0.02, dark)
    if kind in ("whole", "office"):
        solids.append(
            Box((0, (seat + tall) / 2 + 0.04, -half + 0.03), (half * 0.96, (tall - seat) / 2 - 0.03, 0.025), colour)
        )
    else:
        for x in (-1, 1):
            solids.append(
                Box((x * (half - 0.02), (seat + tall) / 2, -half + 0.02), (0.02, (tall - seat) / 2, 0.02), dark)
            )
        for share in (0.4, 0.7, 0.96) if kind == "slats" else (0.95,):
            solids.append(Box((0, seat + (tall - seat) * share, -half + 0.02), (half, 0.035, 0.014), colour))
        if kind == "bars":
            for x in (-0.5, 0.0, 0.5):
                solids.append(
                    Box((x * half, (seat + tall) / 2, -half + 0.02), (0.014, (tall - seat) / 2, 0.012), colour)
                )
    return solids, name


def couch(rng: Rng, split: str) -> Made:
    """A couch of two or three cushions."""
    name = pick(rng, CLOTHS)
    colour = near(rng, PALETTE[name], 12)
    half, deep = between(rng, 0.75, 1.1), between(rng, 0.38, 0.44)
    arm, high = between(rng, 0.56, 0.66), between(rng, 0.8, 0.95)
    dark = blend(colour, (0, 0, 0), 0.12)
    solids: list[Solid] = [Box((0, 0.22, 0), (half, 0.14, deep), dark)]
    count = 3 if half > 0.95 else 2
    for k in range(count):
        x = (k + 0.5) / count * 2 * half - half
        solids.append(Box((x, 0.4, 0.03), (half / count - 0.012, 0.07, deep - 0.02), colour))
        solids.append(Box((x, 0.62, -deep + 0.14), (half / count - 0.014, 0.22, 0.09), colour, tilt=-0.16))
    solids.append(Box((0, high / 2 + 0.05, -deep + 0.02), (half, high / 2 - 0.05, 0.06), dark))
    for x in (-1, 1):
        if split == "train":
            solids.append(Box((x * (half + 0.07), arm / 2 + 0.04, 0), (0.085, arm / 2 - 0.03, deep + 0.02), colour))
        else:
            solids.append(Bar((x * (half + 0.06), arm, -deep), (x * (half + 0.06), arm, deep), 0.1, 0.1, colour))
            solids.append(Box((x * (half + 0.06), arm / 2 + 0.04, 0), (0.06, arm / 2 - 0.04, deep), colour))
    return solids, name


def bench(rng: Rng, split: str) -> Made:
    """A park bench of planks."""
    colour = near(rng, pick(rng, (*WOODS, (70, 104, 78), (150, 60, 50))), 10)
    metal = (58, 60, 66)
    half = between(rng, 0.65, 0.95)
    solids: list[Solid] = [Box((0, 0.44, z), (half, 0.018, 0.055), colour) for z in (-0.14, 0.0, 0.14)]
    if split == "train" or chance(rng, 0.5):
        solids += [Box((0, y, -0.24 - (y - 0.55) * 0.25), (half, 0.05, 0.014), colour, tilt=-0.2) for y in (0.6, 0.78)]
    for x in (-0.8, 0.8):
        solids += [Box((x * half, 0.21, z), (0.025, 0.21, 0.025), metal) for z in (-0.16, 0.16)]
        solids.append(Bar((x * half, 0.42, -0.18), (x * half, 0.86, -0.32), 0.022, 0.022, metal))
    return solids, None


def bed(rng: Rng, split: str) -> Made:
    """A bed seen from its side or foot, with a cover."""
    name = pick(rng, CLOTHS)
    cover, frame = near(rng, PALETTE[name], 12), near(rng, pick(rng, WOODS), 8)
    half, long = between(rng, 0.5, 0.85), 1.0
    sheet = (242, 240, 234)
    solids: list[Solid] = [
        Box((0, 0.2, 0), (half, 0.1, long), frame),
        Box((0, 0.38, 0), (half - 0.02, 0.09, long - 0.02), sheet),
        Box((0, 0.41, 0.32), (half + 0.012, 0.085, long * 0.68), cover),
        Box((0, 0.45, -long), (half, 0.45 if split == "train" else 0.6, 0.035), frame, decals={"front": wood}),
    ]
    for x in (-0.45, 0.45) if half > 0.6 else (0.0,):
        solids.append(Ball((x * half * 1.1, 0.53, -0.7), (half * 0.42 if half > 0.6 else half * 0.7, 0.09, 0.2), sheet))
    return solids, name


def _door(rng: Rng, colour: Colour, lines: tuple[float, ...]) -> Callable:
    side = pick(rng, (-0.82, 0.82))

    def paint(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        handle = (abs(u - side) < 0.05) & (abs(v - 0.1) < 0.32)
        seam = np.zeros(np.broadcast(u, v).shape, bool)
        for line in lines:
            seam |= abs(v - line) < 0.012
        share = 0.45 * handle + 0.5 * seam
        return [channel * (1 - share) for channel in base]

    return paint


def refrigerator(rng: Rng, split: str) -> Made:
    """A refrigerator with a freezer door above (train) or below (val)."""
    name = pick(rng, ("white", "gray", "white", "red"))
    colour = near(rng, PALETTE[name], 8)
    half, tall = between(rng, 0.3, 0.4), between(rng, 1.55, 1.85)
    door = _door(rng, colour, (0.42,) if split == "train" else (-0.3,))
    return [Box((0, tall / 2, 0), (half, tall / 2, 0.33), colour, decals={"front": door})], name


def oven(rng: Rng, split: str) -> Made:
    """A cooker: a dark window in the door, knobs, plates on top."""
    name = pick(rng, ("white", "black", "gray"))
    colour = near(rng, PALETTE[name], 8)

    def front(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        glass = (abs(u) < 0.7) & (v > -0.6) & (v < 0.35)
        handle = (abs(u) < 0.72) & (abs(v - 0.52) < 0.035)
        knob = (abs(v - 0.8) < 0.07) & (abs(u * 3.2 - np.floor(u * 3.2 + 0.5)) < 0.2) & (abs(u) < 0.9)
        return [np.where(glass, 34.0, np.where(handle | knob, 110.0, channel)) for channel in base]

    def top(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        a, c = abs(u) - 0.45, abs(v) - 0.45
        plate = a * a + c * c < 0.09
        return [np.where(plate, 30.0, channel * 0.75) for channel in base]

    return [Box((0, 0.44, 0), (0.3, 0.44, 0.3), colour, decals={"front": front, "top": top})], name


def microwave(rng: Rng, split: str) -> Made:
    """A microwave oven: a dark window at the left, buttons at the right."""
    name = pick(rng, ("white", "black", "gray"))
    colour = near(rng, PALETTE[name], 8)

    def front(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        glass = (u > -0.88) & (u < 0.42) & (abs(v) < 0.75)
        buttons = (u > 0.58) & (u < 0.9) & (v < 0.3) & (abs(v * 4 - np.floor(v * 4 + 0.5)) < 0.28)
        clock = (u > 0.58) & (u < 0.9) & (v > 0.5) & (v < 0.75)
        dark = np.where(glass, 40.0, 90.0)
        shown = [np.where(glass | buttons, dark, channel) for channel in base]
        return [np.where(clock, value, shown[k]) for k, value in enumerate((40.0, 150.0, 90.0))]

    return [Box((0, 0.14, 0), (0.25, 0.14, 0.17), colour, decals={"front": front})], name


def sink(rng: Rng, split: str) -> Made:
    """A wash basin with its tap, on a foot or a cupboard."""
    white = near(rng, (236, 238, 238), 6)
    solids: list[Solid] = [
        Cone((0, 0.7, 0), 0.15, 0.18, 0.27, white, (196, 204, 208)),
        Bar((0, 0.83, -0.2), (0, 1.0, -0.2), 0.018, 0.016, (150, 154, 160)),
        Bar((0, 1.0, -0.2), (0, 0.97, -0.06), 0.016, 0.014, (150, 154, 160)),
    ]
    if split == "train":
        solids.append(Cone((0, 0, 0), 0.72, 0.12, 0.09, white))
    else:
        solids.append(Box((0, 0.36, -0.02), (0.3, 0.36, 0.2), near(rng, pick(rng, WOODS), 8)))
    return solids, None


def toilet(rng: Rng, split: str) -> Made:
    """A toilet: bowl, lid up, cistern."""
    white = near(rng, (240, 240, 238), 5)
    return [
        Cone((0, 0, 0.02), 0.36, 0.12, 0.19, white, (214, 220, 224)),
        Cone((0, 0.36, 0.04), 0.035, 0.21, 0.21, white, (190, 200, 206)),
        Ball((0, 0.58, -0.17), (0.19, 0.22, 0.03), white, roll=-0.12),
        Box((0, 0.6, -0.28), (0.22, 0.2, 0.08), white),
    ], "white"


FURNITURE: dict[str, Callable[[Rng, str], Made]] = {
    "dining table": table,
    "chair": chair,
    "couch": couch,
    "bench": bench,
    "bed": bed,
    "refrigerator": refrigerator,
    "oven": oven,
    "microwave": microwave,
    "sink": sink,
    "toilet": toilet,
}
