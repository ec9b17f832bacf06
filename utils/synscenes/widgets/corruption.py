"""One photograph under every corruption at every severity, and what a network answers."""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import ipywidgets

from synscenes.corruptions import CORRUPTIONS, SEVERITIES, corrupt, family, square
from synscenes.corruptions.grid import stream, tensor_maker
from synscenes.lesson.widgets import TwinWidget
from synscenes.widgets.bars import bar

SIDE, QUALITY, GUESSES = 152, 50, 3
_NUMBER = count(1)


@dataclass(frozen=True)
class Version:
    """One (corruption, severity): the picture as a small JPEG in base64, and the likeliest (class, probability)."""

    jpeg: str
    guesses: list[tuple[str, float]]


class CorruptionLab(TwinWidget):
    """Choose a corruption, drag its severity from 0 (none) to 5, and watch the network's three best guesses.

    ``photo``: a labelled photograph (``.image``, ``.name``); ``names``: corruptions. Everything is computed once,
    here, so the static twin shows what the live widget shows. The picture is shown small and compressed; the
    network got the whole 224 × 224. Raises ValueError for an unknown corruption or none at all.
    """

    def __init__(self, model: Any, photo: Any, names: Sequence[str] = tuple(CORRUPTIONS), seed: int = 0) -> None:
        if not names:
            raise ValueError("names is empty: give at least one corruption")
        self.names = list(names)
        self.truth = photo.name
        self.versions = _versions(model, square(photo.image), self.names, seed)
        style = {"description_width": "6em"}
        self.corruption = ipywidgets.Dropdown(
            options=[(_words(name), name) for name in self.names], description="Corruption", style=style
        )
        self.severity = ipywidgets.IntSlider(value=0, min=0, max=SEVERITIES[-1], description="Severity", style=style)
        self.result = ipywidgets.HTML()
        for control in (self.corruption, self.severity):
            control.observe(lambda _change: self._refresh(), names="value")
        super().__init__([self.corruption, self.severity, self.result])
        self._refresh()

    @property
    def shown(self) -> Version:
        """The version now shown."""
        return self.versions[self.corruption.value if self.severity.value else "", self.severity.value]

    def _refresh(self) -> None:
        self.result.value = f"<style>{_STYLE}</style>{self._view()}"

    def _view(self) -> str:
        alt = html.escape(_alt(self.truth, self.corruption.value, self.severity.value), quote=True)
        bars = "".join(bar(name, share, name == self.truth, decimals=0) for name, share in self.shown.guesses)
        return (
            f"<div class='synscenes-spoil-view'><img src='data:image/jpeg;base64,{self.shown.jpeg}' alt=\"{alt}\">"
            f"<div class='bars' aria-live='polite'>{bars}</div></div>"
        )

    def twin_html(self) -> str:
        """Return the same choices as plain HTML with a small script of its own."""
        name = f"synscenes-spoil-{next(_NUMBER)}"
        data = {
            "truth": self.truth,
            "versions": {
                f"{corruption} {severity}": [
                    version.jpeg,
                    [[guess, round(share, 3)] for guess, share in version.guesses],
                ]
                for (corruption, severity), version in self.versions.items()
            },
        }
        # "</" would end the script early; "<\/" means the same to JavaScript.
        packed = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
        options = "".join(
            f"<option value='{entry}'{' selected' * (entry == self.corruption.value)}>{_words(entry)}</option>"
            for entry in self.names
        )
        return (
            f"<style>{_STYLE}</style><div class='synscenes-spoil' id='{name}' role='group' "
            f"aria-label='Corruption and severity'>"
            f"<label>Corruption <select>{options}</select></label>"
            f"<label>Severity <input type='range' min='0' max='{SEVERITIES[-1]}' step='1' "
            f"value='{self.severity.value}'> <output></output></label>{self._view()}</div>"
            f"<script>{_SCRIPT.replace('NAME', name)}({packed});</script>"
        )


def _versions(model: Any, image: Any, names: Sequence[str], seed: int) -> dict[tuple[str, int], Version]:
    """All versions by (corruption, severity); the untouched picture is ("", 0)."""
    pictures = {("", 0): image}
    for name in names:
        for severity in SEVERITIES:
            pictures[name, severity] = corrupt(image, name, severity, stream(seed, name, severity, 0))
    prepare = tensor_maker(model)
    logits = model.predict([prepare(picture) for picture in pictures.values()])
    return {
        key: Version(_jpeg(picture), model.top(row, GUESSES)) for (key, picture), row in zip(pictures.items(), logits)
    }


def _words(name: str) -> str:
    return f"{name.replace('_', ' ')} ({family(name)})"


def _alt(truth: str, name: str, severity: int) -> str:
    return f"{truth}, untouched" if not severity else f"{truth} under {name.replace('_', ' ')}, severity {severity}"


def _jpeg(picture: Any) -> str:
    buffer = io.BytesIO()
    picture.resize((SIDE, SIDE)).save(buffer, format="JPEG", quality=QUALITY, optimize=True)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


_STYLE = (
    ".synscenes-spoil label {display: block; margin: 0.4em 0;}"
    ".synscenes-spoil select, .synscenes-spoil input {max-width: 100%; font: inherit; vertical-align: middle;}"
    ".synscenes-spoil-view {display: flex; flex-wrap: wrap; gap: 1em; align-items: center; margin: 0.6em 0; "
    "max-width: 40em;}"
    f".synscenes-spoil-view img {{width: {SIDE}px; height: {SIDE}px; margin: 0;}}"
    ".synscenes-spoil-view .bars {flex: 1 1 15em; min-width: 0;}"
    ".synscenes-spoil-view .row {display: flex; flex-wrap: nowrap; align-items: center; gap: 0.5em; "
    "margin: 0.35em 0; line-height: 1.3;}"
    ".synscenes-spoil-view .name {flex: 0 0 42%; overflow-wrap: anywhere; font-size: 0.9em;}"
    ".synscenes-spoil-view .track {flex: 1; height: 0.9em; border: 1px solid currentColor; border-radius: 2px;}"
    ".synscenes-spoil-view .track span {display: block; height: 100%;}"
    ".synscenes-spoil-view .right {background: #009E73;} .synscenes-spoil-view .other {background: #56B4E9;}"
    ".synscenes-spoil-view .share {flex: 0 0 3.5em; text-align: right; font-size: 0.9em;}"
)

_SCRIPT = """
(function (data) {
  const root = document.getElementById("NAME"), find = (selector) => root.querySelector(selector);
  function draw() {
    const severity = Number(find("input").value), chosen = find("select").selectedOptions[0];
    const [jpeg, guesses] = data.versions[severity ? chosen.value + " " + severity : " 0"];
    find("output").textContent = severity || "0 (untouched)";
    find("img").src = "data:image/jpeg;base64," + jpeg;
    const how = " under " + chosen.value.replace(/_/g, " ") + ", severity " + severity;
    find("img").alt = data.truth + (severity ? how : ", untouched");
    find(".bars").replaceChildren(...guesses.map(([name, share]) => {
      const line = document.createElement("div"), right = name === data.truth;
      const parts = ["name", "track", "share"].map((kind) => {
        const part = document.createElement("span"); part.className = kind; line.append(part); return part;
      });
      line.className = "row";
      parts[0].textContent = (right ? "\\u2713 " : "") + name;
      const filled = document.createElement("span");
      filled.className = right ? "right" : "other"; filled.style.width = 100 * share + "%";
      parts[1].append(filled);
      parts[2].textContent = (100 * share).toFixed(0) + " %";
      return line;
    }));
  }
  root.querySelectorAll("select, input").forEach((control) => control.addEventListener("input", draw));
  draw();
})"""
