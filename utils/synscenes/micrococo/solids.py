"""A very small renderer: balls, rounded bars, boxes and cones with a depth buffer, light and smooth edges.

An object is a list of solids in its own frame, in metres: x to the right, y up, z towards the viewer when it
is not turned. It is turned about the vertical (``yaw``), looked at from above (``pitch``), and drawn without
perspective of its own: objects are small beside their distance.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from synscenes.micrococo.chance import cos, sin

Point = tuple[float, float, float]
Colour = tuple[float, float, float]  # 0-255


@dataclass
class Bar:
    """A rounded bar from ``a`` to ``b`` with the radii there; a ball when both points are the same."""

    a: Point
    b: Point
    ra: float
    rb: float
    colour: Colour
    pattern: Callable | None = None  # (along, across, colour) -> list of three arrays


@dataclass
class Ball:
    """An ellipsoid whose axes are the frame's, turned by ``roll`` about x first (radians)."""

    centre: Point
    radii: Point
    colour: Colour
    roll: float = 0.0
    pattern: Callable | None = None


@dataclass
class Box:
    """A box; ``decals`` paint faces (front back left right top): (u, v from -1 to 1, colour) -> three arrays."""

    centre: Point
    half: Point
    colour: Colour
    turn: float = 0.0  # about the vertical
    tilt: float = 0.0  # about x, before the turn
    roll: float = 0.0  # about z, before the tilt
    decals: dict[str, Callable] = field(default_factory=dict)


@dataclass
class Cone:
    """A round body on a vertical axis: radius ``r0`` at its foot, ``r1`` at the top, which shows ``cap``."""

    foot: Point
    height: float
    r0: float
    r1: float
    colour: Colour
    cap: Colour | None = None
    pattern: Callable | None = None


Solid = Bar | Ball | Box | Cone


@dataclass(frozen=True)
class Light:
    """Where light comes from (x right, y up, z towards the viewer; unit length) and how much of it is everywhere."""

    direction: Point = (-0.48, 0.64, 0.6)
    ambient: float = 0.55


@dataclass
class Cutout:
    """A drawn object: ``rgb`` (h, w, 3) and ``alpha`` (h, w) as uint8, with the picture's pixel of its corner.

    ``depth`` (h, w) is how near the seen surface is, in metres towards the viewer (None for sprites).
    """

    rgb: np.ndarray
    alpha: np.ndarray
    left: int
    top: int
    depth: np.ndarray | None = None


class View:
    """The transform from an object's frame to the picture: metres to pixels."""

    def __init__(self, foot: tuple[float, float], scale: float, yaw: float = 0.0, pitch: float = 0.15) -> None:
        self.foot, self.scale = foot, scale
        self._yaw, self._pitch = (cos(yaw), sin(yaw)), (cos(pitch), sin(pitch))

    def turned(self, point: Point) -> Point:
        """The point (or direction) in the viewer's frame, in metres: x right, y up, z towards the viewer."""
        (cy, sy), (cp, sp) = self._yaw, self._pitch
        x = point[0] * cy + point[2] * sy
        z = -point[0] * sy + point[2] * cy
        return x, point[1] * cp - z * sp, point[1] * sp + z * cp

    def pixel(self, point: Point) -> tuple[float, float]:
        """Where a point of the object's frame lies in the picture."""
        x, y, _ = self.turned(point)
        return self.foot[0] + x * self.scale, self.foot[1] - y * self.scale


def span(solid: Solid, view: View) -> tuple[float, float, float, float]:
    """Metres (x0, y0, x1, y1) of the viewer's frame that hold the solid."""
    if isinstance(solid, Bar):
        ends = [(view.turned(solid.a), solid.ra), (view.turned(solid.b), solid.rb)]
    elif isinstance(solid, Ball):
        ends = [(view.turned(solid.centre), max(solid.radii))]
    elif isinstance(solid, Box):
        centre, axes = view.turned(solid.centre), box_axes(solid, view)
        reach = [math.fsum(abs(axis[k]) * half for axis, half in zip(axes, solid.half)) for k in (0, 1)]
        return centre[0] - reach[0], centre[1] - reach[1], centre[0] + reach[0], centre[1] + reach[1]
    else:
        x, y, z = solid.foot
        ends = [(view.turned(solid.foot), solid.r0), (view.turned((x, y + solid.height, z)), solid.r1)]
    return (
        min(p[0] - r for p, r in ends),
        min(p[1] - r for p, r in ends),
        max(p[0] + r for p, r in ends),
        max(p[1] + r for p, r in ends),
    )


def box_axes(box: Box, view: View) -> list[Point]:
    c, s = cos(box.turn), sin(box.turn)
    ct, st = cos(box.tilt), sin(box.tilt)
    cr, sr = cos(box.roll), sin(box.roll)

    def placed(p: Point) -> Point:
        p = (p[0] * cr - p[1] * sr, p[0] * sr + p[1] * cr, p[2])
        p = (p[0], p[1] * ct - p[2] * st, p[1] * st + p[2] * ct)
        return view.turned((p[0] * c + p[2] * s, p[1], -p[0] * s + p[2] * c))

    return [placed(axis) for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))]
