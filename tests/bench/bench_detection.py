"""Detection evaluation at COCO's size: 5,000 images, 36,000 boxes, 500,000 detections, against pycocotools.

The problem is drawn from a seed. JSON parsing is measured apart from evaluation, which starts from parsed JSON for
everybody and includes whatever each program does to index it. faster-coco-eval joins the table where it is
installed (``SYNSCENES_BENCH_PYTHON`` names the interpreter of another environment to look in).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from harness import HERE, Measured, fresh, repeat, row

IMAGES, BOXES, DETECTIONS, CATEGORIES = 5_000, 36_000, 500_000, 80
WIDTH, HEIGHT = 640, 480


def run(full: bool = False) -> list[dict]:
    """Measure boxes, masks and the reading of results; AP must be equal, or the row fails."""
    rows = []
    for iou_type, factor in (("bbox", 8), ("segm", 5)):
        ours = fresh("bench_detection", "ours", iou_type=iou_type)
        peers = [("pycocotools", fresh("bench_detection", "pycocotools_peer", iou_type=iou_type))]
        if (other := _faster(iou_type)) is not None:
            peers.append(("faster-coco-eval", other))
        for name, peer in peers:
            bar, passed = f"equal AP ({ours.note})", abs(float(ours.note) - float(peer.note)) < 1e-9
            if name == "pycocotools":
                bar = f"at least {factor} × less" + (", under 1 GB" if iou_type == "bbox" else "") + ", " + bar
                passed &= peer.median_s >= factor * ours.median_s
                passed &= iou_type == "segm" or ours.peak_mb < 1000
            what = f"{iou_type} evaluation, {DETECTIONS:,} detections"
            rows.append(row(what, _plain(ours), _plain(peer), name, bar, bool(passed)))
    parsing = fresh("bench_detection", "parsing")
    rows.append(row(f"json.load of those {DETECTIONS:,} boxes", parsing, None, "", "not ours: told apart", True))
    return rows


def ours(iou_type: str) -> Measured:
    """synscenes' evaluate on parsed JSON."""
    from synscenes.metrics.detection import evaluate

    truth, results = problem(iou_type)
    return _measured(lambda: evaluate(truth, results, iou_type).stats["AP"], runs=3)


def pycocotools_peer(iou_type: str) -> Measured:
    """loadRes, evaluate, accumulate and summarize of pycocotools."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    return _peer(COCO, COCOeval, iou_type)


def faster_peer(iou_type: str) -> Measured:
    """The same four steps of faster-coco-eval."""
    from faster_coco_eval import COCO, COCOeval_faster

    return _peer(COCO, COCOeval_faster, iou_type)


def parsing() -> Measured:
    """json.loads of the results alone."""
    text = json.dumps(problem("bbox")[1])
    return repeat(lambda: json.loads(text), runs=3)


def problem(iou_type: str, images: int = IMAGES, boxes: int = BOXES, detections: int = DETECTIONS):
    """Return ground truth and results from a seed: three in ten detections lie near a box, the others anywhere.

    Coordinates have two decimals and scores five, as in real result files. Masks are ellipses in the boxes.
    """
    import numpy as np

    rng = np.random.default_rng(0)
    image = np.sort(rng.integers(0, images, boxes))
    # An image shows about three categories, as in COCO.
    menu = rng.integers(1, CATEGORIES + 1, (images, 3))
    category = menu[image, rng.integers(0, 3, boxes)]
    box = _boxes(rng, boxes)
    crowd = rng.random(boxes) < 0.01
    near = rng.random(detections) < 0.3
    source = rng.integers(0, boxes, detections)
    where = np.where(near, image[source], rng.integers(0, images, detections))
    kind = np.where(near, category[source], menu[where, rng.integers(0, 3, detections)])
    other = ~near & (rng.random(detections) < 0.6)
    kind[other] = rng.integers(1, CATEGORIES + 1, int(other.sum()))
    jitter = rng.normal(0, 0.12, (detections, 4)) * box[source][:, [2, 3, 2, 3]]
    found = np.where(near[:, None], box[source] + jitter, _boxes(rng, detections))
    found[:, 2:] = np.maximum(found[:, 2:], 2)
    score = np.where(near, rng.beta(4, 3, detections), rng.beta(1, 5, detections)).round(5)
    truth = {
        "images": [{"id": i + 1, "width": WIDTH, "height": HEIGHT} for i in range(images)],
        "categories": [{"id": k + 1, "name": f"category {k + 1}"} for k in range(CATEGORIES)],
        "annotations": [
            {"id": n + 1, "image_id": i + 1, "category_id": c, "bbox": b, "area": b[2] * b[3], "iscrowd": w}
            for n, (i, c, b, w) in enumerate(
                zip(image.tolist(), category.tolist(), box.round(2).tolist(), crowd.astype(int).tolist())
            )
        ],
    }
    results = [
        {"image_id": i + 1, "category_id": c, "bbox": b, "score": s}
        for i, c, b, s in zip(where.tolist(), kind.tolist(), found.round(2).tolist(), score.tolist())
    ]
    if iou_type == "segm":
        for each in truth["annotations"]:
            each["segmentation"] = [_ellipse(each["bbox"])]
        _draw_masks(results)
    return truth, results


def _boxes(rng, number: int):
    """Boxes of all sizes, COCO's three areas alike, inside the picture: (number, 4) xywh."""
    import numpy as np

    size = np.exp(rng.uniform(np.log(12), np.log(300), (number, 2)))
    corner = rng.random((number, 2)) * (np.array([WIDTH, HEIGHT]) - size).clip(1)
    return np.concatenate([corner, size], axis=1).clip(1)


def _ellipse(box) -> list[float]:
    import numpy as np

    left, top, width, height = box
    turn = np.linspace(0, 2 * np.pi, 17)[:-1]
    x, y = left + width / 2 * (1 + np.cos(turn)), top + height / 2 * (1 + np.sin(turn))
    return np.stack([x, y], axis=1).ravel().round(2).tolist()


def _draw_masks(results) -> None:
    """Give each result a run-length code, with its counts as text, as in real result files, in place of its box."""
    from pycocotools import mask

    for each in results:
        code = mask.frPyObjects([_ellipse(each.pop("bbox"))], HEIGHT, WIDTH)[0]
        each["segmentation"] = {"size": code["size"], "counts": code["counts"].decode("ascii")}


def _peer(coco_class, eval_class, iou_type: str) -> Measured:
    truth, results = problem(iou_type)

    def work() -> float:
        with contextlib.redirect_stdout(io.StringIO()):
            coco = coco_class()
            coco.dataset = truth
            coco.createIndex()
            evaluation = eval_class(coco, coco.loadRes(results), iou_type)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        return float(evaluation.stats[0])

    return _measured(work, runs=1)


def _measured(work, runs: int) -> Measured:
    """Repeat ``work``; the AP it returns becomes the note."""
    found: list[float] = []
    measured = repeat(lambda: found.append(work()), runs=runs)
    return replace(measured, note=f"{found[0]:.10f}")


def _faster(iou_type: str) -> Measured | None:
    """Measure faster-coco-eval in the interpreter that has it, or return None."""
    python = os.environ.get("SYNSCENES_BENCH_PYTHON", sys.executable)
    call = json.dumps(["bench_detection", "faster_peer", {"iou_type": iou_type}])
    finished = subprocess.run(
        [python, str(Path(HERE) / "harness.py"), call],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return Measured(**json.loads(finished.stdout.splitlines()[-1])) if finished.returncode == 0 else None


def _plain(measured: Measured) -> Measured:
    """The same without the note: the AP stands in the bar."""
    return replace(measured, note="")
