"""Joints that can't be right are refused, with file and id."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import keypoint_toys as toys
from synscenes.errors import CourseError
from synscenes.keypoints.checking import check_inside, check_joints, joints_of
from synscenes.keypoints.people import read

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "refs" / "coco_mini"
IMAGE = {"width": 100, "height": 100}


@pytest.fixture
def joints():
    return toys.joints(np.random.default_rng(0), 1)[0]


def damaged(joints, place, value):
    joints[place] = value
    return toys.record(joints, 7)


def test_good_joints_pass_as_an_array(joints):
    np.testing.assert_array_equal(joints_of(toys.record(joints), IMAGE, "some.json"), joints)
    np.testing.assert_array_equal(check_joints(joints.ravel().tolist()), joints)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keypoints": [1, 2, 2] * 16}, r"file.json: annotation 7: expected 51 numbers .* got 48 numbers"),
        ({"keypoints": [[1, 2]] * 17}, r"annotation 7: expected 51 numbers .* got shape \(17, 2\)"),
        ({"keypoints": ["a"] * 51}, "annotation 7: keypoints must be numbers"),
        ({"keypoints": [5.0, 5.0, 3] + [0] * 48}, "annotation 7: nose has visibility 3"),
        ({"keypoints": [5.0, 5.0, 1.5] + [0] * 48}, "annotation 7: nose has visibility 1.5"),
        ({"keypoints": [0] * 48 + [float("nan"), 5, 2]}, "annotation 7: right_ankle is .*finite"),
        ({"keypoints": [0, 0, 0, 150, 5, 2] + [0] * 45}, r"annotation 7: left_eye lies at \(150, 5\), outside"),
        ({"keypoints": [0, 0, 0, 50, -9, 1] + [0] * 45}, r"annotation 7: left_eye lies at \(50, -9\), outside"),
        ({"num_keypoints": 17}, '"num_keypoints" is 17, but'),
        ({"category_id": 18}, "annotation 7 has keypoints but category_id 18"),
        ({"bbox": []}, "annotation 7 has keypoints without a person"),
    ],
)
def test_damage_is_named(joints, change, message):
    record = toys.record(joints, 7) | change
    if "keypoints" in change:
        del record["num_keypoints"]
    with pytest.raises(CourseError, match=message) as error:
        joints_of(record, IMAGE, "file.json")
    assert "\n" not in str(error.value)


def test_a_record_without_keypoints_or_box_is_named(joints):
    record = toys.record(joints, 7)
    for field, message in (("keypoints", 'has no "keypoints"'), ("bbox", "without a person")):
        with pytest.raises(CourseError, match=f"annotation 7 {'has keypoints ' * (field == 'bbox')}{message}"):
            joints_of({name: value for name, value in record.items() if name != field})


def test_a_slip_over_the_edge_and_unlabelled_joints_are_let_through():
    joints = np.zeros((17, 3))
    joints[0] = [101.5, 50, 2]
    check_inside(joints, 100, 100)


def test_reading_a_file_counts_persons_and_keeps_the_rest_as_ground_truth(tmp_path, joints):
    nobody = np.zeros((17, 3))
    records = [
        toys.record(joints, 1),
        toys.record(nobody, 2),
        toys.record(joints, 3, iscrowd=1),
        toys.record(joints, 4, 2),
    ]
    people = read(toys.write(tmp_path / "a.json", toys.document(records, (1, 2, 3))))
    assert people.ids.tolist() == [1, 4] and people.image_ids.tolist() == [1, 2]
    assert len(people.document["annotations"]) == 4 and len(people.document["images"]) == 2
    assert people.files == {1: "000000000001.jpg", 2: "000000000002.jpg"}
    assert len(people.take([1])) == 1


def test_a_limit_keeps_whole_images_and_follows_the_generator(tmp_path, joints):
    records = [toys.record(joints, number + 1, number // 2 + 1) for number in range(20)]
    path = toys.write(tmp_path / "a.json", toys.document(records, tuple(range(1, 11))))
    people = read(path, limit=5)
    assert len(people) == 6 and set(people.image_ids) == {1, 2, 3}
    drawn = [read(path, 5, np.random.default_rng(seed)).image_ids.tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keypoints": [1, 2, 2]}, "bad.json: annotation 1: expected 51 numbers"),
        ({"image_id": 9}, "bad.json: annotation 1: no image has id 9"),
        ({"keypoints": [0] * 51, "num_keypoints": 0}, "bad.json: no person has a labelled joint"),
    ],
)
def test_a_bad_file_is_named(tmp_path, joints, change, message):
    path = toys.write(tmp_path / "bad.json", toys.document([toys.record(joints) | change]))
    with pytest.raises(CourseError, match=message):
        read(path)


def test_real_coco_passes_and_its_joints_are_labelled_as_the_ledger_says():
    if not REFERENCE.is_dir():
        pytest.skip("COCO-MINI is not beside the course")
    from synscenes import facts

    found = [read(REFERENCE / "annotations" / f"person_keypoints_{split}2017.json") for split in ("train", "val")]
    flags = np.concatenate([people.joints[..., 2] for people in found])
    shares = [round(100 * (flags == v).mean()) for v in (2, 1, 0)]
    assert len(flags) == 154 and shares == facts.value("coco-joints-labelled")
