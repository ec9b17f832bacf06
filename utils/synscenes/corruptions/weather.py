"""Weather: something comes between the camera and the world."""

from __future__ import annotations

from functools import cache

import numpy as np

from synscenes.corruptions.blur import enlarge, gaussian, smear

FROST_FILES = ("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg")
_GREY = np.array([0.299, 0.587, 0.114])  # how bright red, green and blue look (ITU-R BT.601)
_WATER = np.array([175, 238, 238]) / 255  # pale turquoise
_MUD = np.array([63, 42, 20]) / 255


def snow(pixels: np.ndarray, fall: tuple, rng) -> np.ndarray:
    """Flakes of random size, smeared as they fall, over a picture turned paler."""
    mean, scale, zoom, least, radius, sigma, keep = fall
    height, width = pixels.shape[:2]
    flakes = enlarge(rng.normal(size=(height, width), loc=mean, scale=scale), zoom)
    flakes = np.clip(np.where(flakes < least, 0, flakes), 0, 1)
    flakes = smear(flakes, radius, sigma, angle=rng.uniform(-135, -45))
    flakes = np.round(flakes * 255)[:height, :width, None] / 255
    pale = np.maximum(pixels, (pixels @ _GREY)[:, :, None] * 1.5 + 0.5)
    return keep * pixels + (1 - keep) * pale + flakes + flakes[::-1, ::-1]


def frost(pixels: np.ndarray, mix: tuple[float, float], rng) -> np.ndarray:
    """A random piece of a photograph of frost, laid over the picture."""
    keep, ice = mix
    height, width = pixels.shape[:2]
    layer = _frost_photo(int(rng.integers(len(FROST_FILES))), height, width)
    top = rng.integers(0, layer.shape[0] - height)
    left = rng.integers(0, layer.shape[1] - width)
    return keep * pixels + ice * layer[top : top + height, left : left + width]


@cache
def _frost_photo(index: int, height: int, width: int) -> np.ndarray:
    """One of the five photographs of frost, a tenth larger than it must be to cover height × width."""
    from PIL import Image

    from synscenes import assets
    from synscenes.pictures import open_image

    photo = open_image(assets.path("frost") / FROST_FILES[index])
    factor = 1.1 * max(1, height / photo.height, width / photo.width)
    size = (int(np.ceil(photo.width * factor)), int(np.ceil(photo.height * factor)))
    return np.asarray(photo.resize(size, Image.Resampling.BICUBIC)) / 255


def fog(pixels: np.ndarray, thickness: tuple[float, float], rng) -> np.ndarray:
    """Add a cloud, then darken everything so that the brightest value stays what it was."""
    amount, smoothness = thickness
    height, width = pixels.shape[:2]
    side = 1 << (max(height, width) - 1).bit_length()
    cloud = plasma(side, smoothness, rng)[:height, :width, None]
    top = pixels.max()
    return (pixels + amount * cloud) * top / (top + amount)


def plasma(side: int, smoothness: float, rng) -> np.ndarray:
    """A cloud of (side, side) values from 0 to 1 by the diamond-square method; ``side`` is a power of two.

    Start from one corner. Give the middle of every square the mean of its corners, give or take; then the
    same for every diamond. Halve the squares, lower the give or take, repeat. The edges wrap around.
    """
    cloud = np.zeros((side, side))
    step, wobble = side, 100.0

    def around(total: np.ndarray) -> np.ndarray:
        return total / 4 + wobble * rng.uniform(-wobble, wobble, total.shape)

    while step >= 2:
        half = step // 2
        corners = cloud[::step, ::step]
        pairs = corners + np.roll(corners, -1, axis=0)
        cloud[half::step, half::step] = around(pairs + np.roll(pairs, -1, axis=1))
        middles, corners = cloud[half::step, half::step], cloud[::step, ::step]
        across = middles + np.roll(middles, 1, axis=0) + corners + np.roll(corners, -1, axis=1)
        cloud[::step, half::step] = around(across)
        down = middles + np.roll(middles, 1, axis=1) + corners + np.roll(corners, -1, axis=0)
        cloud[half::step, ::step] = around(down)
        step, wobble = half, wobble / smoothness
    cloud -= cloud.min()
    return cloud / cloud.max()


def spatter(pixels: np.ndarray, liquid: tuple, rng) -> np.ndarray:
    """Drops on the lens: of water for severities 1 to 3, of mud for 4 and 5."""
    mean, scale, sigma, least, strength, is_mud = liquid
    drops = gaussian(rng.normal(size=pixels.shape[:2], loc=mean, scale=scale), sigma)
    drops = np.where(drops < least, 0, drops)
    if not is_mud:
        shine = drops * _rims(drops > 0)
        return pixels + strength * (shine / max(shine.max(), 1e-9))[:, :, None] * _WATER
    mask = gaussian((drops > least).astype(float), strength)
    mask = np.where(mask < 0.8, 0, mask)[:, :, None]
    return pixels * (1 - mask) + mask * _MUD


def _rims(drops: np.ndarray) -> np.ndarray:
    """How a drop catches the light, 0 to 255: darker at its rim, with light coming from one side.

    The original finds the rims with OpenCV's Canny detector; a drop's outermost pixels are nearly the
    same, and need no threshold.
    """
    from scipy.ndimage import binary_erosion, correlate, distance_transform_edt, uniform_filter

    rim = drops & ~binary_erosion(drops)
    depth = np.minimum(distance_transform_edt(~rim), 20) if rim.any() else np.full(drops.shape, 20.0)
    depth = np.floor(uniform_filter(depth, 3, mode="mirror") + 1e-9).astype(int)  # running sums end in -1e-16
    counts = np.bincount(depth.ravel(), minlength=256)
    share = (np.cumsum(counts) - counts[depth.min()]) / max(depth.size - counts[depth.min()], 1)
    even = np.round(255 * share)[depth]  # each depth equally often: more contrast
    slope = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
    lit = np.clip(correlate(even, slope, mode="mirror"), 0, 255)
    return np.maximum(uniform_filter(np.floor(lit), 3, mode="mirror"), 0)
