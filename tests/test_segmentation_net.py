"""The small panoptic network: targets, grouping, and that a head can learn one image by heart."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

import panoptic_toys as toys
from synscenes.panoptic import sets
from synscenes.segmenting import data, grouping, maskrcnn, network, scoring, targets

HEIGHT, WIDTH = 240, 320


@pytest.fixture
def scene(tmp_path) -> data.Split:
    """Two touching persons and a dog on grass below sky, a crowd of dogs, and a corner of void; as a Split."""
    ids = np.full((HEIGHT, WIDTH), 10_001, np.uint32)
    ids[:100] = 11_001
    ids[90:190, 40:80], ids[90:190, 80:120] = 1001, 1002
    ids[150:200, 200:260], ids[150:200, 270:300] = 2001, 2002
    ids[:20, :20] = 0
    kinds = {10_001: 10, 11_001: 11, 1001: 1, 1002: 1, 2001: 2, 2002: 2}
    segments = [toys.segment(number, kind, ids, int(number == 2002)) for number, kind in kinds.items()]
    path, folder = toys.write(tmp_path, "panoptic", [(ids, segments)])
    panoptic = sets.load(path, folder)
    from synscenes.panoptic import convert

    return data.Split(panoptic, [1], convert.to_detection(path, folder, things_only=True), tmp_path)


def test_targets_say_what_the_truth_says(scene):
    classes = targets.classes_of(scene.panoptic, [1])
    assert classes.ids == (1, 2, 10, 11) and classes.things == (True, True, False, False)
    truth = targets.targets_of(scene.panoptic, [1], classes)
    assert truth.classes[0, 29, 0] == 2 and truth.classes[0, 5, 20] == 3 and truth.classes[0, 15, 6] == 0
    assert truth.classes[0, 0, 0] == truth.classes[0, 21, 35] == targets.IGNORE  # void; a crowd
    assert (truth.heat[0] == 1).sum() == 3  # a centre for each thing, none for the crowd
    ys, xs = np.nonzero(truth.inside[0])
    aims = np.stack([ys, xs]) + truth.offset[0][:, ys, xs]
    assert len(np.unique(aims.round(3), axis=1).T) == 3


def test_the_truth_as_answers_is_grouped_into_the_truth(scene):
    classes = targets.classes_of(scene.panoptic, [1])
    answers = list(network.perfect_answers(scene, classes))
    assert sorted(answers[0].instances.category_ids) == [1, 1, 2]
    scores = scoring.score(answers, scene.panoptic, [1], scene.instances, scene.images / "found")
    assert scores.panoptic.All.RQ == 1 and scores.panoptic.Things.SQ > 0.93
    assert scores.miou > 0.95 and scores.mask_ap > 0.75
    assert set(scores.row()) >= {"mIoU", "mask AP", "PQ"}


def test_a_head_learns_one_image_by_heart(scene):
    import torch

    from synscenes.segmenting.features import CHANNELS, Features
    from synscenes.segmenting.training import train

    torch.manual_seed(0)
    maps = {stride: torch.randn(1, CHANNELS[stride], -(-HEIGHT // stride), WIDTH // stride) for stride in CHANNELS}
    features = Features({stride: values.half().repeat(4, 1, 1, 1) for stride, values in maps.items()})
    classes = targets.classes_of(scene.panoptic, [1])
    one = targets.targets_of(scene.panoptic, [1], classes)
    truth = targets.Targets(*(np.repeat(getattr(one, name), 4, axis=0) for name in vars(one)))
    head, history = train(features, truth, len(classes), epochs=15, seed=0, batch_size=4)
    assert history[-1] < history[0] / 2
    answer = next(network.PanopticNet(head, classes).answers(features, [(HEIGHT, WIDTH)]))
    assert (answer.semantic[210:, 20:] == 10).mean() > 0.9
    waiting = network.PanopticNet(head, classes).answers(features, [(HEIGHT, WIDTH)] * 2)
    next(waiting)
    assert not torch.is_inference_mode_enabled()  # or nothing could be trained until the rest is asked for


def test_training_refuses_features_of_other_images(scene):
    from synscenes.segmenting.features import Features
    from synscenes.segmenting.training import train

    classes = targets.classes_of(scene.panoptic, [1])
    truth = targets.targets_of(scene.panoptic, [1], classes)
    with pytest.raises(ValueError, match="features of 3 images, targets of 1"):
        train(Features({8: np.zeros((3, 1))}), truth, 4, epochs=1, seed=0)


def test_peaks_are_the_highest_within_reach():
    heat = np.zeros((9, 9))
    heat[2, 2], heat[2, 3], heat[7, 7], heat[0, 8] = 0.9, 0.8, 0.5, 0.05
    assert grouping.peaks(heat).tolist() == [[2, 2], [7, 7]]


def test_every_place_joins_the_nearest_centre():
    centres, aims = np.array([[0.0, 0.0], [10.0, 10.0]]), np.array([[1.0, 9.0, 4.0], [1.0, 9.0, 5.0]])
    assert grouping.nearest_centre(centres, aims).tolist() == [0, 1, 0]


def test_an_image_without_centres_has_stuff_only():
    classes = targets.Classes((1, 10), ("dog", "grass"), (True, False))
    semantic, is_thing = np.array([[0, 1]]), np.array([[True, False]])
    ids, categories, scores = grouping.group(
        semantic, is_thing, np.full((1, 1, 2), 0.5), np.empty((0, 2)), np.empty(0), np.zeros((2, 1, 2)), classes
    )
    assert ids.tolist() == [[0, 10_001]] and categories == {10_001: 10} and scores == {}
    assert len(grouping.instances_of(ids, categories, scores)) == 0


def test_no_answer_has_ap_zero(scene):
    assert scoring.average_precision(scene.instances, [], "segm") == 0


def test_score_wants_one_answer_an_image(scene):
    with pytest.raises(ValueError, match="0 answers for 1 images"):
        scoring.score([], scene.panoptic, [1], scene.instances, scene.images)


def test_detections_are_a_coco_results_file():
    mask = np.zeros((4, 5), bool)
    mask[1:3, 2:5] = True
    instances = grouping.Instances(mask[None], np.array([0.5]), np.array([18]))
    found = json.loads(json.dumps(scoring.detections(instances, 7)))
    assert found[0]["bbox"] == [2, 1, 3, 2] and found[0]["category_id"] == 18 and math.isclose(found[0]["score"], 0.5)


def coco_folder(root, panoptic: bool):
    (root / "annotations").mkdir(parents=True)
    for split in ("train", "val"):
        if panoptic:
            (root / f"annotations/panoptic_{split}2017.json").write_text("{}")
    return root


def test_a_folder_without_panoptic_files_gets_its_things_painted(tmp_path, monkeypatch, capsys):
    from PIL import Image

    root = coco_folder(tmp_path / "coco", panoptic=False)
    square = {"category_id": 18, "iscrowd": 0, "bbox": [0, 0, 1, 1]}
    shapes = [
        {**square, "area": 4, "segmentation": [[2, 2, 4, 2, 4, 4, 2, 4]]},
        {**square, "area": 36, "segmentation": [[0, 0, 6, 0, 6, 6, 0, 6]]},
        {**square, "area": 80, "iscrowd": 1, "segmentation": {"size": [8, 10], "counts": [0, 80]}},
        {**square, "area": 4, "segmentation": [[2, 2, 4, 2, 4, 4, 2, 4]]},
    ]
    annotations = [{**each, "id": place + 1, "image_id": 7} for place, each in enumerate(shapes)]
    images = [{"id": number, "file_name": f"{number}.jpg", "height": 8, "width": 10} for number in (5, 7, 9)]
    content = {"images": images, "annotations": annotations, "categories": [{"id": 18, "name": "dog"}]}
    (root / "annotations/instances_val2017.json").write_text(json.dumps(content))
    (root / "val2017").mkdir()
    for number in (7, 9):
        Image.new("RGB", (10, 8)).save(root / f"val2017/{number}.jpg")
    monkeypatch.setenv("SYNSCENES_COCO", str(root))
    found = data.split(data.with_panoptic("full"), "val")
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "no panoptic_train2017.json" in said
    assert found.image_ids == [7, 9] and found.panoptic.segments(9) == {}  # 5 has no file
    ids = found.panoptic.pixels(7)
    assert ids[3, 3] == 4 and ids[1, 1] == 2 and ids[7, 9] == 1  # the small before the large before the crowd
    segments = found.panoptic.segments(7)
    assert {number: each["iscrowd"] for number, each in segments.items()} == {1: 1, 2: 0, 4: 0}  # 3 is hidden
    found.panoptic.check_segments(7, segments, dict(zip(*np.unique(ids, return_counts=True))), areas_too=True)


def test_a_folder_with_panoptic_files_is_used(tmp_path, monkeypatch):
    root = coco_folder(tmp_path / "coco", panoptic=True)
    monkeypatch.setenv("SYNSCENES_COCO", str(root))
    assert data.with_panoptic("full").root == root


def test_mask_rcnn_answers_as_our_network_does():
    import torch
    from PIL import Image

    soft = torch.zeros(3, 1, 48, 64)
    soft[0, 0, :10], soft[1, 0, :20] = 0.9, 0.9  # the third is sure of no pixel

    class Stub(torch.nn.Linear):
        def forward(self, images):
            return [{"masks": soft, "scores": torch.tensor([0.9, 0.01, 0.8]), "labels": torch.tensor([4, 1, 1])}]

    stub = SimpleNamespace(category_ids=(0, 1, 2, 3, 18), preprocess=lambda image: torch.zeros(1), module=Stub(1, 1))
    found = maskrcnn.instances(stub, Image.new("RGB", (64, 48)))
    assert found.masks.shape == (1, 48, 64) and found.masks.sum() == 640
    assert found.category_ids.tolist() == [18] and found.scores.tolist() == pytest.approx([0.9])
