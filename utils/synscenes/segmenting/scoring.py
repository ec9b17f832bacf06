"""One model, three scores: mean IoU, mask AP and panoptic quality, each from its official kind of file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synscenes.metrics import panoptic as quality
from synscenes.metrics import segmentation
from synscenes.panoptic.ids import VOID, write_png
from synscenes.panoptic.segments import describe, entry, semantic_map
from synscenes.panoptic.sets import PanopticSet
from synscenes.segmenting.data import subset
from synscenes.segmenting.grouping import Instances
from synscenes.segmenting.network import Answer


@dataclass(frozen=True)
class Scores:
    """``miou``: mean IoU over the categories; ``matrix`` its confusion matrix. ``mask_ap``, ``box_ap``: COCO's AP of
    the things, as masks and as boxes. ``panoptic``: the whole panoptic result."""

    miou: float
    matrix: np.ndarray
    mask_ap: float
    box_ap: float
    panoptic: quality.Result

    def row(self) -> dict[str, float]:
        """Return the headline numbers by name."""
        stats = self.panoptic.stats
        return {
            "mIoU": self.miou,
            "mask AP": self.mask_ap,
            "box AP": self.box_ap,
            **{name: stats["All"][name] for name in ("PQ", "SQ", "RQ")},
            "PQ things": stats["Things"]["PQ"],
            "PQ stuff": stats["Stuff"]["PQ"],
        }


def score(
    answers: Iterable[Answer],
    truth: PanopticSet,
    image_ids: Sequence[int],
    instances: Mapping[str, Any],
    folder: str | Path,
) -> Scores:
    """Write the answers for some images to ``folder`` as COCO's result files, and score these.

    ``instances``: the parsed instances JSON of the same images, the truth of the two APs.
    """
    answers = list(answers)
    if len(answers) != len(image_ids):
        raise ValueError(f"{len(answers)} answers for {len(image_ids)} images")
    matrix = sum(_confusion(answer.semantic, truth, image_id) for answer, image_id in zip(answers, image_ids))
    results = [each for answer, i in zip(answers, image_ids) for each in detections(answer.instances, i)]
    path = write_panoptic([(answer.ids, answer.categories) for answer in answers], truth, image_ids, folder)
    found = quality.evaluate(subset(truth.content, image_ids), truth.folder, path, folder)
    cut = subset(instances, image_ids)
    mask_ap, box_ap = (average_precision(cut, results, kind) for kind in ("segm", "bbox"))
    return Scores(segmentation.mean_iou(matrix), matrix, mask_ap, box_ap, found)


def write_panoptic(
    segmentations: Iterable[tuple[np.ndarray, Mapping[int, int]]],
    truth: PanopticSet,
    image_ids: Sequence[int],
    folder: str | Path,
) -> Path:
    """Write (ids, categories) of some images as panoptic PNGs in ``folder`` and return the JSON written beside them."""
    folder, entries = Path(folder), []
    for (ids, categories), image_id in zip(segmentations, image_ids):
        name = f"{image_id:012d}.png"
        write_png(folder / name, ids)
        entries.append(entry(image_id, name, describe(ids, categories)))
    path = folder / "panoptic.json"
    content = {"annotations": entries, "categories": list(truth.categories.values())}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def detections(instances: Instances, image_id: int) -> list[dict[str, Any]]:
    """Return the instances of an image as entries of a COCO results file: RLE, its box (xywh), score."""
    from pycocotools import mask as rle_tools

    found = []
    for mask, score, category_id in zip(instances.masks, instances.scores, instances.category_ids):
        rle = rle_tools.encode(np.asfortranarray(mask, dtype=np.uint8))
        found.append(
            {
                "image_id": int(image_id),
                "category_id": int(category_id),
                "segmentation": {"size": [int(side) for side in rle["size"]], "counts": rle["counts"].decode("ascii")},
                "bbox": rle_tools.toBbox(rle).tolist(),
                "score": float(score),
            }
        )
    return found


def average_precision(instances: Mapping[str, Any], results: list[dict[str, Any]], kind: str) -> float:
    """Return COCO's AP of results; ``kind`` is "segm" or "bbox". Without any result it is 0."""
    from synscenes.metrics import detection

    return detection.evaluate(instances, results, iou_type=kind).stats["AP"] if results else 0.0


def _confusion(semantic: np.ndarray, truth: PanopticSet, image_id: int) -> np.ndarray:
    """Pixels by category id; void and crowds don't count."""
    kept = [each for each in truth.segments(image_id).values() if not each.get("iscrowd", 0)]
    wanted = semantic_map(truth.pixels(image_id), kept)
    return segmentation.confusion_matrix(wanted, semantic, max(truth.categories) + 1, ignore=VOID)
