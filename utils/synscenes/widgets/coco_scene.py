"""One annotated image as SVG: a photograph under layers that style rules can hide."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.boxes import xywh_to_xyxy
from synscenes.coco.masks import decode, mask_to_polygons
from synscenes.draw import KEYPOINTS, SKELETON, category_colour, describe, free_place

LAYERS = {"panoptic": "Panoptic", "masks": "Masks", "boxes": "Boxes", "joints": "Joints", "names": "Names"}
WIDTH = 420  # Pixels of the picture in a page; photographs are made smaller, never larger.


def scene_svg(
    image: Any,
    annotations: Sequence[Mapping[str, Any]],
    names: Mapping[int, str],
    people: Sequence[Mapping[str, Any]] = (),
    panoptic: tuple[np.ndarray, Sequence[Mapping[str, Any]]] | None = None,
) -> str:
    """Return an ``<svg>`` of a PIL image with a group for each layer, in the image's own coordinates.

    ``panoptic`` is the id map and its segments. The description for readers who do not see it is made from
    the annotations.
    """
    width, height = image.size
    unit = width / 320  # Lines and letters look alike on photographs of any size.
    layers = {
        "panoptic": _panoptic(*panoptic, width, height) if panoptic else "",
        "masks": "".join(_mask(entry, unit) for entry in annotations),
        "boxes": "".join(_box(entry, unit) for entry in annotations),
        "joints": "".join(_joints(entry, unit) for entry in people),
        "names": _names(annotations, names, (width, height), unit),
    }
    groups = "".join(f'<g class="{layer}">{drawn}</g>' for layer, drawn in layers.items())
    alt = html.escape(f"A scene with {describe(annotations, names, most=6)}, and its annotation on top", quote=True)
    return (
        f'<svg class="synscenes-scene" viewBox="0 0 {width} {height}" role="img" aria-label="{alt}">'
        f'<image href="{_jpeg(image)}" width="{width}" height="{height}"/>{groups}</svg>'
    )


def _jpeg(image: Any) -> str:
    small = image.convert("RGB")
    if small.width > WIDTH:
        small = small.resize((WIDTH, round(small.height * WIDTH / small.width)))
    return _data_url(small, "JPEG", quality=80)


def _data_url(image: Any, kind: str, **options: Any) -> str:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _panoptic(ids: np.ndarray, segments: Sequence[Mapping[str, Any]], width: int, height: int) -> str:
    from matplotlib.colors import to_rgb
    from PIL import Image

    places = np.searchsorted(np.unique(ids), ids)
    colours = {segment["id"]: category_colour(segment["category_id"]) for segment in segments}
    palette = [to_rgb(colours.get(int(each), "white")) for each in np.unique(ids)]
    rim = np.zeros(ids.shape, dtype=bool)
    rim[:, :-1] |= ids[:, :-1] != ids[:, 1:]
    rim[:-1] |= ids[:-1] != ids[1:]
    pixels = np.where(rim, len(palette), places)
    picture = Image.fromarray((pixels % 256).astype(np.uint8), mode="P")
    flat = [round(255 * part) for colour in [*palette, (1, 1, 1)][:256] for part in colour]
    picture.putpalette(flat)
    href = _data_url(picture, "PNG", optimize=True)
    return f'<image href="{href}" width="{width}" height="{height}" opacity="0.6"/>'


def _mask(entry: Mapping[str, Any], unit: float) -> str:
    shape = entry.get("segmentation") or []  # Files made for boxes alone have none.
    polygons = mask_to_polygons(decode(shape)) if isinstance(shape, dict) else shape
    colour = category_colour(entry["category_id"])
    outline = "".join(f"M{' '.join(f'{number:.5g}' for number in points)}Z" for points in polygons)
    dashes = f' stroke-dasharray="{4 * unit:.2g}"' if entry.get("iscrowd") else ""
    look = f'fill="{colour}" fill-opacity="0.45" fill-rule="evenodd" stroke="{colour}" stroke-width="{1.2 * unit:.2g}"'
    return f'<path d="{outline}" {look}{dashes}/>'


def _box(entry: Mapping[str, Any], unit: float) -> str:
    left, top, width, height = entry["bbox"]
    place = f'x="{left:.5g}" y="{top:.5g}" width="{width:.5g}" height="{height:.5g}" fill="none"'
    colour = category_colour(entry["category_id"])
    dashes = f' stroke-dasharray="{6 * unit:.2g}"' if entry.get("iscrowd") else ""
    return (
        f'<rect {place} stroke="white" stroke-width="{2.6 * unit:.2g}"/>'
        f'<rect {place} stroke="{colour}" stroke-width="{1.4 * unit:.2g}"{dashes}/>'
    )


def _joints(entry: Mapping[str, Any], unit: float) -> str:
    joints = np.reshape(entry["keypoints"], (-1, 3)).tolist()
    colour, drawn = category_colour(entry["category_id"]), ""
    unit *= float(np.clip(max(entry["bbox"][2:]) / (110 * unit), 0.4, 1.2))  # Small persons get small dots.
    for start, end in SKELETON:
        (x1, y1, v1), (x2, y2, v2) = joints[start], joints[end]
        if v1 and v2:
            line = f'x1="{x1:.5g}" y1="{y1:.5g}" x2="{x2:.5g}" y2="{y2:.5g}"'
            drawn += f'<line {line} stroke="white" stroke-width="{3 * unit:.2g}"/>'
            drawn += f'<line {line} stroke="{colour}" stroke-width="{1.6 * unit:.2g}"/>'
    for name, (x, y, seen) in zip(KEYPOINTS, joints):
        if seen:
            inside, edge = (colour, "white") if seen == 2 else ("white", colour)
            title = f"<title>{name.replace('_', ' ')}{'' if seen == 2 else ' (hidden)'}</title>"
            look = f'fill="{inside}" stroke="{edge}" stroke-width="{unit:.2g}"'
            drawn += f'<circle cx="{x:.5g}" cy="{y:.5g}" r="{2.4 * unit:.2g}" {look}>{title}</circle>'
    return drawn


def _names(annotations: Sequence[Mapping[str, Any]], names: Mapping[int, str], size: Any, unit: float) -> str:
    """Write the names of the larger things, each where it covers no other name."""
    high, canvas = 11 * unit, np.array([0, 0, *size], dtype=float)
    taken: list[np.ndarray] = []
    drawn = ""
    for entry in sorted(annotations, key=lambda one: -one["area"]):
        name = names[entry["category_id"]] + (" (crowd)" if entry.get("iscrowd") else "")
        wide = (0.56 * len(name) + 0.6) * high  # a letter of a sans-serif is a little over half as wide as high
        box = xywh_to_xyxy(entry["bbox"])
        left, top = free_place(box, (wide, 1.25 * high), canvas, taken)
        place = np.array([left, top, left + wide, top + 1.25 * high])
        beside = (place[:2] <= box[2:] + high / 2).all() and (place[2:] >= box[:2] - high / 2).all()
        if not beside or any((place[:2] < other[2:]).all() and (place[2:] > other[:2]).all() for other in taken):
            continue  # No room near the thing: a name elsewhere would mislead.
        taken.append(place)
        drawn += (
            f'<text x="{left + 0.3 * high:.5g}" y="{top + high:.5g}" font-family="sans-serif" font-size="{high:.3g}" '
            f'font-weight="bold" fill="black" stroke="white" stroke-width="{2.6 * unit:.2g}" paint-order="stroke" '
            f'stroke-linejoin="round">{html.escape(name)}</text>'
        )
    return drawn
