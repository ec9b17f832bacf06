"""Vignettes of several things: seats taken, tables laid, desks in use, flocks and crowds."""

from __future__ import annotations

from synscenes.micrococo import items
from synscenes.micrococo.chance import between, chance, pick, shuffled, weighted
from synscenes.micrococo.figure import Body
from synscenes.micrococo.scene import Stage, Thing, Zone
from synscenes.micrococo.vignettes import body, figure

SEATS = {"bench": 0.46, "couch": 0.47, "chair": 0.47}


def seat(stage: Stage, zone: Zone, category: str, taken: float = 0.6) -> None:
    """A bench, couch or chair; perhaps people sit on it."""
    rng = stage.rng
    turn = between(rng, -0.35, 0.35)
    item = items.make(category, rng, stage.split, turn)
    place = stage.spot(zone, item.width, item.height + 0.3)
    if place is None:
        return
    thing = stage.add(item, *place)
    if thing is None or item.solids is None or not chance(rng, taken):
        return
    count = 1 if category == "chair" else pick(rng, (1, 1, 2))
    for k in range(count):
        shift = 0.0 if category == "chair" else (k - (count - 1) / 2) * 0.62 + between(rng, -0.08, 0.08)
        build = Body(between(rng, 1.55, 1.85), 0.152, between(rng, 0.9, 1.2)) if category == "chair" else body(stage)
        made = figure(
            stage,
            "sitting",
            place[0] + shift,
            0.0,
            place[2] - 0.02,
            SEATS[category],
            turn,
            thing.order - 0.002 * (k + 1),
            build,
        )
        if made:
            made[0].links.append(("sitting on", thing.number))
            made[0].shadow = "none"


def laid_table(stage: Stage, zone: Zone, dishes: tuple[tuple[str, float], ...], chairs: bool = True) -> None:
    """A dining table with chairs behind it, things on it, perhaps someone who sits there."""
    rng = stage.rng
    item = items.make("dining table", rng, stage.split, between(rng, -0.2, 0.2))
    place = stage.spot(zone, item.width, item.height + 0.5)
    if place is None:
        return
    x, y, z = place
    table = stage.add(item, x, y, z)
    if table is None:
        return
    if chairs:
        for side in shuffled(rng, (-0.45, 0.45))[: pick(rng, (1, 2, 2))]:
            back = items.make("chair", rng, stage.split, between(rng, -0.25, 0.25))
            behind = stage.add(back, x + side * item.width * 0.6, y, z + 0.6)
            if behind and back.solids is not None and chance(rng, 0.55):
                build = Body(between(rng, 1.55, 1.85), 0.152, between(rng, 0.9, 1.2))
                made = figure(
                    stage, "sitting", behind.x, y, z + 0.58, 0.47, between(rng, -0.3, 0.3), behind.order - 0.002, build
                )
                if made:
                    made[0].links += [("sitting on", behind.number), ("at", table.number)]
                    made[0].shadow = "none"
    top = 0.75 * item.size
    for _ in range(int(between(rng, 2, 6) * stage.dials.clutter)):
        category = weighted(rng, dishes)
        dish = items.make(category, rng, stage.split)
        dx, dz = between(rng, -0.4, 0.4) * item.width * 0.85, between(rng, -0.25, 0.25)
        made = stage.add(dish, x + dx, top, z + dz, table.order - 0.003 - (0.3 - dz) * 0.01, "contact")
        if made:
            made.links.append(("on", table.number))


def spread(stage: Stage, zone: Zone, count: int, choices: tuple[tuple[str, float], ...], support: Thing | None) -> None:
    """Things strewn over a surface that fills the picture (a table top, a desk, a counter)."""
    rng = stage.rng
    for _ in range(count):
        item = items.make(weighted(rng, choices), rng, stage.split, turn=0.06)
        place = stage.spot(zone, item.width, item.height)
        if place is None:
            continue
        thing = stage.add(item, *place, shadow="contact")
        if thing and support is not None:
            thing.links.append(("on", support.number))


def flock(stage: Stage, zone: Zone, category: str) -> None:
    """A few animals of a kind, or so many that they are one crowd."""
    rng = stage.rng
    many = chance(rng, stage.dials.crowds)
    centre = stage.spot(zone, 2.0, 1.0)
    if centre is None:
        return
    x, y, z = centre
    group = None
    if many:
        z = max(z, zone.near + 0.55 * (zone.far - zone.near))
        group = len(stage.things)
    item = items.make(category, rng, stage.split)
    spread_x = item.width * (1.1 if many else 1.4)
    for _ in range(int(between(rng, 9, 15)) if many else int(between(rng, 2, 4.6))):
        beast = items.make(category, rng, stage.split)
        dx, dz = between(rng, -1, 1) * spread_x * (3 if many else 1.6), between(rng, -0.12, 0.12) * z
        at = min(max(z + dz, zone.near), zone.far * 1.1)
        column, row = stage.camera.pixel(x + dx, y, at)
        half = beast.width * stage.camera.scale(at) / 2
        crowded = not many and not stage.free(
            (column - half, row - beast.height * stage.camera.scale(at), column + half, row)
        )
        thing = None if crowded else stage.add(beast, x + dx, y, at)
        if thing:
            thing.group = group


def crowd(stage: Stage, zone: Zone) -> None:
    """People so many and so far that nobody would outline each: one annotation with iscrowd = 1."""
    rng = stage.rng
    z = zone.near + (zone.far - zone.near) * between(rng, 0.7, 1.0)
    row = stage.camera.pixel(0, zone.level, z)[1]
    width, column = between(rng, 70, 150), between(rng, 40, 280)
    if not stage.free((column - width / 2, row - 1.7 * stage.camera.scale(z), column + width / 2, row)):
        return
    group = len(stage.things)
    for _ in range(int(width / stage.camera.scale(z) * 2.1) + 5):
        x = (column + between(rng, -0.5, 0.5) * width - stage.camera.middle) / stage.camera.scale(z)
        made = figure(
            stage,
            pick(rng, ("standing", "standing", "walking", "cheering")),
            x,
            zone.level,
            z * between(rng, 0.96, 1.06),
        )
        if made:
            made[0].group = group
