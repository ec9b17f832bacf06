"""Little stories that fill a stage: someone rides a bicycle, sits on a bench, a table is laid, sheep graze."""

from __future__ import annotations

from synscenes.micrococo import items, outdoors, poses
from synscenes.micrococo.chance import between, chance, pick, weighted
from synscenes.micrococo.colours import PALETTE, near
from synscenes.micrococo.figure import Body, add, mix
from synscenes.micrococo.people import look, person
from synscenes.micrococo.scene import HEIGHT, WIDTH, Stage, Thing, Zone
from synscenes.micrococo.solids import Bar, Box, Cutout, Point, Solid, View
from synscenes.micrococo.tracing import draw

ONE_A_ROOM = ("refrigerator", "oven", "sink", "toilet", "bed", "tv")
TOPS = {
    "train": ("red", "blue", "white", "green", "yellow", "black", "gray", "pink"),
    "val": ("red", "blue", "white", "green", "orange", "purple", "black", "brown"),
}


def body(stage: Stage) -> Body:
    """Someone's build: one in five is a child."""
    rng = stage.rng
    if chance(rng, 0.2):
        return Body(between(rng, 0.95, 1.32), between(rng, 0.18, 0.205), between(rng, 0.95, 1.1))
    return Body(between(rng, 1.55, 1.9), between(rng, 0.145, 0.158), between(rng, 0.85, 1.25))


def figure(
    stage: Stage, pose_name: str, x: float, y: float, z: float, seat: float | None = None, yaw: float | None = None,
    order: float | None = None, build: Body | None = None,
) -> tuple[Thing, dict[str, Point], View] | None:  # fmt: skip
    """Put a person there; returns the thing, the joints and the view, for what the person holds or rides."""
    rng = stage.rng
    build = build or body(stage)
    pose = poses.pose(pose_name, rng, seat)
    wear = look(rng, stage.wear, TOPS[stage.split])
    turn = between(rng, -3.14, 3.14) if yaw is None else yaw
    view = View(stage.camera.pixel(x, y, z), stage.camera.scale(z), turn, stage.camera.pitch(z, y + 0.5 * build.height))
    made = person(build, pose, wear, view, stage.light, (WIDTH, HEIGHT))
    if made is None:
        return None
    cutout, points, at = made
    thing = stage.put("person", cutout, x, y, z, 0.5, z if order is None else order)
    thing.keypoints = points
    thing.traits = {"verb": pose.verb, "top": wear.top, "child": build.child, "hat": wear.hat or ""}
    return thing, at, view


def single(stage: Stage, zone: Zone, category: str, kind: str = "") -> Thing | None:
    """One thing standing free (of some, a room has only one)."""
    if category in ONE_A_ROOM and any(thing.category == category for thing in stage.things):
        return None
    item = items.make(category, stage.rng, stage.split, kind=kind)
    place = stage.spot(zone, item.width, item.height)
    return None if place is None else stage.add(item, *place)


def stroller(stage: Stage, zone: Zone) -> None:
    """Someone on foot, perhaps with a bag, an umbrella or a dog."""
    rng = stage.rng
    place = stage.spot(zone, 0.55, 1.7)
    if place is None:
        return
    pose = weighted(rng, (("standing", 3.0), ("walking", 4.0), ("running", 1.0), ("cheering", 0.4), ("jumping", 0.3)))
    carries = weighted(
        rng, (("", 5.0), ("umbrella", 0.9), ("handbag", 1.2), ("suitcase", 0.5), ("dog", 1.1), ("backpack", 1.0))
    )
    if stage.indoors and carries in ("umbrella", "dog"):
        carries = ""
    if carries in ("umbrella", "handbag"):
        pose = "holding" if carries == "umbrella" else pick(rng, ("standing", "walking"))
    made = figure(stage, pose, *place)
    if made is None:
        return
    someone, at, view = made
    if carries == "umbrella":
        grip = max((at["left_hand"], at["right_hand"]), key=lambda p: p[1])
        colours = pick(rng, sorted(PALETTE)), pick(rng, sorted(PALETTE))
        shapes = outdoors.umbrella(grip, near(rng, PALETTE[colours[0]], 10), near(rng, PALETTE[colours[1]], 10), rng)
        same = colours[0] if colours[0] == colours[1] else None
        held(stage, someone, "umbrella", shapes, same, view, "holding")
    elif carries == "handbag":
        hand = pick(rng, ("left_hand", "right_hand"))
        held(stage, someone, "handbag", *bag(stage, at[hand]), view, "holding")
    elif carries == "backpack":
        held(stage, someone, "backpack", *pack(stage, at), view, "wearing")
    elif carries:
        side = pick(rng, (-1, 1)) * between(rng, 0.5, 0.8)
        item = items.make(carries, rng, stage.split)
        other = stage.add(item, place[0] + side, place[1], place[2] - between(rng, 0.0, 0.3))
        if other:
            someone.links.append(("with", other.number))


def bag(stage: Stage, hand: Point) -> tuple[list, str]:
    """A handbag hanging from a hand."""
    name = pick(stage.rng, ("red", "brown", "black", "pink", "yellow"))
    colour = near(stage.rng, PALETTE[name], 12)
    x, y, z = hand
    return [
        Bar((x, y, z - 0.08), (x, y - 0.14, z - 0.1), 0.01, 0.01, colour),
        Bar((x, y, z + 0.08), (x, y - 0.14, z + 0.1), 0.01, 0.01, colour),
        Box((x, y - 0.25, z), (0.06, 0.12, 0.17), colour),
    ], name


def pack(stage: Stage, at: dict[str, Point]) -> tuple[list, str]:
    """A backpack on someone's back."""
    name = pick(stage.rng, ("red", "blue", "green", "black", "orange"))
    colour = near(stage.rng, PALETTE[name], 12)
    back = add(mix(at["pelvis"], at["chest"], 0.62), (0, 0, -0.17))
    low = add(back, (0, -0.14, 0))
    high = add(back, (0, 0.13, 0))
    return [
        Bar(low, high, 0.15, 0.13, colour),
        Bar(add(low, (0, 0.03, -0.11)), add(low, (0, 0.1, -0.11)), 0.08, 0.08, colour),
        Bar(add(high, (0.1, 0.05, 0.06)), add(at["left_shoulder"], (-0.04, 0.02, 0.08)), 0.02, 0.02, colour),
        Bar(add(high, (-0.1, 0.05, 0.06)), add(at["right_shoulder"], (0.04, 0.02, 0.08)), 0.02, 0.02, colour),
    ], name


def held(
    stage: Stage, someone: Thing, category: str, solids: list[Solid], colour: str | None, view: View, relation: str
) -> Thing | None:
    """Draw something in the person's own frame; where the person is nearer, the person is what is seen."""
    cutout = draw(solids, view, stage.light, (WIDTH, HEIGHT))
    if cutout is None:
        return None
    _carve(cutout, someone.cutout)
    if int((cutout.alpha > 127).sum()) < 12:
        return None
    thing = stage.put(category, cutout, someone.x, someone.y, someone.z, 0.3, someone.order - 0.0004, colour, "none")
    someone.links.append((relation, thing.number))
    return thing


def _carve(cutout: Cutout, other: Cutout) -> None:
    """Take away what lies behind the other cutout's nearer surface."""
    x0, y0 = max(cutout.left, other.left), max(cutout.top, other.top)
    x1 = min(cutout.left + cutout.depth.shape[1], other.left + other.depth.shape[1])
    y1 = min(cutout.top + cutout.depth.shape[0], other.top + other.depth.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    mine = slice(y0 - cutout.top, y1 - cutout.top), slice(x0 - cutout.left, x1 - cutout.left)
    theirs = slice(y0 - other.top, y1 - other.top), slice(x0 - other.left, x1 - other.left)
    behind = (other.depth[theirs] > cutout.depth[mine]) & (other.alpha[theirs] > 127)
    cutout.alpha[mine][behind] = 0
