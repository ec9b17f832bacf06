"""Drawing solids: each is hit by parallel rays, the nearest surface is kept, shaded, and four places make a pixel."""

from __future__ import annotations

import math

import numpy as np

from synscenes.micrococo.chance import cos, sin
from synscenes.micrococo.solids import (
    Ball,
    Bar,
    Box,
    Cone,
    Cutout,
    Light,
    Solid,
    View,
    box_axes,
    span,
)

FINE = 2  # each pixel is looked at in FINE x FINE places


class _Canvas:
    """Depth and colour at FINE x FINE places a pixel, in metres of the viewer's frame."""

    def __init__(self, view: View, frame: tuple[int, int, int, int]) -> None:
        left, top, right, bottom = frame
        height, width = (bottom - top) * FINE, (right - left) * FINE
        step = 1 / (FINE * view.scale)
        self.x = (((np.arange(width) + 0.5) / FINE + left - view.foot[0]) / view.scale).astype(np.float32)
        self.y = ((view.foot[1] - (np.arange(height) + 0.5) / FINE - top) / view.scale).astype(np.float32)
        self.start = float(self.x[0]), float(self.y[0])
        self.step = step
        self.depth = np.full((height, width), -1e9, np.float32)
        self.rgb = np.zeros((3, height, width), np.float32)

    def window(self, x0: float, x1: float, y0: float, y1: float) -> tuple[slice, slice] | None:
        """The places within the given metres, or None when there are none."""
        left, top = self.start
        a = max(int((x0 - left) / self.step), 0)
        b = min(int((x1 - left) / self.step) + 2, len(self.x))
        c = max(int((top - y1) / self.step), 0)
        d = min(int((top - y0) / self.step) + 2, len(self.y))
        return (slice(c, d), slice(a, b)) if a < b and c < d else None

    def put(self, window: tuple, hit: np.ndarray, depth: np.ndarray, rgb: list) -> None:
        """Keep what is nearer than what was there."""
        nearer = hit & (depth > self.depth[window])
        np.copyto(self.depth[window], depth, where=nearer)
        for channel in range(3):
            np.copyto(self.rgb[channel][window], rgb[channel], where=nearer, casting="same_kind")


def draw(solids: list[Solid], view: View, light: Light, size: tuple[int, int], margin: int = 48) -> Cutout | None:
    """Draw solids in the part of a (width, height) picture where they are seen; None when that is nowhere.

    ``margin``: how far beyond the picture's edges is still drawn (shadows need it).
    """
    frame = _frame(solids, view, size, margin)
    if frame is None:
        return None
    canvas = _Canvas(view, frame)
    for solid in solids:
        _DRAWERS[type(solid)](canvas, solid, view, light)
    seen = canvas.depth > -1e8
    if not seen.any():
        return None
    count = _pooled(seen.astype(np.int16))
    alpha = (count * 255 + FINE * FINE // 2) // (FINE * FINE)
    count = np.maximum(count, 1)
    whole = np.clip(canvas.rgb, 0, 255).astype(np.int16)
    rgb = np.stack([_pooled(whole[k]) // count for k in range(3)], -1)
    return Cutout(rgb.astype(np.uint8), alpha.astype(np.uint8), frame[0], frame[1], _nearest(canvas.depth))


def _pooled(values: np.ndarray) -> np.ndarray:
    return values[0::2, 0::2] + values[0::2, 1::2] + values[1::2, 0::2] + values[1::2, 1::2]


def _nearest(depth: np.ndarray) -> np.ndarray:
    quarters = depth[0::2, 0::2], depth[0::2, 1::2], depth[1::2, 0::2], depth[1::2, 1::2]
    return np.maximum(np.maximum(quarters[0], quarters[1]), np.maximum(quarters[2], quarters[3]))


def _frame(solids: list[Solid], view: View, size: tuple[int, int], margin: int) -> tuple[int, int, int, int] | None:
    spans = [span(solid, view) for solid in solids]
    x0, y0 = min(s[0] for s in spans), min(s[1] for s in spans)
    x1, y1 = max(s[2] for s in spans), max(s[3] for s in spans)
    left = max(int(view.foot[0] + x0 * view.scale) - 2, -margin)
    right = min(int(view.foot[0] + x1 * view.scale) + 3, size[0] + margin)
    top = max(int(view.foot[1] - y1 * view.scale) - 2, -margin)
    bottom = min(int(view.foot[1] - y0 * view.scale) + 3, size[1] + margin)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _shaded(colour: list, normal: tuple, light: Light) -> list:
    lit = normal[0] * light.direction[0] + normal[1] * light.direction[1] + normal[2] * light.direction[2]
    # Half-Lambert: light wraps around a body, as it does under an open sky.
    strength = light.ambient + (1.08 - light.ambient) * (0.5 + 0.5 * lit)
    return [channel * strength for channel in colour]


def _draw_bar(canvas: _Canvas, bar: Bar, view: View, light: Light) -> None:
    (ax, ay, az), (bx, by, bz) = view.turned(bar.a), view.turned(bar.b)
    x0, y0, x1, y1 = span(bar, view)
    window = canvas.window(x0, x1, y0, y1)
    if window is None:
        return
    x, y = canvas.x[None, window[1]], canvas.y[window[0], None]
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = np.clip(((x - ax) * dx + (y - ay) * dy) / length, 0, 1) if length > 1e-9 else np.zeros((1, 1))
    radius = np.maximum(bar.ra + (bar.rb - bar.ra) * along, 1e-4)
    nx, ny = (x - ax - dx * along) / radius, (y - ay - dy * along) / radius
    square = nx * nx + ny * ny
    nz = np.sqrt(np.maximum(1 - square, 0))
    depth = az + (bz - az) * along + radius * nz
    across = (nx * dy - ny * dx) / (math.sqrt(length) + 1e-9)
    colour = bar.pattern(along + 0 * square, across, bar.colour) if bar.pattern else list(bar.colour)
    canvas.put(window, square < 1, depth, _shaded(colour, (nx, ny, nz), light))


def _draw_ball(canvas: _Canvas, ball: Ball, view: View, light: Light) -> None:
    cx, cy, cz = view.turned(ball.centre)
    x0, y0, x1, y1 = span(ball, view)
    window = canvas.window(x0, x1, y0, y1)
    if window is None:
        return
    x, y = canvas.x[None, window[1]] - cx, canvas.y[window[0], None] - cy
    c, s = cos(ball.roll), sin(ball.roll)
    axes = [view.turned(axis) for axis in ((1.0, 0.0, 0.0), (0.0, c, s), (0.0, -s, c))]
    # The quadric p' A p = 1 with A the sum of axis axis' / radius^2.
    m = [[0.0] * 3 for _ in range(3)]
    for axis, radius in zip(axes, ball.radii):
        for i in range(3):
            for j in range(3):
                m[i][j] += axis[i] * axis[j] / (radius * radius)
    half = m[0][2] * x + m[1][2] * y
    rest = m[0][0] * x * x + 2 * m[0][1] * x * y + m[1][1] * y * y - 1
    root = half * half - m[2][2] * rest
    z = (-half + np.sqrt(np.maximum(root, 0))) / m[2][2]
    normal = [m[k][0] * x + m[k][1] * y + m[k][2] * z for k in range(3)]
    size = np.sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]) + 1e-9
    colour = list(ball.colour)
    if ball.pattern:
        local = [(axis[0] * x + axis[1] * y + axis[2] * z) / r for axis, r in zip(axes, ball.radii)]
        colour = ball.pattern(*local, ball.colour)
    canvas.put(window, root > 0, cz + z, _shaded(colour, [n / size for n in normal], light))


_FACES = {"front": (2, 1), "back": (2, -1), "left": (0, -1), "right": (0, 1), "top": (1, 1), "bottom": (1, -1)}


def _draw_box(canvas: _Canvas, box: Box, view: View, light: Light) -> None:
    centre = view.turned(box.centre)
    axes = box_axes(box, view)
    x0, y0, x1, y1 = span(box, view)
    window = canvas.window(x0, x1, y0, y1)
    if window is None:
        return
    for name, (axis, sign) in _FACES.items():
        normal = tuple(sign * value for value in axes[axis])
        if normal[2] <= 1e-6:
            continue
        one, two = {2: (0, 1), 0: (2, 1), 1: (0, 2)}[axis]
        middle = [centre[k] + normal[k] * box.half[axis] for k in range(3)]
        x, y = canvas.x[None, window[1]] - middle[0], canvas.y[window[0], None] - middle[1]
        a, b = [v * box.half[one] for v in axes[one]], [v * box.half[two] for v in axes[two]]
        determinant = a[0] * b[1] - a[1] * b[0]
        if abs(determinant) < 1e-9:
            continue
        u, v = (x * b[1] - y * b[0]) / determinant, (y * a[0] - x * a[1]) / determinant
        hit = (u >= -1) & (u <= 1) & (v >= -1) & (v <= 1)
        colour = box.decals[name](u * sign, v, box.colour) if name in box.decals else list(box.colour)
        canvas.put(window, hit, middle[2] + u * a[2] + v * b[2], _shaded(colour, normal, light))


def _draw_cone(canvas: _Canvas, cone: Cone, view: View, light: Light) -> None:
    x0, y0, x1, y1 = span(cone, view)
    window = canvas.window(x0, x1, y0, y1)
    if window is None:
        return
    fx, fy, fz = view.turned(cone.foot)
    x, y = canvas.x[None, window[1]] - fx, canvas.y[window[0], None] - fy
    up = view.turned((0.0, 1.0, 0.0))
    cp, sp = up[1], max(up[2], 1e-6)
    # In the upright frame: height = y cp + t sp, across = (x, -y sp + t cp), t towards the viewer.
    slope = (cone.r1 - cone.r0) / cone.height
    r = cone.r0 + slope * y * cp
    qa = cp * cp - slope * slope * sp * sp
    qb = -y * sp * cp - slope * sp * r
    qc = x * x + y * y * sp * sp - r * r
    root = qb * qb - qa * qc
    t = (-qb + np.sqrt(np.maximum(root, 0))) / qa
    height = y * cp + t * sp
    inward = (t * cp - y * sp) + 0 * x
    size = np.sqrt(x * x + inward * inward) + 1e-9
    normal = (x / size, inward / size * -sp - slope * cp, inward / size * cp - slope * sp)
    colour = cone.pattern(height / cone.height, x / size, cone.colour) if cone.pattern else list(cone.colour)
    hit = (root > 0) & (height >= 0) & (height <= cone.height)
    canvas.put(window, hit, fz + t, _shaded(colour, normal, light))
    # The cap: the plane at full height.
    t = (cone.height - y * cp) / sp + 0 * x
    inward = t * cp - y * sp
    cap = cone.cap or cone.colour
    hit = x * x + inward * inward < cone.r1 * cone.r1
    canvas.put(window, hit, fz + t, _shaded(list(cap), up, light))


_DRAWERS = {Bar: _draw_bar, Ball: _draw_ball, Box: _draw_box, Cone: _draw_cone}
