"""Large vehicles as solids: trains of several cars, buses, aeroplanes on the ground, lorries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.colours import PALETTE, Colour, blend, near
from synscenes.micrococo.furniture import Made, Rng
from synscenes.micrococo.solids import Ball, Bar, Box, Solid

GLASS = (62, 82, 104)
TYRE = (36, 36, 40)
CAP = (150, 152, 156)


def _side(panes: float, sill: float, head: float, stripe: Colour, doors: bool) -> Callable:
    """A vehicle's side: a row of windows, a stripe below, perhaps doors."""

    def paint(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        at = u * panes * 0.5
        step = at - np.floor(at)
        glass = (v > sill) & (v < head) & (step > 0.12) & (step < 0.88) & (abs(u) < 0.97)
        band = (v > -0.5) & (v < -0.28)
        number = np.floor(at)
        door = (
            doors & ((number - 3 * np.floor(number / 3)) == 1) & (step > 0.2) & (step < 0.8) & (v < head) & (v > -0.92)
        )
        seam = door & ((abs(step - 0.5) < 0.03) | (step < 0.25) | (step > 0.75))
        shine = 30.0 * (glass & (u * 3 + v - np.floor(u * 3 + v) < 0.3))
        values = []
        for k in range(3):
            value = np.where(band, stripe[k], base[k])
            value = np.where(door, stripe[k] * 0.8, value)
            value = np.where(glass, GLASS[k] + shine, value)
            values.append(np.where(seam, value * 0.55, value))
        return values

    return paint


def _wheels(places: tuple[float, ...], radius: float, half: float) -> list[Solid]:
    return [
        Ball((x, radius, half + 0.02), (radius, radius, 0.09), TYRE) for x in places
    ] + [Ball((x, radius, half + 0.08), (radius * 0.5, radius * 0.5, 0.06), CAP) for x in places]  # fmt: skip


def train(rng: Rng, split: str) -> Made:
    """Two or three cars; the first has a slanted nose (train) or a flat front (val)."""
    name = pick(
        rng,
        ("red", "blue", "green", "white", "gray", "yellow")
        if split == "train"
        else ("orange", "purple", "blue", "white"),
    )
    colour = near(rng, PALETTE[name], 12)
    stripe = near(rng, PALETTE[pick(rng, ("white", "red", "blue", "yellow", "black"))], 10)
    high, half, cars = between(rng, 1.3, 1.5), between(rng, 1.7, 2.3), pick(rng, (2, 2, 3))
    side = pick(rng, (-1, 1))
    solids: list[Solid] = []
    for k in range(cars):
        x = (k - (cars - 1) / 2) * (2 * half + 0.3)
        panel = _side(pick(rng, (7.0, 9.0)) if k else 8.0, 0.1, 0.62, stripe, chance(rng, 0.6))
        solids.append(Box((x, 0.55 + high, 0), (half, high, 1.0), colour, decals={"front": panel, "back": panel}))
        solids.append(Box((x, 0.55 + 2 * high + 0.05, 0), (half - 0.2, 0.06, 0.8), blend(colour, (90, 90, 94), 0.6)))
        solids.append(Box((x, 0.42, 0), (half - 0.15, 0.16, 0.85), (52, 54, 58)))
        solids += [
            Ball((x + dx, 0.26, 0.9), (0.27, 0.27, 0.08), TYRE)
            for dx in (-half * 0.75, -half * 0.5, half * 0.5, half * 0.75)
        ]
    nose = side * ((cars - 1) / 2 * (2 * half + 0.3) + half)
    if split == "train":
        solids.append(Box((nose + side * 0.28, 0.55 + high * 0.78, 0), (0.3, high * 0.78, 0.96), colour))
        solids.append(Box((nose + side * 0.1, 0.55 + high * 1.45, 0), (0.35, high * 0.3, 0.9), GLASS))
        solids.append(Ball((nose + side * 0.58, 1.0, 0.6), (0.06, 0.1, 0.12), (250, 240, 200)))
    return solids, name


def bus(rng: Rng, split: str) -> Made:
    """A city bus seen from its side."""
    name = pick(
        rng, ("red", "blue", "white", "yellow", "green") if split == "train" else ("orange", "white", "purple", "red")
    )
    colour = near(rng, PALETTE[name], 12)
    half, high = between(rng, 2.6, 3.3), between(rng, 1.15, 1.3) if split == "train" or chance(rng, 0.6) else 1.7
    stripe = near(rng, PALETTE[pick(rng, ("white", "black", "blue", "red"))], 10)
    panel = _side(pick(rng, (6.0, 7.0, 8.0)), 0.05, 0.7, stripe, True)

    def front(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        glass = (abs(u) < 0.9) & (v > -0.1) & (v < 0.72)
        lamp = (abs(abs(u) - 0.7) < 0.14) & (abs(v + 0.65) < 0.08)
        return [np.where(glass, GLASS[k], np.where(lamp, 240.0, base[k])) for k in range(3)]

    solids: list[Solid] = [
        Box((0, 0.35 + high, 0), (half, high, 0.9), colour, decals={"front": panel, "left": front, "right": front}),
        Box((0, 0.36, 0), (half - 0.1, 0.12, 0.86), (48, 48, 52)),
    ]
    return solids + _wheels((-half * 0.62, half * 0.62), 0.36, 0.88), name


def truck(rng: Rng, split: str) -> Made:
    """A lorry: a cab and a box."""
    name = pick(rng, ("red", "blue", "white", "green", "orange"))
    colour = near(rng, PALETTE[name], 12)
    load = near(rng, PALETTE[pick(rng, ("white", "gray", "yellow", "blue"))], 10)
    half, high = between(rng, 1.3, 2.0), between(rng, 0.9, 1.15)
    side = pick(rng, (-1, 1))

    def cab(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        glass = (abs(u) < 0.62) & (v > 0.05) & (v < 0.75)
        return [np.where(glass, GLASS[k], base[k]) for k in range(3)]

    x = side * (half + 0.65)
    solids: list[Solid] = [
        Box((0, 0.65 + high, 0), (half, high, 0.95), load),
        Box((x, 1.12, 0), (0.58, 0.75, 0.85), colour, decals={"front": cab, "left": cab, "right": cab}),
        Box((side * 0.4, 0.5, 0), (half + 0.6, 0.12, 0.7), (50, 50, 54)),
    ]
    return solids + _wheels((-half * 0.7, half * 0.5, x), 0.38, 0.86), name


def airplane(rng: Rng, split: str) -> Made:
    """An airliner on its wheels: fuselage, wings, tail, engines."""
    body = near(rng, (240, 240, 240), 6)
    tail = near(
        rng,
        PALETTE[
            pick(rng, ("red", "blue", "green", "orange") if split == "train" else ("purple", "yellow", "blue", "black"))
        ],
        12,
    )
    long, radius = between(rng, 4.6, 6.0), between(rng, 0.62, 0.72)

    def windows(along: np.ndarray, across: np.ndarray, base: Colour) -> list[np.ndarray]:
        spot = along * 26
        pane = (abs(abs(across) - 0.16) < 0.09) & (abs(spot - np.floor(spot) - 0.5) < 0.24) & (along > 0.08)
        band = abs(across) > 0.62
        return [np.where(pane, GLASS[k], np.where(band, tail[k] * 0.5 + 100, base[k])) for k in range(3)]

    side = pick(rng, (-1, 1))

    def at(x: float, y: float, z: float) -> tuple[float, float, float]:
        return side * x, y, z

    y = radius + 0.75
    solids: list[Solid] = [
        Bar(at(-long * 0.62, y, 0), at(long * 0.7, y, 0), radius, radius, body, windows),
        Bar(at(long * 0.7, y, 0), at(long, y - 0.12, 0), radius * 0.98, radius * 0.42, body),
        Bar(at(-long * 0.62, y, 0), at(-long, y + 0.32, 0), radius * 0.98, radius * 0.2, body),
        Bar(at(long * 0.86, y + 0.22, 0), at(long * 0.9, y + 0.2, 0), radius * 0.5, radius * 0.45, GLASS),
        Box(at(-long * 0.86, y + 1.15, 0), (0.62, 0.72, 0.07), tail, roll=side * 0.5),
        Box(at(-long * 0.88, y + 0.4, 0), (0.45, 0.05, 1.5), body),
        Box(at(-long * 0.05, y - 0.3, 2.2), (0.75, 0.06, 2.2), (206, 208, 212), turn=side * 0.35),
        Box(at(-long * 0.05, y - 0.3, -2.2), (0.75, 0.06, 2.2), (206, 208, 212), turn=-side * 0.35),
        Bar(at(long * 0.06, y - 0.66, 1.7), at(long * 0.24, y - 0.66, 1.7), 0.3, 0.34, tail),
    ]
    for x, z in ((long * 0.72, 0.0), (-long * 0.1, 0.5)):
        solids += [
            Bar(at(x, 0.3, z), at(x, y - radius, z), 0.06, 0.06, (120, 122, 126)),
            Ball(at(x, 0.26, z), (0.26, 0.26, 0.12), TYRE),
        ]
    return solids, None


TRANSPORT: dict[str, Callable[[Rng, str], Made]] = {"train": train, "bus": bus, "truck": truck, "airplane": airplane}
