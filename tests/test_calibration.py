"""Calibration: reliability bins, the expected calibration error, temperature scaling."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.functional.classification import multiclass_calibration_error

from synscenes.metrics.calibration import (
    confidences,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability,
)
from synscenes.metrics.classification import softmax, topk_hits
from synscenes.synthetic import overconfident_logits


@pytest.fixture(scope="module")
def made_up():
    return overconfident_logits(6_000, 50, factor=2.0, rng=np.random.default_rng(1), spread=4.0)


def test_by_hand():
    table = reliability([0.3, 0.4, 0.9, 0.9], [False, True, True, True], bins=2)
    assert table.count.tolist() == [2, 2]
    assert table.confidence == pytest.approx([0.35, 0.9])
    assert table.accuracy == pytest.approx([0.5, 1.0])
    assert table.gap == pytest.approx([-0.15, -0.1])
    assert expected_calibration_error([0.3, 0.4, 0.9, 0.9], [0, 1, 1, 1], bins=2) == pytest.approx(0.125)


def test_edges_belong_to_the_bin_below_and_empty_bins_are_nan():
    table = reliability([0.0, 0.5, 1.0], [True, True, True], bins=4)
    assert table.count.tolist() == [1, 1, 0, 1]
    assert np.isnan(table.accuracy[2])


def test_confidences_are_the_softmax_maximum(made_up):
    logits, labels = made_up
    top, hits = confidences(logits, labels, temperature=1.7)
    assert top == pytest.approx(softmax(logits, 1.7).max(axis=1), rel=1e-5)
    assert (hits == topk_hits(logits, labels)).all()


@pytest.mark.parametrize("bins", [5, 10, 15])
def test_ece_equals_torchmetrics(made_up, bins):
    logits, labels = made_up
    ours = expected_calibration_error(*confidences(logits, labels), bins=bins)
    probabilities = torch.from_numpy(softmax(logits))
    theirs = multiclass_calibration_error(probabilities, torch.from_numpy(labels), 50, n_bins=bins, norm="l1")
    assert ours == pytest.approx(theirs.item(), abs=1e-5)


def test_likelihood_equals_torch(made_up):
    logits, labels = made_up
    theirs = torch.nn.functional.cross_entropy(
        torch.from_numpy(logits).double() / 1.3, torch.from_numpy(labels)
    )
    assert negative_log_likelihood(logits, labels, 1.3) == pytest.approx(theirs.item(), rel=1e-5)


def test_temperature_recovers_the_planted_factor_on_fresh_data(made_up):
    logits, labels = made_up
    temperature = fit_temperature(logits[:3_000], labels[:3_000])
    assert temperature == pytest.approx(2.0, abs=0.15)
    before = expected_calibration_error(*confidences(logits[3_000:], labels[3_000:]))
    after = expected_calibration_error(*confidences(logits[3_000:], labels[3_000:], temperature))
    assert before > 0.1 and after < 0.03


def test_temperature_is_the_minimum(made_up):
    logits, labels = made_up
    best = fit_temperature(logits, labels)
    least = negative_log_likelihood(logits, labels, best)
    assert all(
        least <= negative_log_likelihood(logits, labels, best * step) for step in (0.9, 0.99, 1.01, 1.1)
    )


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_ece_lies_between_the_one_bin_gap_and_one(predictions, bins):
    confidence, hits = (np.array(column) for column in zip(*predictions))
    error = expected_calibration_error(confidence, hits, bins)
    assert abs(confidence.mean() - hits.mean()) - 1e-9 <= error <= 1 + 1e-9


GOOD = np.array([[1.0, 2.0], [3.0, 0.0]])


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        ([[1.0, float("nan")]], [0], "NaN, first in row 0"),
        ([[1.0, float("inf")]], [0], "infinite"),
        (GOOD, [0, 2], "labels must lie in 0 … 1"),
        (GOOD, [0, -1], "labels must lie in 0 … 1"),
        (GOOD, [0], "to match logits"),
        (np.empty((0, 2)), np.empty(0, int), "empty"),
    ],
)
@pytest.mark.parametrize("function", [confidences, negative_log_likelihood, fit_temperature])
def test_bad_logits_and_labels_are_named(function, logits, labels, message):
    with pytest.raises(ValueError, match=message):
        function(logits, labels)


@pytest.mark.parametrize(
    ("confidence", "hits", "bins", "message"),
    [
        ([1.2], [True], 10, "between 0 and 1"),
        ([float("nan")], [True], 10, "between 0 and 1"),
        ([], [], 10, "at least 1"),
        ([0.5, 0.6], [True], 10, "one length"),
        ([0.5], [2], 10, "booleans"),
        ([0.5], [True], 0, "bins must be"),
        ([0.5], [True], 2.5, "bins must be"),
    ],
)
def test_bad_confidences_are_named(confidence, hits, bins, message):
    with pytest.raises(ValueError, match=message):
        expected_calibration_error(confidence, hits, bins)


def test_bad_temperatures_are_named():
    for function in (confidences, negative_log_likelihood):
        with pytest.raises(ValueError, match="temperature must be above 0"):
            function(GOOD, [0, 1], 0.0)
    with pytest.raises(ValueError, match="0 < low < high"):
        fit_temperature(GOOD, [0, 1], low=2, high=1)
