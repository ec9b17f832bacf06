"""Project B: a caption metric that follows the truth better than CIDEr.

A metric is a function of words: ``metric(candidate, references)``, the first a list of words, the second a list of
such lists, and it returns a number. It sees neither the scene graph nor which image it is. With ``seen`` it gets a
third argument, the names of what a detector found in the image.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from synscenes.capstone import sealed
from synscenes.capstone.other_words import SEALED_WORDS
from synscenes.errors import CourseError
from synscenes.metrics.captions import study, tokenize
from synscenes.metrics.captions.claims import COLOURS
from synscenes.metrics.captions.corrupting import CHANGES, in_other_words

Words = list[str]
Metric = Callable[..., float]
# What knows the scene, or reads its file: a metric that names one of these has left its place.
FORBIDDEN = {"claims", "is_true", "truth", "read_claims", "claim_score", "scene_graphs", "scenes", "open", "read_text"}


@dataclass(frozen=True)
class Contest:
    """Candidates whose truth is known: ``rows`` are ``study.candidates``'; ``seen`` are a detector's names by image."""

    rows: list[dict[str, Any]]
    seen: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def truth(self) -> np.ndarray:
        """The share of each candidate's claims that its scene bears out: (n,)."""
        return np.array([row["truth"] for row in self.rows])

    @cached_property
    def images(self) -> np.ndarray:
        """Which scene each candidate is about: (n,) int."""
        return np.array([row["image"] for row in self.rows])

    @cached_property
    def words(self) -> list[tuple[Words, list[Words]]]:
        """(candidate, references) of each row, in COCO's words."""
        told = {row["image"]: [tokenize(text) for text in row["references"]] for row in self.rows}
        return [(tokenize(row["caption"]), told[row["image"]]) for row in self.rows]

    @cached_property
    def cider(self) -> np.ndarray:
        """CIDEr-D of each candidate: (n,); its weights come from the references of the whole contest."""
        return study.scored(self.rows, ["CIDEr"])["CIDEr"]

    def watched(self, names: Mapping[int, Sequence[str]]) -> Contest:
        """Return the contest with what a detector saw in each scene."""
        return replace(self, seen={image: tuple(found) for image, found in names.items()})


def practice(count: int, seed: int = 0) -> Contest:
    """Return a contest on micro-COCO's validation scenes, with lesson 15's other words: look at it as you like."""
    from synscenes import coco

    scenes = sealed.scene_graphs(coco.folder("micro"), count)
    return Contest(study.candidates(scenes, np.random.default_rng(seed)))


def judging(count: int, seed: int = 1) -> Contest:
    """Return the sealed contest: scenes and other words that the practice has not."""
    scenes = sealed.scene_graphs(sealed.scenes(count), count)
    changes = {**CHANGES, "in other words": partial(in_other_words, table=SEALED_WORDS)}
    return Contest(study.candidates(scenes, np.random.default_rng(seed), changes))


def values_of(metric: Metric, contest: Contest) -> np.ndarray:
    """Return the metric's value for every candidate: (n,).

    Raises CourseError, in one line, for a metric that stops, gives no finite number, or uses ``FORBIDDEN`` names.
    """
    peeks = sorted(_names_in(metric) & FORBIDDEN)
    if peeks:
        raise CourseError(f"The metric uses {', '.join(peeks)}: it may see captions (and `seen`) alone.")
    values = np.zeros(len(contest.rows))
    for place, (candidate, references) in enumerate(contest.words):
        more = (contest.seen.get(int(contest.images[place]), ()),) if contest.seen else ()
        try:
            value = metric(list(candidate), [list(each) for each in references], *more)
        except Exception as error:
            told = " ".join(candidate)
            raise CourseError(
                f"The metric stopped with {type(error).__name__}: {error} (candidate: {told})."
            ) from error
        if value is ...:
            raise CourseError("The metric returns ...: write it first.")
        if not isinstance(value, (int, float, np.number)) or not np.isfinite(value):
            raise CourseError(f"The metric must return a finite number, not {value!r} (for: {' '.join(candidate)}).")
        values[place] = value
    return values


def _names_in(function: Any) -> set[str]:
    """The names that a function's code mentions, in functions inside it too."""
    found, codes = set(), [getattr(inspect.unwrap(function), "__code__", None)]
    while codes:
        code = codes.pop()
        if code is not None:
            found |= set(code.co_names)
            codes += [each for each in code.co_consts if inspect.iscode(each)]
    return found


@dataclass(frozen=True)
class Gain:
    """Kendall's tau of a metric and of CIDEr with the truth, and the difference with its 95 % interval."""

    tau: float
    base: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """By how much the metric follows the truth better."""
        return self.tau - self.base


def gain(values: np.ndarray, contest: Contest, rng: np.random.Generator, repeats: int = 300) -> Gain:
    """Compare a metric's values with CIDEr's: a paired bootstrap over scenes (percentile interval).

    Candidates of one scene share its references, so scenes are drawn, each with all its candidates, and both metrics
    see the same drawn scenes (Efron 1979; for caption metrics Graham and Liu 2016 argue for tests on paired scores).
    """
    from scipy.stats import kendalltau

    groups = [np.flatnonzero(contest.images == image) for image in np.unique(contest.images)]
    tau = lambda some, rows: float(np.nan_to_num(kendalltau(some[rows], contest.truth[rows]).statistic))  # noqa: E731
    every, draws = np.arange(len(values)), []
    for _ in range(repeats):
        rows = np.concatenate([groups[place] for place in rng.integers(0, len(groups), len(groups))])
        draws.append(tau(values, rows) - tau(contest.cider, rows))
    low, high = np.quantile(draws, [0.025, 0.975])
    return Gain(tau(values, every), tau(contest.cider, every), float(low), float(high))


def canary(values: np.ndarray, contest: Contest) -> tuple[float, int]:
    """Return how often the metric prefers the true colour where nobody could know it, and in how many pairs.

    The pairs are a caption as written and the same with a wrong colour, where the other captions of the scene name
    neither colour. From words alone the right share is about a half; a share near 1 says that the metric has seen the
    scene.
    """
    at = {(row["image"], row["kind"]): place for place, row in enumerate(contest.rows)}
    wins = []
    for (image, kind), bad in at.items():
        good = at.get((image, "as written"))
        if kind != "wrong colour" or good is None:
            continue
        changed = (set(contest.words[good][0]) ^ set(contest.words[bad][0])) & set(COLOURS)
        if not changed & {word for words in contest.words[good][1] for word in words}:
            wins.append(0.5 if np.isclose(values[good], values[bad]) else float(values[good] > values[bad]))
    return (float(np.mean(wins)) if wins else 0.5), len(wins)


def by_kind(values: np.ndarray, contest: Contest) -> dict[str, float]:
    """Return the mean value of each kind of candidate, in ``study.KINDS``' order."""
    kinds = np.array([row["kind"] for row in contest.rows])
    return {kind: float(values[kinds == kind].mean()) for kind in study.KINDS if (kinds == kind).any()}


def worst(values: np.ndarray, contest: Contest, count: int = 3) -> list[tuple[str, str, float, float]]:
    """Return pairs that the metric orders most wrongly: (true caption, false caption, value, value), worst first."""
    at: dict[tuple[int, str], int] = {(row["image"], row["kind"]): n for n, row in enumerate(contest.rows)}
    pairs = []
    for (image, kind), bad in at.items():
        good = at.get((image, "in other words"))
        if kind.startswith("wrong") and good is not None and contest.truth[good] > contest.truth[bad]:
            pairs.append((values[bad] - values[good], good, bad))
    pairs.sort(key=lambda pair: -pair[0])
    name = lambda place: contest.rows[place]["caption"]  # noqa: E731
    return [(name(good), name(bad), float(values[good]), float(values[bad])) for _, good, bad in pairs[:count]]


def detector_names(folder: Any, count: int, least: float = 0.3) -> dict[int, tuple[str, ...]]:
    """Return what YOLOv4-tiny names in each scene of a micro-COCO folder's validation images, with repeats."""
    from synscenes import models
    from synscenes.pictures import open_image

    graphs = sealed.scene_graphs(folder, count)
    names = {record["id"]: record["file_name"] for record in _records(folder)}
    yolo = models.load("yolov4_tiny")
    pictures = (open_image(folder.image("val", names[graph["image_id"]])) for graph in graphs)
    return {place: tuple(item.name for item in items) for place, items in enumerate(yolo.detect_all(pictures, least))}


def _records(folder: Any) -> list[dict[str, Any]]:
    import json

    return json.loads(folder.instances("val").read_text(encoding="utf-8"))["images"]
