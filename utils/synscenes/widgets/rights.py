"""State a use, and read the answer with every rule it rests on. No legal advice."""

from __future__ import annotations

import html
import json
from importlib import resources
from itertools import count
from typing import Any

import ipywidgets

from synscenes.lesson.widgets import TwinWidget
from synscenes.rights.decision import (
    ACTS,
    NOTICE,
    PLACES,
    PURPOSES,
    TOUCHES,
    VERDICTS,
    WORDS,
    Decision,
    decide,
    table,
    told,
)

_NUMBER = count(1)
COLOURS = {"yes": "#009E73", "yes-if": "#56B4E9", "ask": "#E69F00", "no": "#D55E00"}
MARKS = {"yes": "✓", "yes-if": "◐", "ask": "?", "no": "✗"}


class UseHelper(TwinWidget):
    """Four menus (data, act, purpose, place) and the decision about them, rule by rule.

    ``data``, ``act``, ``purpose`` and ``where`` are what is shown first; ``choose`` does what the menus do. Raises
    ValueError for a choice that is not on its menu.
    """

    def __init__(self, data: str = "coco", act: str = "figure", purpose: str = "research", where: str = "eu") -> None:
        names = {key: name for key, (name, _) in table()["datasets"].items()}
        self.menus = {
            "data": _menu("Data", names),
            "act": _menu("You want to", ACTS),
            "purpose": _menu("For", PURPOSES),
            "where": _menu("Where", PLACES),
        }
        self.answer = ipywidgets.HTML()
        super().__init__([*self.menus.values(), self.answer])
        self.choose(data=data, act=act, purpose=purpose, where=where)
        for menu in self.menus.values():
            menu.observe(lambda _change: self._refresh(), names="value")

    @property
    def decision(self) -> Decision:
        """The decision shown."""
        return decide(*(menu.value for menu in self.menus.values()))

    def choose(self, **choices: str) -> None:
        """Set some of the menus by key: ``choose(data="imagenet", purpose="product")``."""
        for name, value in choices.items():
            if name not in self.menus or value not in dict(self.menus[name].options).values():
                raise ValueError(f"{name}={value!r} is on no menu: the menus are {', '.join(self.menus)}")
            self.menus[name].value = value
        self._refresh()

    def twin_html(self) -> str:
        """Return the static twin: the same menus and the same table of rules, with a script of its own."""
        known = table()
        data = {
            "menus": {
                name: {
                    "label": menu.description,
                    "value": menu.value,
                    "options": [[value, text] for text, value in menu.options],
                }
                for name, menu in self.menus.items()
            },
            "datasets": {
                key: [[part.kind, part.term, sorted(part.features), part.source] for part in parts]
                for key, (_, parts) in known["datasets"].items()
            },
            "rules": [
                [
                    rule.id,
                    sorted(rule.has),
                    rule.acts,
                    rule.purposes,
                    rule.where,
                    rule.verdict,
                    rule.because,
                    rule.sources,
                ]
                for rule in known["rules"].values()
            ],
            "sources": {name: [source.name, source.says, source.where] for name, source in known["sources"].items()},
            "touches": TOUCHES,
            "verdicts": VERDICTS,
            "words": WORDS,
            "colours": COLOURS,
            "marks": MARKS,
        }
        # "</" would end the script element that holds the data.
        packed = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        template = resources.files("synscenes").joinpath("data/rights_twin.html").read_text("utf-8")
        filled = template.replace("__NAME__", f"synscenes-rights-{next(_NUMBER)}").replace(
            "__NOTICE__", html.escape(NOTICE)
        )
        return filled.replace("__ANSWER__", answer_html(self.decision)).replace("__DATA__", packed)

    def _refresh(self) -> None:
        self.answer.value = f"<style>{_STYLE}</style><div class='synscenes-rights'>{answer_html(self.decision)}</div>"


def answer_html(decision: Decision) -> str:
    """Return a decision as HTML: the verdict, then each rule with its parts and sources. Colour is never alone."""
    items = []
    for rule, parts, sources in decision.reasons():
        cited = "; ".join(f"{source.name}: {source.says.rstrip('.')}" for source in sources)
        items.append(
            f'<li style="border-color: {COLOURS[rule.verdict]}"><b>{MARKS[rule.verdict]} {WORDS[rule.verdict]}</b> '
            f"{html.escape(rule.because)}<br><small>{html.escape(told(parts))}. Rule {rule.id}. "
            f"Rests on: {html.escape(cited)}.</small></li>"
        )
    verdict = WORDS[decision.verdict]
    return (
        f'<p class="verdict" style="border-color: {COLOURS[decision.verdict]}">{MARKS[decision.verdict]} '
        f"{verdict[0].upper()}{verdict[1:]}</p><ol>{''.join(items)}</ol><p><small>{NOTICE}</small></p>"
    )


def _menu(label: str, options: dict[str, str]) -> Any:
    return ipywidgets.Dropdown(
        options=[(text, value) for value, text in options.items()],
        description=label,
        style={"description_width": "7em"},
        layout={"width": "min(36em, 98%)"},
    )


_STYLE = (
    ".synscenes-rights {max-width: 46em; line-height: 1.45;}"
    ".synscenes-rights .verdict {border-left: 8px solid; font-size: 1.25em; font-weight: bold;"
    " margin: 0.5em 0; padding: 0.2em 0.6em;}"
    ".synscenes-rights ol {list-style: none; margin: 0; padding: 0;}"
    ".synscenes-rights li {border-left: 4px solid; margin: 0.4em 0; padding: 0 0.7em;}"
    ".synscenes-rights small {font-size: 0.85em; opacity: 0.85;}"
)
