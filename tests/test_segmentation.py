"""Mean IoU against torchmetrics; distances to a border."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synscenes.metrics import segmentation

LABELS = st.integers(1, 5).flatmap(
    lambda classes: st.tuples(
        st.just(classes),
        st.lists(st.tuples(*[st.integers(0, classes - 1)] * 2), min_size=1, max_size=40),
    )
)


@settings(deadline=None, max_examples=60)
@given(LABELS)
def test_mean_iou_equals_torchmetrics(case):
    import torch
    from torchmetrics.functional.classification import multiclass_jaccard_index

    classes, pairs = max(case[0], 2), np.array(case[1])
    truth, predicted = pairs.T
    theirs = multiclass_jaccard_index(torch.tensor(predicted), torch.tensor(truth), classes, average="macro")
    ours = segmentation.mean_iou(segmentation.confusion_matrix(truth, predicted, classes))
    assert math.isclose(ours, theirs.item(), abs_tol=1e-6)  # theirs is float32


@settings(deadline=None, max_examples=60)
@given(LABELS)
def test_the_matrix_with_ignored_pixels_equals_torchmetrics(case):
    import torch
    from torchmetrics.functional.classification import multiclass_confusion_matrix

    classes, (truth, predicted) = max(case[0], 2), np.array(case[1]).T
    truth = np.where(np.arange(len(truth)) % 3 == 0, 255, truth)
    theirs = multiclass_confusion_matrix(torch.tensor(predicted), torch.tensor(truth), classes, ignore_index=255)
    ours = segmentation.confusion_matrix(truth, predicted, classes, ignore=255)
    assert (ours == theirs.numpy()).all()


def test_by_hand():
    matrix = segmentation.confusion_matrix([[0, 0, 1, 1]], [[0, 1, 1, 1]], 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert np.allclose(segmentation.class_iou(matrix), [1 / 2, 2 / 3, np.nan], equal_nan=True)
    assert math.isclose(segmentation.mean_iou(matrix), 7 / 12)
    assert segmentation.pixel_accuracy(matrix) == 0.75


def test_nothing_to_average_is_nan():
    assert math.isnan(segmentation.mean_iou(np.zeros((2, 2)))) and math.isnan(segmentation.pixel_accuracy([[0]]))


@pytest.mark.parametrize("values", [[3], [-1]])
def test_a_class_out_of_range_is_refused(values):
    with pytest.raises(ValueError, match="classes run from 0 to 2"):
        segmentation.confusion_matrix(values, [0], 3)


def test_two_shapes_are_refused():
    with pytest.raises(ValueError, match="same"):
        segmentation.confusion_matrix([0, 1], [0], 2)


def test_distance_to_the_border():
    assert segmentation.border_distance([[0, 0, 0, 1, 1]]).tolist() == [[3, 2, 1, 1, 2]]
    assert np.isinf(segmentation.border_distance([[4, 4]])).all()


def test_iou_of_masks():
    assert segmentation.iou([1, 1, 0], [0, 1, 1]) == pytest.approx(1 / 3)
    assert segmentation.iou([0], [0]) == 0
    with pytest.raises(ValueError, match="shapes"):
        segmentation.iou([0], [0, 1])
