"""All settings, how often each comes, and the scenes whose context is taken away."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synscenes.micrococo import close_ups, inside, items, outside, places
from synscenes.micrococo.backdrop import HEIGHT, WIDTH
from synscenes.micrococo.chance import between, pick, weighted
from synscenes.micrococo.dials import Dials
from synscenes.micrococo.scene import Stage
from synscenes.micrococo.vignettes import figure

Builder = Callable[[np.random.Generator, str, Dials], Stage]

SETTINGS: tuple[tuple[Builder, float], ...] = (
    (outside.street, 3.2),
    (outside.park, 2.4),
    (outside.beach, 1.8),
    (outside.snow, 1.5),
    (outside.field, 1.4),
    (outside.savanna, 1.1),
    (places.harbour, 1.0),
    (places.airfield, 0.8),
    (places.station, 1.0),
    (places.court, 1.5),
    (inside.living_room, 1.8),
    (inside.kitchen, 1.7),
    (close_ups.dining, 2.0),
    (close_ups.desk, 1.4),
    (inside.bedroom, 0.9),
    (inside.bathroom, 0.8),
)
# Without context any thing may be anywhere: about as often as in scenes with it.
_ANYTHING = (
    ("person", 7.0), ("car", 1.6), ("bicycle", 0.8), ("motorcycle", 0.5), ("bus", 0.6), ("truck", 0.6), ("train", 0.4),
    ("boat", 0.7), ("airplane", 0.6), ("traffic light", 0.5), ("fire hydrant", 0.5), ("stop sign", 0.4), ("bench", 0.5),
    ("bird", 0.9), ("cat", 0.6), ("dog", 1.0), ("horse", 0.6), ("sheep", 0.7), ("cow", 0.7), ("elephant", 0.6),
    ("zebra", 0.6), ("giraffe", 0.6), ("bear", 0.2), ("backpack", 0.5), ("umbrella", 0.5), ("handbag", 0.5),
    ("suitcase", 0.6), ("sports ball", 0.7), ("kite", 0.5), ("bottle", 0.8), ("wine glass", 0.5), ("cup", 1.0),
    ("knife", 0.4), ("spoon", 0.4), ("bowl", 0.8), ("banana", 0.4), ("apple", 0.6), ("sandwich", 0.4), ("orange", 0.5),
    ("broccoli", 0.3), ("carrot", 0.4), ("pizza", 0.5), ("donut", 0.4), ("cake", 0.5), ("chair", 1.2), ("couch", 0.5),
    ("potted plant", 0.6), ("bed", 0.3), ("dining table", 0.6), ("toilet", 0.4), ("tv", 0.5), ("laptop", 0.6),
    ("book", 1.0), ("clock", 0.4), ("vase", 0.4), ("teddy bear", 0.4),
)  # fmt: skip


def build(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """Build one scene: draw a setting, then let it fill its stage (or scatter things, where context is off)."""
    stage = weighted(rng, SETTINGS)(rng, split, dials)
    if not dials.context:
        _scatter(stage)
    return stage


def _scatter(stage: Stage) -> None:
    rng = stage.rng
    for _ in range(max(int(between(rng, 4, 10) * stage.dials.clutter), 1)):
        category = weighted(rng, _ANYTHING)
        wanted = pick(rng, (18, 28, 40, 60, 90, 130)) * between(rng, 0.8, 1.2)  # pixels tall
        column, row = between(rng, 0, WIDTH), between(rng, wanted * 0.5, HEIGHT + wanted * 0.2)
        item = None if category == "person" else items.make(category, rng, stage.split)
        tall, wide = (1.7, 0.6) if item is None else (max(item.height, item.width * 0.5), item.width)
        z = stage.camera.focal * tall / wanted
        half = wide * stage.camera.scale(z) / 2
        if not stage.free((column - half, row - wanted, column + half, row)):
            continue
        x = (column - stage.camera.middle) / stage.camera.scale(z)
        y = stage.camera.height - (row - stage.camera.horizon) / stage.camera.scale(z)
        if item is None:
            made = figure(
                stage, pick(rng, ("standing", "walking", "running", "cheering", "jumping", "sitting")), x, y, z
            )
            thing = made[0] if made else None
        else:
            thing = stage.add(item, x, y, z)
        if thing:
            thing.shadow = "none"
            thing.order = rng.random()
