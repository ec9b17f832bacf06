"""What a scene is made of before and after it is drawn: the stage, the things on it, and how they relate."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from synscenes.micrococo.backdrop import HEIGHT, WIDTH, Backdrop, Camera
from synscenes.micrococo.chance import between
from synscenes.micrococo.dials import Dials
from synscenes.micrococo.items import Item
from synscenes.micrococo.solids import Cutout, Light


@dataclass
class Thing:
    """One object of the scene. ``order``: drawn from large to small; ``links``: (relation, other thing's number)."""

    number: int
    category: str
    cutout: Cutout
    x: float
    y: float
    z: float
    order: float
    colour: str | None = None
    group: int | None = None  # things of one crowd share a group
    keypoints: list[tuple[float, float, bool]] | None = None
    traits: dict[str, str | bool] = field(default_factory=dict)
    links: list[tuple[str, int]] = field(default_factory=list)
    shadow: str = "ground"  # "ground", "contact" or "none"
    foot: tuple[float, float] = (0.0, 0.0)
    wide: float = 0.0


@dataclass(frozen=True)
class Zone:
    """A level place where things may stand; ``level``, ``near``, ``far`` in metres, ``left``, ``right`` in pixels."""

    level: float
    near: float
    far: float
    left: float = -12.0
    right: float = WIDTH + 12.0


@dataclass
class Stage:
    """A scene under construction."""

    setting: str
    split: str
    rng: np.random.Generator
    dials: Dials
    camera: Camera
    backdrop: Backdrop
    mood: str
    light: Light
    zones: dict[str, Zone] = field(default_factory=dict)
    things: list[Thing] = field(default_factory=list)
    wear: str = "town"
    indoors: bool = False

    def spot(
        self, zone: Zone, item_width: float, item_height: float, tries: int = 10
    ) -> tuple[float, float, float] | None:
        """Find a free place (x, y, z) for something that size; None after some tries in vain."""
        for _ in range(tries):
            top, low = self.camera.pixel(0, zone.level, zone.far)[1], self.camera.pixel(0, zone.level, zone.near)[1]
            row = between(self.rng, top, low)
            z = self.camera.distance(row, zone.level)
            column = between(self.rng, zone.left, zone.right)
            scale = self.camera.scale(z)
            box = (column - item_width * scale / 2, row - item_height * scale, column + item_width * scale / 2, row)
            seen = min(box[2], WIDTH) - max(box[0], 0), min(box[3], HEIGHT) - max(box[1], 0)
            if seen[0] < 0.45 * (box[2] - box[0]) or seen[1] < 0.6 * min(box[3] - box[1], HEIGHT):
                continue
            if self.free(box):
                return (column - self.camera.middle) / scale, zone.level, z
        return None

    def free(self, box: tuple[float, float, float, float]) -> bool:
        """Whether a box (pixels) overlaps none of the things too much, as the occlusion dial has it."""
        for thing in self.things:
            if thing.category == "dining table" and thing.traits.get("wide"):
                continue
            c = thing.cutout
            h, w = c.alpha.shape
            wide = min(box[2], c.left + w) - max(box[0], c.left)
            high = min(box[3], c.top + h) - max(box[1], c.top)
            if wide > 0 and high > 0:
                smaller = min((box[2] - box[0]) * (box[3] - box[1]), h * w)
                if wide * high > self.dials.occlusion * smaller:
                    return False
        return True

    def add(
        self, item: Item, x: float, y: float, z: float, order: float | None = None, shadow: str = "ground"
    ) -> Thing | None:
        """Place an item and draw it; None when nothing of it falls into the picture."""
        cutout = item.draw(self.camera, self.light, x, y, z)
        if cutout is None:
            return None
        return self.put(item.category, cutout, x, y, z, item.width, z if order is None else order, item.colour, shadow)

    def put(
        self, category: str, cutout: Cutout, x: float, y: float, z: float, width: float, order: float,
        colour: str | None = None, shadow: str = "ground",
    ) -> Thing:  # fmt: skip
        """Add something already drawn."""
        thing = Thing(
            len(self.things), category, cutout, x, y, z, order, colour, shadow=shadow,
            foot=self.camera.pixel(x, y, z), wide=width * self.camera.scale(z),
        )  # fmt: skip
        self.things.append(thing)
        return thing
