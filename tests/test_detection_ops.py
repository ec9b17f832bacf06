"""Overlap, suppression and matching: by hand on small cases, by law on random ones, and against torchvision."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision import ops
from torchvision.models.detection._utils import Matcher

from synscenes.detection import (
    BACKGROUND,
    IGNORED,
    anchors,
    centres,
    giou,
    intersection,
    iou,
    match,
    nms,
    nms_by_class,
    soft_nms,
)


@st.composite
def box_sets(draw, least=1, most=12):
    """Boxes on a coarse lattice, so that ties, touching edges and duplicates come up often."""
    corners = st.integers(0, 12)
    count = draw(st.integers(least, most))
    boxes = []
    for _ in range(count):
        x1, x2 = sorted((draw(corners), draw(corners)))
        y1, y2 = sorted((draw(corners), draw(corners)))
        boxes.append([x1, y1, x2 + 1, y2 + 1])
    return np.array(boxes, dtype=float)


@st.composite
def scored(draw):
    boxes = draw(box_sets(most=15))
    scores = draw(st.lists(st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]), min_size=len(boxes), max_size=len(boxes)))
    labels = draw(st.lists(st.integers(0, 2), min_size=len(boxes), max_size=len(boxes)))
    return boxes, np.array(scores), np.array(labels)


def test_iou_by_hand():
    # 2 x 2 shared, 4 x 4 each: 4 / (16 + 16 - 4)
    assert iou([[0, 0, 4, 4]], [[2, 2, 6, 6]])[0, 0] == pytest.approx(4 / 28)


def test_giou_by_hand():
    # The hull is 6 x 6 = 36, of which 28 are filled.
    assert giou([[0, 0, 4, 4]], [[2, 2, 6, 6]])[0, 0] == pytest.approx(4 / 28 - 8 / 36)


def test_giou_falls_with_distance_where_iou_stays_zero():
    others = [[2, 0, 3, 1], [5, 0, 6, 1], [50, 0, 51, 1]]
    assert (iou([[0, 0, 1, 1]], others) == 0).all()
    assert (np.diff(giou([[0, 0, 1, 1]], others)[0]) < 0).all()


def test_boxes_that_only_touch_share_nothing():
    assert intersection([[0, 0, 2, 2]], [[2, 0, 4, 2], [2, 2, 4, 4]]).tolist() == [[0, 0]]


@given(box_sets(), box_sets())
def test_iou_and_giou_are_torchvisions(one, other):
    left, right = torch.from_numpy(one), torch.from_numpy(other)
    np.testing.assert_allclose(iou(one, other), ops.box_iou(left, right), atol=1e-12)
    np.testing.assert_allclose(giou(one, other), ops.generalized_box_iou(left, right), atol=1e-12)


@given(box_sets(), st.floats(0.1, 50), st.floats(-1000, 1000))
def test_overlap_does_not_change_with_scale_or_place(boxes, scale, shift):
    np.testing.assert_allclose(iou(boxes * scale + shift, boxes * scale + shift), iou(boxes, boxes), atol=1e-6)


@given(box_sets())
def test_iou_is_symmetric_and_one_with_itself(boxes):
    found = iou(boxes, boxes)
    np.testing.assert_array_equal(found, found.T)
    assert (np.diag(found) == 1).all() and (giou(boxes, boxes) <= found + 1e-12).all()


def test_empty_boxes_overlap_nothing():
    assert iou([[3, 3, 3, 3]], [[3, 3, 3, 3], [0, 0, 5, 5]]).tolist() == [[0, 0]]
    assert iou([], [[0, 0, 1, 1]]).shape == (0, 1)
    assert giou([[0, 0, 1, 1]], []).shape == (1, 0)


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([[5, 0, 3, 2]], "box 0 .*left <= right"),
        ([[0, 0, 1, 1], [0, float("nan"), 1, 1]], "box 1"),
        ([[0, 0, 1]], r"shape \(n, 4\)"),
        ([0, 0, 1, 1], r"shape \(n, 4\)"),
    ],
)
def test_bad_boxes_are_refused(boxes, message):
    with pytest.raises(ValueError, match=message):
        iou(boxes, boxes)


@given(scored(), st.sampled_from([0.0, 0.3, 0.45, 0.5, 0.9, 1.0]))
def test_nms_is_torchvisions(case, threshold):
    boxes, scores, _ = case
    expected = ops.nms(torch.from_numpy(boxes), torch.from_numpy(scores), threshold)
    assert nms(boxes, scores, threshold).tolist() == expected.tolist()


@given(scored(), st.sampled_from([0.0, 0.3, 0.5, 0.9]))
def test_nms_by_class_is_torchvisions(case, threshold):
    boxes, scores, labels = case
    expected = ops.batched_nms(*map(torch.from_numpy, (boxes, scores, labels)), threshold)
    assert sorted(nms_by_class(boxes, scores, labels, threshold)) == sorted(expected.tolist())


@given(scored())
def test_kept_boxes_do_not_overlap_and_dropped_ones_do(case):
    boxes, scores, _ = case
    kept = nms(boxes, scores, 0.5)
    among = iou(boxes[kept], boxes[kept])
    np.fill_diagonal(among, 0)
    assert (among <= 0.5).all()
    for dropped in set(range(len(boxes))) - set(kept.tolist()):
        better = [index for index in kept if scores[index] >= scores[dropped]]
        assert (iou(boxes[[dropped]], boxes[better]) > 0.5).any()


@given(scored())
def test_nms_twice_is_nms_once(case):
    boxes, scores, labels = case
    kept = nms_by_class(boxes, scores, labels)
    again = nms_by_class(boxes[kept], scores[kept], labels[kept])
    assert again.tolist() == list(range(len(kept)))


def test_one_class_is_plain_nms():
    rng = np.random.default_rng(0)
    boxes = np.sort(rng.uniform(0, 50, (60, 2, 2)), axis=1).reshape(-1, 4)
    scores = rng.random(60)
    assert nms_by_class(boxes, scores, np.zeros(60)).tolist() == nms(boxes, scores).tolist()


def _soft_slowly(boxes, scores, sigma, threshold):
    """Soft-NMS as the paper's figure 2 writes it: one loop in another, nothing precomputed."""
    rest, kept = [(float(score), index) for index, score in enumerate(scores) if score >= threshold], []
    while rest:
        best = max(rest, key=lambda pair: (pair[0], -pair[1]))
        rest.remove(best)
        kept.append(best)
        decayed = []
        for score, index in rest:
            overlap = float(ops.box_iou(torch.from_numpy(boxes[[best[1]]]), torch.from_numpy(boxes[[index]])))
            decayed.append((score * np.exp(-(overlap**2) / sigma), index))
        rest = [pair for pair in decayed if pair[0] >= threshold]
    return kept


@settings(max_examples=30)
@given(scored(), st.sampled_from([0.1, 0.5, 2.0]))
def test_soft_nms_is_the_papers_loop(case, sigma):
    boxes, scores, _ = case
    order, new = soft_nms(boxes, scores, sigma, 0.05)
    expected = _soft_slowly(boxes, scores, sigma, 0.05)
    np.testing.assert_allclose(new, [score for score, _ in expected], rtol=1e-9)
    assert order.tolist() == [index for _, index in expected]


def test_soft_nms_leaves_boxes_apart_alone():
    order, scores = soft_nms([[0, 0, 1, 1], [5, 5, 6, 6]], [0.4, 0.9])
    assert order.tolist() == [1, 0] and scores.tolist() == [0.9, 0.4]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0, 0, 1, 1]], [0.5, 0.4]), "need 1 scores, got 2"),
        (([[0, 0, 1, 1]], [float("nan")]), "score 0 is NaN"),
        (([[0, 0, 1, 1]], [0.5], 1.5), "between 0 and 1"),
    ],
)
def test_bad_input_to_nms(arguments, message):
    with pytest.raises(ValueError, match=message):
        nms(*arguments)


def test_labels_of_another_length():
    with pytest.raises(ValueError, match="labels must have shape"):
        nms_by_class([[0, 0, 1, 1]], [0.5], [1, 2])


def test_nothing_in_nothing_out():
    assert nms([], []).tolist() == nms_by_class([], [], []).tolist() == soft_nms([], [])[0].tolist() == []


def test_centres_lie_in_their_cells():
    assert centres(16, 24, 8).tolist() == [[4, 4], [12, 4], [20, 4], [4, 12], [12, 12], [20, 12]]


def test_a_cell_that_partly_lies_in_the_image_counts():
    assert len(centres(17, 24, 8)) == 9


def test_anchors_keep_their_area_whatever_the_ratio():
    found = anchors(16, 16, 8, [10, 20], [0.5, 1, 2])
    sizes = found[:, 2:] - found[:, :2]
    assert len(found) == 4 * 6
    np.testing.assert_allclose(sizes.prod(axis=1)[:6], [100] * 3 + [400] * 3)
    np.testing.assert_allclose(sizes[:3, 1] / sizes[:3, 0], [0.5, 1, 2])


@given(box_sets(most=20), box_sets(most=6), st.sampled_from([(0.5, 0.4), (0.7, 0.3), (0.5, 0.5)]))
def test_match_is_torchvisions(anchor_boxes, objects, thresholds):
    overlaps = iou(anchor_boxes, objects)
    if (overlaps.max(axis=0) == 0).any():
        return  # torchvision then hands every anchor to that object; we hand it none
    expected = Matcher(*thresholds, allow_low_quality_matches=True)(torch.from_numpy(overlaps.T.copy()))
    assert match(anchor_boxes, objects, *thresholds).tolist() == expected.tolist()


def test_every_object_that_is_touched_finds_an_anchor():
    grid = anchors(96, 96, 16, [16])
    objects = [[1, 1, 4, 4], [30, 30, 90, 90]]  # far too small and far too large for these anchors
    assert set(match(grid, objects)) >= {0, 1}


def test_between_the_thresholds_is_ignored():
    found = match([[0, 0, 10, 10], [0, 0, 10, 22], [50, 50, 60, 60]], [[0, 0, 10, 10]], 0.5, 0.4)
    assert found.tolist() == [0, IGNORED, BACKGROUND]


def test_no_objects_is_all_background():
    assert (match(anchors(32, 32, 16, [16]), []) == BACKGROUND).all()


def test_thresholds_out_of_order():
    with pytest.raises(ValueError, match="in order"):
        match([[0, 0, 1, 1]], [[0, 0, 1, 1]], 0.3, 0.5)
