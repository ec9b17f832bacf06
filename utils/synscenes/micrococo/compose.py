"""From a stage to a picture and its truth: things are laid over the backdrop from far to near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synscenes.micrococo.backdrop import HEIGHT, WIDTH
from synscenes.micrococo.chance import between, chance
from synscenes.micrococo.scene import Stage, Thing
from synscenes.micrococo.textures import blurred, grain_tile

SOLID = 128  # alpha from which a pixel belongs to the thing


@dataclass
class Picture:
    """``rgb`` (H, W, 3) uint8; ``owner`` (H, W) int16: 0 for stuff, else a thing's number + 1; ``stuff`` (H, W) ids."""

    rgb: np.ndarray
    owner: np.ndarray
    stuff: np.ndarray


def compose(stage: Stage) -> Picture:
    """Lay shadows and things over the backdrop, then light, lens and sensor."""
    rgb = np.clip(stage.backdrop.rgb, 0, 255)
    owner = np.zeros((HEIGHT, WIDTH), np.int16)
    # Sometimes the lens is set to what is near: all that lies beyond is softened before the rest is laid over it.
    sharp = between(stage.rng, 5, 9) if not stage.indoors and chance(stage.rng, 0.35) else 0.0
    for thing in sorted(stage.things, key=lambda thing: (-thing.order, thing.number)):
        if sharp and thing.order < sharp:
            _defocus(rgb, stage, sharp)
            sharp = 0.0
        if thing.shadow != "none":
            _shade(rgb, owner, thing, stage)
        _lay(rgb, owner, thing, stage)
    return Picture(_photographed(rgb, stage), owner, stage.backdrop.stuff)


def _defocus(rgb: np.ndarray, stage: Stage, beyond: float) -> None:
    last = min(max(int(stage.camera.pixel(0, 0, beyond)[1]), 8), HEIGHT)
    rgb[:last] = _softened(_softened(_softened(rgb[:last])))


def _window(left: int, top: int, height: int, width: int) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, WIDTH), min(top + height, HEIGHT)
    if x0 >= x1 or y0 >= y1:
        return None
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))


def _lay(rgb: np.ndarray, owner: np.ndarray, thing: Thing, stage: Stage) -> None:
    cutout = thing.cutout
    found = _window(cutout.left, cutout.top, *cutout.alpha.shape)
    if found is None:
        return
    here, there = found
    alpha = np.where(stage.backdrop.depth[here] < thing.order, 0, cutout.alpha[there])  # a tree may stand before it
    share = (alpha.astype(np.float32) * np.float32(1 / 255))[..., None]
    rgb[here] += (cutout.rgb[there].astype(np.float32) - rgb[here]) * share
    owner[here][alpha >= SOLID] = thing.number + 1


def _shade(rgb: np.ndarray, owner: np.ndarray, thing: Thing, stage: Stage) -> None:
    """The dark patch where a thing touches what it stands on, and in sunlight the shadow that it throws."""
    x, y = thing.foot
    wide = max(thing.wide * 0.5, 1.5)
    flat = max(wide * min(0.1 + stage.camera.pitch(max(thing.z, 0.3), thing.y) * 0.7, 0.5), 1.2)
    top, left = int(y - 2 * flat) - 2, int(x - 1.5 * wide) - 2
    found = _window(left, top, int(4 * flat) + 5, int(3 * wide) + 5)
    if found:
        here, _ = found
        dx = (np.arange(here[1].start, here[1].stop)[None, :] + 0.5 - x) / (wide * 1.15)
        dy = (np.arange(here[0].start, here[0].stop)[:, None] + 0.5 - y) / (flat * 1.3)
        dark = np.clip(1 - (dx * dx + dy * dy), 0, 1).astype(np.float32) * np.float32(0.5)
        rgb[here] *= 1 - _allowed(dark, owner, here, thing, stage)[..., None]
    if thing.shadow == "ground" and stage.mood in ("clear", "evening", "morning") and not stage.indoors:
        _throw(rgb, owner, thing, stage)


def _allowed(dark: np.ndarray, owner: np.ndarray, here: tuple, thing: Thing, stage: Stage) -> np.ndarray:
    """A shadow falls on level stuff, and on what the thing stands on; not on what stands there."""
    owner = owner[here]
    ground = (owner == 0) & (stage.backdrop.depth[here] > 1e8)
    for relation, other in thing.links:
        if relation in ("on", "sitting on"):
            ground |= owner == other + 1
    return dark * ground


def _throw(rgb: np.ndarray, owner: np.ndarray, thing: Thing, stage: Stage) -> None:
    """Lay the thing's outline down on the ground, away from the sun."""
    cutout, y = thing.cutout, thing.foot[1]
    lean = -stage.light.direction[0] * 1.15
    squash = 0.2 if stage.mood == "clear" else 0.14
    tall = int(y) - cutout.top
    if tall < 3:
        return
    depth = max(int(tall * squash), 2)
    width = cutout.alpha.shape[1]
    slant = int(abs(lean) * tall * 0.75) + 3
    left = cutout.left - slant
    rows = np.arange(depth + 4)[:, None]
    columns = np.arange(width + 2 * slant)[None, :]
    # Row k of the shadow, k below the foot, shows the thing's row k / squash above its foot, moved sideways.
    up = (rows * tall) // depth
    source_row = int(y) - cutout.top - 1 - up
    source_column = columns - slant - (up * lean * 0.75).astype(np.int64)
    inside = (source_row >= 0) & (source_row < cutout.alpha.shape[0]) & (source_column >= 0) & (source_column < width)
    alpha = cutout.alpha[np.clip(source_row, 0, cutout.alpha.shape[0] - 1), np.clip(source_column, 0, width - 1)]
    soft = blurred(alpha.astype(np.int64) * inside, 1)
    found = _window(left, int(y) - 1, *soft.shape)
    if found:
        here, there = found
        strength = {"clear": 0.46, "evening": 0.34, "morning": 0.34}[stage.mood]
        dark = soft[there].astype(np.float32) * np.float32(strength / 255)
        rgb[here] *= 1 - _allowed(dark, owner, here, thing, stage)[..., None]


_TINTS = {
    "clear": (1.03, 1.0, 0.96), "cloudy": (1.0, 1.0, 1.0), "overcast": (0.95, 0.97, 1.0), "evening": (1.08, 0.95, 0.82),
    "morning": (1.05, 0.98, 0.92),
}  # fmt: skip


def _photographed(rgb: np.ndarray, stage: Stage) -> np.ndarray:
    """White balance, exposure, vignette, a lens that is not quite sharp, and the sensor's noise."""
    rng = stage.rng
    exposure = between(rng, 0.88, 1.1)
    dx = (np.arange(WIDTH, dtype=np.float32)[None, :] - WIDTH / 2) / WIDTH
    dy = (np.arange(HEIGHT, dtype=np.float32)[:, None] - HEIGHT / 2) / HEIGHT
    fall = 1 - np.float32(between(rng, 0.05, 0.35)) * (dx * dx + dy * dy)
    tint = _TINTS[stage.mood]
    for channel in range(3):
        rgb[..., channel] *= fall * np.float32(exposure * tint[channel] * between(rng, 0.97, 1.03))
    if chance(rng, 0.5):
        rgb = _softened(rgb)
    amount = np.float32(between(rng, 0.05, 0.28))
    row, column = int(rng.random() * 256), int(rng.random() * 256)
    tile = np.roll(grain_tile(), (row, column), (0, 1))
    sheet = np.tile(tile, (1, 2))[:HEIGHT, :WIDTH].astype(np.float32) * amount
    for channel in range(3):
        rgb[..., channel] += np.roll(sheet, 37 * channel, 1)
    return np.clip(rgb + np.float32(0.5), 0, 255).astype(np.uint8)


def _softened(rgb: np.ndarray) -> np.ndarray:
    """A slight blur (1 6 1), across and down."""
    wide = np.pad(rgb, ((1, 1), (1, 1), (0, 0)), mode="edge")
    across = (wide[:, :-2] + wide[:, 2:]) * np.float32(0.125) + wide[:, 1:-1] * np.float32(0.75)
    return (across[:-2] + across[2:]) * np.float32(0.125) + across[1:-1] * np.float32(0.75)
