"""Smaller goods as solids: what stands on tables, in streets, or is held and ridden."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.colours import PALETTE, Colour, blend, near
from synscenes.micrococo.furniture import Made, Rng
from synscenes.micrococo.solids import Ball, Bar, Box, Cone, Solid

LIVELY = ("red", "blue", "green", "yellow", "orange", "purple", "pink", "white", "black")


def bottle(rng: Rng, split: str) -> Made:
    """A bottle with a label: wine, water or sauce."""
    name = pick(rng, ("green", "brown", "blue", "white", "red"))
    colour = near(rng, PALETTE[name], 14)
    wide, tall = between(rng, 0.032, 0.042), between(rng, 0.2, 0.3)
    label = near(rng, PALETTE[pick(rng, LIVELY)], 10)

    def paper(along: np.ndarray, across: np.ndarray, base: Colour) -> list[np.ndarray]:
        on = (along > 0.25) & (along < 0.75)
        return [np.where(on, label[k], base[k]) for k in range(3)]

    body = tall * between(rng, 0.52, 0.66)
    return [
        Cone((0, 0, 0), body, wide, wide, colour, pattern=paper),
        Cone((0, body, 0), tall * 0.12, wide, wide * 0.42, colour),
        Bar((0, body + tall * 0.12, 0), (0, tall, 0), wide * 0.42, wide * 0.36, colour),
        Bar((0, tall, 0), (0, tall * 1.04, 0), wide * 0.4, wide * 0.4, label),
    ], name


def cup(rng: Rng, split: str) -> Made:
    """A mug with a handle, or a beaker."""
    name = pick(rng, LIVELY)
    colour = near(rng, PALETTE[name], 12)
    wide, tall = between(rng, 0.036, 0.045), between(rng, 0.08, 0.11)
    drink = pick(rng, ((74, 46, 28), (150, 90, 40), (226, 220, 206)))
    solids: list[Solid] = [Cone((0, 0, 0), tall, wide * between(rng, 0.75, 1.0), wide, colour, drink)]
    if split == "train" or chance(rng, 0.7):
        x = wide + 0.018
        ring = [
            (wide * 0.9, tall * 0.8),
            (x, tall * 0.72),
            (x + 0.004, tall * 0.5),
            (x, tall * 0.3),
            (wide * 0.85, tall * 0.2),
        ]
        for (ax, ay), (bx, by) in itertools.pairwise(ring):
            solids.append(Bar((ax, ay, 0), (bx, by, 0), 0.007, 0.007, colour))
    return solids, name


def bowl(rng: Rng, split: str) -> Made:
    """A bowl with something in it."""
    name = pick(rng, LIVELY)
    colour = near(rng, PALETTE[name], 12)
    wide, tall = between(rng, 0.075, 0.11), between(rng, 0.055, 0.075)
    inside = pick(rng, ((226, 214, 180), (186, 80, 40), (110, 150, 70), (240, 236, 226), (120, 76, 44)))
    return [Cone((0, 0, 0), tall, wide * 0.45, wide, colour, near(rng, inside, 12))], name


def vase(rng: Rng, split: str) -> Made:
    """A vase, often with flowers."""
    name = pick(rng, LIVELY)
    colour = near(rng, PALETTE[name], 12)
    tall = between(rng, 0.2, 0.3)
    solids: list[Solid] = [
        Cone((0, 0, 0), tall * 0.45, 0.04, 0.075, colour),
        Cone((0, tall * 0.45, 0), tall * 0.4, 0.075, 0.03, colour),
        Cone((0, tall * 0.85, 0), tall * 0.15, 0.03, 0.045, colour, blend(colour, (0, 0, 0), 0.6)),
    ]
    if chance(rng, 0.6):
        for _ in range(4):
            x, z, y = between(rng, -0.08, 0.08), between(rng, -0.05, 0.05), tall + between(rng, 0.08, 0.2)
            flower = near(rng, PALETTE[pick(rng, ("red", "yellow", "pink", "white", "purple"))], 10)
            solids += [
                Bar((0, tall, 0), (x, y, z), 0.006, 0.006, (70, 120, 60)),
                Ball((x, y, z), (0.035, 0.03, 0.035), flower),
            ]
    return solids, name


def plant(rng: Rng, split: str) -> Made:
    """A potted plant with long leaves."""
    pot = near(rng, pick(rng, ((176, 96, 62), (230, 228, 222), (90, 90, 96))), 10)
    tall = between(rng, 0.18, 0.28)
    leaf = near(rng, pick(rng, ((62, 128, 62), (92, 150, 70), (48, 104, 66))), 12)
    solids: list[Solid] = [Cone((0, 0, 0), tall, tall * 0.38, tall * 0.52, pot, (70, 52, 40))]
    for _ in range(11 if split == "train" else 7):
        x, z = between(rng, -0.26, 0.26), between(rng, -0.2, 0.2)
        top = tall + between(rng, 0.2, 0.55)
        bend = (x * 0.55, tall + (top - tall) * 0.7, z * 0.55)
        shade = blend(leaf, (20, 50, 20), rng.random() * 0.4)
        solids += [Bar((0, tall - 0.02, 0), bend, 0.014, 0.03, shade), Bar(bend, (x, top, z), 0.032, 0.008, shade)]
    return solids, None


def book(rng: Rng, split: str) -> Made:
    """A book: lying, or a small pile."""
    name = pick(rng, LIVELY)
    pages = (232, 226, 208)
    solids: list[Solid] = []
    level = 0.0
    for _ in range(1 if chance(rng, 0.6) else 2):
        colour = near(rng, PALETTE[name], 12)
        half, thick = between(rng, 0.075, 0.1), between(rng, 0.012, 0.024)
        turn = between(rng, -0.5, 0.5)
        solids += [
            Box((0, level + thick, 0), (half * 0.97, thick * 0.8, half * 1.3), pages, turn=turn),
            Box((0, level + 2 * thick - 0.003, 0), (half, 0.004, half * 1.34), colour, turn=turn),
            Box((0, level + 0.003, 0), (half, 0.004, half * 1.34), colour, turn=turn),
        ]
        level += 2 * thick
    return solids, name


def laptop(rng: Rng, split: str) -> Made:
    """An open laptop."""
    shell = near(rng, pick(rng, ((176, 178, 182), (60, 62, 68))), 8)
    glow = pick(rng, ((92, 150, 210), (222, 226, 232), (60, 90, 110), (110, 170, 130)))

    def screen(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        on = (abs(u) < 0.92) & (abs(v) < 0.88)
        line = on & (u < 0.3) & (u > -0.8) & (abs(v * 4 - np.floor(v * 4) - 0.5) < 0.18)
        return [np.where(line, 245.0, np.where(on, glow[k], base[k] * 0.4)) for k in range(3)]

    def keys(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        a, c = u * 7, v * 4
        key = (
            (abs(u) < 0.9)
            & (v > -0.85)
            & (v < 0.2)
            & (abs(a - np.floor(a) - 0.5) < 0.38)
            & (abs(c - np.floor(c) - 0.5) < 0.36)
        )
        return [np.where(key, 40.0, channel) for channel in base]

    tilt = between(rng, -0.35, -0.12)
    return [
        Box((0, 0.01, 0), (0.17, 0.01, 0.115), shell, decals={"top": keys}),
        Box((0, 0.125, -0.115 + tilt * 0.1), (0.17, 0.112, 0.006), shell, tilt=tilt, decals={"front": screen}),
    ], None


def tv(rng: Rng, split: str) -> Made:
    """A flat screen on a foot, switched on or off."""
    half = between(rng, 0.36, 0.55)
    high = half * 0.58
    scene = pick(rng, (((84, 140, 200), (96, 150, 80)), ((30, 34, 40), (36, 40, 48)), ((230, 150, 90), (120, 60, 80))))

    def screen(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        on = (abs(u) < 0.95) & (abs(v) < 0.91)
        upper = v > 0.25 * u - 0.2
        glare = 18.0 * ((u + v > 0.5) & (u + v < 0.9))
        return [np.where(on, np.where(upper, scene[0][k], scene[1][k]) + glare, 26.0) for k in range(3)]

    solids: list[Solid] = [
        Box((0, 0.08 + high, 0), (half, high, 0.02), (30, 30, 34), decals={"front": screen}),
        Box((0, 0.012, 0), (half * 0.4, 0.012, 0.09), (40, 40, 44)),
        Box((0, 0.06, -0.01), (0.04, 0.06, 0.012), (40, 40, 44)),
    ]
    return solids, None


def keyboard(rng: Rng, split: str) -> Made:
    """A computer keyboard."""
    name = pick(rng, ("black", "white", "gray"))
    colour = near(rng, PALETTE[name], 8)
    ink = 70.0 if name != "black" else 110.0

    def keys(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        a, c = u * 8, v * 2.5
        gap = (abs(a - np.floor(a) - 0.5) > 0.4) | (abs(c - np.floor(c) - 0.5) > 0.38)
        return [np.where(gap & (abs(u) < 0.96), ink, channel) for channel in base]

    return [Box((0, 0.012, 0), (0.21, 0.012, 0.07), colour, decals={"top": keys})], name


def mouse(rng: Rng, split: str) -> Made:
    """A computer mouse."""
    name = pick(rng, ("black", "white", "gray"))
    return [Ball((0, 0.014, 0), (0.03, 0.02, 0.052), near(rng, PALETTE[name], 8))], name


def remote(rng: Rng, split: str) -> Made:
    """A remote control with its buttons."""

    def buttons(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        a, c = u * 1.5, v * 5
        dot = (abs(a - np.floor(a) - 0.5) < 0.24) & (abs(c - np.floor(c) - 0.5) < 0.26) & (v < 0.7)
        power = (abs(u) < 0.25) & (v > 0.78) & (v < 0.9)
        return [np.where(power, 200.0 if k == 0 else 40.0, np.where(dot, 150.0, base[k])) for k in range(3)]

    return [
        Box((0, 0.012, 0), (0.026, 0.012, 0.09), (44, 44, 48), turn=between(rng, -0.9, 0.9), decals={"top": buttons})
    ], "black"


def orange(rng: Rng, split: str) -> Made:
    """An orange."""
    return [Ball((0, 0.04, 0), (0.041, 0.039, 0.041), near(rng, (238, 140, 36), 8))], "orange"


def apple(rng: Rng, split: str) -> Made:
    """An apple with its stalk."""
    name = pick(rng, ("red", "green"))
    colour = near(rng, (196, 40, 40) if name == "red" else (132, 176, 66), 10)
    return [
        Ball((0, 0.038, 0), (0.042, 0.038, 0.042), colour),
        Bar((0, 0.07, 0), (0.008, 0.092, 0), 0.004, 0.003, (84, 60, 36)),
    ], name


GOODS: dict[str, Callable[[Rng, str], Made]] = {
    "bottle": bottle,
    "cup": cup,
    "bowl": bowl,
    "vase": vase,
    "potted plant": plant,
    "book": book,
    "laptop": laptop,
    "tv": tv,
    "keyboard": keyboard,
    "mouse": mouse,
    "remote": remote,
    "orange": orange,
    "apple": apple,
}
