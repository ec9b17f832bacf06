"""torchvision's detectors behind the same call, without their weights: random ones, and a stand-in for a file."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import models as zoo
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.ops import FrozenBatchNorm2d

from synscenes import models
from synscenes.errors import CourseError
from synscenes.models import detectors, hub
from synscenes.models.model import Detector

SMALLEST = "ssdlite320_mobilenet_v3_large"


@pytest.fixture
def empty_hub(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)


@pytest.fixture(scope="module")
def ssdlite():
    torch.manual_seed(0)
    return models.load(SMALLEST, None)


@pytest.fixture(scope="module")
def image():
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8))


def test_knows_every_detector_of_torchvision():
    assert {"yolov4_tiny", *zoo.list_models(module=zoo.detection)} == set(detectors.names())


def test_random_weights_still_answer_in_cocos_form(ssdlite, image):
    items = ssdlite.detect(image, 0.0, max_detections=20)
    assert isinstance(ssdlite, Detector) and ssdlite.source.startswith("random") and len(items) == 20
    scores = [item.score for item in items]
    assert scores == sorted(scores, reverse=True) and all(0 < item.category_id <= 90 for item in items)
    corners = np.array([item.xyxy for item in items])
    assert (corners >= 0).all() and (corners <= [160, 120, 160, 120]).all()


def test_ids_are_cocos(ssdlite):
    named = dict(zip(ssdlite.category_ids, ssdlite.categories))
    assert (named[1], named[18], named[90]) == ("person", "dog", "toothbrush")


def test_thresholds_are_put_back(ssdlite, image):
    before = ssdlite.module.score_thresh, ssdlite.module.nms_thresh
    ssdlite.detect(image, 0.9, 0.1)
    assert (ssdlite.module.score_thresh, ssdlite.module.nms_thresh) == before
    assert ssdlite.iou_threshold == before[1]


def test_weights_not_at_hand(empty_hub):
    with pytest.raises(CourseError, match=r"13 MB.*allow_download=True.*yolov4_tiny"):
        models.load(SMALLEST)


def test_unknown_weights():
    with pytest.raises(CourseError, match="no weights named 'V9': torchvision offers COCO_V1"):
        models.load(SMALLEST, "V9")


def test_a_misspelt_detector_gives_the_closest():
    with pytest.raises(CourseError, match=r"did you mean.*yolov4_tiny"):
        models.load("yolo4_tiny")


def test_a_file_in_hubs_cache_is_used(ssdlite, image, tmp_path, monkeypatch):
    file = tmp_path / "ssdlite.pth"
    torch.save(ssdlite.module.state_dict(), file)
    monkeypatch.setattr(hub, "cached", lambda url: file)
    loaded = models.load(SMALLEST)
    assert "torch hub's cache (ssdlite.pth" in loaded.source
    assert loaded.detect(image, 0.01) == ssdlite.detect(image, 0.01)


def test_a_file_of_another_network(ssdlite, tmp_path, monkeypatch):
    file = tmp_path / "other.pth"
    torch.save({"weight": torch.zeros(3)}, file)
    monkeypatch.setattr(hub, "cached", lambda url: file)
    with pytest.raises(CourseError, match=rf"other.pth isn't a checkpoint of {SMALLEST}"):
        models.load(SMALLEST)


def test_the_oldest_weights_lose_their_epsilon_as_torchvision_does_it(tmp_path, monkeypatch):
    theirs = FasterRCNN(resnet_fpn_backbone(backbone_name="resnet50", weights=None, norm_layer=FrozenBatchNorm2d), 91)
    for layer in theirs.modules():
        if isinstance(layer, FrozenBatchNorm2d):
            layer.eps = 0.0
            layer.running_var.mul_(1e-5)  # so small that epsilon decides
    file = tmp_path / "frcnn.pth"
    torch.save(theirs.state_dict(), file)
    monkeypatch.setattr(hub, "cached", lambda url: file)
    ours = models.load("fasterrcnn_resnet50_fpn").module
    pixels = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        one = ours.backbone.body.bn1(ours.backbone.body.conv1(pixels))
        other = theirs.backbone.body.bn1(theirs.backbone.body.conv1(pixels))
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_side_by_side(ssdlite, image):
    table = detectors.compare([ssdlite, models.load("yolov4_tiny")], [image, image], 0.5)
    assert table.model.tolist() == [SMALLEST, "yolov4_tiny"] and (table.seconds > 0).all()
    assert np.isnan(table.published[0]) and table.published[1] == 22.0
    assert table.parameters[1] == pytest.approx(6.06, abs=0.01)


@pytest.mark.parametrize(("name", "expected"), [("fasterrcnn_resnet50_fpn_v2", 46.7), (SMALLEST, 21.3)])
def test_published_ap(name, expected):
    assert detectors.published_ap(name) == expected


def test_nothing_is_fetched_unasked(empty_hub, monkeypatch):
    monkeypatch.setattr(hub, "fetch", lambda url: pytest.fail("tried the network"))
    assert models.load(SMALLEST, None).source.startswith("random")
