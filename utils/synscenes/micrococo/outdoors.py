"""Goods of streets, games and animals as solids: what stands outside, and what people hold and ride."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from synscenes.micrococo.chance import between, cos, pick, sin
from synscenes.micrococo.colours import PALETTE, Colour, blend, near
from synscenes.micrococo.furniture import Made, Rng
from synscenes.micrococo.goods import LIVELY
from synscenes.micrococo.solids import Ball, Bar, Box, Cone, Point, Solid

METAL = (96, 100, 106)


def traffic_light(rng: Rng, split: str) -> Made:
    """Three lamps on a pole, one of them lit."""
    lit = pick(rng, (0, 1, 2))
    tall = between(rng, 2.3, 2.9)
    box = (52, 54, 50) if split == "train" else (196, 164, 40)
    lamps = ((226, 50, 44), (242, 190, 50), (60, 190, 90))
    solids: list[Solid] = [
        Bar((0, 0, 0), (0, tall - 0.5, 0), 0.05, 0.05, METAL),
        Box((0, tall - 0.1, 0), (0.17, 0.45, 0.12), box),
    ]
    for k, colour in enumerate(lamps):
        shown = colour if k == lit else blend(colour, (20, 20, 20), 0.72)
        solids.append(Ball((0, tall + 0.19 - 0.29 * k, 0.1), (0.11, 0.11, 0.06), shown))
    return solids, None


def stop_sign(rng: Rng, split: str) -> Made:
    """A red octagon with a white bar of letters, on a pole."""
    tall = between(rng, 1.9, 2.3)
    red = near(rng, (196, 34, 40), 8)

    def face(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        letter = (abs(v) < 0.26) & (abs(u) < 0.72) & (abs(u * 2.8 - np.floor(u * 2.8) - 0.5) < 0.34)
        return [np.where(letter, 244.0, channel) for channel in base]

    solids: list[Solid] = [Bar((0, 0, -0.03), (0, tall, -0.03), 0.03, 0.03, METAL)]
    r = 0.36
    for turn in (0.0, 0.785398163):
        rim = Box((0, tall, 0), (r * 0.98, r * 0.405, 0.012), (244, 244, 244), roll=turn)
        solids += [rim, Box((0, tall, 0), (r * 0.405, r * 0.98, 0.012), (244, 244, 244), roll=turn)]
        solids += [
            Box((0, tall, 0.01), (r * 0.9, r * 0.37, 0.012), red, roll=turn),
            Box((0, tall, 0.01), (r * 0.37, r * 0.9, 0.012), red, roll=turn),
        ]
    solids.append(Box((0, tall, 0.014), (r * 0.82, r * 0.36, 0.012), red, decals={"front": face}))
    return solids, "red"


def hydrant(rng: Rng, split: str) -> Made:
    """A fire hydrant."""
    name = pick(rng, ("red", "yellow")) if split == "train" else pick(rng, ("red", "orange", "blue"))
    colour = near(rng, PALETTE[name], 12)
    dark = blend(colour, (0, 0, 0), 0.2)
    return [
        Cone((0, 0, 0), 0.08, 0.2, 0.18, dark),
        Cone((0, 0.06, 0), 0.5, 0.13, 0.12, colour),
        Cone((0, 0.52, 0), 0.05, 0.17, 0.17, dark),
        Ball((0, 0.6, 0), (0.13, 0.13, 0.13), colour),
        Bar((0, 0.72, 0), (0, 0.78, 0), 0.03, 0.03, dark),
        Bar((-0.2, 0.42, 0), (0.2, 0.42, 0), 0.06, 0.06, dark),
        Bar((0, 0.36, 0.1), (0, 0.36, 0.18), 0.075, 0.075, dark),
    ], name


def parking_meter(rng: Rng, split: str) -> Made:
    """A parking meter: a pole and a rounded head with a dial."""
    colour = near(rng, pick(rng, ((104, 112, 120), (64, 76, 96))), 8)
    return [
        Bar((0, 0, 0), (0, 1.0, 0), 0.035, 0.035, METAL),
        Box((0, 1.12, 0), (0.11, 0.14, 0.07), colour),
        Bar((0, 1.26, -0.02), (0, 1.26, 0.02), 0.11, 0.11, colour),
        Ball((0, 1.25, 0.07), (0.075, 0.06, 0.05), (216, 224, 220)),
        Box((0, 1.08, 0.07), (0.05, 0.03, 0.01), (40, 40, 44)),
    ], None


def skateboard(rng: Rng, split: str) -> Made:
    """A skateboard along x, its wheels on the ground."""
    name = pick(rng, LIVELY)
    deck = near(rng, PALETTE[name], 12)
    solids: list[Solid] = [
        Box((0, 0.1, 0), (0.3, 0.014, 0.1), deck),
        Box((0.35, 0.125, 0), (0.07, 0.014, 0.095), deck, roll=0.45),
        Box((-0.35, 0.125, 0), (0.07, 0.014, 0.095), deck, roll=-0.45),
    ]
    for x in (-0.22, 0.22):
        solids += [Bar((x, 0.045, z), (x, 0.045, z * 0.8), 0.042, 0.042, (232, 226, 206)) for z in (-0.1, 0.1)]
    return solids, name


def board(rng: Rng, split: str) -> Made:
    """A surfboard or snowboard along x."""
    name = pick(rng, LIVELY)
    colour = near(rng, PALETTE[name], 12)
    stripe = near(rng, PALETTE[pick(rng, LIVELY)], 12)

    def paint(x: np.ndarray, y: np.ndarray, z: np.ndarray, base: Colour) -> list[np.ndarray]:
        on = (abs(z) < 0.16) | (abs(x - 0.4) < 0.07)
        return [np.where(on, stripe[k], base[k]) for k in range(3)]

    return [Ball((0, 0.035, 0), (1.0, 0.035, 0.27), colour, pattern=paint)], name


def standing_board(rng: Rng, split: str) -> Made:
    """A surfboard stuck upright in the sand."""
    solids, name = board(rng, split)
    flat = solids[0]
    return [
        Ball(
            (0, 0.92, 0),
            (0.27, 0.95, 0.05),
            flat.colour,
            roll=between(rng, -0.12, 0.12),
            pattern=_upright(flat.pattern),
        )
    ], name


def _upright(pattern: Callable) -> Callable:
    return lambda x, y, z, base: pattern(y, z, x, base)


def racket(grip: Point, aim: Point, colour: Colour) -> list[Solid]:
    """A tennis racket held at ``grip``, pointing along ``aim`` (unit length): a ring with a net of strings."""
    dx, dy, dz = aim
    throat = (grip[0] + dx * 0.3, grip[1] + dy * 0.3, grip[2] + dz * 0.3)
    middle = (grip[0] + dx * 0.47, grip[1] + dy * 0.47, grip[2] + dz * 0.47)
    # A second direction across the racket's face: as level as it can be.
    size = math.sqrt(dx * dx + dy * dy) + 1e-6
    ox, oy = -dy / size, dx / size
    solids: list[Solid] = [Bar(grip, throat, 0.02, 0.014, (50, 50, 54))]
    ring = []
    for k in range(14):
        along, across = cos(k * 0.448798951) * 0.17, sin(k * 0.448798951) * 0.13
        ring.append(
            (middle[0] + dx * along + ox * across, middle[1] + dy * along + oy * across, middle[2] + dz * along)
        )
    for a, b in zip(ring, ring[1:] + ring[:1]):
        solids.append(Bar(a, b, 0.014, 0.014, colour))
    for k in range(1, 7):
        solids.append(Bar(ring[k], ring[14 - k], 0.004, 0.004, (226, 226, 214)))
        solids.append(Bar(ring[k], ring[(7 - k) % 14], 0.004, 0.004, (226, 226, 214)))
    return solids


def bat(grip: Point, aim: Point, colour: Colour) -> list[Solid]:
    """A baseball bat held at ``grip``, pointing along ``aim``."""
    end = (grip[0] + aim[0] * 0.8, grip[1] + aim[1] * 0.8, grip[2] + aim[2] * 0.8)
    return [Bar(grip, end, 0.016, 0.036, colour)]


def umbrella(grip: Point, colour: Colour, other: Colour, rng: Rng) -> list[Solid]:
    """An open umbrella held upright: a shallow dome of panels and a stick."""
    x, y, z = grip
    top = y + 0.75
    turn = rng.random()

    def panels(along: np.ndarray, across: np.ndarray, base: Colour) -> list[np.ndarray]:
        stripe = across * 2.2 + turn
        on = (stripe - np.floor(stripe)) < 0.5
        return [np.where(on, base[k], other[k]) for k in range(3)]

    return [
        Bar((x, y - 0.1, z), (x, top + 0.05, z), 0.012, 0.012, (70, 60, 54)),
        Cone((x, top - 0.24, z), 0.14, 0.56, 0.34, colour, pattern=panels),
        Cone((x, top - 0.1, z), 0.1, 0.34, 0.02, colour, pattern=panels),
    ]


def frisbee(rng: Rng, split: str) -> Made:
    """A frisbee in flight."""
    name = pick(rng, ("red", "yellow", "orange", "blue", "white"))
    return [Ball((0, 0, 0), (0.15, 0.025, 0.15), near(rng, PALETTE[name], 12), roll=between(rng, -0.5, 0.5))], name


def suitcase(rng: Rng, split: str) -> Made:
    """A suitcase on wheels with its handle out."""
    name = pick(rng, LIVELY)
    colour = near(rng, PALETTE[name], 12)
    half, tall = between(rng, 0.18, 0.25), between(rng, 0.5, 0.68)

    def ribs(u: np.ndarray, v: np.ndarray, base: Colour) -> list[np.ndarray]:
        line = u * 3
        return [channel * (1 - 0.2 * (abs(line - np.floor(line) - 0.5) < 0.12)) for channel in base]

    return [
        Box((0, 0.05 + tall / 2, 0), (half, tall / 2, 0.12), colour, decals={"front": ribs}),
        Bar((-half * 0.5, tall, -0.06), (-half * 0.5, tall + 0.3, -0.06), 0.012, 0.012, METAL),
        Bar((half * 0.5, tall, -0.06), (half * 0.5, tall + 0.3, -0.06), 0.012, 0.012, METAL),
        Bar((-half * 0.5, tall + 0.3, -0.06), (half * 0.5, tall + 0.3, -0.06), 0.02, 0.02, (50, 50, 54)),
        Ball((-half * 0.8, 0.04, 0.06), (0.04, 0.04, 0.03), (30, 30, 30)),
        Ball((half * 0.8, 0.04, 0.06), (0.04, 0.04, 0.03), (30, 30, 30)),
    ], name


OUTDOORS: dict[str, Callable[[Rng, str], Made]] = {
    "traffic light": traffic_light,
    "stop sign": stop_sign,
    "fire hydrant": hydrant,
    "parking meter": parking_meter,
    "skateboard": skateboard,
    "surfboard": board,
    "snowboard": board,
    "frisbee": frisbee,
    "suitcase": suitcase,
}
