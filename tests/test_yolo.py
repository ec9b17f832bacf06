"""YOLOv4-tiny from Darknet's files: agreement with OpenCV's reader, accuracy on photographs, boxes, errors."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from synscenes import assets, models
from synscenes.errors import CourseError
from synscenes.models.darknet import YoloLayer
from synscenes.models.placement import letterbox, stretch
from synscenes.models.yolov4_tiny import coco_categories, decode
from synscenes.pictures import open_image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "reference"))
from make_yolov4_tiny import opencv_rows, picture  # noqa: E402

REFS = HERE.parents[1] / "shared" / "refs" / "coco_mini"


@pytest.fixture(scope="module")
def yolo():
    return models.load("yolov4_tiny")


@pytest.fixture(scope="module")
def folder():
    return Path(assets.path("yolov4_tiny"))


def _our_rows(yolo, pixels: torch.Tensor) -> np.ndarray:
    """Everything that ``decode`` gives, in OpenCV's order: (boxes, 4 + 80), shares of the image."""
    every = []
    with torch.inference_mode():
        maps = yolo.module(pixels)
    for raw, layer in zip(maps, yolo.module.yolo):
        _, boxes, scores, labels = decode(raw, layer, yolo.module.size, -1.0)
        shape = (len(layer.anchors), *raw.shape[-2:], layer.classes)
        assert (labels.reshape(shape) == torch.arange(layer.classes)).all()
        boxes = boxes.reshape(*shape, 4)[..., 0, :] / 416
        middle, size = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
        rows = torch.cat([middle, size, scores.reshape(shape)], dim=-1)
        every.append(rows.permute(1, 2, 0, 3).reshape(-1, 84))
    return torch.cat(every).numpy()


def test_agrees_with_what_opencv_answered(yolo):
    kept = json.loads((HERE / "reference" / "yolov4_tiny.json").read_text())
    ours = _our_rows(yolo, stretch(Image.fromarray(picture()), (416, 416))[0][None])
    for index, row in kept["rows"].items():
        np.testing.assert_allclose(ours[int(index)], row[:4] + row[5:], atol=1e-3, err_msg=f"row {index}")


def test_agrees_with_opencv_here(yolo, folder):
    cv2 = pytest.importorskip("cv2", reason="opencv-python-headless < 4.12 isn't installed")
    if not hasattr(cv2.dnn, "readNetFromDarknet"):
        pytest.skip("this OpenCV has no Darknet reader any more")
    weights = (folder / "yolov4-tiny.weights").read_bytes()
    noise = np.random.default_rng(0).integers(0, 256, (416, 416, 3), dtype=np.uint8)
    for pixels in (picture(), noise):
        theirs = np.concatenate(opencv_rows(pixels, (folder / "yolov4-tiny.cfg").read_text(), weights))
        ours = _our_rows(yolo, stretch(Image.fromarray(pixels), (416, 416))[0][None])
        np.testing.assert_allclose(ours, np.delete(theirs, 4, axis=1), atol=1e-3)


@pytest.fixture(scope="module")
def coco_mini_scores(yolo):
    """AP and AP50 on 79 photographs of val2017, by the lowest score that counts."""
    if not REFS.is_dir():
        pytest.skip("the 79 photographs of COCO (shared/refs/coco_mini) aren't here")
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = COCO(str(REFS / "annotations" / "instances_val2017.json"))
    pictures = [open_image(REFS / "val2017" / record["file_name"]) for record in truth.imgs.values()]
    found = list(yolo.detect_all(pictures, score_threshold=0.001))
    scores = {}
    for least in (0.001, 0.2):
        results = [
            item.as_result(image) for image, items in zip(truth.imgs, found) for item in items if item.score > least
        ]
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        scores[least] = evaluation.stats[:2]
    return scores


def test_reaches_the_originals_accuracy(coco_mini_scores):
    # 0.222 and 0.383: OpenCV's reader on the same photographs, which drops what scores below 0.2.
    np.testing.assert_allclose(coco_mini_scores[0.2], [0.222, 0.383], atol=0.01)


def test_boxes_below_a_score_of_a_fifth_are_worth_five_points(coco_mini_scores):
    np.testing.assert_allclose(coco_mini_scores[0.001], [0.272, 0.489], atol=0.01)


def test_finds_the_drawn_stop_sign(yolo):
    (sign,) = yolo.detect(Image.fromarray(picture()))
    assert (sign.name, sign.category_id) == ("stop sign", 13) and sign.score > 0.9
    np.testing.assert_allclose(sign.xyxy, [110, 50, 311, 251], atol=12)


def test_boxes_come_back_to_an_image_of_another_shape(yolo):
    wide = Image.fromarray(picture()).resize((1000, 500))
    (sign,) = yolo.detect(wide)
    np.testing.assert_allclose(np.divide(sign.xyxy, [1000 / 416, 500 / 416] * 2), [110, 50, 311, 251], atol=16)


def test_batches_do_not_change_the_answer(yolo):
    sign = Image.fromarray(picture())
    pictures = [sign, sign.rotate(10), sign.resize((300, 500)), Image.new("L", (50, 60)), sign.convert("RGBA")]
    together = list(yolo.detect_all(iter(pictures), 0.01, batch_size=3))
    for alone, both in zip((yolo.detect(image, 0.01) for image in pictures), together, strict=True):
        assert [item.category_id for item in alone] == [item.category_id for item in both]
        np.testing.assert_allclose([item.xywh for item in alone], [item.xywh for item in both], atol=0.05)


def test_boxes_lie_inside_and_come_best_first(yolo):
    items = yolo.detect(Image.fromarray(picture()), 0.001, max_detections=50)
    scores = [item.score for item in items]
    assert scores == sorted(scores, reverse=True) and 0 < len(items) <= 50
    corners = np.array([item.xyxy for item in items])
    assert (corners >= -1e-3).all() and (corners <= 416 + 1e-3).all()


def test_a_higher_threshold_gives_the_head_of_the_list(yolo):
    image = Image.fromarray(picture())
    low, high = yolo.detect(image, 0.05), yolo.detect(image, 0.5)
    assert high == [item for item in low if item.score > 0.5]


def test_a_result_is_cocos(yolo):
    (item,) = yolo.detect(Image.fromarray(picture()))
    result = item.as_result(7)
    assert sorted(result) == ["bbox", "category_id", "image_id", "score"] and result["image_id"] == 7
    assert json.loads(json.dumps(result)) == result


@pytest.mark.parametrize("arguments", [{"score_threshold": 1.5}, {"iou_threshold": -0.1}])
def test_thresholds_are_checked_at_once(yolo, arguments):
    with pytest.raises(ValueError, match=f"{next(iter(arguments))} must be between 0 and 1"):
        yolo.detect_all([], **arguments)


def test_one_image_at_a_time_for_detect(yolo):
    with pytest.raises(ValueError, match="for several use detect_all"):
        yolo.detect([Image.new("RGB", (9, 9))])


def test_says_where_the_weights_came_from(yolo):
    assert "course asset yolov4_tiny" in yolo.source and "Detector" in repr(yolo)


def test_unknown_weights():
    with pytest.raises(CourseError, match="no weights named 'COCO_V1'"):
        models.load("yolov4_tiny", "COCO_V1")


def test_random_weights_find_nothing_sure():
    assert models.load("yolov4_tiny", None).detect(Image.fromarray(picture()), 0.6) == []


def test_categories_are_cocos_80():
    names, ids = coco_categories()
    assert len(names) == len(ids) == 80 and ids == sorted(ids) and (ids[0], ids[-1]) == (1, 90)
    assert dict(zip(ids, names))[18] == "dog" and 12 not in ids
    spelled_by_darknet = (Path(assets.path("yolov4_tiny")) / "coco.names").read_text().split("\n")[:80]
    same = sum(one == other for one, other in zip(names, spelled_by_darknet))
    assert same == 74  # Darknet writes motorbike, aeroplane, sofa, pottedplant, diningtable and tvmonitor


@given(st.integers(1, 900), st.integers(1, 900), st.sampled_from([stretch, letterbox]))
def test_a_box_survives_the_way_there_and_back(width, height, fit):
    _, placement = fit(Image.new("RGB", (width, height)), (96, 128))
    box = torch.tensor([[0.0, 0.0, width, height], [width / 4, height / 4, width / 2, height / 3]])
    there = placement.to_input(box)
    assert (there >= 0).all() and (there[:, [0, 2]] <= 128 + 1e-3).all() and (there[:, [1, 3]] <= 96 + 1e-3).all()
    torch.testing.assert_close(placement.to_image(there), box, atol=0.01, rtol=1e-4)


def test_letterbox_keeps_the_shape_and_fills_with_grey():
    pixels, placement = letterbox(Image.new("RGB", (200, 100), "white"), (416, 416))
    assert placement.scale == pytest.approx((2.08, 2.08)) and placement.offset == (0, 104)
    assert (pixels[:, :104] == 0.5).all() and (pixels[:, 104:312] > 0.999).all() and (pixels[:, 312:] == 0.5).all()


def test_decode_by_hand():
    layer = YoloLayer(((10.0, 20.0),), 2, 1.0)
    raw = torch.full((1, 7, 2, 3), -20.0)
    raw[0, :, 1, 2] = torch.tensor([0.0, 0.0, 0.0, np.log(2), 20.0, 20.0, -20.0])  # σ(0) = ½: the cell's middle
    image, boxes, scores, labels = decode(raw, layer, (64, 96), 0.5)
    assert (image.tolist(), labels.tolist()) == ([0], [0]) and scores[0] == pytest.approx(1)
    np.testing.assert_allclose(boxes[0], [80 - 5, 48 - 20, 80 + 5, 48 + 20], rtol=1e-5)


def test_scale_x_y_reaches_the_cells_edge():
    raw = torch.zeros(1, 6, 1, 1)
    raw[0, 0] = np.log(0.025 / 1.025)  # where 1.05 σ - 0.025 is 0
    raw[0, 4:] = 20
    _, boxes, *_ = decode(raw, YoloLayer(((2.0, 2.0),), 1, 1.05), (32, 32), 0.5)
    assert boxes[0, [0, 2]].mean().item() == pytest.approx(0, abs=1e-4)
