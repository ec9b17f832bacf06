"""The precision-recall widget: its counts without a front end, and its static twin's data."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from synscenes.errors import CourseError
from synscenes.metrics.detection import evaluate
from synscenes.metrics.detection.simulated import Habits, simulate
from synscenes.widgets.precision_recall import PrecisionRecall


@pytest.fixture(scope="module")
def result():
    rng = np.random.default_rng(0)
    annotations = [
        {"id": n, "image_id": 1 + n % 20, "category_id": 1, "bbox": [*rng.integers(0, 200, 2).tolist(), 60, 50],
         "area": 3000, "iscrowd": 0}
        for n in range(1, 61)
    ]  # fmt: skip
    truth = {
        "images": [{"id": n, "width": 320, "height": 240} for n in range(1, 21)],
        "categories": [{"id": 1, "name": "</script> & dog"}, {"id": 2, "name": "cat"}],
        "annotations": annotations,
    }
    return evaluate(truth, simulate(truth, Habits(), rng)[0])


def test_counts_are_those_of_the_matches(result):
    widget = PrecisionRecall(result, 1)
    for score, iou in ((0.5, 0.5), (0.0, 0.75), (0.9, 0.95)):
        widget.score.value, widget.iou.value = score, iou
        table = result.matches(iou)
        table = table[(table.category_id == 1) & (table.score >= score)]
        hits = (table.outcome == "hit").sum()
        assert widget.counts() == (hits, (table.outcome == "false").sum(), 60 - hits)
        assert f"{hits} hits" in widget.result.value


def test_twin_carries_the_same_data_and_is_safe(result):
    twin = PrecisionRecall(result, 1).twin_html()
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', twin, re.S)[1])
    assert data["name"] == "</script> & dog" and data["objects"] == 60
    for value, hits, scores in zip(data["thresholds"], data["hits"], data["scores"]):
        table = result.curve(1, value)
        assert hits == "".join(str(int(hit)) for hit in table.hit)
        np.testing.assert_allclose(scores, table.score)
    assert "http" not in twin.replace("http://www.w3.org/2000/svg", "")
    other = PrecisionRecall(result, 1).twin_html()
    assert re.search(r'id="([^"]+)"', twin)[1] != re.search(r'id="([^"]+)"', other)[1]


def test_categories_without_objects_are_refused(result):
    with pytest.raises(ValueError, match="no objects"):
        PrecisionRecall(result, 2)
    with pytest.raises(CourseError, match="not evaluated"):
        PrecisionRecall(result, 9)
