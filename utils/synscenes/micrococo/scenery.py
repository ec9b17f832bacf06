"""Parts of a backdrop: skies, skylines, grounds, waters, walls, floors, windows."""

from __future__ import annotations

import math

import numpy as np

from synscenes.micrococo.backdrop import HEIGHT, WIDTH, Backdrop
from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.colours import Colour
from synscenes.micrococo.textures import wave

SKIES: dict[str, tuple[Colour, Colour]] = {
    "clear": ((70, 132, 206), (186, 214, 236)),
    "cloudy": ((96, 146, 204), (204, 220, 232)),
    "overcast": ((156, 164, 174), (206, 210, 212)),
    "evening": ((92, 104, 156), (246, 184, 122)),
    "morning": ((128, 160, 204), (246, 214, 186)),
}


def sky(b: Backdrop, mood: str) -> None:
    """Fill everything above the horizon."""
    top, low = SKIES[mood]
    horizon = b.camera.horizon + 2
    share = np.clip(b.rows / np.float32(max(horizon, 1)), 0, 1)
    where = b.rows < horizon
    b.paint(where, "sky-other", [top[k] + (low[k] - top[k]) * share for k in range(3)])
    if mood in ("cloudy", "morning", "evening", "clear"):
        cover = {"cloudy": 0.05, "morning": 0.25, "evening": 0.2, "clear": 0.4}[mood] + between(b.rng, -0.1, 0.12)
        drift = b.noise(b.columns, b.rows * 2.4, 0.55) * 0.8 + b.noise(b.columns, b.rows * 2.2, 1.9) * 0.25
        white = (255, 250, 246) if mood != "evening" else (255, 206, 170)
        b.lift(where, white, np.clip((drift - cover) * 2.2, 0, 0.88))


def hills(
    b: Backdrop, kind: str, colour: Colour, height: float, scale: float, seed: int = 0, haze: float = 0.3
) -> None:
    """A skyline of hills, mountains or woods standing on the horizon."""
    line = b.ridge(b.camera.horizon + 1, height, scale, seed)
    if kind == "tree":
        line = line - np.abs(b.noise(b.columns[:1], b.columns[:1] * 0 + 91.0, scale * 9)) * np.float32(height * 0.35)
    where = (b.rows >= line) & (b.rows < b.camera.horizon + 2)
    if kind == "tree":
        texture = b.noise(b.columns, b.rows * 1.3, 7) * 0.22 + b.grain() * 0.12
    else:
        texture = b.noise(b.columns + b.rows * 0.7, b.rows, 1.7) * 0.16
    low = np.clip((b.rows - line) / np.float32(height + 1), 0, 1) * np.float32(0.15)
    b.paint(where, kind, colour, texture - low)
    if kind == "mountain" and chance(b.rng, 0.6):
        peak = where & (b.rows < b.camera.horizon - height * 0.52 + b.noise(b.columns, b.rows, 5) * 6)
        b.lift(peak, (240, 244, 250), 0.85)
    b.lift(where, (200, 214, 228), haze)


def town(b: Backdrop, low: float, high: float, far: bool, foot: float = 0.0) -> None:
    """A row of house fronts that stands ``foot`` pixels below the horizon: each with its colour and its windows."""
    left = -between(b.rng, 0, 30)
    base = b.camera.horizon + 2 + foot
    while left < WIDTH:
        width = between(b.rng, 18, 40) if far else between(b.rng, 40, 95)
        top = base - between(b.rng, low, high)
        colour = pick(
            b.rng,
            (
                (188, 152, 126),
                (206, 196, 178),
                (168, 176, 184),
                (150, 112, 92),
                (214, 182, 140),
                (126, 134, 146),
                (198, 206, 206),
            ),
        )
        part = b.part(left, top, left + width, base)
        front = part.box(left, top, left + width, base)
        kind = "skyscraper" if far and high > 60 else "building-other"
        shade = (
            part.noise(part.columns, part.rows, 2.2) * 0.06
            - np.clip((part.columns - left) / np.float32(width), 0, 1) * 0.1
        )
        part.paint(front, kind, colour, shade)
        _windows(part, left, top, left + width, base, far)
        if not far and chance(b.rng, 0.5):
            part.lift(part.box(left, top, left + width, top + 4), (70, 62, 60), 0.6)
        left += width + (between(b.rng, 0, 10) if chance(b.rng, 0.2) else 0)


def _windows(b: Backdrop, x0: float, y0: float, x1: float, y1: float, far: bool) -> None:
    step_x, step_y = (5.0, 6.0) if far else (between(b.rng, 11, 16), between(b.rng, 15, 20))
    u, v = (b.columns - x0 - 2) / np.float32(step_x), (b.rows - y0 - 5) / np.float32(step_y)
    iu, iv = u - np.floor(u), v - np.floor(v)
    pane = (iu > 0.28) & (iu < 0.78) & (iv > 0.2) & (iv < 0.78)
    inside = b.box(x0 + 3, y0 + 5, x1 - 3, y1 - (3 if far else 16))
    tone = pick(b.rng, ((70, 84, 102), (96, 116, 138), (58, 62, 70)))
    b.lift(pane & inside, tone, 0.8)
    lit = b.noise(np.floor(u) * 13, np.floor(v) * 17, 1) > 0.35
    b.lift(pane & inside & lit, (226, 214, 170), 0.55)


def road(b: Backdrop, z0: float, z1: float, colour: Colour = (92, 92, 96)) -> None:
    """A road across the picture between two distances, with a dashed middle line."""
    lane = (b.z > z0) & (b.z < z1) & (b.rows > b.camera.horizon)
    b.ground(lane, "road", colour, 0.16, 26)
    middle, wide = math.sqrt(z0 * z1), 0.035 * z1
    dash = (b.x * 0.35 - np.floor(b.x * 0.35)) < 0.55
    b.lift(lane & (abs(b.z - middle) < wide) & dash, (232, 228, 212), 0.8)
    for edge in (z0 * 1.03, z1 * 0.97):
        b.lift(lane & (abs(b.z - edge) < wide * 0.5), (214, 210, 196), 0.5)


def paved(b: Backdrop, where: np.ndarray, colour: Colour = (174, 168, 160), slab: float = 1.1) -> None:
    """Pavement of slabs with joints that narrow with distance."""
    b.ground(where, "pavement", colour, 0.1, 18)
    u, v = b.x * np.float32(slab), b.z * np.float32(slab)
    seam = np.minimum(u - np.floor(u), v - np.floor(v)) < 0.05
    b.lift(where & seam, (96, 92, 88), 0.4 * np.minimum(1, 5 / b.z))


def water(b: Backdrop, where: np.ndarray, kind: str, colour: Colour, chop: float = 1.0) -> None:
    """Water: small waves far away, large ones near, and the sky's light in it."""
    depth = np.sqrt(np.maximum(b.rows - b.camera.horizon, 0)) * np.float32(2.4)
    ripple = (
        b.noise(b.columns * 0.5 / (1 + depth * 0.08), depth * 14, 1) * 0.5
        + wave(depth * 0.8 + b.noise(b.columns, b.rows * 3, 0.7)) * 0.3
    )
    b.paint(where, kind, colour, ripple * np.float32(0.16 * chop))
    b.lift(where & (ripple > 0.42), (232, 240, 244), 0.25 * chop)
    b.lift(where, (214, 228, 240), np.clip(0.4 - (b.rows - b.camera.horizon) * 0.008, 0, 0.4))


def wall(b: Backdrop, foot: float, kind: str, colour: Colour) -> None:
    """A wall from the top of the picture down to the row ``foot``, lit more from one side."""
    where = b.rows < foot
    side = (b.columns / WIDTH - 0.5) * np.float32(pick(b.rng, (-0.24, 0.24)))
    shade = side - np.clip((b.rows - foot + 40) / 400, 0, 1) + b.noise(b.columns, b.rows, 0.8) * 0.03
    u, v = b.columns, b.rows
    if kind == "wall-brick":
        course = np.floor(v / 8)
        brick = u / 18 + 0.5 * (course - 2 * np.floor(course / 2))
        shade = shade + b.noise(np.floor(brick) * 31, course * 17, 1) * 0.13 + b.grain() * 0.06
        joint = ((v / 8 - course) < 0.16) | ((brick - np.floor(brick)) < 0.08)
        b.paint(where, kind, colour, shade)
        b.lift(where & joint, (198, 188, 178), 0.55)
    elif kind == "wall-tile":
        step = pick(b.rng, (14, 18, 24))
        b.paint(where, kind, colour, shade + b.noise(np.floor(u / step) * 31, np.floor(v / step) * 17, 1) * 0.04)
        joint = ((u / step - np.floor(u / step)) < 0.09) | ((v / step - np.floor(v / step)) < 0.09)
        b.lift(where & joint, (150, 150, 150), 0.45)
    elif kind == "wall-wood":
        plank = np.floor(u / 22)
        b.paint(where, kind, colour, shade + b.noise(plank * 41, v * 0.12, 1) * 0.12 + b.noise(u, v * 0.15, 3) * 0.07)
        b.lift(where & ((u / 22 - plank) < 0.06), (50, 34, 22), 0.5)
    else:
        paper = wave(u / pick(b.rng, (14, 22, 30))) * 0.05 if chance(b.rng, 0.35) else 0.0
        b.paint(where, kind, colour, shade + b.grain() * 0.02 + paper)
    if chance(b.rng, 0.6):
        b.lift(where & (b.rows >= foot - 5), (236, 232, 226), 0.7)


def floor(b: Backdrop, top: float, kind: str, colour: Colour) -> None:
    """A floor from the row ``top`` to the bottom."""
    where = b.rows >= top
    if kind == "floor-wood":
        plank = np.floor(b.x * 6)
        tone = b.noise(plank * 37, np.floor(b.z * 0.7 + plank * 0.37) * 23, 1) * 0.14
        b.paint(where, kind, colour, tone + b.noise(b.x * 2, b.z * 0.3, 16) * 0.07)
        b.lift(where & ((b.x * 6 - plank) < 0.05), (60, 40, 24), 0.35)
    elif kind == "floor-tile":
        u, v = b.x * 2.6, b.z * 2.6
        odd = (np.floor(u) + np.floor(v)) * 0.5
        check = 0.16 * ((odd - np.floor(odd)) > 0.25) if chance(b.rng, 0.5) else 0.0
        b.paint(where, kind, colour, b.noise(b.x, b.z, 12) * 0.05 - check)
        b.lift(where & (np.minimum(u - np.floor(u), v - np.floor(v)) < 0.05), (120, 116, 112), 0.4)
    else:
        b.ground(where, kind, colour, 0.12, 40)
    b.lift(
        where,
        (255, 250, 240),
        np.clip(0.22 - np.abs(b.columns - 160 - 60 * b.noise(b.rows * 0, b.rows * 0, 1)) / 500, 0, 0.2),
    )


def window(b: Backdrop, x0: float, y0: float, x1: float, y1: float, mood: str) -> None:
    """A window with a view of the sky and trees, a frame, sometimes curtains or blinds."""
    b = b.part(x0 - 8, y0 - 6, x1 + 8, y1 + 28)
    glass = b.box(x0, y0, x1, y1)
    top, low = SKIES[mood]
    share = np.clip((b.rows - y0) / np.float32(y1 - y0), 0, 1)
    b.paint(
        glass, "window-other", [top[k] * 0.4 + low[k] * 0.6 + (low[k] - top[k]) * 0.3 * share + 20 for k in range(3)]
    )
    garden = glass & (b.rows > y1 - (y1 - y0) * 0.36 + b.noise(b.columns, b.rows * 0, 3) * 9)
    b.lift(garden, (104, 138, 92), 0.55)
    frame = (200, 196, 188) if chance(b.rng, 0.6) else (120, 84, 54)
    middle = (x0 + x1) / 2
    bars = (
        (abs(b.columns - middle) < 1.6)
        | (b.columns < x0 + 3)
        | (b.columns >= x1 - 3)
        | (b.rows < y0 + 3)
        | (b.rows >= y1 - 3)
    )
    b.lift(glass & bars, frame, 1.0)
    dressing = pick(b.rng, ("none", "curtain", "curtain", "blind"))
    if dressing == "curtain":
        colour = pick(b.rng, ((176, 90, 84), (208, 196, 168), (96, 118, 150), (132, 150, 112)))
        wide = (x1 - x0) * between(b.rng, 0.2, 0.32)
        for a, z in ((x0 - 6, x0 + wide), (x1 - wide, x1 + 6)):
            cloth = b.box(a, y0 - 5, z, y1 + between(b.rng, 8, 26))
            b.paint(cloth, "curtain", colour, wave(b.columns / 8 + b.rows * 0.004) * 0.16)
    elif dressing == "blind":
        slats = b.box(x0, y0, x1, y0 + (y1 - y0) * between(b.rng, 0.3, 0.7))
        b.paint(slats, "window-blind", (222, 216, 204), wave(b.rows / 5) * 0.12)


def tree(b: Backdrop, x: float, z: float, height: float, colour: Colour, kind: str = "round") -> None:
    """A tree that belongs to the backdrop: a trunk and a crown of noise."""
    foot_x, foot_y = b.camera.pixel(x, 0, z)
    tall = height * b.camera.scale(z)
    b = b.part(foot_x - tall * 0.5 - 4, foot_y - tall * 1.2 - 4, foot_x + tall * 0.5 + 4, foot_y + 1)
    trunk = (abs(b.columns - foot_x) < tall * 0.04 + 1) & (b.rows <= foot_y) & (b.rows > foot_y - tall * 0.6)
    b.depth[trunk] = z
    b.paint(trunk, "tree", (96, 70, 48), b.noise(b.columns * 4, b.rows, 2) * 0.2)
    cx, cy = foot_x, foot_y - tall * 0.68
    rx, ry = tall * (0.3 if kind == "round" else 0.22), tall * 0.36
    dx, dy = (b.columns - cx) / np.float32(rx), (b.rows - cy) / np.float32(ry)
    if kind == "pine":
        share = np.clip((b.rows - (foot_y - tall)) / np.float32(tall * 0.86), 0, 1)
        edge = np.abs(b.columns - cx) - rx * 1.15 * share * (0.75 + 0.5 * (share * 4 - np.floor(share * 4)))
        crown = (edge < b.noise(b.columns, b.rows, 6) * 2) & (share > 0) & (share < 1)
    else:
        crown = dx * dx + dy * dy < 0.82 + b.noise(b.columns, b.rows, 5) * 0.42
    b.depth[crown] = z
    b.paint(crown, "tree", colour, b.noise(b.columns, b.rows, 8) * 0.26 - (dx * 0.09 + dy * 0.16) + b.grain() * 0.1)


def rows_of(b: Backdrop, z: float) -> float:
    """The row where the ground at distance z is seen."""
    return b.camera.pixel(0, 0, z)[1]


def full(b: Backdrop) -> np.ndarray:
    """Every pixel."""
    return np.ones((HEIGHT, WIDTH), bool)
