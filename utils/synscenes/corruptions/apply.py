"""One door to all corruptions: their names, their five strengths, and ``corrupt``."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.corruptions import blur, digital, noise, weather

if TYPE_CHECKING:
    from PIL import Image

SEVERITIES = (1, 2, 3, 4, 5)
LEAST_SIDE = 32

# Name: (function, its setting at severity 1 to 5). The settings are ImageNet-C's, and are its definition.
# np.arange may include its end, by rounding; the numbers of zooms (12, 16, 11, 14, 11) follow from that.
CORRUPTIONS: dict[str, tuple[Callable, tuple]] = {
    "gaussian_noise": (noise.gaussian_noise, (0.08, 0.12, 0.18, 0.26, 0.38)),
    "shot_noise": (noise.shot_noise, (60, 25, 12, 5, 3)),
    "impulse_noise": (noise.impulse_noise, (0.03, 0.06, 0.09, 0.17, 0.27)),
    "defocus_blur": (blur.defocus_blur, ((3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5))),
    "glass_blur": (blur.glass_blur, ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2))),
    "motion_blur": (blur.motion_blur, ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15))),
    "zoom_blur": (
        blur.zoom_blur,
        tuple(
            np.arange(1, end, step)
            for end, step in ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03))
        ),
    ),
    "snow": (
        weather.snow,
        (
            (0.1, 0.3, 3, 0.5, 10, 4, 0.8),
            (0.2, 0.3, 2, 0.5, 12, 4, 0.7),
            (0.55, 0.3, 4, 0.9, 12, 8, 0.7),
            (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
            (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55),
        ),
    ),
    "frost": (weather.frost, ((1, 0.4), (0.8, 0.6), (0.7, 0.7), (0.65, 0.7), (0.6, 0.75))),
    "fog": (weather.fog, ((1.5, 2), (2.0, 2), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4))),
    "brightness": (digital.brightness, (0.1, 0.2, 0.3, 0.4, 0.5)),
    "contrast": (digital.contrast, (0.4, 0.3, 0.2, 0.1, 0.05)),
    "elastic_transform": (digital.elastic_transform, tuple(250 * c for c in (0.05, 0.065, 0.085, 0.1, 0.12))),
    "pixelate": (digital.pixelate, (0.6, 0.5, 0.4, 0.3, 0.25)),
    "jpeg_compression": (digital.jpeg_compression, (25, 18, 15, 10, 7)),
    "speckle_noise": (noise.speckle_noise, (0.15, 0.2, 0.35, 0.45, 0.6)),
    "gaussian_blur": (blur.gaussian_blur, (1, 2, 3, 4, 6)),
    "spatter": (
        weather.spatter,
        (
            (0.65, 0.3, 4, 0.69, 0.6, False),
            (0.65, 0.3, 3, 0.68, 0.6, False),
            (0.65, 0.3, 2, 0.68, 0.5, False),
            (0.65, 0.3, 1, 0.65, 1.5, True),
            (0.67, 0.4, 1, 0.65, 1.5, True),
        ),
    ),
    "saturate": (digital.saturate, ((0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (20, 0.2))),
}

NAMES = tuple(CORRUPTIONS)[:15]
EXTRA = tuple(CORRUPTIONS)[15:]  # to tune on, so that the fifteen stay unseen
FAMILIES = {
    "noise": NAMES[0:3],
    "blur": NAMES[3:7],
    "weather": NAMES[7:11],  # with brightness: too much daylight
    "digital": NAMES[11:15],
    "extra": EXTRA,
}


def family(name: str) -> str:
    """Return "noise", "blur", "weather", "digital" or "extra"."""
    _check_name(name)
    return next(key for key, names in FAMILIES.items() if name in names)


def corrupt(image: Image.Image, name: str, severity: int, rng: Any = 0) -> Image.Image:
    """Return a corrupted copy of an RGB picture, of the same size.

    ``name``: one of ``CORRUPTIONS``; the first 15 (``NAMES``) make up ImageNet-C, the other four are
    ``EXTRA``. ``severity``: 1 to 5. ``rng``: a seed, or a numpy Generator. Fractions of a grey level are cut
    off, not rounded, as in the reference. ImageNet-C corrupts the 224 × 224 square that the network gets
    (see ``square``), not the photograph before it.

    Two of the 19 differ from the reference beyond rounding, because they would need OpenCV: "frost" scales
    its photographs with Pillow, and "spatter" (severities 1 to 3) finds the rims of drops in another way.
    Raises ValueError for a picture that isn't 8-bit RGB or is smaller than 32 × 32, an unknown name, or
    another severity; CourseError where the photographs of frost can't be had.
    """
    from PIL import Image

    _check_image(image)
    _check_name(name)
    if isinstance(severity, bool) or severity not in SEVERITIES:
        raise ValueError(f"severity must be a whole number from 1 to 5, got {severity!r}")
    function, settings = CORRUPTIONS[name]
    generator = np.random.default_rng(rng) if isinstance(rng, int | np.integer) else rng
    pixels = function(np.asarray(image) / 255, settings[int(severity) - 1], generator)
    return Image.fromarray((np.clip(pixels, 0, 1) * 255 + 1e-6).astype(np.uint8))


def square(image: Image.Image, side: int = 224) -> Image.Image:
    """Return the middle square that a network looks at: shorter side to 256 (for 224), then the centre.

    Raises ValueError for a picture that isn't RGB.
    """
    from synscenes.preprocessing import centre_crop, resize_short_side

    _check_image(image)
    return centre_crop(resize_short_side(image, round(side * 256 / 224)), side)


def _check_image(image: Any) -> None:
    if getattr(image, "mode", None) != "RGB":
        found = getattr(image, "mode", type(image).__name__)
        raise ValueError(
            f'image must be a PIL picture in mode RGB, got {found}: image.convert("RGB") makes one'
        )
    if min(image.size) < LEAST_SIDE:
        raise ValueError(
            f"image must be at least {LEAST_SIDE} × {LEAST_SIDE}, got {image.width} × {image.height}"
        )


def _check_name(name: str) -> None:
    if name not in CORRUPTIONS:
        near = difflib.get_close_matches(str(name), CORRUPTIONS, n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(CORRUPTIONS)}"
        raise ValueError(f"no corruption is called {name!r}: {hint}")
