"""A bare room, and what hangs or stands at its walls: a television, a bookcase."""

from __future__ import annotations

import numpy as np

from synscenes.micrococo import items, scenery
from synscenes.micrococo.backdrop import Backdrop, Camera
from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.colours import PALETTE, blend, near
from synscenes.micrococo.dials import Dials
from synscenes.micrococo.furniture import WOODS
from synscenes.micrococo.outside import MOODS
from synscenes.micrococo.scene import Stage
from synscenes.micrococo.solids import Cutout, Light

PAINTS = {
    "train": ((214, 206, 190), (188, 200, 196), (224, 214, 206), (172, 182, 196), (220, 208, 170)),
    "val": ((202, 190, 200), (196, 206, 180), (230, 222, 200), (176, 168, 160), (166, 190, 200)),
}


def room(
    setting: str, rng: np.random.Generator, split: str, dials: Dials, camera: Camera, far: float, walls: tuple[str, ...]
) -> Stage:
    """A stage with a wall at the distance ``far`` and soft light."""
    mood = pick(rng, MOODS[split])
    light = Light((pick(rng, (-1, 1)) * between(rng, 0.3, 0.55), 0.7, 0.48), between(rng, 0.6, 0.7))
    b = Backdrop(camera, rng)
    foot = camera.pixel(0, 0, far)[1]
    kind = pick(rng, walls)
    paint = {
        "wall-brick": (160, 96, 78),
        "wall-wood": pick(rng, WOODS),
        "wall-tile": pick(rng, ((226, 230, 230), (188, 212, 216), (224, 216, 200))),
    }
    scenery.wall(b, foot, kind, paint.get(kind) or pick(rng, PAINTS[split]))
    return Stage(setting, split, rng, dials, camera, b, mood, light, indoors=True)


def television(stage: Stage, far: float) -> None:
    """A television hung on the wall or standing at it."""
    if any(thing.category == "tv" for thing in stage.things):
        return
    item = items.make("tv", stage.rng, stage.split, 0.0)
    x = between(stage.rng, -0.5, 0.5) * far
    box = stage.camera.pixel(x, 1.6, far)
    half = item.width * stage.camera.scale(far) / 2
    if stage.free((box[0] - half, box[1], box[0] + half, box[1] + half)):
        stage.add(item, x, between(stage.rng, 0.75, 1.0), far - 0.1, shadow="none")


def shelf(stage: Stage, foot: float) -> None:
    """A bookcase against the wall: stuff, with books that are one crowd."""
    b, rng = stage.backdrop, stage.rng
    x, wide, top = between(rng, 5, 250), between(rng, 44, 66), foot - between(rng, 84, 116)
    colour = pick(rng, WOODS)
    b.paint(b.box(x, top, x + wide, foot + 3), "shelf", blend(colour, (0, 0, 0), 0.25), b.grain() * 0.05)
    b.lift(b.box(x + 3, top + 3, x + wide - 3, foot), (40, 30, 24), 0.5)
    group = len(stage.things) if stage.dials.context else None
    levels = 3
    for k in range(levels):
        base = top + (k + 1) * (foot - top) / levels - 2
        b.lift(b.box(x, base, x + wide, base + 3), colour, 1.0)
        if group is not None and chance(rng, 0.8):
            _books(stage, x + 4, x + wide - 4, base, (foot - top) / levels - 8, group)


def _books(stage: Stage, x0: float, x1: float, base: float, high: float, group: int) -> None:
    rng = stage.rng
    at = x0
    rgb = np.zeros((int(high) + 1, int(x1 - x0) + 1, 3), np.uint8)
    alpha = np.zeros(rgb.shape[:2], np.uint8)
    while at < x1 - 4:
        wide, tall = int(between(rng, 3, 6)), int(high * between(rng, 0.6, 0.98))
        column = int(at - x0)
        rgb[-tall:, column : column + wide] = np.array(near(rng, PALETTE[pick(rng, sorted(PALETTE))], 18), np.uint8)
        rgb[-tall:, column] = rgb[-tall:, column] // 2
        alpha[-tall:, column : column + wide] = 255
        at += wide + (6 if chance(rng, 0.08) else 0)
    z = 50.0  # behind all else in the room
    thing = stage.put("book", Cutout(rgb, alpha, int(x0), int(base - rgb.shape[0])), 0, 0, z, 0.1, z, None, "none")
    thing.group = group
