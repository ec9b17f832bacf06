"""pycocotools, asked in one line: the numbers everybody quotes, to compare ours with."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import numpy as np


def oks_table(truth: dict, found: list[dict], image_id: int) -> np.ndarray:
    """Return ``COCOeval.computeOks`` of one image: found persons, the most confident first, by annotated ones."""
    judge = _judge(truth, found)
    judge.params.imgIds = [image_id]
    with redirect_stdout(StringIO()):
        judge._prepare()
        return np.array(judge.computeOks(image_id, 1))


def stats(truth: dict, found: list[dict]) -> np.ndarray:
    """Return COCOeval's ten keypoint numbers: AP, AP50, AP75, APm, APl, AR, AR50, AR75, ARm, ARl."""
    judge = _judge(truth, found)
    with redirect_stdout(StringIO()):
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge.stats


def _judge(truth: dict, found: list[dict]) -> Any:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with redirect_stdout(StringIO()):  # It tells every step.
        data = COCO()
        data.dataset = truth
        data.createIndex()
        return COCOeval(data, data.loadRes(found), "keypoints")
