"""A photograph, its label, another suggestion: keep, relabel, or unsure? Decisions are saved as they are made."""

from __future__ import annotations

import base64
import html
import io
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import ipywidgets

from synscenes.errors import CourseError
from synscenes.files import write_atomic
from synscenes.lesson.widgets import TwinWidget
from synscenes.paths import own

CHOICES = {"keep": "Keep the label", "relabel": "Relabel", "unsure": "Unsure"}
_NUMBER = count(1)


@dataclass(frozen=True)
class Case:
    """One photograph to judge: ``key`` names it, ``given`` and ``suggested`` are names of classes."""

    key: str
    image: Any
    given: str
    suggested: str


class LabelReview(TwinWidget):
    """Go through photographs one by one and decide about each label.

    ``name`` is the file of decisions, ``<folder>/<name>.json``, rewritten whole after every decision, so that
    a crash loses nothing. ``folder`` None means ``reviews`` in the course's own folder. Decisions made before
    are loaded; about photographs that aren't among the ``cases`` they stay in the file. Raises ValueError for
    no cases or a key used twice, CourseError for a file of decisions that can't be read.
    """

    def __init__(self, cases: Sequence[Case], name: str = "labels", folder: str | Path | None = None) -> None:
        keys = [case.key for case in cases]
        if not keys or len(set(keys)) != len(keys):
            raise ValueError("cases must hold at least one photograph, and none twice")
        self.cases = list(cases)
        saves = folder is not None or os.environ.get("SYNSCENES_PROGRESS") != "off"
        self.path = Path(folder or own() / "reviews") / f"{name}.json" if saves else None
        self._all = self._load()
        self.place = next((i for i, key in enumerate(keys) if key not in self._all), 0)
        self.view, self.status = ipywidgets.HTML(), ipywidgets.HTML()
        self.buttons = {
            choice: ipywidgets.Button(
                description=text, tooltip=f"{text} of this photograph", layout={"width": "auto"}
            )
            for choice, text in CHOICES.items()
        }
        for choice, button in self.buttons.items():
            button.on_click(lambda _button, choice=choice: self.decide(choice))
        self.back = ipywidgets.Button(description="← Back", layout={"width": "auto"})
        self.forward = ipywidgets.Button(description="Next →", layout={"width": "auto"})
        self.back.on_click(lambda _button: self.move(-1))
        self.forward.on_click(lambda _button: self.move(1))
        row = ipywidgets.HBox(
            [self.back, *self.buttons.values(), self.forward], layout={"flex_flow": "row wrap"}
        )
        super().__init__([self.view, row, self.status])
        self._refresh()

    @property
    def decisions(self) -> dict[str, str]:
        """What was decided about these cases: {key: "keep", "relabel" or "unsure"}."""
        return {case.key: self._all[case.key] for case in self.cases if case.key in self._all}

    def tally(self) -> dict[str, int]:
        """How often each choice was made, and how many photographs are open."""
        made = Counter(self.decisions.values())
        return {**{choice: made[choice] for choice in CHOICES}, "open": len(self.cases) - sum(made.values())}

    def decide(self, choice: str) -> None:
        """Note a decision about the photograph shown, save it, go on to the next. Raises ValueError for other words."""
        if choice not in CHOICES:
            raise ValueError(f"choice must be one of {', '.join(CHOICES)}, got {choice!r}")
        self._all[self.cases[self.place].key] = choice
        self._save()
        self.move(1)

    def move(self, step: int) -> None:
        """Go ``step`` photographs forwards (backwards when below 0), not past either end."""
        self.place = min(max(self.place + step, 0), len(self.cases) - 1)
        self._refresh()

    def _load(self) -> dict[str, str]:
        if self.path is None or not self.path.exists():
            return {}
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            if not isinstance(kept, dict) or not set(kept.values()) <= set(CHOICES):
                raise ValueError("it does not hold decisions")
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise CourseError(f"{self.path} can't be read ({error}): move it away to begin anew.") from None
        return kept

    def _save(self) -> None:
        self._saved = ""
        if self.path is None:
            return
        try:
            write_atomic(self.path, json.dumps(self._all, indent=1, sort_keys=True) + "\n")
        except OSError as error:
            self._saved = f" Not saved: {html.escape(str(error))}."

    def _refresh(self) -> None:
        case = self.cases[self.place]
        self.view.value = f"<style>{_STYLE}</style>{_card(case, _jpeg(case.image))}"
        for choice, button in self.buttons.items():
            button.button_style = "info" if self._all.get(case.key) == choice else ""
        done = self.tally()
        counts = ", ".join(f"{done[choice]} {choice}" for choice in CHOICES)
        self.status.value = (
            f"Photograph {self.place + 1} of {len(self.cases)} · {counts}, {done['open']} open."
            f"{getattr(self, '_saved', '')}"
        )

    def twin_html(self) -> str:
        """Return the same review as plain HTML with a small script; there, decisions last as long as the page."""
        name = f"synscenes-review-{next(_NUMBER)}"
        data = [
            {"jpeg": _jpeg(case.image), "given": case.given, "suggested": case.suggested}
            for case in self.cases
        ]
        # A name with "<" in it must not end the script; to JavaScript the escape means the same.
        packed = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
        buttons = "".join(
            f"<button type='button' data-choice='{choice}' aria-pressed='false'>{text} ({choice[0].upper()})</button>"
            for choice, text in CHOICES.items()
        )
        return (
            f"<style>{_STYLE}</style><div class='synscenes-review' id='{name}' role='group' tabindex='0' "
            f"aria-label='Review of labels. Keys: K keep, R relabel, U unsure, arrows to move'>"
            f"{_card(self.cases[0], data[0]['jpeg'])}<div class='buttons'>"
            f"<button type='button' data-step='-1'>← Back</button>{buttons}"
            f"<button type='button' data-step='1'>Next →</button></div>"
            f"<p class='status' aria-live='polite'></p></div>"
            f"<script>{_SCRIPT.replace('NAME', name)}({packed});</script>"
        )


def _card(case: Case, jpeg: str) -> str:
    return (
        f"<div class='synscenes-review-card'><img src=\"data:image/jpeg;base64,{jpeg}\" "
        f'alt="Photograph labelled {html.escape(case.given, quote=True)}"><dl><dt>Label</dt>'
        f"<dd class='given'>{html.escape(case.given)}</dd><dt>The model suggests</dt>"
        f"<dd class='suggested'>{html.escape(case.suggested)}</dd></dl></div>"
    )


def _jpeg(image: Any) -> str:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, format="JPEG", quality=90)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


_STYLE = (
    ".synscenes-review-card {display: flex; flex-wrap: wrap; gap: 1em; align-items: center; margin: 0.4em 0;}"
    ".synscenes-review-card img {width: 224px; max-width: 100%; height: auto; margin: 0;}"
    ".synscenes-review-card dl {margin: 0;} .synscenes-review-card dt {font-size: 0.85em; opacity: 0.75;}"
    ".synscenes-review-card dd {margin: 0 0 0.6em; font-size: 1.15em; font-weight: bold;}"
    ".synscenes-review {max-width: 40em;}"
    ".synscenes-review .buttons {display: flex; flex-wrap: wrap; gap: 0.4em;}"
    ".synscenes-review button {font: inherit; color: inherit; background: transparent; cursor: pointer;"
    " border: 1px solid currentColor; border-radius: 4px; padding: 0.3em 0.7em;}"
    ".synscenes-review button[aria-pressed='true'] {background: #0072B2; color: white; border-color: #0072B2;}"
)

_SCRIPT = """
(function (cases) {
  const root = document.getElementById("NAME"), find = (selector) => root.querySelector(selector);
  const made = cases.map(() => null), choices = ["keep", "relabel", "unsure"];
  let place = 0;
  function draw() {
    const one = cases[place];
    find("img").src = "data:image/jpeg;base64," + one.jpeg;
    find("img").alt = "Photograph labelled " + one.given;
    find(".given").textContent = one.given;
    find(".suggested").textContent = one.suggested;
    root.querySelectorAll("[data-choice]").forEach((button) =>
      button.setAttribute("aria-pressed", String(made[place] === button.dataset.choice)));
    const counts = choices.map((choice) => made.filter((each) => each === choice).length + " " + choice);
    const open = made.filter((each) => each === null).length;
    find(".status").textContent = `Photograph ${place + 1} of ${cases.length} \\u00b7 ${counts.join(", ")}, `
      + `${open} open. Nothing is saved on this page.`;
  }
  function move(step) { place = Math.min(Math.max(place + step, 0), cases.length - 1); draw(); }
  function decide(choice) { made[place] = choice; move(1); }
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.choice) decide(button.dataset.choice); else move(Number(button.dataset.step));
  });
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const choice = choices.find((each) => each[0] === event.key.toLowerCase());
    if (choice) decide(choice);
    else if (event.key === "ArrowLeft") move(-1);
    else if (event.key === "ArrowRight") move(1);
    else return;
    event.preventDefault(); event.stopPropagation();
  });
  draw();
})"""
