"""The same photograph in other hands: drawn, flattened, reduced to two tones, or cut up and shuffled.

Each function takes an RGB picture and returns one of the same size. Some keep the outline and lose the surface
(``edges``), ``tiles`` keeps the surface and loses the outline. After Geirhos et al., "ImageNet-trained CNNs are
biased towards texture", ICLR 2019, who compared such versions; plain image processing here, no style transfer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

_GREY = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Rendition:
    """One way to render a photograph: ``name`` for figures, ``keeps`` in words, ``render``: picture -> picture."""

    name: str
    keeps: str
    render: Callable[[Image.Image], Image.Image]


def grey(image: Image.Image) -> Image.Image:
    """Without colour: each pixel's brightness, three times."""
    _check(image)
    return image.convert("L").convert("RGB")


def poster(image: Image.Image, levels: int = 5) -> Image.Image:
    """Few colours in flat patches: smooth, then round each colour to one of ``levels`` values."""
    from PIL import ImageFilter

    _check(image)
    if levels < 2:
        raise ValueError(f"levels must be at least 2, got {levels}")
    smooth = np.asarray(image.filter(ImageFilter.MedianFilter(7))) / 255
    return _picture(np.round(smooth * (levels - 1)) / (levels - 1))


def two_tones(image: Image.Image) -> Image.Image:
    """Black and white, split at the brightness that parts the two best (Otsu 1979)."""
    from PIL import ImageFilter

    _check(image)
    values = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(2)))
    return _picture((values > otsu(values)).astype(float))


def pencil(image: Image.Image) -> Image.Image:
    """Shading as by pencil: brightness divided by its own blurred copy, so that only changes stay."""
    from scipy.ndimage import gaussian_filter

    _check(image)
    values = _brightness(image)
    return _picture(np.minimum(values / (gaussian_filter(values, 6) + 0.02), 1) ** 1.5)


def edges(image: Image.Image) -> Image.Image:
    """Lines where brightness changes most, in black on white: the outline, and nothing of the surface."""
    from scipy.ndimage import gaussian_filter, sobel

    _check(image)
    values = gaussian_filter(_brightness(image), 1.5)
    strength = np.hypot(sobel(values, axis=0), sobel(values, axis=1))
    return _picture(1 - np.clip(strength / max(np.quantile(strength, 0.97), 1e-6), 0, 1))


def tiles(image: Image.Image, across: int = 4, seed: int = 0) -> Image.Image:
    """Cut into ``across`` × ``across`` tiles and shuffle them: all of the surface, none of the outline.

    A margin that the tiles don't divide stays in place. Raises ValueError for fewer than 2 tiles across, or more
    than there are pixels.
    """
    _check(image)
    if not 2 <= across <= min(image.size):
        raise ValueError(f"across must lie between 2 and {min(image.size)}, got {across}")
    pixels = np.asarray(image).copy()
    high, wide = pixels.shape[0] // across, pixels.shape[1] // across
    part = pixels[: high * across, : wide * across].reshape(across, high, across, wide, 3).swapaxes(1, 2)
    shuffled = part.reshape(-1, high, wide, 3)[np.random.default_rng(seed).permutation(across**2)]
    whole = shuffled.reshape(across, across, high, wide, 3).swapaxes(1, 2)
    pixels[: high * across, : wide * across] = whole.reshape(high * across, wide * across, 3)
    return _picture(pixels / 255)


def otsu(values: np.ndarray) -> int:
    """Return the threshold of 8-bit ``values`` that parts them into the two most different groups (Otsu 1979)."""
    counts = np.bincount(np.asarray(values, dtype=np.uint8).ravel(), minlength=256)
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return int(np.nan_to_num(between, nan=-1.0, posinf=-1.0).argmax())


RENDITIONS: dict[str, Rendition] = {
    "grey": Rendition("grey", "shape and surface, no colour", grey),
    "poster": Rendition("poster", "shape and flat colour", poster),
    "pencil": Rendition("pencil", "shape, a trace of surface", pencil),
    "two_tones": Rendition("two tones", "shape as light and dark", two_tones),
    "edges": Rendition("edges", "shape as lines", edges),
    "tiles_4": Rendition("16 tiles", "surface, and parts of the shape", lambda image: tiles(image, 4)),
    "tiles_8": Rendition("64 tiles", "surface alone", lambda image: tiles(image, 8)),
}


def _brightness(image: Image.Image) -> np.ndarray:
    return np.asarray(image) @ _GREY / 255


def _picture(values: np.ndarray) -> Image.Image:
    from PIL import Image

    picture = Image.fromarray(np.round(np.clip(values, 0, 1) * 255).astype(np.uint8))
    return picture.convert("RGB")


def _check(image) -> None:
    if getattr(image, "mode", None) != "RGB":
        found = getattr(image, "mode", type(image).__name__)
        raise ValueError(
            f'image must be a PIL picture in mode RGB, got {found}: image.convert("RGB") makes one'
        )
