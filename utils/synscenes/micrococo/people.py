"""People as solids: skin, hair, clothes and a face on a posed figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synscenes.draw import KEYPOINTS
from synscenes.micrococo.chance import chance, pick, weighted
from synscenes.micrococo.colours import PALETTE, near
from synscenes.micrococo.figure import Body, Pose, add, joints, keypoints, mix
from synscenes.micrococo.solids import (
    Ball,
    Bar,
    Colour,
    Cutout,
    Light,
    Point,
    Solid,
    View,
)
from synscenes.micrococo.tracing import draw

SKINS = (
    (247, 214, 188), (238, 196, 162), (224, 172, 132), (198, 140, 98), (160, 106, 70), (120, 78, 52), (84, 54, 38),
)  # fmt: skip
HAIRS = ((34, 26, 22), (62, 42, 28), (98, 64, 36), (152, 104, 56), (206, 170, 104), (150, 62, 30), (176, 176, 176))
# How far under the surface a keypoint of one's own body may lie and still count as seen (shares of the height).
_UNDER = {"shoulder": 0.075, "hip": 0.105, "elbow": 0.05, "wrist": 0.045, "knee": 0.065, "ankle": 0.05}
_UNDER |= {"eye": 0.024, "nose": 0.03, "ear": 0.03}


@dataclass(frozen=True)
class Look:
    """What a person wears. Colours by name, for captions, and as RGB."""

    skin: Colour
    hair: Colour
    hair_kind: str
    top: str
    top_rgb: Colour
    bottom: str
    bottom_rgb: Colour
    bottom_kind: str
    sleeves: str
    shoes: Colour
    hat: str | None
    hat_rgb: Colour
    striped: bool


def look(rng: np.random.Generator, setting_kind: str, tops: tuple[str, ...]) -> Look:
    """Dress someone: for "beach" lightly, for "snow" warmly, else "town"."""
    top = pick(rng, tops)
    bottom = pick(rng, ("blue", "black", "gray", "brown", "white", "green") if setting_kind != "beach" else tops)
    kinds = {"beach": (("shorts", 3.0), ("skirt", 0.6)), "snow": (("trousers", 1.0),)}
    kinds["town"] = (("trousers", 3.0), ("shorts", 1.0), ("skirt", 1.0), ("dress", 0.8))
    kind = weighted(rng, kinds.get(setting_kind, kinds["town"]))
    sleeves = {"snow": "long", "beach": pick(rng, ("none", "short"))}.get(setting_kind, pick(rng, ("short", "long")))
    hats = {"snow": 0.75, "beach": 0.3}
    hat = pick(rng, ("cap", "hat")) if setting_kind != "snow" else "beanie"
    hat_colour = pick(rng, ("red", "blue", "yellow", "white", "black", "green"))
    return Look(
        skin=near(rng, pick(rng, SKINS), 8),
        hair=near(rng, pick(rng, HAIRS), 8),
        hair_kind=pick(rng, ("short", "short", "long", "long", "bun", "curly", "bald")),
        top=top,
        top_rgb=near(rng, PALETTE[top], 14),
        bottom=bottom if kind != "dress" else top,
        bottom_rgb=near(rng, PALETTE[bottom if kind != "dress" else top], 14),
        bottom_kind=kind,
        sleeves=sleeves,
        shoes=near(rng, pick(rng, ((40, 36, 34), (236, 236, 232), (120, 78, 48), (170, 40, 40))), 10),
        hat=hat if chance(rng, hats.get(setting_kind, 0.14)) else None,
        hat_rgb=near(rng, PALETTE[hat_colour], 10),
        striped=chance(rng, 0.16),
    )


def person(
    body: Body, pose: Pose, wear: Look, view: View, light: Light, size: tuple[int, int]
) -> tuple[Cutout, list[tuple[float, float, bool]], dict[str, Point]] | None:
    """Draw a person. Returns the cutout, the keypoints as (x, y, hidden behind the own body), and the joints.

    None when nothing of the person is near the picture.
    """
    at = joints(body, pose)
    cutout = draw(_solids(body, pose, wear, at), view, light, size)
    if cutout is None:
        return None
    points = []
    for name, place in zip(KEYPOINTS, keypoints(at)):
        x, y = view.pixel(place)
        column, row = int(x // 1) - cutout.left, int(y // 1) - cutout.top
        hidden = True
        if 0 <= row < cutout.depth.shape[0] and 0 <= column < cutout.depth.shape[1]:
            under = cutout.depth[row, column] - view.turned(place)[2]
            hidden = bool(under > _UNDER[name.rpartition("_")[2]] * body.height * (0.6 + 0.4 * body.girth))
        points.append((x, y, hidden))
    return cutout, points, at


def _stripes(a: Point, b: Point, height: float) -> Callable:
    """Stripes at even heights of the body, whichever solid they fall on; along the limb where it lies level."""
    low, rise = a[1], b[1] - a[1]
    reach = abs(b[0] - a[0]) + abs(rise) + abs(b[2] - a[2])
    rise = rise if abs(rise) > 0.5 * reach else reach

    def paint(along: np.ndarray, across: np.ndarray, colour: Colour) -> list:
        level = (low + rise * along) * 24 / height
        light = (level - np.floor(level)) < 0.45
        other = 60.0 if min(colour) > 200 else 240.0
        return [np.where(light, other, channel) for channel in colour]

    return paint


def _solids(body: Body, pose: Pose, wear: Look, at: dict[str, Point]) -> list[Solid]:
    h, g = body.height, body.girth
    solids: list[Solid] = []

    def shirt(a: Point, b: Point, ra: float, rb: float) -> Bar:
        return Bar(a, b, ra * h * g, rb * h * g, wear.top_rgb, _stripes(a, b, h) if wear.striped else None)

    hips, chest = at["pelvis"], at["chest"]
    low = mix(hips, chest, -0.02)
    waist, high = mix(hips, chest, 0.4), mix(hips, chest, 0.86)
    hem = mix(hips, chest, 0.16)
    for hand in (1, -1):
        w = body.shoulder * 0.5 * hand
        lower = shirt if wear.bottom_kind == "dress" else None
        belt = add(low, (w * 0.6, 0, 0)), add(waist, (w * 0.6, 0, 0))
        solids.append(
            lower(*belt, 0.062, 0.058) if lower else Bar(*belt, 0.062 * h * g, 0.058 * h * g, wear.bottom_rgb)
        )
        solids.append(shirt(add(waist, (w * 0.62, 0, 0)), add(high, (w, 0, 0)), 0.058, 0.063))
        solids.append(shirt(add(hem, (w * 0.6, 0, 0)), add(waist, (w * 0.62, 0, 0)), 0.063, 0.06))
    # A plate between the two halves, so that the chest is not parted down the middle.
    solids.append(shirt(hem, high, 0.062, 0.066))
    shoulders = Bar(at["left_shoulder"], at["right_shoulder"], 0.04 * h * g, 0.04 * h * g, wear.top_rgb)
    solids.append(shoulders)
    for name in ("left", "right"):
        solids += _arm(name, h, g, wear, at) + _leg(name, h, g, wear, at)
    if wear.bottom_kind in ("skirt", "dress"):
        solids += _skirt(h, g, wear, at)
    return solids + _head(body, wear, at)


def _skirt(h: float, g: float, wear: Look, at: dict[str, Point]) -> list[Solid]:
    """Cloth from the waist to above the knees: around each thigh, and between them."""
    solids: list[Solid] = []
    cloth = wear.bottom_rgb
    ends = [mix(at[f"{name}_hip"], at[f"{name}_knee"], 0.78) for name in ("left", "right")]
    for name, end in zip(("left", "right"), ends):
        solids.append(Bar(at[f"{name}_hip"], end, 0.066 * h * g, 0.068 * h * g, cloth))
    for share in (0.3, 0.5, 0.7):
        solids.append(Bar(add(at["pelvis"], (0, 0.02 * h, 0)), mix(*ends, share), 0.085 * h * g, 0.06 * h * g, cloth))
    return solids


def _arm(name: str, h: float, g: float, wear: Look, at: dict[str, Point]) -> list[Solid]:
    shoulder, elbow, wrist = (at[f"{name}_{part}"] for part in ("shoulder", "elbow", "wrist"))
    upper = wear.skin if wear.sleeves == "none" else wear.top_rgb
    lower = wear.top_rgb if wear.sleeves == "long" else wear.skin
    solids: list[Solid] = [
        Bar(elbow, wrist, 0.0245 * h * g, 0.018 * h, lower),
        Bar(wrist, at[f"{name}_hand"], 0.019 * h, 0.017 * h, wear.skin),
    ]
    if wear.sleeves == "short":
        middle = mix(shoulder, elbow, 0.62)
        solids += [
            Bar(shoulder, middle, 0.036 * h * g, 0.033 * h * g, upper),
            Bar(middle, elbow, 0.026 * h * g, 0.0245 * h * g, wear.skin),
        ]
    else:
        solids.append(Bar(shoulder, elbow, 0.034 * h * g, 0.027 * h * g, upper))
    return solids


def _leg(name: str, h: float, g: float, wear: Look, at: dict[str, Point]) -> list[Solid]:
    hip, knee, ankle = (at[f"{name}_{part}"] for part in ("hip", "knee", "ankle"))
    cloth = wear.bottom_rgb
    bare = wear.bottom_kind in ("skirt", "dress")
    solids: list[Solid] = [Bar(add(ankle, (0, -0.004 * h, 0)), at[f"{name}_toe"], 0.024 * h, 0.019 * h, wear.shoes)]
    if wear.bottom_kind == "shorts":
        middle = mix(hip, knee, 0.75)
        solids += [
            Bar(hip, middle, 0.054 * h * g, 0.05 * h * g, cloth),
            Bar(middle, knee, 0.038 * h * g, 0.033 * h * g, wear.skin),
        ]
    else:
        solids.append(Bar(hip, knee, 0.053 * h * g, 0.037 * h * g, wear.skin if bare else cloth))
    shin = cloth if wear.bottom_kind == "trousers" else wear.skin
    solids.append(Bar(knee, ankle, 0.036 * h * g, 0.025 * h, shin))
    return solids


def _head(body: Body, wear: Look, at: dict[str, Point]) -> list[Solid]:
    s = body.height * body.head
    head = at["head"]
    face, up, side = (add(at[name], head, -1.0) for name in ("face", "up", "side"))

    def on(ahead: float, above: float, left: float = 0.0) -> Point:
        return add(add(add(head, face, ahead * s), up, above * s), side, left * s)

    solids: list[Solid] = [
        Bar(at["chest"], at["neck"], 0.24 * s, 0.21 * s, wear.skin),
        Bar(on(0.02, 0.12), on(0.05, -0.2), 0.375 * s, 0.27 * s, wear.skin),
        Bar(on(0.33, 0.0), on(0.4, -0.07), 0.045 * s, 0.06 * s, wear.skin),
    ]
    for hand in (1, -1):
        solids.append(Bar(on(0.0, 0.0, hand * 0.36), on(0.0, -0.1, hand * 0.35), 0.07 * s, 0.05 * s, wear.skin))
        solids.append(
            Bar(on(0.335, 0.05, hand * 0.15), on(0.335, 0.05, hand * 0.15), 0.062 * s, 0.062 * s, (250, 250, 250))
        )
        solids.append(
            Bar(on(0.375, 0.045, hand * 0.15), on(0.375, 0.045, hand * 0.15), 0.038 * s, 0.038 * s, (40, 28, 22))
        )
        brow = tuple(channel * 0.8 for channel in wear.hair)
        solids.append(Bar(on(0.36, 0.155, hand * 0.08), on(0.33, 0.16, hand * 0.22), 0.022 * s, 0.018 * s, brow))
    lips = (wear.skin[0] * 0.78, wear.skin[1] * 0.52, wear.skin[2] * 0.5)
    solids.append(Bar(on(0.31, -0.235, -0.09), on(0.31, -0.235, 0.09), 0.026 * s, 0.026 * s, lips))
    return solids + _hair(wear, on, s) + _hat(wear, on, s)


def _hair(wear: Look, on, s: float) -> list[Solid]:
    hair = wear.hair
    if wear.hair_kind == "bald":
        return []
    solids: list[Solid] = [
        Bar(on(-0.06, 0.2), on(-0.08, 0.08), 0.375 * s, 0.385 * s, hair),
        Bar(on(0.12, 0.32, -0.12), on(0.12, 0.32, 0.12), 0.21 * s, 0.21 * s, hair),
    ]
    if wear.hair_kind == "long":
        for hand in (1, -1):
            solids.append(Bar(on(-0.1, 0.1, hand * 0.28), on(-0.14, -0.55, hand * 0.26), 0.15 * s, 0.13 * s, hair))
        solids.append(Bar(on(-0.2, 0.1), on(-0.26, -0.62), 0.28 * s, 0.22 * s, hair))
    elif wear.hair_kind == "bun":
        solids.append(Bar(on(-0.3, 0.42), on(-0.3, 0.42), 0.17 * s, 0.17 * s, hair))
    elif wear.hair_kind == "curly":
        for ahead, above, left in ((-0.1, 0.35, 0.25), (-0.1, 0.35, -0.25), (0.1, 0.4, 0), (-0.35, 0.15, 0.15),
                                   (-0.35, 0.15, -0.15), (-0.1, 0.05, 0.36), (-0.1, 0.05, -0.36)):  # fmt: skip
            solids.append(Bar(on(ahead, above, left), on(ahead, above, left), 0.2 * s, 0.2 * s, hair))
    return solids


def _hat(wear: Look, on, s: float) -> list[Solid]:
    if wear.hat is None:
        return []
    solids: list[Solid] = [Bar(on(0.0, 0.3), on(-0.02, 0.22), 0.4 * s, 0.43 * s, wear.hat_rgb)]
    if wear.hat == "cap":
        solids.append(Bar(on(0.4, 0.24, -0.14), on(0.4, 0.24, 0.14), 0.13 * s, 0.13 * s, wear.hat_rgb))
    elif wear.hat == "hat":
        for left in (-0.3, 0.0, 0.3):
            solids.append(
                Bar(on(0.45 - abs(left), 0.2, left), on(-0.45 + abs(left), 0.2, left), 0.1 * s, 0.1 * s, wear.hat_rgb)
            )
    else:
        solids.append(Ball(on(0.0, 0.78), (0.13 * s, 0.13 * s, 0.13 * s), (240, 240, 240)))
    return solids
