"""Settings under the open sky: each paints its backdrop, opens its zones and says what happens there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synscenes.micrococo import scenery
from synscenes.micrococo.backdrop import WIDTH, Backdrop, Camera
from synscenes.micrococo.chance import between, chance, pick, weighted
from synscenes.micrococo.dials import Dials
from synscenes.micrococo.gatherings import crowd, flock, laid_table, seat
from synscenes.micrococo.rides import player, rider
from synscenes.micrococo.scene import Stage, Zone
from synscenes.micrococo.solids import Light
from synscenes.micrococo.vignettes import single, stroller

Plan = list[tuple[Callable[[], object], float]]
PICNIC = (("sandwich", 2), ("apple", 2), ("bottle", 2), ("cup", 2), ("cake", 1), ("banana", 1))
GREENS = {
    "train": ((96, 140, 70), (112, 150, 62), (84, 126, 66)),
    "val": ((124, 148, 74), (104, 132, 84), (136, 150, 90)),
}
MOODS = {"train": ("clear", "cloudy", "overcast", "evening"), "val": ("clear", "cloudy", "overcast", "morning")}


def open_air(
    setting: str, rng: np.random.Generator, split: str, dials: Dials, camera: Camera, wear: str = "town"
) -> Stage:
    """A stage with sky and sun."""
    mood = pick(rng, MOODS[split]) if chance(rng, 0.75) else "clear"
    side = pick(rng, (-1, 1))
    soft = {"overcast": 0.74, "cloudy": 0.62}.get(mood, 0.54)
    light = Light((side * between(rng, 0.4, 0.62), 0.66, 0.42), soft)
    b = Backdrop(camera, rng)
    scenery.sky(b, mood)
    return Stage(setting, split, rng, dials, camera, b, mood, light, wear=wear)


def fill(stage: Stage, plan: Plan, low: int, high: int) -> None:
    """Let several of the plan's stories happen, likelier ones more often."""
    count = max(int(between(stage.rng, low, high + 1) * stage.dials.clutter), 1)
    for _ in range(count):
        weighted(stage.rng, plan)()
    for _ in range(6):  # some places are never found free: no scene stays nearly empty
        if len(stage.things) >= 3:
            break
        weighted(stage.rng, plan)()


def street(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """Houses, pavement, a road, pavement again."""
    stage = open_air("street", rng, split, dials, Camera(between(rng, 1.7, 2.6), between(rng, 84, 108), 300))
    b = stage.backdrop
    near, far = between(rng, 5.2, 6.4), between(rng, 10.5, 13)
    if split == "train" or chance(rng, 0.4):
        scenery.town(b, 50, 90, True)
    else:
        scenery.hills(b, "tree", pick(rng, GREENS[split]), 34, 0.5)
    tone = pick(rng, ((174, 168, 160), (160, 158, 160), (186, 172, 152)))
    scenery.paved(b, b.rows >= b.camera.horizon, tone, between(rng, 0.8, 1.4))
    behind = b.camera.pixel(0, 0, far + between(rng, 2.4, 4.5))[1] - b.camera.horizon
    scenery.town(b, behind + 24, behind + 72, False, behind)
    scenery.road(b, near, far, pick(rng, ((92, 92, 96), (76, 78, 84), (108, 104, 102))))
    for _ in range(pick(rng, (0, 1, 2, 3))):
        x = between(rng, -9, 9)
        scenery.tree(b, x, far + 1.2, between(rng, 3.6, 5.5), pick(rng, GREENS[split]))
    lane = Zone(0, near + 0.6, far - 0.8, -25, WIDTH + 25)
    walk, back = Zone(0, 3.0, near - 0.1), Zone(0, far + 0.1, far + 2.2)
    stage.zones = {"road": lane, "walk": walk, "back": back}
    return _then(stage, [
        (lambda: single(stage, lane, "car"), 4.2),
        (lambda: single(stage, lane, pick(rng, ("bus", "truck", "motorcycle"))), 2.2),
        (lambda: rider(stage, lane, pick(rng, ("bicycle", "bicycle", "motorcycle"))), 1.5),
        (lambda: stroller(stage, walk), 4.5),
        (lambda: stroller(stage, back), 2.0),
        (lambda: single(stage, walk, pick(rng, ("fire hydrant", "parking meter", "stop sign", "traffic light"))), 1.7),
        (lambda: single(stage, back, pick(rng, ("traffic light", "stop sign", "parking meter"))), 1.0),
        (lambda: single(stage, walk, pick(rng, ("dog", "cat", "bird", "bicycle", "potted plant"))), 1.2),
        (lambda: rider(stage, walk, "skateboard"), 0.5),
        (lambda: seat(stage, walk, "bench"), 0.5),
        (lambda: crowd(stage, back), 1.2 * dials.crowds),
    ], 5, 10)  # fmt: skip


def park(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """Grass, trees, a path."""
    stage = open_air("park", rng, split, dials, Camera(between(rng, 1.6, 2.3), between(rng, 78, 104), 300))
    b = stage.backdrop
    green = pick(rng, GREENS[split])
    scenery.hills(b, "tree", tuple(c * 0.72 for c in green), between(rng, 26, 56), 0.6)
    b.ground(b.rows >= b.camera.horizon, "grass", green, 0.3, 30)
    if chance(rng, 0.6):
        offset, slope = between(rng, -1.5, 1.5), between(rng, -0.3, 0.3)
        path = (abs(b.x - offset - slope * b.z - b.noise(b.z * 6, b.z * 0, 1) * 0.5) < 1.0) & (
            b.rows >= b.camera.horizon + 4
        )
        b.ground(path, pick(rng, ("pavement", "dirt", "gravel")), (186, 168, 138), 0.14, 40)
    elif chance(rng, 0.4):
        pond = (
            (b.z > 8)
            & (b.z < 14)
            & (abs(b.x - between(rng, -3, 3)) < 5 + b.noise(b.x, b.z, 8))
            & (b.rows > b.camera.horizon)
        )
        scenery.water(b, pond, "water-other", (92, 132, 152), 0.7)
    for z in sorted((between(rng, 7, 16) for _ in range(pick(rng, (1, 2, 3, 4)))), reverse=True):
        kind = "pine" if split == "val" and chance(rng, 0.5) else "round"
        scenery.tree(
            b,
            between(rng, -0.5, 0.5) * z,
            z,
            between(rng, 3.5, 6),
            tuple(c * 0.85 for c in pick(rng, GREENS[split])),
            kind,
        )
    if chance(rng, 0.3):
        fence = (
            (b.rows > b.camera.horizon - 3)
            & (b.rows < b.camera.horizon + 9)
            & ((b.columns / 6 - np.floor(b.columns / 6) < 0.4) | (abs(b.rows - b.camera.horizon) < 1.5))
        )
        b.paint(fence, "fence", (150, 120, 88), b.grain() * 0.1)
    lawn, far = Zone(0, 2.8, 9), Zone(0, 8, 18)
    stage.zones = {"lawn": lawn, "far": far}
    return _then(stage, [
        (lambda: stroller(stage, lawn), 4.5),
        (lambda: stroller(stage, far), 2.0),
        (lambda: single(stage, lawn, "dog"), 2.0),
        (lambda: single(stage, lawn, "bird"), 1.5),
        (lambda: seat(stage, lawn, "bench", 0.7), 1.8),
        (lambda: player(stage, lawn, pick(rng, ("frisbee", "sports ball", "kite", "baseball bat"))), 2.2),
        (lambda: rider(stage, lawn, pick(rng, ("bicycle", "skateboard"))), 1.1),
        (lambda: single(stage, lawn, pick(rng, ("backpack", "bicycle", "sports ball", "umbrella"))), 0.8),
        (lambda: laid_table(stage, lawn, PICNIC), 0.7),
        (lambda: flock(stage, far, "bird"), 0.5),
        (lambda: crowd(stage, far), 1.0 * dials.crowds),
    ], 4, 9)  # fmt: skip


def beach(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """Sand, sea and sky."""
    stage = open_air("beach", rng, split, dials, Camera(between(rng, 1.7, 2.6), between(rng, 72, 98), 300), "beach")
    b = stage.backdrop
    if chance(rng, 0.4):
        scenery.hills(b, "mountain" if split == "val" else "hill", (110, 124, 118), between(rng, 10, 28), 0.4, 2, 0.4)
    shore = between(rng, 8, 13)
    edge = shore + b.noise(b.columns, b.columns * 0, 0.8) * shore * 0.13
    sea = (b.rows >= b.camera.horizon) & (b.z > edge)
    scenery.water(b, sea, "sea", pick(rng, ((52, 128, 160), (66, 146, 158), (60, 110, 150))))
    sand = (b.rows >= b.camera.horizon) & ~sea
    b.ground(sand, "sand", pick(rng, ((222, 200, 158), (206, 184, 146), (232, 214, 178))), 0.12, 40)
    b.lift(sand & (b.z > edge * 0.86), (150, 130, 104), 0.35)
    b.lift((abs(b.z - edge) < edge * 0.025) & (b.rows >= b.camera.horizon), (248, 250, 250), 0.85)
    if split == "val" and chance(rng, 0.4):
        rocks = (
            (b.z > 9)
            & (b.z < 10.5)
            & (abs(b.x - between(rng, -3, 3)) < 1.6 + b.noise(b.x, b.z, 9))
            & (b.rows > b.camera.horizon)
        )
        b.paint(rocks, "rock", (122, 112, 102), b.noise(b.columns, b.rows, 6) * 0.3)
    near, wet = Zone(0, 2.8, shore * 0.82), Zone(0, shore * 1.15, shore * 2.6)
    stage.zones = {"sand": near, "water": wet}
    return _then(stage, [
        (lambda: stroller(stage, near), 4.5),
        (lambda: rider(stage, wet, "surfboard"), 2.2),
        (lambda: single(stage, near, "umbrella"), 2.0),
        (lambda: single(stage, wet, "boat"), 1.6),
        (lambda: player(stage, near, pick(rng, ("kite", "frisbee", "sports ball"))), 1.8),
        (lambda: seat(stage, near, "chair", 0.4), 0.7),
        (lambda: single(stage, near, pick(rng, ("bird", "dog", "sports ball", "backpack", "handbag"))), 1.6),
        (lambda: flock(stage, near, "bird"), 0.5),
        (lambda: crowd(stage, Zone(0, shore * 0.6, shore * 0.85)), 1.2 * dials.crowds),
    ], 4, 9)  # fmt: skip


def snow(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """A slope with snow, woods and mountains behind."""
    stage = open_air("snow", rng, split, dials, Camera(between(rng, 1.8, 2.8), between(rng, 84, 112), 300), "snow")
    b = stage.backdrop
    scenery.hills(b, "mountain", (116, 128, 146), between(rng, 44, 76), 0.5, 1, 0.3)
    if chance(rng, 0.8):
        scenery.hills(b, "tree", (62, 88, 76), between(rng, 12, 30), 0.9, 5, 0.15)
    b.ground(b.rows >= b.camera.horizon, "snow", (236, 241, 248), 0.05, 8)
    b.lift(b.rows >= b.camera.horizon, (190, 208, 232), np.clip(b.noise(b.x, b.z, 2) * 0.5, 0, 0.4))
    for z in sorted((between(rng, 6, 18) for _ in range(pick(rng, (1, 2, 4, 5)))), reverse=True):
        scenery.tree(b, pick(rng, (-1, 1)) * between(rng, 0.2, 0.6) * z, z, between(rng, 3, 6), (58, 92, 74), "pine")
    slope, far = Zone(0, 3, 9), Zone(0, 8, 20)
    stage.zones = {"slope": slope, "far": far}
    return _then(stage, [
        (lambda: rider(stage, slope, "skis"), 4.0),
        (lambda: rider(stage, slope, "snowboard"), 3.0),
        (lambda: rider(stage, far, pick(rng, ("skis", "snowboard"))), 2.0),
        (lambda: stroller(stage, slope), 1.6),
        (lambda: single(stage, slope, pick(rng, ("dog", "backpack"))), 0.8),
        (lambda: single(stage, far, "bear"), 0.3),
        (lambda: crowd(stage, far), 1.0 * dials.crowds),
    ], 3, 7)  # fmt: skip


def field(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """Farm land: grass, a fence, a house far away."""
    stage = open_air("field", rng, split, dials, Camera(between(rng, 1.7, 2.6), between(rng, 76, 100), 300))
    b = stage.backdrop
    green = pick(rng, GREENS[split])
    scenery.hills(b, "hill" if split == "train" else "mountain", (118, 142, 104), between(rng, 14, 40), 0.4, 1, 0.35)
    if chance(rng, 0.6):
        scenery.hills(b, "tree", (80, 112, 70), between(rng, 8, 18), 1.0, 4, 0.2)
    b.ground(b.rows >= b.camera.horizon, "grass", green, 0.28, 26)
    if chance(rng, 0.5):
        x = between(rng, 30, 270)
        y = b.camera.horizon + 3
        b.paint(b.box(x, y - 20, x + 42, y), "house", pick(rng, ((164, 68, 56), (222, 214, 200))), b.grain() * 0.06)
        roof = (b.rows < y - 19) & (b.rows > y - 34) & (abs(b.columns - x - 21) < (b.rows - (y - 36)) * 1.6)
        b.paint(roof, "roof", (96, 78, 74), b.grain() * 0.1)
        b.lift(b.box(x + 16, y - 12, x + 27, y), (240, 236, 226), 0.8)
    if chance(rng, 0.5):
        z = between(rng, 11, 15)
        row, scale = b.camera.pixel(0, 0, z)[1], b.camera.scale(z)
        post = (b.columns / 24 - np.floor(b.columns / 24) < 0.12) & (b.rows < row) & (b.rows > row - 1.1 * scale)
        rail = (abs(b.rows - row + 0.9 * scale) < 1.3) | (abs(b.rows - row + 0.5 * scale) < 1.3)
        b.depth[post | rail] = z
        b.paint(post | rail, "fence", (142, 116, 88), b.grain() * 0.12)
    near, far = Zone(0, 3.4, 9), Zone(0, 8, 18)
    stage.zones = {"near": near, "far": far}
    beasts = ("sheep", "cow", "horse")
    return _then(stage, [
        (lambda: flock(stage, near, pick(rng, beasts)), 2.2),
        (lambda: flock(stage, far, pick(rng, beasts)), 2.6),
        (lambda: single(stage, near, pick(rng, (*beasts, "dog", "bird"))), 3.0),
        (lambda: rider(stage, near, "horse"), 1.6),
        (lambda: stroller(stage, near), 1.8),
        (lambda: single(stage, far, "truck"), 0.4),
    ], 3, 7)  # fmt: skip


def savanna(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """Dry grassland with the large animals."""
    stage = open_air("savanna", rng, split, dials, Camera(between(rng, 2.0, 3.2), between(rng, 84, 112), 300))
    b = stage.backdrop
    scenery.hills(b, "hill", (150, 144, 110), between(rng, 8, 26), 0.4, 2, 0.4)
    b.ground(
        b.rows >= b.camera.horizon,
        "grass",
        pick(rng, ((186, 164, 96), (170, 158, 92)) if split == "train" else ((196, 176, 116), (150, 152, 88))),
        0.26,
        22,
    )
    if chance(rng, 0.6):
        bare = (b.noise(b.x, b.z, 7) > 0.2) & (b.rows >= b.camera.horizon)
        b.ground(bare, "dirt", (176, 136, 96), 0.16, 20)
    for z in sorted((between(rng, 10, 26) for _ in range(pick(rng, (1, 2, 3)))), reverse=True):
        scenery.tree(b, pick(rng, (-1, 1)) * between(rng, 0.1, 0.5) * z, z, between(rng, 3.5, 6), (110, 122, 66))
    if split == "val" and chance(rng, 0.5):
        pool = (b.z > 9) & (b.z < 12) & (abs(b.x) < 6 + b.noise(b.x, b.z, 8)) & (b.rows > b.camera.horizon)
        scenery.water(b, pool, "river", (120, 138, 136), 0.6)
    near, far = Zone(0, 5.5, 11), Zone(0, 10, 24)
    stage.zones = {"near": near, "far": far}
    beasts = ("elephant", "zebra", "giraffe")
    return _then(stage, [
        (lambda: single(stage, near, pick(rng, beasts)), 3.0),
        (lambda: flock(stage, near, pick(rng, ("zebra", "elephant"))), 1.4),
        (lambda: flock(stage, far, pick(rng, beasts)), 2.4),
        (lambda: single(stage, near, "bird"), 0.8),
        (lambda: single(stage, far, pick(rng, ("truck", "car"))), 0.4),
    ], 3, 5)  # fmt: skip


def _then(stage: Stage, plan: Plan, low: int, high: int) -> Stage:
    if stage.dials.context:
        fill(stage, plan, low, high)
    return stage
