"""Bad input to the detection metrics: one line that says what, where, and what to do."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from synscenes.errors import CourseError
from synscenes.metrics.detection import evaluate


def truth():
    things = [
        {"id": 7, "image_id": 1, "category_id": 3, "bbox": [10, 10, 40, 40], "area": 1600, "iscrowd": 0},
        {"id": 8, "image_id": 2, "category_id": 3, "bbox": [10, 10, 40, 40], "area": 1600, "iscrowd": 0},
    ]
    return {
        "images": [{"id": 1, "width": 100, "height": 80}, {"id": 2, "width": 100, "height": 80}],
        "categories": [{"id": 3, "name": "dog"}],
        "annotations": things,
    }


def results():
    return [
        {"image_id": 1, "category_id": 3, "bbox": [10, 10, 40, 40], "score": 0.9},
        {"image_id": 2, "category_id": 3, "bbox": [10, 10, 40, 40], "score": 0.8},
    ]


def refusal(gt, dt, *more, **named) -> str:
    with pytest.raises(CourseError) as caught:
        evaluate(gt, dt, *more, **named)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("field", "value", "parts"),
    [
        ("image_id", 99, ["result 1", "image_id 99", "2 images"]),
        ("category_id", 4, ["result 1", "category_id 4", "1 categories"]),
        ("image_id", "2", ["result 1", "image_id", "text '2'", "quotation marks"]),
        ("category_id", "dog", ["result 1", "category_id", "text 'dog'"]),
        ("image_id", 1.5, ["result 1", "image_id", "1.5", "whole"]),
        ("image_id", None, ["result 1", "image_id", "None"]),
        ("image_id", math.inf, ["result 1", "image_id", "inf"]),
        ("image_id", 2**70, ["image_id", "64 bits"]),
        ("score", math.nan, ["result 1", "score", "nan", "finite"]),
        ("score", math.inf, ["result 1", "score", "inf"]),
        ("score", "0.9", ["result 1", "score", "'0.9'", "a number"]),
        ("score", None, ["result 1", "score", "None"]),
        ("bbox", [10, 10, math.nan, 40], ["result 1", "bbox", "nan"]),
        ("bbox", [10, 10, 40], ["result 1", "bbox", "4 numbers"]),
        ("bbox", [10, 10, -40, 40], ["result 1", "bbox", "negative"]),
        ("bbox", ["10", 10, 40, 40], ["result 1", "bbox", "4 numbers"]),
    ],
)
def test_a_bad_value_in_a_result(field, value, parts):
    dt = results()
    dt[1][field] = value
    message = refusal(truth(), dt)
    assert all(part in message for part in parts), message


@pytest.mark.parametrize("field", ["image_id", "category_id", "score", "bbox"])
def test_a_field_missing_from_a_result(field):
    dt = results()
    del dt[1][field]
    assert f'result 1 has no "{field}"' in refusal(truth(), dt)


@pytest.mark.parametrize("field", ["id", "image_id", "category_id", "bbox", "area"])
def test_a_field_missing_from_an_annotation(field):
    gt = truth()
    del gt["annotations"][1][field]
    message = refusal(gt, results())
    assert "annotation 1" in message and f'no "{field}"' in message


@pytest.mark.parametrize(
    ("field", "value", "parts"),
    [
        ("id", 0, ["annotation 1 (id 0)", "must not be 0", "from 1"]),
        ("id", 7, ["annotation 1 (id 7)", "annotation 0"]),
        ("id", "8", ["annotation 1", "'8'"]),
        ("image_id", 5, ["annotation 1 (id 8)", "image_id 5"]),
        ("category_id", 5, ["annotation 1 (id 8)", "category_id 5"]),
        ("area", math.nan, ["annotation 1 (id 8)", "area"]),
        ("bbox", [0, 0, 5, -1], ["annotation 1 (id 8)", "negative"]),
    ],
)
def test_a_bad_value_in_an_annotation(field, value, parts):
    gt = truth()
    gt["annotations"][1][field] = value
    message = refusal(gt, results())
    assert all(part in message for part in parts), message


def test_results_that_are_no_list():
    assert "list of records" in refusal(truth(), results()[0])
    assert '"annotations"' in refusal(truth(), {**truth(), "annotations": results()})
    assert "list of results" in refusal(truth(), 7)
    assert "result 1 is 5" in refusal(truth(), [results()[0], 5])


def test_ground_truth_that_is_none():
    assert "JSON object" in refusal([], results())
    for key in ("images", "categories", "annotations"):
        gt = truth()
        del gt[key]
        assert f'no "{key}"' in refusal(gt, results())
    assert "at least one" in refusal({**truth(), "images": []}, results())


def test_a_file_is_named_in_the_error(tmp_path):
    gt_path, dt_path = tmp_path / "truth.json", tmp_path / "found.json"
    gt_path.write_text(json.dumps(truth()))
    dt_path.write_text(json.dumps([{**results()[0], "image_id": 4}]))
    assert refusal(gt_path, dt_path).startswith("found.json: result 0")
    assert "can't be read" in refusal(tmp_path / "none.json", dt_path)
    dt_path.write_text("[")
    assert "found.json" in refusal(str(gt_path), str(dt_path)) and "JSON" in refusal(gt_path, dt_path)


def test_files_and_parsed_json_give_the_same(tmp_path):
    paths = [tmp_path / "truth.json", tmp_path / "found.json"]
    for path, content in zip(paths, (truth(), results())):
        path.write_text(json.dumps(content))
    assert evaluate(*paths).stats == evaluate(truth(), results()).stats


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"iou_type": "box"}, "iou_type"),
        ({"iou_thresholds": [0.5, 1.2]}, "iou_thresholds"),
        ({"iou_thresholds": [0.9, 0.5]}, "rise"),
        ({"iou_thresholds": []}, "iou_thresholds"),
        ({"max_dets": [0, 1]}, "max_dets"),
        ({"max_dets": []}, "max_dets"),
        ({"max_dets": [1.5]}, "max_dets"),
        ({"area_ranges": {"tiny": (5, 1)}}, "tiny"),
        ({"images": [9]}, "9"),
        ({"images": []}, "empty"),
        ({"images": ["1"]}, "text"),
        ({"categories": [9]}, "9"),
        ({"iou_type": "keypoints", "class_agnostic": True}, "class_agnostic"),
        ({"iou_type": "keypoints", "sigmas": [0.1, -1]}, "sigmas"),
    ],
)
def test_bad_settings(settings, part):
    assert part in refusal(truth(), results(), **settings)


def test_limits_without_100_give_an_ap():
    """pycocotools answers -1 (torchmetrics issue 2560)."""
    result = evaluate(truth(), results(), max_dets=(1, 10, 50))
    assert result.stats["AP"] == 1.0
    assert {"AR1", "AR10", "AR50"} <= set(result.stats)
    assert "maxDets= 50" in result.summary()
    assert evaluate(truth(), results(), max_dets=[5]).stats["AP"] == 1.0


def test_masks_of_the_wrong_size_or_kind():
    gt = truth()
    for each in gt["annotations"]:
        each["segmentation"] = [[10, 10, 50, 10, 50, 50, 10, 50]]
    code = {"size": [100, 80], "counts": [8000]}
    dt = results()
    dt[1]["segmentation"] = code
    message = refusal(gt, dt, "segm")
    assert "result 1" in message and "100 × 80" in message and "80 × 100" in message
    dt[1]["segmentation"] = "mask"
    assert "result 1" in refusal(gt, dt, "segm")
    dt[1]["segmentation"] = []
    assert "empty" in refusal(gt, dt, "segm")
    for counts in (True, None, {}):
        dt[1]["segmentation"] = {**code, "counts": counts}
        assert "result 1" in refusal(gt, dt, "segm")
    for wild in (float("nan"), 1e300):  # either would crash pycocotools, and Python with it
        dt[1]["segmentation"] = [[10, 10, 50, wild, 50, 50]]
        assert "million pixels, or is NaN" in refusal(gt, dt, "segm")
    no_size = {**gt, "images": [{"id": 1}, {"id": 2}]}
    assert "height and width" in refusal(no_size, results(), "segm")
    del gt["annotations"][0]["segmentation"]
    assert 'annotation 0 (id 7) has no "segmentation"' in refusal(gt, results(), "segm")


def test_joints_of_the_wrong_number():
    gt = truth()
    for each in gt["annotations"]:
        each.update(keypoints=[1, 1, 2] * 17, num_keypoints=17)
    dt = [{**each, "keypoints": [1, 1, 1] * 14} for each in results()]
    message = refusal(gt, dt, "keypoints")
    assert "result 0" in message and "51 numbers" in message
    del gt["annotations"][1]["num_keypoints"]
    assert 'no "num_keypoints"' in refusal(gt, dt, "keypoints")


def test_whole_floats_and_numpy_numbers_are_ids():
    dt = [{**each, "image_id": float(each["image_id"]), "category_id": np.int64(3)} for each in results()]
    assert evaluate(truth(), dt).stats["AP"] == 1.0
