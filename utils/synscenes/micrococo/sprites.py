"""Sprites: small drawings from Twemoji, recoloured, mirrored, turned and shaded so that no two look the same."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from synscenes.micrococo.chance import between, chance, cos, pick, sin
from synscenes.micrococo.colours import PALETTE, Colour, near
from synscenes.micrococo.solids import Cutout, Light

# category: code height-in-metres flags. Flags: p = may be painted in any colour of the palette; a colour's name =
# has that colour; t / v = only in train / val; c40 = the water drawn from row 40 on is taken away; l = lies flat.
_CATALOGUE = """
bicycle: 1f6b2 1.05 p
car: 1f697 1.45 p; 1f699 1.6 p; 1f695 1.5 yellow; 1f693 1.5 t; 1f698 1.5 p v; 1f3ce 1.2 p t; 1f696 1.5 yellow v
motorcycle: 1f6f5 1.1 p; 1f3cd 1.15 p
airplane: 2708 7 t; 1f6e9 4 p; 2708 7 v
bus: 1f68c 2.9 p; 1f68d 3.0 p t; 1f68e 3.0 p v
train: 1f682 3.6 t; 1f683 3.3 p; 1f685 3.3 p t; 1f684 3.3 v; 1f686 3.4 v; 1f688 3.3 p
truck: 1f69a 2.7 p; 1f692 2.8 red; 1f69b 3.0 p t; 1f6fb 1.8 p v
boat: 26f5 4.5 p c50; 1f6a4 1.9 p c38 t; 1f6e5 2.0 c46 v; 1f6f6 0.9 red c46; 1f6a2 7 c58 t; 26f4 5.5 c48 v
traffic light: 1f6a6 0.95
stop sign: 1f6d1 0.75 red
bird: 1f426 0.3 p; 1f54a 0.32 white; 1f986 0.45; 1f9a2 0.8 white t; 1f99c 0.4 t; 1f9a9 1.2 pink v; 1fabf 0.75 v
bird: 1f413 0.5; 1f414 0.45 v; 1f983 0.8 t; 1f989 0.5 v
cat: 1f408 0.42; 1f408-200d-2b1b 0.42 black
dog: 1f415 0.62; 1f429 0.6 t; 1f415-200d-1f9ba 0.6 v
horse: 1f40e 1.75
sheep: 1f411 0.95 t; 1f40f 1.0
cow: 1f404 1.5; 1f402 1.5 t; 1f403 1.5 v
elephant: 1f418 3.0
zebra: 1f993 1.6 t
giraffe: 1f992 4.6
backpack: 1f392 0.48 p
umbrella: 26f1 2.3 p
handbag: 1f45c 0.36 p; 1f45d 0.3 p v
suitcase: 1f9f3 0.68 p; 1f4bc 0.42 p
sports ball: 26bd 0.23; 1f3c0 0.24 orange; 1f3d0 0.22 white v; 1f3c8 0.2 brown t; 1f3be 0.16 green
kite: 1fa81 1.1 p
bottle: 1f376 0.26 blue v
wine glass: 1f377 0.21; 1f378 0.2 v
cup: 2615 0.12 white; 1f375 0.1 white; 1f964 0.2 red t; 1f9cb 0.2 v
knife: 1f52a 0.28 l
spoon: 1f944 0.2 l
bowl: 1f963 0.13; 1f372 0.13 t; 1f957 0.13 v; 1f35a 0.13 t; 1f35c 0.15 v
banana: 1f34c 0.18 yellow l
apple: 1f34e 0.095 red; 1f34f 0.095 green
sandwich: 1f96a 0.13
orange: 1f34a 0.1 orange
broccoli: 1f966 0.15 green
carrot: 1f955 0.2 orange l
hot dog: 1f32d 0.15 l
pizza: 1f355 0.24 l
donut: 1f369 0.11
cake: 1f382 0.22 t; 1f370 0.16; 1f9c1 0.12 v
chair: 1fa91 0.95 p
potted plant: 1fab4 0.5
toilet: 1f6bd 0.85
mouse: 1f5b1 0.08
cell phone: 1f4f1 0.15 l
clock: 23f0 0.17 red t; 1f570 0.3 v
vase: 1f3fa 0.36 t
scissors: 2702 0.2 l
teddy bear: 1f9f8 0.4
toothbrush: 1faa5 0.2 p l
book: 1f4d5 0.24 red; 1f4d7 0.24 green; 1f4d8 0.24 blue; 1f4d9 0.24 orange; 1f4da 0.28 t; 1f4d6 0.2 v
""".strip()


@dataclass(frozen=True)
class Entry:
    """One sprite of the catalogue: its file's code, its real height in metres, and how it may be used."""

    category: str
    code: str
    height: float
    paint: bool
    colour: str | None
    splits: tuple[str, ...]
    cut: int
    lies: bool


def _entries() -> list[Entry]:
    entries = []
    for line in _CATALOGUE.splitlines():
        category, _, rest = line.partition(": ")
        for part in rest.split("; "):
            code, height, *flags = part.split()
            splits = ("train",) if "t" in flags else ("val",) if "v" in flags else ("train", "val")
            colour = next((flag for flag in flags if flag in PALETTE), None)
            cut = next((int(flag[1:]) for flag in flags if flag[0] == "c" and flag[1:].isdigit()), 0)
            entries.append(Entry(category, code, float(height), "p" in flags, colour, splits, cut, "l" in flags))
    return entries


ENTRIES = _entries()
_WATER = (85, 172, 238)  # the blue that Twemoji draws under its boats
EDGE = 48  # pixels beyond the picture that are drawn too, for shadows that fall into it


@functools.cache
def choices(category: str, split: str) -> tuple[Entry, ...]:
    """The sprites of a category that a split may use."""
    return tuple(entry for entry in ENTRIES if entry.category == category and split in entry.splits)


@functools.cache
def pixels(code: str, cut: int = 0) -> np.ndarray:
    """A sprite's (h, w, 4) int32 pixels, trimmed to what is drawn, colour already multiplied by alpha."""
    from PIL import Image

    from synscenes import assets

    with Image.open(assets.path("twemoji") / f"{code}.png") as image:
        rgba = np.asarray(image.convert("RGBA")).astype(np.int32)
    if cut:
        water = np.abs(rgba[cut:, :, :3] - np.array(_WATER)).sum(axis=2) < 40
        rgba[cut:][water] = 0
    seen = rgba[..., 3] > 8
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    rgba = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    rgba[..., :3] = rgba[..., :3] * rgba[..., 3:] // 255
    return rgba


@dataclass(frozen=True)
class Guise:
    """How one sprite looks this time. ``colour`` is a palette name when a caption may use it."""

    entry: Entry
    colour: str | None
    paint: Colour | None
    mirrored: bool
    stretch: float
    shear: float
    turn: float
    tone: Colour
    squash: float = 1.0
    taper: float = 0.0

    @property
    def aspect(self) -> float:
        """Width over height."""
        height, width = pixels(self.entry.code, self.entry.cut).shape[:2]
        return width / height * self.stretch / self.squash


def guise(entry: Entry, rng: np.random.Generator, turn: float = 0.05) -> Guise:
    """Draw a look for a sprite; ``turn`` bounds its rotation in radians."""
    name = entry.colour
    paint = None
    if entry.paint:
        name = pick(rng, ("red", "blue", "green", "yellow", "white", "black", "orange", "gray", "purple"))
        paint = near(rng, PALETTE[name], 16)
    level = between(rng, 0.84, 1.1)
    tone = tuple(level * between(rng, 0.95, 1.05) for _ in range(3))
    turned = between(rng, -3.14, 3.14) if entry.lies else between(rng, -turn, turn)
    squash = between(rng, 0.45, 0.6) if entry.lies else 1.0
    return Guise(
        entry, name, paint, chance(rng, 0.5), between(rng, 0.92, 1.08), between(rng, -0.06, 0.06), turned, tone,
        squash, between(rng, -0.09, 0.09),
    )  # fmt: skip


@functools.lru_cache(maxsize=512)
def _levels(code: str, cut: int, paint: Colour | None) -> list[np.ndarray]:
    """The sprite, painted, at full size, a half, a quarter ...: sampling always starts from a near size."""
    image = pixels(code, cut)
    if paint is not None:
        image = _painted(image, paint)
    levels = [image]
    while min(image.shape[:2]) >= 8:
        image = np.pad(image, ((0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0)))
        image = (image[0::2, 0::2] + image[1::2, 0::2] + image[0::2, 1::2] + image[1::2, 1::2] + 2) // 4
        levels.append(image)
    return levels


def _painted(image: np.ndarray, paint: Colour) -> np.ndarray:
    """Give the sprite's main lively colour another hue, keeping its lights and darks."""
    rgb, alpha = image[..., :3], image[..., 3]
    high, low = rgb.max(axis=2), rgb.min(axis=2)
    lively = (high - low > 50) & (alpha > 40)
    if not lively.any():
        return image
    # The main hue: the most frequent order and rough ratio of the channels among lively pixels.
    key = rgb.argmax(axis=2) * 3 + rgb.argmin(axis=2)
    main = int(np.bincount(key[lively], minlength=9).argmax())
    chosen = lively & ((key == main) | (rgb.argmax(axis=2) == main // 3))
    reference = int(np.median(high[chosen]))
    painted = image.copy()
    for channel in range(3):
        value = rgb[..., channel]
        painted[..., channel][chosen] = np.minimum(
            int(paint[channel]) * high[chosen] // max(reference, 1), alpha[chosen]
        )
        painted[..., channel][~chosen] = value[~chosen]
    return painted


def render(look: Guise, foot: tuple[float, float], height: float, light: Light, size: tuple[int, int]) -> Cutout | None:
    """Draw the sprite ``height`` pixels tall, the middle of its lower edge at ``foot``; None beside the picture."""
    levels = _levels(look.entry.code, look.entry.cut, look.paint)
    source = levels[0]
    level = 0
    while level + 1 < len(levels) and height * 1.35 < levels[level].shape[0] // 2 * 1.0:
        level += 1
    source = levels[level]
    sh, sw = source.shape[:2]
    # A lying thing turns about its middle and is then pressed flat; a standing one turns about its foot.
    tall = max(height / look.squash if look.entry.lies else height, 3.0)
    wide = max(tall * look.aspect * look.squash, 3.0)
    middle = tall * 0.5 if look.entry.lies else 0.0
    c, s = cos(look.turn), sin(look.turn)
    reach = int((wide + tall) * (0.75 if look.entry.lies else 0.5)) + 3
    reach_x = reach if look.entry.lies else int((wide * abs(c) + tall * (abs(s) + abs(look.shear))) / 2 * 1.1) + 2
    reach_up = int(reach * look.squash) + 2 if look.entry.lies else int(tall * abs(c) + wide * abs(s) / 2) + 2
    reach_down = reach_up if look.entry.lies else int(wide * abs(s) / 2) + 2
    left, top = max(int(foot[0]) - reach_x, -EDGE), max(int(foot[1]) - reach_up, -EDGE)
    right, bottom = min(int(foot[0]) + reach_x + 1, size[0] + EDGE), min(int(foot[1]) + reach_down, size[1] + EDGE)
    if left >= right or top >= bottom:
        return None
    x = np.arange(left, right)[None, :] + (0.5 - foot[0])
    y = (np.arange(top, bottom)[:, None] + (0.5 - foot[1])) / look.squash
    v = y * c - x * s - middle
    u = (x * c + y * s - look.shear * v) * (1 - look.taper * (v / tall + 0.5))
    if look.mirrored:
        u = -u
    # 8 bits below the point from here on, whole numbers only.
    su = ((u / wide + 0.5) * sw * 256).astype(np.int32) - 128
    sv = ((v / tall + 1.0) * sh * 256).astype(np.int32) - 128
    out = _sampled(np.pad(source, ((1, 1), (1, 1), (0, 0))), su + 256, sv + 256)
    alpha = out[..., 3]
    shade = _shade(x, y if not look.entry.lies else y * 0, wide, tall, light)
    rgb = np.zeros((*alpha.shape, 3), np.int32)
    safe = np.maximum(alpha, 1)
    for channel in range(3):
        rgb[..., channel] = np.clip((out[..., channel] * 255 // safe) * shade * look.tone[channel], 0, 255)
    return Cutout(rgb.astype(np.uint8), np.minimum(alpha, 255).astype(np.uint8), left, top)


def _sampled(source: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    height, width = source.shape[:2]
    u, v = np.clip(u, 0, (width - 1) * 256 - 1), np.clip(v, 0, (height - 1) * 256 - 1)
    column, row = u >> 8, v >> 8
    fu, fv = (u & 255)[..., None], (v & 255)[..., None]
    flat = source.reshape(-1, 4)
    at = row * width + column
    upper = flat[at] * (256 - fu) + flat[at + 1] * fu
    lower = flat[at + width] * (256 - fu) + flat[at + width + 1] * fu
    return (upper * (256 - fv) + lower * fv) >> 16


def _shade(x: np.ndarray, y: np.ndarray, wide: float, tall: float, light: Light) -> np.ndarray:
    """Lighter towards the light, darker below: a flat drawing gets a little body."""
    across = np.clip(x / wide, -0.5, 0.5) * (light.direction[0] * 0.34)
    upwards = np.clip(-y / tall, 0, 1) * 0.2
    return (0.8 + light.ambient * 0.16 + across + upwards).astype(np.float32)
