"""Segment ids as colours: id = R + 256 G + 65,536 B, as COCO's panoptic PNGs write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.pictures import decoding_errors

VOID = 0
LARGEST_ID = 2**24 - 1


def ids_to_rgb(ids: Any) -> np.ndarray:
    """Turn segment ids (H, W) into colours (H, W, 3), uint8. Raises ValueError for ids beyond 24 bits."""
    ids = np.asarray(ids)
    if ids.size and (ids.min() < 0 or ids.max() > LARGEST_ID):
        raise ValueError(f"segment ids must lie from 0 to {LARGEST_ID:,}, got {ids.min()} to {ids.max()}")
    shifts = np.array([0, 8, 16], dtype=np.uint32)
    return (ids.astype(np.uint32)[..., None] >> shifts & 255).astype(np.uint8)


def rgb_to_ids(rgb: Any) -> np.ndarray:
    """Turn colours (H, W, 3), uint8, into segment ids (H, W), uint32."""
    rgb = np.asarray(rgb)
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"rgb must be (H, W, 3) uint8, got {rgb.shape} {rgb.dtype}")
    # uint32 from the start: a sum of bytes would wrap at 256.
    return rgb[..., 0] + rgb[..., 1] * np.uint32(256) + rgb[..., 2] * np.uint32(65536)


def read_png(path: str | Path) -> np.ndarray:
    """Return the segment ids of a panoptic PNG, (H, W) uint32.

    Raises CourseError when the file is missing, isn't an image, or isn't 8-bit RGB (a palette or grey PNG
    has lost two thirds of each id).
    """
    from PIL import Image

    path = Path(path)
    try:
        with Image.open(path) as image:
            if image.mode != "RGB":
                raise CourseError(
                    f"{_short(path)}: a panoptic PNG must be 8-bit RGB (id = R + 256 G + 65536 B), "
                    f"this one has mode {image.mode}: write it with synscenes.panoptic.write_png."
                )
            return rgb_to_ids(np.asarray(image))
    except FileNotFoundError:
        raise CourseError(f"{_short(path)}: no such PNG, though the JSON names it: check the folder.") from None
    except decoding_errors() as error:
        reason = str(error).splitlines()[0].replace(str(path), path.name)
        raise CourseError(f"{_short(path)}: not a readable PNG ({reason}): get the file again.") from None


def write_png(path: str | Path, ids: Any) -> Path:
    """Write segment ids (H, W) as a panoptic PNG, atomically."""
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(ids_to_rgb(ids), "RGB").save(buffer, format="PNG")
    return write_atomic(path, buffer.getvalue())


def _short(path: Path) -> str:
    """Folder and file name: enough to find it, without the machine's own folders."""
    short = f"{path.parent.name}/{path.name}" if path.parent.name else path.name
    return short if short.isprintable() else repr(short)
