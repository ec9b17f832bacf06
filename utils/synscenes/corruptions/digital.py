"""What happens after the shutter has closed: exposure, scaling, compression, and a stretch."""

from __future__ import annotations

import io

import numpy as np


def brightness(pixels: np.ndarray, more: float, rng) -> np.ndarray:
    """Raise each pixel's value (its largest colour) by ``more``; hue and saturation stay."""
    value = pixels.max(axis=2, keepdims=True)
    raised = np.minimum(value + more, 1)
    return np.where(value > 0, pixels * raised / np.where(value > 0, value, 1), raised)


def contrast(pixels: np.ndarray, factor: float, rng) -> np.ndarray:
    """Draw each colour towards its mean over the picture."""
    means = pixels.mean(axis=(0, 1), keepdims=True)
    return (pixels - means) * factor + means


def saturate(pixels: np.ndarray, change: tuple[float, float], rng) -> np.ndarray:
    """Multiply each pixel's saturation and add to it; hue and value stay.

    A grey pixel has no hue of its own. It counts as red here, as in every HSV conversion, and so turns
    reddish at severities 4 and 5.
    """
    factor, more = change
    value = pixels.max(axis=2, keepdims=True)
    drop = value - pixels  # how far each colour lies below the largest: hue is the proportion among these
    span = drop.max(axis=2, keepdims=True)
    old = span / np.where(value > 0, value, 1)
    new = np.clip(old * factor + more, 0, 1)
    direction = np.where(span > 0, drop / np.where(span > 0, span, 1), [0.0, 1.0, 1.0])
    return value * (1 - new * direction)


def pixelate(pixels: np.ndarray, factor: float, rng) -> np.ndarray:
    """Shrink to ``factor`` of the size by averaging boxes, then blow up again."""
    from PIL import Image

    image = _image(pixels)
    small = image.resize((int(image.width * factor), int(image.height * factor)), Image.Resampling.BOX)
    return np.asarray(small.resize(image.size, Image.Resampling.NEAREST)) / 255


def jpeg_compression(pixels: np.ndarray, quality: int, rng) -> np.ndarray:
    """Store as JPEG at a low ``quality`` and read back."""
    from PIL import Image

    buffer = io.BytesIO()
    _image(pixels).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as stored:
        return np.asarray(stored) / 255


def elastic_transform(pixels: np.ndarray, amount: float, rng) -> np.ndarray:
    """Push each pixel a little, its neighbours in nearly the same direction: a picture on rubber."""
    from scipy.ndimage import gaussian_filter, map_coordinates

    height, width = pixels.shape[:2]
    reach = 0.005 * height
    sigma = (0.01 * height, 0.01 * width)
    right, down = (
        amount
        * gaussian_filter(rng.uniform(-reach, reach, (height, width)), sigma, mode="reflect", truncate=3)
        for _ in range(2)
    )
    rows, columns = np.mgrid[:height, :width]
    places = (rows + down, columns + right)
    layers = [map_coordinates(pixels[:, :, colour], places, order=1, mode="reflect") for colour in range(3)]
    return np.stack(layers, axis=2)


def _image(pixels: np.ndarray):
    from PIL import Image

    return Image.fromarray(np.round(pixels * 255).astype(np.uint8))
