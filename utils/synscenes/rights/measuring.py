"""The measured half of a detector's model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synscenes.rights.model_card import Measured


def measure(
    truth: Mapping[str, Any],
    boxes: Sequence[Mapping[str, Any]],
    training: Mapping[str, Any],
    detector: Any,
    rng: np.random.Generator,
    repeats: int = 500,
) -> Measured:
    """Return AP50 overall, by category and by size, with what can be counted about model and data.

    ``truth``: the COCO document tested on, whose images may name a ``scene``; ``boxes``: what ``detector`` found
    there (a results list); ``training``: the document it learned from. The interval draws whole scenes with
    replacement, since frames of one scene stand and fall together; without scenes, images.
    """
    from synscenes.metrics.detection import evaluate
    from synscenes.metrics.detection.resampling import weighted_ap

    result = evaluate(truth, boxes)
    images = {image["id"]: image for image in truth["images"]}
    order = [images[int(identifier)] for identifier in result.catalogue.image_ids]
    scenes = np.unique([image.get("scene", image["id"]) for image in order], return_inverse=True)[1]
    count = scenes.max() + 1
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=repeats)[:, scenes]
    low, high = np.percentile(weighted_ap(result, drawn, iou=0.5), (2.5, 97.5))
    return Measured(
        "AP50",
        (float(result.stats["AP50"]), float(low), float(high)),
        _groups(result, truth, len(order), weighted_ap),
        {
            "kind": f"{detector.name}, {detector.source}",
            "parameters": sum(weights.numel() for weights in detector.module.parameters()),
            "trained": sum(weights.numel() for weights in detector.module.parameters() if weights.requires_grad),
            "input": f"{detector.size[1]} × {detector.size[0]} pixels",
        },
        _counted(training),
        {**_counted(truth), "scenes": int(count)},
    )


def _groups(result: Any, truth: Mapping[str, Any], images: int, weighted_ap: Any) -> dict[str, tuple[float, int]]:
    groups = {
        f"category {row['name']}": (float(row.AP50), int(row.annotations))
        for _, row in result.per_category.iterrows()
        if row.annotations
    }
    for size, (low, high) in result.settings.area_ranges.items():
        inside = sum(low <= entry["area"] <= high and not entry["iscrowd"] for entry in truth["annotations"])
        if size != "all" and inside:
            score = weighted_ap(result, np.ones((1, images), dtype=int), iou=0.5, area=size)[0]
            groups[f"size {size}"] = (float(score), inside)
    return groups


def _counted(document: Mapping[str, Any]) -> dict[str, int]:
    names = ("images", "annotations", "categories")
    return {name: len(document[name]) for name in names}
