"""OKS and PCK: by the formula, and equal to pycocotools."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keypoint_toys as toys
from synscenes.keypoints import joints as names
from synscenes.keypoints import reference
from synscenes.keypoints.errors import KINDS, kinds, shares
from synscenes.keypoints.evaluation import by_joint, by_visibility, mean_pose, results, scores
from synscenes.keypoints.oks import joint_similarities, oks, person_oks, tolerance
from synscenes.keypoints.pck import box_scales, correct, head_scales, pck
from synscenes.keypoints.people import read

REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "refs"


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_oks_is_pycocotools(seed):
    rng = np.random.default_rng(seed)
    truth = toys.joints(rng, 3)
    truth[2] = 0 if rng.random() < 0.5 else truth[2]  # a person without labelled joints
    areas, boxes = rng.uniform(50, 5000, 3), rng.uniform(5, 50, (3, 4))
    found = truth[rng.integers(0, 3, 4)] + rng.normal(0, 5, (4, 17, 3))
    found = found[np.argsort(-found[:, :, 2].mean(axis=1))]
    records = [toys.record(truth[i], i + 1, area=areas[i], bbox=boxes[i].tolist()) for i in range(3)]
    detections = [
        {"image_id": 1, "category_id": 1, "keypoints": each.ravel().tolist(), "score": 1 - 0.1 * place}
        for place, each in enumerate(found)
    ]
    expected = reference.oks_table(toys.document(records), detections, 1)
    np.testing.assert_allclose(oks(found, truth, areas, boxes), expected, rtol=0, atol=1e-12)


def test_oks_is_pycocotools_on_mmposes_persons():
    folder = REFERENCE / "mmpose" / "coco"
    if not folder.is_dir():
        pytest.skip("mmpose's test data is not beside the course")
    truth = json.loads((folder / "test_coco.json").read_text())
    found = json.loads((folder / "test_coco_det_AP_H_56.json").read_text())
    rng = np.random.default_rng(1)
    compared = 0
    for image in truth["images"]:
        mine = [record for record in truth["annotations"] if record["image_id"] == image["id"]]
        if not mine or not any(each["image_id"] == image["id"] for each in found):
            continue
        joints = np.array([record["keypoints"] for record in mine], float).reshape(-1, 17, 3)
        moved = joints + rng.normal(0, 4, joints.shape)
        results = [
            {"image_id": image["id"], "category_id": 1, "keypoints": each.ravel().tolist(), "score": 1 - place / 100}
            for place, each in enumerate(moved)
        ]
        single = {"images": [image], "annotations": mine, "categories": truth["categories"]}
        areas, boxes = [record["area"] for record in mine], [record["bbox"] for record in mine]
        expected = reference.oks_table(single, results, image["id"])
        np.testing.assert_allclose(oks(moved, joints, areas, boxes), expected, atol=1e-9)
        compared += len(mine)
    assert compared >= 10


def test_one_joint_by_hand():
    truth, found = np.zeros((17, 3)), np.zeros((17, 3))
    truth[names.index("left_hip")] = [50, 50, 2]
    found[names.index("left_hip")] = [53, 54, 1]
    # 5 pixels off, area 100²: exp(-25 / (2 · 10,000 · 0.214²))
    assert person_oks(found[None], truth[None], [1e4])[0] == pytest.approx(np.exp(-25 / (2e4 * 0.214**2)))


def test_one_two_three_sigmas_are_as_published(rng):
    truth = toys.joints(rng, 1, missing=0)[0]
    for number, published in ((1, 0.88), (2, 0.61), (3, 0.32)):
        found = truth.copy()
        found[:, 0] += number * names.SIGMAS * 60
        similarity = joint_similarities(found, truth, 3600.0)
        np.testing.assert_allclose(similarity, published, atol=0.006)


def test_hidden_joints_count_and_unlabelled_do_not(rng):
    truth = toys.joints(rng, 1, missing=0)
    found = truth.copy()
    found[0, 5, 0] += 1000
    truth[0, 5, 2] = 1
    assert person_oks(found, truth, [2000.0])[0] == pytest.approx(16 / 17)
    truth[0, 5] = 0
    assert person_oks(found, truth, [2000.0])[0] == pytest.approx(1)


def test_person_oks_is_the_diagonal(rng):
    truth = toys.joints(rng, 5)
    found, areas = truth + rng.normal(0, 3, truth.shape), rng.uniform(500, 3000, 5)
    np.testing.assert_allclose(person_oks(found, truth, areas), np.diag(oks(found, truth, areas)), atol=1e-12)


def test_a_person_without_labels_has_no_oks_of_its_own():
    assert np.isnan(person_oks(np.ones((1, 17, 2)), np.zeros((1, 17, 3)), [100.0]))[0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 8))
def test_oks_does_not_change_with_the_pictures_size(seed, factor):
    rng = np.random.default_rng(seed)
    truth = toys.joints(rng, 2)
    found = truth + rng.normal(0, 4, truth.shape)
    areas = rng.uniform(500, 3000, 2)
    larger = [each * [factor, factor, 1] for each in (found, truth)]
    np.testing.assert_allclose(person_oks(*larger, areas * factor**2), person_oks(found, truth, areas), atol=1e-9)


def test_tolerance_inverts_similarity(rng):
    truth = toys.joints(rng, 1, missing=0)[0]
    found = truth.copy()
    found[:, 1] += tolerance(0.5, 1234.0)
    np.testing.assert_allclose(joint_similarities(found, truth, 1234.0), 0.5, atol=1e-9)
    assert tolerance(0.5, 1.0)[11] / tolerance(0.5, 1.0)[1] == pytest.approx(107 / 25)


def test_bad_shapes_are_programming_mistakes(rng):
    truth = toys.joints(rng, 2)
    for call in (
        lambda: oks(truth[:, :5], truth, [1, 1]),
        lambda: oks(truth, truth, [1]),
        lambda: oks(truth, np.zeros((1, 17, 3)), [1]),
        lambda: tolerance(0, 100),
        lambda: names.index("tail"),
    ):
        with pytest.raises(ValueError):
            call()


def test_sigmas_and_skeleton_are_pycocotools_and_the_files():
    from pycocotools.cocoeval import Params

    from synscenes.first_photo import documents

    np.testing.assert_array_equal(names.SIGMAS, Params("keypoints").kpt_oks_sigmas)
    category = documents()["person_keypoints"]["categories"][0]
    assert category["keypoints"] == list(names.NAMES)
    assert [[a + 1, b + 1] for a, b in names.SKELETON] == category["skeleton"]


def test_pck_by_hand():
    truth = np.zeros((1, 17, 3))
    truth[0, :4] = [[10, 10, 2], [20, 10, 1], [30, 10, 2], [40, 10, 2]]
    found = truth.copy()
    found[0, 1, 0] += 10  # exactly on the limit: right
    found[0, 2, 0] += 10.1
    assert pck(found, truth, [100.0], 0.1) == pytest.approx(3 / 4)
    assert np.isnan(correct(found, truth, [100.0], 0.1)[0, 4:]).all()


def test_pck_rises_with_the_share(rng):
    truth = toys.joints(rng, 4)
    found = truth + rng.normal(0, 8, truth.shape)
    values = [pck(found, truth, box_scales([[0, 0, 50, 100]] * 4), share) for share in (0.01, 0.05, 0.1, 0.2, 1)]
    assert values == sorted(values) and values[-1] == 1


def test_heads_need_nose_and_shoulders():
    truth = np.zeros((2, 17, 3))
    truth[:, 0], truth[:, 5], truth[:, 6] = [50, 20, 2], [70, 50, 2], [30, 50, 1]
    truth[1, 6] = 0
    np.testing.assert_allclose(head_scales(truth), [30, np.nan])
    with pytest.raises(ValueError, match="no joint counts"):
        pck(truth[1:], truth[1:], head_scales(truth[1:]))


@pytest.fixture
def people(tmp_path, rng):
    found = toys.joints(rng, 4, missing=0.1)
    records = [toys.record(each, place + 1, place // 2 + 1) for place, each in enumerate(found)]
    return read(toys.write(tmp_path / "person_keypoints_val2017.json", toys.document(records, (1, 2))))


def test_perfect_joints_score_one_everywhere(people):
    told = scores(people.joints, people)
    assert {name: round(told[name], 9) for name in ("AP", "AP50", "AP75", "PCK")} == dict.fromkeys(
        ("AP", "AP50", "AP75", "PCK"), 1
    )
    assert by_joint(people.joints, people)["hip"]["similarity"] == pytest.approx(1)
    assert by_visibility(people.joints, people) == {"visible": pytest.approx(1), "hidden": pytest.approx(1)}
    assert shares(kinds(people.joints, people))["good"] == 1


def test_results_are_what_pycocotools_reads(people):
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = people.document
        coco.createIndex()
        assert len(coco.loadRes(results(people.joints, people)).anns) == 4


def test_ap_is_pycocotools(people, rng):
    moved = people.joints + rng.normal(0, 4, people.joints.shape) * [1, 1, 0]
    ours, theirs = (call(people.document, results(moved, people)) for call in (_stats, reference.stats))
    names_ = ("AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl")
    np.testing.assert_allclose([ours[name] for name in names_], theirs, atol=1e-9)
    assert 0 < theirs[0] < 1


def _stats(truth, found):
    from synscenes.metrics.detection import evaluate

    return evaluate(truth, found, iou_type="keypoints").stats


def test_each_kind_of_error_is_named(people):
    found = people.joints[..., :2].copy()
    truth = people.joints
    hip, partner = names.index("left_hip"), names.index("right_hip")
    truth[0, [hip, partner, 5], 2] = truth[1, 5, 2] = 2
    truth[0, hip, :2], truth[0, partner, :2], truth[0, 5, :2], truth[1, 5, :2] = (0, 0), (90, 0), (0, 90), (90, 90)
    truth[1, 6, 2] = 0
    allowed = tolerance(0.7, people.areas[0])[hip]
    cases = {"good": (hip, (0, 0)), "jitter": (hip, (allowed, 0)), "inversion": (hip, (90, 0)), "miss": (hip, (45, 45))}
    cases["swap"] = (5, (90, 90))
    for kind, (joint, place) in cases.items():
        found[0, joint] = place
        assert KINDS[kinds(found, people)[0, joint]] == kind


def test_the_mean_pose_follows_the_box(people):
    baseline = mean_pose(people, people.boxes)
    moved = mean_pose(people, people.boxes * 2)
    np.testing.assert_allclose(moved[..., :2], 2 * baseline[..., :2])
