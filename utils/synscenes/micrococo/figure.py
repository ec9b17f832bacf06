"""A jointed figure: a body plan, a pose, and where its seventeen keypoints then are, in metres.

The figure's own frame: it faces +z, its left hand is at +x, y is up, the ground is y = 0. A pose gives angles
in degrees; ``forward`` 0 hangs straight down, 90 points ahead, 180 straight up; ``side`` lifts away from the body.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from synscenes.draw import KEYPOINTS
from synscenes.micrococo.chance import cos, sin
from synscenes.micrococo.solids import Point

DEGREE = 0.017453292519943295


@dataclass(frozen=True)
class Body:
    """Proportions. ``height`` in metres; ``head``: its share of that (a child's is larger); ``girth`` 1 is average."""

    height: float = 1.7
    head: float = 0.15
    girth: float = 1.0

    @property
    def child(self) -> bool:
        return self.height < 1.35

    @property
    def leg(self) -> float:
        """Length of thigh, and of shin."""
        return self.height * (1 - self.head) * 0.284

    @property
    def trunk(self) -> float:
        return self.height * (1 - self.head) * 0.335

    @property
    def upper_arm(self) -> float:
        return self.height * (1 - self.head) * 0.195

    @property
    def forearm(self) -> float:
        return self.height * (1 - self.head) * 0.17

    @property
    def shoulder(self) -> float:
        """Half the width between the shoulder joints."""
        return self.height * 0.105 * (0.9 + 0.1 * self.girth)

    @property
    def hip(self) -> float:
        return self.height * 0.055


@dataclass(frozen=True)
class Limb:
    """An arm or a leg: how far forward and sideways, how bent at elbow or knee, and the lower part's own ``side``."""

    forward: float = 0.0
    side: float = 4.0
    bend: float = 5.0
    lower_side: float | None = None


@dataclass(frozen=True)
class Pose:
    """Angles of the whole figure in degrees; ``verb``: what it does; ``seat``: how high the hips are, if given."""

    verb: str = "standing"
    lean: float = 0.0
    bow: float = 0.0
    look: float = 0.0
    left_arm: Limb = field(default_factory=Limb)
    right_arm: Limb = field(default_factory=Limb)
    left_leg: Limb = field(default_factory=lambda: Limb(0, 3, 0))
    right_leg: Limb = field(default_factory=lambda: Limb(0, 3, 0))
    seat: float | None = None

    def mirrored(self) -> Pose:
        """The same pose with left and right exchanged."""
        return replace(
            self,
            look=-self.look,
            left_arm=self.right_arm,
            right_arm=self.left_arm,
            left_leg=self.right_leg,
            right_leg=self.left_leg,
        )


def _direction(forward: float, side: float, hand: int) -> Point:
    f, s = forward * DEGREE, side * DEGREE
    return hand * sin(s), -cos(s) * cos(f), cos(s) * sin(f)


def add(a: Point, b: Point, times: float = 1.0) -> Point:
    """a + times * b."""
    return a[0] + times * b[0], a[1] + times * b[1], a[2] + times * b[2]


def mix(a: Point, b: Point, share: float) -> Point:
    """The point that lies ``share`` of the way from a to b."""
    return add(a, add(b, a, -1.0), share)


def joints(body: Body, pose: Pose) -> dict[str, Point]:
    """Return the keypoints by their official names, and besides: neck, head (its middle), crown, hands and toes."""
    lean = pose.lean * DEGREE
    up = (0.0, cos(lean), sin(lean))
    ahead = (0.0, -sin(lean), cos(lean))
    at: dict[str, Point] = {}
    hips = (0.0, 0.0, 0.0)
    chest = add(hips, up, body.trunk)
    at["pelvis"], at["chest"] = hips, chest
    for name, hand, arm, leg in (
        ("left", 1, pose.left_arm, pose.left_leg),
        ("right", -1, pose.right_arm, pose.right_leg),
    ):
        at[f"{name}_shoulder"] = (hand * body.shoulder, chest[1] - 0.01, chest[2])
        # Arms hang from the trunk as gravity has it: their angles do not turn with the lean.
        _limb(at, f"{name}_shoulder", f"{name}_elbow", f"{name}_wrist", arm, hand, (body.upper_arm, body.forearm), 1)
        lower = _unit(at[f"{name}_elbow"], at[f"{name}_wrist"])
        at[f"{name}_hand"] = add(at[f"{name}_wrist"], lower, body.height * 0.045)
        at[f"{name}_hip"] = (hand * body.hip, hips[1], hips[2])
        _limb(at, f"{name}_hip", f"{name}_knee", f"{name}_ankle", leg, hand, (body.leg, body.leg), -1)
        shin = (leg.forward - leg.bend) * DEGREE
        toe = (0.15 * hand, -0.35 + 0.5 * min(sin(shin), 0.0), 1.0 + 0.5 * min(sin(shin), 0.0))
        at[f"{name}_toe"] = add(at[f"{name}_ankle"], toe, body.height * 0.075)
    _head(at, body, pose, up, ahead)
    ground = min(at[f"{name}_{part}"][1] for name in ("left", "right") for part in ("ankle", "toe"))
    lift = body.height * 0.022 - ground if pose.seat is None else pose.seat
    return {name: (x, y + lift, z) for name, (x, y, z) in at.items()}


def _limb(at: dict, root: str, middle: str, end: str, limb: Limb, hand: int, lengths: tuple, sign: int) -> None:
    at[middle] = add(at[root], _direction(limb.forward, limb.side, hand), lengths[0])
    lower_side = limb.side * 0.5 if limb.lower_side is None else limb.lower_side
    at[end] = add(at[middle], _direction(limb.forward + sign * limb.bend, lower_side, hand), lengths[1])


def _unit(a: Point, b: Point) -> Point:
    d = add(b, a, -1.0)
    size = math.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
    return d[0] / size, d[1] / size, d[2] / size


def _head(at: dict, body: Body, pose: Pose, up: Point, ahead: Point) -> None:
    size = body.height * body.head
    turn, bow = pose.look * DEGREE, pose.bow * DEGREE
    # The head nods by ``bow`` and turns by ``look``; right is the figure's own left-hand side (+x).
    up = add((0.0, up[1] * cos(bow), up[2] * cos(bow)), ahead, sin(bow))
    ahead = (0.0, -up[2], up[1])
    face = (sin(turn), ahead[1] * cos(turn), ahead[2] * cos(turn))
    left = (cos(turn), -ahead[1] * sin(turn), -ahead[2] * sin(turn))
    at["neck"] = add(at["chest"], up, size * 0.16)
    at["head"] = head = add(at["chest"], up, size * 0.68)
    at["crown"] = add(head, up, size * 0.5)
    at["face"], at["up"], at["side"] = face, up, left  # directions, not places: see below
    at["nose"] = add(add(head, face, size * 0.42), up, -size * 0.06)
    for name, hand in (("left", 1), ("right", -1)):
        at[f"{name}_eye"] = add(add(add(head, face, size * 0.33), up, size * 0.06), left, hand * size * 0.15)
        at[f"{name}_ear"] = add(add(head, left, hand * size * 0.37), up, -size * 0.02)
    # Keep what the drawing needs as places, so that lifting the figure moves them alike.
    at["face"], at["up"], at["side"] = add(head, face), add(head, up), add(head, left)


def keypoints(at: dict[str, Point]) -> list[Point]:
    """The seventeen places in COCO's order."""
    return [at[name] for name in KEYPOINTS]
