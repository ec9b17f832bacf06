"""Reports written by program, from what was measured: examples of a page, and the model solutions' own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synscenes.capstone.report import Report, interval

_SCENES = (
    "micro-COCO is synthetic: nobody is in it, and its sprites are Twemoji (CC BY 4.0). Nothing follows for "
    "photographs until it is measured there."
)


def detector_report(
    changed: str, counts: tuple[int, int, int], starter: float, ours: float, gain: Sequence[float], seeds: int,
    price: float, looks: int, missed: str, figures: Sequence[tuple[Any, str]] = (), negative: str = "",
) -> Report:  # fmt: skip
    """Return project A's page. ``counts``: images to train, to choose, sealed; ``gain``: difference, low, high."""
    train, val, judge = counts
    return Report(
        "A better small detector",
        {
            "question": f"Does a small detector trained on {train} scenes find more with {changed}, at the same data?",
            "data": f"micro-COCO: {train} training scenes, {val} validation scenes to choose by, {judge} sealed scenes "
            f"of another seed, asked {looks} time(s).",
            "baseline": "Lesson 10's detector: frozen MobileNetV2, 8 epochs, same images, same seeds.",
            "change": f"{changed.capitalize()}; {price:.1f} times the starter's multiplications.",
            "measure": f"AP50 on the sealed scenes, mean over {seeds} seeds: {ours:.3f} against {starter:.3f}; "
            f"difference {gain[0]:+.3f} {interval(*gain[1:])} (95 %, bootstrap over images and seeds).",
            "failures": missed,
            "negative": negative,
            "statement": f"{_SCENES} YOLOv4-tiny was trained on COCO's photographs, under their Flickr licences.",
        },
        list(figures),
    )


def metric_report(
    scenes: tuple[int, int], found: Any, looks: int, canary: tuple[float, int], pair: tuple, negative: str
) -> Report:
    """Return project B's page. ``found``: a ``metric.Gain``; ``pair``: one of ``metric.worst``'s rows."""
    good, bad, low, high = pair
    return Report(
        "A caption metric that follows the truth",
        {
            "question": "Does a metric of nouns, WordNet and contradictions order captions by truth better than CIDEr?",
            "data": f"Captions of {scenes[0]} micro-COCO scenes to build with, {scenes[1]} sealed scenes with other "
            f"paraphrases, asked {looks} time(s).",
            "baseline": "CIDEr-D on the same candidates and references; no usual metric followed the truth better.",
            "change": "The share of a caption's nouns that any reference bears out (a noun may stand up to two steps "
            "above the other in WordNet), less a cost for each number or colour that the references contradict.",
            "measure": f"Kendall's tau with the truth: {found.tau:.3f} against {found.base:.3f}; difference "
            f"{found.difference:+.3f} {interval(found.low, found.high)} (95 %, paired bootstrap over scenes). Where "
            f"nobody could know, it prefers the truth in {canary[0]:.0%} of {canary[1]} pairs.",
            "failures": f'True, {low:.2f}: "{good}". False, {high:.2f}: "{bad}".',
            "negative": negative,
            "statement": f"{_SCENES} A score of captions says nothing of how the people in a photograph are spoken of.",
        },
    )


def audit_report(
    size: tuple[int, int], base: Any, ours: Any, gain: Sequence[float], estimate: Sequence[float], budget: int,
    looks: int, examples: str, negative: str, figures: Sequence[tuple[Any, str]] = (),
) -> Report:  # fmt: skip
    """Return project C's page. ``size``: images, annotations; ``base`` and ``ours``: ``audit.Found``."""
    images, annotations = size
    low, high = (round(value * annotations) for value in estimate[1:])
    return Report(
        "An audit of labels",
        {
            "question": f"Which of {annotations} labels are wrong, and how many, if people look at {budget} of them?",
            "data": f"{images} micro-COCO scenes with {annotations} labels, some exchanged on purpose for a similar "
            f"category; where, was not known while the ranking was built. Asked {looks} time(s).",
            "baseline": "Lesson 16's rule: look where YOLOv4-tiny is surest of another category.",
            "change": "The most similar crops of other images vote on each label; the detector's opinion is added.",
            "measure": f"Average precision {ours.average_precision:.3f} against {base.average_precision:.3f}; "
            f"difference {gain[0]:+.3f} {interval(*gain[1:])}. In {budget} looks it finds "
            f"{int(ours.right[:budget].sum())} wrong labels, the baseline {int(base.right[:budget].sum())}. "
            "Error rate, at random: "
            f"{estimate[0]:.1%} {interval(*estimate[1:])}, that is {low} to {high} labels.",
            "failures": examples,
            "negative": negative,
            "statement": f"{_SCENES} The ranking proposes; a person decides. It may not correct labels by itself.",
        },
        list(figures),
    )
