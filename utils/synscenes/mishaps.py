"""Classic preprocessing mistakes, each as one function from a PIL image to what the network would get.

They are written for networks that expect what ``synscenes.preprocessing`` does (torchvision's
convention: shorter side to 256, middle 224, ImageNet's mean and std). No mistake raises an error:
every result is a float tensor (3, H, W) that the network accepts. That is what makes them dangerous.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synscenes.preprocessing import MEAN, STD, centre_crop, normalise, resize_short_side

if TYPE_CHECKING:
    import torch
    from PIL import Image

_BILINEAR = 2  # PIL.Image.Resampling.BILINEAR, without importing PIL for it


@dataclass(frozen=True)
class Mishap:
    """One mistake: ``name`` as figures print it, ``what`` in a sentence, ``prepare``: image -> tensor."""

    name: str
    what: str
    prepare: Callable[[Image.Image], torch.Tensor]


def _tensor(values: np.ndarray) -> torch.Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def _square(image: Image.Image, resize: int = 256, crop: int = 224) -> np.ndarray:
    return np.asarray(centre_crop(resize_short_side(image, resize), crop))


def _correct(image):
    return _tensor(normalise(_square(image)))


def _bgr(image):
    return _tensor(normalise(_square(image)[:, :, ::-1]))


def _no_normalisation(image):
    return _tensor(normalise(_square(image), mean=(0, 0, 0), std=(1, 1, 1)))


def _other_constants(image):
    return _tensor(normalise(_square(image), mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)))


def _forgot_255(image):
    return _tensor(((_square(image) - np.float32(MEAN)) / np.float32(STD)).transpose(2, 0, 1))


def _normalised_twice(image):
    once = normalise(_square(image)).transpose(1, 2, 0)
    return _tensor(((once - np.float32(MEAN)) / np.float32(STD)).transpose(2, 0, 1))


def _reshaped(image):
    return _tensor(((_square(image) / 255 - np.float32(MEAN)) / np.float32(STD)).reshape(3, 224, 224))


def _squashed(image):
    return _tensor(normalise(image.resize((224, 224), _BILINEAR)))


def _half_resolution(image):
    return _tensor(normalise(_square(image, 128, 112)))


def _enlarged_thumbnail(image):
    return _correct(resize_short_side(image, 64))


def _sideways(image):
    return _correct(image.rotate(90, expand=True))


MISHAPS: dict[str, Mishap] = {
    "none": Mishap("nothing wrong", "The preprocessing that the weights were trained with.", _correct),
    "squash": Mishap("Resize((224, 224))", "Both sides forced to 224; nothing is cropped away.", _squashed),
    "constants": Mishap("mean = std = 0.5", "Another model's constants.", _other_constants),
    "bgr": Mishap("BGR for RGB", "Red and blue swapped, as OpenCV reads files.", _bgr),
    "half": Mishap("half resolution", "128 and 112 in place of 256 and 224.", _half_resolution),
    "unnormalised": Mishap("no mean and std", "Only divided by 255.", _no_normalisation),
    "thumbnail": Mishap("64-pixel thumbnail", "Shrunk to 64 pixels, then enlarged again.", _enlarged_thumbnail),
    "sideways": Mishap("EXIF ignored", "A phone's portrait photo, left lying on its side.", _sideways),
    "twice": Mishap("normalised twice", "Once in the data set, once more in the model.", _normalised_twice),
    "forgot255": Mishap("/255 forgotten", "Mean and std applied to values of 0 to 255.", _forgot_255),
    "reshape": Mishap("reshape for permute", "(H, W, 3) reshaped, not transposed, to (3, H, W).", _reshaped),
}
