"""Panoptic quality: against a straightforward loop, published numbers, and panopticapi's results."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import panoptic_toys as toys
from synscenes.metrics import panoptic
from synscenes.panoptic import read_png, write_png

REFERENCES = Path(__file__).resolve().parents[2] / "shared" / "refs"


def with_references(folder: str) -> Path:
    path = REFERENCES / folder
    if not path.is_dir():
        pytest.skip(f"the reference files ({folder}) aren't beside this repository")
    return path


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), images=st.integers(1, 3), crowds=st.booleans())
def test_equals_the_straightforward_loop(tmp_path_factory, seed, images, crowds):
    rng, root = np.random.default_rng(seed), tmp_path_factory.mktemp("pq")
    truth = [toys.random_image(rng, crowds) for _ in range(images)]
    found = [toys.prediction_of(rng, *each) for each in truth]
    result = panoptic.evaluate(*toys.write(root, "gt", truth), *toys.write(root, "dt", found))
    for category, (tp, fp, fn, iou_sum) in toys.straightforward(truth, found).items():
        ours = result.per_class[category]
        assert (tp, fp, fn) == (ours.TP, ours.FP, ours.FN)
        assert math.isclose(ours.iou_sum, iou_sum, abs_tol=1e-12)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_truth_scores_one_against_itself(tmp_path_factory, seed):
    rng, root = np.random.default_rng(seed), tmp_path_factory.mktemp("pq")
    files = toys.write(root, "gt", [toys.random_image(rng, crowds=False)])
    for each in panoptic.evaluate(*files, *files).per_class.values():
        assert each.FP == each.FN == 0 and (each.PQ == 1 or not each.present)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_pq_of_a_class_is_sq_times_rq(tmp_path_factory, seed):
    rng, root = np.random.default_rng(seed), tmp_path_factory.mktemp("pq")
    truth = [toys.random_image(rng, True)]
    found = [toys.prediction_of(rng, *truth[0])]
    result = panoptic.evaluate(*toys.write(root, "gt", truth), *toys.write(root, "dt", found))
    for each in result.per_class.values():
        assert math.isclose(each.PQ, each.SQ * each.RQ, abs_tol=1e-12)


def test_published_numbers_of_deeplab2():
    folder = with_references("deeplab2_panoptic/coco_format")
    result = panoptic.evaluate(folder / "gt.json", folder / "gt", folder / "pred.json", folder / "pred")
    expected = json.loads((REFERENCES / "expected/panoptic_pq.json").read_text())["deeplab2_bird_cat_team"]
    for name in ("All", "Things", "Stuff"):
        for measure in ("pq", "sq", "rq", "n"):
            ours = getattr(getattr(result, name), measure.upper() if measure != "n" else "n")
            assert math.isclose(ours, expected["panopticapi"][name][measure], abs_tol=1e-9)
    for category, numbers in expected["panopticapi"]["per_class"].items():
        ours = result.per_class[int(category)]
        assert np.allclose([ours.PQ, ours.SQ, ours.RQ], [numbers[key] for key in ("pq", "sq", "rq")], atol=1e-9, rtol=0)
    assert round(result.All.PQ, 6) == 0.768555


def test_a_set_without_stuff_has_no_stuff_quality_and_says_so():
    folder = with_references("deeplab2_panoptic/coco_format")
    result = panoptic.evaluate(folder / "gt_team.json", folder / "gt", folder / "pred_team.json", folder / "pred")
    assert np.allclose([result.All.PQ, result.All.SQ, result.All.RQ], [0.62156284, 0.64664984, 0.9666667], atol=1e-6)
    assert math.isnan(result.Stuff.PQ) and result.Stuff.n == 0
    assert result.Stuff.note == "undefined: there is no stuff segment to average over"
    assert result.Stuff.note in str(result)


def test_real_images_against_themselves_with_crowds():
    path = with_references("panopticapi") / "panoptic_examples.json"
    result = panoptic.evaluate(path, None, path, None)
    assert result.stats["All"] == {"PQ": 1.0, "SQ": 1.0, "RQ": 1.0, "n": 8}
    assert result.per_class[1].TP == 26 and result.per_class[2].PQ == 0.0  # 2 crowds of 28; no bicycle


def shifted(ids: np.ndarray) -> np.ndarray:
    """Eight pixels to the right; what comes in from the left is void."""
    return np.pad(ids, ((0, 0), (8, 0)))[:, :-8]


def blocks(ids: np.ndarray) -> np.ndarray:
    """Each 8 × 8 block as its top left pixel."""
    return ids[::8, ::8].repeat(8, axis=0).repeat(8, axis=1)[: ids.shape[0], : ids.shape[1]]


@pytest.mark.parametrize(("name", "change"), [("sample_pred_shift8", shifted), ("sample_pred_block8", blocks)])
def test_results_of_panopticapi_on_real_images(tmp_path, name, change):
    folder = with_references("panopticapi")
    truth = json.loads((folder / "panoptic_examples.json").read_text())
    predicted = json.loads(json.dumps(truth))
    for entry in predicted["annotations"]:
        ids = change(read_png(folder / "panoptic_examples" / entry["file_name"]))
        entry["segments_info"] = [each for each in entry["segments_info"] if (ids == each["id"]).any()]
        write_png(tmp_path / entry["file_name"], ids)
    result = panoptic.evaluate(truth, folder / "panoptic_examples", predicted, tmp_path)
    expected = json.loads((REFERENCES / "expected/panoptic_pq.json").read_text())[name]["panopticapi"]
    for part in ("All", "Things", "Stuff"):
        ours = [result.stats[part][measure] for measure in ("PQ", "SQ", "RQ", "n")]
        assert np.allclose(ours, [expected[part][measure] for measure in ("pq", "sq", "rq", "n")], rtol=0, atol=1e-9)
    for category, numbers in expected["per_class"].items():
        assert math.isclose(result.per_class[int(category)].PQ, numbers["pq"], abs_tol=1e-9)


# Each image: (truth, prediction) as rows of ids, and the counts TP, FP, FN of category 1 that the rules give.
RULES = {
    "half isn't enough": ("1122", "7777", (0, 1, 1)),
    "more than half": ("1112", "7777", (1, 0, 0)),
    "void leaves the union": ("1000", "7777", (1, 0, 0)),
    "mostly on void": ("2000", "7777", (0, 0, 0)),
    "half on void": ("2200", "7777", (0, 1, 0)),
    "mostly on a crowd": ("3334", "7777", (0, 0, 0)),
    "a missed crowd": ("3333", "0000", (0, 0, 0)),
    "nothing predicted": ("1110", "0000", (0, 0, 1)),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule(tmp_path, rule):
    rows, found, counts = RULES[rule]
    gt_ids, dt_ids = (np.array([[int(each) for each in row]], dtype=np.uint32) for row in (rows, found))
    kinds = {1: (1, 0), 2: (10, 0), 3: (1, 1), 4: (2, 0), 7: (1, 0)}  # id -> category, crowd
    truth, guess = (
        [toys.segment(each, kinds[each][0], ids, kinds[each][1]) for each in np.unique(ids).tolist() if each]
        for ids in (gt_ids, dt_ids)
    )
    files = toys.write(tmp_path, "gt", [(gt_ids, truth)]), toys.write(tmp_path, "dt", [(dt_ids, guess)])
    person = panoptic.evaluate(*files[0], *files[1]).per_class[1]
    assert counts == (person.TP, person.FP, person.FN)


def test_parsed_json_and_extra_predictions_are_taken(tmp_path):
    image = toys.random_image(np.random.default_rng(3), crowds=False)
    gt, folder = toys.write(tmp_path, "gt", [image])
    dt, dt_folder = toys.write(tmp_path, "dt", [image, image])
    result = panoptic.evaluate(json.loads(gt.read_text()), folder, json.loads(dt.read_text()), dt_folder)
    assert result.All.PQ == 1


def test_predicted_areas_need_not_be_given(tmp_path):
    ids, segments = toys.random_image(np.random.default_rng(3), crowds=False)
    bare = [{"id": each["id"], "category_id": each["category_id"]} for each in segments]
    files = toys.write(tmp_path, "gt", [(ids, segments)]), toys.write(tmp_path, "dt", [(ids, bare)])
    assert panoptic.evaluate(*files[0], *files[1]).All.PQ == 1
