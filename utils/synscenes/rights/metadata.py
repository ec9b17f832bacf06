"""What a photograph's file says besides the picture: place, time, camera, comments."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.pictures import decoding_errors, open_image

# The Royal Observatory in Greenwich: nobody's home. Degrees north, degrees east.
GREENWICH = (51.47790, -0.00155)
_GPS, _EXIF = 0x8825, 0x8769
_TAGS = {
    "Make": "Invented",
    "Model": "Camera 17",
    "DateTime": "2026:11:26 09:30:00",
    "Artist": "Somebody",
}


def telling_photo(picture: Image.Image, path: str | Path, place: tuple[float, float] = GREENWICH) -> Path:
    """Write ``picture`` as a JPEG the way a telephone does: turned, with an Orientation tag, place, time and camera.

    The stored pixels lie on their side; Orientation 6 tells a viewer to turn them back. Returns the path.
    """
    exif = Image.Exif()
    for name, value in _TAGS.items():
        exif[getattr(ExifTags.Base, name)] = value
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(_EXIF)[int(ExifTags.Base.BodySerialNumber)] = "0000017"
    north, east = place
    exif.get_ifd(_GPS).update(
        {1: "N" if north >= 0 else "S", 2: _degrees(north), 3: "E" if east >= 0 else "W", 4: _degrees(east)}
    )
    lying = picture.convert("RGB").transpose(Image.Transpose.ROTATE_90)
    lying.save(path, "JPEG", quality=92, exif=exif, comment=b"for Grandma")
    return Path(path)


def told(path: str | Path) -> dict[str, Any]:
    """Return what the file of a photograph tells: names of tags with their values, and "place" in degrees.

    The comment, XMP and an ICC profile count too. Raises CourseError for a file that is no image.
    """
    try:
        with Image.open(path) as image:
            exif, info = image.getexif(), dict(image.info)
    except decoding_errors() as error:
        raise CourseError(f"{Path(path).name} can't be read as an image ({error}): give a photograph.") from None
    found = {ExifTags.TAGS.get(tag, str(tag)): value for tag, value in exif.items() if tag not in (_GPS, _EXIF)}
    found |= {ExifTags.TAGS.get(tag, str(tag)): value for tag, value in exif.get_ifd(_EXIF).items()}
    gps = exif.get_ifd(_GPS)
    if 2 in gps and 4 in gps:
        north, east = _number(gps[2]), _number(gps[4])
        found["place"] = (-north if gps.get(1) == "S" else north, -east if gps.get(3) == "W" else east)
    found |= {name: info[name] for name in ("comment", "xmp") if info.get(name)}
    return found


def bare(source: str | Path, target: str | Path, quality: int = 92) -> Path:
    """Write a JPEG that shows what ``source`` shows and tells nothing else. Returns the target's path.

    The picture is turned upright first: without its Orientation tag it would lie on its side. Pixels are encoded
    anew, so a little quality is lost.
    """
    upright = open_image(source)
    clean = Image.frombytes("RGB", upright.size, upright.tobytes())  # pixels, without the old file's side notes
    buffer = io.BytesIO()
    clean.save(buffer, "JPEG", quality=quality)
    return write_atomic(target, buffer.getvalue())


def shown(path: str | Path) -> Image.Image:
    """Return the picture as a viewer shows it: turned by its Orientation tag."""
    return open_image(path)


def tags(value: Mapping[str, Any]) -> str:
    """Say in one line what was told: "Artist, DateTime, place 51.4779, -0.0015"."""
    names = sorted(name for name in value if name != "place")
    place = [f"place {value['place'][0]:.4f}, {value['place'][1]:.4f}"] if "place" in value else []
    return ", ".join([*names, *place]) or "nothing"


def _degrees(value: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(round(abs(value) * 3600, 2), 60)
    degrees, minutes = divmod(minutes, 60)
    return degrees, minutes, seconds


def _number(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600
