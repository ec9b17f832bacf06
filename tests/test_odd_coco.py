"""What real COCO has and drawn scenes do not: grey and CMYK photographs, images of nothing or of crowds alone, persons
without joints, categories nobody has seen, files without licences. All that lessons ask of a dataset must bear it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from synscenes import coco
from synscenes.errors import CourseError

MODES = {1: "L", 2: "CMYK", 3: "RGB", 4: "RGB"}
CAT, NEVER_SEEN = 17, 23


def annotation(number, image, category, box, **more):
    left, top, width, height = box
    corners = [left, top, left + width, top, left + width, top + height, left, top + height]
    entry = {"id": number, "image_id": image, "category_id": category, "bbox": list(box), "iscrowd": 0}
    return {**entry, "area": width * height, "segmentation": [corners], **more}


@pytest.fixture
def odd(tmp_path):
    """Image 1: grey, a person without joints. 2: CMYK, nothing at all. 3: a crowd alone. 4: a cat and a thin line."""
    crowd = {"iscrowd": 1, "segmentation": {"size": [60, 80], "counts": [0, 1200, 3600]}}
    notes = [
        annotation(1, 1, 1, [10, 10, 30, 40]),
        annotation(2, 3, 1, [0, 0, 20, 60], **crowd),
        annotation(3, 4, CAT, [5, 5, 40, 40]),
        annotation(4, 4, CAT, [50, 5, 0.5, 40]),
    ]
    images = [{"id": n, "file_name": f"{n:012d}.jpg", "width": 80, "height": 60} for n in MODES]
    names = {1: "person", CAT: "cat", NEVER_SEEN: "bear"}
    kinds = [{"id": n, "name": name, "supercategory": "person" if n == 1 else "animal"} for n, name in names.items()]
    joints = [{**each, "keypoints": [0] * 51, "num_keypoints": 0} for each in notes if each["category_id"] == 1]
    person = {**kinds[0], "keypoints": [f"joint {n}" for n in range(17)], "skeleton": [[1, 2]]}
    said = [{"id": n, "image_id": n, "caption": "A cat."} for n in MODES]
    (tmp_path / "annotations").mkdir()
    for split in coco.folders.SPLITS:
        (tmp_path / f"{split}2017").mkdir()
        for n, mode in MODES.items():
            Image.new(mode, (80, 60), 90 if mode == "L" else None).save(tmp_path / f"{split}2017/{n:012d}.jpg")
        documents = {
            "instances": {"images": images, "annotations": notes, "categories": kinds},
            "person_keypoints": {"images": images, "annotations": joints, "categories": [person]},
            "captions": {"images": images, "annotations": said},
        }
        for kind, document in documents.items():
            (tmp_path / f"annotations/{kind}_{split}2017.json").write_text(json.dumps(document))
    return coco.folder(tmp_path)


def test_tables_and_statistics(odd):
    from synscenes.coco import statistics, views
    from synscenes.coco.mentions import mention_rates

    data = coco.load(odd.instances("val"))
    counted = statistics.category_counts(data)
    assert counted.loc["bear", "instances"] == 0
    assert statistics.per_image(data)["instances"].tolist() == [1, 0, 1, 2]
    assert statistics.presence(data).shape == (4, 3) and np.isfinite(statistics.size_shares(data)).all()
    assert len(views.largest_objects(data)) >= 2
    joints = views.joints(coco.load(odd.keypoints("val")))
    assert (joints["v"] == 0).all()
    rates = mention_rates(data, views.sentences(coco.load(odd.captions("val"))))
    assert rates["all"]["medium"] == 0.5  # the cat is named, the person isn't


def test_the_explorer_shows_every_image(odd):
    from synscenes.widgets.coco_explorer import CocoExplorer

    assert CocoExplorer(odd, "val", twin_images=4).twin_html().count("<image href") == 4


def test_the_small_detector_learns_from_them(odd):
    from synscenes.detection import small
    from synscenes.metrics.detection import evaluate

    data = small.prepare(odd.instances("train"), odd.images("train"), size=(240, 320), progress=False)
    assert [len(each.boxes) for each in data.examples] == [1, 0, 1, 2]
    run = small.train(data, epochs=1, seed=0, progress=False)
    assert np.isfinite(run.log[["classes", "boxes"]].to_numpy()).all()
    evaluate(data.ground_truth(), small.detect(run.detector, data))


def test_things_are_painted_where_no_panoptic_file_is(odd):
    from synscenes.segmenting import data, features, targets

    split = data.split(odd, "val")
    assert [len(split.panoptic.segments(n)) for n in MODES] == [1, 0, 1, 2]
    assert split.panoptic.segments(3)[1]["iscrowd"] == 1
    classes = targets.classes_of(split.panoptic, split.image_ids)
    truth = targets.targets_of(split.panoptic, split.image_ids, classes)
    assert (truth.classes[1] == targets.IGNORE).all()
    with torch.inference_mode():
        seen = features.extract(features.backbone("cpu"), split.paths, "cpu")
    assert len(seen) == 4


def test_without_a_single_joint_it_is_said_in_one_line(odd):
    from synscenes.keypoints import people

    with pytest.raises(CourseError) as error:
        people.read(odd.keypoints("train"), 10, np.random.default_rng(0))
    assert "\n" not in str(error.value)
