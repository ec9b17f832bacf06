"""What people do: poses drawn with some play in every angle, so that no two are alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synscenes.micrococo.chance import between, chance, pick
from synscenes.micrococo.figure import Limb, Pose

Rng = np.random.Generator


def pose(name: str, rng: Rng, seat: float | None = None) -> Pose:
    """Return a pose of one of ``POSES`` by name; ``seat`` is the height of what is sat on, in metres."""
    made = POSES[name](rng, seat)
    return made.mirrored() if chance(rng, 0.5) else made


def _play(rng: Rng, angle: float, by: float = 8.0) -> float:
    return angle + between(rng, -by, by)


def _hanging(rng: Rng) -> Limb:
    return Limb(_play(rng, 3, 10), between(rng, 4, 14), between(rng, 3, 25))


def _arm(rng: Rng) -> Limb:
    kind = pick(rng, ("hang", "hang", "hip", "pocket", "raised", "wave"))
    if kind == "hip":
        return Limb(_play(rng, -18, 4), _play(rng, 36, 5), _play(rng, 62, 6), -42)
    if kind == "pocket":
        return Limb(_play(rng, -14, 4), _play(rng, 16, 4), _play(rng, 45, 6), -10)
    if kind == "raised":
        return Limb(_play(rng, 35, 20), between(rng, 5, 25), _play(rng, 85, 25))
    if kind == "wave":
        return Limb(_play(rng, 60, 15), _play(rng, 60, 15), _play(rng, 100, 15), _play(rng, 20, 20))
    return _hanging(rng)


def _standing(rng: Rng, seat: float | None) -> Pose:
    relaxed = between(rng, 0, 12)
    return Pose(
        "standing",
        lean=between(rng, -3, 5),
        bow=between(rng, -4, 10),
        look=between(rng, -40, 40),
        left_arm=_arm(rng),
        right_arm=_hanging(rng),
        left_leg=Limb(relaxed, between(rng, 2, 9), relaxed * 1.6),
        right_leg=Limb(_play(rng, 0, 3), between(rng, 1, 6), 1),
    )


def _walking(rng: Rng, seat: float | None) -> Pose:
    step = between(rng, 14, 30)
    return Pose(
        "walking",
        lean=between(rng, 2, 8),
        bow=between(rng, 0, 8),
        look=between(rng, -25, 25),
        left_arm=Limb(-step * 0.9, 6, between(rng, 8, 30)),
        right_arm=Limb(step * 0.9, 6, between(rng, 12, 35)),
        left_leg=Limb(step, 2, between(rng, 2, 10)),
        right_leg=Limb(-step * 0.7, 2, between(rng, 10, 35)),
    )


def _running(rng: Rng, seat: float | None) -> Pose:
    step = between(rng, 35, 60)
    return Pose(
        "running",
        lean=between(rng, 10, 22),
        bow=between(rng, -8, 2),
        look=between(rng, -12, 12),
        left_arm=Limb(-step, 10, between(rng, 75, 100)),
        right_arm=Limb(step * 0.8, 8, between(rng, 75, 105)),
        left_leg=Limb(step, 2, between(rng, 35, 75)),
        right_leg=Limb(-step * 0.55, 2, between(rng, 30, 80)),
    )


def _sitting(rng: Rng, seat: float | None) -> Pose:
    knees = between(rng, 75, 95)
    resting = pick(rng, ("lap", "lap", "forward", "raised"))
    hands = {
        "lap": lambda: Limb(_play(rng, 28, 6), between(rng, 4, 12), _play(rng, 48, 8), -8),
        "forward": lambda: Limb(_play(rng, 42, 6), between(rng, 6, 12), _play(rng, 42, 8), -6),
        "raised": lambda: Limb(_play(rng, 55, 12), between(rng, 5, 20), _play(rng, 80, 15)),
    }
    return Pose(
        "sitting",
        lean=between(rng, -10, 6),
        bow=between(rng, -2, 14),
        look=between(rng, -35, 35),
        left_arm=hands[resting](),
        right_arm=hands["lap"](),
        left_leg=Limb(_play(rng, 84, 4), between(rng, 4, 14), knees),
        right_leg=Limb(_play(rng, 84, 4), between(rng, 4, 14), knees + between(rng, -12, 12)),
        seat=0.45 if seat is None else seat,
    )


def _cheering(rng: Rng, seat: float | None) -> Pose:
    return Pose(
        "cheering",
        lean=between(rng, -6, 2),
        bow=between(rng, -15, 0),
        look=between(rng, -15, 15),
        left_arm=Limb(_play(rng, 165, 12), between(rng, 12, 30), between(rng, 0, 25)),
        right_arm=Limb(_play(rng, 160, 15), between(rng, 12, 30), between(rng, 0, 35)),
        left_leg=Limb(between(rng, 0, 10), between(rng, 6, 14), between(rng, 0, 14)),
        right_leg=Limb(0, between(rng, 6, 14), between(rng, 0, 6)),
    )


def _jumping(rng: Rng, seat: float | None) -> Pose:
    return Pose(
        "jumping",
        lean=between(rng, -4, 8),
        bow=-5,
        look=between(rng, -20, 20),
        left_arm=Limb(_play(rng, 140, 25), _play(rng, 40, 15), between(rng, 0, 30)),
        right_arm=Limb(_play(rng, 120, 35), _play(rng, 45, 15), between(rng, 0, 30)),
        left_leg=Limb(_play(rng, 35, 15), between(rng, 10, 25), between(rng, 50, 95)),
        right_leg=Limb(_play(rng, 5, 15), between(rng, 8, 22), between(rng, 20, 70)),
        seat=between(rng, 1.05, 1.25),
    )


def _swinging(rng: Rng, seat: float | None) -> Pose:
    return Pose(
        "swinging",
        lean=between(rng, 4, 16),
        look=between(rng, -20, 20),
        left_arm=Limb(_play(rng, 70, 20), _play(rng, 45, 15), between(rng, 10, 40)),
        right_arm=Limb(_play(rng, 80, 40), _play(rng, 50, 15), between(rng, 5, 45)),
        left_leg=Limb(between(rng, 12, 30), between(rng, 10, 20), between(rng, 18, 40)),
        right_leg=Limb(between(rng, -20, 0), between(rng, 8, 18), between(rng, 10, 30)),
    )


def _holding(rng: Rng, seat: float | None) -> Pose:
    made = _standing(rng, seat)
    return Pose(
        "holding",
        made.lean,
        made.bow,
        made.look,
        made.left_arm,
        Limb(_play(rng, 25, 8), between(rng, 8, 16), _play(rng, 100, 12), 2),
        made.left_leg,
        made.right_leg,
    )


def _balancing(rng: Rng, seat: float | None) -> Pose:
    """On a board: knees bent, feet apart, arms out."""
    crouch = between(rng, 25, 55)
    return Pose(
        "riding",
        lean=between(rng, 8, 25),
        bow=-8,
        look=between(rng, 30, 75),
        left_arm=Limb(_play(rng, 20, 20), _play(rng, 65, 15), between(rng, 5, 35), _play(rng, 60, 20)),
        right_arm=Limb(_play(rng, 20, 20), _play(rng, 60, 20), between(rng, 10, 50), _play(rng, 50, 25)),
        left_leg=Limb(crouch * 0.8, between(rng, 16, 24), crouch * 1.5, 8),
        right_leg=Limb(crouch * 0.7, between(rng, 14, 22), crouch * 1.5, 8),
    )


def _cycling(rng: Rng, seat: float | None) -> Pose:
    """On a saddle at ``seat``: hands ahead on the bars, one knee up."""
    return Pose(
        "riding",
        lean=between(rng, 26, 36),
        bow=-20,
        look=between(rng, -20, 40),
        left_arm=Limb(58, 3, between(rng, 8, 18)),
        right_arm=Limb(58, 3, between(rng, 8, 18)),
        left_leg=Limb(76, 2, 84),
        right_leg=Limb(38, 2, 42),
        seat=seat,
    )


def _mounted(rng: Rng, seat: float | None) -> Pose:
    return Pose(
        "riding",
        lean=between(rng, 0, 14),
        look=between(rng, -25, 25),
        left_arm=Limb(38, 6, between(rng, 40, 60)),
        right_arm=Limb(38, 6, between(rng, 40, 60)),
        left_leg=Limb(48, 24, 52, 4),
        right_leg=Limb(48, 24, 52, 4),
        seat=seat,
    )


POSES: dict[str, Callable[[Rng, float | None], Pose]] = {
    "standing": _standing,
    "walking": _walking,
    "running": _running,
    "sitting": _sitting,
    "cheering": _cheering,
    "jumping": _jumping,
    "swinging": _swinging,
    "holding": _holding,
    "balancing": _balancing,
    "cycling": _cycling,
    "mounted": _mounted,
}
