"""Comparing classifiers in pairs, planning test sets, and made-up results with known truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from synscenes.metrics.classification import mcnemar_exact, paired_difference_interval, softmax
from synscenes.metrics.comparison import (
    bootstrap,
    images_for_paired,
    images_for_separate,
    mcnemar_exact_many,
    paired_bootstrap,
    percentile_interval,
    simulated_power,
)
from synscenes.synthetic import chosen_on_test, overconfident_logits


def rng():
    return np.random.default_rng(0)


A = np.repeat([True, True, False, False], [51, 7, 2, 10])
B = np.repeat([True, False, True, False], [51, 7, 2, 10])


def test_many_mcnemar_p_values_equal_one_at_a_time():
    p = mcnemar_exact_many([7, 0, 5, 1], [2, 0, 5, 12])
    assert p[0] == pytest.approx(mcnemar_exact(A, B))
    assert p[1] == 1.0 and p[2] == 1.0
    one, other = np.repeat([1, 0], [1, 12]), np.repeat([0, 1], [1, 12])
    assert p[3] == pytest.approx(mcnemar_exact(one, other))


def test_paired_bootstrap_is_a_bootstrap_of_pairs():
    fast = paired_bootstrap(A, B, rng(), repeats=20_000)
    slow = bootstrap(lambda a, b: a.mean() - b.mean(), A, B, rng=rng(), repeats=4_000)
    assert fast.mean() == pytest.approx(5 / 70, abs=0.002)
    assert fast.std() == pytest.approx(slow.std(), rel=0.05)
    assert percentile_interval(fast) == pytest.approx(paired_difference_interval(A, B), abs=0.02)


def test_a_network_beside_itself_can_be_drawn():
    from synscenes.plots.benchmark import difference_histogram

    assert len(difference_histogram(np.zeros(50), 0.0, 0.0).axes[0].patches) > 0


def test_bootstrap_keeps_rows_together():
    column = np.arange(30)
    differences = bootstrap(lambda a, b: np.abs(a - b).max(), column, column, rng=rng(), repeats=50)
    assert (differences == 0).all()


def test_planned_size_has_the_planned_power():
    n = images_for_paired(0.02, 0.1, power=0.8)
    assert simulated_power(n, 0.02, 0.1, rng(), repeats=4_000) == pytest.approx(0.8, abs=0.03)


def test_no_difference_is_seen_at_most_alpha_of_the_time():
    assert simulated_power(2_000, 0.0, 0.1, rng(), repeats=4_000) < 0.06


def test_sizes_of_the_lesson():
    assert images_for_paired(0.005, 0.10) == 31_394
    assert images_for_separate(0.005, 0.75) == 116_944
    assert images_for_paired(0.005, 0.05) < images_for_paired(0.005, 0.10)
    assert images_for_paired(0.01, 0.10) < images_for_paired(0.005, 0.10) / 3.9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: images_for_paired(0, 0.1), "difference must lie"),
        (lambda: images_for_paired(0.2, 0.1), "disagreement must lie"),
        (lambda: images_for_paired(0.1, 0.2, power=1), "power and alpha"),
        (lambda: images_for_separate(0.2, 0.9), "accuracy must lie"),
        (lambda: simulated_power(0, 0.1, 0.2, rng()), "at least 1"),
        (lambda: simulated_power(10, 0.3, 0.2, rng()), "disagreement"),
        (lambda: mcnemar_exact_many([-1], [2]), "negative"),
        (lambda: bootstrap(np.mean, [], rng=rng()), "at least 1"),
        (lambda: bootstrap(np.mean, [1, 2], [1], rng=rng()), "one length"),
        (lambda: bootstrap(np.mean, [1], rng=rng(), repeats=0), "repeats"),
        (lambda: percentile_interval([]), "at least one number"),
        (lambda: percentile_interval([1.0, float("nan")]), "no NaN"),
        (lambda: percentile_interval([1.0], confidence=1), "confidence"),
        (lambda: paired_bootstrap([], [], rng()), "at least 1"),
        (lambda: overconfident_logits(0, 5, 2, rng()), "n must be"),
        (lambda: overconfident_logits(5, 5, 0, rng()), "above 0"),
        (lambda: chosen_on_test([], 70, rng()), "at least one"),
        (lambda: chosen_on_test([1.5], 70, rng()), "between 0 and 1"),
        (lambda: chosen_on_test([0.5], 0, rng()), "at least 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_synthetic_labels_follow_the_honest_probabilities():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        logits, labels = overconfident_logits(20_000, 5, factor=3.0, rng=rng(), spread=1.0)
    honest = softmax(logits, temperature=3.0)
    assert logits.dtype == np.float32 and labels.min() == 0 and labels.max() == 4
    promised = honest[:, 0]
    for low in (0.0, 0.2, 0.4):
        inside = (promised >= low) & (promised < low + 0.2)
        assert (labels[inside] == 0).mean() == pytest.approx(promised[inside].mean(), abs=0.03)


def test_the_best_of_many_equal_models_looks_too_good():
    one, _ = chosen_on_test(np.full(1, 0.75), 70, rng(), 4_000)
    hundred, true = chosen_on_test(np.full(100, 0.75), 70, rng(), 2_000)
    assert one.mean() == pytest.approx(0.75, abs=0.003)
    assert hundred.mean() == pytest.approx(0.872, abs=0.005)
    assert (true == 0.75).all()


def test_a_clearly_better_model_is_chosen():
    measured, true = chosen_on_test(np.array([0.5, 0.9]), 1_000, rng(), 200)
    assert (true == 0.9).all() and measured.mean() == pytest.approx(0.9, abs=0.01)
