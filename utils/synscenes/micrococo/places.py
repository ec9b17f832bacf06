"""More settings under the open sky: harbour, airfield, railway station, tennis court and sports field."""

from __future__ import annotations

import numpy as np

from synscenes.micrococo import scenery
from synscenes.micrococo.backdrop import WIDTH, Camera
from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.dials import Dials
from synscenes.micrococo.gatherings import crowd, seat
from synscenes.micrococo.outside import GREENS, _then, open_air
from synscenes.micrococo.rides import player, rider
from synscenes.micrococo.scene import Stage, Zone
from synscenes.micrococo.vignettes import single, stroller


def harbour(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """Water with boats before a town or hills, a quay in front."""
    stage = open_air("harbour", rng, split, dials, Camera(between(rng, 2.4, 3.6), between(rng, 74, 100), 300))
    b = stage.backdrop
    if split == "train":
        scenery.town(b, 12, 30, True)
    else:
        scenery.hills(b, "mountain", (110, 122, 130), between(rng, 20, 46), 0.5, 1, 0.35)
    quay = between(rng, 5.5, 7.0)
    water = (b.rows >= b.camera.horizon) & (b.z > quay)
    scenery.water(
        b, water, "river" if split == "val" and chance(rng, 0.5) else "sea", pick(rng, ((64, 104, 130), (70, 118, 126)))
    )
    ground = (b.rows >= b.camera.horizon) & ~water
    if chance(rng, 0.5):
        scenery.paved(b, ground, (160, 154, 146), 1.0)
    else:
        b.ground(ground, "platform", (150, 122, 92), 0.16, 12)
        b.lift(ground & ((b.x * 4 - np.floor(b.x * 4)) < 0.07), (60, 46, 34), 0.5)
    land, sea = Zone(0, 4.0, quay - 0.2), Zone(0, quay + 3, quay * 5)
    stage.zones = {"land": land, "water": sea}
    return _then(stage, [
        (lambda: single(stage, sea, "boat"), 5.0),
        (lambda: stroller(stage, land), 2.6),
        (lambda: single(stage, land, pick(rng, ("bird", "bicycle", "suitcase", "dog"))), 1.5),
        (lambda: seat(stage, land, "bench"), 0.8),
    ], 4, 9)  # fmt: skip


def airfield(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """A runway, aeroplanes on it and above it."""
    stage = open_air("airfield", rng, split, dials, Camera(between(rng, 2.2, 3.4), between(rng, 104, 138), 300))
    b = stage.backdrop
    scenery.hills(b, "hill", (118, 136, 112), between(rng, 6, 20), 0.4, 1, 0.4)
    if split == "train":
        scenery.town(b, 6, 16, True)
    b.ground(b.rows >= b.camera.horizon, "grass", pick(rng, GREENS[split]), 0.24, 16)
    near, far = between(rng, 5, 7), between(rng, 18, 30)
    runway = (b.z > near) & (b.z < far) & (b.rows >= b.camera.horizon)
    b.ground(runway, "pavement" if split == "train" else "road", (134, 134, 138), 0.08, 12)
    b.lift(runway & (abs(b.z - near * 1.8) < 0.25) & ((b.x * 0.2 - np.floor(b.x * 0.2)) < 0.6), (240, 240, 236), 0.8)
    strip, front = Zone(0, near * 1.5, far), Zone(0, 3.4, near + 1)
    stage.zones = {"runway": strip, "front": front}

    def aloft() -> None:
        from synscenes.micrococo import items

        item = items.make("airplane", rng, split, turn=0.35, kind="sprite")
        z = between(rng, 30, 90)
        row, column = between(rng, 20, b.camera.horizon * 0.75), between(rng, 10, WIDTH - 10)
        scale = b.camera.scale(z)
        stage.add(
            item,
            (column - b.camera.middle) / scale,
            b.camera.height - (row - b.camera.horizon) / scale,
            z,
            shadow="none",
        )

    return _then(stage, [
        (lambda: single(stage, strip, "airplane", "solid"), 3.2),
        (aloft, 2.4),
        (lambda: single(stage, Zone(0, near, near * 2), pick(rng, ("truck", "bus", "car"))), 1.6),
        (lambda: stroller(stage, front), 1.8),
        (lambda: single(stage, front, "suitcase"), 0.8),
    ], 3, 7)  # fmt: skip


def station(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """A platform, rails, a train."""
    stage = open_air("station", rng, split, dials, Camera(between(rng, 2.0, 2.8), between(rng, 84, 110), 300))
    b = stage.backdrop
    if chance(rng, 0.6):
        scenery.town(b, 16, 50, True)
    else:
        scenery.hills(b, "tree", pick(rng, GREENS[split]), 30, 0.7)
    b.ground(
        b.rows >= b.camera.horizon,
        "gravel" if split == "val" else "grass",
        (140, 132, 118) if split == "val" else (110, 136, 76),
        0.26,
        30,
    )
    near, far = between(rng, 6.0, 7.0), between(rng, 10.5, 12)
    bed = (b.z > near) & (b.z < far) & (b.rows >= b.camera.horizon)
    b.ground(bed, "railroad", (118, 108, 100), 0.36, 60)
    sleeper = bed & ((b.x * 1.6 - np.floor(b.x * 1.6)) < 0.35) & (b.z > near + 0.5) & (b.z < far - 0.5)
    b.lift(sleeper, (82, 62, 48), 0.7)
    for z in (near + 0.9, far - 1.0):
        b.lift(bed & (abs(b.z - z) < 0.09), (206, 208, 212), 0.9)
    scenery.paved(b, (b.z <= near) & (b.rows >= b.camera.horizon), (168, 160, 150), 1.2)
    deck = (b.z <= near) & (b.rows >= b.camera.horizon)
    b.stuff[deck] = 144
    b.lift(deck & (b.z > near * 0.93), (238, 206, 70), 0.8)
    track, deck_zone = Zone(0, near + 1.6, far - 0.8, 60, WIDTH - 60), Zone(0, 3.2, near - 0.6)
    stage.zones = {"track": track, "platform": deck_zone}
    if dials.context:
        single(stage, track, "train")
    return _then(stage, [
        (lambda: stroller(stage, deck_zone), 4.5),
        (lambda: single(stage, deck_zone, pick(rng, ("suitcase", "backpack", "suitcase", "clock"))), 1.8),
        (lambda: seat(stage, deck_zone, "bench", 0.8), 1.4),
        (lambda: single(stage, deck_zone, pick(rng, ("dog", "bird", "bicycle"))), 0.8),
    ], 3, 7)  # fmt: skip


def court(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """A tennis court or a ball field."""
    stage = open_air("court", rng, split, dials, Camera(between(rng, 2.2, 3.2), between(rng, 72, 96), 300))
    b = stage.backdrop
    scenery.hills(b, "tree", pick(rng, GREENS[split]), between(rng, 18, 40), 0.7, 2)
    tennis = chance(rng, 0.65)
    stage.setting = "tennis court" if tennis else "ball field"
    b.ground(b.rows >= b.camera.horizon, "grass", pick(rng, GREENS[split]), 0.2, 24)
    clay = pick(rng, ((186, 98, 66), (70, 122, 88)) if split == "train" else ((64, 104, 148), (150, 92, 120)))
    inner = (
        (b.rows >= b.camera.horizon) & (b.z < 17)
        if tennis
        else (b.rows >= b.camera.horizon) & (b.z < 9) & (abs(b.x) < b.z * 0.45)
    )
    b.ground(inner, "playingfield", clay if tennis else (188, 148, 104), 0.07, 20)
    if tennis:
        for z in (5.2, 9.0, 14.0):
            b.lift(inner & (abs(b.z - z) < 0.012 * z + 0.03), (244, 244, 240), 0.85)
        for x in (-3.2, 0.0, 3.2):
            b.lift(inner & (abs(b.x - x) < 0.07) & (b.z > 5.2), (244, 244, 240), 0.8)
        row, scale = b.camera.pixel(0, 0, 11.5)[1], b.camera.scale(11.5)
        band = (b.rows > row - scale) & (b.rows < row)
        knots = ((b.columns / 4 - np.floor(b.columns / 4)) < 0.3) | ((b.rows / 4 - np.floor(b.rows / 4)) < 0.3)
        b.stuff[band] = 138
        b.lift(band & knots, (60, 62, 66), 0.5)
        b.lift(band & (b.rows < row - scale + 3), (246, 246, 246), 0.95)
    fence = (b.rows > b.camera.horizon - 16) & (b.rows < b.camera.horizon + 3)
    if chance(rng, 0.6):
        b.stuff[fence] = 113
        mesh = (((b.columns + b.rows) / 5 - np.floor((b.columns + b.rows) / 5)) < 0.25) | (
            ((b.columns - b.rows) / 5 - np.floor((b.columns - b.rows) / 5)) < 0.25
        )
        b.lift(fence & mesh, (70, 84, 78), 0.6)
    near, far = Zone(0, 3.4, 8.5), Zone(0, 12.2, 16)
    stage.zones = {"near": near, "far": far}
    game = "tennis racket" if tennis else "baseball bat"
    return _then(stage, [
        (lambda: player(stage, near, game), 4.0),
        (lambda: player(stage, far, game), 1.8),
        (lambda: player(stage, near, "sports ball"), 1.4),
        (lambda: stroller(stage, far), 1.6),
        (lambda: single(stage, near, pick(rng, ("sports ball", "backpack", "bottle"))), 1.2),
        (lambda: seat(stage, Zone(0, 12.5, 16), "bench"), 1.0),
        (lambda: crowd(stage, Zone(0, 14, 18)), 1.2 * dials.crowds),
        (lambda: rider(stage, near, "skateboard"), 0.2),
    ], 3, 7)  # fmt: skip
