"""A model card: what a model was made for, how well it does for whom, and what it must not be used for.

The sections follow Mitchell et al. 2019 (Model Cards for Model Reporting). Numbers are filled in by program; what only
the makers know is asked, an unanswered question stays visible, and ``gaps`` says what an answer lacks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from synscenes.own_data.datasheet import UNANSWERED

QUESTIONS = {
    "intended": "What is the model for, and who should use it?",
    "out_of_scope": "What must it not be used for?",
    "factors": "Which conditions change how well it does: light, place, camera, groups of people?",
    "weakness": "Where does it do worst, and what happens then?",
    "people": "Who could be harmed, and who was asked?",
    "licence": "Under which terms may the weights be used, and which terms do the training data carry?",
    "upkeep": "Who answers for it, and where are mistakes reported?",
}
_EMPTY = {
    "n/a",
    "na",
    "none",
    "no",
    "nothing",
    "tbd",
    "todo",
    "unknown",
    "see paper",
    "not applicable",
    "-",
    "…",
    "...",
}
_SCORE = re.compile(r"(?<![\w.,])(0?\.\d+|[01]\.\d+|\d{1,3}(?:\.\d+)?\s*(?:%|per cent|percent))", re.IGNORECASE)
_FEWEST_WORDS = 5


@dataclass(frozen=True)
class Measured:
    """What a program can say about a model.

    ``metric``: the name of the score; ``overall``: (score, low, high); ``groups``: name -> (score, examples); all
    scores from 0 to 1. ``details``, ``training`` and ``evaluation``: name -> text or number, in the order shown.
    """

    metric: str
    overall: tuple[float, float, float]
    groups: Mapping[str, tuple[float, int]]
    details: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Mapping[str, Any] = field(default_factory=dict)

    @property
    def worst(self) -> str:
        """The group with the lowest score."""
        return min(self.groups, key=lambda name: self.groups[name][0])

    @property
    def scores(self) -> list[float]:
        """Every score that the card states."""
        return [*self.overall, *(score for score, _ in self.groups.values())]


@dataclass(frozen=True)
class Gap:
    """What an answer lacks: the question's name, a short code, and what to do."""

    question: str
    code: str
    advice: str

    def __str__(self) -> str:
        return f"{self.question}: {self.advice}"


def model_card(title: str, measured: Measured, answers: Mapping[str, str] | None = None) -> str:
    """Return the card as Markdown. Raises ValueError for an answer to a question that is not asked."""
    answers = dict(answers or {})
    _known(answers)
    score, low, high = measured.overall
    lines = [f"# Model card: {title}", "", "## Measured", ""]
    for heading, content in (
        ("Model", measured.details),
        ("Training data", measured.training),
        ("Tested on", measured.evaluation),
    ):
        if content:
            lines += [
                f"**{heading}.** " + "; ".join(f"{name}: {_plain(value)}" for name, value in content.items()) + ".",
                "",
            ]
    lines += [f"**{measured.metric}:** {score:.2f} (95 % interval {low:.2f} to {high:.2f}).", ""]
    lines += [f"| Group | {measured.metric} | Examples |", "|:--|--:|--:|"]
    for name, (value, count) in sorted(measured.groups.items(), key=lambda pair: (pair[1][0], pair[0])):
        lines.append(f"| {name} | {value:.2f} | {count:,} |")
    lines += ["", "## Told", ""]
    for name, question in QUESTIONS.items():
        lines += [f"**{question}**", "", (answers.get(name) or "").strip() or UNANSWERED, ""]
    return "\n".join(lines)


def gaps(answers: Mapping[str, str], measured: Measured) -> list[Gap]:
    """Return what is missing from a card's answers, in the order of the questions.

    Codes: "unanswered"; "empty-words" (fewer than five words, or words such as "n/a"); "not-measured" (an answer
    states a score that the measured part does not have, to two digits); "weakness-hidden" (the answer about the
    weakness does not name the worst group). Raises ValueError for an answer to a question that is not asked.
    """
    _known(answers)
    found = []
    for name, question in QUESTIONS.items():
        text = (answers.get(name) or "").strip()
        words = re.findall(r"\w+", text)
        about_intervals = re.search("interval|confiden", text)
        strange = [
            each
            for each in _stated(text)
            if not _is_measured(each, measured) and not (about_intervals and each in (0.9, 0.95, 0.99))
        ]
        if not text:
            found.append(Gap(name, "unanswered", f"not answered: {question}"))
        elif text.lower().rstrip(".") in _EMPTY or len(words) < _FEWEST_WORDS:
            found.append(Gap(name, "empty-words", f"“{text}” tells a stranger nothing: write a sentence."))
        elif strange:
            found.append(Gap(name, "not-measured", f"states {strange[0]:.2f}, which the measured part does not have."))
        elif name == "weakness" and measured.worst.lower() not in text.lower():
            found.append(Gap(name, "weakness-hidden", f"does not name the worst group measured, “{measured.worst}”."))
    return found


def _stated(text: str) -> list[float]:
    return [
        float(re.match(r"[\d.]+", score)[0]) / (100 if score[-1] in "%tT" else 1)  # type: ignore[index]
        for score in _SCORE.findall(text)
    ]


def _is_measured(value: float, measured: Measured) -> bool:
    return any(abs(value - score) < 0.0051 for score in measured.scores)


def _known(answers: Mapping[str, str]) -> None:
    if unknown := set(answers) - set(QUESTIONS):
        raise ValueError(f"answers: no question is called {min(unknown)!r}; known are {', '.join(QUESTIONS)}")


def _plain(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
