"""A photograph, a preprocessing mistake, a temperature: what does the network answer now?"""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import ipywidgets
import numpy as np

from synscenes.lesson.widgets import TwinWidget
from synscenes.metrics.classification import softmax
from synscenes.preprocessing import to_picture
from synscenes.widgets.bars import bar

TEMPERATURES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_NUMBER = count(1)


@dataclass(frozen=True)
class Answer:
    """What one (photograph, mistake) gives: the input as a JPEG, and the top five at each temperature.

    ``guesses[t]`` holds five (category, probability) for ``TEMPERATURES[t]``; the order never changes.
    """

    jpeg: str
    guesses: list[list[tuple[str, float]]]


class PredictionLab(TwinWidget):
    """Choose a photograph, a mistake and a softmax temperature, and see the five likeliest classes.

    ``photos``: labelled photographs (``.image``, ``.name``); ``mishaps``: as ``synscenes.mishaps.MISHAPS``.
    Every combination is computed once, here, so the static twin shows exactly what the live widget shows.
    """

    def __init__(self, model: Any, photos: Sequence[Any], mishaps: Mapping[str, Any]) -> None:
        if not photos or not mishaps:
            raise ValueError("photos and mishaps must hold at least one entry each")
        self.truths = [photo.name for photo in photos]
        self.mishaps = {key: mishap.name for key, mishap in mishaps.items()}
        self.answers = {
            (row, key): answer
            for key, mishap in mishaps.items()
            for row, answer in enumerate(_answers(model, photos, mishap))
        }
        style = {"description_width": "7.5em"}
        self.photo = ipywidgets.Dropdown(
            options=[(name, row) for row, name in enumerate(self.truths)],
            description="Photograph",
            style=style,
        )
        self.mishap = ipywidgets.Dropdown(
            options=[(name, key) for key, name in self.mishaps.items()], description="Mistake", style=style
        )
        self.temperature = ipywidgets.SelectionSlider(
            options=[(f"{value:g}", row) for row, value in enumerate(TEMPERATURES)],
            value=TEMPERATURES.index(1.0),
            description="Temperature",
            style=style,
        )
        self.result = ipywidgets.HTML()
        for control in (self.photo, self.mishap, self.temperature):
            control.observe(lambda _change: self._refresh(), names="value")
        super().__init__([self.photo, self.mishap, self.temperature, self.result])
        self._refresh()

    @property
    def guesses(self) -> list[tuple[str, float]]:
        """The five (category, probability) now shown."""
        return self.answers[self.photo.value, self.mishap.value].guesses[self.temperature.value]

    def _refresh(self) -> None:
        answer = self.answers[self.photo.value, self.mishap.value]
        truth = self.truths[self.photo.value]
        bars = "".join(bar(name, share, name == truth, decimals=1) for name, share in self.guesses)
        alt = html.escape(f"{truth}, as the network gets it: {self.mishaps[self.mishap.value]}", quote=True)
        self.result.value = (
            f"<style>{_STYLE}</style><div class='synscenes-lab-view'>"
            f"<img src='data:image/jpeg;base64,{answer.jpeg}' alt=\"{alt}\"><div class='bars'>{bars}</div></div>"
        )

    def twin_html(self) -> str:
        """Return the same choices as plain HTML with a small script of its own."""
        name = f"synscenes-lab-{next(_NUMBER)}"
        data = {
            "truths": self.truths,
            "mishaps": self.mishaps,
            "pictures": {f"{row} {key}": answer.jpeg for (row, key), answer in self.answers.items()},
            "names": {f"{r} {k}": [n for n, _ in a.guesses[0]] for (r, k), a in self.answers.items()},
            "shares": {
                f"{r} {k}": [[round(share, 4) for _, share in five] for five in a.guesses]
                for (r, k), a in self.answers.items()
            },
        }
        # "</" would end the script early; "<\/" means the same to JavaScript.
        packed = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
        photos = _options(enumerate(self.truths), self.photo.value)
        mishaps = _options(self.mishaps.items(), self.mishap.value)
        temperatures = " · ".join(f"{value:g}" for value in TEMPERATURES)
        return (
            f"<style>{_STYLE}</style><div class='synscenes-lab' id='{name}' role='group' "
            f"aria-label='Photograph, mistake and temperature'>"
            f"<label>Photograph <select class='photo'>{photos}</select></label>"
            f"<label>Mistake <select class='mishap'>{mishaps}</select></label>"
            f"<label>Temperature <input class='temperature' type='range' min='0' max='{len(TEMPERATURES) - 1}' "
            f"step='1' value='{self.temperature.value}' title='{temperatures}'> <output></output></label>"
            "<div class='synscenes-lab-view'><img alt=\"The photograph as the network gets it\">"
            "<div class='bars' aria-live='polite'></div></div></div>"
            f"<script>{_SCRIPT.replace('NAME', name).replace('TEMPERATURES', json.dumps(TEMPERATURES))}"
            f"({packed});</script>"
        )


def _answers(model: Any, photos: Sequence[Any], mishap: Any) -> list[Answer]:
    tensors = [mishap.prepare(photo.image) for photo in photos]
    logits = model.predict(tensors)
    found = []
    for tensor, row in zip(tensors, logits):
        best = np.argsort(-row, kind="stable")[:5]
        guesses = [
            [(model.categories[index], float(softmax(row, temperature)[index])) for index in best]
            for temperature in TEMPERATURES
        ]
        found.append(Answer(_jpeg(to_picture(tensor)), guesses))
    return found


def _jpeg(picture: Any) -> str:
    buffer = io.BytesIO()
    picture.resize((160, 160)).save(buffer, format="JPEG", quality=72)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _options(pairs: Any, chosen: Any) -> str:
    return "".join(
        f"<option value='{html.escape(str(value), quote=True)}'{' selected' * (value == chosen)}>"
        f"{html.escape(text)}</option>"
        for value, text in pairs
    )


_STYLE = (
    ".synscenes-lab label {display: block; margin: 0.3em 0;}"
    ".synscenes-lab select {max-width: 100%; font: inherit;}"
    ".synscenes-lab-view {display: flex; flex-wrap: wrap; gap: 1em; align-items: center;}"
    ".synscenes-lab-view {margin: 0.6em 0; max-width: 40em;}"
    ".synscenes-lab-view img {width: 160px; height: 160px; margin: 0;}"
    ".synscenes-lab-view .bars {flex: 1 1 16em; min-width: 0;}"
    ".synscenes-lab-view .row {display: flex; flex-wrap: nowrap; align-items: center; gap: 0.5em;}"
    ".synscenes-lab-view .row {margin: 0.25em 0; line-height: 1.3;}"
    ".synscenes-lab-view .name {flex: 0 0 42%; overflow-wrap: anywhere; font-size: 0.9em;}"
    ".synscenes-lab-view .track {flex: 1; height: 0.9em; border: 1px solid currentColor; border-radius: 2px;}"
    ".synscenes-lab-view .track span {display: block; height: 100%;}"
    ".synscenes-lab-view .right {background: #009E73;} .synscenes-lab-view .other {background: #56B4E9;}"
    ".synscenes-lab-view .share {flex: 0 0 4.5em; text-align: right; font-size: 0.9em;}"
)

_SCRIPT = """
(function (data) {
  const root = document.getElementById("NAME"), temperatures = TEMPERATURES;
  const find = (selector) => root.querySelector(selector);
  function draw() {
    const row = find(".photo").value, mishap = find(".mishap").value, step = Number(find(".temperature").value);
    const key = row + " " + mishap, truth = data.truths[row], bars = find(".bars");
    find("output").textContent = temperatures[step];
    find("img").src = "data:image/jpeg;base64," + data.pictures[key];
    find("img").alt = truth + ", as the network gets it: " + data.mishaps[mishap];
    bars.replaceChildren(...data.names[key].map((name, place) => {
      const share = 100 * data.shares[key][step][place], line = document.createElement("div");
      const parts = ["name", "track", "share"].map((kind) => {
        const part = document.createElement("span"); part.className = kind; line.append(part); return part;
      });
      line.className = "row";
      parts[0].textContent = (name === truth ? "\\u2713 " : "") + name;
      const filled = document.createElement("span");
      filled.className = name === truth ? "right" : "other"; filled.style.width = share + "%";
      parts[1].append(filled);
      parts[2].textContent = share.toFixed(1) + " %";
      return line;
    }));
  }
  root.querySelectorAll("select, input").forEach((control) => control.addEventListener("input", draw));
  draw();
})"""
