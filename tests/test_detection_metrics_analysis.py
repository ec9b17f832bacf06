"""Error analysis on planted errors, the bootstrap against copied images, the steps by hand, the result's tables."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection_reference import random_problem
from synscenes.errors import CourseError
from synscenes.metrics.detection import byhand, evaluate
from synscenes.metrics.detection.resampling import bootstrap, weighted_ap
from synscenes.metrics.detection.simulated import Habits, perfect, plant, simulate
from synscenes.metrics.detection.tide import KINDS, error_analysis

SEEDS = st.integers(0, 10**6)


def scenes(images=30, seed=0):
    """Pictures with a few objects of five categories in two families, some small, a crowd now and then."""
    rng = np.random.default_rng(seed)
    annotations = []
    for image in range(1, images + 1):
        for _ in range(rng.integers(1, 5)):
            width, height = rng.integers(12, 90, 2).tolist()
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": int(rng.integers(1, 6)),
                    "bbox": [*rng.integers(0, 200, 2).tolist(), width, height],
                    "area": 0.7 * width * height,
                    "iscrowd": int(rng.random() < 0.05),
                }
            )
    return {
        "images": [{"id": n, "width": 320, "height": 240} for n in range(1, images + 1)],
        "categories": [{"id": n, "name": f"c{n}", "supercategory": "ab"[n % 2]} for n in range(1, 6)],
        "annotations": annotations,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_planted_errors_are_found_and_no_others(kind):
    truth = scenes()
    found = error_analysis(evaluate(truth, plant(truth, kind, 8, np.random.default_rng(1))))
    assert found.counts == {name: 8 if name == kind else 0 for name in KINDS}
    for name in KINDS:
        if name == kind:
            assert found.cost[name] > 0.01 or kind == "Dupe"  # a duplicate of score 0.5 comes after all hits
        else:
            assert found.cost[name] == pytest.approx(0, abs=1e-12)
    if kind != "Dupe":
        assert found.ap + found.cost[kind] == pytest.approx(1)


def test_a_perfect_detector_has_no_errors():
    truth = scenes()
    found = error_analysis(evaluate(truth, perfect(truth)))
    assert found.ap == pytest.approx(1) and set(found.counts.values()) == {0}


def test_a_duplicate_above_other_hits_costs():
    truth = scenes()
    results = perfect(truth)
    for each in results[10:]:
        each["score"] = 0.3
    found = error_analysis(evaluate(truth, [*results, {**results[0], "score": 0.5}]))
    assert found.counts["Dupe"] == 1 and found.cost["Dupe"] > 0


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_every_false_detection_has_one_kind(seed):
    truth, results = random_problem(seed)
    result = evaluate(truth, results)
    found = error_analysis(result)
    assert len(found.false) == (result.matches().outcome == "false").sum()
    assert set(found.false.kind) <= set(KINDS[:-1])
    assert sum(found.counts.values()) == len(found.false) + len(found.missed)
    assert len(found.missed) <= len(result.missed())
    assert found.ap == pytest.approx(max(0, result.stats["AP50"]))
    for kind in ("Both", "Dupe", "Bkg"):  # taking a false detection away can't hurt
        assert found.cost[kind] >= -1e-12


def test_error_analysis_equals_tidecv():
    path = Path(__file__).with_name("reference") / "tide_reference.json"
    reference = json.loads(path.read_text(encoding="utf-8"))
    found, theirs = error_analysis(evaluate(reference["truth"], reference["results"])), reference["tidecv"]
    assert found.counts == theirs["counts"]
    assert found.ap == pytest.approx(theirs["ap"], abs=1e-9)
    assert found.cost == pytest.approx(theirs["cost"], abs=1e-9)


def test_error_analysis_refuses_what_it_cannot_do():
    truth = scenes()
    with pytest.raises(CourseError, match="categories"):
        error_analysis(evaluate(truth, perfect(truth), class_agnostic=True))
    with pytest.raises(CourseError, match=r"IoU 0\.5"):
        error_analysis(evaluate(truth, perfect(truth), iou_thresholds=[0.75]))


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_a_weight_is_a_copy_of_the_image(seed):
    truth, results = random_problem(seed)
    rng = np.random.default_rng(seed)
    # Copies stand beside each other only where no score ties with another image's.
    for each, score in zip(results, rng.permutation(len(results))):
        each["score"] = float(score)
    result = evaluate(truth, results)
    weights = rng.integers(0, 3, (2, len(truth["images"])))
    got = weighted_ap(result, weights)
    for row, value in zip(weights, got):
        if not row.any():
            continue
        copied = _copied(truth, results, dict(zip(result.catalogue.image_ids.tolist(), row.tolist())))
        assert value == pytest.approx(max(0, evaluate(*copied).stats["AP"]), abs=1e-9)


def _copied(truth, results, times):
    images, annotations, found = [], [], []
    for each in truth["images"]:
        for copy_number in range(times[each["id"]]):
            new = 1000 * each["id"] + copy_number
            images.append({**each, "id": new})
            for thing in truth["annotations"]:
                if thing["image_id"] == each["id"]:
                    annotations.append({**thing, "image_id": new, "id": len(annotations) + 1})
            found += [{**thing, "image_id": new} for thing in results if thing["image_id"] == each["id"]]
    return {**truth, "images": images, "annotations": annotations}, found


def test_bootstrap_is_paired_and_centred():
    truth = scenes(60)
    rng = np.random.default_rng(0)
    results = [simulate(truth, Habits(find=find), np.random.default_rng(3))[0] for find in (0.9, 0.7)]
    better, worse = (evaluate(truth, each) for each in results)
    draws = bootstrap([better, worse], rng, 200)
    assert draws.shape == (2, 200)
    assert abs(draws[0].mean() - better.stats["AP"]) < 0.03
    assert np.ptp(bootstrap([better, better], rng, 20), axis=0).max() == 0
    single = bootstrap(better, np.random.default_rng(0), 200)
    np.testing.assert_array_equal(single, draws[0])
    assert bootstrap(better, rng, 10, iou=0.5).mean() > bootstrap(better, rng, 10, iou=0.95).mean()


def test_bootstrap_of_different_images_is_refused():
    first, second = scenes(5), scenes(6)
    with pytest.raises(CourseError, match="different images"):
        bootstrap([evaluate(first, []), evaluate(second, [])], np.random.default_rng(0), 2)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_steps_by_hand_give_the_librarys_ap(seed):
    rng = np.random.default_rng(seed)
    boxes = [[40 * n, 0, 30, 30] for n in range(rng.integers(1, 6))]
    truth = scenes(1)
    truth["annotations"] = [
        {"id": n + 1, "image_id": 1, "category_id": 1, "bbox": box, "area": 900, "iscrowd": 0}
        for n, box in enumerate(boxes)
    ]
    results = [
        {"image_id": 1, "category_id": 1, "bbox": [float(rng.integers(0, 200)), 0, 30, 30], "score": float(score)}
        for score in rng.random(rng.integers(1, 12))
    ]
    from pycocotools import mask

    overlaps = mask.iou(np.array([r["bbox"] for r in results], float), np.array(boxes, float), [0] * len(boxes))
    scores = [each["score"] for each in results]
    taken = byhand.match_greedily(overlaps, scores, 0.5)
    order = np.argsort(-np.array(scores), kind="stable")
    precision, recall = byhand.precision_recall(taken[order] >= 0, len(boxes))
    result = evaluate(truth, results)
    assert byhand.average_precision(precision, recall) == pytest.approx(result.stats["AP50"], abs=1e-9)
    curve = result.curve(1)
    np.testing.assert_allclose(curve.precision, precision)
    np.testing.assert_allclose(curve.recall, recall)
    np.testing.assert_allclose(curve.best, byhand.best_from_here_on(precision))
    area, eleven = (byhand.average_precision(precision, recall, style) for style in ("area", "voc11"))
    assert 0 <= area <= 1 and 0 <= eleven <= 1


def test_three_styles_on_one_staircase():
    precision, recall = byhand.precision_recall([True, False, True], 4)
    assert byhand.average_precision(precision, recall, "area") == pytest.approx(0.25 + 0.25 * 2 / 3)
    assert byhand.average_precision(precision, recall, "voc11") == pytest.approx((3 + 3 * 2 / 3) / 11)
    assert byhand.average_precision(precision, recall, "coco") == pytest.approx((26 + 25 * 2 / 3) / 101)


def test_tables_say_who_found_what():
    truth = scenes()
    results = simulate(truth, Habits(), np.random.default_rng(0))[0]
    result = evaluate(truth, copy.deepcopy(results))
    table, missed = result.matches(0.5), result.missed(0.5)
    by_id = {each["id"]: each for each in truth["annotations"]}
    for row in table[table.outcome == "hit"].itertuples():
        assert by_id[row.annotation_id]["category_id"] == row.category_id
        assert by_id[row.annotation_id]["image_id"] == row.image_id
        assert row.overlap >= 0.5 and results[row.result]["score"] == row.score
    hits = set(table[table.outcome == "hit"].annotation_id)
    assert hits | set(missed.annotation_id) == {each["id"] for each in truth["annotations"] if not each["iscrowd"]}
    assert not hits & set(missed.annotation_id)
    per = result.per_category
    assert per.AP.mean() == pytest.approx(result.stats["AP"])
    assert per.detections.sum() == len(results)


def test_simulation_follows_its_habits_and_its_seed():
    truth = scenes(200)
    never = Habits(find=1, wobble=0, confuse=0, twice=0, ghosts=0)
    big = [each for each in truth["annotations"] if each["area"] >= 32**2 and not each["iscrowd"]]
    results, meant = simulate(truth, never, np.random.default_rng(0))
    assert set(meant) == {"found"} and len(results) >= len(big)
    ghosts = simulate(truth, Habits(find=0, ghosts=2), np.random.default_rng(0))[1]
    assert set(ghosts) == {"ghost"} and len(ghosts) == pytest.approx(400, rel=0.15)
    assert simulate(truth, Habits(), np.random.default_rng(5)) == simulate(truth, Habits(), np.random.default_rng(5))
    evaluate(truth, simulate(truth, Habits(), np.random.default_rng(1))[0])
