"""pycocotools' answer to the same question, and random problems to ask it."""

from __future__ import annotations

import contextlib
import copy
import io
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

NAMES = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl")


def reference(
    truth: dict,
    results: list,
    iou_type: str = "bbox",
    area_ranges: dict | None = None,
    max_dets: Any = None,
    iou_thresholds: Any = None,
    class_agnostic: bool = False,
    images: Any = None,
    categories: Any = None,
    sigmas: Any = None,
) -> COCOeval:
    """Evaluate copies with COCOeval. Where pycocotools can't summarise (fewer than three limits), stats is None."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = copy.deepcopy(truth)
        coco.createIndex()
        if results:
            found = coco.loadRes(copy.deepcopy(results))
        else:  # loadRes stops with an IndexError
            found = COCO()
            found.dataset = {**{key: truth[key] for key in ("images", "categories")}, "annotations": []}
            found.createIndex()
        evaluation = COCOeval(coco, found, iou_type)
        params = evaluation.params
        if area_ranges:
            params.areaRng, params.areaRngLbl = [list(ends) for ends in area_ranges.values()], list(area_ranges)
        params.maxDets = list(max_dets) if max_dets else params.maxDets
        params.iouThrs = params.iouThrs if iou_thresholds is None else np.array(iou_thresholds)
        params.useCats = 0 if class_agnostic else 1
        params.imgIds = params.imgIds if images is None else list(images)
        params.catIds = params.catIds if categories is None else list(categories)
        if sigmas is not None:
            params.kpt_oks_sigmas = np.array(sigmas)
        evaluation.evaluate()
        evaluation.accumulate()
        try:
            evaluation.summarize()
        except IndexError:
            evaluation.stats = None
    return evaluation


def assert_equal(result: Any, evaluation: COCOeval) -> None:
    """Compare every array and every number, to 1e-9."""
    for name in ("precision", "recall", "scores"):
        np.testing.assert_allclose(getattr(result, name), evaluation.eval[name], rtol=0, atol=1e-9, err_msg=name)
    if evaluation.stats is not None:
        ours = list(result.stats.values())[: len(evaluation.stats)]
        np.testing.assert_allclose(ours, evaluation.stats, rtol=0, atol=1e-9)


def random_problem(seed: int, iou_type: str = "bbox") -> tuple[dict, list]:
    """Return a small problem full of trouble: tied scores and overlaps, crowds, areas on a boundary, ids in disorder.

    Coordinates are multiples of 8 in a small picture, so that boxes coincide and IoUs tie.
    """
    rng = np.random.default_rng(seed)
    images = rng.permutation(np.arange(1, 200))[: rng.integers(1, 5)].tolist()
    categories = rng.permutation(np.arange(0, 90))[: rng.integers(1, 4)].tolist()
    if iou_type == "keypoints":
        categories = categories[:1]
    annotations = [
        _annotation(rng, int(identifier), images, categories, iou_type)
        for identifier in rng.permutation(np.arange(1, 500))[: rng.integers(0, 14)]
    ]
    truth = {
        "images": [{"id": i, "width": 160, "height": 128} for i in images],
        "categories": [{"id": k, "name": f"kind {k}"} for k in categories],
        "annotations": annotations,
    }
    with_boxes = rng.random() < 0.5
    results = [_result(rng, annotations, images, categories, iou_type, with_boxes) for _ in range(rng.integers(0, 30))]
    return truth, results


def _annotation(rng: Any, identifier: int, images: list, categories: list, iou_type: str) -> dict:
    box = _box(rng)
    area = box[2] * box[3] if rng.random() < 0.5 else float(rng.choice([1024, 1023.5, 9216, 0, 1024.25, 9216.5]))
    record = {
        "id": identifier,
        "image_id": int(rng.choice(images)),
        "category_id": int(rng.choice(categories)),
        "bbox": box,
        "area": area,
        "iscrowd": int(rng.random() < 0.2),
    }
    if rng.random() < 0.1:
        record["ignore"] = 1  # pycocotools overwrites it
    if iou_type == "segm":
        record["segmentation"] = _shape(rng, box)
    if iou_type == "keypoints":
        joints = _joints(rng, box)
        joints[2::3] = rng.choice([0, 1, 2], 17).tolist() if rng.random() < 0.8 else [0] * 17
        record["keypoints"] = joints
        record["num_keypoints"] = sum(v > 0 for v in joints[2::3])
    return record


def _result(rng: Any, annotations: list, images: list, categories: list, iou_type: str, with_boxes: bool) -> dict:
    near = annotations and rng.random() < 0.7
    model = annotations[rng.integers(len(annotations))] if near else None
    box = list(model["bbox"]) if near else _box(rng)
    if rng.random() < 0.6:
        box = [float(value + step) for value, step in zip(box, rng.choice([-8, 0, 0, 8], 4))]
        box = [max(0.0, box[0]), max(0.0, box[1]), max(0.0, box[2]), max(0.0, box[3])]
    record = {
        "image_id": model["image_id"] if near else int(rng.choice(images)),
        "category_id": model["category_id"] if near and rng.random() < 0.8 else int(rng.choice(categories)),
        "score": float(rng.choice([0.1, 0.5, 0.5, 0.9, rng.random()])),
    }
    if iou_type == "bbox" or with_boxes:
        record["bbox"] = box
    if iou_type == "segm" and not (with_boxes and rng.random() < 0.2):
        shape = _shape(rng, [box[0], box[1], max(8.0, box[2]), max(8.0, box[3])])
        if not with_boxes and isinstance(shape, list):
            shape = _rle(shape)  # without boxes pycocotools reads compressed codes only
        if not with_boxes and isinstance(shape["counts"], list):
            shape = _rle(shape)
        record["segmentation"] = shape
    if iou_type == "keypoints":
        joints = list(model["keypoints"]) if near else _joints(rng, box)
        joints = (np.array(joints, dtype=float) + rng.choice([0, 0, 1, 4]) * rng.normal(size=51)).tolist()
        record["keypoints"] = joints
    return record


def _box(rng: Any) -> list[float]:
    left, top = rng.integers(0, 8, 2) * 8
    width, height = rng.choice([0, 8, 16, 32, 32, 64, 96], 2, p=[0.03, 0.17, 0.2, 0.2, 0.2, 0.1, 0.1])
    return [float(left), float(top), float(width), float(height)]


def _shape(rng: Any, box: list[float]) -> Any:
    left, top, width, height = box
    right, bottom = left + max(width, 8), top + max(height, 8)
    polygons = [[left, top, right, top, right, bottom, left, bottom]]
    if rng.random() < 0.4:
        polygons.append([left, top, right, top, (left + right) / 2, bottom + 8])
    kind = rng.random()
    if kind < 0.5:
        return polygons
    if kind < 0.75:
        return _rle(polygons)
    mask = np.zeros((128, 160), dtype=bool)
    mask[int(top) : int(bottom), int(left) : int(right)] = True
    flat = np.concatenate([[False], mask.ravel(order="F"), [False]])
    edges = np.flatnonzero(np.diff(flat.astype(int)))
    counts = np.diff(np.concatenate([[0], edges, [mask.size]]))
    return {"size": [128, 160], "counts": counts.tolist()}


def _rle(shape: Any) -> dict:
    from pycocotools import mask

    code = mask.frPyObjects(shape, 128, 160)
    code = mask.merge(code) if isinstance(code, list) else code
    return {"size": code["size"], "counts": code["counts"].decode("ascii")}


def _joints(rng: Any, box: list[float]) -> list:
    left, top, width, height = box
    x, y = left + rng.random(17) * (width + 1), top + rng.random(17) * (height + 1)
    return np.stack([x.round(), y.round(), np.full(17, 2)], axis=1).ravel().tolist()
