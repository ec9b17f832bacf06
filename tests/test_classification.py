"""Top-k accuracy, softmax, intervals: against torchmetrics, by property, and with bad input."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from synscenes.metrics.classification import (
    label_ranks,
    mcnemar_exact,
    paired_difference_interval,
    softmax,
    topk_accuracy,
    topk_hits,
    wilson_interval,
)


@st.composite
def scored(draw, elements=None):
    n, classes = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    elements = st.floats(-50, 50, width=32) if elements is None else elements
    logits = draw(arrays.arrays(np.float32, (n, classes), elements=elements))
    labels = draw(arrays.arrays(np.int64, n, elements=st.integers(0, classes - 1)))
    return logits, labels


# A few values only, so that ties are the rule.
TIED = st.sampled_from([0.0, 1.0, -1.0, float("-inf")])


@settings(deadline=None)
@given(scored(TIED), st.integers(1, 9))
def test_ties_go_to_the_lower_index(data, k):
    logits, labels = data
    order = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    assert topk_hits(logits, labels, k).tolist() == (order == labels[:, None]).any(axis=1).tolist()


@settings(deadline=None)
@given(scored(TIED))
def test_top1_is_argmax(data):
    logits, labels = data
    assert topk_accuracy(logits, labels, 1) == (logits.argmax(axis=1) == labels).mean()


@settings(deadline=None)
@given(scored(TIED))
def test_accuracy_never_falls_with_k(data):
    found = [topk_accuracy(*data, k) for k in range(1, 11)]
    assert found == sorted(found)


@settings(deadline=None)
@given(scored(TIED), st.integers(0, 3))
def test_k_at_or_above_the_classes_is_1(data, more):
    logits, labels = data
    assert topk_accuracy(logits, labels, logits.shape[1] + more) == 1.0


@settings(deadline=None)
@given(scored(TIED))
def test_ranks_of_all_classes_are_a_permutation(data):
    row, classes = data[0][0], data[0].shape[1]
    ranks = label_ranks(np.tile(row, (classes, 1)), np.arange(classes))
    assert sorted(ranks) == list(range(classes))


@settings(deadline=None)
@given(scored(), st.floats(-5, 5), st.floats(0.5, 3))
def test_accuracy_ignores_shift_and_scale(data, shift, scale):
    logits, labels = data[0].astype(np.float64).round(3), data[1]
    assert topk_accuracy(logits * scale + shift, labels, 2) == topk_accuracy(logits, labels, 2)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_equals_torchmetrics_without_ties(k):
    from torchmetrics.functional.classification import multiclass_accuracy

    rng = np.random.default_rng(k)
    logits, labels = rng.permutation(300 * 20).reshape(300, 20) / 1000, rng.integers(0, 20, 300)
    expected = multiclass_accuracy(torch.tensor(logits), torch.tensor(labels), num_classes=20, average="micro", top_k=k)
    assert topk_accuracy(logits, labels, k) == pytest.approx(float(expected), abs=1e-7)


def test_equal_scores_are_not_all_right():
    assert topk_accuracy(np.zeros((10, 10)), np.arange(10), 1) == 0.1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.int64])
def test_takes_torch_tensors(dtype):
    logits = torch.tensor([[1, 3, 2], [3, 1, 2]], dtype=dtype)
    assert topk_accuracy(logits, torch.tensor([1, 1]), 1) == 0.5


def test_takes_tensors_with_grad():
    assert topk_accuracy(torch.eye(3, requires_grad=True), torch.arange(3), 1) == 1.0


def test_takes_lists():
    assert topk_accuracy([[0.1, 0.9]], [1], 1) == 1.0


def test_works_in_blocks_larger_than_one():
    logits = np.eye(3)[np.arange(9_000) % 3].repeat(1000, axis=1)[:, :1000]
    assert topk_accuracy(logits, np.zeros(9_000, int), 1) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("logits", "labels", "k", "message"),
    [
        ([[np.nan, 1.0]], [0], 1, "NaN, first in row 0"),
        ([[1.0, 2.0]], [2], 1, "labels must lie in 0 … 1"),
        ([[1.0, 2.0]], [-1], 1, "labels must lie in 0 … 1"),
        ([[1.0, 2.0]], [0, 1], 1, "to match logits"),
        ([1.0, 2.0], [0], 1, "shape \\(n, classes\\)"),
        (np.empty((0, 5)), np.empty(0, int), 1, "empty"),
        (np.empty((2, 0)), np.zeros(2, int), 1, "empty"),
        ([[1.0, 2.0]], [0.0], 1, "integer class indices"),
        ([[1j, 2j]], [0], 1, "real numbers"),
        ([[1.0, 2.0]], [0], 0, "at least 1"),
        ([[1.0, 2.0]], [0], 1.0, "integer"),
        ([[1.0, 2.0]], [0], True, "integer"),
    ],
)
def test_bad_input_says_what_is_wrong(logits, labels, k, message):
    with pytest.raises(ValueError, match=message):
        topk_accuracy(logits, labels, k)


# Softmax


@settings(deadline=None)
@given(scored(), st.floats(0.1, 10))
def test_softmax_equals_torch(data, temperature):
    logits = data[0].astype(np.float64)
    expected = torch.softmax(torch.tensor(logits) / temperature, dim=1).numpy()
    np.testing.assert_allclose(softmax(logits, temperature), expected, atol=1e-12)


def test_softmax_of_large_logits_is_finite():
    np.testing.assert_allclose(softmax([1e4, 0.0]), [1.0, 0.0])


def test_softmax_of_a_masked_class_is_zero():
    np.testing.assert_allclose(softmax([0.0, -np.inf]), [1.0, 0.0])


@pytest.mark.parametrize(
    ("logits", "temperature", "message"),
    [([np.nan], 1, "NaN"), ([-np.inf], 1, "finite"), ([], 1, "empty"), ([1.0], 0, "above 0"), ([1.0], -1, "above 0")],
)
def test_softmax_refuses(logits, temperature, message):
    with pytest.raises(ValueError, match=message):
        softmax(logits, temperature)


# Wilson's interval

COUNTS = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(deadline=None)
@given(COUNTS, st.floats(0.5, 0.999))
def test_wilson_equals_scipy(counts, confidence):
    from scipy.stats import binomtest

    expected = binomtest(*counts).proportion_ci(confidence, method="wilson")
    assert wilson_interval(*counts, confidence) == pytest.approx((expected.low, expected.high), abs=1e-9)


@settings(deadline=None)
@given(COUNTS)
def test_wilson_contains_the_share_and_stays_inside(counts):
    low, high = wilson_interval(*counts)
    assert 0 <= low <= counts[0] / counts[1] <= high <= 1


@settings(deadline=None)
@given(COUNTS)
def test_wilson_is_symmetric(counts):
    low, high = wilson_interval(*counts)
    other = wilson_interval(counts[1] - counts[0], counts[1])
    assert (1 - high, 1 - low) == pytest.approx(other, abs=1e-12)


def test_wilson_has_a_width_at_the_ends():
    assert wilson_interval(70, 70)[0] == pytest.approx(0.948, abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0, 0), "n must"), ((-1, 5), "successes"), ((6, 5), "successes"), ((1, 5, 0), "confidence"), ((1, 5, 1), "conf")],
)
def test_wilson_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        wilson_interval(*arguments)


# Two classifiers on the same rows


def columns(both, only_a, only_b, neither):
    counts = (both, only_a, only_b, neither)
    return np.repeat([1, 1, 0, 0], counts).astype(bool), np.repeat([1, 0, 1, 0], counts).astype(bool)


TABLES = st.tuples(*[st.integers(0, 40)] * 4).filter(sum)


@settings(deadline=None)
@given(TABLES)
def test_paired_interval_contains_the_difference(counts):
    a, b = columns(*counts)
    low, high = paired_difference_interval(a, b)
    assert low - 1e-12 <= a.mean() - b.mean() <= high + 1e-12


@settings(deadline=None)
@given(TABLES)
def test_paired_interval_mirrors_when_swapped(counts):
    a, b = columns(*counts)
    low, high = paired_difference_interval(a, b)
    assert paired_difference_interval(b, a) == pytest.approx((-high, -low), abs=1e-12)


def test_paired_interval_without_correlation_is_the_unpaired_one():
    a, b = columns(9, 9, 9, 9)  # independent by construction: Newcombe's method for two samples
    low, high = wilson_interval(18, 36)
    half = np.hypot(0.5 - low, high - 0.5)
    assert paired_difference_interval(a, b) == pytest.approx((-half, half))


def test_paired_interval_covers_the_truth_about_95_times_in_100():
    rng = np.random.default_rng(0)
    both, only_a, only_b = 0.6, 0.15, 0.05
    kinds = rng.choice(4, size=(2000, 70), p=[both, only_a, only_b, 0.2])
    intervals = [paired_difference_interval(np.isin(row, (0, 1)), np.isin(row, (0, 2))) for row in kinds]
    covered = np.mean([low <= 0.1 <= high for low, high in intervals])
    assert 0.93 <= covered <= 0.985


def test_paired_interval_has_a_width_when_nothing_differs():
    low, high = paired_difference_interval(*columns(53, 0, 0, 17))
    assert low < 0 < high


@settings(deadline=None)
@given(TABLES)
def test_mcnemar_equals_the_coin(counts):
    from scipy.stats import binom

    _, only_a, only_b, _ = counts
    n, fewer = only_a + only_b, min(only_a, only_b)
    expected = min(1.0, 2 * binom.cdf(fewer, n, 0.5)) if n else 1.0
    assert mcnemar_exact(*columns(*counts)) == pytest.approx(expected)


@pytest.mark.parametrize("function", [paired_difference_interval, mcnemar_exact])
@pytest.mark.parametrize(("a", "b"), [([], []), ([1, 0], [1]), ([[1]], [[1]]), ([2], [1]), ([0.5], [1])])
def test_paired_columns_refuse(function, a, b):
    with pytest.raises(ValueError, match="hits must be"):
        function(a, b)
