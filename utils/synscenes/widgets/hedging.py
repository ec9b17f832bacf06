"""How sure must it be? A photograph, a threshold, and how far down the hierarchy the answer goes."""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Sequence
from itertools import count
from typing import Any

import ipywidgets
import numpy as np

from synscenes.hierarchy.hedging import hedged_answers, information_gains
from synscenes.hierarchy.inputs import probability_rows
from synscenes.hierarchy.subtrees import node_probabilities
from synscenes.lesson.widgets import TwinWidget

STEPS = tuple(round(0.05 * step, 2) for step in range(21))
_SIDE = 144
_NUMBER = count(1)


class HedgingSlider(TwinWidget):
    """Choose a photograph and a threshold; see the path to the likeliest class and where the answer stops.

    ``photos``: labelled photographs (``.image``, ``.name``, ``.wnid``); ``probabilities``: (photos, classes);
    ``taxonomy``: of those classes, and ``names`` (wnid -> word). The live widget and its twin show what
    ``synscenes.hierarchy.hedging.hedged_answers`` gives, computed once for all thresholds in ``STEPS``. Raises
    ValueError for no photographs or mismatched input.
    """

    def __init__(self, photos: Sequence[Any], probabilities, taxonomy: Any, names: Any) -> None:
        rows = probability_rows(probabilities)
        if len(rows) != len(photos):
            raise ValueError(f"probabilities must have {len(photos)} rows, one per photograph, got {len(rows)}")
        self.truths = [photo.name for photo in photos]
        self.cases = [_case(photo, row, taxonomy, names) for photo, row in zip(photos, rows)]
        style = {"description_width": "7em"}
        self.photo = ipywidgets.Dropdown(
            options=[(name, row) for row, name in enumerate(self.truths)], description="Photograph", style=style
        )
        self.threshold = ipywidgets.SelectionSlider(
            options=[(f"{step:.0%}", place) for place, step in enumerate(STEPS)],
            value=STEPS.index(0.7),
            description="Sure enough",
            style=style,
        )
        self.result = ipywidgets.HTML()
        for control in (self.photo, self.threshold):
            control.observe(lambda _change: self._refresh(), names="value")
        super().__init__([self.photo, self.threshold, self.result])
        self._refresh()

    @property
    def answer(self) -> str:
        """The name of the node now answered."""
        case = self.cases[self.photo.value]
        return case["answers"][case["stops"][self.threshold.value]][0]

    @property
    def right(self) -> bool:
        """Whether the node now answered is the label or lies above it."""
        case = self.cases[self.photo.value]
        return bool(case["answers"][case["stops"][self.threshold.value]][2])

    def _refresh(self) -> None:
        case, truth = self.cases[self.photo.value], self.truths[self.photo.value]
        stop = case["stops"][self.threshold.value]
        rows = "".join(_row(*node, place == stop) for place, node in enumerate(case["answers"]))
        alt = html.escape(f"A photograph labelled {truth}", quote=True)
        self.result.value = (
            f"<style>{_STYLE}</style><div class='synscenes-hedge-view'>"
            f'<img src="data:image/jpeg;base64,{case["jpeg"]}" alt="{alt}">'
            f"<div class='path'>{rows}<p>{html.escape(_verdict(self.answer, truth, self.right))}</p></div></div>"
        )

    def twin_html(self) -> str:
        """Return the same choices as plain HTML with a small script of its own."""
        name = f"synscenes-hedge-{next(_NUMBER)}"
        data = {"truths": self.truths, "cases": self.cases, "steps": STEPS}
        # "</" would end the script early; "<\/" means the same to JavaScript.
        packed = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
        options = "".join(f"<option value='{row}'>{html.escape(text)}</option>" for row, text in enumerate(self.truths))
        return (
            f"<style>{_STYLE}</style><div class='synscenes-hedge' id='{name}' role='group' "
            f"aria-label='Photograph and threshold'>"
            f"<label>Photograph <select class='photo'>{options}</select></label>"
            f"<label>Sure enough <input class='threshold' type='range' min='0' max='{len(STEPS) - 1}' step='1' "
            f"value='{self.threshold.value}'> <output></output></label>"
            "<div class='synscenes-hedge-view'>"
            f'<img alt="A photograph labelled {html.escape(self.truths[0])}"><div class="path"></div></div></div>'
            f"<script>{_SCRIPT.replace('NAME', name)}({packed});</script>"
        )


def _case(photo: Any, probabilities: np.ndarray, taxonomy: Any, names: Any) -> dict[str, Any]:
    """The path of one photograph: every node that some threshold answers, and the rest of the likeliest class's path.

    ``answers``: [name, probability, right, classes below], most general first; ``stops``: a place in it per step.
    """
    below = taxonomy.is_ancestor
    gains, chances = information_gains(below), node_probabilities(probabilities[None], below)[0]
    hedged = [int(hedged_answers(chances[None], gains, step)[0]) for step in STEPS]
    trail = taxonomy.trails()[int(probabilities.argmax())]
    nodes = sorted({*hedged, *trail}, key=lambda node: (gains[node], -chances[node], node))
    truth, counts = taxonomy.wnids.index(photo.wnid), taxonomy.counts()
    return {
        "jpeg": _jpeg(photo.image),
        "answers": [
            [names(taxonomy.nodes[node]), round(float(chances[node]), 4), bool(below[truth, node]), int(counts[node])]
            for node in nodes
        ],
        "stops": [nodes.index(node) for node in hedged],
    }


def _jpeg(picture: Any) -> str:
    buffer = io.BytesIO()
    small = picture.convert("RGB")
    small.thumbnail((_SIDE, _SIDE))
    small.save(buffer, format="JPEG", quality=72)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _row(name: str, chance: float, right: bool, classes: int, chosen: bool) -> str:
    kind = "row chosen" if chosen else "row"
    mark = "► " if chosen else ""
    classes_text = "1 class" if classes == 1 else f"{classes:,} classes"
    fill = "right" if right else "wrong"
    return (
        f"<div class='{kind}'><span class='name'>{mark}{html.escape(name)} <small>{classes_text}</small></span>"
        f"<span class='track'><span class='{fill}' style='width:{100 * chance:.1f}%'></span></span>"
        f"<span class='share'>{100 * chance:.0f} %</span></div>"
    )


def _verdict(answer: str, truth: str, right: bool) -> str:
    return f"Answer: {answer}. Label: {truth}. {'✓ That is true.' if right else '✗ That is false.'}"


_STYLE = (
    ".synscenes-hedge label {display: block; margin: 0.3em 0;}"
    ".synscenes-hedge select {max-width: 100%; font: inherit;}"
    ".synscenes-hedge .threshold {width: 14em; max-width: 60%; vertical-align: middle;}"
    ".synscenes-hedge-view {display: flex; flex-wrap: wrap; gap: 1em; align-items: flex-start;}"
    ".synscenes-hedge-view {margin: 0.6em 0; max-width: 44em;}"
    ".synscenes-hedge-view img {width: 144px; height: auto; margin: 0;}"
    ".synscenes-hedge-view .path {flex: 1 1 17em; min-width: 0;}"
    ".synscenes-hedge-view .row {display: flex; flex-wrap: nowrap; align-items: center; gap: 0.5em;}"
    ".synscenes-hedge-view .row {margin: 0; padding: 0.1em 0.3em; line-height: 1.3;}"
    ".synscenes-hedge-view .row {border: 2px solid transparent; border-radius: 4px;}"
    ".synscenes-hedge-view .chosen {border-color: currentColor; font-weight: bold;}"
    ".synscenes-hedge-view .name {flex: 0 0 56%; overflow-wrap: anywhere; font-size: 0.9em;}"
    ".synscenes-hedge-view small {font-weight: normal; opacity: 0.8;}"
    ".synscenes-hedge-view .track {flex: 1; height: 0.8em; border: 1px solid currentColor; border-radius: 2px;}"
    ".synscenes-hedge-view .track span {display: block; height: 100%;}"
    ".synscenes-hedge-view .right {background: #009E73;} .synscenes-hedge-view .wrong {background: #D55E00;}"
    ".synscenes-hedge-view .share {flex: 0 0 3.6em; text-align: right; font-size: 0.9em;}"
    ".synscenes-hedge-view p {margin: 0.5em 0 0;}"
)

_SCRIPT = """
(function (data) {
  const root = document.getElementById("NAME"), find = (selector) => root.querySelector(selector);
  const make = (kind, text) => {
    const part = document.createElement("span"); part.className = kind; part.textContent = text; return part;
  };
  function draw() {
    const which = Number(find(".photo").value), step = Number(find(".threshold").value);
    const found = data.cases[which], truth = data.truths[which], stop = found.stops[step], path = find(".path");
    const sure = Math.round(100 * data.steps[step]) + " %";
    find("output").textContent = sure;
    find(".threshold").setAttribute("aria-valuetext", sure + ": " + found.answers[stop][0]);
    find("img").src = "data:image/jpeg;base64," + found.jpeg;
    find("img").alt = "A photograph labelled " + truth;
    path.replaceChildren(...found.answers.map(([name, chance, right, classes], place) => {
      const line = document.createElement("div"), bar = make(right ? "right" : "wrong", "");
      line.className = place === stop ? "row chosen" : "row";
      const label = make("name", (place === stop ? "\\u25ba " : "") + name + " ");
      const small = document.createElement("small");
      small.textContent = classes === 1 ? "1 class" : classes.toLocaleString("en") + " classes";
      label.append(small);
      bar.style.width = 100 * chance + "%";
      const track = make("track", ""); track.append(bar);
      line.append(label, track, make("share", Math.round(100 * chance) + " %"));
      return line;
    }));
    const verdict = document.createElement("p"), [name, , right] = found.answers[stop];
    verdict.setAttribute("aria-live", "polite");
    verdict.textContent = "Answer: " + name + ". Label: " + truth + ". "
      + (right ? "\\u2713 That is true." : "\\u2717 That is false.");
    path.append(verdict);
  }
  root.querySelectorAll("select, input").forEach((control) => control.addEventListener("input", draw));
  draw();
})"""
