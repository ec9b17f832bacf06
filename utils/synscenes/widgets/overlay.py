"""A photograph whose annotation can be switched on and off, layer by layer."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets

from synscenes.boxes import xywh_to_xyxy
from synscenes.draw import KEYPOINTS, SKELETON, category_colour, describe
from synscenes.lesson.widgets import TwinWidget

LAYERS = {"boxes": "Boxes", "masks": "Masks", "joints": "Joints", "labels": "Labels"}


class Overlay(TwinWidget):
    """An image under four layers, each with a checkbox: boxes, masks, joints, labels.

    ``annotations`` are COCO annotation dicts with polygons; ``people`` are those with keypoints;
    ``categories`` maps ids to names. ``shown`` names the layers to begin with. Masks given as RLE aren't drawn.
    """

    def __init__(
        self,
        image: Any,
        annotations: Sequence[Mapping[str, Any]],
        categories: Mapping[int, str],
        people: Sequence[Mapping[str, Any]] = (),
        shown: Sequence[str] = ("boxes", "labels"),
    ) -> None:
        unknown = set(shown) - set(LAYERS)
        if unknown:
            raise ValueError(f"shown: expected names among {', '.join(LAYERS)}, got {min(unknown)!r}")
        self.alt = describe(annotations, categories)
        self._svg = _picture(image, annotations, categories, people, self.alt)
        self.picture = ipywidgets.HTML(
            f"<style>{_hiding('.synscenes-no-{layer} .{layer}')}{_STYLE}</style>{self._svg}"
        )
        self.toggles = {
            layer: ipywidgets.Checkbox(
                layer in shown,
                description=name,
                indent=False,
                layout={"width": "auto", "margin": "2px 1.2em 2px 0"},
            )
            for layer, name in LAYERS.items()
        }
        for layer, toggle in self.toggles.items():
            toggle.observe(lambda change, layer=layer: self._switch(layer, change["new"]), names="value")
            self._switch(layer, toggle.value)
        row = ipywidgets.HBox(list(self.toggles.values()), layout={"flex_flow": "row wrap"})
        super().__init__([row, self.picture])

    @property
    def shown(self) -> list[str]:
        """The layers that are switched on."""
        return [layer for layer, toggle in self.toggles.items() if toggle.value]

    def _switch(self, layer: str, on: bool) -> None:
        hide = self.picture.remove_class if on else self.picture.add_class
        hide(f"synscenes-no-{layer}")

    def twin_html(self) -> str:
        """Return the same picture with checkboxes that need no kernel and no script: style rules alone."""
        boxes = "".join(
            f'<label><input type="checkbox" value="{layer}"{" checked" * (layer in self.shown)}> {text}</label>'
            for layer, text in LAYERS.items()
        )
        rules = _hiding(".synscenes-overlay:has(input[value={layer}]:not(:checked)) .{layer}")
        return (
            f"<style>{rules}{_STYLE}</style>"
            '<div class="synscenes-overlay" role="group" aria-label="Layers of the annotation">'
            f"{boxes}{self._svg}</div>"
        )


_STYLE = (
    ".synscenes-overlay label {display: inline-block; margin: 0 1.2em 0.4em 0; cursor: pointer;}"
    ".synscenes-overlay-svg {display: block; width: 100%; max-width: 512px; height: auto;}"
)


def _hiding(selector: str) -> str:
    return "".join(selector.replace("{layer}", layer) + " {display: none;}" for layer in LAYERS)


def _picture(image: Any, annotations: Any, categories: Mapping[int, str], people: Any, alt: str) -> str:
    width, height = image.size
    layers = {
        "masks": "".join(_mask(entry) for entry in annotations),
        "boxes": "".join(_box(entry) for entry in annotations),
        "joints": "".join(_joints(entry) for entry in people),
        "labels": "".join(_label(entry, categories) for entry in annotations),
    }
    groups = "".join(f'<g class="{layer}">{drawn}</g>' for layer, drawn in layers.items())
    return (
        f'<svg class="synscenes-overlay-svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="A photograph of {html.escape(alt, quote=True)}, with its annotation drawn on top">'
        f'<image href="data:image/jpeg;base64,{_jpeg(image)}" width="{width}" height="{height}"/>{groups}</svg>'
    )


def _jpeg(image: Any) -> str:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, format="JPEG", quality=85)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _mask(entry: Mapping[str, Any]) -> str:
    if not isinstance(entry.get("segmentation"), list):
        return ""
    colour = category_colour(entry["category_id"])
    outlines = "".join(
        f"M{' '.join(f'{number:g}' for number in points)}Z" for points in entry["segmentation"]
    )
    return f'<path d="{outlines}" fill="{colour}" fill-opacity="0.5" stroke="{colour}" stroke-width="2"/>'


def _box(entry: Mapping[str, Any]) -> str:
    left, top, width, height = entry["bbox"]
    place = f'x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" fill="none"'
    colour = category_colour(entry["category_id"])
    return (
        f'<rect {place} stroke="white" stroke-width="6"/><rect {place} stroke="{colour}" stroke-width="3"/>'
    )


def _joints(entry: Mapping[str, Any]) -> str:
    points = entry["keypoints"]
    joints = [points[start : start + 3] for start in range(0, 3 * len(KEYPOINTS), 3)]
    colour = category_colour(entry["category_id"])
    drawn = ""
    for start, end in SKELETON:
        (x1, y1, v1), (x2, y2, v2) = joints[start], joints[end]
        if v1 and v2:
            line = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
            drawn += f'<line {line} stroke="white" stroke-width="7"/><line {line} stroke="{colour}" stroke-width="4"/>'
    for name, (x, y, seen) in zip(KEYPOINTS, joints):
        if seen:
            inside, edge = (colour, "white") if seen == 2 else ("white", colour)
            title = f"<title>{name.replace('_', ' ')}{'' if seen == 2 else ' (hidden)'}</title>"
            look = f'fill="{inside}" stroke="{edge}" stroke-width="3"'
            drawn += f'<circle cx="{x}" cy="{y}" r="7" {look}>{title}</circle>'
    return drawn


def _label(entry: Mapping[str, Any], categories: Mapping[int, str]) -> str:
    left, top, _, _ = xywh_to_xyxy(entry["bbox"])
    name = html.escape(categories[entry["category_id"]])
    return (
        f'<text x="{left + 8:g}" y="{top + 26:g}" font-family="sans-serif" font-size="22" font-weight="bold" '
        f'fill="black" stroke="white" stroke-width="5" paint-order="stroke" stroke-linejoin="round">{name}</text>'
    )
