"""Opening image files the way a dataset needs: always upright, always 8-bit RGB, never half a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from synscenes.errors import CourseError

if TYPE_CHECKING:
    from PIL import Image


def open_image(path: str | Path) -> Image.Image:
    """Decode an image file to an upright PIL image in mode RGB.

    The EXIF orientation is applied; CMYK, palette, grey and 16-bit files are converted (16-bit by
    scaling, not by clipping, which is what a bare ``convert("RGB")`` does); transparent pixels are laid
    over white; of an animation the first frame is taken. Raises CourseError, naming the file, when it is
    missing, empty, truncated, not an image, or too large to be one photograph.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    path = Path(path)
    try:
        with Image.open(path) as file:
            file.load()
            return to_rgb(ImageOps.exif_transpose(file))
    except FileNotFoundError:
        raise CourseError(f"No image at {path}.") from None
    except IsADirectoryError:
        raise CourseError(f"{path} is a folder, not an image.") from None
    except PermissionError:
        raise CourseError(f"No permission to read the image {path}.") from None
    except UnidentifiedImageError:
        raise CourseError(f"{path} isn't an image that Pillow can read: is the file whole?") from None
    except Image.DecompressionBombError as error:
        raise CourseError(f"{path} is too large to be opened safely: {error}") from None
    except decoding_errors() as error:
        raise CourseError(f"{path} can't be decoded ({error}): fetch or copy the file again.") from None


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Return (width, height) of an opened file as a viewer shows it: EXIF orientations 5 to 8 swap the stored sides."""
    return image.size[::-1] if image.getexif().get(0x0112, 1) in (5, 6, 7, 8) else image.size


def decoding_errors() -> tuple[type[Exception], ...]:
    """Return all that Pillow raises for a file that is cut off, corrupt or too large: it depends on the format."""
    from PIL import Image

    return (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a PIL image of any mode to RGB (see ``open_image``). Raises ValueError for odd float images."""
    from PIL import Image

    if image.mode == "RGB":
        return image.copy()
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _deep_grey_to_rgb(image)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _deep_grey_to_rgb(image: Image.Image) -> Image.Image:
    import numpy as np
    from PIL import Image

    values = np.asarray(image).astype(np.float64)
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 65535:
        raise ValueError("grey values outside 0 to 65535")
    if image.mode == "F":
        # Floats carry no scale of their own: 0-1 and 0-255 are the two in use.
        top = 1.0 if values.max() <= 1 else 255.0
        if values.max() > top:
            raise ValueError("float grey values above 255")
    else:
        top = 65535.0
    return Image.fromarray(np.round(values * (255 / top)).astype(np.uint8)).convert("RGB")
