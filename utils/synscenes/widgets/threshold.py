"""How sure must a detector be? Photographs, a threshold, and the boxes that are left."""

from __future__ import annotations

import base64
import html
import io
import json
from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import Any

import ipywidgets

from synscenes.draw import category_colour
from synscenes.lesson.widgets import TwinWidget

STEPS = tuple(round(0.05 * step, 2) for step in range(1, 20))
_SIDE = 380
_NUMBER = count(1)


class ThresholdSlider(TwinWidget):
    """Choose a photograph and a threshold; see the detections whose score is above it.

    ``photos``: (title, PIL image, detections with ``.xyxy``, ``.name``, ``.category_id`` and ``.score``); find them
    with a threshold of 0.05 or less, since the slider can only hide. ``start``: the first threshold, one of ``STEPS``.
    Raises ValueError for no photographs or an unknown start.
    """

    def __init__(self, photos: Sequence[tuple[str, Any, Sequence[Any]]], start: float = 0.25) -> None:
        if not photos:
            raise ValueError("photos must hold at least one (title, image, detections)")
        if start not in STEPS:
            raise ValueError(f"start must be one of {STEPS}, got {start}")
        self.cases = [_case(*photo) for photo in photos]
        style = {"description_width": "7em"}
        self.photo = ipywidgets.Dropdown(
            options=[(case["title"], place) for place, case in enumerate(self.cases)],
            description="Photograph",
            style=style,
        )
        self.threshold = ipywidgets.SelectionSlider(
            options=[(f"{step:.2f}", step) for step in STEPS], value=start, description="Score above", style=style
        )
        self.result = ipywidgets.HTML()
        for control in (self.photo, self.threshold):
            control.observe(lambda _change: self._refresh(), names="value")
        super().__init__([self.photo, self.threshold, self.result])
        self._refresh()

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The detections now shown, best first: name, score, box."""
        items = self.cases[self.photo.value]["items"]
        return [item for item in items if item["score"] > self.threshold.value]

    def _refresh(self) -> None:
        case = self.cases[self.photo.value]
        self.result.value = f"<style>{_STYLE}</style>{_view(case, self.shown)}"

    def twin_html(self) -> str:
        """Return the same choices as plain HTML with a small script of its own."""
        name = f"synscenes-threshold-{next(_NUMBER)}"
        # "</" would end the script early; "<\/" means the same to JavaScript.
        packed = json.dumps(self.cases, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
        options = "".join(
            f"<option value='{place}'{' selected' * (place == self.photo.value)}>{html.escape(case['title'])}</option>"
            for place, case in enumerate(self.cases)
        )
        first = self.cases[self.photo.value]
        return (
            f"<style>{_STYLE}</style><div class='synscenes-threshold' id='{name}' role='group' "
            f"aria-label='Photograph and threshold'><label>Photograph <select>{options}</select></label>"
            f"<label>Score above <input type='range' min='{STEPS[0]}' max='{STEPS[-1]}' step='0.05' "
            f"value='{self.threshold.value}'> <output>{self.threshold.value:.2f}</output></label>"
            f"{_view(first, self.shown)}</div>"
            f"<script>{_SCRIPT.replace('NAME', name)}({packed});</script>"
        )


def _case(title: str, image: Any, detections: Sequence[Any]) -> dict[str, Any]:
    small = image.convert("RGB")
    small.thumbnail((_SIDE, _SIDE))
    scale = small.width / image.width
    buffer = io.BytesIO()
    small.save(buffer, format="JPEG", quality=75)
    items = [
        {
            "name": item.name,
            "score": round(float(item.score), 4),
            "box": [round(value * scale, 1) for value in item.xyxy],
            "colour": category_colour(item.category_id),
        }
        for item in sorted(detections, key=lambda item: -item.score)
    ]
    jpeg = base64.b64encode(buffer.getvalue()).decode("ascii")
    return {"title": title, "jpeg": jpeg, "width": small.width, "height": small.height, "items": items}


def _view(case: dict[str, Any], items: Sequence[dict[str, Any]]) -> str:
    # The best box is drawn last, on top of the others.
    boxes = "".join(_box(item) for item in reversed(items))
    said = _said(items)
    return (
        f"<div class='synscenes-threshold-view'><svg viewBox='0 0 {case['width']} {case['height']}' role='img' "
        f"aria-label='{html.escape(case['title'], quote=True)}: {html.escape(said, quote=True)}'>"
        f"<image href='data:image/jpeg;base64,{case['jpeg']}' width='{case['width']}' height='{case['height']}'/>"
        f"<g>{boxes}</g></svg><p aria-live='polite'>{html.escape(said)}</p></div>"
    )


def _box(item: dict[str, Any]) -> str:
    left, top, right, bottom = item["box"]
    text = f"{item['name']} {item['score']:.2f}"
    return (
        f"<rect x='{left}' y='{top}' width='{right - left:.1f}' height='{bottom - top:.1f}' stroke='{item['colour']}'/>"
        f"<text x='{left + 3}' y='{max(top, 0) + 12}'>{html.escape(text)}</text>"
    )


def _said(items: Sequence[dict[str, Any]]) -> str:
    """ "3 boxes: 2 dog, 1 person", the most frequent first."""
    if not items:
        return "no box"
    kinds = Counter(item["name"] for item in items)
    listed = ", ".join(
        f"{number} {name}" for name, number in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    return f"{len(items)} box{'es' * (len(items) > 1)}: {listed}"


_STYLE = (
    ".synscenes-threshold label {display: block; margin: 0.3em 0;}"
    ".synscenes-threshold select {max-width: 100%; font: inherit;}"
    ".synscenes-threshold input {width: 14em; max-width: 60%; vertical-align: middle;}"
    ".synscenes-threshold-view svg {display: block; width: 100%; max-width: 440px; height: auto;}"
    ".synscenes-threshold-view rect {fill: none; stroke-width: 2.5;}"
    ".synscenes-threshold-view text {font: bold 12px sans-serif; fill: #000; stroke: #fff; stroke-width: 3px;}"
    ".synscenes-threshold-view text {paint-order: stroke;}"
)

_SCRIPT = """
(function (cases) {
  const root = document.getElementById("NAME"), find = (selector) => root.querySelector(selector);
  const make = (kind, values) => {
    const part = document.createElementNS("http://www.w3.org/2000/svg", kind);
    Object.entries(values).forEach(([key, value]) => part.setAttribute(key, value));
    return part;
  };
  function draw() {
    const known = cases[Number(find("select").value)], least = Number(find("input").value);
    const items = known.items.filter((item) => item.score > least), kinds = {};
    items.forEach((item) => { kinds[item.name] = (kinds[item.name] || 0) + 1; });
    const listed = Object.entries(kinds).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const said = items.length === 0 ? "no box" : items.length + (items.length > 1 ? " boxes: " : " box: ")
      + listed.map(([name, number]) => number + " " + name).join(", ");
    const view = make("svg", {viewBox: "0 0 " + known.width + " " + known.height, role: "img",
                              "aria-label": known.title + ": " + said});
    view.append(make("image", {href: "data:image/jpeg;base64," + known.jpeg, width: known.width,
                               height: known.height}));
    items.slice().reverse().forEach((item) => {
      const [left, top, right, bottom] = item.box;
      view.append(make("rect", {x: left, y: top, width: right - left, height: bottom - top, stroke: item.colour}));
      const label = make("text", {x: left + 3, y: Math.max(top, 0) + 12});
      label.textContent = item.name + " " + item.score.toFixed(2);
      view.append(label);
    });
    const line = document.createElement("p");
    line.setAttribute("aria-live", "polite");
    line.textContent = said;
    find("output").textContent = least.toFixed(2);
    find("input").setAttribute("aria-valuetext", "above " + least.toFixed(2) + ": " + said);
    find(".synscenes-threshold-view").replaceChildren(view, line);
  }
  root.querySelectorAll("select, input").forEach((control) => control.addEventListener("input", draw));
  draw();
})"""
