"""What people ride, as solids in the rider's own frame (ahead is +z), and the vignettes of riding and playing."""

from __future__ import annotations

import math

from synscenes.micrococo import items, outdoors
from synscenes.micrococo.beasts import equine
from synscenes.micrococo.chance import between, chance, cos, pick, sin
from synscenes.micrococo.colours import PALETTE, Colour, near
from synscenes.micrococo.figure import Body, add
from synscenes.micrococo.goods import LIVELY
from synscenes.micrococo.scene import Stage, Zone
from synscenes.micrococo.solids import Ball, Bar, Point, Solid, View
from synscenes.micrococo.vignettes import body, figure, held

DARK = (38, 38, 42)


def _wheel(middle: Point, radius: float, thick: float, count: int = 16) -> list[Solid]:
    """A tyre in the plane x = const, with a few spokes."""
    x, y, z = middle
    step = 6.283185307179586 / count
    ring = [(x, y + radius * sin(k * step), z + radius * cos(k * step)) for k in range(count)]
    solids: list[Solid] = [Bar(a, b, thick, thick, DARK) for a, b in zip(ring, ring[1:] + ring[:1])]
    solids += [Bar(ring[k], ring[k + count // 2], 0.005, 0.005, (170, 172, 176)) for k in range(0, count // 2, 2)]
    return solids


def bicycle(colour: Colour) -> list[Solid]:
    """A bicycle; saddle 0.95 m up, at z = -0.1."""
    saddle, crank, head = (0.0, 0.93, -0.12), (0.0, 0.3, 0.0), (0.0, 0.86, 0.42)
    back, front = (0.0, 0.34, -0.52), (0.0, 0.34, 0.56)
    tube = 0.021
    solids = _wheel(back, 0.32, 0.022) + _wheel(front, 0.32, 0.022)
    for a, b in (
        (saddle, crank),
        (crank, head),
        (add(saddle, (0, -0.12, 0.02)), head),
        (crank, back),
        (add(saddle, (0, -0.1, 0)), back),
    ):
        solids.append(Bar(a, b, tube, tube, colour))
    solids += [
        Bar(add(head, (0, 0.16, -0.03)), front, tube, tube * 0.8, colour),
        Bar(add(head, (-0.24, 0.18, -0.02)), add(head, (0.24, 0.18, -0.02)), 0.018, 0.018, DARK),
        Bar(add(saddle, (0, 0.02, -0.1)), add(saddle, (0, 0.02, 0.1)), 0.06, 0.03, DARK),
        Bar(add(crank, (-0.1, -0.1, 0.06)), add(crank, (-0.02, 0, 0)), 0.015, 0.015, DARK),
        Bar(add(crank, (0.1, 0.1, -0.06)), add(crank, (0.02, 0, 0)), 0.015, 0.015, DARK),
    ]
    return solids


def motorcycle(colour: Colour) -> list[Solid]:
    """A motorcycle; seat 0.8 m up."""
    solids = _wheel((0, 0.31, -0.62), 0.24, 0.07, 12) + _wheel((0, 0.31, 0.72), 0.24, 0.07, 12)
    solids += [
        Bar((0, 0.42, -0.15), (0, 0.45, 0.2), 0.17, 0.17, (110, 112, 118)),
        Bar((0, 0.78, 0.12), (0, 0.74, 0.4), 0.14, 0.12, colour),
        Bar((0, 0.74, -0.6), (0, 0.74, -0.05), 0.08, 0.11, DARK),
        Bar((0, 0.72, -0.66), (0, 0.6, -0.8), 0.08, 0.05, colour),
        Bar((0, 0.9, 0.42), (0, 0.31, 0.72), 0.045, 0.04, (150, 152, 158)),
        Bar((-0.34, 1.0, 0.34), (0.34, 1.0, 0.34), 0.025, 0.025, DARK),
        Ball((0, 0.84, 0.56), (0.11, 0.11, 0.08), (240, 236, 210)),
        Bar((0.14, 0.28, -0.7), (0.14, 0.3, 0.1), 0.05, 0.04, (176, 178, 184)),
        Bar((0, 0.62, 0.72), (0, 0.58, 0.9), 0.07, 0.05, colour),
    ]
    return solids


def _skis(at: dict[str, Point], colour: Colour) -> list[Solid]:
    """A ski under each foot, and a pole in each hand."""
    solids: list[Solid] = []
    for name in ("left", "right"):
        x, y, z = at[f"{name}_ankle"]
        y = max(y - 0.08, 0.02)
        solids += [
            Bar((x, y, z - 0.7), (x, y, z + 0.85), 0.035, 0.035, colour),
            Bar((x, y, z + 0.85), (x, y + 0.1, z + 0.97), 0.035, 0.03, colour),
        ]
        hx, hy, hz = at[f"{name}_hand"]
        solids.append(Bar((hx, hy + 0.04, hz), (hx * 1.15, 0.02, hz - 0.35), 0.011, 0.011, (60, 60, 66)))
    return solids


def rider(stage: Stage, zone: Zone, what: str) -> None:
    """Someone rides a bicycle, a motorcycle, a horse, or glides on a board or skis."""
    rng = stage.rng
    place = stage.spot(
        zone, 1.6 if what in ("bicycle", "motorcycle", "horse") else 1.0, 2.0 if what != "horse" else 2.5
    )
    if place is None:
        return
    yaw = pick(rng, (-1, 1)) * between(rng, 0.95, 1.75)
    x, y, z = place
    name = pick(rng, LIVELY)
    colour = near(rng, PALETTE[name], 12)
    if what in ("bicycle", "motorcycle", "horse"):
        build = Body(between(rng, 1.6, 1.85), 0.152, between(rng, 0.9, 1.15))
        seat = {"bicycle": 1.0, "motorcycle": 0.9, "horse": 1.56}[what]
        made = figure(
            stage,
            {"bicycle": "cycling", "motorcycle": "cycling", "horse": "mounted"}[what],
            x,
            y,
            z,
            seat,
            yaw,
            None,
            build,
        )
        if made is None:
            return
        someone, _, view = made
        if what == "horse":
            name = pick(rng, ("brown", "black", "white", "gray"))
            coat = near(rng, (134, 84, 50) if name == "brown" else PALETTE[name], 12)
            solids = equine(coat, between(rng, 0.1, 0.4), saddle=True)
        else:
            solids = bicycle(colour) if what == "bicycle" else motorcycle(colour)
        mount = held(stage, someone, what, solids, name, view, "riding")
        someone.shadow = "none"
        if mount:
            mount.shadow, mount.foot, mount.wide = "ground", stage.camera.pixel(x, y, z), 1.5 * stage.camera.scale(z)
        return
    _glider(stage, what, place, yaw, name, colour)


def _glider(stage: Stage, what: str, place: Point, yaw: float, name: str, colour: Colour) -> None:
    rng = stage.rng
    x, y, z = place
    pose = "balancing" if what != "skis" else pick(rng, ("swinging", "balancing", "standing"))
    turn = yaw if what != "skis" else between(rng, -0.9, 0.9)
    made = figure(
        stage, pose, x, y, z, None, turn, build=body(stage) if what != "surfboard" else Body(between(rng, 1.6, 1.85))
    )
    if made is None:
        return
    someone, at, view = made
    if what == "skis":
        under = held(stage, someone, what, _skis(at, colour), name, view, "riding")
    else:
        # The board lies across the rider: the feet stand on it one behind the other.
        solids, name = (outdoors.skateboard if what == "skateboard" else outdoors.board)(rng, stage.split)
        lift = {"skateboard": 0.115, "surfboard": 0.05, "snowboard": 0.05}[what]
        foot = view.foot[0], view.foot[1] - lift * view.scale
        under = held(stage, someone, what, [_shifted(s, -lift) for s in solids], name, view, "riding")
        _raise(someone, view.foot[1] - foot[1])
        if under:
            under.cutout.top -= int(view.foot[1] - foot[1])
    if under and what != "surfboard":
        under.shadow, under.foot, under.wide = "contact", stage.camera.pixel(x, y, z), 0.9 * stage.camera.scale(z)
    someone.shadow = "none" if what == "surfboard" else someone.shadow


def _shifted(solid: Solid, up: float) -> Solid:
    import dataclasses

    if isinstance(solid, Bar):
        return dataclasses.replace(solid, a=add(solid.a, (0, up, 0)), b=add(solid.b, (0, up, 0)))
    return dataclasses.replace(solid, centre=add(solid.centre, (0, up, 0)))


def _raise(someone, pixels: float) -> None:
    """Move a drawn person up by whole pixels, keypoints too."""
    step = int(pixels)
    someone.cutout.top -= step
    someone.keypoints = [(x, y - step, hidden) for x, y, hidden in someone.keypoints]


def player(stage: Stage, zone: Zone, what: str) -> None:
    """Someone with a racket, a bat, a ball, a frisbee or a kite."""
    rng = stage.rng
    place = stage.spot(zone, 0.8, 1.8)
    if place is None:
        return
    x, y, z = place
    pose = {"tennis racket": "swinging", "baseball bat": "swinging", "kite": "holding"}.get(what) or pick(
        rng, ("running", "jumping", "cheering")
    )
    made = figure(stage, pose, x, y, z, None, between(rng, -1.6, 1.6) if what != "kite" else between(rng, 1.8, 4.2))
    if made is None:
        return
    someone, at, view = made
    name = pick(rng, LIVELY)
    colour = near(rng, PALETTE[name], 12)
    if what in ("tennis racket", "baseball bat"):
        side = pick(rng, ("left", "right"))
        aim = _aim(at[f"{side}_wrist"], at[f"{side}_hand"])
        shapes = (
            outdoors.racket(at[f"{side}_hand"], aim, colour)
            if what == "tennis racket"
            else outdoors.bat(at[f"{side}_hand"], aim, (188, 140, 88))
        )
        held(stage, someone, what, shapes, name if what == "tennis racket" else None, view, "holding")
        if chance(rng, 0.6):
            _flying(stage, someone, "sports ball", place, ("1f3be",) if what == "tennis racket" else ())
    elif what == "kite":
        _kite(stage, someone, at, view)
    else:
        _flying(stage, someone, what, place, ())


def _aim(wrist: Point, hand: Point) -> Point:
    d = add(hand, wrist, -1.0)
    d = (d[0], d[1] + 0.05, d[2])
    size = math.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
    return d[0] / size, d[1] / size, d[2] / size


def _flying(stage: Stage, someone, category: str, place: Point, codes: tuple[str, ...]) -> None:
    rng = stage.rng
    x, y, z = place
    item = items.make(category, rng, stage.split, turn=3.1)
    level = between(rng, 0.0, 0.3) if category == "sports ball" and chance(rng, 0.5) else between(rng, 0.6, 2.0)
    thing = stage.add(item, x + pick(rng, (-1, 1)) * between(rng, 0.6, 1.4), y + level, z - between(rng, 0.1, 0.5))
    if thing:
        thing.shadow = "contact" if level < 0.3 else "none"
        someone.links.append(("playing with", thing.number))


def _kite(stage: Stage, someone, at: dict[str, Point], view: View) -> None:
    rng = stage.rng
    item = items.make("kite", rng, stage.split, turn=0.5)
    far = someone.z + between(rng, 2, 9)
    row = between(rng, 24, max(stage.camera.horizon * 0.7, 40))
    column = between(rng, 20, 300)
    scale = stage.camera.scale(far)
    up = stage.camera.height - (row - stage.camera.horizon) / scale
    thing = stage.add(item, (column - stage.camera.middle) / scale, up, far, shadow="none")
    if thing:
        someone.links.append(("flying", thing.number))
