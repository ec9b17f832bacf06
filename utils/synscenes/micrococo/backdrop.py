"""The canvas of stuff: sky, ground, walls, water, each with its kind, its colour and its texture."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np

from synscenes.micrococo.categories import STUFF_ID
from synscenes.micrococo.colours import Colour
from synscenes.micrococo.textures import grain, noise

WIDTH, HEIGHT = 320, 240
NOTHING = 1e9


@dataclass(frozen=True)
class Camera:
    """A level camera ``height`` metres above the ground; ``horizon`` in pixels from the top; ``focal`` in pixels."""

    height: float
    horizon: float
    focal: float
    middle: float = WIDTH / 2

    def pixel(self, x: float, y: float, z: float) -> tuple[float, float]:
        """The picture's place of a point x metres to the right, y above the ground, z away."""
        return self.middle + self.focal * x / z, self.horizon + self.focal * (self.height - y) / z

    def scale(self, z: float) -> float:
        """Pixels a metre at the distance z."""
        return self.focal / z

    def distance(self, row: float, level: float = 0.0) -> float:
        """How far away the plane ``level`` metres above the ground is where the picture shows it at ``row``."""
        return self.focal * (self.height - level) / max(row - self.horizon, 0.5)

    def pitch(self, z: float, y: float = 0.0) -> float:
        """The angle (radians, roughly) at which the camera looks down on something there."""
        slope = max((self.height - y) / z, 0.02)
        return slope / (1 + 0.28 * slope * slope)  # an even approximation of atan, in exact operations


class Backdrop:
    """The picture so far: ``rgb`` (H, W, 3) float32 in 0-255 and ``stuff`` (H, W) with ids 92-182 (0: nothing yet).

    ``depth`` (H, W): how far away a tree or fence is that hides what is behind it; NOTHING elsewhere.
    """

    def __init__(self, camera: Camera, rng: np.random.Generator) -> None:
        self.camera, self.rng = camera, rng
        self.rgb = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        self.stuff = np.zeros((HEIGHT, WIDTH), np.uint8)
        self.depth = np.full((HEIGHT, WIDTH), NOTHING, np.float32)
        self.rows = np.arange(HEIGHT, dtype=np.float32)[:, None] + np.zeros((1, WIDTH), np.float32)
        self.columns = np.arange(WIDTH, dtype=np.float32)[None, :] + np.zeros((HEIGHT, 1), np.float32)
        # Where the ground is seen: metres to the right, metres away (far above the horizon: meaningless).
        below = np.maximum(self.rows + 0.5 - camera.horizon, 0.5)
        self.z = camera.focal * np.float32(camera.height) / below
        self.x = (self.columns + 0.5 - camera.middle) * self.z / camera.focal
        self.shift = (int(rng.random() * 256), int(rng.random() * 256))

    def noise(self, u: np.ndarray, v: np.ndarray, scale: float) -> np.ndarray:
        """Cloudy noise (-1 to 1) with ``scale`` cells a unit, moved differently in each picture."""
        return noise(u * np.float32(scale) + self.shift[0] + 4096, v * np.float32(scale) + self.shift[1] + 4096)

    def grain(self) -> np.ndarray:
        """Fine grain (-1 to 1), one value a pixel."""
        return grain(self.columns + self.shift[0], self.rows + self.shift[1])

    def ridge(self, level: float, height: float, scale: float, seed: int = 0) -> np.ndarray:
        """A wavy line: for each column the row of a skyline that rises up to ``height`` above ``level``."""
        line = self.noise(self.columns[:1], np.full((1, WIDTH), 37.0 * (seed + 1), np.float32), scale)
        return np.float32(level) - np.float32(height) * (line * np.float32(0.5) + np.float32(0.5))

    def paint(self, where: np.ndarray, kind: str, colour: Colour | list, texture: np.ndarray | float = 0.0) -> None:
        """Paint a (H, W) bool region: its kind of stuff by name, and colour x (1 + texture)."""
        rows = _rows(where)
        if rows is None:
            return
        where = where[rows]
        self.stuff[rows][where] = STUFF_ID[kind]
        factor = 1 + (texture[rows] if isinstance(texture, np.ndarray) else texture)
        for channel in range(3):
            value = colour[channel]
            value = (value[rows] if isinstance(value, np.ndarray) else value) * factor
            self.rgb[..., channel][rows][where] = value[where] if isinstance(value, np.ndarray) else value

    def ground(self, where: np.ndarray, kind: str, colour: Colour, rough: float, scale: float) -> None:
        """Paint level ground: texture in the world's metres that fades with distance, and haze far away."""
        near = np.minimum(np.float32(1), np.float32(self.camera.focal / 60.0) / self.z)
        texture = self.noise(self.x, self.z, scale) * 0.6 * near + self.noise(self.x, self.z, scale / 9) * 0.45
        texture = texture + self.grain() * 0.3 * near
        self.paint(where, kind, colour, texture * np.float32(rough))

    def lift(self, where: np.ndarray, colour: Colour, share: np.ndarray | float) -> None:
        """Blend a colour in without changing what the stuff is (haze, light, markings, foam)."""
        rows = _rows(where)
        if rows is None:
            return
        share = share[rows] if isinstance(share, np.ndarray) else np.float32(share)
        amount = (share * where[rows]).astype(np.float32)
        for channel in range(3):
            value = self.rgb[..., channel][rows]
            value += (np.float32(colour[channel]) - value) * amount

    def part(self, x0: float, y0: float, x1: float, y1: float) -> Backdrop:
        """The same backdrop seen through a rectangle: painting a small thing there costs little."""
        inside = (
            slice(min(max(int(y0), 0), HEIGHT - 1), min(max(int(y1) + 1, 1), HEIGHT)),
            slice(min(max(int(x0), 0), WIDTH - 1), min(max(int(x1) + 1, 1), WIDTH)),
        )
        small = copy.copy(self)
        for name in ("rgb", "stuff", "depth", "rows", "columns", "z", "x"):
            setattr(small, name, getattr(self, name)[inside])
        return small

    def box(self, x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
        """The pixels of a rectangle in the picture."""
        return (self.columns >= x0) & (self.columns < x1) & (self.rows >= y0) & (self.rows < y1)


def _rows(where: np.ndarray) -> slice | None:
    """The rows that a mask touches, or None for an empty mask."""
    touched = np.flatnonzero(where.any(axis=1))
    return slice(int(touched[0]), int(touched[-1]) + 1) if touched.size else None
