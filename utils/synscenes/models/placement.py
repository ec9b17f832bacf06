"""Bringing an image to the size a detector wants, and boxes back to the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Placement:
    """Where an image lies in the network's input: input = image * scale + offset, for x and y."""

    scale: tuple[float, float]
    offset: tuple[float, float] = (0.0, 0.0)

    def to_image(self, xyxy: torch.Tensor) -> torch.Tensor:
        """Return boxes given in input pixels, in the image's own pixels: (n, 4)."""
        return (xyxy - xyxy.new_tensor(self.offset * 2)) / xyxy.new_tensor(self.scale * 2)

    def to_input(self, xyxy: torch.Tensor) -> torch.Tensor:
        """Return boxes given in the image's own pixels, in input pixels: (n, 4)."""
        return xyxy * xyxy.new_tensor(self.scale * 2) + xyxy.new_tensor(self.offset * 2)


def stretch(image: Image.Image, size: tuple[int, int]) -> tuple[torch.Tensor, Placement]:
    """Resize an RGB image to (height, width) whatever its shape: (3, H, W) in 0 … 1, and its placement.

    This is what Darknet does unless told otherwise, and what the weights were tuned with. Each new pixel is mixed from
    the four nearest old ones (no smoothing before, as in OpenCV's ``INTER_LINEAR``).
    """
    return _resize(image, size), Placement((size[1] / image.width, size[0] / image.height))


def letterbox(image: Image.Image, size: tuple[int, int], smooth: bool = False) -> tuple[torch.Tensor, Placement]:
    """Fit an RGB image into (height, width) with its shape kept, grey bars around it, as ``stretch`` returns it.

    ``smooth``: average over all the pixels that a smaller one covers, rather than the four nearest.
    """
    placement = placed(image.size, size)
    height, width = (round(old * scale) for old, scale in zip((image.height, image.width), placement.scale[::-1]))
    left, top = (int(offset) for offset in placement.offset)
    canvas = torch.full((3, *size), 0.5)
    canvas[:, top : top + height, left : left + width] = _resize(image, (height, width), smooth)
    return canvas, placement


def placed(image_size: tuple[int, int], size: tuple[int, int]) -> Placement:
    """Return where ``letterbox`` puts an image of (width, height) in an input of (height, width)."""
    scale = min(size[1] / image_size[0], size[0] / image_size[1])
    width, height = (max(1, int(side * scale + 1e-6)) for side in image_size)
    offset = (size[1] - width) // 2, (size[0] - height) // 2
    return Placement((width / image_size[0], height / image_size[1]), offset)


def _resize(image: Image.Image, size: tuple[int, int], smooth: bool = False) -> torch.Tensor:
    pixels = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None].float() / 255
    if pixels.shape[-2:] == size:
        return pixels[0]
    return functional.interpolate(pixels, size=size, mode="bilinear", align_corners=False, antialias=smooth)[0]
