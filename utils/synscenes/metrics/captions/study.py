"""How well caption metrics follow the truth: candidates whose truth is known, scored by every metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.metrics.captions.claims import claim_score, truth
from synscenes.metrics.captions.corrupting import CHANGES
from synscenes.metrics.captions.score import score_each

METRICS = ("Bleu_1", "Bleu_4", "METEOR", "ROUGE_L", "CIDEr")
KINDS = (*CHANGES, "another image's")


def candidates(
    scenes: Sequence[Mapping[str, Any]], rng: np.random.Generator, changes: Mapping[str, Any] = CHANGES
) -> list[dict[str, Any]]:
    """One caption of each scene held out, in every way of ``changes`` that it allows; and another scene's caption.

    Returns a row for each: ``image``, ``kind``, ``caption``, the other captions as ``references``, and ``truth``, the
    share of its claims that the scene bears out. (A caption in other words has the truth of the original.)
    """
    rows = []
    for place, scene in enumerate(scenes):
        captions = list(scene["captions"])
        held_out = captions.pop(int(rng.integers(len(captions))))
        made = {kind: change(held_out, scene, rng) for kind, change in changes.items()}
        other = scenes[(place + 1 + int(rng.integers(len(scenes) - 1))) % len(scenes)]
        made[KINDS[-1]] = other["captions"][int(rng.integers(len(other["captions"])))]
        for kind, caption in made.items():
            if caption is None:
                continue
            value = truth(held_out if kind == "in other words" else caption, scene)
            row = {"image": place, "kind": kind, "caption": caption, "references": captions, "truth": value}
            spoiled = not kind.startswith("wrong") or value < 1  # A change may hit upon another truth.
            if not np.isnan(value) and spoiled:
                rows.append(row)
    return rows


def scored(rows: Sequence[Mapping[str, Any]], metrics: Sequence[str] = METRICS) -> dict[str, np.ndarray]:
    """Return each metric's scores of the rows, and "claims", SPICE's idea in miniature.

    Candidates of one kind are scored as one corpus of all images, so that CIDEr's weights are the same for all; an
    image that lacks the kind gets an empty caption meanwhile.
    """
    found = {name: np.zeros(len(rows)) for name in (*metrics, "claims")}
    first = {row["image"]: row for row in reversed(rows)}
    references = {image: row["references"] for image, row in first.items()}
    for kind in dict.fromkeys(row["kind"] for row in rows):
        places = {row["image"]: place for place, row in enumerate(rows) if row["kind"] == kind}
        captions = {image: rows[places[image]]["caption"] if image in places else "" for image in first}
        scores = score_each(references, captions, metrics=metrics)
        for image, place in places.items():
            for name in metrics:
                found[name][place] = scores[image][name]
            found["claims"][place] = claim_score(rows[place]["caption"], references[image])
    return found


def kept_share(rows: Sequence[Mapping[str, Any]], values: np.ndarray, kind: str) -> float:
    """The mean score of a kind, as a share of the mean score of the same images' captions as written."""
    images = {row["image"] for row in rows if row["kind"] == kind}
    ours = [value for row, value in zip(rows, values) if row["kind"] == kind]
    theirs = [value for row, value in zip(rows, values) if row["kind"] == KINDS[0] and row["image"] in images]
    return float(np.mean(ours) / np.mean(theirs))


def preferences(rows: Sequence[Mapping[str, Any]], values: np.ndarray, better: str, worse: str) -> np.ndarray:
    """For each image that has both kinds: 1 where the metric prefers the better, 0 where the worse, 0.5 for a tie."""
    at = {(row["image"], row["kind"]): place for place, row in enumerate(rows)}
    pairs = [(at[image, better], at[image, worse]) for image, kind in at if kind == better and (image, worse) in at]
    good, bad = values[[a for a, _ in pairs]], values[[b for _, b in pairs]]
    return np.where(np.isclose(good, bad, atol=1e-9), 0.5, (good > bad).astype(float))


def kendall(rows: Sequence[Mapping[str, Any]], values: np.ndarray, rng: np.random.Generator, repeats: int) -> tuple:
    """Kendall's tau-b between a metric and the truth, with a 95 % bootstrap interval over images."""
    from scipy.stats import kendalltau

    truths, images = np.array([row["truth"] for row in rows]), np.array([row["image"] for row in rows])
    by_image = [np.flatnonzero(images == image) for image in np.unique(images)]
    draws = []
    for _ in range(repeats):
        chosen = np.concatenate([by_image[i] for i in rng.integers(0, len(by_image), len(by_image))])
        draws.append(kendalltau(values[chosen], truths[chosen]).statistic)
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(kendalltau(values, truths).statistic), float(low), float(high)
