"""Detections with known errors, made from ground truth: for trying a metric, not for detecting anything.

Whatever is shown with these must be called simulated.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from synscenes.boxes import xywh_to_xyxy


@dataclass(frozen=True)
class Habits:
    """What a simulated detector does, as chances and sizes.

    ``find``: an object is found (half of that below 32 × 32 pixels); ``wobble``: mean deviation of an edge, in box
    sizes; ``confuse``: a found object gets another category, of the same supercategory where there is one; ``twice``:
    it is found a second time, less surely; ``ghosts``: boxes on nothing, mean number an image; ``vague``: how little
    the score knows about the box (deviation).
    """

    find: float = 0.85
    wobble: float = 0.07
    confuse: float = 0.08
    twice: float = 0.10
    ghosts: float = 2.0
    vague: float = 0.2


def simulate(truth: dict[str, Any], habits: Habits, rng: np.random.Generator) -> tuple[list[dict], list[str]]:
    """Return results in COCO's format for a ground truth, and what each was meant to be.

    Meant: "found", "confused", "twice" or "ghost". Scores follow the overlap with the object, plus noise.
    """
    size = {each["id"]: (each["width"], each["height"]) for each in truth["images"]}
    similar = _similar(truth["categories"])
    everything = [each["id"] for each in truth["categories"]]
    results, meant = [], []

    def add(image: int, category: int, box: Any, score: float, what: str) -> None:
        box = _clipped(box, size[image])
        score = round(float(np.clip(score, 0.01, 0.99)), 3)
        results.append({"image_id": image, "category_id": category, "bbox": box, "score": score})
        meant.append(what)

    for each in truth["annotations"]:
        small = each["area"] < 32**2
        if each.get("iscrowd") or rng.random() > habits.find * (0.5 if small else 1):
            continue
        image, category, box = each["image_id"], each["category_id"], each["bbox"]
        for what in ["found"] + ["twice"] * int(rng.random() < habits.twice):
            moved = _wobbled(box, habits.wobble * (1 if what == "found" else 2), rng)
            score = 0.25 + 0.65 * _overlap(moved, box) + habits.vague * rng.normal()
            if what == "found" and rng.random() < habits.confuse:
                add(image, int(rng.choice(similar[category])), moved, score - 0.1, "confused")
            else:
                add(image, category, moved, score - (0.15 if what == "twice" else 0), what)
    for image, (width, height) in size.items():
        for _ in range(rng.poisson(habits.ghosts)):
            shape = np.exp(rng.uniform(np.log(8), np.log(min(width, height) / 2), 2))
            corner = rng.random(2) * (np.array([width, height]) - shape)
            add(image, int(rng.choice(everything)), [*corner, *shape], rng.beta(2, 3), "ghost")
    return results, meant


def perfect(truth: dict[str, Any]) -> list[dict]:
    """Return one exact result with score 0.9 for every annotation that is no crowd."""
    return [
        {"image_id": each["image_id"], "category_id": each["category_id"], "bbox": list(each["bbox"]), "score": 0.9}
        for each in truth["annotations"]
        if not each.get("iscrowd")
    ]


def plant(truth: dict[str, Any], kind: str, number: int, rng: np.random.Generator) -> list[dict]:
    """Return perfect results with up to ``number`` errors of one of TIDE's kinds and no other.

    Only objects that stand clear of others are touched, so that an error means one thing only. Raises ValueError for an
    unknown kind.
    """
    if kind not in ("Cls", "Loc", "Both", "Dupe", "Bkg", "Miss"):
        raise ValueError(f"kind must be one of TIDE's six, not {kind!r}")
    results = perfect(truth)
    beside: dict[int, list] = defaultdict(list)
    for each in truth["annotations"]:
        beside[each["image_id"]].append(each)
    everything = [each["id"] for each in truth["categories"]]
    extra, gone, planted = [], set(), 0
    for place in rng.permutation(len(results)).tolist():
        if planted == number:
            break
        right = results[place]
        others = beside[right["image_id"]]
        absent = sorted(set(everything) - {each["category_id"] for each in others})
        left, top, width, height = right["bbox"]
        moved = [left + width / 2, top, width, height]  # overlaps its object by one third
        near = [each for each in others if each["bbox"] != right["bbox"]]
        clear = all(_overlap(box, each["bbox"]) < 0.05 for each in near for box in (moved, right["bbox"]))
        if not clear or not absent or any(each.get("iscrowd") for each in near) or min(width, height) < 1:
            continue
        other = int(rng.choice(absent))
        wrong = {
            "Cls": {**right, "category_id": other},
            "Loc": {**right, "bbox": moved},
            "Both": {**right, "bbox": moved, "category_id": other},
            "Dupe": {**right, "score": 0.5},
            "Bkg": {**right, "bbox": [left + 10_000, top, width, height]},  # where no picture is
        }
        if kind != "Miss":
            extra.append(wrong[kind])
        if kind in ("Cls", "Loc", "Miss"):
            gone.add(place)
        planted += 1
    return [each for place, each in enumerate(results) if place not in gone] + extra


def _similar(categories: list[dict]) -> dict[int, list[int]]:
    family = defaultdict(list)
    for each in categories:
        family[each.get("supercategory", "")].append(each["id"])
    everything = [each["id"] for each in categories]
    similar = {}
    for each in categories:
        kin = [other for other in family[each.get("supercategory", "")] if other != each["id"]]
        similar[each["id"]] = kin or [other for other in everything if other != each["id"]] or [each["id"]]
    return similar


def _wobbled(box: Any, deviation: float, rng: np.random.Generator) -> list[float]:
    left, top, width, height = box
    # Most boxes are good and some are far off: the deviation itself is drawn, with mean ``deviation``.
    step = rng.exponential(deviation) * rng.normal(size=4) * np.array([width, height, width, height])
    edges = np.array([left, top, left + width, top + height]) + step
    return [*edges[:2], *np.maximum(edges[2:] - edges[:2], 1)]


def _clipped(box: Any, size: tuple[int, int]) -> list[float]:
    left, top, right, bottom = xywh_to_xyxy(box)
    left, top = np.clip([left, top], 0, np.array(size) - 1)
    right, bottom = np.clip([right, bottom], [left + 1, top + 1], size)
    return [round(float(value), 1) for value in (left, top, right - left, bottom - top)]


def _overlap(a: Any, b: Any) -> float:
    from synscenes.metrics.detection.overlaps import box_overlaps

    return float(box_overlaps(np.array([a], float), np.array([b], float), np.zeros(1, bool))[0])
