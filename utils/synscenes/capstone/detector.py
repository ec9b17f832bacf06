"""Project A: a better small detector, within a budget of multiplications.

A recipe is a dictionary: what differs from ``STARTER``, which is lesson 10's detector. ``trained`` trains it with
several seeds on the same scenes, ``found`` evaluates, ``gain`` compares two recipes, ``cost`` counts what it takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from synscenes.capstone import sealed
from synscenes.errors import CourseError

Recipe = Mapping[str, Any]
STARTER: dict[str, Any] = {
    "features": "mobilenet_v2",  # or "yolov4_tiny": what looks at the image; frozen
    "head": "new",  # or "its own": the detector's last layers, which go on learning
    "epochs": 8,
    "rate": 2e-3,
    "width": 96,
    "depth": 2,
    "average": None,  # the decay of a moving average of the weights, such as 0.98
    "flip": False,  # every image's mirror image too
    "high": 0.4,  # from this IoU on an anchor takes an object
    "low": 0.3,  # below this one it is background
}
BUDGET = 4.0  # times what the starter costs
SIZES = {"mobilenet_v2": (240, 320), "yolov4_tiny": (256, 320)}


def whole(recipe: Recipe) -> dict[str, Any]:
    """Return the recipe with the starter's values where it says nothing. Raises CourseError for unknown names."""
    unknown = sorted(set(recipe) - set(STARTER))
    if unknown:
        raise CourseError(f"The recipe has no {unknown[0]!r}: it may change {', '.join(STARTER)}.")
    full = {**STARTER, **recipe}
    if full["features"] not in SIZES:
        raise CourseError(f"features must be one of {', '.join(SIZES)}, not {full['features']!r}.")
    if full["head"] not in ("new", "its own") or (full["head"] == "its own" and full["features"] != "yolov4_tiny"):
        raise CourseError('head must be "new", or "its own" together with features "yolov4_tiny".')
    if not 0 <= full["low"] <= full["high"] <= 1:
        raise CourseError(f"low and high must be in order 0 <= low <= high <= 1, not {full['low']}, {full['high']}.")
    for name, least in (("epochs", 1), ("width", 8), ("depth", 0)):
        if type(full[name]) is not int or full[name] < least:
            raise CourseError(f"{name} must be a whole number of at least {least}, not {full[name]!r}.")
    if full["width"] % 8:
        raise CourseError(f"width must be a multiple of 8, not {full['width']}.")
    if full["average"] is not None and not 0 <= full["average"] < 1:
        raise CourseError(f"average must be None, or at least 0 and below 1, not {full['average']}.")
    return full


@dataclass
class Scenes:
    """Where a project trains and is tested: ``train`` images of micro-COCO, ``val`` of its val, ``judge`` sealed."""

    train: int
    val: int
    judge: int
    device: Any = "cpu"

    def prepared(self, recipe: Recipe, part: str) -> Any:
        """Return the part ("train", "val" or "judge") as the recipe's backbone sees it; kept for the next recipe."""
        from dataclasses import replace

        from synscenes.detection.small.loss import targets

        full = whole(recipe)
        flip = bool(full["flip"]) and part == "train"
        data = _seen(self, full["features"], part, flip)
        anchors = anchors_of(full)
        matches = [targets(each, anchors, full["high"], full["low"]) for each in data.examples]
        return replace(data, matches=np.stack(matches).astype(np.int32))

    def __hash__(self) -> int:
        return hash((self.train, self.val, self.judge, str(self.device)))


@cache
def _seen(scenes: Scenes, features: str, part: str, flip: bool) -> Any:
    from synscenes import coco
    from synscenes.detection import small

    judging = part == "judge"
    folder = sealed.scenes(scenes.judge) if judging else coco.folder("micro")
    split = "val" if judging else part
    return small.prepare(
        folder.instances(split), folder.images(split), size=SIZES[features], flip=flip, limit=getattr(scenes, part),
        backbone=backbone(features), device=scenes.device, progress=False,
    )  # fmt: skip


@cache
def backbone(features: str) -> Any:
    """Return the frozen network of that name."""
    from synscenes.capstone.features import YoloFeatures
    from synscenes.detection import small

    return small.Backbone() if features == "mobilenet_v2" else YoloFeatures()


def channels(features: str) -> tuple[int, int, int]:
    """The channels of its maps at strides 8, 16 and 32."""
    from synscenes.capstone.features import CHANNELS
    from synscenes.detection.small.backbone import CHANNELS as MOBILE

    return MOBILE if features == "mobilenet_v2" else CHANNELS


def anchors_of(recipe: Recipe) -> np.ndarray:
    """Return the anchors that the recipe's head answers for: (N, 4) xyxy in input pixels."""
    from synscenes.capstone.own_head import own_anchors
    from synscenes.detection.small.network import all_anchors

    full = whole(recipe)
    return (all_anchors if full["head"] == "new" else own_anchors)(SIZES[full["features"]])


def trained(recipe: Recipe, scenes: Scenes, seeds: Sequence[int]) -> list[Any]:
    """Return a detector for each seed."""
    from synscenes.capstone import own_head
    from synscenes.detection import small

    full = whole(recipe)
    options = {name: full[name] for name in ("epochs", "rate", "average")}
    if full["head"] == "its own":
        options["build"] = own_head.build
    else:
        options.update(width=full["width"], depth=full["depth"], channels=channels(full["features"]))
    data = scenes.prepared(recipe, "train")
    runs = [small.train(data, seed=seed, device=scenes.device, progress=False, **options) for seed in seeds]
    return [run.detector for run in runs]


def found(detectors: Sequence[Any], recipe: Recipe, scenes: Scenes, part: str = "val") -> list[Any]:
    """Return what ``metrics.detection.evaluate`` says of each detector on the part."""
    from synscenes.detection import small
    from synscenes.metrics.detection import evaluate

    data = scenes.prepared(recipe, part)
    return [evaluate(data.ground_truth(), small.detect(each, data)) for each in detectors]


def as_it_is(scenes: Scenes, part: str = "val") -> Any:
    """Return what YOLOv4-tiny finds on the part before anything is trained, evaluated as in ``found``."""
    from synscenes.capstone import own_head

    recipe = {"features": "yolov4_tiny", "head": "its own"}
    data = scenes.prepared(recipe, part)
    untrained = own_head.build(data.ids, data.names, data.size, data.backbone)
    untrained.module["head"].to(scenes.device).eval()
    return found([untrained], recipe, scenes, part)[0]


def ap50s(results: Sequence[Any]) -> np.ndarray:
    """The AP50 of each seed."""
    return np.array([result.stats["AP50"] for result in results])


def gain(ours: Sequence[Any], theirs: Sequence[Any], rng: np.random.Generator, repeats: int = 300) -> np.ndarray:
    """Return the difference of mean AP50 on resamples of images and seeds: (repeats,).

    All results are about the same images; each resample draws images for all of them together and, for each recipe,
    its seeds. So the spread holds both kinds of luck: which images, and which start.
    """
    from synscenes.metrics.detection.resampling import bootstrap

    draws = bootstrap([*ours, *theirs], rng, repeats, iou=0.5)
    means = []
    for part in (draws[: len(ours)], draws[len(ours) :]):
        picks = rng.integers(0, len(part), (len(part), repeats))
        means.append(np.take_along_axis(part, picks, axis=0).mean(axis=0))
    return means[0] - means[1]


def cost(recipe: Recipe, images: int) -> float:
    """Return what one training takes, in 10⁹ multiplications: each image seen once by the backbone, then the head.

    The head's pass back costs twice its pass forward. It is the same on every machine, which seconds are not.
    """
    full = whole(recipe)
    looked, learned = _multiplications(full["features"], full["head"], full["width"], full["depth"])
    seen = images * (2 if full["flip"] else 1)
    return seen * (looked + 3 * learned * full["epochs"]) / 1e9


@cache
def _multiplications(features: str, head: str, width: int, depth: int) -> tuple[float, float]:
    """Of one image: (backbone, head)."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from synscenes.capstone.own_head import OwnHead
    from synscenes.detection.small.network import Head

    network = backbone(features)
    learns = OwnHead(list(range(80))) if head == "its own" else Head(80, width, depth, channels(features))
    counts = []
    values: Any = torch.zeros(1, 3, *SIZES[features], device=network.mean.device)
    for module in (network, learns.to(network.mean.device)):
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            values = module(values)
        counts.append(counter.get_total_flops() / 2)  # a multiplication and an addition are two operations
    return counts[0], counts[1]
