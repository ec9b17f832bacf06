"""One thing to be placed: a sprite or solids, its real size, and how it is drawn at a place of the world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synscenes.micrococo import sprites
from synscenes.micrococo.backdrop import HEIGHT, WIDTH, Camera
from synscenes.micrococo.beasts import BEASTS
from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.furniture import FURNITURE
from synscenes.micrococo.goods import GOODS
from synscenes.micrococo.outdoors import OUTDOORS
from synscenes.micrococo.solids import Cutout, Light, Solid, View, span
from synscenes.micrococo.tracing import draw
from synscenes.micrococo.transport import TRANSPORT

BUILDERS = {**FURNITURE, **GOODS, **OUTDOORS, **TRANSPORT, **BEASTS}
# Where both a sprite and a builder exist, how often the sprite is taken.
_SPRITE_SHARE = {
    "chair": 0.15,
    "book": 0.35,
    "toilet": 0.3,
    "traffic light": 0.0,
    "stop sign": 0.0,
    "suitcase": 0.4,
    "train": 0.3,
    "zebra": 0.12,
}


@dataclass
class Item:
    """A thing not yet placed: ``width`` and ``height`` in metres; ``colour`` a palette name or None."""

    category: str
    colour: str | None
    width: float
    height: float
    solids: list[Solid] | None = None
    guise: sprites.Guise | None = None
    yaw: float = 0.0
    size: float = 1.0

    def draw(self, camera: Camera, light: Light, x: float, y: float, z: float) -> Cutout | None:
        """Draw it with its foot at a place of the world (metres); None when that is outside the picture."""
        foot, scale = camera.pixel(x, y, z), camera.scale(z) * self.size
        if self.guise is not None:
            tall = self.height / self.size * scale
            wide = tall * self.guise.aspect
            if foot[0] + wide < -20 or foot[0] - wide > WIDTH + 20 or foot[1] < -4 or foot[1] - tall > HEIGHT + 20:
                return None
            return sprites.render(self.guise, foot, tall, light, (WIDTH, HEIGHT))
        view = View(foot, scale, self.yaw, camera.pitch(z, y + 0.5 * self.height))
        return draw(self.solids, view, light, (WIDTH, HEIGHT), margin=8)


def make(
    category: str, rng: np.random.Generator, split: str, yaw: float | None = None, turn: float = 0.05, kind: str = ""
) -> Item:
    """Draw a new item of a category. ``yaw`` (radians) turns solids; ``turn`` bounds the rotation of sprites.

    ``kind`` "sprite" or "solid" asks for one of the two ways where both exist.
    """
    entries = sprites.choices(category, split) if kind != "solid" or category not in BUILDERS else ()
    if category in BUILDERS and kind != "sprite" and not (entries and chance(rng, _SPRITE_SHARE.get(category, 0.5))):
        solids, colour = BUILDERS[category](rng, split)
        return solid_item(
            category, solids, colour, _yaw(rng, category) if yaw is None else yaw, between(rng, 0.94, 1.06)
        )
    look = sprites.guise(pick(rng, entries), rng, turn)
    size = between(rng, 0.9, 1.1)
    height = look.entry.height * size * look.squash
    return Item(category, look.colour, height * look.aspect, height, guise=look, size=size)


def _yaw(rng: np.random.Generator, category: str) -> float:
    """Vehicles keep to their lane; other things stand more freely."""
    if category in ("horse", "zebra"):
        return pick(rng, (-1, 1)) * between(rng, 0.9, 2.2)
    reach = {
        "train": 0.03,
        "bus": 0.12,
        "truck": 0.12,
        "airplane": 0.5,
        "refrigerator": 0.1,
        "oven": 0.05,
        "couch": 0.25,
    }
    reach = reach.get(category, 0.6)
    return between(rng, -reach, reach)


def solid_item(category: str, solids: list[Solid], colour: str | None, yaw: float, size: float = 1.0) -> Item:
    """Wrap solids as an item; its size is measured as seen from the front, turned."""
    view = View((0.0, 0.0), 1.0, yaw, 0.0)
    spans = [span(solid, view) for solid in solids]
    width = 2 * max(max(-s[0], s[2]) for s in spans) * size
    height = max(s[3] for s in spans) * size
    return Item(category, colour, width, height, solids=solids, yaw=yaw, size=size)
