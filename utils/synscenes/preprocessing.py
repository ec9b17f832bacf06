"""From a photograph to a network's input, step by step, with the arithmetic in the open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

# Mean and spread of the channels over ImageNet's training images, on a scale of 0 to 1.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def resize_short_side(image: Image.Image, side: int = 256) -> Image.Image:
    """Scale an image so that its shorter side has ``side`` pixels; the shape stays (bilinear, antialiased)."""
    from PIL import Image

    width, height = image.size
    short = min(width, height)
    # Truncated, not rounded: this is what torchvision's Resize(256) does.
    size = (int(width * side / short), int(height * side / short))
    return image.resize(size, Image.Resampling.BILINEAR)


def centre_crop(image: Image.Image, side: int = 224) -> Image.Image:
    """Cut the middle square of ``side`` pixels. Raises ValueError when the image is smaller than that."""
    width, height = image.size
    if min(width, height) < side:
        raise ValueError(f"image is {width} × {height}; cannot cut {side} × {side} from it")
    left, top = round((width - side) / 2), round((height - side) / 2)
    return image.crop((left, top, left + side, top + side))


def normalise(image, mean: Sequence[float] = MEAN, std: Sequence[float] = STD) -> np.ndarray:
    """Turn 8-bit pixels (H, W, 3) into the numbers a network reads: (3, H, W) float32.

    Divide by 255, subtract each channel's mean, divide by its standard deviation, put channels first.
    ``image`` is a PIL image in mode RGB or such an array. Raises ValueError for other shapes or types.
    """
    pixels = np.asarray(image)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"expected 8-bit RGB pixels (H, W, 3), got {pixels.dtype} {pixels.shape}")
    scaled = (pixels / np.float32(255) - np.float32(mean)) / np.float32(std)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1), dtype=np.float32)


def to_picture(tensor, mean: Sequence[float] = MEAN, std: Sequence[float] = STD) -> Image.Image:
    """Undo ``normalise``: (3, H, W) numbers back to a PIL image; what falls outside 0-255 is clipped."""
    from PIL import Image

    values = np.asarray(tensor, dtype=np.float32).transpose(1, 2, 0)
    pixels = (values * np.float32(std) + np.float32(mean)) * 255
    return Image.fromarray(np.clip(np.round(pixels), 0, 255).astype(np.uint8))
