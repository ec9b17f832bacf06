"""Close views of a table and of a desk, with what lies on them."""

from __future__ import annotations

import numpy as np

from synscenes.micrococo import scenery
from synscenes.micrococo.backdrop import WIDTH, Camera
from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.dials import Dials
from synscenes.micrococo.figure import Body
from synscenes.micrococo.furniture import WOODS
from synscenes.micrococo.gatherings import spread
from synscenes.micrococo.rooms import room
from synscenes.micrococo.scene import Stage, Thing, Zone
from synscenes.micrococo.solids import Cutout
from synscenes.micrococo.vignettes import figure

FOOD = (
    ("cup", 3.0), ("bowl", 2.4), ("bottle", 2.2), ("wine glass", 1.8), ("pizza", 1.6), ("cake", 1.3),
    ("sandwich", 1.3), ("donut", 1.2), ("banana", 1.0), ("apple", 1.2), ("orange", 1.0), ("broccoli", 0.8),
    ("carrot", 0.9), ("hot dog", 0.8), ("knife", 1.0), ("spoon", 1.0), ("vase", 0.6),
)  # fmt: skip
DESK = (
    ("laptop", 2.6), ("keyboard", 1.8), ("mouse", 1.8), ("book", 2.6), ("cup", 2.2), ("cell phone", 1.6),
    ("bottle", 0.8), ("scissors", 0.9), ("clock", 0.6), ("remote", 0.5), ("apple", 0.4),
)  # fmt: skip


def dining(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """A table seen from close by, food and dishes on it."""
    return _close_up("dining table", rng, split, dials, FOOD, True)


def desk(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """A desk seen from close by."""
    return _close_up("desk", rng, split, dials, DESK, False)


def _close_up(setting: str, rng: np.random.Generator, split: str, dials: Dials, goods: tuple, thing: bool) -> Stage:
    camera = Camera(between(rng, 0.36, 0.5), between(rng, 8, 44), 290)
    far = between(rng, 1.05, 1.4)
    edge = camera.pixel(0, 0, far)[1]
    stage = room(setting, rng, split, dials, camera, far * 1.0, ("wall-other", "wall-wood", "wall-brick"))
    b = stage.backdrop
    if chance(rng, 0.5):
        x = between(rng, 0, 200)
        scenery.window(b, x, -6, x + between(rng, 70, 130), edge - between(rng, 14, 30), stage.mood)
    b.lift(b.rows < edge, (128, 120, 112), 0.12)
    top = b.rows >= edge
    colour = pick(
        rng,
        (*WOODS, (226, 222, 214))
        if split == "train"
        else ((96, 76, 66), (206, 196, 184), (170, 120, 84), (120, 132, 140)),
    )
    plank = np.floor(b.x * 9)
    grain = b.noise(b.x * 90, b.z * 8, 1) * 0.09 + b.noise(plank * 37, b.z * 0 + 5, 1) * 0.06
    if chance(rng, 0.3):
        check = np.floor(b.x * 14) + np.floor(b.z * 14)
        grain = grain * 0.4 + 0.16 * ((check * 0.5 - np.floor(check * 0.5)) > 0.25) - 0.08
    b.paint(top, "table" if thing else "desk-stuff", colour, grain)
    b.lift(top, (255, 250, 240), np.clip(0.2 - abs(b.columns - between(rng, 60, 260)) / 700, 0, 0.2))
    support = _table_thing(stage, top, far) if thing else None
    surface = Zone(0, 0.6, far * 0.93, 8, WIDTH - 8)
    stage.zones = {"top": surface}
    if dials.context:
        if chance(rng, 0.5):
            _guest(stage, far)
        count = int(between(rng, 5, 11) * dials.clutter)
        spread(stage, surface, count, goods, support)
    return stage


def _table_thing(stage: Stage, top: np.ndarray, far: float) -> Thing:
    """The table top that fills the lower picture is a thing in COCO, not stuff."""
    rgb = np.clip(stage.backdrop.rgb, 0, 255).astype(np.uint8)
    cutout = Cutout(rgb, (top * 255).astype(np.uint8), 0, 0)
    thing = stage.put("dining table", cutout, 0, 0, far, 0.1, 90.0, None, "none")
    thing.traits["wide"] = True
    return thing


def _guest(stage: Stage, far: float) -> None:
    """Someone who sits at the far side of the table, seen above its edge."""
    rng = stage.rng
    z = far + between(rng, 0.25, 0.5)
    x = between(rng, -0.4, 0.4) * z
    made = figure(
        stage, "sitting", x, -0.78, z, 0.46, between(rng, -0.5, 0.5), 95.0, Body(between(rng, 1.55, 1.85), 0.152)
    )
    if made:
        made[0].shadow = "none"
        # The table hides what is below its far edge (a desk is stuff: it is not drawn over the guest).
        edge = int(stage.camera.pixel(0, 0, far)[1]) - made[0].cutout.top
        made[0].cutout.alpha[max(edge, 0) :] = 0
