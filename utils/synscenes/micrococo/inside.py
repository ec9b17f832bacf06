"""Settings under a roof: rooms, and the close views of a table, a desk and a counter."""

from __future__ import annotations

import numpy as np

from synscenes.micrococo import items, scenery
from synscenes.micrococo.backdrop import WIDTH, Camera
from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.close_ups import FOOD
from synscenes.micrococo.colours import blend
from synscenes.micrococo.dials import Dials
from synscenes.micrococo.furniture import WOODS
from synscenes.micrococo.gatherings import laid_table, seat, spread
from synscenes.micrococo.outside import _then
from synscenes.micrococo.rooms import room, shelf, television
from synscenes.micrococo.scene import Stage, Zone
from synscenes.micrococo.vignettes import single, stroller

COFFEE_TABLE = (("cup", 2), ("book", 2), ("vase", 1), ("remote", 2), ("laptop", 1), ("bowl", 1))
COUNTER = (*FOOD[:4], ("potted plant", 0.5), ("vase", 0.6), ("apple", 1), ("orange", 1), ("banana", 1))
BASIN = (("toothbrush", 2.0), ("cup", 1.0), ("bottle", 1.0))


def living_room(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """A couch, a television, a rug, a window."""
    far = between(rng, 4.2, 5.2)
    stage = room(
        "living room",
        rng,
        split,
        dials,
        Camera(between(rng, 1.5, 1.8), between(rng, 60, 84), 290),
        far,
        ("wall-other", "wall-other", "wall-brick" if split == "train" else "wall-wood"),
    )
    b, foot = stage.backdrop, stage.camera.pixel(0, 0, far)[1]
    scenery.floor(
        b,
        foot,
        "floor-wood" if split == "train" or chance(rng, 0.5) else "carpet",
        pick(rng, WOODS) if split == "train" else (176, 160, 148),
    )
    if chance(rng, 0.75):
        x = between(rng, 10, 220)
        scenery.window(b, x, between(rng, 6, 16), x + between(rng, 60, 100), foot - between(rng, 48, 66), stage.mood)
    if chance(rng, 0.6):
        wide = between(rng, 1.0, 1.7)
        rug = (abs(b.x - between(rng, -0.5, 0.5)) < wide) & (b.z > 2.4) & (b.z < far - 0.7) & (b.rows > foot)
        colour = pick(rng, ((150, 70, 66), (90, 110, 140), (186, 166, 126), (96, 128, 112)))
        ring = np.floor((abs(b.x) + abs(b.z - 3.2)) * 2.5)
        b.paint(rug, "rug", colour, 0.14 * ((ring * 0.5 - np.floor(ring * 0.5)) > 0.2) + b.grain() * 0.1)
    shelf(stage, foot) if chance(rng, 0.4) else None
    back, floor = Zone(0, far - 0.7, far - 0.45, 20, WIDTH - 20), Zone(0, 2.4, far - 0.9)
    stage.zones = {"back": back, "floor": floor}
    return _then(stage, [
        (lambda: seat(stage, Zone(0, far - 1.1, far - 0.6, 50, 270), "couch", 0.65), 3.0),
        (lambda: single(stage, back, "potted plant"), 1.2),
        (lambda: television(stage, far), 2.0),
        (lambda: single(stage, floor, pick(rng, ("cat", "dog", "teddy bear", "book", "cat", "vase"))), 2.6),
        (lambda: seat(stage, floor, "chair", 0.5), 1.2),
        (lambda: stroller(stage, floor), 1.5),
        (lambda: laid_table(stage, floor, COFFEE_TABLE, False), 1.2),
    ], 4, 8)  # fmt: skip


def kitchen(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """Cupboards, a counter, appliances, a tiled wall."""
    far = between(rng, 3.8, 4.6)
    stage = room(
        "kitchen",
        rng,
        split,
        dials,
        Camera(between(rng, 1.5, 1.75), between(rng, 64, 84), 290),
        far,
        ("wall-tile", "wall-other"),
    )
    b, foot = stage.backdrop, stage.camera.pixel(0, 0, far)[1]
    scenery.floor(
        b,
        foot,
        "floor-tile" if chance(rng, 0.6) else "floor-wood",
        pick(rng, ((206, 198, 186), (176, 170, 164), (150, 116, 84))),
    )
    if chance(rng, 0.6):
        x = between(rng, 60, 190)
        scenery.window(b, x, 10, x + between(rng, 50, 80), between(rng, 56, 70), stage.mood)
    front = far - 0.6
    scale = stage.camera.scale(front)
    floor_row, top_row = stage.camera.pixel(0, 0, front)[1], stage.camera.pixel(0, 0.9, front)[1]
    wall_row = stage.camera.pixel(0, 0.9, far)[1]
    wood = pick(
        rng,
        (*WOODS, (226, 222, 214), (120, 142, 130))
        if split == "train"
        else ((200, 206, 210), (92, 104, 120), (214, 200, 170)),
    )
    left, right = between(rng, -40, 40), between(rng, 260, 360)
    body = b.box(left, top_row, right, floor_row)
    step = 0.55 * scale
    u = (b.columns - left) / np.float32(step)
    b.paint(
        body,
        "cabinet",
        wood,
        b.noise(b.columns * 0.2, b.rows, 1) * 0.06 - 0.1 * ((b.rows - top_row) / (floor_row - top_row)),
    )
    b.lift(body & ((u - np.floor(u) < 0.03) | (abs(b.rows - top_row - 12) < 0.8)), blend(wood, (0, 0, 0), 0.6), 0.7)
    b.lift(body & (abs(u - np.floor(u) - 0.85) < 0.035) & (abs(b.rows - top_row - 22) < 5), (90, 90, 94), 0.8)
    slab = pick(rng, ((92, 90, 92), (196, 188, 176), (150, 110, 74)))
    b.paint(
        b.box(left - 3, wall_row, right + 3, top_row + 3),
        "counter",
        slab,
        b.grain() * 0.08 + 0.06 * ((top_row - b.rows) / 10),
    )
    b.lift(b.box(left - 3, top_row, right + 3, top_row + 3), (30, 30, 30), 0.35)
    if chance(rng, 0.6):
        b.paint(b.box(left + 20, -1, left + 20 + between(rng, 70, 130), between(rng, 22, 36)), "cabinet", wood, -0.08)
    counter = Zone(0.9, front + 0.12, far - 0.12, max(left, 0) + 10, min(right, WIDTH) - 10)
    floor = Zone(0, 2.3, front - 0.35)
    appliances = Zone(0, front - 0.35, front - 0.3, 20, WIDTH - 20)
    stage.zones = {"counter": counter, "floor": floor, "appliances": appliances}
    return _then(stage, [
        (lambda: single(stage, appliances, pick(rng, ("refrigerator", "oven", "refrigerator"))), 2.4),
        (lambda: spread(stage, counter, 1, (("microwave", 1.0),), None), 1.4),
        (lambda: spread(stage, counter, pick(rng, (1, 2, 3)), COUNTER, None), 4.0),
        (lambda: single(stage, appliances, "sink"), 0.8),
        (lambda: stroller(stage, floor), 2.4),
        (lambda: laid_table(stage, floor, FOOD), 2.0),
        (lambda: single(stage, floor, pick(rng, ("cat", "dog", "chair"))), 1.0),
    ], 4, 9)  # fmt: skip


def bedroom(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """A bed, a window, a few things lying about."""
    far = between(rng, 4.2, 5.0)
    stage = room(
        "bedroom",
        rng,
        split,
        dials,
        Camera(between(rng, 1.6, 1.9), between(rng, 50, 72), 290),
        far,
        ("wall-other", "wall-wood") if split == "val" else ("wall-other",),
    )
    b, foot = stage.backdrop, stage.camera.pixel(0, 0, far)[1]
    scenery.floor(b, foot, pick(rng, ("floor-wood", "carpet")), pick(rng, (*WOODS, (180, 170, 160))))
    if chance(rng, 0.8):
        x = between(rng, 10, 220)
        scenery.window(b, x, between(rng, 4, 12), x + between(rng, 56, 90), foot - between(rng, 40, 56), stage.mood)
    shelf(stage, foot) if chance(rng, 0.5) else None
    floor, back = Zone(0, 2.4, far - 1.0), Zone(0, far - 0.6, far - 0.35)
    stage.zones = {"floor": floor, "back": back}
    if dials.context:
        item = items.make("bed", rng, split, pick(rng, (-1, 1)) * between(rng, 0.1, 0.9))
        spot = stage.spot(Zone(0, far - 1.7, far - 1.2, 70, 250), item.width, item.height)
        if spot:
            made = stage.add(item, *spot)
            if made and chance(rng, 0.5):
                on = stage.add(
                    items.make(pick(rng, ("teddy bear", "cat", "book")), rng, split),
                    spot[0] + between(rng, -0.2, 0.2),
                    0.5,
                    spot[2] - 0.1,
                    made.order - 0.01,
                    "contact",
                )
                on.links.append(("on", made.number)) if on else None
    return _then(stage, [
        (lambda: single(stage, floor, pick(rng, ("cat", "dog", "teddy bear", "suitcase", "book", "backpack"))), 3.0),
        (lambda: single(stage, back, pick(rng, ("potted plant", "chair"))), 1.5),
        (lambda: stroller(stage, floor), 1.6),
        (lambda: television(stage, far), 0.8),
        (lambda: seat(stage, floor, "chair", 0.5), 0.9),
    ], 2, 6)  # fmt: skip


def bathroom(rng: np.random.Generator, split: str, dials: Dials) -> Stage:
    """Tiles, a mirror, a toilet and a sink."""
    far = between(rng, 3.2, 3.8)
    stage = room(
        "bathroom", rng, split, dials, Camera(between(rng, 1.4, 1.65), between(rng, 58, 78), 290), far, ("wall-tile",)
    )
    b, foot = stage.backdrop, stage.camera.pixel(0, 0, far)[1]
    scenery.floor(b, foot, "floor-tile", pick(rng, ((196, 202, 204), (150, 158, 164), (206, 194, 176))))
    x = between(rng, 40, 210)
    if chance(rng, 0.7):
        glass = b.box(x, 16, x + 62, foot - 86)
        b.paint(
            glass,
            "mirror-stuff",
            (198, 214, 222),
            ((b.columns - b.rows) * 0.004 - np.floor((b.columns - b.rows) * 0.004)) * 0.14,
        )
        b.lift(
            glass & ((b.columns < x + 3) | (b.columns > x + 59) | (b.rows < 19) | (b.rows > foot - 89)),
            (120, 104, 88),
            0.9,
        )
    if chance(rng, 0.6):
        cloth = b.box(250, foot - 80, 288, foot - 34)
        b.paint(
            cloth,
            "towel",
            pick(rng, ((214, 120, 110), (120, 160, 190), (232, 226, 212))),
            b.noise(b.columns, b.rows * 0.3, 6) * 0.14,
        )
    if chance(rng, 0.4):
        mat = (abs(b.x - between(rng, -0.6, 0.6)) < 0.5) & (b.z > 2.2) & (b.z < 2.9) & (b.rows > foot)
        b.paint(mat, "mat", pick(rng, ((130, 160, 180), (200, 150, 140))), b.grain() * 0.2)
    back, floor = Zone(0, far - 0.5, far - 0.35, 25, WIDTH - 25), Zone(0, 2.2, far - 0.8)
    stage.zones = {"back": back, "floor": floor}
    if dials.context:
        single(stage, back, "toilet") if chance(rng, 0.8) else None
        single(stage, back, "sink") if chance(rng, 0.8) else None
    return _then(stage, [
        (lambda: single(stage, back, "potted plant"), 1.0),
        (lambda: stroller(stage, floor), 1.3),
        (lambda: single(stage, floor, pick(rng, ("cat", "dog", "handbag", "bottle"))), 1.2),
        (lambda: spread(stage, Zone(0.86, far - 0.5, far - 0.4, 40, 280), 1, BASIN, None), 0.4),
    ], 2, 4)  # fmt: skip
