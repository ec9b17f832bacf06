"""Statistics and views, on a dataset small enough to count by eye."""

from __future__ import annotations

import numpy as np
import pytest

from synscenes import coco
from synscenes.coco import mentions, statistics, views
from synscenes.errors import CourseError

NAMES = ["person", "dog", "kite"]
# Four images; the last is empty. Side 10 is small, 50 medium, 100 large.
THINGS = [(1, "person", 100), (1, "person", 10), (1, "dog", 50), (2, "person", 50), (2, "dog", 10), (3, "kite", 10)]


@pytest.fixture
def dataset(tmp_path):
    annotations = [
        {"id": i, "image_id": image, "category_id": NAMES.index(name) + 1, "bbox": [0, 0, side, side],
         "area": side * side, "iscrowd": 0, "segmentation": [[0, 0, side, 0, side, side, 0, side]]}
        for i, (image, name, side) in enumerate(THINGS, start=1)
    ]  # fmt: skip
    annotations.append({**annotations[0], "id": 99, "image_id": 3, "iscrowd": 1})
    document = {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": 200, "height": 100} for i in (1, 2, 3, 4)],
        "annotations": annotations,
        "categories": [{"id": i, "name": name, "supercategory": f"s{i % 2}"} for i, name in enumerate(NAMES, start=1)],
    }
    return coco.load(coco.save(document, tmp_path / "a.json"))


def test_counts_are_of_instances_and_of_images(dataset):
    table = statistics.category_counts(dataset)
    assert table["instances"].to_dict() == {"person": 4, "dog": 2, "kite": 1}
    assert table["images"].to_dict() == {"person": 3, "dog": 2, "kite": 1}


def test_an_empty_image_counts_as_zero(dataset):
    table = statistics.per_image(dataset)
    assert table.loc[4].tolist() == [0, 0] and table.loc[1].tolist() == [3, 2]


def test_shares_of_sizes_leave_crowds_out(dataset):
    assert statistics.size_shares(dataset).tolist() == [3 / 6, 2 / 6, 1 / 6]


def test_together_conditional_and_lift(dataset):
    present = statistics.presence(dataset)
    assert present.shape == (4, 3)
    assert statistics.together(present).loc["person", "dog"] == 2
    given = statistics.conditional(present)
    assert given.loc["dog", "person"] == 1 and given.loc["person", "dog"] == pytest.approx(2 / 3)
    lift = statistics.lift(present)
    assert lift.loc["dog", "person"] == lift.loc["person", "dog"] == pytest.approx((2 / 4) / (3 / 4 * 2 / 4))
    np.testing.assert_allclose(lift, lift.T)


def test_pairs_need_enough_images(dataset):
    pairs = statistics.strongest_pairs(statistics.presence(dataset), least=2)
    assert pairs[["a", "b", "images"]].to_numpy().tolist() == [["person", "dog", 2]]


def test_a_category_nobody_has_gives_no_warning(dataset, recwarn):
    present = statistics.presence(dataset)
    present["kite"] = False
    assert np.isnan(statistics.lift(present).loc["kite", "dog"]) and not recwarn.list


def test_categories_and_supercategories_by_name(dataset):
    assert len(views.of_categories(dataset, ["dog"])) == 2
    assert len(views.of_categories(dataset, ["s1"])) == 5
    with pytest.raises(CourseError, match="'cat' is neither"):
        views.of_categories(dataset, ["cat"])


def test_largest_object_of_each_image(dataset):
    largest = views.largest_objects(dataset)
    assert largest.loc[1, "share"] == 0.5 and sorted(largest.index) == [1, 2, 3]
    assert largest.loc[1, "off"] == pytest.approx(50 / np.hypot(100, 50))


def test_off_centre_is_0_in_the_middle_and_1_in_a_corner():
    boxes = np.array([[4, 4, 2, 2], [0, 0, 0, 0], [10, 10, 0, 0]], dtype=float)
    assert views.off_centre(boxes, np.full(3, 10), np.full(3, 10)).tolist() == [0, 1, 1]


def test_joints_and_sentences(tmp_path):
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}],
        "annotations": [
            {"id": 5, "image_id": 1, "category_id": 1, "keypoints": [1, 2, 2, 3, 4, 1], "num_keypoints": 2}
        ],
        "categories": [{"id": 1, "name": "person", "supercategory": "person", "keypoints": ["nose", "ear"]}],
    }
    table = views.joints(coco.load(coco.save(document, tmp_path / "k.json")))
    assert table[["joint", "x", "y", "v"]].to_numpy().tolist() == [["nose", 1, 2, 2], ["ear", 3, 4, 1]]
    document["annotations"] = [{"id": i, "image_id": 1, "caption": text} for i, text in ((1, "A dog."), (2, "Dog!"))]
    captions = coco.load(coco.save(document, tmp_path / "c.json"))
    assert views.sentences(captions)[1] == ["A dog.", "Dog!"]


def test_a_file_without_annotations_counts_nothing(dataset, tmp_path):
    dataset.document["annotations"] = []
    empty = coco.load(coco.save(dataset.document, tmp_path / "empty.json"))
    assert statistics.category_counts(empty)["instances"].tolist() == [0, 0, 0]
    assert statistics.per_image(empty)["instances"].tolist() == [0] * 4
    assert statistics.size_shares(empty).tolist() == [0, 0, 0]
    assert not statistics.presence(empty).to_numpy().any()


def test_what_captions_name(dataset):
    import pandas as pd

    assert mentions.named("wine glass", ["Two glasses."]) and mentions.named("person", ["A woman."])
    assert not mentions.named("dog", ["A hotdog and doggerel."])
    said = pd.Series({1: ["A man on grass."], 2: ["A person and dogs."], 3: ["Sky."]})
    rates = mentions.mention_rates(dataset, said)
    assert rates["person"] == {"small": 0, "medium": 1, "large": 1}
    assert rates["other"] == {"small": 0.5, "medium": 0, "large": 0}


def test_views_of_what_a_file_lacks_are_refused(dataset):
    with pytest.raises(CourseError, match="no keypoints"):
        views.joints(dataset)
    with pytest.raises(CourseError, match="no captions"):
        views.sentences(dataset)
